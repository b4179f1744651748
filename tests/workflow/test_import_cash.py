from dataclasses import replace
from datetime import date
from decimal import Decimal

from importers import records as r
from tests.workflow.import_desk import DAY, OFFICE, ROTH, TAXABLE, Desk, cash, position

D = Decimal


def apart(ref: r.AccountRef, amount: str) -> r.CashRecord:
    return replace(cash(ref, amount), cash_only=True)


def cash_of(desk: Desk) -> dict[str, Decimal | None]:
    return {account.number: account.cash for account in desk.household().accounts}


def test_a_file_of_cash_alone_leaves_the_positions(desk: Desk) -> None:
    desk.take(desk.file("office.xlsx", *OFFICE), desk.file("positions.csv", position(TAXABLE, "VTI", "12")))
    desk.take(desk.file("summary.csv", apart(TAXABLE, "812.30"), apart(ROTH, "5")))
    assert [(p.symbol, p.quantity) for p in desk.household().positions] == [("VTI", D(12))]
    assert cash_of(desk)[TAXABLE.number] == D("812.30")


def test_cash_and_positions_of_one_day_come_in_any_order(desk: Desk) -> None:
    held = (position(TAXABLE, "VTI", "12"), cash(TAXABLE, "157.71"))
    for names in (("a.csv", "b.csv"), ("d.csv", "c.csv")):
        summary, holdings = (
            desk.file(names[0], apart(TAXABLE, "158.60")),
            desk.file(names[1], *held),
        )
        desk.take(desk.file(f"office {names[0]}.xlsx", *OFFICE), summary, holdings)
        assert cash_of(desk)[TAXABLE.number] == D("158.60")
        assert len(desk.household().positions) == 1


def test_older_cash_is_not_applied_and_says_so(desk: Desk) -> None:
    desk.take(
        desk.file("office.xlsx", *OFFICE), desk.file("positions.csv", position(TAXABLE, "VTI", "12"), cash(TAXABLE))
    )
    outcome = desk.take(desk.file("summary.csv", apart(TAXABLE, "1"), as_of=date(2026, 10, 23)))
    assert [p.code for file in outcome.files for p in file.problems if p.code == "older_cash"] == ["older_cash"]
    assert cash_of(desk)[TAXABLE.number] == D(500)
    assert date(2026, 10, 23) < DAY
