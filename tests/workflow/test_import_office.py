from datetime import date
from decimal import Decimal

import pytest

from engine.portfolio import RatesFrom
from engine.problems import Problem, Severity
from importers import records as r
from tests.workflow.import_desk import (
    DAY,
    HOLDINGS,
    LOTS,
    OFFICE,
    ROTH,
    RULES,
    TAXABLE,
    Desk,
    account,
    cash,
    codes,
    household,
    lot,
    position,
    price,
    security,
    target,
)

D = Decimal


def test_an_account_nobody_knows_is_kept_and_blocked_until_the_workbook_names_it(desk: Desk) -> None:
    new = r.AccountRef("schwab", "...777", "Trust")
    outcome = desk.take(desk.file("office.xlsx", *OFFICE), desk.file("p.csv", position(new, "VTI", "1", row=12)))
    (problem,) = [p for p in outcome.problems if p.code == "account_not_assigned"]
    assert (problem.severity, problem.file, problem.row, problem.account) == (Severity.BLOCKING, "p.csv", 12, "...777")
    assert "sheet Accounts" in problem.hint
    whole = account(r.AccountRef("schwab", "55554777"), row=5)
    outcome = desk.take(desk.file("office 2.xlsx", *OFFICE, whole))
    assert outcome.changes == {"accounts changed": 2}
    assert "account_not_assigned" not in codes(outcome.problems)
    assert [a.number for a in desk.household().accounts] == ["12345678", "12349999", "55554777"]


def test_an_account_that_could_be_two_is_left_out_until_it_is_clear(desk: Desk) -> None:
    twin = account(r.AccountRef("schwab", "99995678"), row=5)
    masked = desk.file("masked.csv", position(r.AccountRef("schwab", "...678"), "VTI", "3", row=8))
    office = desk.file("office.xlsx", *OFFICE, twin)
    outcome = desk.take(office, masked)
    (problem,) = outcome.files[1].problems
    assert (problem.code, problem.row, problem.field) == ("ambiguous_account", 8, "account")
    assert "12345678 or 99995678" in problem.message
    assert "positions added" not in outcome.changes
    again = desk.take(masked)
    assert again.changes == {}
    assert not again.written
    assert codes(again.files[0].problems) == ["ambiguous_account"]


def test_an_unknown_security_is_kept_and_blocked_until_it_is_classified(desk: Desk) -> None:
    rows = (position(TAXABLE, "ODDX", "1", row=14), cash(ROTH), lot(TAXABLE, "ODDX", "1"))
    outcome = desk.take(desk.file("office.xlsx", *OFFICE), desk.file("p.csv", *rows))
    (problem,) = [p for p in outcome.problems if p.code == "unclassified_security"]
    assert (problem.file, problem.row, problem.field, problem.symbol) == ("p.csv", 14, "symbol", "ODDX")
    assert "sheet Securities" in problem.hint
    assert [p.problem for p in desk.household().problems] == [problem]
    later = desk.take(desk.file("macro.csv", r.MacroRecord(2, "X", DAY, D(1))))
    assert problem in later.problems
    outcome = desk.take(desk.file("office 2.xlsx", *OFFICE, security("ODDX")))
    assert outcome.problems == ()
    assert outcome.changes == {"securities changed": 1}
    assert desk.household().problems == ()


def test_the_problems_of_a_file_go_when_a_newer_file_tells_the_same_anew(desk: Desk) -> None:
    bad = Problem(Severity.BLOCKING, "bad_value", "ITOT: no quantity", row=6, account=TAXABLE.number, symbol="ITOT")
    desk.take(
        desk.file("office.xlsx", *OFFICE), desk.file("p.csv", *HOLDINGS, problems=[bad]), desk.file("l.csv", *LOTS)
    )
    assert [p.problem.code for p in desk.household().problems] == ["bad_value"]
    desk.take(desk.file("roth.csv", position(ROTH, "BND", "4"), cash(ROTH, "20")))
    assert [p.problem.code for p in desk.household().problems] == ["bad_value"]
    desk.take(desk.file("p2.csv", *HOLDINGS, note="corrected"))
    assert desk.household().problems == ()


def test_the_problem_of_a_price_goes_with_a_corrected_table(desk: Desk) -> None:
    desk.take(desk.file("office.xlsx", *OFFICE), desk.file("prices.csv", price("VTI", 30, "0")))
    assert "bad_value" in [p.problem.code for p in desk.household().problems]
    desk.take(desk.file("corrected.csv", price("VTI", 30, "10")))
    assert "bad_value" not in [p.problem.code for p in desk.household().problems]


