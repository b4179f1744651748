"""Trading days of the New York exchanges, against lists by year and against the days on which a fund had a close."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.trading_days import easter, holidays, is_trading_day, trading_days_between

HOLIDAYS = {
    2021: ("01-01", "01-18", "02-15", "04-02", "05-31", "07-05", "09-06", "11-25", "12-24"),
    2022: ("01-17", "02-21", "04-15", "05-30", "06-20", "07-04", "09-05", "11-24", "12-26"),
    2023: ("01-02", "01-16", "02-20", "04-07", "05-29", "06-19", "07-04", "09-04", "11-23", "12-25"),
    2024: ("01-01", "01-15", "02-19", "03-29", "05-27", "06-19", "07-04", "09-02", "11-28", "12-25"),
    2025: ("01-01", "01-09", "01-20", "02-17", "04-18", "05-26", "06-19", "07-04", "09-01", "11-27", "12-25"),
    2026: ("01-01", "01-19", "02-16", "04-03", "05-25", "06-19", "07-03", "09-07", "11-26", "12-25"),
}


@pytest.mark.parametrize("year", HOLIDAYS)
def test_the_holidays_of_a_year_are_those_listed(year: int) -> None:
    assert sorted(f"{day:%m-%d}" for day in holidays(year)) == list(HOLIDAYS[year])


def test_easter_falls_on_the_days_that_everybody_knows() -> None:
    assert [easter(year) for year in (2000, 2019, 2038)] == [date(2000, 4, 23), date(2019, 4, 21), date(2038, 4, 25)]


def test_king_day_is_a_holiday_since_1998() -> None:
    assert date(1998, 1, 19) in holidays(1998)
    assert date(1997, 1, 20) not in holidays(1997)


def test_the_week_of_thanksgiving_has_four_trading_days() -> None:
    assert trading_days_between(date(2026, 11, 20), date(2026, 11, 27)) == 4
    assert trading_days_between(date(2026, 11, 27), date(2026, 11, 20)) == 0
    assert not is_trading_day(date(2026, 11, 28))


@pytest.mark.shared
def test_a_fund_has_a_close_on_each_trading_day_and_on_no_other(shared_folder: Path) -> None:
    with (shared_folder / "data" / "etf" / "ohlc" / "SPY.csv").open(newline="", encoding="utf-8") as file:
        traded = [date.fromisoformat(row[0]) for row in list(csv.reader(file))[1:]]
    first, last = traded[0], traded[-1]
    assert (last - first).days > 30 * 365
    every = (first + timedelta(days=n) for n in range((last - first).days + 1))
    assert [day for day in every if is_trading_day(day)] == traded
