"""Closes by day and symbol, and the month-end closes that a day may know of."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.overlay.trading_month import last_trading_day

Closes = NDArray[np.float64]
"""Closes, a row for each day or month and a column for each symbol; NaN where there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class PriceHistory:
    """Total-return closes: `closes[i, j]` is the close of `symbols[j]` on `dates[i]`, NaN where there is none.

    Dates ascend without doubles; daily or monthly. Made by `price_history`, which checks that.
    """

    dates: tuple[date, ...]
    symbols: tuple[str, ...]
    closes: Closes

    def known_on(self, day: date) -> int:
        """Return how many rows are dated on or before `day`: all that a decision of that day may see."""
        return bisect_right(self.dates, day)

    def column(self, symbol: str, day: date) -> Closes:
        """Return a symbol's closes up to `day`, all NaN for a symbol that the history does not have."""
        rows = self.known_on(day)
        if symbol not in self.symbols:
            return np.full(rows, np.nan)
        return self.closes[:rows, self.symbols.index(symbol)]


@dataclass(frozen=True, slots=True, eq=False)
class MonthEnds:
    """Month-end closes known on a day: a row for each calendar month without gaps, a column for each symbol.

    `months[i]` is the last calendar day of the month, `closes[i, j]` the last close of the symbol in it (NaN
    where the month has none) and `days[i][j]` the day of that close. The last row is the last month completed.
    """

    months: tuple[date, ...]
    symbols: tuple[str, ...]
    closes: Closes
    days: tuple[tuple[date | None, ...], ...]


def price_history(dates: Sequence[date], symbols: Sequence[str], closes: Closes) -> PriceHistory:
    """Return the closes as a history of their own, which cannot be written to.

    Raises ValueError for dates that do not ascend, a symbol named twice, a shape that does not fit, or a close
    that is not above zero.
    """
    if any(later <= earlier for earlier, later in pairwise(dates)):
        raise ValueError("dates must ascend without doubles")
    if len(set(symbols)) < len(symbols):
        raise ValueError("a symbol is named twice")
    own = np.array(closes, dtype=np.float64)
    if own.shape != (len(dates), len(symbols)):
        raise ValueError(f"closes are {own.shape}, not {(len(dates), len(symbols))}")
    if not np.all(np.isnan(own) | ((own > 0) & np.isfinite(own))):
        raise ValueError("closes must be above zero, NaN where there is none")
    own.setflags(write=False)
    return PriceHistory(tuple(dates), tuple(symbols), own)


def month_ends(history: PriceHistory, symbols: Sequence[str], as_of: date) -> MonthEnds:
    """Return the month-end closes of `symbols` that are known at the close of `as_of`.

    A month's close is the symbol's last close in it. The rows run from the first month with a close of any of
    the symbols to the last month completed by `as_of`; without any close there is that one row, all NaN.
    """
    last = _last_completed_month(history.dates, as_of)
    rows = history.known_on(as_of)
    row_months = np.fromiter((_month_number(day) for day in history.dates[:rows]), dtype=np.int64, count=rows)
    picked = [_last_rows(history.column(symbol, as_of), row_months, last) for symbol in symbols]
    first = min((int(row_months[kept[0]]) for kept in picked if kept.size), default=last)
    closes = np.full((last - first + 1, len(symbols)), np.nan)
    days: list[list[date | None]] = [[None] * len(symbols) for _ in range(last - first + 1)]
    for j, (symbol, kept) in enumerate(zip(symbols, picked, strict=True)):
        closes[row_months[kept] - first, j] = history.column(symbol, as_of)[kept]
        for row in kept:
            days[int(row_months[row]) - first][j] = history.dates[row]
    months = tuple(_last_calendar_day(number) for number in range(first, last + 1))
    return MonthEnds(months, tuple(symbols), closes, tuple(tuple(line) for line in days))


def _last_completed_month(dates: Sequence[date], as_of: date) -> int:
    """Return the number of the last month that is complete at the close of `as_of`.

    The month of `as_of` is complete when its last trading day has come. It is complete too when the history goes
    on in a later month: the file's own calendar then says that the month's last date has come (no price after
    `as_of` is looked at).
    """
    this = _month_number(as_of)
    if as_of >= last_trading_day(as_of.year, as_of.month):
        return this
    rows = bisect_right(dates, as_of)
    closed = 0 < rows < len(dates) and _month_number(dates[rows - 1]) == this < _month_number(dates[rows])
    return this if closed else this - 1


def _last_rows(column: Closes, row_months: NDArray[np.int64], last: int) -> NDArray[np.int64]:
    """Return the rows of the last close in each month up to month `last`."""
    valid: NDArray[np.int64] = np.flatnonzero(~np.isnan(column) & (row_months <= last))
    months = row_months[valid]
    return valid[np.flatnonzero(np.diff(months, append=last + 1))]


def _month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _last_calendar_day(number: int) -> date:
    return date.fromordinal(date((number + 1) // 12, (number + 1) % 12 + 1, 1).toordinal() - 1)
