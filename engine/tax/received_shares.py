"""Shares that were not bought: gifts (IRC 1015, 1223(2)) and inheritances (IRC 1014, 2032, 1223(9)).

A lot of a custodian or of the ledger holds one basis: what the file or the row states. Where a gift has two, a
person puts the basis that this module gives for the price of the sale; the product does not guess.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from engine.money import ZERO, cents
from engine.portfolio import Term
from engine.tax.holding_period import term


class GiftZone(StrEnum):
    """Which basis counts for a sale of shares received as a gift."""

    GAIN = "gain"
    """The donor's basis; for shares that were worth no less than it, for losses as well."""
    NEITHER = "neither"
    """Between the value at the gift and the donor's basis: neither a gain nor a loss."""
    LOSS = "loss"
    """The value at the gift, which was below the donor's basis."""


@dataclass(frozen=True, slots=True)
class GiftBasis:
    """The basis for a sale of gifted shares, and the gain (+) or loss (-), in dollars."""

    zone: GiftZone
    basis: Decimal
    gain: Decimal


def gift_basis(
    donor_basis: Decimal, fair_value: Decimal, price: Decimal, *, gift_tax_on_rise: Decimal = ZERO
) -> GiftBasis:
    """Return the basis that counts when gifted shares go for `price`; all are dollars for the same shares.

    IRC 1015(a): the donor's basis, but for a loss the lower of it and the fair value at the gift; a price between
    the two gives neither (Reg. 1.1015-1(a)(2)). `gift_tax_on_rise` is the gift tax paid on the rise in value over the
    donor's basis (IRC 1015(d)(6)), which is added to it, never above the fair value.
    """
    if fair_value >= donor_basis:
        basis = min(donor_basis + gift_tax_on_rise, fair_value)
        return GiftBasis(GiftZone.GAIN, cents(basis), cents(price - basis))
    if price > donor_basis:
        return GiftBasis(GiftZone.GAIN, cents(donor_basis), cents(price - donor_basis))
    if price < fair_value:
        return GiftBasis(GiftZone.LOSS, cents(fair_value), cents(price - fair_value))
    return GiftBasis(GiftZone.NEITHER, cents(price), ZERO)


def gift_acquired(zone: GiftZone, donor_acquired: date, given: date) -> date:
    """Return the day from which gifted shares count as held.

    IRC 1223(2): the donor's day where the basis is the donor's. A loss on the value at the gift has a basis of its
    own, so its period starts with the gift (Pub. 544, Holding period).
    """
    return given if zone is GiftZone.LOSS else donor_acquired


def gift_term(zone: GiftZone, donor_acquired: date, given: date, sold: date) -> Term:
    """Return whether a sale of gifted shares is short- or long-term (IRC 1222, 1223(2))."""
    return term(gift_acquired(zone, donor_acquired, given), sold)


def inherited_basis(value_at_death: Decimal, alternate_value: Decimal | None = None) -> Decimal:
    """Return the basis of inherited shares in dollars: the value at death (IRC 1014(a)(1)).

    `alternate_value` is the value six months later, or on an earlier day of disposition, where the executor has
    elected it (IRC 1014(a)(2), 2032); it is taken as given. Income in respect of a decedent (IRC 1014(c)) and shares
    given to the decedent within a year of death (IRC 1014(e)) have other bases, to be stated by a person.
    """
    return cents(value_at_death if alternate_value is None else alternate_value)


def inherited_term() -> Term:
    """Return the term of every sale of inherited shares: long, however soon they are sold (IRC 1223(9))."""
    return Term.LONG
