"""Every lot that may be sold and every purchase that may be made, as dollars with a cost, class by class.

Dollars are carried in thousands (`UNIT`). float64 lives here.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from engine.portfolio import Account, Side, Term
from engine.rebalance.eligibility import LotView, Position, Survey
from engine.rebalance.orders import UNIT, OrderKey, holding_rate, means_of, most_bought


@dataclass(slots=True, eq=False)
class Segment:
    """Dollars that move together: one lot that may be sold, or (`lot` None) one purchase that may be made.

    `spread` is the cost of trading a dollar with its part of the ticket charge, which never overstates the charge.
    `short` and `long` are the gain that counts for a dollar sold.
    """

    position: Position
    lot: LotView | None
    account: int
    dollars: float
    spread: float
    holding: float
    short: float = 0.0
    long: float = 0.0

    @property
    def counted(self) -> tuple[float, float]:
        """Short- and long-term gain a dollar."""
        return self.short, self.long


@dataclass(slots=True)
class GroupSegments:
    """The segments of one identity group in one asset class, by their numbers."""

    group: str
    sales: list[int] = field(default_factory=list)
    purchases: list[int] = field(default_factory=list)
    accounts: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Segments:
    """All segments of a survey, and the groups of each class that has any."""

    all: list[Segment] = field(default_factory=list)
    by_class: dict[str, dict[str, GroupSegments]] = field(default_factory=dict)


def segments_of(survey: Survey, only: Collection[OrderKey] | None = None) -> Segments:
    """Return what a surveyed case can trade, in its canonical order; `only` are the orders that are open."""
    segments = Segments()
    numbers = {account.id: number for number, account in enumerate(survey.case.accounts)}
    means, sensible = means_of(survey), _sensible(survey)
    for position in survey.positions:
        account, security = position.account, position.security
        groups = segments.by_class.setdefault(security.asset_class, {})
        group = groups.setdefault(security.group, GroupSegments(security.group))
        rates = (numbers[account.id], float(security.half_spread_bp) / 1e4, holding_rate(survey, position))
        may_sell, may_buy = (only is None or (*position.key, side) in only for side in (Side.SELL, Side.BUY))
        if may_sell:
            _add_sales(segments, group, position, rates)
        if may_buy and position.may_buy:
            most = min(most_bought(survey, position, means[account.id]), sensible[security.asset_class]) / UNIT
            if most > 0:
                spread = rates[1] + _ticket(account) / most
                segments.all.append(Segment(position, None, rates[0], most, spread, rates[2]))
                group.purchases.append(len(segments.all) - 1)
                group.accounts.add(rates[0])
    return segments


def _add_sales(segments: Segments, group: GroupSegments, position: Position, rates: tuple[int, float, float]) -> None:
    number, spread, holding = rates
    values = [(view, float(view.value) / UNIT) for view in position.sellable]
    whole = sum(value for _, value in values)
    if whole <= 0:
        return
    spread += _ticket(position.account) / whole
    group.accounts.add(number)
    for view, value in values:
        if value > 0:
            gain = float(view.gain) / UNIT / value
            short, long = (gain if view.term is term else 0.0 for term in (Term.SHORT, Term.LONG))
            segments.all.append(Segment(position, view, number, value, spread, holding, short, long))
            group.sales.append(len(segments.all) - 1)


def _sensible(survey: Survey) -> dict[str, float]:
    """Return by class the dollars beyond which no purchase pays: the far edge of the band once all else is sold.

    Past the edge a dollar costs what cash can save at most, and its spread.
    """
    room = {name: max(0.0, float(view.target_value + view.band - view.value)) for name, view in survey.classes.items()}
    for position in survey.positions:
        room[position.security.asset_class] += sum(float(view.value) for view in position.sellable)
    return room


def _ticket(account: Account) -> float:
    return float(account.ticket_charge) / UNIT
