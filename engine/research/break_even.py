"""The assets from which a firm's fixed cost of running an overlay is paid by what the overlay adds."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from engine.money import cents
from engine.trail import Trail


class GainOf(StrEnum):
    """What an expected gain a year is after."""

    GROSS = "gross"
    """Before every cost."""
    NET_OF_TRADING = "net_of_trading"
    """After the costs that grow with the assets, before the fixed cost."""
    NET_OF_ALL = "net_of_all"
    """After the fixed cost too, which was spread over `assets`."""


@dataclass(frozen=True, slots=True)
class FirmCase:
    """A firm's figures, a year. `gain` and `cost` are fractions of the assets, `fixed_cost` dollars.

    `cost` is what grows with the assets, such as trading. `costs_above` is the share of the assets from which costs
    count as high. `assets` are the firm's own, None where they are not known.
    """

    fixed_cost: Decimal
    gain: Decimal
    gain_of: GainOf = GainOf.GROSS
    cost: Decimal = Decimal(0)
    costs_above: Decimal = Decimal("0.005")
    assets: Decimal | None = None


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Dollars of assets, None where no size is enough. Each figure carries where it comes from.

    `assets` pay for the fixed cost; from `low_cost_assets` on, all costs are at most `costs_above` of the assets.
    `firm_gain` is what is left a year at the firm's own assets, after all costs.
    """

    margin: Decimal
    assets: Decimal | None
    low_cost_assets: Decimal | None
    firm_gain: Decimal | None
    trails: tuple[Trail, ...]


def break_even(case: FirmCase) -> BreakEven:
    """Return the break-even assets: fixed cost / margin, the margin being what a dollar adds before the fixed cost.

    Raises ValueError for a negative cost, assets that are not above zero, or a gain net of all without assets.
    """
    if min(case.fixed_cost, case.cost) < 0 or (case.assets is not None and case.assets <= 0):
        raise ValueError("costs must be zero or more, and assets above zero")
    margin = _margin(case)
    room = case.costs_above - case.cost
    assets = cents(case.fixed_cost / margin.value) if margin.value > 0 else None
    low_cost = cents(case.fixed_cost / room) if room > 0 else None
    firm_gain = None if case.assets is None else cents(margin.value * case.assets - case.fixed_cost)
    fixed = Trail("fixed cost a year", case.fixed_cost)
    trails = [margin]
    if assets is not None:
        trails.append(Trail("break-even assets = fixed cost / margin", assets, (fixed, margin)))
    if low_cost is not None:
        inputs = (fixed, Trail("costs count as high above", case.costs_above, unit="fraction"), _cost(case))
        label = "assets with costs at that level = fixed cost / (level - cost that grows with the assets)"
        trails.append(Trail(label, low_cost, inputs))
    if firm_gain is not None and case.assets is not None:
        own = Trail("assets of the firm", case.assets)
        trails.append(Trail("left a year = margin * assets - fixed cost", firm_gain, (margin, own, fixed)))
    return BreakEven(margin.value, assets, low_cost, firm_gain, tuple(trails))


def _margin(case: FirmCase) -> Trail:
    """Return what a dollar of assets adds a year before the fixed cost."""
    gain = Trail(f"expected gain a year, {case.gain_of.replace('_', ' ')}", case.gain, unit="fraction")
    if case.gain_of is GainOf.GROSS:
        label = "margin = gain - cost that grows with the assets"
        return Trail(label, case.gain - case.cost, (gain, _cost(case)), "fraction")
    if case.gain_of is GainOf.NET_OF_TRADING:
        return Trail("margin = gain", case.gain, (gain,), "fraction")
    if case.assets is None:
        raise ValueError("a gain net of all costs needs the assets that the fixed cost was spread over")
    inputs = (gain, Trail("fixed cost a year", case.fixed_cost), Trail("assets of the firm", case.assets))
    return Trail("margin = gain + fixed cost / assets", case.gain + case.fixed_cost / case.assets, inputs, "fraction")


def _cost(case: FirmCase) -> Trail:
    return Trail("cost that grows with the assets", case.cost, unit="fraction")
