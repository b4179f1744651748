"""Trading days of the New York exchanges: weekdays without their holidays.

Holidays follow NYSE Rule 7.2: a holiday on a Sunday is kept on the Monday after, one on a Saturday on the Friday
before, but for New Year's Day on a Saturday, which is not kept (the Friday ends an accounting year). Juneteenth is one
since 2022, Martin Luther King Day since 1998. Days of mourning and of storms are listed one by one.
"""

from datetime import date, timedelta
from functools import lru_cache

CLOSED = frozenset(
    {
        date(1994, 4, 27),
        *(date(2001, 9, 11), date(2001, 9, 12), date(2001, 9, 13), date(2001, 9, 14)),
        *(date(2004, 6, 11), date(2007, 1, 2), date(2012, 10, 29), date(2012, 10, 30)),
        *(date(2018, 12, 5), date(2025, 1, 9)),
    }
)
"""Closed for September 11; the mourning of Nixon, Reagan, Ford, G. H. W. Bush and Carter; and hurricane Sandy."""
_MONDAY, _THURSDAY, _SATURDAY, _SUNDAY = 0, 3, 5, 6
_JUNETEENTH_SINCE, _KING_SINCE = 2022, 1998


def easter(year: int) -> date:
    """Return Easter Sunday of a year of the Gregorian calendar (the algorithm of Meeus, Jones and Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    """Return the nth such weekday of a month; n = 0 is the last one of the month before."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


def _kept(day: date) -> date:
    """Return the day on which a fixed holiday is kept."""
    return day + timedelta(days={_SATURDAY: -1, _SUNDAY: 1}.get(day.weekday(), 0))


@lru_cache(maxsize=256)
def holidays(year: int) -> frozenset[date]:
    """Return the days of a year on which the exchanges are closed though it is a weekday."""
    new_year = date(year, 1, 1)
    days = {
        _nth(year, 2, _MONDAY, 3),
        easter(year) - timedelta(days=2),
        _nth(year, 6, _MONDAY, 0),
        _kept(date(year, 7, 4)),
        _nth(year, 9, _MONDAY, 1),
        _nth(year, 11, _THURSDAY, 4),
        _kept(date(year, 12, 25)),
    }
    if new_year.weekday() != _SATURDAY:
        days.add(_kept(new_year))
    if year >= _KING_SINCE:
        days.add(_nth(year, 1, _MONDAY, 3))
    if year >= _JUNETEENTH_SINCE:
        days.add(_kept(date(year, 6, 19)))
    return frozenset(days | {day for day in CLOSED if day.year == year})


def is_trading_day(day: date) -> bool:
    """Whether the exchanges are open on a day."""
    return day.weekday() < _SATURDAY and day not in holidays(day.year)


def trading_days_between(earlier: date, later: date) -> int:
    """Return the trading days after `earlier` up to and including `later`; 0 when it is not later."""
    days = max(0, (later - earlier).days)
    return sum(is_trading_day(earlier + timedelta(days=n)) for n in range(1, days + 1))
