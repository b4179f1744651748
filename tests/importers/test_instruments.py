"""Symbols of share classes are written one way; CUSIP and ISIN are checked by their last digit."""

import pytest

from importers.instruments import clean_symbol, cusip_problem, isin_problem


@pytest.mark.parametrize("text", ["BRK.B", "BRK-B", "BRK/B", "BRK B", "BRKB", "brk.b"])
def test_a_share_class_is_written_with_a_point(text: str) -> None:
    assert clean_symbol(text) == "BRK.B"


@pytest.mark.parametrize("cusip", ["922908769", "037833100", "38259P508"])
def test_a_right_cusip_has_no_problem(cusip: str) -> None:
    assert cusip_problem(cusip) == ""


def test_a_wrong_cusip_is_told_with_the_digit_that_belongs() -> None:
    assert cusip_problem("922908768") == "has check digit 8 where 9 belongs: one sign is wrong"
    assert cusip_problem("92290876").startswith("is not eight")


def test_a_wrong_isin_is_told_with_the_digit_that_belongs() -> None:
    assert isin_problem("US0378331005") == ""
    assert isin_problem("US0378331004") == "has check digit 4 where 5 belongs: one sign is wrong"
    assert isin_problem("US03783").startswith("is not two letters")
