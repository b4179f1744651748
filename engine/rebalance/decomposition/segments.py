"""Every lot that may be sold and every purchase that may be made, as dollars with a cost, class by class.

Dollars are carried in thousands (`UNIT`). float64 lives here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.portfolio import Account, Term
from engine.rebalance.eligibility import LotView, Position, Survey
from engine.rebalance.orders import UNIT, holding_rate, most_bought


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
    is_loss: bool = False

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
    """All segments of a survey, and the groups of each class that has any; `holding` is the cost of what is held."""

    all: list[Segment] = field(default_factory=list)
    by_class: dict[str, dict[str, GroupSegments]] = field(default_factory=dict)
    holding: float = 0.0


@dataclass(slots=True)
class _Opening:
    """A position as it opens: its sellable lots with their dollars, and what holding a dollar costs."""

    position: Position
    lots: list[tuple[LotView, float]]
    rate: float


def segments_of(survey: Survey) -> Segments:
    """Return what a surveyed case can trade, in its canonical order."""
    segments = Segments()
    openings = [_opening(survey, position, segments) for position in survey.positions]
    numbers = {account.id: number for number, account in enumerate(survey.case.accounts)}
    means, sensible = _means(survey, openings), _sensible(survey, openings)
    for opening in openings:
        position = opening.position
        account, security = position.account, position.security
        if not opening.lots and not position.may_buy:
            continue
        groups = segments.by_class.setdefault(security.asset_class, {})
        group = groups.setdefault(security.group, GroupSegments(security.group))
        spread = float(security.half_spread_bp) / 1e4
        if opening.lots:
            _add_sales(segments, group, opening, numbers[account.id], spread)
        if position.may_buy:
            pays = max(sensible[security.asset_class], float(account.min_trade) / UNIT)
            most = min(most_bought(survey, position, means[account.id] * UNIT) / UNIT, pays)
            if most > 0:
                spread += _ticket(account) / most
                segments.all.append(Segment(position, None, numbers[account.id], most, spread, opening.rate))
                group.purchases.append(len(segments.all) - 1)
                group.accounts.add(numbers[account.id])
    return segments


def _opening(survey: Survey, position: Position, segments: Segments) -> _Opening:
    rate = holding_rate(survey, position)
    values = [(view, float(view.value) / UNIT) for view in position.lots]
    segments.holding += rate * sum(value for _, value in values)
    return _Opening(position, [(view, value) for view, value in values if view.block is None and value > 0], rate)


def _add_sales(segments: Segments, group: GroupSegments, opening: _Opening, account: int, spread: float) -> None:
    position = opening.position
    spread += _ticket(position.account) / sum(value for _, value in opening.lots)
    group.accounts.add(account)
    for view, value in opening.lots:
        segment = Segment(position, view, account, value, spread, opening.rate)
        if view.term is not None:
            gain = float(view.gain) / UNIT / value
            segment.is_loss = view.is_loss
            if view.term is Term.SHORT:
                segment.short = gain
            else:
                segment.long = gain
        segments.all.append(segment)
        group.sales.append(len(segments.all) - 1)


def _means(survey: Survey, openings: Sequence[_Opening]) -> dict[str, float]:
    """Return what each account could spend if it sold all it may."""
    means = {a.id: float(a.cash - a.cash_reserve - a.withdraw) / UNIT for a in survey.case.accounts}
    for opening in openings:
        means[opening.position.account.id] += sum(value for _, value in opening.lots)
    return means


def _sensible(survey: Survey, openings: Sequence[_Opening]) -> dict[str, float]:
    """Return by class the dollars beyond which no purchase pays: the far edge of the band once all else is sold.

    Past the edge a dollar costs what cash can save at most, and its spread.
    """
    room = {
        name: max(0.0, float(view.target_value + view.band - view.value)) / UNIT
        for name, view in survey.classes.items()
    }
    for opening in openings:
        room[opening.position.security.asset_class] += sum(value for _, value in opening.lots)
    return room


def _ticket(account: Account) -> float:
    return float(account.ticket_charge) / UNIT
