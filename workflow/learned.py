"""Learned allocations tried over seeds, beside the simple mixes, and judged by the gate with every trial counted."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import Any

import msgspec

from engine.errors import AppError
from engine.overlay.learned_setting import LearnedSetting
from engine.overlay.policy import LEARNED, Mode, OverlayPolicy, validate
from engine.overlay.price_history import PriceHistory
from engine.research.backtest import BacktestSetting, run_backtest
from engine.research.baselines import NetFigures, net_figures, run_baselines
from engine.research.discounts import discounts
from engine.research.learned_weights import fit_rows, require_torch
from engine.research.market import market, symbols_of
from engine.research.policy_search import Candidate, Search, count_of, merged, policy_hash, search, sharpe_variance
from workflow.backtest import require_backtest
from workflow.honesty_json import honesty_json
from workflow.overlay_policy import policy_from_json
from workflow.policy_grid import candidates, read_choices
from workflow.policy_trials import (
    PolicyFiles,
    SearchSetting,
    chosen_line,
    earlier_log,
    last_day_inside,
    prices_of,
)
from workflow.research_gate import Honesty, Judging, chances, judged
from workflow.trial_log import TrialLog
from workflow.views import Progress

SEEDS = 3
"""A network that is good for one seed only is luck, so several are tried, and all of them count."""


@dataclass(frozen=True, slots=True)
class LearnedAsk:
    """What is tried: networks by `methods`, each with `seeds` seeds from that of the policy on."""

    files: PolicyFiles
    methods: tuple[Mode, ...] = (Mode.DIRECT_SHARPE, Mode.POLICY_GRADIENT)
    seeds: int = SEEDS
    plan: SearchSetting = field(default_factory=SearchSetting)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the comparison, net of costs: a trial or, without parameters, a simple mix.

    `outside` are its figures after the last day on which the trial was chosen.
    """

    name: str
    parameters: tuple[tuple[str, str], ...]
    whole: NetFigures
    outside: NetFigures


@dataclass(frozen=True, slots=True, eq=False)
class LearnedReport:
    """All trials and simple mixes over the same days, and how the trial is judged that was best in sample, `policy`."""

    search: Search
    policy: OverlayPolicy
    trials: tuple[Row, ...]
    baselines: tuple[Row, ...]
    honesty: Honesty
    log: TrialLog
    warnings: tuple[str, ...]

    @property
    def chosen(self) -> Row:
        """The trial with the highest Sharpe ratio in sample."""
        return self.trials[self.search.best]


def learned_report(
    ask: LearnedAsk, setting: BacktestSetting, judging: Judging | None = None, progress: Progress | None = None
) -> LearnedReport:
    """Fit each network walking forward, compare it with the simple mixes, choose in sample, judge out of sample.

    Each seed, each method and each choice of settings is a trial, as are those of the log. Raises AppError where
    PyTorch is not installed, files cannot be used, or the start is before the first fit.
    """
    require_torch()
    rules = judging or Judging()
    policy = policy_from_json(ask.files.policy, require_backtest)
    if policy.lots:
        raise AppError("Learned allocations are tried before tax", detail="lots", hint="Leave lots out of the policy.")
    tried = learned_candidates(ask, policy)
    history = prices_of(ask.files.prices, [s for each in tried for s in symbols_of(each.policy)], setting)
    for each in tried:
        _require_fitted(each.policy, history, setting)
    found = search(tried, history, setting, ask.plan.inside_to or last_day_inside(history, setting), progress)
    trials = merged(earlier_log(ask.files).trials, found.trials)
    risk, warnings = chances(found.excess, rules.blocks)
    probability = None if risk is None else risk.probability
    by_hash = {policy_hash(each.policy): each.policy for each in tried}
    ran = [(trial, by_hash[trial.policy_hash]) for trial in found.trials]
    chosen = ran[found.best][1]
    honesty = judged(
        chosen_line(found, chosen, history, setting),
        replace(rules, trials=rules.trials + count_of(trials)),
        sharpe_variance([trial.whole.sharpe for trial in trials], found.periods),
        probability,
        discounts(chosen, history, setting),
    )
    told = [f"{dict(each.parameters)} was not run: {each.reason}" for each in found.failed]
    return LearnedReport(
        search=found,
        policy=chosen,
        trials=tuple(_trial(found, trial.parameters, each, history, setting) for trial, each in ran),
        baselines=_mixes(found, chosen, history, setting),
        honesty=honesty,
        log=TrialLog(trials, probability),
        warnings=(*told, *warnings),
    )


