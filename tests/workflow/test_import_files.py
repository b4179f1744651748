import signal
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal

import pytest

from db import audit_log, store
from engine.errors import AppError
from engine.portfolio import Action, Registration
from engine.problems import Severity
from tests.workflow.import_desk import (
    DAY,
    HOLDINGS,
    LOTS,
    NOW,
    OFFICE,
    TAXABLE,
    Desk,
    account,
    codes,
    trade,
)
from workflow.book import open_book
from workflow.import_files import import_files

D = Decimal


def test_files_of_one_call_fill_a_book_whatever_their_order(desk: Desk) -> None:
    outcome = desk.take(
        desk.file("lots.csv", *LOTS), desk.file("positions.csv", *HOLDINGS), desk.file("office.xlsx", *OFFICE)
    )
    assert outcome.written
    assert outcome.batch == 1
    assert outcome.problems == ()
    assert outcome.changes == {
        "securities added": 3,
        "substitutes changed": 1,
        "tax profiles added": 1,
        "policies added": 1,
        "models added": 1,
        "households added": 1,
        "people added": 1,
        "accounts added": 2,
        "positions added": 2,
        "lots added": 3,
    }
    held = desk.household()
    assert [(a.registration, a.cash, a.min_trade) for a in held.accounts] == [
        (Registration.TAXABLE, D(500), D(250)),
        (Registration.ROTH_IRA, D(20), D(250)),
    ]
    assert [(x.id, x.quantity) for x in held.lots] == [
        ("A1/VTI-20240301-1", D(5)),
        ("A1/VTI-20240301-2", D(7)),
        ("A2/BND-20240301-1", D(4)),
    ]
    assert held.securities["VTI"].substitutes == ("ITOT",)
    assert held.policy is not None
    assert held.policy.settings == {"band_relative": "0.2"}


def test_the_same_files_twice_change_nothing_and_say_so(desk: Desk) -> None:
    files = (desk.file("office.xlsx", *OFFICE), desk.file("positions.csv", *HOLDINGS), desk.file("lots.csv", *LOTS))
    desk.take(*files)
    before = desk.household()
    outcome = desk.take(*files)
    assert outcome.changes == {}
    assert not outcome.written
    assert outcome.batch is None
    assert [file.already_imported for file in outcome.files] == [True, True, True]
    assert all(codes(file.problems) == ["already_imported"] for file in outcome.files)
    assert desk.household() == before
    with desk.book.reading() as session:
        assert len(store.list_files(session)) == 3
        assert len(audit_log.entries(session)) == 4


def test_the_same_content_under_another_name_is_the_same_file(desk: Desk) -> None:
    first = desk.file("a.csv", *HOLDINGS)
    desk.take(desk.file("office.xlsx", *OFFICE), first)
    copy = desk.folder / "b.csv"
    copy.write_bytes(first.read_bytes())
    desk.stated[copy] = replace(desk.stated[first], file="b.csv")
    outcome = desk.take(copy)
    assert outcome.changes == {}
    assert "imported before as a.csv" in outcome.files[0].problems[0].message


def test_a_file_named_twice_in_one_call_is_taken_once(desk: Desk) -> None:
    file = desk.file("trades.csv", account(TAXABLE), trade(TAXABLE, Action.BUY))
    outcome = desk.take(file, file)
    assert outcome.changes["transactions added"] == 1
    assert codes(outcome.files[1].problems) == ["already_imported"]


def test_a_new_file_that_says_the_same_changes_nothing(desk: Desk) -> None:
    desk.take(desk.file("office.xlsx", *OFFICE), desk.file("positions.csv", *HOLDINGS), desk.file("lots.csv", *LOTS))
    outcome = desk.take(
        desk.file("positions again.csv", *HOLDINGS, note="saved again"),
        desk.file("lots again.csv", *reversed(LOTS), note="saved again"),
        desk.file("office again.xlsx", *OFFICE, note="saved again"),
    )
    assert outcome.written
    assert outcome.changes == {}


def test_a_dry_run_says_what_would_be_written_and_writes_nothing(desk: Desk) -> None:
    files = (desk.file("office.xlsx", *OFFICE), desk.file("positions.csv", *HOLDINGS))
    preview = desk.take(*files, dry_run=True)
    with desk.book.reading() as session:
        assert store.list_households(session) == ()
        assert store.list_files(session) == ()
        assert audit_log.entries(session) == ()
    outcome = desk.take(*files)
    assert preview.dry_run
    assert not preview.written
    assert preview.batch is None
    assert preview.changes == outcome.changes
    assert preview.problems == outcome.problems
    assert preview.files == outcome.files


