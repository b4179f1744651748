from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from engine.problems import Problem, Severity
from importers import records as r
from tests.workflow.import_desk import (
    DAY,
    OFFICE,
    ROTH,
    RULES,
    TAXABLE,
    Desk,
    account,
    cash,
    household,
    lot,
    position,
    price,
    security,
    target,
)

D = Decimal


def found(desk: Desk, *records: r.Record, office: tuple[r.Record, ...] = OFFICE) -> tuple[Problem, ...]:
    """Return the problems of a book with the office and these holdings; both accounts are known to hold cash."""
    rows = (*records, cash(TAXABLE), cash(ROTH))
    return desk.take(desk.file("office.xlsx", *office), desk.file("holdings.csv", *rows)).problems


def told(basis: str) -> r.PositionRecord:
    return replace(position(TAXABLE, "VTI", "12"), cost_basis=D(basis))


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ((position(TAXABLE, "VTI", "12"), lot(TAXABLE, "VTI", "12")), []),
        ((position(TAXABLE, "VTI", "12"), lot(TAXABLE, "VTI", "5"), lot(TAXABLE, "VTI", "7")), []),
        ((position(TAXABLE, "VTI", "12"), lot(TAXABLE, "VTI", "12.0001")), []),
        ((position(TAXABLE, "VTI", "12"), lot(TAXABLE, "VTI", "12.00011")), ["lots_differ"]),
        ((position(TAXABLE, "VTI", "12"), lot(TAXABLE, "VTI", "11")), ["lots_differ"]),
        ((position(TAXABLE, "VTI", "12"), lot(ROTH, "VTI", "12")), ["lots_missing", "lots_without_position"]),
        ((position(TAXABLE, "VTI", "12"),), ["lots_missing"]),
        ((position(ROTH, "VTI", "12"),), ["lots_missing"]),
        ((lot(TAXABLE, "VTI", "12"),), ["lots_without_position"]),
        ((told("90"), lot(TAXABLE, "VTI", "12")), []),
        ((told("91"), lot(TAXABLE, "VTI", "12")), []),
        ((told("91.01"), lot(TAXABLE, "VTI", "12")), ["basis_differs"]),
    ],
)
def test_lots_are_held_against_positions(desk: Desk, records: tuple[r.Record, ...], expected: list[str]) -> None:
    assert [problem.code for problem in found(desk, *records)] == expected


def test_lots_that_do_not_add_up_block_the_symbol_in_its_account_by_name(desk: Desk) -> None:
    (problem,) = found(desk, position(TAXABLE, "VTI", "1234.5"), lot(TAXABLE, "VTI", "1000"))
    assert problem.line() == (
        "holdings.csv: schwab 12345678: the lots of VTI add up to 1,000, the position is 1,234.5; "
        "tax-lot trading of VTI is blocked there. Import the lot details of VTI for this account as of 2026-10-30."
    )
    assert (problem.severity, problem.account, problem.symbol) == (Severity.BLOCKING, "12345678", "VTI")
    (standing,) = desk.household().problems
    assert (standing.account, standing.symbol, standing.problem) == ("A1", "VTI", problem)


def test_a_basis_that_differs_is_a_warning_only(desk: Desk) -> None:
    (problem,) = found(desk, told("500"), lot(TAXABLE, "VTI", "12"))
    assert problem.severity is Severity.WARNING


def test_the_problem_goes_when_the_lots_arrive(desk: Desk) -> None:
    assert found(desk, position(TAXABLE, "VTI", "12")) != ()
    assert desk.take(desk.file("lots.csv", lot(TAXABLE, "VTI", "12"))).problems == ()
    assert desk.household().problems == ()


@pytest.mark.parametrize(
    ("value", "expected"),
    [("120", []), ("121", []), ("118.5", ["value_differs"]), ("12000", ["value_differs"]), (None, [])],
)
def test_quantity_times_price_is_held_against_the_market_value(
    desk: Desk, value: str | None, expected: list[str]
) -> None:
    stated = replace(position(TAXABLE, "VTI", "12"), market_value=D(value) if value else None)
    assert [problem.code for problem in found(desk, stated, lot(TAXABLE, "VTI", "12"))] == expected


