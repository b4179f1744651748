"""What a policy costs and how closely it is followed when its weights are reset more or less often."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.overlay.policy import OverlayPolicy, RebalanceSetting, When
from engine.overlay.price_history import PriceHistory
from engine.research.backtest import Backtest, BacktestSetting, run_backtest
from engine.research.contribution import Holdings, holdings
from engine.research.market import Market, market
from engine.research.metrics import DAYS_PER_YEAR, Floats, periods_per_year, simple_returns, tracking_error
from engine.research.trading_costs import CostModel

USUAL = (When.MONTHLY, When.QUARTERLY, When.ANNUAL)


@dataclass(frozen=True, slots=True)
class FrequencyFigures:
    """A policy reset so often; figures a year are fractions.

    `cost` is what its trades cost a year and `turnover` what it traded, one-way, both without the first purchase.
    `tracking_error` is against the policy reset every month without bands and costs, its target; `average_drift` and
    `largest_drift` are half the sum of the weights' distances from what that last bought, over all days.
    """

    when: When
    resets: int
    cagr: float
    volatility: float
    max_drawdown: float
    turnover: float
    cost: float
    tracking_error: float
    average_drift: float
    largest_drift: float


@dataclass(frozen=True, slots=True)
class FrequencyTable:
    """One line for each frequency, in the order asked for, and what the backtests warn of."""

    lines: tuple[FrequencyFigures, ...]
    warnings: tuple[str, ...]


def compare_frequencies(
    policy: OverlayPolicy, history: PriceHistory, setting: BacktestSetting, frequencies: Sequence[When] = USUAL
) -> FrequencyTable:
    """Return the policy's figures at each frequency; its bands stay as they are. Raises AppError as `run_backtest`."""
    own = replace(setting, benchmark="")
    data = market(history, setting.cash_yield, setting.macro)
    ideal = run_backtest(
        replace(policy, rebalance=RebalanceSetting(When.MONTHLY)), history, replace(own, costs=CostModel())
    )
    target = _bought(ideal, data)
    lines, warnings = [], list(ideal.warnings)
    for when in frequencies:
        found = run_backtest(replace(policy, rebalance=replace(policy.rebalance, when=when)), history, own)
        lines.append(_figures(when, found, ideal, (holdings(found, data, setting.costs), target)))
        warnings += found.warnings
    return FrequencyTable(tuple(lines), tuple(dict.fromkeys(warnings)))


def _bought(found: Backtest, data: Market) -> Floats:
    """Return, for each day after the first, the weights last bought before it."""
    names = (*data.symbols, "")
    at = {one.traded: one.after for one in found.rebalances}
    current = np.zeros(len(names))
    current[-1] = 1.0
    rows = np.empty((len(found.dates) - 1, len(names)))
    for t, day in enumerate(found.dates[:-1]):
        if day in at:
            current = np.array([at[day].get(name, 0.0) for name in names])
        rows[t] = current
    return rows


def _figures(when: When, found: Backtest, ideal: Backtest, held: tuple[Holdings, Floats]) -> FrequencyFigures:
    drift = 0.5 * np.abs(held[0].weights - held[1]).sum(axis=1)
    years = (found.dates[-1] - found.dates[0]).days / DAYS_PER_YEAR
    periods = periods_per_year(found.dates)
    return FrequencyFigures(
        when=when,
        resets=len(found.rebalances),
        cagr=found.figures.cagr,
        volatility=found.figures.volatility,
        max_drawdown=found.figures.max_drawdown,
        turnover=found.figures.turnover_per_year,
        cost=sum(one.cost for one in found.rebalances[1:]) / years,
        tracking_error=tracking_error(simple_returns(found.equity), simple_returns(ideal.equity), periods),
        average_drift=float(drift.mean()),
        largest_drift=float(drift.max()),
    )
