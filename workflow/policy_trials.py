"""Policies tried over a grid: searched, walked forward, and judged with every trial that was ever made of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from engine.errors import AppError
from engine.overlay.policy import OverlayPolicy
from engine.overlay.price_history import PriceHistory
from engine.research.backtest import BacktestSetting
from engine.research.discounts import discounts
from engine.research.market import symbols_of
from engine.research.overfitting import Overfitting
from engine.research.policy_search import (
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
    """A policy over closes, and what is tried of it. `choices` None = the policy alone, `log` earlier trials."""

    prices: Path
    policy: Path
    choices: Path | None = None
    log: Path | None = None


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
    """A walk-forward over a grid, what it earned out of sample beside the mix, and purged cross-validation."""

    search: Search
    walk: WalkForward
    figures: TrialFigures
    mix_figures: TrialFigures
    cross: CrossValidation | None
    log: TrialLog
    warnings: tuple[str, ...]


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
    found = search(tried, history, setting, plan.inside_to or _inside_to(history, setting), progress)
    trials = merged(_earlier(files).trials, found.trials)
    risk, cross, warnings = _validated(found, rules.blocks)
    probability = None if risk is None else risk.probability
    chosen = next(c for c in tried if policy_hash(c.policy) == found.trials[found.best].policy_hash)
    honesty = judged(
        _chosen_line(found, chosen.policy.name or "the policy chosen"),
        replace(rules, trials=rules.trials + count_of(trials)),
        sharpe_variance([trial.whole.sharpe for trial in trials], found.periods),
        probability,
        discounts(chosen.policy, history, setting),
    )
    told = [f"{_shown(each)} was not run: {each.reason}" for each in found.failed]
    return SearchReport(size, found, risk, cross, honesty, TrialLog(trials, probability), (*told, *warnings))


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
    found = search(tried, history, setting, plan.inside_to or _inside_to(history, setting), progress)
    train, test = (round(length * found.periods) for length in years)
    walk = walk_forward(found.excess, WalkForwardSetting(train, test, max(1, found.periods // 12), anchored))
    cross, warnings = _cross(found)
    earlier = _earlier(files)
    return WalkForwardReport(
        search=found,
        walk=walk,
        figures=trial_figures(walk.returns(found.returns), found.free[walk.rows], found.periods),
        mix_figures=trial_figures(found.mix[walk.rows], found.free[walk.rows], found.periods),
        cross=cross,
        log=replace(earlier, trials=merged(earlier.trials, found.trials)),
        warnings=(*(f"{_shown(each)} was not run: {each.reason}" for each in found.failed), *warnings),
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
    found = search([Candidate(policy)], history, setting, last_inside or _inside_to(history, setting))
    trials = merged(log.trials, found.trials)
    line = _chosen_line(found, policy.name or "the policy")
    return judged(
        line if last_inside else replace(line, split=None),
        replace(rules, trials=rules.trials + count_of(trials)),
        sharpe_variance([trial.whole.sharpe for trial in trials], found.periods),
        log.overfitting,
        discounts(policy, history, setting),
    )


def _chosen_line(found: Search, name: str) -> Line:
    returns = found.returns[:, found.best]
    return Line(name, found.dates, returns, found.free, found.mix, found.mix_name, found.split, found.periods)


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
    return tried, _history(files.prices, symbols, setting), grid_size(choices)


def _policy_and_history(files: PolicyFiles, setting: BacktestSetting) -> tuple[OverlayPolicy, PriceHistory]:
    policy = policy_from_json(files.policy, require_backtest)
    return policy, _history(files.prices, symbols_of(policy), setting)


def _history(prices: Path, symbols: Sequence[str], setting: BacktestSetting) -> PriceHistory:
    return price_history_from_csv(prices, (*symbols, setting.benchmark) if setting.benchmark else symbols)


def _inside_to(history: PriceHistory, setting: BacktestSetting) -> date:
    """Return the last day of the first 70 percent of the days that a backtest runs over."""
    days = [day for day in history.dates if setting.start <= day <= setting.end]
    if not days:
        raise AppError(f"There are no prices from {setting.start} to {setting.end}")
    return days[int(len(days) * INSIDE)]


def _validated(found: Search, blocks: int) -> tuple[Overfitting | None, CrossValidation | None, tuple[str, ...]]:
    risk, told = chances(found.excess, blocks)
    cross, more = _cross(found)
    return risk, cross, (*told, *more)


def _earlier(files: PolicyFiles) -> TrialLog:
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
