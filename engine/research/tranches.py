"""The same policy on other days of the month: how much of a backtest is the luck of the day it trades on.

Hoffstein, Faber and Braun (2020), Rebalance Timing Luck: The (Dumb) Luck of Smart Beta.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from engine.errors import AppError
from engine.overlay.policy import OverlayPolicy
from engine.overlay.price_history import PriceHistory
from engine.research.backtest import BacktestSetting, Plan, plan, require_payable, rules, turnover
from engine.research.market import Market, market, require_listed
from engine.research.metrics import MONTHS, Floats, cagr
from engine.research.performance import Performance, performance
from engine.research.schedule import window
from engine.research.simulation import Decisions, equity, simulate

ALL = 21
"""Trading days in a month: from its last one (tranche 0) to the twentieth before."""


@dataclass(frozen=True, slots=True, eq=False)
class Tranches:
    """One backtest for each day of the month. `equity[k]` decides k trading days before each month end.

    `pooled` starts with equal parts in all tranches and never evens them out. `cagr` are growths a year by tranche;
    lowest, median and highest are the band that a single line hides.
    """

    dates: tuple[date, ...]
    equity: Floats
    pooled: Floats
    figures: Performance
    cagr: tuple[float, ...]
    warnings: tuple[str, ...]

    @property
    def lowest(self) -> float:
        """The growth a year of the unluckiest tranche."""
        return min(self.cagr)

    @property
    def median(self) -> float:
        """The growth a year of the middle tranche."""
        return float(np.median(self.cagr))

    @property
    def highest(self) -> float:
        """The growth a year of the luckiest tranche."""
        return max(self.cagr)


def run_tranches(policy: OverlayPolicy, history: PriceHistory, setting: BacktestSetting, count: int = ALL) -> Tranches:
    """Return the backtests of a policy that decides 0 to `count` - 1 trading days before each month end.

    All start on the same day, each with what its own latest decision day says. Raises AppError for monthly prices,
    which have no days to decide on, and as `run_backtest` does.
    """
    data = market(history, setting.cash_yield, setting.macro)
    if data.periods == MONTHS:
        raise AppError("Tranches need daily prices", hint="These are monthly: leave the tranches out.")
    first, last = window(data.days, setting.start, setting.end)
    plans = [plan(policy, data, first, last, shift) for shift in range(count)]
    for each in plans:
        made = np.minimum(each.rows + setting.lag, last)
        require_listed(data, each.targets[made < last], made[made < last])
    trading = simulate(data.filled, _together(plans, last, data), rules(policy, data, setting), first, last)
    require_payable(trading, data)
    values = equity(data.filled, trading, first, last)
    dates = data.dates[first : last + 1]
    pooled = values.mean(axis=0)
    traded = float(np.mean([turnover(trading, k) for k in range(count)]))
    return Tranches(
        dates=dates,
        equity=values,
        pooled=pooled,
        figures=performance(pooled, dates, turnover=traded),
        cagr=tuple(cagr(line, dates) for line in values),
        warnings=tuple(dict.fromkeys(line for each in plans for line in each.warnings)),
    )


def _together(plans: list[Plan], last: int, data: Market) -> Decisions:
    """Lay plans side by side; the shorter ones are filled up with decisions on the last row, which are not made."""
    longest = max(len(each.rows) for each in plans)
    rows = np.full((len(plans), longest), last)
    targets = np.zeros((len(plans), longest, len(data.symbols) + 1))
    for k, each in enumerate(plans):
        rows[k, : len(each.rows)] = each.rows
        targets[k, : len(each.rows)] = each.targets
    return Decisions(rows, targets)
