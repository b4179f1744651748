from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.money import CENT, allocate, cents
from tests.builders import dec

amounts = st.decimals("-1e9", "1e9", places=2)
parts = st.lists(st.decimals("0", "1e6", places=4), min_size=1, max_size=12).filter(lambda ws: sum(ws) > 0)


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [
        ("1.005", "1.01"),
        ("-1.005", "-1.01"),
        ("1.0049999", "1.00"),
        ("0", "0.00"),
        ("2.675", "2.68"),
        ("7", "7.00"),
        ("-0.004", "0.00"),
    ],
)
def test_half_a_cent_is_rounded_away_from_zero(amount: str, rounded: str) -> None:
    assert str(cents(dec(amount))) == rounded


@pytest.mark.parametrize(
    ("total", "weights", "expected"),
    [
        ("100.00", ("1", "1", "1"), ("33.34", "33.33", "33.33")),
        ("0.01", ("1", "1"), ("0.01", "0.00")),
        ("-0.05", ("1", "1"), ("-0.03", "-0.02")),
        ("10.00", ("0", "3", "7"), ("0.00", "3.00", "7.00")),
        ("0.51", ("1", "1"), ("0.26", "0.25")),
        ("5.00", ("2.5",), ("5.00",)),
    ],
)
def test_an_amount_is_split_by_the_largest_remainder(
    total: str, weights: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert allocate(dec(total), [dec(w) for w in weights]) == tuple(dec(x) for x in expected)


@given(amounts, parts)
def test_the_parts_sum_to_the_whole_and_none_is_off_by_a_cent(total: Decimal, weights: list[Decimal]) -> None:
    shares = allocate(total, weights)
    whole = sum(weights)
    assert sum(shares) == total
    assert all(abs(s - total * w / whole) < CENT for s, w in zip(shares, weights, strict=True))


@given(amounts, parts)
def test_a_negative_amount_is_split_like_its_positive_twin(total: Decimal, weights: list[Decimal]) -> None:
    assert allocate(-total, weights) == tuple(-x for x in allocate(total, weights))


@pytest.mark.parametrize(
    ("total", "weights", "says"),
    [
        ("1.005", ("1",), "whole number of cents"),
        ("1.00", ("0", "0"), "not all zero"),
        ("1.00", ("2", "-1"), ">= 0"),
        ("1.00", (), "not all zero"),
    ],
)
def test_what_cannot_be_split_is_refused(total: str, weights: tuple[str, ...], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        allocate(dec(total), [dec(w) for w in weights])
