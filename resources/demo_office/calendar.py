"""Trading days like those of the New York Stock Exchange: weekdays without its yearly holidays."""

from datetime import date, timedelta

_MONDAY, _THURSDAY, _FRIDAY, _SATURDAY, _SUNDAY = 0, 3, 4, 5, 6


def trading_days(first: date, last: date) -> tuple[date, ...]:
    """Return the trading days from `first` to `last`, both included."""
    closed = {day for year in range(first.year, last.year + 1) for day in _holidays(year)}
    span = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return tuple(day for day in span if day.weekday() < _SATURDAY and day not in closed)


def _holidays(year: int) -> tuple[date, ...]:
    fixed = [date(year, 7, 4), date(year, 12, 25)]
    if year >= 2022:
        fixed.append(date(year, 6, 19))
    observed = [_observed(day) for day in fixed]
    new_year = date(year, 1, 1)
    if new_year.weekday() != _SATURDAY:
        observed.append(_observed(new_year))
    return (
        *observed,
        _nth(year, 1, _MONDAY, 3),
        _nth(year, 2, _MONDAY, 3),
        _easter(year) - timedelta(days=2),
        _last_monday_of_may(year),
        _nth(year, 9, _MONDAY, 1),
        _nth(year, 11, _THURSDAY, 4),
    )


def _observed(day: date) -> date:
    if day.weekday() == _SATURDAY:
        return day - timedelta(days=1)
    return day + timedelta(days=1) if day.weekday() == _SUNDAY else day


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


def _last_monday_of_may(year: int) -> date:
    end = date(year, 5, 31)
    return end - timedelta(days=end.weekday())


def _easter(year: int) -> date:
    # Gregorian computus after Meeus, Astronomical Algorithms, chapter 8
    century, in_century = divmod(year, 100)
    golden = year % 19
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (in_century // 4) - epact - in_century % 4) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)
