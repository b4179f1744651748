"""A book: where the office's households, holdings, runs and decisions are kept."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, make_url
from sqlalchemy.orm import Session

from db.session import open_database, reading, writing


@dataclass(frozen=True, slots=True)
class Book:
    """An open book. `where` is its path or URL, without a password, as people are told it."""

    engine: Engine
    where: str

    def session(self) -> AbstractContextManager[Session]:
        """Open a session in one writing transaction: committed at the end, rolled back on any exception."""
        return writing(self.engine, self.where)

    def reading(self) -> AbstractContextManager[Session]:
        """Open a session that sees one state of the book, writes nothing and waits for no writer."""
        return reading(self.engine, self.where)

    def close(self) -> None:
        """Let go of the file or server; the book cannot be used afterwards."""
        self.engine.dispose()


def open_book(where: str | Path, *, now: datetime) -> Book:
    """Open a book, creating or migrating it where needed. `where` is a path or a database URL.

    Raises AppError for a file of another program, a book of a newer version, a folder that does not exist.
    """
    engine = open_database(where, now=now)
    text = str(where)
    shown = make_url(text).render_as_string(hide_password=True) if "://" in text else text
    return Book(engine, shown)
