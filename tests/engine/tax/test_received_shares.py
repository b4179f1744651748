"""Gifts with one basis or two, and inheritances (IRC 1014, 1015, 1223)."""

from datetime import date
from decimal import Decimal

import pytest

from engine.money import ZERO
from engine.portfolio import Term
from engine.tax.received_shares import GiftZone, gift_acquired, gift_basis, gift_term, inherited_basis, inherited_term

D = Decimal


@pytest.mark.parametrize(
    ("donor", "value", "price", "zone", "basis", "gain"),
    [
        (10_000, 8_000, 12_000, GiftZone.GAIN, 10_000, 2_000),
        (10_000, 8_000, 10_000, GiftZone.NEITHER, 10_000, 0),
        (10_000, 8_000, 9_000, GiftZone.NEITHER, 9_000, 0),
        (10_000, 8_000, 8_000, GiftZone.NEITHER, 8_000, 0),
        (10_000, 8_000, 7_000, GiftZone.LOSS, 8_000, -1_000),
        (10_000, 15_000, 9_000, GiftZone.GAIN, 10_000, -1_000),
        (10_000, 10_000, 9_000, GiftZone.GAIN, 10_000, -1_000),
    ],
)
def test_a_gift_has_three_zones(donor: int, value: int, price: int, zone: GiftZone, basis: int, gain: int) -> None:
    """IRC 1015(a); Reg. 1.1015-1(a)(2)."""
    found = gift_basis(D(donor), D(value), D(price))
    assert (found.zone, found.basis, found.gain) == (zone, D(basis), D(gain))


@pytest.mark.parametrize(("tax", "basis"), [(0, 4_000), (600, 4_600), (9_000, 5_000)])
def test_gift_tax_on_the_rise_is_added_but_not_beyond_the_value(tax: int, basis: int) -> None:
    """IRC 1015(d)(6)."""
    assert gift_basis(D(4_000), D(5_000), D(5_000), gift_tax_on_rise=D(tax)).basis == D(basis)


def test_the_donors_days_count_unless_the_loss_is_on_the_value_at_the_gift() -> None:
    """IRC 1223(2)."""
    donor, given, sold = date(2020, 1, 6), date(2025, 3, 3), date(2025, 6, 30)
    assert gift_acquired(GiftZone.GAIN, donor, given) == donor
    assert gift_term(GiftZone.GAIN, donor, given, sold) is Term.LONG
    assert gift_term(GiftZone.LOSS, donor, given, sold) is Term.SHORT
    assert gift_term(GiftZone.LOSS, donor, given, date(2026, 3, 4)) is Term.LONG


def test_an_inheritance_has_the_value_at_death_or_the_alternate_one_and_is_long_term() -> None:
    """IRC 1014(a), 2032, 1223(9)."""
    assert inherited_basis(D("123.456")) == D("123.46")
    assert inherited_basis(D(100), ZERO) == ZERO
    assert inherited_basis(D(100), D(90)) == D(90)
    assert inherited_term() is Term.LONG
