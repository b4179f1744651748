"""The sample office imported once a test process; each test gets its own copy of the book. And an empty desk."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.workflow.import_desk import Desk, open_desk
from workflow.book import Book, open_book
from workflow.demo import load_demo

NOW = datetime(2026, 10, 30, 22, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def sample_book_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book that holds the sample office and no run."""
    path = tmp_path_factory.mktemp("sample") / "office.plimsoll"
    book = open_book(path, now=NOW)
    load_demo(book, now=NOW)
    book.close()
    return path


@pytest.fixture
def sample_path(sample_book_file: Path, tmp_path: Path) -> Path:
    """A copy of the sample office's book, to be changed at will."""
    path = tmp_path / "book.plimsoll"
    shutil.copyfile(sample_book_file, path)
    return path


@pytest.fixture
def sample(sample_path: Path) -> Iterator[Book]:
    """The copy, opened."""
    book = open_book(sample_path, now=NOW)
    yield book
    book.close()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """An empty book, and files whose contents the test states."""
    return open_desk(tmp_path, monkeypatch)
