"""A split that the evidence tells of is applied when a person confirms it, logged, and taken back as one."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from db import tables
from engine.errors import AppError
from importers import records as r
from importers.base import Total
from importers.records import ActivityKind
from tests.workflow.import_desk import DAY, NOW, OFFICE, TAXABLE, Desk, cash, lot, position, price
from workflow.adjustments import Confirmed
from workflow.apply_suggestion import apply_suggestion
from workflow.file_totals import MOST, totals_of, totals_text
from workflow.reconciliation import reconcile_book
from workflow.undo_import import undo_import

D = Decimal
SPLIT_DAY = date(2026, 10, 21)
SAID = Confirmed("Jane", NOW, DAY)


def lots(desk: Desk) -> list[tuple[Decimal, Decimal]]:
    with desk.book.reading() as session:
        query = select(tables.Lot.quantity, tables.Lot.cost_basis).order_by(tables.Lot.acquired)
        return [(quantity, basis) for quantity, basis in session.execute(query)]


def splits(desk: Desk) -> list[tuple[date, Decimal | None]]:
    with desk.book.reading() as session:
        rows = session.execute(select(tables.Activity.date, tables.Activity.quantity, tables.Activity.kind))
        return [(day, quantity) for day, quantity, kind in rows if kind == ActivityKind.SPLIT]


def held_before_and_after(desk: Desk, after: str, *old: r.Record) -> None:
    """Lots and a statement of before the split, a statement of after it, and closes that fell to the half."""
    closes = (price("VTI", 20, "101", "50"), price("VTI", 21, "50.2", "50.2"), price("VTI", 30, "50"))
    desk.take(desk.file("office.xlsx", *OFFICE))
    desk.take(desk.file("one.csv", position(TAXABLE, "VTI", "13"), *old, cash(TAXABLE), as_of=date(2026, 9, 30)))
    desk.take(desk.file("two.csv", position(TAXABLE, "VTI", after, price="50"), cash(TAXABLE), *closes))


FIRST = lot(TAXABLE, "VTI", "5", acquired=date(2024, 3, 1), basis="90")
SECOND = lot(TAXABLE, "VTI", "8", acquired=date(2025, 3, 3), basis="77.77")


def test_a_split_is_applied_to_lots_and_history_and_taken_back_as_one(desk: Desk) -> None:
    held_before_and_after(desk, "26", FIRST, SECOND)
    done = apply_suggestion(desk.book, 1, SAID)
    assert done.startswith("2:1 split of VTI on 2026-10-21: 3 rows changed (import 4;")
    assert lots(desk) == [(D(10), D(90)), (D(16), D("77.77"))]
    assert splits(desk) == [(SPLIT_DAY, D(13))]
    found = reconcile_book(desk.book, as_of=DAY)
    assert found.splits == ()
    assert {x.verdict for x in found.lots if x.symbol == "VTI"} == {"matches"}
    assert {x.verdict for x in found.rolled if x.symbol == "VTI"} == {"matches"}
    assert "lots_differ" not in {p.problem.code for p in desk.household().problems}
    undo_import(desk.book, 4, by="Jane", now=NOW)
    assert lots(desk) == [(D(5), D(90)), (D(8), D("77.77"))]
    assert splits(desk) == []
    assert len(reconcile_book(desk.book, as_of=DAY).splits) == 1


def test_cash_for_a_fraction_takes_a_part_of_the_oldest_lot_with_its_basis(desk: Desk) -> None:
    held_before_and_after(desk, "19", FIRST, SECOND)
    apply_suggestion(desk.book, 1, SAID, on=SPLIT_DAY)
    assert lots(desk) == [(D(7), D(84)), (D(12), D("77.77"))]


def test_a_split_that_the_custodian_tells_of_later_is_not_counted_twice(desk: Desk) -> None:
    held_before_and_after(desk, "26", FIRST, SECOND)
    apply_suggestion(desk.book, 1, SAID)
    told = r.ActivityRecord(8, TAXABLE, date(2026, 10, 22), ActivityKind.SPLIT, "VTI", "", D(13), None)
    desk.take(desk.file("history.csv", told, as_of=None))
    assert len(splits(desk)) == 2
    found = reconcile_book(desk.book, as_of=DAY)
    assert {x.verdict for x in found.rolled if x.symbol == "VTI"} == {"matches"}


def test_what_cannot_be_applied_is_refused_with_why(desk: Desk) -> None:
    desk.take(desk.file("office.xlsx", *OFFICE))
    with pytest.raises(AppError, match="no suggestion 1 of 0"):
        apply_suggestion(desk.book, 1, SAID)
    rows = (position(TAXABLE, "VTI", "24", price="50"), lot(TAXABLE, "VTI", "12"), cash(TAXABLE))
    desk.take(desk.file("now.csv", *rows))
    with pytest.raises(AppError, match="does not say the day"):
        apply_suggestion(desk.book, 1, SAID)
    desk.take(desk.file("prices.csv", price("BND", 20, "80"), price("BND", 21, "40"), as_of=None))
    desk.take(desk.file("b.csv", position(TAXABLE, "BND", "4"), position(TAXABLE, "VTI", "12"), note="b"))
    found = reconcile_book(desk.book, as_of=DAY)
    assert [(x.symbol, x.what) for x in found.splits] == [("BND", "2:1 split")]
    with pytest.raises(AppError, match="nothing to apply"):
        apply_suggestion(desk.book, 1, SAID)


def test_a_merger_is_named_and_not_applied(desk: Desk) -> None:
    desk.take(desk.file("office.xlsx", *OFFICE))
    desk.take(desk.file("one.csv", position(TAXABLE, "VTI", "12"), cash(TAXABLE), as_of=date(2026, 9, 30)))
    desk.take(desk.file("two.csv", position(TAXABLE, "ITOT", "18"), cash(TAXABLE)))
    with pytest.raises(AppError, match="a merger is not applied"):
        apply_suggestion(desk.book, 1, SAID)


MOVED = [
    ((), "differs", "no basis: get the transfer statement of the firm that delivered"),
    ((lot(TAXABLE, "VTI", "5"),), "differs", "the lots do not fit the position"),
    ((lot(TAXABLE, "VTI", "12"),), "matches", "its lots are in the book"),
    ((lot(TAXABLE, "VTI", "12", acquired=SPLIT_DAY),), "not compared", "bought on the day of the transfer"),
]


@pytest.mark.parametrize(("lots_of", "verdict", "needed"), MOVED)
def test_a_transfer_is_listed_with_what_is_needed_for_its_basis(
    desk: Desk, lots_of: tuple[r.Record, ...], verdict: str, needed: str
) -> None:
    came = r.ActivityRecord(8, TAXABLE, SPLIT_DAY, ActivityKind.TRANSFER_IN, "VTI", "", D(12), None)
    rows = (position(TAXABLE, "VTI", "12"), cash(TAXABLE), *lots_of)
    desk.take(desk.file("office.xlsx", *OFFICE), desk.file("now.csv", *rows))
    desk.take(desk.file("history.csv", came, as_of=None))
    (line,) = reconcile_book(desk.book, as_of=DAY).moved
    assert (line.verdict, line.quantity, line.kind) == (verdict, D(12), "transfer in")
    assert needed in line.needed


@pytest.mark.parametrize(
    ("quantity", "held", "needed"),
    [
        ("12", True, "get the terms of the merger or spin-off"),
        ("-12", True, "a merger or spin-off took them"),
        ("12", False, "nothing of it is held any more"),
    ],
)
def test_a_merger_of_a_history_is_named_with_what_it_did(desk: Desk, quantity: str, held: bool, needed: str) -> None:
    row = r.ActivityRecord(8, TAXABLE, SPLIT_DAY, ActivityKind.MERGER, "VTI", "", D(quantity), None)
    rows = (position(TAXABLE, "VTI", "12"),) if held else ()
    desk.take(desk.file("office.xlsx", *OFFICE), desk.file("now.csv", *rows, cash(TAXABLE)))
    desk.take(desk.file("history.csv", row, as_of=None))
    (line,) = reconcile_book(desk.book, as_of=DAY).moved
    assert needed in line.needed


def test_what_files_state_about_themselves_is_kept_and_shown(desk: Desk) -> None:
    path = desk.file("now.csv", position(TAXABLE, "VTI", "12"), cash(TAXABLE))
    totals = (Total(9, "market value", D("120.00"), D("120.00")), Total(9, "cost basis", D("90.5"), D("87.5")))
    desk.stated[path] = replace(desk.stated[path], totals=totals)
    desk.take(desk.file("office.xlsx", *OFFICE), path)
    lines = [line for line in reconcile_book(desk.book, as_of=DAY).totals if line.file == "now.csv"]
    assert [(x.what, x.stated, x.found, x.difference) for x in lines] == [
        ("market value", D(120), D(120), D(0)),
        ("cost basis", D("90.5"), D("87.5"), D(-3)),
    ]


def test_of_many_totals_those_that_differ_are_kept() -> None:
    many = [Total(n, f"t{n}", D(n), D(n if n < MOST + 20 else 0)) for n in range(1, MOST + 30)]
    kept = totals_of(totals_text(many))
    assert len(kept) == MOST
    assert [total.row for total in kept][-10:] == list(range(MOST + 20, MOST + 30))
