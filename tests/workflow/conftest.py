"""Each test gets its own copy of the sample office's book, or an empty desk."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.books import NOW
from tests.workflow.import_desk import BOOK_NAME, Desk, open_desk
from workflow.book import Book, open_book

__all__ = ["NOW"]


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
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_book_file: Path) -> Iterator[Desk]:
    """An empty book, and files whose contents the test states."""
    shutil.copyfile(empty_book_file, tmp_path / BOOK_NAME)
    made = open_desk(tmp_path, monkeypatch)
    yield made
    made.book.close()
