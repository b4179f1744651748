"""Dates with the day first and decimal commas are told from their cells, never from doubt, and rewritten."""

import pytest

from importers.cell_styles import day_first, decimal_comma, written_day_first, written_with_comma


@pytest.mark.parametrize(
    ("text", "read"),
    [("15.03.2021", "2021-03-15"), ("4/3/2021", "2021-03-04"), ("4-3-69", "1969-03-04"), ("Various", "Various")],
)
def test_a_date_with_the_day_first_is_written_year_first(text: str, read: str) -> None:
    assert day_first(text) == read


@pytest.mark.parametrize(
    ("text", "read"), [("1.234,50", "1234.50"), ("-96,00", "-96.00"), ("1 234,5 €", "1234.5 €"), ("VTI", "VTI")]
)
def test_a_decimal_comma_becomes_a_point(text: str, read: str) -> None:
    assert decimal_comma(text) == read


def test_dates_that_can_be_read_both_ways_are_left_to_a_person() -> None:
    assert not written_day_first(["03/04/2021", "05/06/2021"])
    assert written_day_first(["03/04/2021", "25/06/2021"])
    assert not written_day_first(["13/04/2021", "05/25/2021"])


def test_a_comma_before_three_digits_is_no_decimal_comma() -> None:
    assert not written_with_comma(["1,234", "2,500"])
    assert written_with_comma(["12,5", "1.234,00"])
    assert not written_with_comma(["12,5", "1,234.00"])
