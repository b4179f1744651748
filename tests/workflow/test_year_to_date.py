"""The year so far: imported realized gains against the figures typed, and rates as typed or from the tables."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from db.store.held import HeldHousehold, HeldRealized
from engine.errors import AppError
from engine.portfolio import Action, LotMethod, RatesFrom
from engine.problems import Severity
from engine.tax.rates import FilingStatus, Income
from engine.tax.rates_case import case_rates
from importers import records as r
from tests.workflow.import_desk import (
    DAY,
    HOLDINGS,
    LOTS,
    OFFICE,
    RULES,
    TAXABLE,
    Desk,
    account,
    household,
    open_desk,
    price,
)
from workflow.case_builder import build_case
from workflow.household_day import HouseholdDay, household_days
from workflow.household_tax import household_tax, tax_position
from workflow.households import list_households
from workflow.tax_rates import federal_year, state_rates
from workflow.year_to_date import NetGains, YearToDate, allowed_gain, year_to_date

D = Decimal
OTHER = r.AccountRef("fidelity", "X-2")
ROTH = r.AccountRef("schwab", "12349999")
TYPED = {"filing_status": "single", "short_term_rate": "0.408", "long_term_rate": "0.238", "ordinary_rate": "0.37"}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return open_desk(tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def abbott(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HeldHousehold]:
    """A household with two taxable accounts, A1 and A3, and a Roth, A2; nothing was sold."""
    with pytest.MonkeyPatch.context() as patch:
        desk = open_desk(tmp_path_factory.mktemp("abbott"), patch)
        desk.take(desk.file("office.xlsx", *OFFICE, account(OTHER, row=5)))
        yield desk.household()


def closed(
    gain: str,
    *,
    sold: date = date(2026, 6, 10),
    acquired: date | None = date(2026, 1, 8),
    disallowed: str = "0",
    of: str = "A1",
) -> HeldRealized:
    return HeldRealized(of, "VTI", acquired, sold, D(5), D(900), D(900) - D(gain), D(gain), D(disallowed))


def year_of(
    held: HeldHousehold,
    *realized: HeldRealized,
    last_sales: dict[str, date] | None = None,
    short: str = "0",
    long: str = "0",
) -> YearToDate:
    assert held.tax is not None
    typed = replace(held.tax.position, ytd_short_term=D(short), ytd_long_term=D(long))
    return year_to_date(replace(held, realized=realized, last_sales=last_sales or {}), typed)


def test_gains_are_added_up_by_term_and_disallowed_losses_added_back(abbott: HeldHousehold) -> None:
    found = year_of(
        abbott,
        closed("120.50"),
        closed("-80.00", disallowed="30.00"),
        closed("1000.00", acquired=date(2025, 6, 9)),
        closed("-1.00", acquired=date(2025, 6, 10)),  # one year to the day is short-term
        closed("500.00", of="A3"),
        closed("7777.00", of="A2"),
        closed("55.00", sold=date(2025, 12, 31), acquired=date(2025, 12, 1)),
    )
    assert found.imported == NetGains(D("569.50"), D("1000.00"))
    assert found.used == found.imported
    assert found.from_files
    assert [(one.name, one.lines, one.until, one.gap) for one in found.coverage] == [
        ("schwab 12345678", 4, date(2026, 6, 10), ""),
        ("fidelity X-2", 1, date(2026, 6, 10), ""),
    ]
    assert found.warnings == ()
    assert found.trail.value == D("1569.50")
    assert [part.label for part in found.trail.inputs[2:]] == [
        "schwab 12345678: 4 closed lots up to 2026-06-10",
        "fidelity X-2: 1 closed lots up to 2026-06-10",
    ]


@pytest.mark.parametrize(("stated", "allowed"), [("-80", "-50"), ("-50", "-50"), ("-50.01", "-50.01")])
def test_a_gain_is_taken_before_or_after_its_adjustment_as_the_file_states_it(stated: str, allowed: str) -> None:
    line = HeldRealized("A1", "VTI", None, DAY, D(5), D(900), D(980), D(stated), D(30))
    assert allowed_gain(line) == D(allowed)


def test_without_imported_gains_the_typed_figures_count(abbott: HeldHousehold) -> None:
    found = year_of(abbott, last_sales={"A1": date(2026, 3, 2)}, short="-1200", long="300")
    assert found.used == found.typed == NetGains(D(-1200), D(300))
    assert not found.from_files
    assert found.warnings == ()
    assert found.trail.label.endswith("as typed in the tax profile")
    assert found.coverage[0].gap == "schwab 12345678 sold on 2026-03-02 and has no realized gains"
    assert [one.is_active for one in found.coverage] == [True, False]


def test_imported_figures_win_over_typed_ones_and_both_are_told(abbott: HeldHousehold) -> None:
    found = year_of(abbott, closed("120.50"), last_sales={"A1": date(2026, 6, 10)}, short="100")
    assert found.used == NetGains(D("120.50"), D(0))
    (warning,) = found.warnings
    assert (warning.severity, warning.code) == (Severity.WARNING, "year_to_date")
    assert warning.message == (
        "the year so far of Abbott: the imported realized gains up to 2026-06-10 are short-term 120.50, "
        "long-term 0.00, the tax profile says short-term 100.00, long-term 0.00; the imported figures are used"
    )


@pytest.mark.parametrize(("typed", "warnings"), [("119.50", 0), ("119.49", 1), ("0", 0)])
def test_a_dollar_of_difference_and_figures_not_typed_are_no_matter(
    abbott: HeldHousehold, typed: str, warnings: int
) -> None:
    assert len(year_of(abbott, closed("120.50"), short=typed).warnings) == warnings


@pytest.mark.parametrize(
    ("more", "last_sales", "gap"),
    [
        ((), {"A1": date(2026, 6, 11)}, "schwab 12345678 sold on 2026-06-11, its realized gains end on 2026-06-10"),
        ((), {"A3": date(2026, 2, 2)}, "fidelity X-2 sold on 2026-02-02 and has no realized gains"),
        ((closed("10", acquired=None),), {}, "1 realized gains of schwab 12345678 have no day of purchase"),
    ],
)
def test_the_typed_figures_count_where_the_files_leave_a_gap(
    abbott: HeldHousehold, more: tuple[HeldRealized, ...], last_sales: dict[str, date], gap: str
) -> None:
    found = year_of(abbott, closed("120.50"), *more, last_sales=last_sales)
    assert found.used == found.typed == NetGains()
    assert not found.from_files
    (warning,) = found.warnings
    assert warning.message.endswith(f"the typed figures are used, because {gap}")


def test_a_sale_in_a_retirement_account_leaves_no_gap(abbott: HeldHousehold) -> None:
    found = year_of(abbott, closed("120.50"), last_sales={"A2": date(2026, 6, 12)})
    assert found.from_files
    assert [one.name for one in found.coverage] == ["schwab 12345678", "fidelity X-2"]


GAIN = r.RealizedRecord(4, TAXABLE, "VTI", date(2026, 1, 8), date(2026, 6, 10), D(5), D(900), D("779.50"), D("120.50"))


def ready_desk(desk: Desk, *told: r.Record, **settings: str) -> HouseholdDay:
    rules = tuple(record for record in RULES if not isinstance(record, r.TaxProfileRecord))
    profile = r.TaxProfileRecord(3, "Standard rates", TYPED | settings)
    people = (household(), account(TAXABLE), account(ROTH, "roth_ira", row=4))
    desk.take(
        desk.file("office.xlsx", *rules, profile, *people),
        desk.file("holdings.csv", *HOLDINGS, *LOTS, *told),
        desk.file("prices.csv", price("VTI", 30, "10"), price("BND", 30, "10"), price("ITOT", 30, "10")),
    )
    with desk.book.reading() as session:
        (day,) = household_days(session, None, DAY)
    return day


def test_the_last_sales_of_the_year_come_from_the_trades(desk: Desk) -> None:
    days = (date(2025, 12, 30), date(2026, 1, 2), date(2026, 3, 2))
    sells = (r.TransactionRecord(7, TAXABLE, day, Action.SELL, "VTI", D(5), D(900)) for day in days)
    later = r.TransactionRecord(7, TAXABLE, date(2026, 4, 2), Action.BUY, "VTI", D(5), D(900))
    assert ready_desk(desk, *sells, later).held.last_sales == {"A1": date(2026, 3, 2)}


def test_the_case_and_the_list_of_households_take_the_imported_figures(desk: Desk) -> None:
    day = ready_desk(desk, GAIN, ytd_short_term="100")
    case = build_case(day.held, None)
    assert (case.tax.ytd_short_term, case.tax.short_term_rate) == (D("120.50"), D("0.408"))
    (row,) = list_households(desk.book, today=DAY)
    assert row.ytd_short_term == D("120.50")
    assert [p.code for p in row.problems] == ["year_to_date"]
    assert not row.blocked


def test_rates_come_from_the_tables_where_the_profile_says_so(desk: Desk) -> None:
    day = ready_desk(desk, rates_from="tables", ordinary_income="250000", state="CA", ytd_short_term="1000")
    assert day.blocked == ()
    federal = federal_year(2026).of(FilingStatus.SINGLE)
    income = Income(D(250_000), federal.deduction(), D(1000), D(0))
    rates = case_rates(federal, income, state_rates("CA"))
    tax = build_case(day.held, None).tax
    assert (tax.short_term_rate, tax.long_term_rate, tax.ordinary_rate, tax.ordinary_loss_limit) == (
        rates.short_term_rate,
        rates.long_term_rate,
        rates.ordinary_rate,
        rates.ordinary_loss_limit,
    )
    assert tax.short_term_rate not in {D(0), D("0.408")}
    assert (tax.ytd_short_term, tax.loss_carry_rate) == (D(1000), D("0.12"))
    assert day.tax is not None
    assert day.tax.trails == (*rates.trails, day.tax.year.trail)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "its ordinary income is missing"),
        ({"ordinary_income": D(1), "filing_status": "trust"}, "no tables for the filing status trust"),
        ({"ordinary_income": D(1), "filing_status": ""}, "no tables for the filing status that is missing"),
        ({"ordinary_income": D(1), "state": "XX"}, "there is no state 'XX', known are AK"),
    ],
)
def test_the_tables_give_no_rates_where_something_is_missing(
    abbott: HeldHousehold, settings: dict[str, Any], said: str
) -> None:
    assert abbott.tax is not None
    held = replace(abbott, tax=replace(abbott.tax, rates_from=RatesFrom.TABLES, **settings))
    found = household_tax(held)
    assert found is not None
    (problem,) = found.blocked
    assert (problem.severity, problem.code) == (Severity.BLOCKING, "no_tax_rates")
    assert said in problem.message
    assert tax_position(held) is None


def test_a_household_whose_rates_are_not_to_be_had_is_blocked(desk: Desk) -> None:
    day = ready_desk(desk, rates_from="tables")
    assert [p.code for p in day.blocked] == ["no_tax_rates"]
    with pytest.raises(AppError, match="takes its rates from the tables"):
        build_case(day.held, None)


def test_without_a_tax_profile_there_is_no_position(abbott: HeldHousehold) -> None:
    held = replace(abbott, tax=None)
    assert household_tax(held) is None
    assert tax_position(held) is None


def test_the_lot_method_of_an_account_reaches_the_case(desk: Desk) -> None:
    case = build_case(ready_desk(desk, replace(account(TAXABLE), lot_method="fifo")).held, None)
    assert [a.lot_method for a in case.accounts] == [LotMethod.FIFO, None]
