"""What an order costs in tax when the custodian chooses the lots, against the lots that were chosen here.

Reg. 1.1012-1(c): without adequate identification the first shares in are sold; a custodian may have another standing
method on file. Wash sales are left out on both sides: the same shares are sold.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from engine.money import ZERO, allocate, cents
from engine.portfolio import Lot, LotMethod, TaxPosition, Term
from engine.tax.holding_period import lot_term
from engine.tax.lot_methods import LotPick, pick, pick_named
from engine.tax.schedule_d import tax_change


@dataclass(frozen=True, slots=True)
class Character:
    """Gains (+) and losses (-) by term, in dollars."""

    short_term: Decimal = ZERO
    long_term: Decimal = ZERO

    def plus(self, other: "Character") -> "Character":
        """Return both together."""
        return Character(self.short_term + other.short_term, self.long_term + other.long_term)


@dataclass(frozen=True, slots=True)
class MethodEstimate:
    """One sale under the lots chosen and under the custodian's method.

    `difference` is the tax that the method adds (+) or saves (-), in dollars, on top of the rest of the plan.
    """

    method: LotMethod
    chosen: Character
    by_method: Character
    difference: Decimal
    same_lots: bool


def method_estimate(
    lots: Sequence[Lot],
    chosen: Mapping[str, Decimal],
    method: LotMethod,
    *,
    price: Decimal,
    sold: date,
    tax: TaxPosition,
    rest: Character | None = None,
) -> MethodEstimate:
    """Return what the method makes of a sale of the `chosen` shares (by lot id) of one position at `price`.

    `lots` are all of the position, `rest` what the other trades of the plan realise. Raises ValueError where the
    lots do not hold the shares.
    """
    quantity = sum(chosen.values(), ZERO)
    proceeds = cents(quantity * price)
    other = rest or Character()
    ours = pick_named(lots, chosen)
    theirs = pick(lots, quantity, method, price=price, sold=sold)
    mine, its = (_character(lots, picks, proceeds, sold) for picks in (ours, theirs))
    before, after = other.plus(mine), other.plus(its)
    change = tax_change(tax, after.short_term, after.long_term) - tax_change(tax, before.short_term, before.long_term)
    same = {p.lot: p.quantity for p in ours} == {p.lot: p.quantity for p in theirs}
    return MethodEstimate(method, mine, its, cents(change), same)


def _character(lots: Sequence[Lot], picks: Sequence[LotPick], proceeds: Decimal, sold: date) -> Character:
    held = {lot.id: lot for lot in lots}
    totals = dict.fromkeys(Term, ZERO)
    for one, part in zip(picks, allocate(proceeds, [p.quantity for p in picks]), strict=True):
        totals[lot_term(held[one.lot], sold)] += part - one.basis
    return Character(totals[Term.SHORT], totals[Term.LONG])
