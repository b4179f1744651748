"""Netting of short- and long-term results and the tax of the year (Schedule D; IRC 1211(b), 1212(b), 1222)."""

from dataclasses import dataclass
from decimal import Decimal

from engine.money import ZERO
from engine.portfolio import TaxPosition
from engine.trail import Trail


@dataclass(frozen=True, slots=True)
class YearResult:
    """Net short- and long-term result of the year in dollars, carryforwards already taken off."""

    short_term: Decimal
    long_term: Decimal

    @property
    def net(self) -> Decimal:
        """Schedule D, line 16."""
        return self.short_term + self.long_term

    def plus(self, short_term: Decimal, long_term: Decimal) -> "YearResult":
        """Return the year with further gains (+) or losses (-)."""
        return YearResult(self.short_term + short_term, self.long_term + long_term)


def year_so_far(tax: TaxPosition) -> YearResult:
    """Return realised gains less the losses carried in (Schedule D, lines 6 and 14)."""
    return YearResult(
        tax.ytd_short_term - tax.carryforward_short_term,
        tax.ytd_long_term - tax.carryforward_long_term,
    )


def deduction_room(tax: TaxPosition) -> Decimal:
    """Return how much net loss may still reduce ordinary income this year (IRC 1211(b)), never below 0."""
    return max(ZERO, tax.ordinary_loss_limit - tax.ytd_loss_deduction_used)


def tax_of_year(year: YearResult, tax: TaxPosition) -> Decimal:
    """Return the tax on the year's result in dollars, unrounded; negative when a loss saves tax.

    Two gains are taxed at their own rates. Opposite signs net first, and what is left is taxed at the rate
    of the side that has the gain. A net loss reduces ordinary income up to the limit (at the ordinary rate);
    the rest is carried forward and valued at `loss_carry_rate`.
    """
    short, long, net = year.short_term, year.long_term, year.net
    if net < 0:
        room = deduction_room(tax)
        return -(tax.ordinary_rate * min(-net, room) + tax.loss_carry_rate * max(ZERO, -net - room))
    if short >= 0 and long >= 0:
        return tax.short_term_rate * short + tax.long_term_rate * long
    return net * (tax.long_term_rate if long > 0 else tax.short_term_rate)


def tax_change(tax: TaxPosition, short_term: Decimal, long_term: Decimal) -> Decimal:
    """Return T(after) - T(before) for realising such gains on top of the year so far, in dollars."""
    before = year_so_far(tax)
    return tax_of_year(before.plus(short_term, long_term), tax) - tax_of_year(before, tax)


def tax_trail(tax: TaxPosition, short_term: Decimal, long_term: Decimal) -> Trail:
    """Return the change in tax with every figure it comes from."""
    before = year_so_far(tax)
    after = before.plus(short_term, long_term)
    return Trail(
        "Change in this year's tax from the proposal",
        tax_of_year(after, tax) - tax_of_year(before, tax),
        (
            Trail("Tax on the year after the proposal", tax_of_year(after, tax), _lines(after, tax)),
            Trail("Tax on the year so far", tax_of_year(before, tax), _lines(before, tax)),
            Trail("Short-term result of the proposal", short_term),
            Trail("Long-term result of the proposal", long_term),
        ),
        source="Schedule D; IRC 1211(b), 1222",
    )


def _lines(year: YearResult, tax: TaxPosition) -> tuple[Trail, ...]:
    lines = [
        Trail("Net short-term result", year.short_term, source="Schedule D, line 7"),
        Trail("Net long-term result", year.long_term, source="Schedule D, line 15"),
        Trail("Net result", year.net, source="Schedule D, line 16"),
    ]
    if year.net < 0:
        room = deduction_room(tax)
        lines += [
            Trail("Deducted from ordinary income", min(-year.net, room), source="IRC 1211(b)"),
            Trail("Ordinary rate", tax.ordinary_rate, unit="fraction"),
            Trail("Carried to next year", max(ZERO, -year.net - room), source="IRC 1212(b)"),
            Trail("Value of a carried dollar", tax.loss_carry_rate, unit="fraction"),
        ]
    else:
        lines += [
            Trail("Short-term rate", tax.short_term_rate, unit="fraction"),
            Trail("Long-term rate", tax.long_term_rate, unit="fraction"),
        ]
    return tuple(lines)
