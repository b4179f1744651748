"""Dividends of each symbol by ex-date, given or read off the difference of adjusted and plain closes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import numpy as np

from engine.overlay.price_history import PriceHistory

LEAST = 2e-4
"""Part of a close below which a difference of the two closes is rounding and no dividend."""
SHARE = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Dividends:
    """Dollars a share by ex-date: `by_day[day]` is (symbol, dollars) pairs in the order of symbols."""

    by_day: Mapping[date, tuple[tuple[str, Decimal], ...]] = field(default_factory=dict)

    def on(self, day: date) -> Iterator[tuple[str, Decimal]]:
        """Yield the symbols that go ex on a day with their dollars a share."""
        yield from self.by_day.get(day, ())

    @property
    def symbols(self) -> frozenset[str]:
        """Symbols that paid anything."""
        return frozenset(symbol for paid in self.by_day.values() for symbol, _ in paid)


def derived_dividends(plain: PriceHistory, adjusted: PriceHistory) -> Dividends:
    """Return the dividends that explain the difference of plain and total-return closes.

    With f = adjusted / plain, a dividend of C(t-1) (1 - f(t-1) / f(t)) goes ex on t: the factor by which data vendors
    adjust (CRSP method). Days on which either close is missing are read over. Symbols are those of both.
    """
    by_day: dict[date, list[tuple[str, Decimal]]] = {}
    rows = {day: i for i, day in enumerate(adjusted.dates)}
    common = [(i, rows[day]) for i, day in enumerate(plain.dates) if day in rows]
    for symbol in (s for s in plain.symbols if s in adjusted.symbols):
        closes = plain.closes[[i for i, _ in common], plain.symbols.index(symbol)]
        total = adjusted.closes[[j for _, j in common], adjusted.symbols.index(symbol)]
        known = np.flatnonzero(np.isfinite(closes) & np.isfinite(total))
        factor = total[known] / closes[known]
        part = 1.0 - factor[:-1] / factor[1:]
        for at in np.flatnonzero(part > LEAST):
            day = plain.dates[common[int(known[at + 1])][0]]
            dollars = Decimal(repr(float(closes[known[at]] * part[at]))).quantize(SHARE)
            by_day.setdefault(day, []).append((symbol, dollars))
    return Dividends({day: tuple(paid) for day, paid in sorted(by_day.items())})
