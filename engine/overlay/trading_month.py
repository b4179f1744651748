"""The last trading day of a month on the New York Stock Exchange, so that a month end is known on its own day."""

from datetime import date, timedelta

MAY = 5
MONDAY = 0
FRIDAY = 4


def last_trading_day(year: int, month: int) -> date:
    """Return the last day of the month on which the exchange trades.

    That is its last weekday, but for Memorial Day (the last Monday of May) and Good Friday (NYSE Rule 7.2;
    New Year's Day on a Saturday is not kept on 31 December).
    """
    following = date(year + month // 12, month % 12 + 1, 1)
    day = following - timedelta(days=1)
    while day.weekday() > FRIDAY or _is_month_end_holiday(day):
        day -= timedelta(days=1)
    return day


def easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (the anonymous algorithm, Meeus 1991, chapter 8)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e, f = b // 4, b % 4, (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def _is_month_end_holiday(day: date) -> bool:
    """Say whether a weekday among the last of its month is a holiday of the exchange."""
    memorial_day = day.month == MAY and day.weekday() == MONDAY and day.day > 31 - 7
    good_friday = day.weekday() == FRIDAY and day == easter(day.year) - timedelta(days=2)
    return memorial_day or good_friday
