"""Tickers that changed: what stands under both names reads as one, confirmed by a person, taken back as one."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from db import tables
from engine.errors import AppError
from engine.portfolio import Action
from importers import records as r
from importers.records import ActivityKind
from tests.workflow.import_desk import (
    BOOK_NAME,
    DAY,
    NOW,
    OFFICE,
    TAXABLE,
    Desk,
    cash,
    codes,
    lot,
    position,
    price,
    security,
)
from workflow.adjustments import Confirmed
from workflow.cli import run
from workflow.reconciliation import reconcile_book
from workflow.symbol_changes import SymbolChange, list_changes
from workflow.symbol_rename import rename_security
from workflow.undo_import import list_imports, undo_import

D = Decimal
JUNE = date(2026, 6, 9)
CHANGE = SymbolChange("OLDX", "NEWX", JUNE)
SAID = Confirmed("Jane", NOW, DAY, "the custodian's notice")
GOOD, OTHER = "037833100", "922908769"


def trade(day: date, symbol: str, quantity: str = "5") -> r.TransactionRecord:
    return r.TransactionRecord(7, TAXABLE, day, Action.BUY, symbol, D(quantity), D(50))


def dividend(day: date, symbol: str) -> r.ActivityRecord:
    return r.ActivityRecord(8, TAXABLE, day, ActivityKind.DIVIDEND, symbol, "", None, D(4))


def held(desk: Desk) -> set[str]:
    with desk.book.reading() as session:
        return set(session.scalars(select(tables.Security.symbol)))


def trades_of(desk: Desk, symbol: str) -> list[date]:
    with desk.book.reading() as session:
        table = tables.Transaction
        query = select(table.date).join(tables.Security, tables.Security.id == table.security_id)
        return list(session.scalars(query.where(tables.Security.symbol == symbol).order_by(table.date)))


def both_names(desk: Desk) -> None:
    """A history under the old name, and one under the new name that tells the last trade again."""
    old = (trade(date(2026, 3, 2), "OLDX"), trade(date(2026, 4, 2), "OLDX", "6"), dividend(date(2026, 4, 9), "OLDX"))
    new = (trade(date(2026, 4, 2), "NEWX", "6"), trade(date(2026, 7, 2), "NEWX"), dividend(date(2026, 4, 9), "NEWX"))
    prices = (price("OLDX", 1, "10"), price("OLDX", 2, "11"), price("NEWX", 2, "11"), price("NEWX", 5, "12"))
    now = (position(TAXABLE, "NEWX", "16"), lot(TAXABLE, "NEWX", "16"), cash(TAXABLE))
    desk.take(desk.file("office.xlsx", *OFFICE, security("NEWX", substitutes=("VTI",))))
    desk.take(desk.file("old.csv", *old, as_of=None), desk.file("prices.csv", *prices, as_of=None))
    desk.take(desk.file("new.csv", *new, as_of=None), desk.file("now.csv", *now))


def test_history_under_both_names_reads_as_one_and_nothing_is_told_twice(desk: Desk) -> None:
    both_names(desk)
    rename_security(desk.book, CHANGE, SAID)
    assert held(desk) & {"OLDX", "NEWX"} == {"NEWX"}
    assert trades_of(desk, "NEWX") == [date(2026, 3, 2), date(2026, 4, 2), date(2026, 7, 2)]
    with desk.book.reading() as session:
        assert len(session.scalars(select(tables.Price.date)).all()) == 3
        contents = session.scalars(select(tables.Activity.content)).all()
        assert [content.split("|")[0] for content in contents] == ["NEWX"]
        row = session.scalars(select(tables.Security).where(tables.Security.symbol == "NEWX")).one()
        assert row.asset_class == "us_equity"
        assert list_changes(session) == (replace(CHANGE, by="Jane", reason="the custodian's notice"),)
    assert [x.symbol for x in desk.household().positions] == ["NEWX"]


def everything(desk: Desk) -> dict[str, list[tuple[object, ...]]]:
    kept = {"audit_log", "import_batches", "import_files", "import_changes", "data_problems"}
    with desk.book.reading() as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
            for table in tables.Base.metadata.sorted_tables
            if table.name not in kept
        }


def test_a_change_of_symbol_is_listed_logged_and_taken_back_as_one(desk: Desk) -> None:
    both_names(desk)
    before = everything(desk)
    batch = rename_security(desk.book, CHANGE, SAID)
    assert everything(desk) != before
    assert list_imports(desk.book)[0].files == ("OLDX is NEWX since 2026-06-09",)
    with desk.book.reading() as session:
        line = session.scalars(select(tables.AuditLine).order_by(tables.AuditLine.id.desc())).first()
        assert line is not None
        assert (line.action, line.by) == ("adjust", "Jane")
    undo_import(desk.book, batch, by="Jane", now=NOW)
    assert everything(desk) == before


def test_files_that_still_say_the_old_name_are_read_under_the_new_one_before_the_day(desk: Desk) -> None:
    desk.take(desk.file("office.xlsx", *OFFICE, security("OLDX")))
    rename_security(desk.book, CHANGE, SAID)
    late = (trade(date(2026, 5, 4), "OLDX"), trade(date(2026, 6, 12), "OLDX"), trade(date(2026, 9, 1), "OLDX"))
    desk.take(desk.file("late.csv", *late, as_of=None))
    assert trades_of(desk, "NEWX") == [date(2026, 5, 4), date(2026, 6, 12)]
    assert trades_of(desk, "OLDX") == [date(2026, 9, 1)]


def test_an_office_workbook_that_names_the_old_symbol_means_the_new_one(desk: Desk) -> None:
    desk.take(desk.file("office.xlsx", *OFFICE, security("OLDX")))
    rename_security(desk.book, CHANGE, SAID)
    desk.take(desk.file("office.xlsx", *OFFICE, security("OLDX"), security("ITOT", substitutes=("OLDX",)), note="2"))
    assert "OLDX" not in held(desk)
    desk.take(desk.file("office.xlsx", *OFFICE, security("OLDX"), security("NEWX", "us_bond"), note="3"))
    with desk.book.reading() as session:
        query = select(tables.Security.asset_class).where(tables.Security.symbol == "NEWX")
        assert session.scalar(query) == "us_bond"


WRONG = [
    (SymbolChange("VTI", "VTI", JUNE), SAID, "needs an old and a new one"),
    (SymbolChange("QQQA", "QQQB", JUNE), SAID, "knows neither"),
    (SymbolChange("VTI", "VTX", date(2027, 1, 4)), SAID, "is after today"),
    (SymbolChange("VTI", "VTX", JUNE), replace(SAID, by=" "), "Somebody has to say so"),
    (SymbolChange("VTI", "BND", JUNE), SAID, "different asset classes"),
    (SymbolChange("VTI", "ITOT", JUNE), SAID, "are two securities"),
]


def test_what_cannot_be_a_change_of_symbol_is_refused_and_changes_nothing(desk: Desk) -> None:
    both = (position(TAXABLE, "VTI", "12"), position(TAXABLE, "ITOT", "3"), cash(TAXABLE))
    desk.take(desk.file("office.xlsx", *OFFICE), desk.file("both.csv", *both))
    before = everything(desk)
    for change, said, why in WRONG:
        with pytest.raises(AppError, match=why):
            rename_security(desk.book, change, said)
    assert everything(desk) == before


def test_share_classes_are_not_put_together(desk: Desk) -> None:
    desk.take(desk.file("h.csv", position(TAXABLE, "BRK.A", "1"), position(TAXABLE, "BRK.B", "9"), cash(TAXABLE)))
    assert {"BRK.A", "BRK.B"} <= held(desk)


def statements(desk: Desk, *, cusips: tuple[str, str] = ("", ""), shares: str = "12") -> None:
    """A statement with the one symbol, then one with the other."""
    first = replace(position(TAXABLE, "OLDX", "12"), cusip=cusips[0])
    second = replace(position(TAXABLE, "NEWX", shares), cusip=cusips[1])
    desk.take(desk.file("office.xlsx", *OFFICE))
    desk.take(desk.file("one.csv", first, cash(TAXABLE), as_of=date(2026, 9, 30)))
    desk.take(desk.file("two.csv", second, cash(TAXABLE)))


@pytest.mark.parametrize(
    ("cusips", "shares", "kind"),
    [
        (("", ""), "12", "rename"),
        ((GOOD, GOOD), "12", "rename"),
        (("", ""), "18", "merger"),
        ((GOOD, OTHER), "12", "merger"),
    ],
)
def test_a_quantity_that_moved_wholly_or_a_cusip_that_stayed_suggests_a_change_of_symbol(
    desk: Desk, cusips: tuple[str, str], shares: str, kind: str
) -> None:
    statements(desk, cusips=cusips, shares=shares)
    (line,) = reconcile_book(desk.book, as_of=DAY).splits
    assert (line.kind, line.symbol, line.into) == (kind, "OLDX", "NEWX")
    assert ("both have CUSIP" in line.evidence) == (cusips == (GOOD, GOOD))


def test_two_symbols_of_one_cusip_suggest_a_change_though_no_statement_does(desk: Desk) -> None:
    office = (*OFFICE, replace(security("OLDX"), cusip=GOOD))
    desk.take(desk.file("office.xlsx", *office))
    desk.take(desk.file("two.csv", replace(position(TAXABLE, "NEWX", "12"), cusip=GOOD), cash(TAXABLE)))
    (line,) = reconcile_book(desk.book, as_of=DAY).splits
    assert (line.kind, line.symbol, line.into) == ("rename", "OLDX", "NEWX")


def test_a_suggested_change_is_applied_when_confirmed_and_the_statements_then_meet(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    statements(desk)
    words = ["reconcile", "--db", str(tmp_path / BOOK_NAME), "--as-of", "2026-10-30", "--apply", "1"]
    assert run(words) == 2
    assert "Somebody has to say so" in capsys.readouterr().err
    assert run([*words, "--by", "Jane", "--on", "2026-10-12"]) == 0
    assert "OLDX is NEWX since 2026-10-12" in capsys.readouterr().out
    found = reconcile_book(desk.book, as_of=DAY)
    assert found.splits == ()
    assert [(x.symbol, x.verdict) for x in found.rolled if x.symbol] == [("NEWX", "matches")]


def test_the_command_renames_and_lists(desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk.take(desk.file("office.xlsx", *OFFICE, security("OLDX")))
    book = ["--db", str(tmp_path / BOOK_NAME)]
    assert run(["securities", "rename", "OLDX", "NEWX", *book, "--by", "Jane"]) == 2
    assert run(["securities", "rename", "oldx", "newx", "--on", "2026-06-09", *book, "--by", "Jane"]) == 0
    assert "OLDX is NEWX since 2026-06-09" in capsys.readouterr().out
    assert run(["securities", "list", *book]) == 0
    assert "Jane" in capsys.readouterr().out
    assert run(["securities", "list", *book, "--json"]) == 0
    assert '"changed_on": "2026-06-09"' in capsys.readouterr().out


def test_a_cusip_of_a_file_is_kept_and_one_that_differs_is_told(desk: Desk) -> None:
    good = replace(position(TAXABLE, "VTI", "12"), cusip=GOOD)
    wrong = replace(position(TAXABLE, "BND", "12"), cusip="037833101")
    desk.take(desk.file("office.xlsx", *OFFICE), desk.file("a.csv", good, wrong, cash(TAXABLE)))
    with desk.book.reading() as session:
        table = tables.Security
        found = dict(iter(session.execute(select(table.symbol, table.cusip).where(table.symbol.in_(("VTI", "BND"))))))
    assert found == {"VTI": GOOD, "BND": ""}
    again = desk.take(desk.file("b.csv", replace(good, cusip=OTHER), cash(TAXABLE)))
    assert "cusip_differs" in codes(again.files[0].problems)
    (line,) = reconcile_book(desk.book, as_of=DAY).decisions
    assert "has CUSIP 922908769 here and 037833100 in the book" in line.problem
    desk.take(desk.file("office.xlsx", *OFFICE, note="a workbook without the CUSIP leaves it"))
    with desk.book.reading() as session:
        assert session.scalar(select(table.cusip).where(table.symbol == "VTI")) == GOOD
