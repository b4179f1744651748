"""Macro series point in time: each value with the period it is of and the day on which it was published."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Days = NDArray[np.datetime64]
"""Dates as numpy keeps them, to the day."""


class MacroRole(StrEnum):
    """What a signal or a regime asks a macro file for."""

    CPI = "cpi"
    CAPE = "cape"
    VIX = "vix"
    TEN_YEAR = "ten_year"
    TWO_YEAR = "two_year"
    THREE_MONTH = "three_month"
    SLOPE_10Y3M = "slope_10y3m"
    SLOPE_10Y2Y = "slope_10y2y"
    CREDIT_SPREAD = "credit_spread"
    GROWTH = "growth"


ROLE_SERIES: Mapping[MacroRole, tuple[str, ...]] = MappingProxyType(
    {
        MacroRole.CPI: ("CPIAUCSL", "CPIAUCNS", "CPI"),
        MacroRole.CAPE: ("CAPE", "PE10"),
        MacroRole.VIX: ("VIXCLS", "VIX"),
        MacroRole.TEN_YEAR: ("DGS10", "GS10", "TNX"),
        MacroRole.TWO_YEAR: ("DGS2", "GS2"),
        MacroRole.THREE_MONTH: ("DGS3MO", "DTB3", "TB3MS", "IRX"),
        MacroRole.SLOPE_10Y3M: ("T10Y3M",),
        MacroRole.SLOPE_10Y2Y: ("T10Y2Y",),
        MacroRole.CREDIT_SPREAD: ("BAA10Y", "BAMLH0A0HYM2", "BAMLC0A0CM"),
        MacroRole.GROWTH: ("INDPRO", "PAYEMS", "GDPC1", "GDP"),
    }
)
"""The series that may play a role, the preferred one first; names as FRED (fred.stlouisfed.org) has them."""

PUBLICATION_LAGS: Mapping[str, int] = MappingProxyType(
    {
        "CPIAUCSL": 20,
        "CPIAUCNS": 20,
        "CPI": 20,
        "INDPRO": 20,
        "PAYEMS": 10,
        "CAPE": 30,
        "PE10": 30,
        "GDPC1": 30,
        "GDP": 30,
        "FEDFUNDS": 1,
        "TB3MS": 1,
        "GS10": 1,
        "GS2": 1,
        "USREC": 365,
    }
)
"""Days from the end of a value's period to its publication.

Consumer prices are released about two weeks after the month (bls.gov/schedule) and industrial production about 15 to 17
days after it (federalreserve.gov, G.17); 20 days leave room for late ones. Payrolls come on the first Friday or the
second (bls.gov), the advance estimate of GDP about a month after the quarter (bea.gov), averages of rates on the next
business day (federalreserve.gov, H.15). CAPE needs consumer prices and earnings: a month. The turning points of the
economy are named many months later (nber.org, Business Cycle Dating). A file that gives `published` overrides these.
"""


class Step(StrEnum):
    """How far apart the values of a series are."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    ANNUAL = "annual"


USUAL_LAGS: Mapping[Step, int] = MappingProxyType(
    {Step.DAILY: 1, Step.WEEKLY: 7, Step.MONTHLY: 30, Step.QUARTERLY: 60, Step.ANNUAL: 90}
)
"""Days from the end of the period to publication of a series that PUBLICATION_LAGS does not name.

Daily rates and the VIX are those of the next day (H.15; FRED), so a decision at the close never uses its own day's.
"""

_LONGEST_GAP = ((3, Step.DAILY), (10, Step.WEEKLY), (45, Step.MONTHLY), (150, Step.QUARTERLY))
_OLD_AFTER: Mapping[Step, int] = MappingProxyType(
    {Step.DAILY: 14, Step.WEEKLY: 28, Step.MONTHLY: 75, Step.QUARTERLY: 200, Step.ANNUAL: 800}
)
"""Days beyond the publication lag after which the latest value says nothing any more: one that failed to come."""

EPOCH = date(1970, 1, 1).toordinal()
DECEMBER = 12
MONTHS_OF_QUARTER = 3


