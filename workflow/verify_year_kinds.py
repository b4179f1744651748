"""The kinds of case about the tax of a year: netting, the change that a plan makes, carryovers, rates."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from engine.money import ZERO, cents
from engine.portfolio import LotMethod, TaxPosition
from engine.tax.carryforward import CarriedLoss, CarriedYear, YearOfGains, carry_years, loss_limit
from engine.tax.method_estimate import method_estimate
from engine.tax.rates import FilingStatus
from engine.tax.schedule_d import tax_change, tax_of_year, year_so_far
from workflow.verify_kinds import Answer, Figures, Given, Kind, kind_of, lots_of
from workflow.verify_tables import Columns, Row, read_table

YEARS = Columns(("year", "short_term", "long_term"), ("taxable_income",))
CARRIED_YEARS = Columns(
    ("year", "net_short_term", "net_long_term", "deduction", "short_term_carryover", "long_term_carryover")
)


class Year(Given):
    """The gains (+) and losses (-) of a year, losses carried in (> 0), and the rates that a dollar is taxed at."""

    short_term_rate: Decimal
    long_term_rate: Decimal
    ordinary_rate: Decimal
    loss_carry_rate: Decimal
    short_term: Decimal = ZERO
    long_term: Decimal = ZERO
    carryforward_short_term: Decimal = ZERO
    carryforward_long_term: Decimal = ZERO
    ordinary_loss_limit: Decimal = Decimal(3000)
    loss_deduction_used: Decimal = ZERO

    def position(self) -> TaxPosition:
        """Return the position as the engine takes it."""
        return TaxPosition(
            short_term_rate=self.short_term_rate,
            long_term_rate=self.long_term_rate,
            ordinary_rate=self.ordinary_rate,
            ordinary_loss_limit=self.ordinary_loss_limit,
            loss_carry_rate=self.loss_carry_rate,
            ytd_short_term=self.short_term,
            ytd_long_term=self.long_term,
            carryforward_short_term=self.carryforward_short_term,
            carryforward_long_term=self.carryforward_long_term,
            ytd_loss_deduction_used=self.loss_deduction_used,
        )


def netting_figures(given: Year) -> Answer:
    """Return lines 7, 15 and 16 of Schedule D and the tax of them; a tax below zero is saved on other income."""
    position = given.position()
    year = year_so_far(position)
    return {
        "net_short_term": year.short_term,
        "net_long_term": year.long_term,
        "net": year.net,
        "tax": cents(tax_of_year(year, position)),
    }


class YearWithPlan(Year, kw_only=True):
    """A year and the gains (+) and losses (-) that a plan would add."""

    plan_short_term: Decimal = ZERO
    plan_long_term: Decimal = ZERO


def tax_change_figures(given: YearWithPlan) -> Answer:
    """Return the tax before the plan, after it, and the change."""
    position = given.position()
    before = tax_of_year(year_so_far(position), position)
    change = tax_change(position, given.plan_short_term, given.plan_long_term)
    return {"tax_before": cents(before), "tax_after": cents(before + change), "change": cents(change)}


class CustodianSale(Year, kw_only=True):
    """Lots, the shares chosen of them, and the method of a custodian that takes no lot instruction."""

    lots: str
    chosen: dict[str, Decimal]
    method: LotMethod
    price: Decimal
    sold: date


def custodian_method_figures(given: CustodianSale) -> Answer:
    """Return the gains of the lots chosen and of those that the method takes, and what that adds to the tax."""
    found = method_estimate(
        lots_of(given.lots), given.chosen, given.method, price=given.price, sold=given.sold, tax=given.position()
    )
    return {
        "chosen_short_term": found.chosen.short_term,
        "chosen_long_term": found.chosen.long_term,
        "method_short_term": found.by_method.short_term,
        "method_long_term": found.by_method.long_term,
        "difference": found.difference,
    }


class Years(Given):
    """Years without a gap, each with its gains (+) and losses (-), and the losses carried into the first (> 0).

    `years`: year, short_term, long_term; a further column, taxable_income, may be left out.
    """

    filing_status: FilingStatus
    years: str
    carryforward_short_term: Decimal = ZERO
    carryforward_long_term: Decimal = ZERO


def carryforward_figures(given: Years) -> Answer:
    """Return the nets of each year, the loss deducted, and what is carried to the year after."""
    limit = loss_limit(given.filing_status)
    years = [_year(row, limit) for row in read_table(given.years, YEARS)[1]]
    carried_in = CarriedLoss(given.carryforward_short_term, given.carryforward_long_term)
    return {"years": tuple(_carried_year(one) for one in carry_years(years, carried_in))}


def _year(row: Row, limit: Decimal) -> YearOfGains:
    income = row.get("taxable_income")
    return YearOfGains(
        int(row["year"]),
        Decimal(row["short_term"]),
        Decimal(row["long_term"]),
        Decimal(income) if income else None,
        limit,
    )


def _carried_year(one: CarriedYear) -> Figures:
    return {
        "year": one.year,
        "net_short_term": one.net_short_term,
        "net_long_term": one.net_long_term,
        "deduction": one.deduction,
        "short_term_carryover": one.carried.short_term,
        "long_term_carryover": one.carried.long_term,
    }


YEAR_KINDS: Mapping[str, Kind] = {
    "netting": kind_of(Year, netting_figures),
    "tax_change": kind_of(YearWithPlan, tax_change_figures),
    "custodian_method": kind_of(CustodianSale, custodian_method_figures),
    "carryforward": kind_of(Years, carryforward_figures, {"years": CARRIED_YEARS}),
}
