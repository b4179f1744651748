"""Which shares a sale takes: the lot methods that custodians offer, as one table of sort keys.

Reg. 1.1012-1(c) (first in, first out; adequate identification) and 1.1012-1(e) (average basis). The order of
`MINIMUM_TAX` is that of Schwab's Tax Lot Optimizer. Gains are judged per share: the size of a lot plays no part.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from engine.money import ZERO, allocate
from engine.portfolio import Lot, LotMethod, Term
from engine.tax.average_cost import averaged, pooled
from engine.tax.holding_period import lot_term

__all__ = ["LotMethod", "LotPick", "averaged", "in_order", "pick", "pick_named"]


@dataclass(frozen=True, slots=True)
class LotPick:
    """Shares taken from a lot and their basis in dollars, whole cents."""

    lot: str
    quantity: Decimal
    basis: Decimal


@dataclass(frozen=True, slots=True)
class _View:
    """A lot as a method looks at it: basis and gain are dollars a share."""

    lot: Lot
    basis: Decimal
    gain: Decimal
    is_long: bool


Key = tuple[int | Decimal | date, ...]


def _minimum_tax(view: _View) -> Key:
    if view.gain < 0:
        return (1 if view.is_long else 0, view.gain)
    if view.gain == 0:
        return (3 if view.is_long else 2, ZERO)
    return (4 if view.is_long else 5, view.gain)


_KEYS: Mapping[LotMethod, Callable[[_View], Key]] = {
    LotMethod.FIFO: lambda view: (view.lot.acquired,),
    LotMethod.LIFO: lambda view: (-view.lot.acquired.toordinal(),),
    LotMethod.HIFO: lambda view: (-view.basis, view.lot.acquired),
    LotMethod.LOWEST_COST: lambda view: (view.basis, view.lot.acquired),
    LotMethod.MINIMUM_TAX: lambda view: (*_minimum_tax(view), view.lot.acquired),
    LotMethod.MAXIMUM_LOSS: lambda view: (view.gain, view.is_long, view.lot.acquired),
    LotMethod.AVERAGE_COST: lambda view: (view.lot.acquired,),
}
"""What each method sorts by, smallest first; what is equal stays in the order given."""


def in_order(lots: Sequence[Lot], method: LotMethod, *, price: Decimal, sold: date) -> tuple[Lot, ...]:
    """Return the lots of one symbol in one account in the order in which `method` sells them at `price`.

    Average cost comes with the basis averaged, pool by pool (`engine.tax.average_cost`). Raises ValueError for
    SPECIFIC, which has no order of its own.
    """
    if method is LotMethod.SPECIFIC:
        raise ValueError("specific lots are named, not ordered")
    held = pooled(lots) if method is LotMethod.AVERAGE_COST else tuple(lots)
    views = (_view(lot, price, sold) for lot in held)
    return tuple(view.lot for view in sorted(views, key=_KEYS[method]))


def pick(
    lots: Sequence[Lot], quantity: Decimal, method: LotMethod, *, price: Decimal, sold: date
) -> tuple[LotPick, ...]:
    """Return the shares that a sale of `quantity` takes from the lots of one symbol in one account.

    Raises ValueError when more is sold than the lots hold, or for SPECIFIC (see `pick_named`).
    """
    picks: list[LotPick] = []
    left = quantity
    for lot in in_order(lots, method, price=price, sold=sold):
        shares = min(left, lot.quantity)
        if shares > 0:
            picks.append(_pick(lot, shares))
            left -= shares
    if left > 0:
        raise ValueError(f"{quantity} shares sold, {quantity - left} held")
    return tuple(picks)


def pick_named(lots: Iterable[Lot], named: Mapping[str, Decimal]) -> tuple[LotPick, ...]:
    """Return the shares that a sale of specific lots takes, in the order of the lots given.

    Raises ValueError for a name that is no lot, or for more than a lot holds.
    """
    held = {lot.id: lot for lot in lots}
    for name, shares in named.items():
        if name not in held or not ZERO < shares <= held[name].quantity:
            raise ValueError(f"{shares} shares of lot {name} cannot be sold")
    return tuple(_pick(lot, named[lot.id]) for lot in held.values() if lot.id in named)


def _pick(lot: Lot, shares: Decimal) -> LotPick:
    basis = lot.cost_basis if shares == lot.quantity else allocate(lot.cost_basis, (shares, lot.quantity - shares))[0]
    return LotPick(lot.id, shares, basis)


def _view(lot: Lot, price: Decimal, sold: date) -> _View:
    basis = lot.cost_basis / lot.quantity
    return _View(lot, basis, price - basis, is_long=lot_term(lot, sold) is Term.LONG)
