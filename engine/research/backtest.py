"""Runs a policy over closes, before tax: decisions at month ends, trades `lag` rows later, what it cost and earned."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

import numpy as np

from engine.errors import AppError
from engine.overlay.macro_history import NO_MACRO, MacroHistory
from engine.overlay.policy import Mode, OverlayPolicy, RebalanceSetting
from engine.overlay.price_history import PriceHistory
from engine.research.market import Market, carried_closes, market, require_listed, symbols_of
from engine.research.metrics import Floats
from engine.research.performance import Performance, performance
from engine.research.schedule import Rows, decision_rows, last_known, month_end_rows, window
from engine.research.simulation import Decisions, Rules, Trading, equity, simulate
from engine.research.target_weights import MODES
from engine.research.trading_costs import CostModel, cost_rates

RUINOUS = 0.5
"""The share of a portfolio that no day's trading costs."""


@dataclass(frozen=True, slots=True)
class BacktestSetting:
    """What is run. `start` and `end` are included; `lag` is rows from the close of a signal to the close of its trade.

    Lag 0 trades at the close that the signal reads, lag 1 at the next. `cash_yield` is what uninvested money earns a
    year. `benchmark` is a symbol; without one it is the policy's own mix: see `benchmark_policy`. `macro` are
    series that signals may read, each value from its publication on.
    """

    start: date
    end: date
    lag: int = 0
    costs: CostModel = field(default_factory=CostModel)
    cash_yield: float = 0.0
    benchmark: str = ""
    macro: MacroHistory = NO_MACRO


@dataclass(frozen=True, slots=True)
class Rebalance:
    """One day's reset. Weights by symbol, "" being uninvested money; `cost` a fraction of the value before.

    `decided` is the day whose close was read, `traded` the day of the trades, `one_way` half the sum of the weights'
    changes, zero where nothing had drifted. The first purchase is a rebalance from uninvested money. `bound` says
    which limits held the weights back.
    """

    traded: date
    decided: date
    one_way: float
    cost: float
    before: Mapping[str, float]
    after: Mapping[str, float]
    bound: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Backtest:
    """What came of a policy: equity by day (1 on the first, after that day's trades), trades, figures, warnings."""

    dates: tuple[date, ...]
    equity: Floats
    rebalances: tuple[Rebalance, ...]
    figures: Performance
    benchmark: Floats
    benchmark_figures: Performance
    benchmark_name: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The decisions of one tranche: rows and, for each, the weights by column. What is unread is said in words.

    Whatever carries decisions out starts from here: the simulation before tax, or one with lots.
    """

    rows: Rows
    targets: Floats
    bound: tuple[tuple[str, ...], ...]
    warnings: tuple[str, ...]


def run_backtest(policy: OverlayPolicy, history: PriceHistory, setting: BacktestSetting) -> Backtest:
    """Return the backtest of a policy. A decision at a close reads closes up to that one only.

    A trade that would fall on the last day is left out. Growth counts from the close of the first day: with lag 0
    the first purchase is made on it and its cost is not in the growth; with a longer lag it comes later and is.

    Raises AppError for a window without prices, a symbol that is to be held before its first close, or a mode that
    has no month end to read before the start.
    """
    data = market(history, setting.cash_yield, setting.macro)
    first, last = window(data.days, setting.start, setting.end)
    decided = plan(policy, data, first, last)
    trading = _carried_out(policy, data, decided, setting, (first, last))
    values = equity(data.filled, trading, first, last)[0]
    dates = data.dates[first : last + 1]
    against, name = benchmark(policy, data, setting, (first, last))
    return Backtest(
        dates=dates,
        equity=values,
        rebalances=_rebalances(data, decided, trading),
        figures=performance(values, dates, turnover=turnover(trading, 0), benchmark=against),
        benchmark=against,
        benchmark_figures=performance(against, dates),
        benchmark_name=name,
        warnings=(
            *decided.warnings,
            *carried_closes(data, symbols_of(policy), first, last),
            *_early_end(data, setting.end),
        ),
    )


def plan(policy: OverlayPolicy, data: Market, first: int, last: int, shift: int = 0) -> Plan:
    """Return a policy's decisions from row `first` to before `last`, month ends read `shift` rows early.

    Raises AppError as `run_backtest` does.
    """
    ends = month_end_rows(data.days, shift).up_to(last)
    rows = decision_rows(ends, policy.rebalance.when, first, last)
    if policy.mode is Mode.STATIC:
        return Plan(rows, MODES[policy.mode](data, policy, rows).weights, ((),) * len(rows), ())
    known = last_known(ends, rows)
    if known[0] < 0:
        raise AppError(
            f"Mode {policy.mode} has no month end to read on or before {data.dates[first]}",
            hint=f"The prices begin on {data.dates[0]}: give a later start.",
        )
    wanted = MODES[policy.mode](data, policy, ends.rows)
    used = np.unique(known)
    warnings = []
    for what, gaps in wanted.unread.items():
        missing = np.intersect1d(used, gaps)
        if missing.size:
            day = data.dates[int(ends.rows[missing[-1]])]
            warnings.append(f"{what} has no reading at {missing.size} of {used.size} month ends, the last on {day}")
    bound = tuple(wanted.bound[i] if wanted.bound else () for i in known.tolist())
    return Plan(rows, wanted.weights[known], bound, tuple(warnings))


def rules(policy: OverlayPolicy, data: Market, setting: BacktestSetting) -> Rules:
    """Return how the policy's decisions are carried out."""
    bands = (policy.rebalance.band_absolute, policy.rebalance.band_relative)
    absolute, relative = (None if band is None else float(band) for band in bands)
    return Rules(cost_rates(setting.costs, data.symbols), setting.lag, absolute, relative)


