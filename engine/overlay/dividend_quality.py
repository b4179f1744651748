"""What is likely wrong in a dividend file: payments twice, out of rhythm, missing, paused."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import median

from engine.overlay.data_quality import Finding, FindingKind
from engine.problems import Severity

SAME_AMOUNT = 0.01
"""Amounts closer than this fraction are the same payment."""
NEAR_DAYS = 10
"""Days within which the same amount twice is a duplicate."""
NEIGHBORS = 4
"""Gaps before and after that say what is usual."""
REGULAR = 0.35
"""How far a gap may be from the usual one to be regular."""
MISSED = 1.75
"""Usual gaps beyond which a payment is missing; a monthly payer that pays in late December skips 1.6."""
PAUSE = 6
"""Payments missing in a row from which on it is a pause, not a hole."""
EARLY = 0.6
"""Usual gaps below which a payment comes out of rhythm."""
OFTEN = 4
"""Missing payments of one payer beyond which they are its manner, and told as one."""
FEWEST = 6
"""Payments below which nothing is usual."""
EXTRA_WITHIN = 1.5
"""Usual gaps that the gaps before and after the second of two payments hold together, at most, if one is extra."""
SHARE_REGULAR = 0.6
"""The share of regular gaps of a payer with a rhythm."""


@dataclass(frozen=True, slots=True)
class Payment:
    """One dividend: dollars a share (a float: it is looked at, not booked) on its ex-date."""

    day: date
    amount: float


def dividend_findings(
    payments: Mapping[str, Sequence[Payment]], priced: Mapping[str, tuple[date, date]]
) -> tuple[Finding, ...]:
    """Return what is to be looked at among the dividends, by symbol, then by day.

    `priced` are the first and last close of each symbol whose prices are there.
    """
    found: list[Finding] = []
    for symbol, lines in payments.items():
        ordered = sorted(lines, key=lambda one: one.day)
        kept, twice = _without_duplicates(symbol, ordered)
        found += twice
        found += _rhythm(symbol, kept)
        found += _ended(symbol, kept, priced.get(symbol))
    for symbol, (first, last) in priced.items():
        if symbol not in payments:
            text = "has no dividend in the file: right for a fund that pays none"
            found.append(Finding(FindingKind.NO_DIVIDENDS, Severity.INFO, symbol, first, last, text))
    return tuple(sorted(found, key=lambda one: (one.symbol, one.first)))


def _without_duplicates(symbol: str, lines: Sequence[Payment]) -> tuple[list[Payment], list[Finding]]:
    kept: list[Payment] = []
    found = []
    for one in lines:
        before = kept[-1] if kept else None
        days = 0 if before is None else (one.day - before.day).days
        if before is not None and days <= NEAR_DAYS and abs(one.amount - before.amount) <= SAME_AMOUNT * one.amount:
            text = f"pays {one.amount:.4g} on {one.day} and {before.amount:.4g} {days} days before: likely one payment"
            found.append(Finding(FindingKind.DUPLICATE_DIVIDEND, Severity.WARNING, symbol, before.day, one.day, text))
        else:
            kept.append(one)
    return kept, found


def _rhythm(symbol: str, lines: Sequence[Payment]) -> Iterator[Finding]:
    """Yield payments missing and out of rhythm; one finding for a payer that has none."""
    between = [(later.day - one.day).days for one, later in pairwise(lines)]
    if len(lines) < FEWEST:
        return
    usual = median(between)
    if sum(_is_regular(gap, usual) for gap in between) < SHARE_REGULAR * len(between) or usual > 300:
        months = sorted({one.day.month for one in lines})
        years = {one.day.year for one in lines}
        text = (
            f"pays irregularly: {len(lines)} times in {len(years)} of the {max(years) - min(years) + 1} years from "
            f"{min(years)} to {max(years)}, in month{'s' * (len(months) > 1)} {', '.join(map(str, months))}"
        )
        yield Finding(FindingKind.IRREGULAR_PAYER, Severity.INFO, symbol, lines[0].day, lines[-1].day, text)
        return
    found: list[Finding] = []
    for number, gap in enumerate(between):
        before = between[max(number - NEIGHBORS, 0) : number]
        after = between[number + 1 : number + 1 + NEIGHBORS]
        found += _gap(symbol, lines[number : number + 2], gap, (before, after))
    yield from _often_skipping(symbol, found)


def _often_skipping(symbol: str, found: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the findings; those of a payer that skips often as one, as a bond fund does that pays out inflation."""
    skips = [one for one in found if one.kind is FindingKind.MISSING_DIVIDEND]
    if len(skips) <= OFTEN:
        yield from found
        return
    text = f"skips usual dates {len(skips)} times from {skips[0].first} to {skips[-1].last}: its payments come and go"
    yield Finding(FindingKind.IRREGULAR_PAYER, Severity.INFO, symbol, skips[0].first, skips[-1].last, text)
    yield from (one for one in found if one.kind is not FindingKind.MISSING_DIVIDEND)


def _gap(symbol: str, pair: Sequence[Payment], gap: int, around: tuple[list[int], list[int]]) -> Iterator[Finding]:
    sides = [median(side) for side in around if len(side) >= NEIGHBORS // 2]
    if not sides:
        return
    usual = max(sides)
    near = [one for side in around for one in side]
    steady = sum(_is_regular(one, usual) for one in near) >= SHARE_REGULAR * len(near)
    first, last = pair
    missing = round(gap / usual) - 1
    # a payment brought forward, as from January to December, is followed by a long gap; an extra one is not
    brought_forward = bool(around[1]) and gap + around[1][0] > EXTRA_WITHIN * usual
    if gap > MISSED * usual and missing > PAUSE:
        text = f"pays nothing from {first.day} to {last.day}, where about {missing} payments are usual"
        yield Finding(FindingKind.PAUSED_DIVIDENDS, Severity.INFO, symbol, first.day, last.day, text)
    elif gap > MISSED * usual and steady:
        text = f"pays nothing for {gap} days from {first.day} to {last.day}, usual are {usual:.0f}: {missing} missing"
        yield Finding(FindingKind.MISSING_DIVIDEND, Severity.WARNING, symbol, first.day, last.day, text)
    elif gap < min(EARLY * usual, NEAR_DAYS * 2) and steady and not brought_forward:
        text = (
            f"pays {first.amount:.4g} on {first.day} and {last.amount:.4g} only {gap} days later, usual are "
            f"{usual:.0f}: a special payment, or one that was not"
        )
        yield Finding(FindingKind.EXTRA_DIVIDEND, Severity.INFO, symbol, first.day, last.day, text)


def _ended(symbol: str, lines: Sequence[Payment], priced: tuple[date, date] | None) -> Iterator[Finding]:
    """Yield a payer whose payments end long before its prices do."""
    if priced is None or len(lines) < FEWEST:
        return
    usual = median((later.day - one.day).days for one, later in pairwise(lines[-FEWEST:]))
    silent = (priced[1] - lines[-1].day).days
    if silent > MISSED * usual:
        text = f"has paid nothing since {lines[-1].day}, {silent} days, where {usual:.0f} are usual"
        yield Finding(FindingKind.PAUSED_DIVIDENDS, Severity.INFO, symbol, lines[-1].day, priced[1], text)


def _is_regular(gap: float, usual: float) -> bool:
    return abs(gap - usual) <= REGULAR * usual