@pytest.mark.parametrize(
    ("close", "day", "expected"),
    [("10.9", 30, []), ("5", 30, ["price_conflict"]), ("20", 30, ["price_conflict"]), ("5", 29, [])],
)
def test_a_split_that_one_side_does_not_know_is_suspected(
    desk: Desk, close: str, day: int, expected: list[str]
) -> None:
    rows = (position(TAXABLE, "VTI", "12"), lot(TAXABLE, "VTI", "12"), price("VTI", day, close))
    assert [problem.code for problem in found(desk, *rows)] == expected


def test_an_account_of_which_nothing_is_known_is_blocked(desk: Desk) -> None:
    problems = desk.take(desk.file("office.xlsx", *OFFICE)).problems
    assert [(p.code, p.account) for p in problems] == [("no_positions", "12345678"), ("no_positions", "12349999")]


def test_an_account_without_registration_is_blocked(desk: Desk) -> None:
    office = (*RULES, household(), account(TAXABLE), account(ROTH, ""))
    (problem,) = found(desk, office=office)
    assert (problem.code, problem.account) == ("no_registration", "12349999")


def test_securities_that_nobody_holds_are_only_listed(desk: Desk) -> None:
    (problem,) = found(desk, *(price(f"X{number:02d}", 30, "1") for number in range(25)))
    assert problem.severity is Severity.INFO
    assert problem.message.startswith("25 securities that nobody holds have no asset class: X00, X01")
    assert problem.message.endswith("...")
    assert desk.household().problems == ()


def test_a_buy_list_may_only_name_securities_of_its_class(desk: Desk) -> None:
    office = (*(x for x in OFFICE if not isinstance(x, r.ModelTargetRecord)),)
    targets = (target("us_equity", "0.6", "BND", "NEWX"), target("cash", "0.4", "BND"))
    problems = found(desk, office=(*office, *targets))
    assert [(p.code, p.symbol) for p in problems] == [("class_differs", "BND"), ("unclassified_security", "NEWX")]
    assert len(desk.household().problems) == 2


def test_the_weights_of_a_model_add_up_to_one(desk: Desk) -> None:
    (problem,) = found(desk, office=(*OFFICE, target("cash", "0.05")))
    assert problem.message == "the weights of model Balanced add up to 105.00%, not 100%"
    assert problem.severity is Severity.BLOCKING


def test_an_unheld_security_blocks_once_it_is_held(desk: Desk) -> None:
    found(desk, price("ODDX", 30, "1"))
    rows = (position(TAXABLE, "ODDX", "1", price="1"), lot(TAXABLE, "ODDX", "1"), cash(TAXABLE))
    problems = desk.take(desk.file("later.csv", *rows, note="later")).problems
    assert [(p.code, p.symbol, p.file) for p in problems] == [("unclassified_security", "ODDX", "later.csv")]
    assert desk.take(desk.file("office 2.xlsx", *OFFICE, security("ODDX"))).problems == ()


def test_lots_are_not_lost_when_a_position_is_sold_and_bought_again(desk: Desk) -> None:
    sold = date(2026, 10, 28)
    office = desk.file("office.xlsx", *OFFICE)
    first = (position(TAXABLE, "VTI", "12"), lot(TAXABLE, "VTI", "12"), cash(TAXABLE), cash(ROTH))
    desk.take(office, desk.file("1.csv", *first, as_of=date(2026, 10, 27)))
    desk.take(desk.file("2.csv", cash(TAXABLE), as_of=sold))
    assert desk.household().lots == ()
    again = (position(TAXABLE, "VTI", "3"), lot(TAXABLE, "VTI", "3", acquired=DAY), cash(TAXABLE))
    assert desk.take(desk.file("3.csv", *again)).problems == ()
    assert [held.id for held in desk.household().lots] == ["A1/VTI-20261030-1"]
