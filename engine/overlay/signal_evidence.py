"""What a signal may read at each decision day: closes up to that day and macro values published by it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import pairwise
from statistics import median

import numpy as np

from engine.overlay.macro_history import NO_MACRO, Floats, Known, MacroHistory, MacroRole
from engine.overlay.price_history import Closes, PriceHistory

MONTHLY_GAP = 20
"""Rows further apart than this many days are monthly."""
ROWS_OF_MONTH = {True: 1, False: 21}
"""Rows of a month in a monthly and in a daily history."""
ROWS_OF_YEAR = {True: 12, False: 252}


@dataclass(frozen=True, eq=False)
class Evidence:
    """The evidence on one class at its decision days, which ascend.

    `closes[i]` is the class's close at decision i and `peers[i]` those of all classes of the universe, in the order of
    `symbols` (the ETF by class). `history` has the closes in between. A signal reads, for decision i, rows to i of
    `closes` and `peers`, rows of `history` dated on or before `days[i]`, and what `macro` knew on `days[i]`.
    """

    days: tuple[date, ...]
    closes: Closes
    asset_class: str = ""
    symbols: Mapping[str, str] = field(default_factory=dict)
    peers: Closes = field(default_factory=lambda: np.empty((0, 0)))
    history: PriceHistory | None = None
    macro: MacroHistory = NO_MACRO

    @property
    def symbol(self) -> str:
        """The ETF of the class, empty where it has none."""
        return self.symbols.get(self.asset_class, "")

    @cached_property
    def known_rows(self) -> tuple[int, ...]:
        """How many rows of the history each decision may see."""
        return () if self.history is None else tuple(self.history.known_on(day) for day in self.days)

    @cached_property
    def is_monthly(self) -> bool:
        """Whether the rows of the history are months: judged by the first rows, which every decision sees."""
        dates = () if self.history is None else self.history.dates[:25]
        return len(dates) > 1 and median(gaps(dates)) > MONTHLY_GAP

    def latest_close(self) -> date | None:
        """Return the day of the class's last close that the last decision may see, None where there is none."""
        if self.history is None or not self.days:
            return None
        known = np.flatnonzero(~np.isnan(self.daily(self.symbol)[: self.known_rows[-1]]))
        return self.history.dates[int(known[-1])] if known.size else None

    def daily(self, symbol: str) -> Closes:
        """Return all closes of a symbol in the history, NaN where it has none; read them by `known_rows` only."""
        if self.history is None or symbol not in self.history.symbols:
            return np.full(0 if self.history is None else len(self.history.dates), np.nan)
        return self.history.closes[:, self.history.symbols.index(symbol)]


def gaps(dates: Sequence[date]) -> list[int]:
    """Return the days between one date and the next."""
    return [(later - earlier).days for earlier, later in pairwise(dates)]


def closes_only(closes: Closes) -> Evidence:
    """Return evidence of month-end closes and nothing else; signals that need more have no reading."""
    return Evidence((), closes)


def at_each_decision(evidence: Evidence, role: MacroRole, name: str, read: Callable[[Known], float]) -> Floats:
    """Return `read` of what is known of a series at each decision, NaN without a series or where its last is old."""
    values: Floats = np.full(len(evidence.closes), np.nan)
    series = evidence.macro.of(role, name)
    if series is None:
        return values
    for i, day in enumerate(evidence.days):
        known = series.known_on(day)
        if not series.is_old(known, day):
            values[i] = read(known)
    return values


def as_of_macro(evidence: Evidence, role: MacroRole, name: str) -> date | None:
    """Return the last day that the latest value of a series known at the last decision is of."""
    series = evidence.macro.of(role, name)
    if series is None or not evidence.days:
        return None
    known = series.known_on(evidence.days[-1])
    return known.periods[-1].item() if known.periods.size else None


def without(values: Floats, missing: Closes) -> Floats:
    """Return values with NaN where `missing` is NaN."""
    found: Floats = np.where(np.isnan(missing), np.nan, values)
    return found
