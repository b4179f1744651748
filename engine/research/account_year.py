"""The tax of each year of a backtest's account: Schedule D with what earlier years carry, dividends and interest."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from engine.money import ZERO, cents
from engine.portfolio import TaxPosition, Term
from engine.tax.carryforward import CarriedLoss, YearOfGains, carry_year
from engine.tax.schedule_d import tax_of_year, year_so_far

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class YearOfTax:
    """A year's results in dollars. `tax` below zero is what a loss saves against other income (IRC 1211(b))."""

    year: int
    short_term: Decimal
    long_term: Decimal
    dividends: Decimal
    interest: Decimal
    tax: Decimal
    carried: CarriedLoss


def position_in(
    tax: TaxPosition, carried: CarriedLoss, realized: Mapping[Term, Decimal], *, cash_only: bool = False
) -> TaxPosition:
    """Return the tax position of a year with its results so far. `cash_only` gives carried losses no worth."""
    return replace(
        tax,
        ytd_short_term=realized[Term.SHORT],
        ytd_long_term=realized[Term.LONG],
        carryforward_short_term=carried.short_term,
        carryforward_long_term=carried.long_term,
        ytd_loss_deduction_used=ZERO,
        loss_carry_rate=ZERO if cash_only else tax.loss_carry_rate,
    )


def year_of_tax(
    year: int,
    tax: TaxPosition,
    carried_in: CarriedLoss,
    realized: Mapping[Term, Decimal],
    income: Mapping[str, Decimal],
    qualified: Mapping[str, Decimal],
) -> YearOfTax:
    """Return a year with its tax. `income` is dollars by symbol, under "" the interest of uninvested money.

    Interest, and dividends that are not qualified, are ordinary income and net investment income (IRC 1411(c)(1)), as
    short-term gains are: they are taxed at the rate of these. The ordinary rate is without that surtax; it is what a
    deducted loss saves on other income.
    """
    position = position_in(tax, carried_in, realized, cash_only=True)
    interest = income.get("", ZERO)
    paid = {symbol: amount for symbol, amount in income.items() if symbol}
    at_long_rate = sum((amount * qualified.get(symbol, ONE) for symbol, amount in paid.items()), ZERO)
    dividends = sum(paid.values(), ZERO)
    other = dividends - at_long_rate + interest
    owed = tax_of_year(year_so_far(position), position)
    owed += at_long_rate * tax.long_term_rate + other * tax.short_term_rate
    gains = YearOfGains(year, realized[Term.SHORT], realized[Term.LONG], limit=tax.ordinary_loss_limit)
    carried = carry_year(gains, carried_in).carried
    return YearOfTax(year, realized[Term.SHORT], realized[Term.LONG], dividends, interest, cents(owed), carried)
