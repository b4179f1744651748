"""Income tax of a year from brackets: ordinary income, long-term gains on top, net investment income, a state.

Amounts are dollars, unrounded; rates are fractions of one. Brackets are taken to the dollar, as in the rate schedules,
not in the steps of 50 dollars of the Tax Table. Not counted: alternative minimum tax, credits and deductions that
fall away as income rises, collectibles and section 1250 gain, and the federal deduction of state taxes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from engine.money import ZERO

WORKSHEET = "Form 1040 instructions, Qualified Dividends and Capital Gain Tax Worksheet; IRC 1(h)"


class FilingStatus(StrEnum):
    """How a return is filed. A surviving spouse has the amounts of a joint return (IRC 1(a), 1411(b)(1))."""

    SINGLE = "single"
    MARRIED_JOINT = "married_joint"
    MARRIED_SEPARATE = "married_separate"
    HEAD_OF_HOUSEHOLD = "head_of_household"
    SURVIVING_SPOUSE = "surviving_spouse"

    @property
    def schedule(self) -> "FilingStatus":
        """Return the status whose amounts apply."""
        return FilingStatus.MARRIED_JOINT if self is FilingStatus.SURVIVING_SPOUSE else self


@dataclass(frozen=True, slots=True)
class Brackets:
    """A rate schedule: `rates[0]` up to `tops[0]` dollars, `rates[1]` up to `tops[1]` ..., the last without end."""

    rates: tuple[Decimal, ...]
    tops: tuple[Decimal, ...]
    source: str = ""

    def tax(self, amount: Decimal) -> Decimal:
        """Return the tax on `amount` dollars; nothing on less than nothing."""
        total, bottom = ZERO, ZERO
        for rate, top in zip(self.rates, self.tops, strict=False):
            if amount <= top:
                break
            total += rate * (top - bottom)
            bottom = top
        return total + self.next_rate(bottom) * max(ZERO, amount - bottom)

    def next_rate(self, amount: Decimal) -> Decimal:
        """Return the rate of the next dollar above `amount`."""
        return self.rates[sum(amount >= top for top in self.tops)]


@dataclass(frozen=True, slots=True)
class Sourced:
    """An amount of dollars and the rule that sets it."""

    amount: Decimal
    source: str = ""


@dataclass(frozen=True, slots=True)
class FederalRates:
    """The federal figures of one year for one filing status. `additional_deduction` is for each of 65 and blind."""

    year: int
    filing_status: FilingStatus
    ordinary: Brackets
    long_term: Brackets
    standard_deduction: Sourced
    additional_deduction: Sourced
    investment_rate: Decimal
    investment_threshold: Sourced
    loss_limit: Sourced

    def deduction(self, aged_or_blind: int = 0) -> Decimal:
        """Return the standard deduction (IRC 63(c), 63(f)); a person who is both 65 and blind counts twice."""
        return self.standard_deduction.amount + aged_or_blind * self.additional_deduction.amount


@dataclass(frozen=True, slots=True)
class FederalYear:
    """The federal figures of one year for every filing status."""

    year: int
    statuses: Mapping[FilingStatus, FederalRates]

    def of(self, status: FilingStatus) -> FederalRates:
        """Return the figures of a filing status."""
        return self.statuses[status.schedule]


@dataclass(frozen=True, slots=True)
class StateRates:
    """Flat rates of a state at the top, as the firm keeps them; long-term gains up to `long_term_exempt` are free."""

    code: str = ""
    name: str = ""
    ordinary_rate: Decimal = ZERO
    short_term_rate: Decimal = ZERO
    long_term_rate: Decimal = ZERO
    long_term_exempt: Decimal = ZERO
    source: str = ""


NO_STATE = StateRates()


@dataclass(frozen=True, slots=True)
class Income:
    """What a return holds for the year, before the deduction.

    `ordinary` is all income but capital gains and qualified dividends; `investment` is the part of it that is net
    investment income (interest, other dividends, rents). `short_term` and `long_term` are the gains (+) and losses (-)
    of the year, carryovers taken off.
    """

    ordinary: Decimal
    deduction: Decimal
    short_term: Decimal = ZERO
    long_term: Decimal = ZERO
    qualified_dividends: Decimal = ZERO
    investment: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Reckoning:
    """The lines that taxes are taken from. `ordinary` and `taxable` are less the deduction and may be below zero."""

    short_term: Decimal
    long_term: Decimal
    loss_deducted: Decimal
    ordinary: Decimal
    preferred: Decimal
    taxable: Decimal
    magi: Decimal
    net_investment: Decimal


@dataclass(frozen=True, slots=True)
class YearTax:
    """The taxes of a year in dollars, unrounded."""

    federal: Decimal
    net_investment: Decimal
    state: Decimal

    @property
    def total(self) -> Decimal:
        """All taxes together."""
        return self.federal + self.net_investment + self.state


def ordinary_tax(federal: FederalRates, taxable: Decimal) -> Decimal:
    """Return the tax on taxable income without net capital gain (IRC 1(j))."""
    return federal.ordinary.tax(taxable)


def stacked_tax(federal: FederalRates, taxable: Decimal, preferred: Decimal) -> Decimal:
    """Return the tax when `preferred` dollars, taxed at 0, 15 and 20 %, are the top of the taxable income.

    Lines 5 to 23 of the worksheet, without its last comparison.
    """
    taxable = max(ZERO, taxable)
    below = taxable - min(max(ZERO, preferred), taxable)
    return federal.ordinary.tax(below) + federal.long_term.tax(taxable) - federal.long_term.tax(below)


def tax_with_gains(federal: FederalRates, taxable: Decimal, preferred: Decimal) -> Decimal:
    """Return the tax on `taxable` income of which `preferred` is net long-term gain and qualified dividends.

    The smaller of the stacked tax and the tax at ordinary rates, as the last line of the worksheet says: the 0 % range
    ends a little before the 12 % bracket.
    """
    return min(stacked_tax(federal, taxable, preferred), ordinary_tax(federal, taxable))


def net_investment_tax(federal: FederalRates, net_investment: Decimal, magi: Decimal) -> Decimal:
    """Return 3.8 % of the lesser of net investment income and the income over the threshold (IRC 1411(a)(1))."""
    over = magi - federal.investment_threshold.amount
    return federal.investment_rate * max(ZERO, min(net_investment, over))


def reckon(federal: FederalRates, income: Income) -> Reckoning:
    """Net the gains, deduct a net loss up to the limit (IRC 1211(b)), and return the lines of the return."""
    net = income.short_term + income.long_term
    short, long = max(ZERO, income.short_term), max(ZERO, income.long_term)
    if short + long != net:
        short, long = min(short, max(ZERO, net)), min(long, max(ZERO, net))
    lost = min(max(ZERO, -net), federal.loss_limit.amount)
    ordinary = income.ordinary + short - lost - income.deduction
    preferred = long + income.qualified_dividends
    return Reckoning(
        short_term=short,
        long_term=long,
        loss_deducted=lost,
        ordinary=ordinary,
        preferred=preferred,
        taxable=ordinary + preferred,
        magi=ordinary + preferred + income.deduction,
        # a loss deducted reduces investment income too: Reg. 1.1411-4(f)(4); Form 8960, line 5a
        net_investment=income.investment + income.qualified_dividends + short + long - lost,
    )


def state_tax(state: StateRates, income: Income, lines: Reckoning) -> Decimal:
    """Return the tax of a state at its flat rates, without the state's own deductions."""
    ordinary = income.ordinary + income.qualified_dividends - lines.loss_deducted
    return (
        state.ordinary_rate * ordinary
        + state.short_term_rate * lines.short_term
        + state.long_term_rate * max(ZERO, lines.long_term - state.long_term_exempt)
    )


def year_tax(federal: FederalRates, income: Income, state: StateRates = NO_STATE) -> YearTax:
    """Return the taxes of the year; only differences between two of them are meant to be read for the state."""
    lines = reckon(federal, income)
    return YearTax(
        tax_with_gains(federal, lines.taxable, lines.preferred),
        net_investment_tax(federal, lines.net_investment, lines.magi),
        state_tax(state, income, lines),
    )