@dataclass(frozen=True, slots=True)
class Observation:
    """One value of a series as a source gives it. `published` None = the usual lag of the series."""

    day: date
    value: float
    published: date | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known of a series on a day: the ends of the periods, ascending without doubles, and their values."""

    periods: Days
    values: Floats


@dataclass(frozen=True, slots=True, eq=False)
class MacroSeries:
    """One series with its vintages, in order of period, then publication.

    `periods` are the last days that the values are of. A period that is there twice was revised.
    """

    name: str
    source: str
    step: Step
    lag_days: int
    periods: Days
    published: Days
    values: Floats
    revised: bool

    def known_on(self, day: date) -> Known:
        """Return what was published by `day`, of each period the value last published by then."""
        if not self.revised:
            # periods ascend and so do their publications: all that is known comes first
            count = int(np.searchsorted(self.published, np.datetime64(day), "right"))
            return Known(self.periods[:count], self.values[:count])
        rows = np.flatnonzero(self.published <= np.datetime64(day))
        periods = self.periods[rows]
        latest = rows[np.append(periods[1:] != periods[:-1], True)] if rows.size else rows
        return Known(self.periods[latest], self.values[latest])

    def is_old(self, known: Known, day: date) -> bool:
        """Say whether the latest value known on `day` is missing, or so old that newer ones failed to come."""
        if not known.periods.size:
            return True
        age = np.datetime64(day) - known.periods[-1]
        return bool(age > np.timedelta64(self.lag_days + _OLD_AFTER[self.step], "D"))


@dataclass(frozen=True, slots=True, eq=False)
class MacroHistory:
    """The macro series of a file by name, names in capitals."""

    series: Mapping[str, MacroSeries] = field(default_factory=dict)

    def of(self, role: MacroRole, name: str = "") -> MacroSeries | None:
        """Return the series of that name, or else the first that plays the role; None when there is none."""
        names = (name.upper(),) if name else ROLE_SERIES[role]
        return next((self.series[one] for one in names if one in self.series), None)


NO_MACRO = MacroHistory()


def macro_series(
    name: str, observations: Sequence[Observation], *, lag_days: int | None = None, source: str = ""
) -> MacroSeries:
    """Return a series; `lag_days` None is the usual one of its name, or else of how far apart its values are.

    The spacing says what a date means: a value dated on any day of a month is of that whole month where values are a
    month apart, and likewise for quarters and years.

    Raises ValueError for a value that is no number, or two values of one period that are not apart in publication.
    """
    step = _step([one.day for one in observations])
    lag = USUAL_LAGS[step] if lag_days is None else lag_days
    lag = PUBLICATION_LAGS.get(name.upper(), lag) if lag_days is None else lag
    rows = sorted(_dated(observations, step, lag))
    if len({row[:2] for row in rows}) < len(rows):
        raise ValueError(f"{name} has two values of one period")
    if not all(np.isfinite(value) for _, _, value in rows):
        raise ValueError(f"{name} has a value that is no number")
    periods = as_days([row[0] for row in rows])
    published = as_days([row[1] for row in rows])
    values = np.array([row[2] for row in rows], dtype=np.float64)
    for part in (periods, published, values):
        part.setflags(write=False)
    in_order = bool(np.all(published[1:] >= published[:-1]) and np.all(periods[1:] > periods[:-1]))
    return MacroSeries(name.upper(), source, step, lag, periods, published, values, not in_order)


def macro_history(series: Iterable[MacroSeries]) -> MacroHistory:
    """Return series by name. Raises ValueError for a name that is there twice."""
    found: dict[str, MacroSeries] = {}
    for one in series:
        if one.name in found:
            raise ValueError(f"{one.name} is there twice")
        found[one.name] = one
    return MacroHistory(MappingProxyType(found))


def _dated(observations: Iterable[Observation], step: Step, lag: int) -> Iterable[tuple[date, date, float]]:
    for one in observations:
        end = period_end(one.day, step)
        yield end, one.published or end + timedelta(days=lag), one.value


def _step(days: Sequence[date]) -> Step:
    """Return the spacing: the median of the gaps between the dates. A single date counts as daily."""
    ordered = as_days(sorted(set(days)))
    if ordered.size <= 1:
        return Step.DAILY
    gap = float(np.median(np.diff(ordered).astype(np.int64)))
    return next((step for longest, step in _LONGEST_GAP if gap <= longest), Step.ANNUAL)


def as_days(dates: Sequence[date]) -> Days:
    """Return dates as numpy keeps them; by their ordinals, which is many times faster than one by one."""
    days: Days = (np.array([day.toordinal() for day in dates], dtype=np.int64) - EPOCH).astype("datetime64[D]")
    return days


def period_end(day: date, step: Step) -> date:
    """Return the last day of the period that a value dated on `day` is of."""
    if step in {Step.DAILY, Step.WEEKLY}:
        return day
    month = day.month
    if step is Step.QUARTERLY:
        month += (MONTHS_OF_QUARTER - month) % MONTHS_OF_QUARTER
    elif step is Step.ANNUAL:
        month = DECEMBER
    following = date(day.year + month // DECEMBER, month % DECEMBER + 1, 1)
    return following - timedelta(days=1)
