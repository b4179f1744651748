"""The tax position of a household: its profile, the year so far, and rates as typed or from the tables of the year."""

from dataclasses import dataclass, replace
from functools import cache

from db.store.held import HeldHousehold, HeldTaxProfile
from engine.errors import AppError
from engine.portfolio import RatesFrom, TaxPosition
from engine.problems import Problem, Severity
from engine.tax.rates import FederalYear, FilingStatus, Income, StateRates
from engine.tax.rates_case import case_rates
from engine.tax.schedule_d import year_so_far
from engine.trail import Trail
from workflow.tax_rates import federal_year, state_rates
from workflow.year_to_date import YearToDate, year_to_date


@dataclass(frozen=True, slots=True)
class HouseholdTax:
    """The position that the case takes, and where it comes from.

    `trails` are those of the rates from the tables (none where they are typed), then that of the year so far;
    `blocked` is why the tables give no rates: the position then has the typed ones and must not be used.
    """

    position: TaxPosition
    year: YearToDate
    trails: tuple[Trail, ...]
    blocked: tuple[Problem, ...] = ()

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Problems that do not keep the household from being traded."""
        return self.year.warnings


def household_tax(held: HeldHousehold) -> HouseholdTax | None:
    """Return the tax position of a household on its day; None without a tax profile."""
    if held.tax is None:
        return None
    year = year_to_date(held, held.tax.position)
    position = replace(held.tax.position, ytd_short_term=year.used.short_term, ytd_long_term=year.used.long_term)
    if held.tax.rates_from is RatesFrom.TYPED:
        return HouseholdTax(position, year, (year.trail,))
    try:
        position, trails = _with_rates(held.tax, position, held.as_of.year)
    except AppError as error:
        problem = Problem(
            Severity.BLOCKING,
            "no_tax_rates",
            f"the tax profile {held.tax.name} takes its rates from the tables: {_said(error)}",
            "Fill it in the sheet Tax profiles, or type the rates.",
        )
        return HouseholdTax(position, year, (year.trail,), (problem,))
    return HouseholdTax(position, year, (*trails, year.trail))


def tax_position(held: HeldHousehold) -> TaxPosition | None:
    """Return the position that the case takes; None without a tax profile, and without its rates."""
    found = household_tax(held)
    return None if found is None or found.blocked else found.position


def _said(error: AppError) -> str:
    return f"{error.title}, {error.detail}" if error.detail else error.title


def _with_rates(profile: HeldTaxProfile, position: TaxPosition, year: int) -> tuple[TaxPosition, tuple[Trail, ...]]:
    """Return the position with the rates of the tables; AppError says what is missing."""
    if profile.filing_status not in set(FilingStatus):
        raise AppError(f"there are no tables for the filing status {profile.filing_status or 'that is missing'}")
    if profile.ordinary_income is None:
        raise AppError("its ordinary income is missing")
    federal = _federal(year).of(FilingStatus(profile.filing_status))
    so_far = year_so_far(position)
    income = Income(
        ordinary=profile.ordinary_income,
        deduction=federal.deduction(),
        short_term=so_far.short_term,
        long_term=so_far.long_term,
    )
    found = case_rates(federal, income, _state(profile.state))
    rated = replace(
        position,
        short_term_rate=found.short_term_rate,
        long_term_rate=found.long_term_rate,
        ordinary_rate=found.ordinary_rate,
        ordinary_loss_limit=found.ordinary_loss_limit,
    )
    return rated, found.trails


@cache
def _federal(year: int) -> FederalYear:
    return federal_year(year)


@cache
def _state(code: str) -> StateRates:
    return state_rates(code)
