"""What a tactical overlay added to its strategic mix: gross, after its costs, and after tax, by class and by year.

Day by day, linked by Carino (1999): the parts of any stretch of time sum to its excess return.
"""

import math
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

import numpy as np

from engine.errors import AppError
from engine.overlay.policy import OverlayPolicy
from engine.overlay.price_history import PriceHistory
from engine.portfolio import CASH_CLASS
from engine.research.backtest import Backtest, BacktestSetting, benchmark_policy, run_backtest
from engine.research.linking import Excess, compound, excess_return, linking_coefficients
from engine.research.market import Market, market
from engine.research.metrics import DAYS_PER_YEAR, Floats
from engine.research.trading_costs import CostModel, cost_rates


class Against(StrEnum):
    """What a holding's return is measured against; the sum over all holdings is the same."""

    STRATEGIC = "strategic"
    """The strategic mix, as Brinson and Fachler (1985): holding cash while the mix rises is cash's loss."""
    CASH = "cash"
    """The policy's cash: being out of a class while it rises is that class's loss."""


@dataclass(frozen=True, slots=True, eq=False)
class Holdings:
    """A backtest day by day, a row for each day after the first and a column for each symbol and uninvested money.

    `weights` are held into the day, `returns` are the day's, `costs` what the day's trades cost as a fraction of the
    value before them, by what was traded; `gross` and `net` the whole portfolio's returns before and after costs.
    """

    weights: Floats
    returns: Floats
    costs: Floats
    gross: Floats
    net: Floats


@dataclass(frozen=True, slots=True)
class ClassContribution:
    """What a holding added, fractions: `gross` by its weight above the strategic one, `cost` (negative) by trading.

    The weights are averages over the days.
    """

    asset_class: str
    symbol: str
    weight: float
    strategic_weight: float
    gross: float
    cost: float

    @property
    def net(self) -> float:
        """What it added after costs."""
        return self.gross + self.cost


@dataclass(frozen=True, slots=True)
class Contribution:
    """A stretch of time. `gross` + `cost` = `net`, the excess of `policy_return` over `strategic_return`.

    The strategic mix is reset every month without costs. `net_of_tax` is the excess of the returns after tax, and
    `tax` what it is above `net`, negative where tax took of it: what whole shares and patience with gains changed in
    the after-tax runs is in it, too. Both are None where there are no returns after tax.
    """

    start: date
    end: date
    policy_return: float
    strategic_return: float
    gross: float
    cost: float
    net: float
    tax: float | None
    net_of_tax: float | None
    classes: tuple[ClassContribution, ...]

    @property
    def growths_a_year(self) -> tuple[float, float]:
        """Policy's and strategic mix's growth a year of 365.25 days, before tax."""
        power = DAYS_PER_YEAR / (self.end - self.start).days
        return math.pow(1.0 + self.policy_return, power) - 1.0, math.pow(1.0 + self.strategic_return, power) - 1.0


