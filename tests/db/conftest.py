"""A book in memory, empty or with the small office."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db.session import open_database, writing
from tests.db.sample import AT, fill


@pytest.fixture
def empty() -> Iterator[Engine]:
    engine = open_database("sqlite://", now=AT)
    yield engine
    engine.dispose()


@pytest.fixture
def session(empty: Engine) -> Iterator[Session]:
    """A session on the small office."""
    with writing(empty, "memory") as session:
        fill(session)
    with Session(empty) as session:
        yield session
