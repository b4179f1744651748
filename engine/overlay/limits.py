"""The limits around the overlay: band, zero, class cap, funding, and turnover; what bound says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from engine.portfolio import CASH_CLASS

ZERO = Decimal(0)
STEP = Decimal("0.000001")
"""Tilts are whole millionths, a dollar of a million."""

WORTH_SAYING = Decimal("0.0001")
"""A basis point: limits that hold back less are not mentioned."""

Weights = dict[str, Decimal]


@dataclass(frozen=True, slots=True)
class Tilt:
    """Tilts by class (fractions, summing to zero) and, in words, each limit that held one back."""

    tilts: Weights
    bound: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """Targets after a month's move, how much of the portfolio moved (one-way), and what held it back."""

    targets: Weights
    one_way: Decimal
    bound: tuple[str, ...]


def tilt_within_limits(
    strategic: Mapping[str, Decimal], votes: Mapping[str, Decimal], band: Decimal, class_cap: Decimal | None
) -> Tilt:
    """Return the tilts around the strategic weights that the votes ask for and the limits allow.

    A class asks for its vote times the band, up or down; no further down than to zero, no further up than to
    the cap (a class already above it is not raised). What bullish classes gain is what bearish ones lose: the
    larger side is scaled down in proportion. Cash, where the strategic weights name it, has no vote and takes or
    gives the difference first, within the band and down to zero; the cap does not bind it. A class that the
    strategic weights do not name takes no tilt.
    """
    wishes = {name: votes.get(name, ZERO) * band for name in strategic if name != CASH_CLASS}
    asked = {name: _room(wish, strategic[name], class_cap) for name, wish in wishes.items()}
    ups, downs = _sides(asked)
    if CASH_CLASS in strategic:
        asked[CASH_CLASS] = max(min(downs - ups, band), -band, -strategic[CASH_CLASS])
    tilts = _both_sides(asked, min(_sides(asked)))
    bound = [
        _what_bound(name, wish, strategic[name], class_cap)
        for name, wish in wishes.items()
        if asked[name] != wish and abs(asked[name] - tilts[name]) < WORTH_SAYING
    ]
    bound += _what_funding_bound(asked, tilts)
    return Tilt({name: tilts[name] for name in strategic}, tuple(bound))


def started_small(tilt: Tilt, fraction: Decimal) -> Tilt:
    """Return the tilts scaled by the fraction of the overlay that is switched on, from 0 to 1, in whole steps."""
    if fraction == 1:
        return tilt
    ups, _ = _sides(tilt.tilts)
    said = f"overlay_fraction {percent(fraction)}: tilts are {percent(ups * fraction)} one-way, not {percent(ups)}"
    bound = (*tilt.bound, said) if ups * (1 - fraction) >= WORTH_SAYING else tilt.bound
    return Tilt(_both_sides(tilt.tilts, ups * fraction), bound)


def paced_move(
    before: Mapping[str, Decimal], wanted: Mapping[str, Decimal], used: Decimal, most: Decimal | None
) -> Move:
    """Return the move from `before` towards `wanted` that the rolling turnover cap leaves room for.

    `used` is the one-way turnover of the two months before (half the sum of the weights' changes), `most` the
    cap over the three together. A move with too little room is made in part, every class in proportion.
    """
    asked = {name: target - before[name] for name, target in wanted.items()}
    one_way = sum((abs(change) for change in asked.values()), ZERO) / 2
    if most is None or one_way <= most - used:
        return Move(dict(wanted), one_way, ())
    moved = _both_sides(asked, max(ZERO, most - used))
    made = max(_sides(moved))
    bound = (
        f"max_turnover_quarter {percent(most)}: the votes ask for a move of {percent(one_way)} one-way and the "
        f"two months before used {percent(used)}; this month's move stops at {percent(made)}"
    )
    return Move({name: before[name] + change for name, change in moved.items()}, made, (bound,))


def percent(fraction: Decimal) -> str:
    """Return a fraction as a person reads it, two decimals."""
    return f"{fraction * 100:.2f}%"


def _room(wish: Decimal, weight: Decimal, class_cap: Decimal | None) -> Decimal:
    """Return what zero and the cap leave of the tilt that a class asks for."""
    if wish > 0 and class_cap is not None:
        return min(wish, max(ZERO, class_cap - weight))
    return max(wish, -weight)


def _sides(changes: Mapping[str, Decimal]) -> tuple[Decimal, Decimal]:
    """Return the sum of the ups and the sum of the downs, both positive."""
    ups = sum((change for change in changes.values() if change > 0), ZERO)
    return ups, ups - sum(changes.values(), ZERO)


def _both_sides(asked: Mapping[str, Decimal], amount: Decimal) -> Weights:
    """Return changes of which the ups and the downs are `amount` each, split as asked, none more than asked for.

    In whole steps. `amount` is no more than either side asks for.
    """
    steps = {name: int(change / STEP) for name, change in asked.items()}
    ups = {name: count for name, count in steps.items() if count > 0}
    downs = {name: -count for name, count in steps.items() if count < 0}
    total = min(int(amount / STEP), sum(ups.values()), sum(downs.values()))
    changes = dict.fromkeys(asked, ZERO)
    changes |= {name: count * STEP for name, count in _split(total, ups).items()}
    changes |= {name: -count * STEP for name, count in _split(total, downs).items()}
    return changes


def _split(total: int, asked: Mapping[str, int]) -> dict[str, int]:
    """Split `total` in proportion to `asked` by largest remainder; no part is larger than was asked for."""
    whole = sum(asked.values())
    parts = {name: divmod(count * total, whole) for name, count in asked.items()}
    left = total - sum(part for part, _ in parts.values())
    first = sorted(parts, key=lambda name: -parts[name][1])[:left]
    return {name: part + (name in first) for name, (part, _) in parts.items()}


def _what_bound(name: str, wish: Decimal, weight: Decimal, class_cap: Decimal | None) -> str:
    if wish < 0 or class_cap is None:
        return f"zero: {name} gives up its {percent(weight)}, not the {percent(-wish)} that its vote asks for"
    return (
        f"class_cap {percent(class_cap)}: {name} at {percent(weight)} takes {percent(_room(wish, weight, class_cap))}, "
        f"not the {percent(wish)} that its vote asks for"
    )


def _what_funding_bound(asked: Mapping[str, Decimal], tilts: Mapping[str, Decimal]) -> list[str]:
    """Say by how much one side of the tilts was scaled down because the other could not match it."""
    made = max(_sides(tilts))
    return [
        f"funding: tilts {side} are {percent(made)}, not the {percent(wish)} that votes and limits allow, as tilts "
        f"{other} are no larger"
        for wish, side, other in zip(_sides(asked), ("up", "down"), ("down", "up"), strict=True)
        if wish - made >= WORTH_SAYING
    ]
