"""A search over policies that keeps count: every policy that is run is a trial, with its figures in sample and out.

The count of trials is what the deflated Sharpe ratio asks for, so a policy is chosen in sample and nothing is dropped.
Bergstra and Bengio (2012), Random Search for Hyper-Parameter Optimization: where the grid is larger than the budget,
it is drawn from at random.
"""

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal

import numpy as np

from engine.errors import AppError
from engine.overlay.policy import Mode, OverlayPolicy, RebalanceSetting, When
from engine.overlay.price_history import PriceHistory
from engine.portfolio import CASH_CLASS
from engine.research.after_tax import AfterTax
from engine.research.backtest import Backtest, BacktestSetting, benchmark_policy, run_backtest
from engine.research.drawdowns import max_drawdown
from engine.research.market import market, symbol_of
from engine.research.metrics import Floats, annual_return, periods_per_year, sharpe, simple_returns
from engine.research.trading_costs import CostModel

NAMED_ONLY = frozenset({"name"})
"""Fields that change nothing of what a policy decides."""
LATER = {"learned": None, "lots": False}
"""Fields that logs do not know at these values: policies keep the names that they were tried under."""
LARGEST_GRID = 10_000_000
LEAST_RETURNS = 12

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class TrialFigures:
    """Figures of a trial net of costs, a year: Sharpe ratio over cash, growth, deepest drawdown (negative)."""

    sharpe: float
    cagr: float
    max_drawdown: float


@dataclass(frozen=True, slots=True)
class Trial:
    """One row of the log: which policy, the parameters that were set, its figures in sample, out, and over all.

    `inside_to` is the last day in sample; `start` and `end` bound the whole.
    """

    policy_hash: str
    parameters: tuple[tuple[str, str], ...]
    start: date
    inside_to: date
    end: date
    inside: TrialFigures
    outside: TrialFigures
    whole: TrialFigures


@dataclass(frozen=True, slots=True)
class Candidate:
    """A policy to try, and the parameters that set it apart."""

    policy: OverlayPolicy
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """A candidate that could not be run, and why. It is no trial."""

    parameters: tuple[tuple[str, str], ...]
    reason: str


@dataclass(frozen=True, slots=True)
class AfterTaxRuns:
    """How trials are run net of tax: one policy in one account. `kept` is the part of cash's interest left after tax.

    What is not yet sold on the last day is not taxed.
    """

    run: Callable[[OverlayPolicy], AfterTax]
    kept: float


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """All trials, net of costs, and of tax where they were run so.

    `returns` and `excess` are [T, N], a column a trial; `dates` are the ends of the T periods.

    `mix` are the returns of what the first candidate has to beat, net of costs; `free` those of cash. `split` is
    the number of rows in sample. `best` is the trial with the highest Sharpe ratio in sample.
    """

    trials: tuple[Trial, ...]
    failed: tuple[Failed, ...]
    dates: tuple[date, ...]
    returns: Floats
    mix: Floats
    mix_name: str
    free: Floats
    split: int
    best: int
    periods: int

    @property
    def excess(self) -> Floats:
        """The trials' returns over cash."""
        return self.returns - self.free[:, None]


