"""Each test gets its own copy of the sample office's book, or an empty desk."""

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.books import empty_book, sample_book
from tests.workflow.import_desk import BOOK_NAME, Desk, open_desk
from workflow.book import Book, open_book

NOW = datetime(2026, 10, 30, 22, 0, tzinfo=UTC)


@pytest.fixture
def sample_path(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Path:
    """A copy of the sample office's book, to be changed at will."""
    path = tmp_path / "book.plimsoll"
    shutil.copyfile(sample_book(tmp_path_factory), path)
    return path


@pytest.fixture
def sample(sample_path: Path) -> Iterator[Book]:
    """The copy, opened."""
    book = open_book(sample_path, now=NOW)
    yield book
    book.close()


@pytest.fixture
def desk(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """An empty book, and files whose contents the test states."""
    shutil.copyfile(empty_book(tmp_path_factory), tmp_path / BOOK_NAME)
    made = open_desk(tmp_path, monkeypatch)
    yield made
    made.book.close()


@pytest.fixture
def two_funds(tmp_path: Path) -> Path:
    """AAA rises by half in 2023 and falls by a fifth in the first half of 2024; BBB does the reverse, a little."""
    lines, day, value, bond = ["date,AAA,BBB"], date(2023, 1, 2), 100.0, 50.0
    while day <= date(2024, 6, 28):
        value *= 1.0016 if day.year == 2023 else 0.9982
        bond *= 0.9998 if day.year == 2023 else 1.0002
        if day.weekday() < 5:
            lines.append(f"{day},{value:.4f},{bond:.4f}")
        day += timedelta(days=1)
    path = tmp_path / "prices.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path
