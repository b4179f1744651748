"""Policies tried over a grid: searched, walked forward, and judged with every trial that was ever made of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from engine.errors import AppError
from engine.overlay.freeze import policy_sha256
from engine.overlay.policy import LEARNED, OverlayPolicy
from engine.overlay.price_history import PriceHistory
from engine.research.backtest import BacktestSetting
from engine.research.baselines import baseline_returns
from engine.research.discounts import discounts
from engine.research.market import symbols_of
from engine.research.metrics import Floats
from engine.research.overfitting import Overfitting
from engine.research.policy_search import (
    AfterTaxRuns,
    Candidate,
    Failed,
    Search,
    Trial,
    TrialFigures,
    count_of,
    merged,
    policy_hash,
    search,
    sharpe_variance,
    trial_figures,
)
from engine.research.purged_splits import CrossValidation, cross_validate, usual_splits
from engine.research.walk_forward import WalkForward, WalkForwardSetting, walk_forward
from workflow.after_tax import NET_OF_TAX, NO_CLOSES, TaxedAccount, taxed_runs
from workflow.backtest import require_backtest
from workflow.overlay_policy import policy_from_json
from workflow.policy_grid import candidates, grid_size, read_choices
from workflow.price_table import price_history_from_csv
from workflow.research_gate import Honesty, Judging, Line, chances, judged
from workflow.trial_log import TrialLog, read_log
from workflow.views import Progress

INSIDE = 0.7
"""The share of a search's time that is in sample unless its last day is given."""


@dataclass(frozen=True, slots=True)
class PolicyFiles:
    """A policy over closes, and what is tried of it. `choices` None = the policy alone, `log` earlier trials.

    A policy with lots is tried after tax, in `account`.
    """

    prices: Path
    policy: Path
    choices: Path | None = None
    log: Path | None = None
    account: TaxedAccount = field(default_factory=TaxedAccount)


@dataclass(frozen=True, slots=True)
class SearchSetting:
    """How many policies are tried, drawn with which seed, and the last day on which they are chosen (None = 70 %)."""

    budget: int = 50
    seed: int = 0
    inside_to: date | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SearchReport:
    """A search: its grid, its trials, the chances of overfitting, the log with them, and the policy it chose."""

    size: int
    search: Search
    overfitting: Overfitting | None
    cross: CrossValidation | None
    honesty: Honesty
    log: TrialLog
    warnings: tuple[str, ...]

    @property
    def chosen(self) -> Trial:
        """The trial that was best in sample."""
        return self.search.trials[self.search.best]


@dataclass(frozen=True, slots=True, eq=False)
class WalkForwardReport:
    """A walk-forward over a grid, what it earned out of sample beside the mix, and purged cross-validation.

    `baselines` are the simple mixes over the same days, by name, where a learned allocation was among the trials.
    """

    search: Search
    walk: WalkForward
    figures: TrialFigures
    mix_figures: TrialFigures
    cross: CrossValidation | None
    log: TrialLog
    warnings: tuple[str, ...]
    baselines: tuple[tuple[str, TrialFigures], ...] = ()


def search_policies(
    files: PolicyFiles,
    setting: BacktestSetting,
    plan: SearchSetting,
    judging: Judging | None = None,
    progress: Progress | None = None,
) -> SearchReport:
    """Try the policies of a grid, choose in sample, and judge the one that was chosen.

    All trials count: those of this search and those of the log. Raises AppError for files that cannot be used.
    """
    rules = judging or Judging()
    tried, history, size = _tried(files, setting, plan)
    taxed, told = _after_tax(tried[0].policy, history, setting, files)
    inside_to = plan.inside_to or last_day_inside(history, setting)
    found = search(tried, history, setting, inside_to, progress, taxed)
    trials = merged(earlier_log(files).trials, found.trials)
    risk, cross, warnings = _validated(found, rules.blocks)
    probability = None if risk is None else risk.probability
    chosen = next(c for c in tried if policy_hash(c.policy) == found.trials[found.best].policy_hash)
    honesty = judged(
        chosen_line(found, chosen.policy, history, setting, taxed),
        replace(rules, trials=rules.trials + count_of(trials)),
        sharpe_variance([trial.whole.sharpe for trial in trials], found.periods),
        probability,
        discounts(chosen.policy, history, setting),
    )
    failed = (f"{_shown(each)} was not run: {each.reason}" for each in found.failed)
    return SearchReport(size, found, risk, cross, honesty, TrialLog(trials, probability), (*failed, *told, *warnings))