def policy_hash(policy: OverlayPolicy) -> str:
    """Return 16 hexadecimal digits that are the same for policies that decide the same way by their fields.

    The name does not count, nor whether a weight is written 0.1 or 0.10. With lots a policy is another trial, as its
    figures are net of tax.
    """
    fields = {
        key: value
        for key, value in asdict(policy).items()
        if key not in NAMED_ONLY and not (key in LATER and value == LATER[key])
    }
    text = json.dumps(_plain(fields), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def draw(size: int, budget: int, seed: int) -> tuple[int, ...]:
    """Return which of `size` points of a grid are tried: all, or `budget` of them drawn at random, ascending.

    Raises AppError for a budget below one or a grid beyond ten million points.
    """
    if budget < 1:
        raise AppError("The budget of a search is at least one trial", detail=str(budget))
    if size > LARGEST_GRID:
        raise AppError(f"The grid has {size:,} points", hint=f"Give fewer values: at most {LARGEST_GRID:,} points.")
    if size <= budget:
        return tuple(range(size))
    drawn = np.random.default_rng(seed).choice(size, budget, replace=False)
    return tuple(sorted(drawn.tolist()))


def search(
    candidates: Iterable[Candidate],
    history: PriceHistory,
    setting: BacktestSetting,
    inside_to: date,
    progress: Progress | None = None,
    taxed: AfterTaxRuns | None = None,
) -> Search:
    """Run every candidate over the whole time, once for each policy, and choose on the days up to `inside_to`.

    With `taxed` all returns, those of the mix and of cash too, are net of tax. Raises AppError when no candidate can
    be run, or too few days are in sample or out of it.
    """
    runs, failed = _run_all(candidates, history, setting, progress, taxed)
    first, shown = runs[0]
    dates = shown.dates
    split = _split(dates, inside_to)
    free = risk_free(first.policy, history, setting, dates) * (taxed.kept if taxed else 1.0)
    returns = np.column_stack([simple_returns(run.equity) for _, run in runs])
    mix, name = net_mix(first.policy, history, setting, taxed)
    trials = tuple(_trial(candidate, run, free, split) for candidate, run in runs)
    inside = [-math.inf if math.isnan(trial.inside.sharpe) else trial.inside.sharpe for trial in trials]
    return Search(
        trials=trials,
        failed=tuple(failed),
        dates=dates[1:],
        returns=returns,
        mix=mix,
        mix_name=name,
        free=free,
        split=split,
        best=int(np.argmax(inside)),
        periods=periods_per_year(dates),
    )


def _run_all(
    candidates: Iterable[Candidate],
    history: PriceHistory,
    setting: BacktestSetting,
    progress: Progress | None,
    taxed: AfterTaxRuns | None,
) -> tuple[list[tuple[Candidate, Backtest | AfterTax]], list[Failed]]:
    """Run each policy once. Raises AppError when none can be run."""
    listed = _once(candidates)
    quick = _quick(setting, history)
    runs: list[tuple[Candidate, Backtest | AfterTax]] = []
    failed: list[Failed] = []
    for number, candidate in enumerate(listed, 1):
        try:
            found = taxed.run(candidate.policy) if taxed else run_backtest(candidate.policy, history, quick)
            runs.append((candidate, found))
        except AppError as error:
            failed.append(Failed(candidate.parameters, str(error)))
        if progress is not None:
            progress(number, len(listed), "trials")
    if not runs:
        raise AppError("No candidate can be run", detail=failed[0].reason if failed else "there is none")
    return runs, failed


def trial_figures(returns: Floats, free: Floats, periods: int) -> TrialFigures:
    """Return the figures of returns, [T], over those of cash."""
    values = np.concatenate(([1.0], np.cumprod(1.0 + returns)))
    return TrialFigures(sharpe(returns, periods, free), annual_return(returns, periods), max_drawdown(values))


def risk_free(policy: OverlayPolicy, history: PriceHistory, setting: BacktestSetting, dates: Sequence[date]) -> Floats:
    """Return the returns of a policy's cash between `dates`: its cash ETF, or uninvested money where that has none."""
    data = market(history, setting.cash_yield, setting.macro)
    rows = np.searchsorted(data.days, np.array(dates, dtype="datetime64[D]"))
    symbol = symbol_of(policy, CASH_CLASS)
    known = symbol in data.symbols and data.filled[rows[0], data.column(symbol)] > 0
    return simple_returns(data.filled[rows, data.column(symbol if known else "")])


def net_mix(
    policy: OverlayPolicy, history: PriceHistory, setting: BacktestSetting, taxed: AfterTaxRuns | None = None
) -> tuple[Floats, str]:
    """Return the returns of what the policy has to beat, and its name: its mix at the same costs, or a symbol held."""
    against, name = benchmark_policy(policy)
    run = setting
    if setting.benchmark:
        name = setting.benchmark
        hold = RebalanceSetting(When.NEVER)
        against = OverlayPolicy(universe={name: name}, strategic={name: Decimal(1)}, mode=Mode.STATIC, rebalance=hold)
        run = replace(setting, lag=0, costs=CostModel(), benchmark="")
    found = taxed.run(against) if taxed else run_backtest(against, history, run)
    return simple_returns(found.equity), name


def merged(log: Iterable[Trial], more: Iterable[Trial]) -> tuple[Trial, ...]:
    """Return a log with more trials, each policy over the same days once, the earlier row kept."""
    rows = {(trial.policy_hash, trial.start, trial.end): trial for trial in (*more, *log)}
    kept = dict.fromkeys((trial.policy_hash, trial.start, trial.end) for trial in (*log, *more))
    return tuple(rows[key] for key in kept)


def count_of(trials: Iterable[Trial]) -> int:
    """Return how many policies were tried, whatever the days."""
    return len({trial.policy_hash for trial in trials})


def sharpe_variance(sharpes_a_year: Sequence[float], periods: int) -> float | None:
    """Return the variance per period of the trials' Sharpe ratios, None for fewer than two."""
    known = [value for value in sharpes_a_year if not math.isnan(value)]
    return float(np.var(known, ddof=1)) / periods if len(known) > 1 else None


def _quick(setting: BacktestSetting, history: PriceHistory) -> BacktestSetting:
    """Return a setting that measures trials against any symbol: running each one's own mix would double the time."""
    known = np.isfinite(history.closes[: history.known_on(setting.start)]).any(axis=0)
    if setting.benchmark or not known.any():
        return setting
    return replace(setting, benchmark=history.symbols[int(known.argmax())])


def _once(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    by_hash: dict[str, Candidate] = {}
    for candidate in candidates:
        by_hash.setdefault(policy_hash(candidate.policy), candidate)
    return tuple(by_hash.values())


def _split(dates: Sequence[date], inside_to: date) -> int:
    """Return how many returns end on or before `inside_to`."""
    split = sum(day <= inside_to for day in dates[1:])
    if min(split, len(dates) - 1 - split) < LEAST_RETURNS:
        raise AppError(
            f"Fewer than {LEAST_RETURNS} returns are {'in sample' if split < LEAST_RETURNS else 'out of sample'}",
            detail=f"in sample to {inside_to}, the prices run from {dates[0]} to {dates[-1]}",
            hint="Move the last day in sample.",
        )
    return split


def _trial(candidate: Candidate, run: Backtest | AfterTax, free: Floats, split: int) -> Trial:
    returns = simple_returns(run.equity)
    periods = periods_per_year(run.dates)
    return Trial(
        policy_hash=policy_hash(candidate.policy),
        parameters=candidate.parameters,
        start=run.dates[0],
        inside_to=run.dates[split],
        end=run.dates[-1],
        inside=trial_figures(returns[:split], free[:split], periods),
        outside=trial_figures(returns[split:], free[split:], periods),
        whole=trial_figures(returns, free, periods),
    )


def _plain(value: object) -> object:
    """Return a field as JSON has it, decimals without trailing zeros."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value