def learned_candidates(ask: LearnedAsk, policy: OverlayPolicy) -> tuple[Candidate, ...]:
    """Return every trial: the policy under each method with each seed, and each point of the choices under both.

    Raises AppError for no method, no seed, or a policy that does not hold so.
    """
    if not ask.methods or not LEARNED.issuperset(ask.methods) or ask.seeds < 1:
        known = ", ".join(sorted(LEARNED))
        raise AppError("There is no learned allocation to try", hint=f"Give a method ({known}) and one seed or more.")
    base = policy if policy.learned is not None else replace(policy, learned=LearnedSetting())
    points: Sequence[Candidate] = (Candidate(base),)
    if ask.files.choices is not None:
        points = candidates(base, read_choices(ask.files.choices), ask.plan.budget, ask.plan.seed)
    return tuple(
        _candidate(point, method, number) for point in points for method in ask.methods for number in range(ask.seeds)
    )


def _candidate(point: Candidate, method: Mode, number: int) -> Candidate:
    learned = point.policy.learned or LearnedSetting()
    seed = learned.seed + number
    policy = replace(point.policy, mode=method, learned=replace(learned, seed=seed))
    faults = validate(policy)
    if faults:
        raise AppError(f"The policy does not hold: {'; '.join(faults)}", detail=method)
    chosen = tuple(pair for pair in point.parameters if pair[0])
    return Candidate(policy, (("method", method.value), ("seed", str(seed)), *chosen))


def _require_fitted(policy: OverlayPolicy, history: PriceHistory, setting: BacktestSetting) -> None:
    """Raise AppError where the start is before the first fit: the network would hold nothing."""
    data = market(history, setting.cash_yield, setting.macro)
    fits = fit_rows(data, policy)
    months = (policy.learned or LearnedSetting()).train_months
    if not fits.size:
        raise AppError(f"The prices are too short to fit a network on {months} months of them", detail="train_months")
    first = data.dates[int(fits[0])]
    if setting.start < first:
        raise AppError(
            f"The first network is fitted on {first}, after {months} months of closes",
            hint="Give a start on or after that day, or fewer train_months.",
        )


def _trial(
    found: Search,
    parameters: tuple[tuple[str, str], ...],
    policy: OverlayPolicy,
    history: PriceHistory,
    setting: BacktestSetting,
) -> Row:
    run = run_backtest(policy, history, setting)
    inside_to = run.dates[found.split]
    return Row(policy.mode.value, parameters, net_figures(run, found.free), net_figures(run, found.free, inside_to))


def _mixes(found: Search, policy: OverlayPolicy, history: PriceHistory, setting: BacktestSetting) -> tuple[Row, ...]:
    return tuple(
        Row(
            each.name,
            (),
            net_figures(each.backtest, found.free),
            net_figures(each.backtest, found.free, each.backtest.dates[found.split]),
        )
        for each in run_baselines(policy, history, setting)
    )


def learned_json(report: LearnedReport) -> Mapping[str, Any]:
    """Return the report as one document; the verdict stands where `plimsoll strategy live --gate` looks for it.

    `policy` is the one that was chosen, which is what the verdict is of, and what can be signed.
    """
    judgement = honesty_json(report.honesty)
    trial = report.search.trials[report.search.best]
    return {
        "start": trial.start,
        "inside_to": trial.inside_to,
        "end": trial.end,
        "trials": [_row(row) for row in report.trials],
        "baselines": [_row(row) for row in report.baselines],
        "chosen": _row(report.chosen) | {"policy_hash": trial.policy_hash},
        "trials_in_log": len(report.log.trials),
        "policy": msgspec.to_builtins(report.policy, builtin_types=(Decimal,)),
        **{key: judgement[key] for key in ("verdict", "policy_sha256", "data_as_of", "program_version")},
        "honesty": judgement,
        "warnings": report.warnings,
    }


def _row(row: Row) -> dict[str, Any]:
    return asdict(row) | {"parameters": dict(row.parameters)}