@dataclass(frozen=True, slots=True)
class OverlayContribution:
    """The whole time and each calendar year, each linked on its own: the years do not add up to the whole."""

    kind: Excess
    against: Against
    strategic_name: str
    total: Contribution
    years: tuple[Contribution, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class TaxedGrowth:
    """Growth after tax of the policy and of its strategic mix, one value for each date, on any scale."""

    dates: tuple[date, ...]
    policy: Floats
    strategic: Floats


def overlay_contribution(
    policy: OverlayPolicy,
    history: PriceHistory,
    setting: BacktestSetting,
    after_tax: TaxedGrowth | None = None,
    *,
    kind: Excess = Excess.ARITHMETIC,
    against: Against = Against.STRATEGIC,
) -> OverlayContribution:
    """Return what the policy added to its strategic mix over a backtest. The setting's benchmark is not looked at.

    Raises AppError as `run_backtest` does, or where the values after tax do not reach over the whole time.
    """
    own = replace(setting, benchmark="")
    mix, name = benchmark_policy(policy)
    tactical = run_backtest(policy, history, own)
    strategic = run_backtest(mix, history, replace(own, costs=CostModel()))
    data = market(history, setting.cash_yield, setting.macro)
    lines = (holdings(tactical, data, setting.costs), holdings(strategic, data, CostModel()))
    labels = _labels(policy, data)
    reference = (
        None if against is Against.STRATEGIC else data.column(policy.cash if policy.cash in data.symbols else "")
    )
    taxed = None if after_tax is None else _on(after_tax, tactical.dates)

    def over(first: int, last: int) -> Contribution:
        days = slice(first, last)
        span = tactical.dates[first], tactical.dates[last]
        cut = tuple(_cut(line, days) for line in lines)
        found = _contribution((cut[0], cut[1]), labels, span, (kind, reference))
        return found if taxed is None else _net_of_tax(found, taxed[last] / taxed[first] - 1.0, kind)

    return OverlayContribution(
        kind=kind,
        against=against,
        strategic_name=name,
        total=over(0, len(tactical.dates) - 1),
        years=tuple(over(first, last) for first, last in _years(tactical.dates)),
        warnings=tactical.warnings,
    )


def holdings(found: Backtest, data: Market, costs: CostModel) -> Holdings:
    """Return a backtest day by day, from its rebalances and the closes. Costs are laid on what was traded."""
    first = data.dates.index(found.dates[0])
    prices = data.filled[first : first + len(found.dates)]
    rates = cost_rates(costs, data.symbols)
    names = (*data.symbols, "")
    at = {one.traded: one for one in found.rebalances}
    units = np.zeros(len(names))
    units[-1] = 1.0 / prices[0, -1]
    held, paid = np.empty_like(prices), np.zeros_like(prices)
    for t, day in enumerate(found.dates):
        if day in at:
            before, value = units * prices[t], float(units @ prices[t])
            after = np.array([at[day].after.get(name, 0.0) for name in names]) * value * (1.0 - at[day].cost)
            units = np.divide(after, prices[t], out=np.zeros_like(after), where=prices[t] > 0)
            traded = np.abs(after - before)
            each = traded * (rates.linear + rates.impact * np.sqrt(traded))
            paid[t] = each * (at[day].cost / each.sum()) if each.sum() else 0.0
        held[t] = units
    worth = held * prices
    weights = (worth / worth.sum(axis=1, keepdims=True))[:-1]
    returns = np.divide(prices[1:], prices[:-1], out=np.ones_like(prices[1:]), where=prices[:-1] > 0) - 1.0
    gross = np.einsum("tc,tc->t", weights, returns)
    return Holdings(weights, returns, paid[1:], gross, (1.0 + gross) * (1.0 - paid[1:].sum(axis=1)) - 1.0)


def _contribution(
    lines: tuple[Holdings, Holdings],
    labels: tuple[tuple[str, str], ...],
    span: tuple[date, date],
    measured: tuple[Excess, int | None],
) -> Contribution:
    own, other = lines
    kind, column = measured
    factors = linking_coefficients(own.net, other.net, kind)[:, None]
    # active weights sum to zero, so whatever returns are measured against drops out of the sum over holdings
    base = other.gross if column is None else own.returns[:, column]
    gross = (factors * (own.weights - other.weights) * (own.returns - base[:, None])).sum(axis=0)
    cost = 0.0 - (factors * (1.0 + own.gross)[:, None] * own.costs).sum(axis=0)
    shown = np.flatnonzero((own.weights > 0).any(axis=0) | (other.weights > 0).any(axis=0) | (cost != 0))
    policy, strategic = compound(own.net), compound(other.net)
    return Contribution(
        start=span[0],
        end=span[1],
        policy_return=policy,
        strategic_return=strategic,
        gross=float(gross.sum()),
        cost=float(cost.sum()),
        net=excess_return(policy, strategic, kind),
        tax=None,
        net_of_tax=None,
        classes=tuple(
            ClassContribution(
                asset_class=labels[c][0],
                symbol=labels[c][1],
                weight=float(own.weights[:, c].mean()),
                strategic_weight=float(other.weights[:, c].mean()),
                gross=float(gross[c]),
                cost=float(cost[c]),
            )
            for c in shown.tolist()
        ),
    )


def _net_of_tax(found: Contribution, returns: Floats, kind: Excess) -> Contribution:
    after = excess_return(float(returns[0]), float(returns[1]), kind)
    return replace(found, tax=after - found.net, net_of_tax=after)


def _on(after_tax: TaxedGrowth, dates: tuple[date, ...]) -> Floats:
    """Return the values after tax on the dates, the last ones known on each: policy and strategic mix."""
    days = np.array(after_tax.dates, dtype="datetime64[D]")
    wanted = np.array(dates, dtype="datetime64[D]")
    if not len(days) or days[0] > wanted[0] or days[-1] < wanted[-1]:
        covered = f"They run from {days[0]} to {days[-1]}." if len(days) else ""
        raise AppError(f"The values after tax do not reach from {dates[0]} to {dates[-1]}", hint=covered)
    return np.column_stack((after_tax.policy, after_tax.strategic))[np.searchsorted(days, wanted, "right") - 1]


def _cut(line: Holdings, days: slice) -> Holdings:
    return Holdings(line.weights[days], line.returns[days], line.costs[days], line.gross[days], line.net[days])


def _years(dates: tuple[date, ...]) -> list[tuple[int, int]]:
    """Return each calendar year as the row it starts from (the last of the year before) and its last row."""
    years = np.array([day.year for day in dates])
    last = np.flatnonzero(np.append(years[1:] != years[:-1], True))
    base = np.concatenate(([0], last[:-1]))
    return [(first, end) for first, end in zip(base.tolist(), last.tolist(), strict=True) if end > first]


def _labels(policy: OverlayPolicy, data: Market) -> tuple[tuple[str, str], ...]:
    """Return class and symbol of each column; a symbol that stands for no class is its own."""
    classes: dict[str, str] = {policy.cash: CASH_CLASS} if policy.cash else {}
    for name, symbol in policy.universe.items():
        classes[symbol] = f"{classes[symbol]}, {name}" if symbol in classes else name
    return (*((classes.get(symbol, symbol), symbol) for symbol in data.symbols), (CASH_CLASS, ""))
