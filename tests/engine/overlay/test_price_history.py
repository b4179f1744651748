"""Histories, and the month ends that a day may know of."""

import math
from datetime import date

import numpy as np
import pytest

from engine.overlay.price_history import month_ends, price_history
from tests.engine.overlay.builders import history, weekdays

NAN = math.nan
DAYS = weekdays(date(2024, 1, 2), date(2024, 4, 10))


def numbered(days: tuple[date, ...] = DAYS) -> list[float]:
    return [float(i + 1) for i in range(len(days))]


@pytest.mark.parametrize(
    ("as_of", "month", "why"),
    [
        (date(2024, 1, 31), date(2024, 1, 31), "the last trading day completes its month"),
        (date(2024, 1, 30), date(2023, 12, 31), "the day before does not"),
        (date(2024, 2, 1), date(2024, 1, 31), "a new month leaves the last one the latest"),
        (date(2024, 3, 28), date(2024, 3, 31), "the day before a Good Friday that ends a month completes it"),
        (date(2024, 3, 30), date(2024, 3, 31), "a Saturday after the last trading day is in a completed month"),
        (date(2024, 4, 10), date(2024, 3, 31), "the month that runs is not read"),
    ],
)
def test_the_last_month_end_is_the_last_month_completed(as_of: date, month: date, why: str) -> None:
    assert month_ends(history(DAYS, SPY=numbered()), ("SPY",), as_of).months[-1] == month, why


def test_a_file_that_ends_on_the_day_gives_the_same_month_ends_as_a_file_that_goes_on() -> None:
    whole = history(DAYS, SPY=numbered())
    for rows, as_of in enumerate(DAYS, 1):
        cut = history(DAYS[:rows], SPY=numbered()[:rows])
        there, here = month_ends(cut, ("SPY",), as_of), month_ends(whole, ("SPY",), as_of)
        assert there.months == here.months
        assert there.days == here.days
        np.testing.assert_array_equal(there.closes, here.closes)


def test_the_files_own_calendar_completes_a_month_that_goes_on_in_a_later_one() -> None:
    days = (date(2024, 1, 30), date(2024, 2, 1), date(2024, 2, 27))
    table = history(days, SPY=[1.0, 2.0, 3.0])
    assert month_ends(table, ("SPY",), date(2024, 1, 30)).months == (date(2024, 1, 31),)
    assert month_ends(table, ("SPY",), date(2024, 2, 1)).months == (date(2024, 1, 31),)
    assert month_ends(table, ("SPY",), date(2024, 2, 27)).months == (date(2024, 1, 31),)
    assert month_ends(table, ("SPY",), date(2024, 1, 2)).months == (date(2023, 12, 31),)


def test_a_month_without_a_close_is_a_row_of_its_own() -> None:
    days = (date(2024, 1, 31), date(2024, 2, 15), date(2024, 4, 30))
    ends = month_ends(history(days, SPY=[1.0, 2.0, 4.0], EFA=[NAN, NAN, 7.0]), ("EFA", "SPY"), date(2024, 5, 3))
    assert ends.months == (date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30))
    np.testing.assert_array_equal(ends.closes, [[NAN, 1.0], [NAN, 2.0], [NAN, NAN], [7.0, 4.0]])
    assert ends.days[1] == (None, date(2024, 2, 15))
    assert ends.days[3] == (date(2024, 4, 30), date(2024, 4, 30))


def test_a_missing_close_on_the_last_day_is_the_last_close_of_the_month() -> None:
    days = weekdays(date(2024, 1, 29), date(2024, 1, 31))
    ends = month_ends(history(days, SPY=[5.0, 6.0, NAN]), ("SPY",), date(2024, 1, 31))
    assert ends.closes.tolist() == [[6.0]]
    assert ends.days == ((date(2024, 1, 30),),)


@pytest.mark.parametrize("as_of", [date(2023, 5, 10), date(2024, 1, 15)])
def test_without_a_completed_month_there_is_one_row_without_closes(as_of: date) -> None:
    ends = month_ends(history(DAYS, SPY=numbered()), ("SPY", "GLD"), as_of)
    assert len(ends.months) == 1
    assert np.isnan(ends.closes).all()
    assert ends.days == ((None, None),)


def test_a_column_holds_nothing_after_the_day_and_nothing_for_an_unknown_symbol() -> None:
    table = history(DAYS, SPY=numbered())
    assert table.column("SPY", date(2024, 1, 3)).tolist() == [1.0, 2.0]
    assert np.isnan(table.column("GLD", date(2024, 1, 3))).tolist() == [True, True]


def test_closes_cannot_be_written_to() -> None:
    source = np.array([[1.0]])
    table = price_history((date(2024, 1, 2),), ("SPY",), source)
    source[0, 0] = 9.0
    assert table.closes[0, 0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        table.closes[0, 0] = 2.0


@pytest.mark.parametrize(
    ("dates", "symbols", "closes", "why"),
    [
        ((date(2024, 1, 3), date(2024, 1, 2)), ("A",), [[1.0], [1.0]], "ascend"),
        ((date(2024, 1, 3), date(2024, 1, 3)), ("A",), [[1.0], [1.0]], "ascend"),
        ((date(2024, 1, 3),), ("A", "A"), [[1.0, 1.0]], "twice"),
        ((date(2024, 1, 3),), ("A", "B"), [[1.0]], "not"),
        ((date(2024, 1, 3),), ("A",), [[0.0]], "above zero"),
        ((date(2024, 1, 3),), ("A",), [[math.inf]], "above zero"),
    ],
)
def test_a_history_that_does_not_hold_is_refused(
    dates: tuple[date, ...], symbols: tuple[str, ...], closes: list[list[float]], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        price_history(dates, symbols, np.array(closes))
