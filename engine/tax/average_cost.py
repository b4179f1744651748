"""Average basis of fund shares, single-category method (IRC 1012(c) and (d); Reg. 1.1012-1(e)).

What may be averaged, which shares make a pool, what a sale takes, and what a change of method leaves behind. There
is one category: short- and long-term shares are averaged together (Reg. 1.1012-1(e)(7)(i)), shares are sold first in,
first out, and each keeps its own holding period. Losses that wash sales have moved into the basis of shares are part
of the pool.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from engine.money import ZERO, allocate
from engine.portfolio import Lot

COVERED_FROM = date(2012, 1, 1)
"""Fund shares acquired from this day on are covered securities (IRC 6045(g)(3)(C)(ii))."""
PLAN_FROM = date(2011, 1, 1)
"""Shares of a dividend reinvestment plan can be averaged when acquired from this day on (Reg. 1.1012-1(e)(1)(i))."""


class Averageable(StrEnum):
    """What kind of shares they are, for the question whether they may be averaged."""

    FUND = "fund"
    """Shares of a regulated investment company."""
    PLAN = "reinvestment_plan"
    """Shares acquired in connection with a dividend reinvestment plan."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class AverageSale:
    """What a sale of averaged shares takes, first in, first out, and what stays at the same average."""

    sold: tuple[Lot, ...]
    kept: tuple[Lot, ...]


def may_be_averaged(lot: Lot, kind: Averageable) -> bool:
    """Return whether the shares of a lot may use average basis (IRC 1012(c) and (d); Reg. 1.1012-1(e)(1)(i))."""
    return kind is Averageable.FUND or (kind is Averageable.PLAN and lot.acquired >= PLAN_FROM)


def averaged(lots: Sequence[Lot]) -> tuple[Lot, ...]:
    """Return the lots of one pool with the average basis of all, conserving cents (Reg. 1.1012-1(e)(7)(i))."""
    whole = sum((lot.cost_basis for lot in lots), ZERO)
    bases = allocate(whole, [lot.quantity for lot in lots]) if lots else ()
    return tuple(replace(lot, cost_basis=basis) for lot, basis in zip(lots, bases, strict=True))


def pooled(lots: Iterable[Lot], *, one_account: bool = False) -> tuple[Lot, ...]:
    """Return lots, in the order given, with the basis of each averaged over its pool.

    A pool is the shares of one symbol in one account, those acquired before 2012 apart from the later ones: they
    count as held in separate accounts (IRC 1012(c)(2)(A)) unless the fund or the broker has elected to treat them as
    one (1012(c)(2)(B)), `one_account`.
    """
    lots = tuple(lots)
    pools: dict[tuple[str, str, bool], list[Lot]] = defaultdict(list)
    for lot in lots:
        pools[_pool(lot, one_account=one_account)].append(lot)
    ready = {pool: iter(averaged(members)) for pool, members in pools.items()}
    return tuple(next(ready[_pool(lot, one_account=one_account)]) for lot in lots)


def _pool(lot: Lot, *, one_account: bool) -> tuple[str, str, bool]:
    return (lot.account, lot.symbol, one_account or lot.acquired >= COVERED_FROM)


def average_sale(lots: Iterable[Lot], quantity: Decimal, *, one_account: bool = False) -> AverageSale:
    """Return what a sale of shares of one symbol in one account takes: first in, first out at the pool's average.

    Reg. 1.1012-1(e)(7)(ii): the shares sold are the first acquired, which fixes the holding period. Raises ValueError
    when more is sold than the lots hold.
    """
    sold, kept, left = [], [], quantity
    for lot in sorted(pooled(lots, one_account=one_account), key=lambda x: x.acquired):
        shares = min(left, lot.quantity)
        left -= shares
        if shares == lot.quantity:
            sold.append(lot)
        elif shares:
            parts = allocate(lot.cost_basis, (shares, lot.quantity - shares))
            sold.append(replace(lot, quantity=shares, cost_basis=parts[0]))
            kept.append(replace(lot, quantity=lot.quantity - shares, cost_basis=parts[1]))
        else:
            kept.append(lot)
    if left > 0:
        raise ValueError(f"{quantity} shares sold, {quantity - left} held")
    return AverageSale(tuple(sold), tuple(kept))


def washed_into(lots: Iterable[Lot], lot: str, disallowed: Decimal) -> tuple[Lot, ...]:
    """Return the lots with a disallowed loss added to the basis of the shares that replace it, before averaging.

    IRC 1091(d): section 1091 applies to averaged shares too, whichever account they are in; averaged again, the pool
    spreads it (Reg. 1.1012-1(e)(7)).
    """
    return tuple(replace(x, cost_basis=x.cost_basis + disallowed) if x.id == lot else x for x in lots)


def after_change(lots: Iterable[Lot], changed: date, *, one_account: bool = False) -> tuple[Lot, ...]:
    """Return the lots of an account that has left average basis on `changed`.

    The change is prospective: shares held then keep their average as their own basis, later ones have their cost
    (Reg. 1.1012-1(e)(9)(iv)).
    """
    lots = tuple(lots)
    then = iter(pooled((x for x in lots if x.acquired <= changed), one_account=one_account))
    return tuple(next(then) if x.acquired <= changed else x for x in lots)


def may_revoke(elected: date, first_sale: date | None, day: date) -> bool:
    """Return whether an election of average basis can still be revoked, which brings the shares' own bases back.

    Within a year of the election and before the first sale, transfer or other disposition after it, whichever is
    earlier (Reg. 1.1012-1(e)(9)(iii)). `first_sale` None = there was none. Later only a change is open.
    """
    try:
        last = elected.replace(year=elected.year + 1)
    except ValueError:  # elected on 29 February
        last = date(elected.year + 1, 3, 1)
    return day <= last and (first_sale is None or day < first_sale)
