"""The few ways in which a class can be treated: each identity group bought or sold at a loss, wash sales by pattern.

A group that is bought is not sold at a loss, and the other way about (IRC 1091). With the way fixed, what a class
costs is convex in its dollars, so that its best answer to any prices can be read off a sorted list.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod

from engine.rebalance.decomposition.segments import GroupSegments, Segment, Segments
from engine.rebalance.eligibility import LotView, Survey
from engine.rebalance.orders import UNIT
from engine.tax.wash_sales import GroupWindow

Gain = tuple[float, float]
"""Short- and long-term gain that counts for a dollar sold, or in all."""
MOST_MODES = 64
"""Modes of one class; beyond, the groups with the most options are told apart less, which only lowers the bound."""
FINE = 4
"""How many times as many modes a class has where that bound is found to be too low."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Segments whose dollars together are held to `dollars`."""

    segments: tuple[int, ...]
    dollars: float


@dataclass(frozen=True, slots=True)
class Option:
    """One way to treat a group: the segments that are open, and what a dollar of them counts as gain.

    `counted` replaces a segment's own short and long gain; on the part of it in `in_window`, `given_back` counts as
    well. `constant` is a gain that counts whatever is sold.
    """

    segments: tuple[int, ...]
    counted: Mapping[int, Gain] = field(default_factory=dict)
    in_window: Mapping[int, float] = field(default_factory=dict)
    given_back: Gain = (0.0, 0.0)
    constant: Gain = (0.0, 0.0)
    at_least: Limit | None = None
    at_most: Limit | None = None


@dataclass(frozen=True, slots=True)
class Mode:
    """One option for each group of a class."""

    asset_class: str
    options: tuple[Option, ...]


def modes_of(survey: Survey, segments: Segments, *, fine: bool = False) -> tuple[Mode, ...]:
    """Return the modes of every class that has segments, class by class; `fine` tells more of them apart."""
    most = MOST_MODES * FINE if fine else MOST_MODES
    modes: list[Mode] = []
    for name, groups in segments.by_class.items():
        with_segments = [g for g in groups.values() if g.sales or g.purchases]
        if with_segments:
            modes += [Mode(name, chosen) for chosen in product(*_few_enough(survey, segments.all, with_segments, most))]
    return tuple(modes)


def _few_enough(
    survey: Survey, segments: Sequence[Segment], groups: Sequence[GroupSegments], limit: int
) -> list[list[Option]]:
    """Return the options of each group, those with the most of them told apart less until they are few enough."""
    levels = [_levels(survey, segments, group) for group in groups]
    options = [next(level) for level in levels]
    while prod(len(each) for each in options) > limit:
        most = max(range(len(options)), key=lambda i: (len(options[i]), -i))
        options[most] = next(levels[most])
    return options


def _levels(survey: Survey, segments: Sequence[Segment], group: GroupSegments) -> Iterator[list[Option]]:
    """Yield the options of a group: all, with ever fewer wash patterns, bought or sold, and one for everything."""
    every = _options(survey, segments, group)
    yield every
    sides = [*_bought(segments, group), Option(tuple(group.sales))]
    patterns = sum(segments[i].is_loss for i in group.sales) // 2
    while patterns and len(every) > len(sides):
        yield _options(survey, segments, group, patterns)
        patterns //= 2
    if len(sides) < len(every):
        yield sides
    yield [Option((*group.sales, *group.purchases))]


def _bought(segments: Sequence[Segment], group: GroupSegments) -> list[Option]:
    """Return the option of buying a group, in which no lot of it is sold at a loss."""
    gains = tuple(i for i in group.sales if not segments[i].is_loss)
    # one account neither buys nor sells what the other side does
    return [Option((*group.purchases, *(gains if len(group.accounts) > 1 else ())))] if group.purchases else []


def _options(
    survey: Survey, segments: Sequence[Segment], group: GroupSegments, most: int | None = None
) -> list[Option]:
    """Return the ways to treat a group, at most so many of its wash patterns told apart."""
    losses = [i for i in group.sales if segments[i].is_loss]
    if not losses:
        return [Option((*group.sales, *group.purchases))]
    sales, gains = tuple(group.sales), tuple(i for i in group.sales if not segments[i].is_loss)
    window = survey.windows.get(group.group)
    options = _bought(segments, group)
    # of several symbols, with a price each, the loss is left in: a bound
    if window is None or not window.purchases or len({segments[i].position.security.symbol for i in sales}) > 1:
        return [*options, Option(sales)]
    if not group.purchases:
        options.append(Option(gains))
    return [*options, *_wash_patterns(segments, sales, losses, window, most)]


def _lot(segment: Segment) -> LotView:
    if segment.lot is None:
        raise TypeError("a purchase has no lot")
    return segment.lot


def _wash_patterns(
    segments: Sequence[Segment], sales: tuple[int, ...], losses: list[int], window: GroupWindow, most: int | None
) -> Iterator[Option]:
    """Yield the ways in which the shares bought in the window can disallow losses, the oldest lots first.

    In the pattern of a lot, the window shares that are kept run out in that lot: older lots are disallowed in full,
    so that a dollar of them counts what a dollar of that lot does, less the loss on all window shares; a window
    share that is sold itself gives that loss back. In the first pattern they do not run out at all. Beyond `most`
    lots one pattern stands for all others: it disallows the least loss of theirs a dollar, so no more than they do.
    """
    ordered = sorted(losses, key=lambda i: (_lot(segments[i]).lot.acquired, _lot(segments[i]).lot.id))
    price = float(segments[sales[0]].position.security.price) / UNIT
    bought = float(sum(purchase.shares for purchase in window.purchases)) * price
    shares = {purchase.lot: float(purchase.shares) for purchase in window.purchases}
    in_window = {
        i: min(1.0, shares[_lot(segments[i]).lot.id] * price / segments[i].dollars)
        for i in sales
        if _lot(segments[i]).lot.id in shares
    }
    yield Option(
        sales, dict.fromkeys(ordered, (0.0, 0.0)), at_most=Limit(tuple(sorted({*ordered, *in_window})), bought)
    )
    for place, last in enumerate(ordered[:most]):
        short, long = loss = segments[last].counted
        before = (*ordered[:place], *(i for i in in_window if i not in ordered[:place]))
        yield Option(
            sales,
            dict.fromkeys(ordered[:place], loss),
            in_window,
            given_back=loss,
            constant=(-short * bought, -long * bought),
            at_least=None if last in in_window else Limit((*before, last), bought),
            at_most=Limit(before, bought) if before else None,
        )
    rest = ordered[most:] if most is not None else ()
    if rest:
        least = _least_loss([segments[i].counted for i in rest])
        before = (*ordered[:most], *(i for i in in_window if i not in ordered[:most]))
        yield Option(
            sales,
            dict.fromkeys(ordered[:most], least),
            in_window,
            given_back=least,
            constant=(-least[0] * bought, -least[1] * bought),
            at_most=Limit(before, bought) if before else None,
        )


def _least_loss(losses: Sequence[Gain]) -> Gain:
    """Return the smallest loss a dollar where all are of one term, none where they are not."""
    if all(short for short, _ in losses):
        return max(short for short, _ in losses), 0.0
    if all(long for _, long in losses):
        return 0.0, max(long for _, long in losses)
    return 0.0, 0.0
