"""The last trading day of a month."""

from datetime import date

import pytest

from engine.overlay.trading_month import easter, last_trading_day


@pytest.mark.parametrize(
    ("year", "month", "day", "why"),
    [
        (2025, 6, 30, "a Monday"),
        (2022, 12, 30, "the 31st is a Saturday, and New Year's Day on a Sunday is kept on Monday"),
        (2021, 12, 31, "New Year's Day on a Saturday is not kept on 31 December"),
        (2026, 2, 27, "the 28th is a Saturday"),
        (2024, 2, 29, "a leap year"),
        (2021, 5, 28, "the 31st is Memorial Day"),
        (2027, 5, 28, "the 31st is Memorial Day"),
        (2026, 5, 29, "Memorial Day is the 25th, the 30th a Saturday"),
        (2024, 3, 28, "the 29th is Good Friday"),
        (2018, 3, 29, "the 30th is Good Friday, the 31st a Saturday"),
        (2002, 3, 28, "the 29th is Good Friday"),
        (2023, 3, 31, "a Friday that is not Good Friday"),
        (2026, 8, 31, "a Monday at the end of another month is no holiday"),
    ],
)
def test_the_last_trading_day_knows_weekends_and_the_two_holidays_that_can_end_a_month(
    year: int, month: int, day: int, why: str
) -> None:
    assert last_trading_day(year, month) == date(year, month, day), why


@pytest.mark.parametrize(
    "sunday",
    [date(2000, 4, 23), date(2008, 3, 23), date(2011, 4, 24), date(2024, 3, 31), date(2026, 4, 5), date(2038, 4, 25)],
)
def test_easter_falls_on_its_published_sundays(sunday: date) -> None:
    assert easter(sunday.year) == sunday
