"""Books that many tests start from, each made once in a run: empty, the sample office, the sample office with a run."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.made_once import made_once
from workflow.book import open_book
from workflow.demo import load_demo
from workflow.propose import propose

NOW = datetime(2026, 10, 30, 21, 30, tzinfo=UTC)


def empty_book(folders: pytest.TempPathFactory) -> Path:
    """Return a book of this version that holds nothing, to be copied."""

    def make(path: Path) -> None:
        open_book(path, now=NOW).close()

    return made_once(folders, "empty.plimsoll", make)


def sample_book(folders: pytest.TempPathFactory) -> Path:
    """Return a book that holds the sample office and no run, to be copied."""

    def make(path: Path) -> None:
        book = open_book(path, now=NOW)
        try:
            load_demo(book, now=NOW)
        finally:
            book.close()

    return made_once(folders, "sample.plimsoll", make)


def proposed_book(folders: pytest.TempPathFactory) -> Path:
    """Return a book that holds the sample office and one run of every household, to be copied."""

    def make(path: Path) -> None:
        shutil.copyfile(sample_book(folders), path)
        book = open_book(path, now=NOW)
        try:
            propose(book, households=None, as_of=None, now=NOW, by="Dana Whitfield")
        finally:
            book.close()

    return made_once(folders, "proposed.plimsoll", make)
