"""The tables of a book at every revision: as the models say, up, down, with data, and across versions."""

import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from db import migrate, store
from db.session import open_database, reading, writing
from db.tables import Base
from engine.errors import AppError
from engine.portfolio import RatesFrom
from tests.db.sample import fill

NOW = datetime(2026, 10, 30, 21, 15, tzinfo=UTC)
REVISIONS = migrate.revisions()


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    """An empty database in memory; nothing is committed."""
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def schema(connection: sa.Connection) -> list[tuple[str, str, str]]:
    rows = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
    return sorted((kind, name, " ".join(str(sql).split())) for kind, name, sql in rows)


def insert_by_force(connection: sa.Connection) -> int:
    """Put one row into every table there is, whatever its columns mean, and return how many."""
    connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    names = [name for name in sa.inspect(connection).get_table_names() if name != "alembic_version"]
    for name in names:
        table = sa.Table(name, sa.MetaData(), autoload_with=connection)
        values: dict[str, Any] = {column.name: _some(column) for column in table.columns}
        connection.execute(table.insert(), values)
    return len(names)


def _some(column: sa.Column[Any]) -> object:
    kind = column.type.python_type
    some = {int: 1, str: "do_not_buy", bool: True, bytes: b"{}", date: NOW.date(), datetime: NOW}
    return some[kind]


def test_the_newest_revision_has_the_tables_of_the_models(connection: sa.Connection) -> None:
    migrate.upgrade(connection)
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    assert compare_metadata(context, Base.metadata) == []
    made = schema(connection)
    other = sa.create_engine("sqlite://").connect()
    Base.metadata.create_all(other)
    assert {name for _, name, _ in made} - {name for _, name, _ in schema(other)} == {
        "alembic_version",
        "audit_log_no_DELETE",
        "audit_log_no_UPDATE",
    }


@pytest.mark.parametrize("revision", REVISIONS)
def test_each_migration_goes_up(connection: sa.Connection, revision: str) -> None:
    migrate.upgrade(connection, revision)
    assert migrate.revision_of(connection) == revision


@pytest.mark.parametrize("revision", REVISIONS)
def test_each_migration_goes_down(connection: sa.Connection, revision: str) -> None:
    migrate.upgrade(connection, revision)
    number = REVISIONS.index(revision)
    migrate.downgrade(connection, REVISIONS[number - 1] if number else "base")
    assert migrate.revision_of(connection) == (REVISIONS[number - 1] if number else None)
    if number == 0:
        assert sa.inspect(connection).get_table_names() == ["alembic_version"]


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_each_migration_goes_up_with_data_in_every_table(connection: sa.Connection, revision: str) -> None:
    migrate.upgrade(connection, revision)
    filled = insert_by_force(connection)
    assert filled > 0
    migrate.upgrade(connection)
    for name in sa.inspect(connection).get_table_names():
        rows = connection.scalar(sa.select(sa.func.count()).select_from(sa.table(name)))
        assert rows in {0, 1}
        filled -= rows if name != "alembic_version" else 0
    assert filled == 0


@pytest.mark.parametrize("revision", REVISIONS)
def test_the_schema_is_unchanged_after_up_and_down(connection: sa.Connection, revision: str) -> None:
    number = REVISIONS.index(revision)
    if number:
        migrate.upgrade(connection, REVISIONS[number - 1])
    before = schema(connection)
    migrate.upgrade(connection, revision)
    migrate.downgrade(connection, REVISIONS[number - 1] if number else "base")
    assert [line for line in schema(connection) if line[1] != "alembic_version"] == [
        line for line in before if line[1] != "alembic_version"
    ]


def at_revision(path: Path, revision: str) -> None:
    """Leave a book with data behind, as an older version of the program would."""
    engine = open_database(path, now=NOW)
    with writing(engine, str(path)) as session:
        fill(session)
    with engine.begin() as connection:
        migrate.downgrade(connection, revision)
    engine.dispose()


