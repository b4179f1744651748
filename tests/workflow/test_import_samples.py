from collections.abc import Iterator
from pathlib import Path

import pytest

from db import store
from engine.problems import Severity
from importers.base import RowKind
from tests.workflow.import_desk import DAY, NOW, codes
from workflow.book import Book, open_book
from workflow.import_files import import_files
from workflow.views import ImportOutcome

SAMPLES = (
    "schwab/All-Accounts-Positions-2020-11-15.CSV",
    "schwab/Joint Tenant-Positions-2026-05-03-131725.csv",
    "schwab/lots_2020-10-25_IAU.csv",
    "schwab/lots_2020-09-25_SCHA.csv",
    "fidelity/Portfolio_Positions_2021_trailing_comma.csv",
    "fidelity/Portfolio_Positions_May-30-2026.csv",
)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    book = open_book(tmp_path / "office.plimsoll", now=NOW)
    yield book
    book.close()


def take(book: Book, paths: list[Path]) -> ImportOutcome:
    return import_files(book, paths, today=DAY, now=NOW, by="Jane")


@pytest.mark.shared
def test_custodian_files_fill_a_book_and_say_what_is_missing(book: Book, shared_folder: Path) -> None:
    paths = [shared_folder / "samples" / name for name in SAMPLES]
    outcome = take(book, paths)
    assert outcome.written, [file.problems for file in outcome.files]
    for file in outcome.files:
        assert file.rows.get(RowKind.RECORD, 0) + file.rows.get(RowKind.PROBLEM, 0) > 0
        assert sum(file.records.values()) > 0
    with book.reading() as session:
        accounts = store.list_accounts(session)
        securities = store.load_securities(session, None, as_of=DAY)
    blocked = codes(outcome.problems, Severity.BLOCKING)
    assert blocked.count("account_not_assigned") == len(accounts) > 0
    assert 0 < blocked.count("unclassified_security") <= len(securities)
    assert "lots_missing" in blocked


@pytest.mark.shared
def test_custodian_files_taken_twice_change_nothing(book: Book, shared_folder: Path) -> None:
    paths = [shared_folder / "samples" / name for name in SAMPLES]
    first = take(book, paths)
    again = take(book, paths)
    assert not again.written
    assert again.changes == {}
    assert again.problems == first.problems


@pytest.mark.shared
def test_lots_of_a_masked_account_find_the_account_of_its_positions(book: Book, shared_folder: Path) -> None:
    schwab = shared_folder / "samples" / "schwab"
    take(book, [schwab / "All-Accounts-Positions-2020-11-15.CSV"])
    with book.reading() as session:
        before = {account.number for account in store.list_accounts(session)}
    take(book, [schwab / "lots_2020-10-25_IAU.csv"])
    with book.reading() as session:
        after = [account.number for account in store.list_accounts(session)]
    assert len(after) == len(set(after))
    assert before <= set(after)
