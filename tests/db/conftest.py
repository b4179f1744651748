"""A book in memory, empty or with the small office."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import Engine, make_url
from sqlalchemy.orm import Session

from db import session as opening
from db.session import open_database, writing
from tests.db.sample import AT, fill


@pytest.fixture(scope="session")
def empty_bytes() -> bytes:
    """What a book holds when it has just been made: the tables are built once, each test starts from them."""
    engine = open_database("sqlite://", now=AT)
    with closing(engine.raw_connection()) as connection:
        assert isinstance(connection.driver_connection, sqlite3.Connection)
        found = connection.driver_connection.serialize()
    engine.dispose()
    return found


@pytest.fixture
def empty(empty_bytes: bytes) -> Iterator[Engine]:
    engine = opening._sqlite_engine(make_url("sqlite://"), wal=False)
    with closing(engine.raw_connection()) as connection:
        assert isinstance(connection.driver_connection, sqlite3.Connection)
        connection.driver_connection.deserialize(empty_bytes)
    yield engine
    engine.dispose()


@pytest.fixture
def session(empty: Engine) -> Iterator[Session]:
    """A session on the small office."""
    with writing(empty, "memory") as session:
        fill(session)
    with Session(empty) as session:
        yield session
