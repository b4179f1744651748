"""The days of a backtest."""

from datetime import date

import numpy as np
import pytest

from engine.errors import AppError
from engine.overlay.policy import When
from engine.research.schedule import decision_rows, month_end_rows, window
from tests.engine.research.closes import weekdays

DAYS = np.array(weekdays(date(2020, 11, 16), 300), dtype="datetime64[D]")


def test_a_month_end_is_the_last_date_of_the_month_in_the_file() -> None:
    ends = [str(day) for day in DAYS[month_end_rows(DAYS).rows]]
    assert ends[:3] == ["2020-11-30", "2020-12-31", "2021-01-29"]
    assert ends[-1] == str(DAYS[-1])


def test_days_are_counted_back_from_month_ends_that_have_come() -> None:
    shifted = month_end_rows(DAYS, 3)
    assert [str(day) for day in DAYS[shifted.rows]][:2] == ["2020-11-25", "2020-12-28"]
    assert str(DAYS[shifted.rows][-1]) == "2021-12-28"
    assert list(month_end_rows(DAYS, 20).months)[:2] == [12, 1]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (When.NEVER, ["2020-12-30"]),
        (When.ANNUAL, ["2020-12-30", "2020-12-31"]),
        (When.QUARTERLY, ["2020-12-30", "2020-12-31", "2021-03-31", "2021-06-30"]),
    ],
)
def test_weights_are_reset_when_the_policy_says(when: When, expected: list[str]) -> None:
    first, last = window(DAYS, date(2020, 12, 30), date(2021, 9, 30))
    rows = decision_rows(month_end_rows(DAYS), when, first, last)
    assert [str(day) for day in DAYS[rows]] == expected


def test_daily_is_every_day_but_the_last() -> None:
    rows = decision_rows(month_end_rows(DAYS), When.DAILY, 10, 20)
    assert list(rows) == list(range(10, 20))
    assert len(decision_rows(month_end_rows(DAYS), When.MONTHLY, 10, 60)) == 3


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        (date(2021, 3, 1), date(2021, 3, 1), "is not after the start"),
        (date(2019, 3, 1), date(2021, 3, 1), "There are no prices on 2019-03-01"),
        (date(2023, 3, 1), date(2024, 3, 1), "fewer than two rows"),
    ],
)
def test_a_window_without_prices_is_told_in_one_line(start: date, end: date, message: str) -> None:
    with pytest.raises(AppError, match=message) as caught:
        window(DAYS, start, end)
    assert "The prices run from 2020-11-16 to 2022-01-07." in str(caught.value)


def test_a_window_may_begin_and_end_on_a_weekend() -> None:
    first, last = window(DAYS, date(2021, 1, 2), date(2021, 2, 28))
    assert (str(DAYS[first]), str(DAYS[last])) == ("2021-01-04", "2021-02-26")
