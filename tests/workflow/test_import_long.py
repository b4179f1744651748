"""Long lists are stored and taken back in batches: the book says the same as when it is written row by row."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from db import journal
from importers import generic_rows
from importers import records as r
from importers.generic_table import GenericTable
from importers.lot_columns import LotColumns
from tests.workflow.import_desk import DAY, NOW, Desk, cash, lot, open_desk, position
from tests.workflow.test_undo_import import contents
from workflow import symbol_changes
from workflow.intake.arrivals import Arrival, arrive
from workflow.undo_import import undo_import

ONE, OTHER = r.AccountRef("schwab", "40011001"), r.AccountRef("schwab", "40011002")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return open_desk(tmp_path, monkeypatch)


def table(folder: Path, name: str, count: int, seed: int, *, odd: Sequence[str] = ()) -> Path:
    """A file of lots: three accounts, nine symbols, figures with more decimals than are kept, days that recur."""
    chance = random.Random(seed)  # noqa: S311 (a file to be read, no secret)
    rows = [
        f"{40011001 + chance.randrange(3)},V{chance.randrange(9)}I,2020-01-{1 + chance.randrange(9):02},"
        f"{chance.randrange(1, 99_999) / 1000},{chance.randrange(9_999_999) / 1000},{chance.randrange(99)}"
        for _ in range(count)
    ]
    path = folder / name
    header = "Account,Symbol,Date Acquired,Quantity,Cost Basis,Market Value"
    path.write_text("\n".join((header, *rows, *odd, "")), encoding="utf-8")
    return path


def test_packed_lots_fill_the_book_as_lots_read_one_by_one_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = ("40011001,V1I,2020-01-05,0.000000001,5,6", "40011001,V1I,2020-01-05,-4,5,6", "40011009,N1W,2020-01-05,4,5,")
    found = []
    for name, least in (("slow", 10**9), ("packed", 0)):
        monkeypatch.setattr(generic_rows, "PACKED_FROM", least)
        folder = tmp_path / name
        folder.mkdir()
        desk = open_desk(folder, monkeypatch)
        first = desk.take(table(folder, "lots-2026-09-30.csv", 300, 1, odd=odd))
        second = desk.take(table(folder, "lots-2026-10-30.csv", 280, 2, odd=odd))
        found.append((contents(desk.book), first.changes, second.changes, first.problems, second.files[0].problems))
    assert found[0] == found[1]
    assert found[0][1]["lots added"] == 301
    assert {"lots added", "lots closed", "lots changed"} <= found[0][2].keys()
    assert {"rounded", "bad_value", "quantity_not_positive"} <= {problem.code for problem in found[0][4]}


def test_a_long_import_is_taken_back_whole_though_it_is_kept_in_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> None:
    monkeypatch.setattr(generic_rows, "PACKED_FROM", 0)
    monkeypatch.setattr(journal, "WRITTEN_AT", 7)
    assert desk.take(table(tmp_path, "lots-2026-09-30.csv", 120, 1)).written
    before = contents(desk.book)
    second = desk.take(table(tmp_path, "lots-2026-10-30.csv", 110, 2))
    assert second.written
    assert contents(desk.book) != before
    assert undo_import(desk.book, second.batch or 0, by="Jane", now=NOW) > 100
    assert contents(desk.book) == before


def test_lots_that_two_files_of_one_call_state_are_taken_back_with_it(desk: Desk) -> None:
    day_before = DAY - timedelta(days=1)
    desk.take(desk.file("old.csv", lot(ONE, "VTI", "5"), position(ONE, "VTI", "5"), cash(ONE), as_of=day_before))
    before = contents(desk.book)
    earlier = (lot(ONE, "VTI", "6"), lot(OTHER, "BND", "7"), position(ONE, "BND", "1"), cash(ONE))
    later = (lot(ONE, "VTI", "8"), lot(OTHER, "BND", "9"), position(ONE, "BND", "2"), cash(ONE))
    outcome = desk.take(
        desk.file("a.csv", *earlier, as_of=day_before, note="a"), desk.file("b.csv", *later, as_of=DAY, note="b")
    )
    assert outcome.changes["lots added"] == 2
    assert undo_import(desk.book, outcome.batch or 0, by="Jane", now=NOW) > 0
    assert contents(desk.book) == before


def arrived(path: Path, monkeypatch: pytest.MonkeyPatch) -> Arrival:
    monkeypatch.setattr(generic_rows, "PACKED_FROM", 0)
    result = GenericTable().read(path, today=DAY)
    return arrive(result, sha256="", map_sha256="", title="", claims=(), today=DAY)


def test_a_changed_ticker_is_read_as_the_new_one_in_a_long_list_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = arrived(table(tmp_path, "lots-2026-09-30.csv", 50, 1), monkeypatch)
    loose = replace(packed, records=tuple(packed.records))
    change = symbol_changes.SymbolChange("V1I", "NEW", date(2026, 10, 15))
    (renamed,), (expected,) = (symbol_changes.read_as_one([one], [change], set(), DAY) for one in (packed, loose))
    assert tuple(renamed.records) == expected.records
    assert isinstance(renamed.records, LotColumns)
    assert "NEW" in renamed.records.symbols()
