"""An import is taken back as one: the book is then what it was before, row by row, unless something stands on it."""

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db import audit_log, tables
from db.tables.base import Base
from engine.errors import AppError
from importers import records as r
from tests.workflow.import_desk import DAY, NOW, Desk, open_desk
from workflow.book import Book
from workflow.cli import run
from workflow.undo_import import list_imports, undo_import

D = Decimal
OTHER_TABLES = {"audit_log", "import_batches", "import_files", "import_changes"}
SCHWAB = r.AccountRef("schwab", "X123")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return open_desk(tmp_path, monkeypatch)


def contents(book: Book) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the book but those that say what was done to it."""
    with book.reading() as session:
        return {
            table.name: sorted(map(tuple, session.execute(sa.select(table)).all()), key=repr)
            for table in Base.metadata.sorted_tables
            if table.name not in OTHER_TABLES
        }


def holdings(quantity: str, price: str, symbols: tuple[str, ...] = ("VTI", "BND")) -> list[r.Record]:
    found: list[r.Record] = []
    for row, symbol in enumerate(symbols, start=1):
        value = D(quantity) * D(price)
        found.append(r.PositionRecord(row, SCHWAB, symbol, symbol, D(quantity), D(price), value, D(900)))
        found.append(r.LotRecord(row, SCHWAB, symbol, date(2020, 1, 2), D(quantity), D(900)))
    return [*found, r.CashRecord(9, SCHWAB, D(quantity))]


def models(*classes: tuple[str, str, tuple[str, ...]]) -> list[r.Record]:
    return [r.ModelTargetRecord(i, "Core", name, D(weight), buys) for i, (name, weight, buys) in enumerate(classes)]


def securities(*substitutes: str) -> list[r.Record]:
    one = r.SecurityRecord(1, "VTI", "Total", "us_equity", "G1", "ETF", "", D(1), D(3), None, substitutes)
    return [one]


def history(*amounts: str) -> list[r.Record]:
    kind = r.ActivityKind.DIVIDEND
    return [
        r.ActivityRecord(i, SCHWAB, DAY - timedelta(days=3), kind, "VTI", "Dividend", None, D(a))
        for i, a in enumerate(amounts)
    ]


FIRST: list[list[r.Record]] = [
    holdings("10", "100"),
    models(("us_equity", "0.6", ("VTI",)), ("us_bond", "0.4", ("BND", "AGG"))),
    securities("ITOT", "SCHB"),
    [r.PriceRecord(1, "VTI", DAY, D(100), D(99)), r.MacroRecord(2, "CPI", DAY, D("310.5"))],
    history("1.25"),
]
SECOND: list[list[r.Record]] = [
    holdings("12", "101", ("VTI", "GLD")),
    models(("us_equity", "0.5", ("VTI", "ITOT")), ("us_bond", "0.3", ("AGG",)), ("gold", "0.2", ("GLD",))),
    securities("SCHB", "ITOT", "VTI2"),
    [r.PriceRecord(1, "VTI", DAY, D(102), D(98)), r.MacroRecord(2, "CPI", DAY, D("311"))],
    history("1.25", "1.25", "7"),
]


@pytest.mark.parametrize("number", range(len(FIRST)))
def test_a_second_import_taken_back_leaves_the_book_of_the_first(desk: Desk, number: int) -> None:
    assert desk.take(desk.file("one.csv", *FIRST[number], as_of=DAY - timedelta(days=1))).written
    before = contents(desk.book)
    outcome = desk.take(desk.file("two.csv", *SECOND[number]))
    assert outcome.written
    assert contents(desk.book) != before
    assert outcome.batch is not None
    assert undo_import(desk.book, outcome.batch, by="Jane", now=NOW) > 0
    assert contents(desk.book) == before


def test_imports_are_taken_back_to_the_empty_book_the_newest_first(desk: Desk) -> None:
    empty = contents(desk.book)
    batches = [desk.take(desk.file(f"{i}.csv", *records)).batch for i, records in enumerate(FIRST)]
    with pytest.raises(AppError, match=f"import {batches[-1]} came after it; take that back first"):
        undo_import(desk.book, batches[0] or 0, by="Jane", now=NOW)
    for batch in reversed(batches):
        undo_import(desk.book, batch or 0, by="Jane", now=NOW)
    assert contents(desk.book) == empty
    assert {row.status for row in list_imports(desk.book)} == {"undone"}


def test_a_file_taken_back_can_be_imported_again(desk: Desk) -> None:
    path = desk.file("one.csv", *FIRST[0])
    first = desk.take(path)
    full = contents(desk.book)
    undo_import(desk.book, first.batch or 0, by="Jane", now=NOW)
    again = desk.take(path)
    assert again.written
    assert {name: len(rows) for name, rows in contents(desk.book).items()} == {n: len(rows) for n, rows in full.items()}


def test_an_import_is_not_taken_back_twice_and_an_unknown_one_not_at_all(desk: Desk) -> None:
    batch = desk.take(desk.file("one.csv", *FIRST[0])).batch or 0
    undo_import(desk.book, batch, by="Jane", now=NOW)
    with pytest.raises(AppError, match="it was taken back before"):
        undo_import(desk.book, batch, by="Jane", now=NOW)
    with pytest.raises(AppError, match="there is no import 99"):
        undo_import(desk.book, 99, by="Jane", now=NOW)


def test_an_import_from_which_a_run_was_made_stands(desk: Desk) -> None:
    batch = desk.take(desk.file("one.csv", *FIRST[0])).batch or 0
    with desk.book.session() as session:
        facts = {"state": "draft", "created_at": NOW, "created_by": "Jane", "engine_version": "0"}
        session.add(tables.Run(key="R-1", as_of=DAY, prices_as_of=None, **facts))
    before = contents(desk.book)
    with pytest.raises(AppError, match="run R-1 was made after it"):
        undo_import(desk.book, batch, by="Jane", now=NOW)
    assert contents(desk.book) == before


def test_the_audit_log_says_who_took_what_back_and_why(desk: Desk) -> None:
    batch = desk.take(desk.file("one.csv", *FIRST[0])).batch or 0
    undo_import(desk.book, batch, by="Jane", now=NOW, reason="wrong client")
    with desk.book.reading() as session:
        line = audit_log.entries(session, newest=1)[0]
        assert audit_log.verify(session) is None
    assert (line.by, line.action, line.subject) == ("Jane", "undo import", f"batch {batch}")
    assert line.details["reason"] == "wrong client"
    assert line.details["files"] == "one.csv"


def test_a_dry_run_keeps_nothing_to_take_back(desk: Desk) -> None:
    before = contents(desk.book)
    desk.take(desk.file("one.csv", *FIRST[0]), dry_run=True)
    assert contents(desk.book) == before
    assert list_imports(desk.book) == ()


def test_imports_are_listed_and_taken_back_from_the_command_line(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.take(desk.file("one.csv", *FIRST[0]))
    where = ["--db", desk.book.where]
    assert run(["imports", *where, "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["files"], row["status"], row["why_not"]) == (["one.csv"], "applied", "")
    assert run(["undo", str(row["batch"]), *where, "--by", "Jane"]) == 0
    assert "was taken back" in capsys.readouterr().out
    assert run(["undo", str(row["batch"]), *where, "--by", "Jane"]) == 2
    assert "it was taken back before" in capsys.readouterr().err
    assert run(["imports", *where]) == 0
    assert "undone" in capsys.readouterr().out