def test_an_older_book_is_backed_up_and_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "office.plimsoll"
    at_revision(path, REVISIONS[-2])
    engine = open_database(path, now=NOW)
    with reading(engine, str(path)) as session:
        assert [held.name for held in store.list_households(session)] == ["Abbott", "Baker"]
    with engine.connect() as connection:
        assert migrate.revision_of(connection) == migrate.head()
    engine.dispose()
    backup = tmp_path / f"office-20261030-211500-revision-{REVISIONS[-2]}.plimsoll.backup"
    with closing(sqlite3.connect(backup)) as copy:
        assert copy.execute("SELECT version_num FROM alembic_version").fetchone() == (REVISIONS[-2],)
        assert copy.execute("SELECT count(*) FROM households").fetchone() == (2,)


def test_an_older_book_has_typed_rates_and_custodians_that_take_lots(tmp_path: Path) -> None:
    path = tmp_path / "office.plimsoll"
    at_revision(path, "0004")
    engine = open_database(path, now=NOW)
    with reading(engine, str(path)) as session:
        held = store.load_household(session, 1, as_of=NOW.date())
    engine.dispose()
    assert held.tax is not None
    assert (held.tax.rates_from, held.tax.state, held.tax.ordinary_income) == (RatesFrom.TYPED, "", None)
    assert {account.lot_method for account in held.accounts} == {None}


def test_two_backups_of_one_second_are_two_files(tmp_path: Path) -> None:
    path = tmp_path / "office.plimsoll"
    for _ in range(2):
        at_revision(path, REVISIONS[-2]) if not path.exists() else downgrade_file(path)
        open_database(path, now=NOW).dispose()
    assert len(list(tmp_path.glob("*.backup"))) == 2


def downgrade_file(path: Path) -> None:
    engine = open_database(path, now=NOW)
    with engine.begin() as connection:
        migrate.downgrade(connection, REVISIONS[-2])
    engine.dispose()


def test_a_book_of_a_newer_version_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "office.plimsoll"
    open_database(path, now=NOW).dispose()
    with closing(sqlite3.connect(path)) as book:
        book.execute("UPDATE alembic_version SET version_num = '9999'")
        book.commit()
    before = path.read_bytes()
    with pytest.raises(AppError, match=r"newer version of Plimsoll: it is at revision 9999.*Install the newer"):
        open_database(path, now=NOW)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir() if not file.name.endswith(("-wal", "-shm"))] == [path.name]


def test_a_migration_that_fails_leaves_the_book_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "office.plimsoll"
    at_revision(path, REVISIONS[0])

    def fail_at_the_end(connection: sa.Connection, revision: str = "head") -> None:
        command.upgrade(migrate.config(connection), revision)
        raise RuntimeError("power cut")

    monkeypatch.setattr(migrate, "upgrade", fail_at_the_end)
    with pytest.raises(RuntimeError, match="power cut"):
        open_database(path, now=NOW)
    monkeypatch.undo()
    with closing(sqlite3.connect(path)) as book:
        assert book.execute("SELECT version_num FROM alembic_version").fetchone() == (REVISIONS[0],)
        assert book.execute("SELECT count(*) FROM households").fetchone() == (2,)
        assert book.execute("SELECT name FROM sqlite_master WHERE name = 'runs'").fetchone() is None


def test_the_revisions_are_one_line_without_branches() -> None:
    assert list(REVISIONS) == [f"{number:04d}" for number in range(1, len(REVISIONS) + 1)]


def test_the_migrations_can_be_written_as_sql_for_postgresql() -> None:
    script = io.StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "output_buffer": script, "target_metadata": Base.metadata}
    )
    steps = ScriptDirectory.from_config(migrate.config()).walk_revisions()
    with Operations.context(context):
        for step in reversed(list(steps)):
            step.module.upgrade()
    text = script.getvalue()
    assert text.count("CREATE TABLE") == len(Base.metadata.tables)
    assert "EXECUTE FUNCTION audit_log_refuse()" in text
    assert "PRAGMA" not in text


def test_every_name_fits_postgresql() -> None:
    names = [
        str(name)
        for table in Base.metadata.tables.values()
        for name in (*(c.name for c in table.constraints), *(i.name for i in table.indexes))
        if name
    ]
    assert max(map(len, names)) <= 63
