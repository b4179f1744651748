from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.date_grammar import day, day_within
from importers.number_grammar import Unreadable

WRITTEN = {
    "09/24/2020": date(2020, 9, 24),
    "9/4/2020": date(2020, 9, 4),
    "09/24/20": date(2020, 9, 24),
    "01/02/69": date(1969, 1, 2),
    "01/02/68": date(2068, 1, 2),
    "2020-09-24": date(2020, 9, 24),
    "2020/09/24": date(2020, 9, 24),
    "20200924": date(2020, 9, 24),
    "20200924;101112": date(2020, 9, 24),
    "2020-09-24, 10:11:12": date(2020, 9, 24),
    "09/24/2020 13:42:07": date(2020, 9, 24),
    "2020-09-24T00:00:00.000Z": date(2020, 9, 24),
    "2020-09-24 00:00:00": date(2020, 9, 24),
    "Sep-24-2020": date(2020, 9, 24),
    "SEP/24/2020": date(2020, 9, 24),
    "September 24, 2020": date(2020, 9, 24),
    "24-Sep-2020": date(2020, 9, 24),
    "09/25/2020 as of 09/24/2020": date(2020, 9, 24),
}
MISSING = ("", "--", "Various", "MULTIPLE", "n/a")
NOT_DATES = (
    "99/99/2026",
    "31/12/2020",
    "2020-02-30",
    "tomorrow",
    "12345",
    "1/2",
    "Foo-01-2020",
    "09/24/1066",
    "x" * 99,
)
TITLES = {
    "Positions for account Joint Tenant ...999 as of 01:17 PM ET, 2026/05/03": date(2026, 5, 3),
    "as of 02:45 AM ET, 10/25/2020": date(2020, 10, 25),
    "Portfolio_Positions_May-30-2026": date(2026, 5, 30),
    "Date downloaded Mar-20-2026 4:15 p.m ET": date(2026, 3, 20),
    "Individual-Positions-2025-05-04-123300": date(2025, 5, 4),
    "Realized 01/01/2024 to 05/03/2026": date(2026, 5, 3),
}


@pytest.mark.parametrize(("text", "value"), WRITTEN.items())
def test_every_way_custodians_write_a_date_is_read(text: str, value: date) -> None:
    assert day(text) == value


@pytest.mark.parametrize("text", MISSING)
def test_words_for_no_date_are_none(text: str) -> None:
    assert day(text) is None


@pytest.mark.parametrize("text", NOT_DATES)
def test_what_is_no_date_is_refused_with_a_reason(text: str) -> None:
    refused = day(text)
    assert isinstance(refused, Unreadable)
    assert refused.why.startswith("is ")


@pytest.mark.parametrize(("text", "value"), TITLES.items())
def test_the_last_date_inside_a_title_is_found(text: str, value: date) -> None:
    assert day_within(text) == value


def test_a_title_without_a_date_has_none() -> None:
    assert day_within("Positions 99/99/2026") is None
    assert day_within("XXXX-1234") is None


FORMS = ("%m/%d/%Y", "%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%m/%d/%Y 10:11:12", "%m/%d/%Y as of %m/%d/%Y")


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 12, 31)), st.sampled_from(FORMS))
def test_a_date_comes_back_from_every_form(value: date, form: str) -> None:
    assert day(value.strftime(form)) == value


@given(st.text(max_size=40))
def test_any_text_is_a_date_missing_or_refused(text: str) -> None:
    assert day(text) is None or isinstance(day(text), (date, Unreadable))
    assert day_within(text) is None or isinstance(day_within(text), date)
