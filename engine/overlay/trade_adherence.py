"""Adherence of trades: the orders that were approved against the trades that were made, how late, and which never."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from engine.overlay.adherence import DAYS_ALLOWED
from engine.portfolio import Side

ZERO = Decimal(0)
WHOLE = Decimal("0.99")
"""The share of an order's quantity that counts as all of it: a few shares are lost to rounding and to split fills."""


class Carried(StrEnum):
    """What became of one order."""

    ON_TIME = "on_time"
    LATE = "late"
    PARTLY = "partly"
    SKIPPED = "skipped"
    OPEN = "open"
    """The days that it may take are not over."""
    UNKNOWN = "unknown"
    """The trades that were imported do not reach so far."""


MARKS: Mapping[Carried, Decimal] = {
    Carried.ON_TIME: Decimal(1),
    Carried.LATE: Decimal("0.75"),
    Carried.PARTLY: Decimal("0.50"),
    Carried.SKIPPED: ZERO,
}
"""What each order adds to the score, by this product's own judgement; what is open or unknown is not judged."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order that was approved. `approved` is the day; `until` the last before the household's next approved run."""

    run: str
    household: str
    account: str
    symbol: str
    side: Side
    quantity: Decimal
    approved: date
    until: date


@dataclass(frozen=True, slots=True)
class Execution:
    """A trade as an import shows it. Quantities are positive."""

    household: str
    account: str
    symbol: str
    side: Side
    quantity: Decimal
    day: date


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """What became of an order: how much of it was done, the day on which it was whole (else the last), days late."""

    order: Order
    carried: Carried
    done: Decimal
    done_on: date | None
    late_days: int


@dataclass(frozen=True, slots=True)
class HouseholdAdherence:
    """A household: its orders judged, and trades that nobody proposed. `score` is from 0 to 100, None = none judged.

    A trade that nobody proposed counts as an order that was not done.
    """

    household: str
    records: tuple[OrderRecord, ...]
    unasked: tuple[Execution, ...]
    counts: Mapping[Carried, int]
    late_days: int
    score: Decimal | None


def trade_adherence(
    orders: Sequence[Order],
    executions: Sequence[Execution],
    known_until: Mapping[str, date],
    end: date,
    *,
    days_allowed: int = DAYS_ALLOWED,
) -> tuple[HouseholdAdherence, ...]:
    """Return what became of the orders up to `end`, by household.

    `known_until` is the day, by account, up to which its trades were imported. A trade belongs to the order of its
    account, symbol and side that was approved last by its day.
    """
    fills: dict[tuple[str, str, Side], list[_Fill]] = defaultdict(list)
    for each in sorted(executions, key=lambda each: each.day):
        fills[each.account, each.symbol, each.side].append(_Fill(each, each.quantity))
    records: dict[str, list[OrderRecord]] = defaultdict(list)
    first: dict[str, date] = {}
    for order in sorted(orders, key=lambda each: each.approved):
        first.setdefault(order.household, order.approved)
        parts = _filled(order, fills[order.account, order.symbol, order.side])
        record = _judged(order, parts, known_until.get(order.account), end, days_allowed)
        records[order.household].append(record)
    unasked: dict[str, list[Execution]] = defaultdict(list)
    for fill in sorted((each for found in fills.values() for each in found), key=lambda each: each.of.day):
        name = fill.of.household
        if name in first and fill.of.day >= first[name] and fill.left > (1 - WHOLE) * fill.of.quantity:
            unasked[name].append(replace(fill.of, quantity=fill.left))
    return tuple(_household(name, tuple(records[name]), tuple(unasked[name])) for name in sorted(records))


@dataclass(slots=True)
class _Fill:
    """A trade, and how much of it is not taken by an order yet."""

    of: Execution
    left: Decimal


def _filled(order: Order, fills: Sequence[_Fill]) -> list[tuple[date, Decimal]]:
    """Take what fills an order from the trades, the earliest first; what is beyond its quantity stays."""
    wanted, parts = order.quantity, []
    for each in fills:
        part = min(each.left, wanted)
        if order.approved <= each.of.day <= order.until and part > 0:
            each.left -= part
            wanted -= part
            parts.append((each.of.day, part))
    return parts


def _judged(
    order: Order, fills: Sequence[tuple[date, Decimal]], known: date | None, end: date, allowed: int
) -> OrderRecord:
    last_day = order.approved + timedelta(days=allowed)
    done, whole_on = ZERO, None
    for day, part in fills:
        done += part
        if whole_on is None and done >= WHOLE * order.quantity:
            whole_on = day
    if whole_on is not None:
        late = max(0, (whole_on - last_day).days)
        return OrderRecord(order, Carried.LATE if late else Carried.ON_TIME, done, whole_on, late)
    if end <= last_day and order.until >= end:
        carried = Carried.OPEN
    elif known is None or known < min(last_day, order.until):
        carried = Carried.UNKNOWN
    else:
        carried = Carried.PARTLY if done else Carried.SKIPPED
    return OrderRecord(order, carried, done, fills[-1][0] if fills else None, 0)


def _household(name: str, records: tuple[OrderRecord, ...], unasked: tuple[Execution, ...]) -> HouseholdAdherence:
    counts = Counter(record.carried for record in records)
    judged = sum(counts[kind] for kind in MARKS) + len(unasked)
    marks = sum((MARKS[record.carried] for record in records if record.carried in MARKS), ZERO)
    return HouseholdAdherence(
        household=name,
        records=records,
        unasked=unasked,
        counts={kind: counts[kind] for kind in Carried},
        late_days=sum(record.late_days for record in records),
        score=100 * marks / judged if judged else None,
    )
