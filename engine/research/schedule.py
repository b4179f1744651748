"""The days on which a backtest decides: month ends of the file, shifted for tranches, and what a policy resets on."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from engine.errors import AppError
from engine.overlay.policy import When
from engine.overlay.trading_month import last_trading_day

Rows = NDArray[np.int64]
Days = NDArray[np.datetime64]
"""Dates as numpy keeps them, to the day."""

QUARTER_ENDS = (3, 6, 9, 12)
DECEMBER = 12


@dataclass(frozen=True, slots=True, eq=False)
class MonthEndRows:
    """The row of each month's decision, and which month (1 to 12) it ends."""

    rows: Rows
    months: Rows

    def up_to(self, last: int) -> "MonthEndRows":
        """Return those on or before row `last`."""
        kept = self.rows <= last
        return MonthEndRows(self.rows[kept], self.months[kept])


def window(days: Days, start: date, end: date) -> tuple[int, int]:
    """Return the first row on or after `start` and the last on or before `end`.

    Raises AppError when the prices do not cover that: fewer than two rows, or prices that begin in a later month.
    """
    if not days.size:
        raise AppError("There are no prices")
    first = int(np.searchsorted(days, np.datetime64(start), "left"))
    last = int(np.searchsorted(days, np.datetime64(end), "right")) - 1
    covered = f"The prices run from {days[0]} to {days[-1]}."
    if end <= start:
        raise AppError(f"The end {end} is not after the start {start}", hint=covered)
    if last <= first:
        raise AppError(f"There are fewer than two rows of prices from {start} to {end}", hint=covered)
    if days[0].astype("datetime64[M]") > np.datetime64(start, "M"):
        raise AppError(f"There are no prices on {start}", hint=f"{covered} Give a later start.")
    return first, last


def month_end_rows(days: Days, shift: int = 0) -> MonthEndRows:
    """Return the last row of each calendar month in the file, `shift` rows earlier; months before row 0 drop out.

    The last date in the file ends its month. Shifted, it does so only when the month is over: days cannot be counted
    back from an end that has not come.
    """
    months = days.astype("datetime64[M]").astype(np.int64)
    rows = np.flatnonzero(np.append(months[1:] != months[:-1], True))
    shifted = rows - shift
    kept = shifted >= 0
    latest: date = days[-1].item()
    if shift and latest < last_trading_day(latest.year, latest.month):
        kept[-1] = False
    return MonthEndRows(shifted[kept], months[rows][kept] % 12 + 1)


def decision_rows(ends: MonthEndRows, when: When, first: int, last: int) -> Rows:
    """Return the rows from `first` to before `last` on which weights may be reset; the first one always is."""
    if when is When.DAILY:
        return np.arange(first, last)
    kept = {
        When.NEVER: np.zeros(len(ends.rows), dtype=bool),
        When.MONTHLY: np.ones(len(ends.rows), dtype=bool),
        When.QUARTERLY: np.isin(ends.months, QUARTER_ENDS),
        When.ANNUAL: ends.months == DECEMBER,
    }[when]
    rows = ends.rows[kept & (ends.rows > first) & (ends.rows < last)]
    return np.concatenate(([first], rows))


def last_known(ends: MonthEndRows, rows: Rows) -> Rows:
    """Return, for each row, the index of the last month end on or before it, -1 where there is none."""
    return np.searchsorted(ends.rows, rows, "right") - 1