def test_one_file_that_cannot_be_read_keeps_all_of_the_call_out(desk: Desk) -> None:
    broken = desk.folder / "scan.csv"
    broken.write_bytes(b"%PDF-1.7 " + bytes(range(256)) * 40)
    outcome = desk.take(desk.file("office.xlsx", *OFFICE), broken, desk.folder / "missing.csv")
    assert not outcome.written
    assert outcome.changes == {}
    assert [codes(file.problems, Severity.FATAL) for file in outcome.files] == [[], ["not_a_table"], ["no_file"]]
    with desk.book.reading() as session:
        assert store.list_households(session) == ()


def test_each_import_adds_to_the_audit_log(desk: Desk) -> None:
    desk.take(desk.file("office.xlsx", *OFFICE), desk.file("positions.csv", *HOLDINGS))
    with desk.book.reading() as session:
        assert audit_log.verify(session) is None
        lines = audit_log.entries(session)
    assert [(line.action, line.subject, line.by) for line in lines] == [
        ("import", "batch 1", "Jane"),
        ("import file", "positions.csv", "Jane"),
        ("import file", "office.xlsx", "Jane"),
    ]
    assert lines[0].details["positions added"] == "2"
    assert len(lines[1].details["sha256"]) == 64


def test_a_cancelled_import_leaves_the_book_as_before(desk: Desk) -> None:
    class Cancelled(Exception):  # noqa: N818 (what a window raises when its user cancels)
        pass

    told: list[tuple[int, int]] = []

    def cancel(done: int, total: int, what: str) -> None:
        told.append((done, total))
        if what == "Storing" and done > total - 3:
            raise Cancelled

    path = desk.file("office.xlsx", *OFFICE)
    with pytest.raises(Cancelled):
        import_files(desk.book, [path], today=DAY, now=NOW, by="Jane", progress=cancel)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert len({total for _, total in told}) == 1
    with desk.book.reading() as session:
        assert store.list_households(session) == ()


def test_progress_ends_at_its_total(desk: Desk) -> None:
    told: list[tuple[int, int]] = []
    path = desk.file("office.xlsx", *OFFICE)
    report = lambda done, total, _: told.append((done, total))  # noqa: E731
    import_files(desk.book, [path], today=DAY, now=NOW, by="Jane", progress=report)
    assert told[-1][0] == told[-1][1]


def test_an_unknown_format_or_column_map_is_said(desk: Desk) -> None:
    path = desk.file("office.xlsx", *OFFICE)
    with pytest.raises(AppError, match="no file format called 'tape'"):
        import_files(desk.book, [path], today=DAY, now=NOW, by="Jane", formats={path: "tape"})
    with pytest.raises(AppError, match="no such column map"):
        import_files(desk.book, [path], today=DAY, now=NOW, by="Jane", column_map=desk.folder / "none.toml")


KILLED = """
import os, signal, sys
from datetime import date, datetime, UTC
from pathlib import Path
from workflow.book import open_book
from workflow.import_files import import_files

def die(done, total, what):
    if what == "Storing" and done == total - 1:
        os.kill(os.getpid(), signal.SIGKILL)

book = open_book(sys.argv[1], now=datetime.now(UTC))
files = [Path(name) for name in sys.argv[2:]]
import_files(book, files, today=date(2026, 10, 30), now=datetime.now(UTC), by="Jane", progress=die)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_process_killed_in_the_middle_leaves_the_book_as_before(desk: Desk) -> None:
    desk.take(desk.file("office.xlsx", *OFFICE))
    table = desk.folder / "prices.csv"
    days = [f"2026-09-{day:02d},VTI,{day}.25" for day in range(1, 31)]
    table.write_text("\n".join(["date,symbol,close", *days]), encoding="utf-8")
    desk.book.close()
    command = [sys.executable, "-c", KILLED, desk.book.where, str(table)]
    killed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    book = open_book(desk.book.where, now=NOW)
    with book.reading() as session:
        assert store.prices_as_of(session, DAY) is None
        assert len(store.list_files(session)) == 1
        assert audit_log.verify(session) is None
    outcome = import_files(book, [table], today=DAY, now=NOW, by="Jane")
    assert outcome.changes == {"prices added": 30}
    book.close()
