from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.number_grammar import LARGEST, Unreadable, number

WRITTEN = {
    "$1,234.56": "1234.56",
    "-$2.86": "-2.86",
    "$-2.86": "-2.86",
    "$ 5": "5",
    "(1,823.33)": "-1823.33",
    "($126.93)": "-126.93",
    "($1,900.00)": "-1900.00",
    "+$1.20": "1.20",
    "+46.77%": "0.4677",
    "(5)%": "-0.05",
    ".58": "0.58",
    "-.42": "-0.42",
    "$12.00 ": "12.00",
    "1.6E+4": "16000",
    "7.": "7",
    "\u22123.5": "-3.5",
    "\u00a01,000\u00a0": "1000",
}
MISSING = ("", " ", "--", "-", " - ", "n/a", "N/A", "not applicable", "null", "Incomplete", ".")
NOT_NUMBERS = (
    *("NaN", "nan", "-NaN", "inf", "-Infinity", "sNaN", "abc", "12x", "1,23", "1.234,56", "1 2", "(5", "5)"),
    *("1e400", "9" * 16, "9" * 60, "--5", "-$-5", "5%%", "0x10", "1_000", "\u0661\u0662", "#DIV/0!", "$", "%", "$--"),
)


@pytest.mark.parametrize(("text", "value"), WRITTEN.items())
def test_every_way_custodians_write_a_number_is_read(text: str, value: str) -> None:
    assert number(text) == Decimal(value)


@pytest.mark.parametrize("text", MISSING)
def test_what_is_missing_is_none_and_not_zero(text: str) -> None:
    assert number(text) is None


@pytest.mark.parametrize("text", NOT_NUMBERS)
def test_what_is_no_finite_number_is_refused_with_a_reason(text: str) -> None:
    refused = number(text)
    assert isinstance(refused, Unreadable)
    assert refused.why.startswith("is ")


AMOUNTS = st.decimals(min_value=-(LARGEST - 1), max_value=LARGEST - 1, places=4)


@given(AMOUNTS)
def test_plain_numbers_come_back_exactly(value: Decimal) -> None:
    assert number(f"{value:f}") == value


@given(AMOUNTS, st.sampled_from(["${:,.4f}", "{:,.4f} ", "+{:,.4f}", " {:,.4f}"]))
def test_amounts_with_separators_come_back_exactly(value: Decimal, pattern: str) -> None:
    assert number(pattern.format(abs(value))) == abs(value)


@given(AMOUNTS)
def test_a_negative_amount_is_read_alike_in_all_its_forms(value: Decimal) -> None:
    size = f"{abs(value):,.4f}"
    assert {number(form) for form in (f"-${size}", f"$-{size}", f"({size})", f"(${size})")} == {-abs(value)}


@given(st.decimals(min_value=-10_000, max_value=10_000, places=2))
def test_a_percentage_is_a_fraction_of_one(value: Decimal) -> None:
    assert number(f"{value:f}%") == value / 100


@given(st.text(max_size=60))
def test_any_text_is_a_number_missing_or_refused(text: str) -> None:
    value = number(text)
    assert value is None or isinstance(value, Unreadable) or (value.is_finite() and abs(value) < LARGEST)
