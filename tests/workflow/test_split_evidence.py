"""Which share counts and which closes look like a split."""

from decimal import Decimal
from fractions import Fraction

import pytest

from workflow.split_evidence import ratio_of_prices, ratio_of_shares, words

D = Decimal


@pytest.mark.parametrize(
    ("old", "new", "ratio"),
    [
        ("12", "24", "2:1"),
        ("12", "36", "3:1"),
        ("10", "15", "3:2"),
        ("255", "25", "1:10"),
        ("105", "10.5", "1:10"),
        ("33.3333", "100", "3:1"),
        ("12", "12", None),
        ("12", "17", None),
        ("12", "0", None),
        ("-3", "6", None),
    ],
)
def test_shares_that_are_a_ratio_apart_look_like_a_split(old: str, new: str, ratio: str | None) -> None:
    found = ratio_of_shares(D(old), D(new))
    assert (None if found is None else words(found)) == ratio


@pytest.mark.parametrize(
    ("before", "after", "ratio"),
    [
        ("100", "50.9", "2:1"),
        ("100", "34", "3:1"),
        ("10", "99", "1:10"),
        ("100", "66.9", "3:2"),
        ("100", "70", None),
        ("100", "55", None),
        ("100", "98", None),
        ("0", "5", None),
    ],
)
def test_closes_that_are_a_ratio_apart_look_like_a_split(before: str, after: str, ratio: str | None) -> None:
    found = ratio_of_prices(D(before), D(after))
    assert (None if found is None else words(found)) == ratio


def test_a_ratio_is_written_with_the_new_shares_first() -> None:
    assert words(Fraction(1, 10)) == "1:10"