def walk_policies(
    files: PolicyFiles,
    setting: BacktestSetting,
    plan: SearchSetting,
    years: tuple[float, float],
    *,
    anchored: bool = True,
    progress: Progress | None = None,
) -> WalkForwardReport:
    """Walk a grid of policies forward: choose on `years[0]`, hold for `years[1]`, again and again.

    A month is left out between the two. What is tried goes into the log.

    Raises AppError for files that cannot be used, or too short a time.
    """
    tried, history, _ = _tried(files, setting, plan)
    taxed, told = _after_tax(tried[0].policy, history, setting, files)
    inside_to = plan.inside_to or last_day_inside(history, setting)
    found = search(tried, history, setting, inside_to, progress, taxed)
    train, test = (round(length * found.periods) for length in years)
    walk = walk_forward(found.excess, WalkForwardSetting(train, test, max(1, found.periods // 12), anchored))
    cross, warnings = _cross(found)
    earlier = earlier_log(files)
    return WalkForwardReport(
        search=found,
        walk=walk,
        figures=trial_figures(walk.returns(found.returns), found.free[walk.rows], found.periods),
        mix_figures=trial_figures(found.mix[walk.rows], found.free[walk.rows], found.periods),
        cross=cross,
        log=replace(earlier, trials=merged(earlier.trials, found.trials)),
        warnings=(*(f"{_shown(each)} was not run: {each.reason}" for each in found.failed), *told, *warnings),
        baselines=tuple(
            (name, trial_figures(returns[walk.rows], found.free[walk.rows], found.periods))
            for name, returns in _beside(tried, history, setting, taxed)
        ),
    )


def policy_honesty(
    files: PolicyFiles, setting: BacktestSetting, inside_to: date | None, judging: Judging | None = None
) -> Honesty:
    """Judge one policy over its closes, with the trials of a log. Days after `inside_to` are out of sample.

    Without a day of its own it is the latest that the log has; without either nothing is out of sample.
    """
    rules = judging or Judging()
    policy, history = _policy_and_history(files, setting)
    log = TrialLog() if files.log is None else read_log(files.log)
    last_inside = inside_to or max((trial.inside_to for trial in log.trials), default=None)
    taxed, told = _after_tax(policy, history, setting, files)
    split = last_inside or last_day_inside(history, setting)
    found = search([Candidate(policy)], history, setting, split, taxed=taxed)
    trials = merged(log.trials, found.trials)
    line = chosen_line(found, policy, history, setting, taxed)
    honesty = judged(
        line if last_inside else replace(line, split=None),
        replace(rules, trials=rules.trials + count_of(trials)),
        sharpe_variance([trial.whole.sharpe for trial in trials], found.periods),
        log.overfitting,
        discounts(policy, history, setting),
    )
    return replace(honesty, warnings=(*honesty.warnings, *told))


def _after_tax(
    policy: OverlayPolicy, history: PriceHistory, setting: BacktestSetting, files: PolicyFiles
) -> tuple[AfterTaxRuns | None, tuple[str, ...]]:
    """Return how trials are run after tax, None for a policy without lots, and what is to be known of it."""
    if not policy.lots:
        return None, ()
    known = (NET_OF_TAX,) if files.account.closes else (NET_OF_TAX, NO_CLOSES)
    return taxed_runs(history, setting, files.account), known


def _beside(
    tried: Sequence[Candidate], history: PriceHistory, setting: BacktestSetting, taxed: AfterTaxRuns | None
) -> tuple[tuple[str, Floats], ...]:
    """Return what the simple mixes earned, by name, where any trial is learned."""
    learned = next((each.policy for each in tried if each.policy.mode in LEARNED), None)
    return () if learned is None else baseline_returns(learned, history, setting, taxed)


def chosen_line(
    found: Search,
    policy: OverlayPolicy,
    history: PriceHistory,
    setting: BacktestSetting,
    taxed: AfterTaxRuns | None = None,
) -> Line:
    """Return the best trial of a search as the line to be judged; a learned one beside the simple mixes."""
    return Line(
        name=policy.name or "the policy",
        dates=found.dates,
        returns=found.returns[:, found.best],
        free=found.free,
        mix=found.mix,
        mix_name=found.mix_name,
        split=found.split,
        periods=found.periods,
        baselines=baseline_returns(policy, history, setting, taxed) if policy.mode in LEARNED else None,
        policy_sha256=policy_sha256(policy),
    )


def _tried(
    files: PolicyFiles, setting: BacktestSetting, plan: SearchSetting
) -> tuple[tuple[Candidate, ...], PriceHistory, int]:
    """Return the candidates, the closes that any of them reads, and the size of the grid."""
    if files.choices is None:
        policy, history = _policy_and_history(files, setting)
        return (Candidate(policy, (("", "as given"),)),), history, 1
    choices = read_choices(files.choices)
    policy = policy_from_json(files.policy, require_backtest)
    tried = candidates(policy, choices, plan.budget, plan.seed)
    symbols = [symbol for each in tried for symbol in symbols_of(each.policy)]
    return tried, prices_of(files.prices, symbols, setting), grid_size(choices)


def _policy_and_history(files: PolicyFiles, setting: BacktestSetting) -> tuple[OverlayPolicy, PriceHistory]:
    policy = policy_from_json(files.policy, require_backtest)
    return policy, prices_of(files.prices, symbols_of(policy), setting)


def prices_of(prices: Path, symbols: Sequence[str], setting: BacktestSetting) -> PriceHistory:
    """Return the closes of symbols and of the benchmark, where the setting names one."""
    return price_history_from_csv(prices, (*symbols, setting.benchmark) if setting.benchmark else symbols)


def last_day_inside(history: PriceHistory, setting: BacktestSetting) -> date:
    """Return the last day of the first 70 percent of the days that a backtest runs over."""
    days = [day for day in history.dates if setting.start <= day <= setting.end]
    if not days:
        raise AppError(f"There are no prices from {setting.start} to {setting.end}")
    return days[int(len(days) * INSIDE)]


def _validated(found: Search, blocks: int) -> tuple[Overfitting | None, CrossValidation | None, tuple[str, ...]]:
    risk, told = chances(found.excess, blocks)
    cross, more = _cross(found)
    return risk, cross, (*told, *more)


def earlier_log(files: PolicyFiles) -> TrialLog:
    """Return the log so far, empty where none was written yet."""
    return read_log(files.log) if files.log is not None and files.log.exists() else TrialLog()


def _cross(found: Search) -> tuple[CrossValidation | None, tuple[str, ...]]:
    if len(found.trials) < 2:
        return None, ()
    try:
        return cross_validate(found.excess, usual_splits(len(found.dates), found.periods)), ()
    except AppError as error:
        return None, (f"no purged cross-validation: {error.title}",)


def _shown(failed: Failed) -> str:
    return ", ".join(f"{key} = {value}" for key, value in failed.parameters)