def test_the_workbook_is_the_last_word_on_its_households(desk: Desk) -> None:
    until = date(2026, 12, 31)
    lock = r.RestrictionRecord(3, "Abbott", "...5678", "VTI", "lock", "gift", until)
    desk.take(desk.file("office.xlsx", *OFFICE, lock))
    assert [(x.account, x.until) for x in desk.household().restrictions] == [("A1", until)]
    fewer = (*RULES, household(), r.PersonRecord(3, "Abbott", "Sam", "spouse"), account(TAXABLE), account(ROTH))
    outcome = desk.take(desk.file("office 2.xlsx", *fewer))
    assert outcome.changes == {
        "people added": 1,
        "people removed": 1,
        "restrictions removed": 1,
        "accounts changed": 1,
    }
    assert desk.household().restrictions == ()
    assert [p.name for p in desk.household().people] == ["Sam"]


def test_a_model_is_written_as_a_whole(desk: Desk) -> None:
    desk.take(desk.file("office.xlsx", *OFFICE))
    rest = (x for x in OFFICE if not isinstance(x, r.ModelTargetRecord))
    outcome = desk.take(desk.file("office 2.xlsx", *rest, target("us_equity", "1", "ITOT")))
    assert outcome.changes == {"models changed": 1}
    model = desk.household().model
    assert model is not None
    assert [(t.asset_class, t.weight, t.buy_list) for t in model.targets] == [("us_equity", D(1), ("ITOT",))]


RATES = {"short_term_rate": "0.4", "long_term_rate": "0.2", "ordinary_rate": "0.3"}


def test_a_profile_keeps_where_its_rates_come_from(desk: Desk) -> None:
    settings = RATES | {"rates_from": "tables", "ordinary_income": "250000", "state": "CA"}
    desk.take(desk.file("office.xlsx", *OFFICE))
    outcome = desk.take(desk.file("office 2.xlsx", *OFFICE, r.TaxProfileRecord(4, "Standard rates", settings)))
    assert outcome.changes == {"tax profiles changed": 1}
    tax = desk.household().tax
    assert tax is not None
    assert (tax.rates_from, tax.ordinary_income, tax.state) == (RatesFrom.TABLES, D(250_000), "CA")


@pytest.mark.parametrize(
    ("records", "code", "field"),
    [
        ((household(model="None such"),), "unknown_model", "model"),
        ((account(r.AccountRef("schwab", "777777"), of="Nobody"),), "unknown_household", "household"),
        ((r.PersonRecord(4, "Nobody", "Sam", "client"),), "unknown_household", "household"),
        ((r.RestrictionRecord(4, "Nobody", "", "VTI", "lock", "", None),), "unknown_household", "household"),
        ((r.RestrictionRecord(4, "Abbott", "777", "VTI", "lock", "", None),), "unknown_account", "account"),
        ((account(TAXABLE, row=9),), "double_account", "number"),
        ((target("us_bond", "0.1"),), "double_target", "asset_class"),
        ((r.TaxProfileRecord(4, "T", {"short_term_rate": "x"}),), "bad_tax_profile", "short_term_rate"),
        ((r.TaxProfileRecord(4, "T", {"short_term_rate": "1E+99"}),), "bad_tax_profile", "short_term_rate"),
        ((r.TaxProfileRecord(4, "T", {}),), "bad_tax_profile", "short_term_rate"),
        ((r.TaxProfileRecord(4, "T", RATES | {"ordinary_income": "x"}),), "bad_tax_profile", "ordinary_income"),
    ],
)
def test_what_a_workbook_names_and_nobody_knows_is_a_problem(
    desk: Desk, records: tuple[r.Record, ...], code: str, field: str
) -> None:
    outcome = desk.take(desk.file("office.xlsx", *OFFICE, *records))
    (problem,) = outcome.files[0].problems
    assert (problem.code, problem.field, problem.severity) == (code, field, Severity.BLOCKING)
    assert problem.row == records[0].row
    assert outcome.written


def test_a_household_that_lacks_something_is_blocked_by_name(desk: Desk) -> None:
    bare = r.HouseholdRecord(4, "Baker", "", "", "")
    outcome = desk.take(desk.file("office.xlsx", *OFFICE, bare))
    assert [p.message for p in outcome.problems if "Baker" in p.message] == [
        "household Baker has no tax profile",
        "household Baker has no model",
        "household Baker has no policy",
    ]
    assert len(desk.household("Baker").problems) == 3
