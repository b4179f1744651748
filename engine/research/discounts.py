"""What to take off a backtest before believing it: publication, the luck of the trading day, costs. Rows of a table."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.overlay.policy import OverlayPolicy
from engine.overlay.price_history import PriceHistory
from engine.research.backtest import BacktestSetting, benchmark_policy, run_backtest
from engine.research.metrics import MONTHS, periods_per_year
from engine.research.trading_costs import CostModel, SymbolCost
from engine.research.tranches import Tranches, run_tranches

OUT_OF_SAMPLE = 0.26
PUBLISHED = 0.58
"""Shares of an anomaly's return that were gone out of sample, and after its publication."""
MCLEAN_PONTIFF = "McLean and Pontiff (2016), Does Academic Research Destroy Stock Return Predictability?: 97 anomalies"
TIMING_LUCK = "Hoffstein, Faber and Braun (2020), Rebalance Timing Luck; all days of the month run"
COSTS = "the policy run again at these costs"


@dataclass(frozen=True, slots=True)
class Discount:
    """One row. `before` and `after` are growths a year, fractions; `figure` says of what."""

    what: str
    figure: str
    before: float
    after: float
    source: str

    @property
    def change(self) -> float:
        """What the discount takes, a year; negative where it takes something."""
        return self.after - self.before


POLICY, OVER_MIX = "CAGR", "CAGR over the mix"


def publication_discounts(gain: float) -> tuple[Discount, ...]:
    """Return what others' discoveries kept of a gain a year over the mix. A loss is not made smaller."""
    kept = (("Out of sample", OUT_OF_SAMPLE), ("After publication", PUBLISHED))
    return tuple(
        Discount(
            what=f"{what}, {share:.0%} lower",
            figure=OVER_MIX,
            before=gain,
            after=gain * (1.0 - share) if gain > 0 else gain,
            source=MCLEAN_PONTIFF,
        )
        for what, share in kept
    )


def timing_discounts(band: Tranches) -> tuple[Discount, ...]:
    """Return what other days of the month would have given than the month end that a backtest shows."""
    shown = band.cagr[0]
    days = len(band.cagr)
    return (
        Discount(f"Median of {days} days of the month", POLICY, shown, band.median, TIMING_LUCK),
        Discount(f"Unluckiest of {days} days of the month", POLICY, shown, band.lowest, TIMING_LUCK),
    )


def cost_discounts(by_factor: Mapping[float, float]) -> tuple[Discount, ...]:
    """Return what trading costs take. `by_factor` is the growth a year at 0 and other multiples of the costs."""
    return tuple(
        Discount(f"Costs at {factor:g}x", POLICY, by_factor[0.0], found, COSTS)
        for factor, found in by_factor.items()
        if factor
    )


def scaled_costs(costs: CostModel, factor: float) -> CostModel:
    """Return the costs times `factor`."""
    return replace(
        costs,
        other=_scaled(costs.other, factor),
        by_symbol={symbol: _scaled(cost, factor) for symbol, cost in costs.by_symbol.items()},
    )


def discounts(policy: OverlayPolicy, history: PriceHistory, setting: BacktestSetting) -> tuple[Discount, ...]:
    """Return the table of a policy: publication on its gain over its mix net of costs, timing luck, costs at 1x, 2x.

    Monthly prices have no days of the month to choose from and no rows on them. Raises AppError as `run_backtest`.
    """
    found = {
        factor: run_backtest(policy, history, replace(setting, costs=scaled_costs(setting.costs, factor)))
        for factor in (0.0, 1.0, 2.0)
    }
    growth = {factor: each.figures.cagr for factor, each in found.items()}
    if setting.benchmark:
        mix = found[1.0].benchmark_figures.cagr
    else:
        mix = run_backtest(benchmark_policy(policy)[0], history, setting).figures.cagr
    daily = periods_per_year(history.dates) != MONTHS
    return (
        *publication_discounts(growth[1.0] - mix),
        *(timing_discounts(run_tranches(policy, history, setting)) if daily else ()),
        *cost_discounts(growth),
    )


def _scaled(cost: SymbolCost, factor: float) -> SymbolCost:
    return replace(
        cost,
        half_spread_bp=cost.half_spread_bp * factor,
        commission_bp=cost.commission_bp * factor,
        impact_bp=cost.impact_bp * factor,
    )