def require_payable(trading: Trading, data: Market) -> None:
    """Raise AppError where trades cost more than half of what there is: no such costs are meant."""
    ruinous = np.argwhere(~(trading.paid <= RUINOUS))
    if len(ruinous):
        day = data.dates[int(trading.rows[tuple(ruinous[0])])]
        raise AppError(
            f"Trading on {day} costs more than half of the portfolio",
            detail="costs",
            hint="Give lower costs, less capital or more dollars traded a day.",
        )


def turnover(trading: Trading, tranche: int) -> float:
    """Return the one-way turnover of a tranche after its first purchase, a fraction over the whole time."""
    made = trading.one_way[tranche][trading.carried[tranche]]
    return float(made[1:].sum())


def benchmark(
    policy: OverlayPolicy, data: Market, setting: BacktestSetting, rows: tuple[int, int]
) -> tuple[Floats, str]:
    """Return what the policy is measured against over its rows, without costs, and its name."""
    if setting.benchmark:
        closes = data.filled[rows[0] : rows[1] + 1, data.column(setting.benchmark)]
        if closes[0] <= 0:
            raise AppError(f"{setting.benchmark} has no close on or before {data.dates[rows[0]]}", detail="benchmark")
        return closes / closes[0], setting.benchmark
    mix, name = benchmark_policy(policy)
    free = replace(setting, costs=CostModel())
    trading = _carried_out(mix, data, plan(mix, data, *rows), free, rows)
    return equity(data.filled, trading, *rows)[0], name


def benchmark_policy(policy: OverlayPolicy) -> tuple[OverlayPolicy, str]:
    """Return what a policy has to beat, and its name: the strategic weights, or else the classes in equal parts.

    Reset every month. Dual momentum without strategic weights is held against the first of its `risk_on`.
    """
    monthly = RebalanceSetting()
    if policy.strategic:
        return replace(policy, mode=Mode.STATIC, rebalance=monthly), "strategic mix"
    if policy.mode is Mode.DUAL_MOMENTUM:
        first = policy.risk_on[0]
        universe = {first: policy.universe.get(first, first)}
        single = replace(policy, mode=Mode.STATIC, universe=universe, strategic={first: Decimal(1)}, rebalance=monthly)
        return single, universe[first]
    classes = policy.voted_classes()
    equal = dict.fromkeys(classes, Decimal(1) / len(classes))
    return replace(policy, mode=Mode.STATIC, strategic=equal, rebalance=monthly), "equal weights"


def _carried_out(
    policy: OverlayPolicy, data: Market, decided: Plan, setting: BacktestSetting, rows: tuple[int, int]
) -> Trading:
    made = np.minimum(decided.rows + setting.lag, rows[1])
    require_listed(data, decided.targets[made < rows[1]], made[made < rows[1]])
    decisions = Decisions(decided.rows[None], decided.targets[None])
    trading = simulate(data.filled, decisions, rules(policy, data, setting), *rows)
    require_payable(trading, data)
    return trading


def _early_end(data: Market, end: date) -> tuple[str, ...]:
    latest = data.dates[-1]
    if (latest.year, latest.month) >= (end.year, end.month):
        return ()
    return (f"the prices end on {latest}, before {end}: the backtest ends there",)


def _rebalances(data: Market, decided: Plan, trading: Trading) -> tuple[Rebalance, ...]:
    names = (*data.symbols, "")

    def by_symbol(weights: Floats) -> dict[str, float]:
        return {name: weight for name, weight in zip(names, weights.tolist(), strict=True) if weight}

    return tuple(
        Rebalance(
            traded=data.dates[int(trading.rows[0, m])],
            decided=data.dates[int(decided.rows[m])],
            one_way=float(trading.one_way[0, m]),
            cost=float(trading.paid[0, m]),
            before=by_symbol(trading.before[0, m]),
            after=by_symbol(decided.targets[m]),
            bound=decided.bound[m],
        )
        for m in np.flatnonzero(trading.carried[0]).tolist()
    )
