"""The kinds of case about tax rates: the tax and the rates of a return, and the steps of the next dollars of gain."""

from collections.abc import Mapping
from decimal import Decimal

from engine.money import ZERO, cents
from engine.portfolio import Term
from engine.tax.rates import FederalRates, FilingStatus, Income, StateRates, reckon, year_tax
from engine.tax.rates_case import case_rates
from engine.tax.rates_steps import rate_steps
from workflow.tax_rates import federal_year
from workflow.verify_kinds import Answer, Given, Kind, kind_of
from workflow.verify_tables import Columns

STEPS = Columns(("from", "to", "rate"), ("change",))


class Return(Given):
    """A return. `income` is all but gains and qualified dividends, `investment_income` the part of it that is so."""

    year: int
    filing_status: FilingStatus
    income: Decimal
    deduction: Decimal | None = None
    aged_or_blind: int = 0
    short_term: Decimal = ZERO
    long_term: Decimal = ZERO
    qualified_dividends: Decimal = ZERO
    investment_income: Decimal = ZERO
    state_ordinary_rate: Decimal = ZERO
    state_short_term_rate: Decimal = ZERO
    state_long_term_rate: Decimal = ZERO
    state_long_term_exempt: Decimal = ZERO

    def federal(self) -> FederalRates:
        """Return the federal figures that ship."""
        return federal_year(self.year).of(self.filing_status)

    def earned(self) -> Income:
        """Return the income as the engine takes it; without a deduction the standard one."""
        return Income(
            ordinary=self.income,
            deduction=self.federal().deduction(self.aged_or_blind) if self.deduction is None else self.deduction,
            short_term=self.short_term,
            long_term=self.long_term,
            qualified_dividends=self.qualified_dividends,
            investment=self.investment_income,
        )

    def state(self) -> StateRates:
        """Return the rates of the state."""
        return StateRates(
            ordinary_rate=self.state_ordinary_rate,
            short_term_rate=self.state_short_term_rate,
            long_term_rate=self.state_long_term_rate,
            long_term_exempt=self.state_long_term_exempt,
        )


def rates_figures(given: Return) -> Answer:
    """Return taxable income, the federal taxes on it, and the rates of the case."""
    federal, income = given.federal(), given.earned()
    tax = year_tax(federal, income, given.state())
    rates = case_rates(federal, income, given.state())
    return {
        "taxable_income": max(ZERO, reckon(federal, income).taxable),
        "federal_tax": cents(tax.federal),
        "net_investment_tax": cents(tax.net_investment),
        "short_term_rate": rates.short_term_rate,
        "long_term_rate": rates.long_term_rate,
        "ordinary_rate": rates.ordinary_rate,
        "ordinary_loss_limit": rates.ordinary_loss_limit,
    }


class ReturnAndTerm(Return, kw_only=True):
    """A return and the term of the gains to come."""

    term: Term


def rate_steps_figures(given: ReturnAndTerm) -> Answer:
    """Return the steps of the next dollars of gain; the last has no end."""
    steps = rate_steps(given.federal(), given.earned(), given.term, given.state())
    return {
        "steps": tuple(
            {"from": step.start, "to": "" if step.end is None else step.end, "rate": step.rate, "change": step.change}
            for step in steps
        )
    }


RATE_KINDS: Mapping[str, Kind] = {
    "rates": kind_of(Return, rates_figures),
    "rate_steps": kind_of(ReturnAndTerm, rate_steps_figures, {"steps": STEPS}),
}
