"""A spoiled file changes a book as a whole or not at all: refused or cancelled, every row of it is as before."""

import os
import random
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.tables.base import Base
from tests.importers.mutations import spoil
from tests.importers.telling import LAYOUT_FOLDERS, TODAY, fixture_files
from workflow.book import Book, open_book
from workflow.import_files import import_files
from workflow.undo_import import undo_import
from workflow.views import ImportOutcome

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
FILES = 4_000 if THOROUGH else 15
SLICE = 250
NOW = datetime(2026, 10, 30, 21, tzinfo=UTC)
TOLD = frozenset({"audit_log", "import_batches", "import_files", "import_changes"})
"""Tables that say what was done to the others; an import that was taken back stays in them."""


class CancelledError(Exception):
    """What a user's click on Cancel raises."""


def rows_of(book: Book, *, but: frozenset[str] = frozenset()) -> dict[str, str]:
    """A fingerprint of all rows of each table."""
    with book.reading() as session:
        return {
            table.name: sha256(
                repr(sorted(map(tuple, session.execute(sa.select(table)).all()), key=repr)).encode()
            ).hexdigest()
            for table in Base.metadata.sorted_tables
            if table.name not in but
        }


def take(book: Book, *files: Path, cancel_at: int | None = None) -> ImportOutcome:
    def progress(done: int, total: int, what: str) -> None:
        del total, what
        if cancel_at is not None and done >= cancel_at:
            raise CancelledError

    return import_files(book, files, today=TODAY, now=NOW, by="Jane", progress=progress)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """A book with what half of our fixtures say, so that spoiled ones change rows that are there."""
    book = open_book(tmp_path_factory.mktemp("book") / "office.plimsoll", now=NOW)
    for file in fixture_files(*LAYOUT_FOLDERS)[::2]:
        take(book, file)
    return book


def companion(folder: Path, seed: int) -> Path:
    """A sound price table that no book has yet."""
    day = TODAY - timedelta(days=seed % 2_000 + 1)
    (folder / f"{seed}").mkdir()
    file = folder / f"{seed}" / "QEQT.csv"
    file.write_text(f"Date,Open,High,Low,Close,Adj Close,Volume\n{day},1,1,1,{seed + 1}.5,{seed + 1}.25,100\n")
    return file


@pytest.mark.parametrize("first", range(0, FILES, SLICE))
def test_a_spoiled_file_is_written_whole_or_not_at_all(tmp_path: Path, filled: Book, first: int) -> None:
    written = refused = cancelled = 0
    for seed in range(first, min(first + SLICE, FILES)):
        chance = random.Random(seed)  # noqa: S311 (spoiled files, no secrets)
        _, content, suffix = spoil(chance)
        file = tmp_path / f"spoiled-{seed}{suffix}"
        file.write_bytes(content)
        files = (file, companion(tmp_path, seed)) if seed % 2 else (companion(tmp_path, seed), file)
        before, told = rows_of(filled, but=TOLD), rows_of(filled)
        try:
            outcome = take(filled, *files, cancel_at=chance.choice((0, 1, 2, 3, 5, 8)) if seed % 3 == 0 else None)
        except CancelledError:
            cancelled += 1
            assert rows_of(filled) == told, f"seed {seed} was cancelled"
            continue
        assert len(outcome.files) == 2, seed
        if outcome.batch is None:
            refused += 1
            assert rows_of(filled) == told, f"seed {seed} was refused"
            continue
        written += 1
        assert rows_of(filled) != told, f"seed {seed} was written"
        undo_import(filled, outcome.batch, by="Jane", now=NOW)
        assert rows_of(filled, but=TOLD) == before, f"seed {seed} was taken back"
    print(f"{written:,} written and taken back, {refused:,} refused, {cancelled:,} cancelled")
    assert written
    assert refused
    assert cancelled
