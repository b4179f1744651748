"""What an import call changed, row by row, so that it can be taken back as one.

Rows that an import adds and that name its file are known by the file; every other row that it adds, changes or removes
is kept as it was before, once. Values are kept as JSON of what the columns hold.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from db import tables
from db.tables.base import Base
from db.types import Scaled, UtcDateTime, from_scaled, to_scaled
from engine.errors import AppError

NOT_KEPT = frozenset({"audit_log", "import_batches", "import_files", "import_changes"})
"""Tables that undoing leaves alone: what was done stays written."""
OF_FILE = "import_file_id"
JOURNAL = "journal"
"""Where the session of an import keeps its journal (`Session.info`), for statements that bypass the session."""


class Journal:
    """Listens to a session while one batch is written. `close` writes what was heard."""

    def __init__(self, session: Session, batch: int) -> None:
        self._session, self._batch = session, batch
        self._entries: list[tuple[str, str, str | None]] = []
        self._seen: set[tuple[str, str]] = set()
        session.info[JOURNAL] = self
        event.listen(session, "before_flush", self._before_flush)
        event.listen(session, "after_flush", self._after_flush)
        event.listen(session, "do_orm_execute", self._before_execute)

    def keep(self, table: sa.Table, where: sa.ColumnElement[bool]) -> None:
        """Keep the rows of a table as they are now, before a statement changes or removes them."""
        if table.name in NOT_KEPT:
            return
        for row in self._session.connection().execute(sa.select(table).where(where)).mappings():
            self._note(table, dict(row), dict(row))

    def close(self) -> None:
        """Stop listening and write the entries."""
        del self._session.info[JOURNAL]
        event.remove(self._session, "before_flush", self._before_flush)
        event.remove(self._session, "after_flush", self._after_flush)
        event.remove(self._session, "do_orm_execute", self._before_execute)
        rows = [{"batch_id": self._batch, "table": t, "key": k, "before": b} for t, k, b in self._entries]
        if rows:
            self._session.execute(sa.insert(tables.ImportChange), rows)

    def _note(self, table: sa.Table, key: Mapping[str, Any], before: Mapping[str, Any] | None) -> None:
        name = json.dumps({c.name: _packed(c, key[c.name]) for c in table.primary_key})
        if (table.name, name) not in self._seen:
            self._seen.add((table.name, name))
            self._entries.append((table.name, name, None if before is None else _row(table, before)))

    def _before_flush(self, session: Session, _context: UOWTransaction, _instances: object) -> None:
        changed = [*(o for o in session.dirty if session.is_modified(o)), *session.deleted]
        for one in changed:
            table = _table(one)
            identity = sa.inspect(one).identity or ()
            pairs = zip(table.primary_key, identity, strict=True)
            self.keep(table, sa.and_(*(column == value for column, value in pairs)))

    def _after_flush(self, session: Session, _context: UOWTransaction) -> None:
        for one in session.new:
            table = _table(one)
            if table.name not in NOT_KEPT and getattr(one, OF_FILE, None) is None:
                self._note(table, {c.name: getattr(one, c.name) for c in table.primary_key}, None)

    def _before_execute(self, state: ORMExecuteState) -> None:
        statement = state.statement
        if isinstance(statement, (sa.Delete, sa.Update)):
            where = statement.whereclause
            table = statement.table
            if isinstance(table, sa.Table):
                self.keep(table, sa.true() if where is None else where)


def take_back(session: Session, batch: int) -> int:
    """Bring the rows that a batch changed to what they were, and return how many rows that were.

    Every row that it touched is taken out and those that were there before are put back, in one transaction. Foreign
    keys are looked at when all is done, which only a book in a file can do: AppError for one on a server.
    """
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        hint = "Restore the server's backup."
        raise AppError("An import can be taken back only in a book that is a file.", hint=hint)
    connection.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
    files = sa.select(tables.ImportFile.id).where(tables.ImportFile.batch_id == batch)
    change = tables.ImportChange
    entries = session.execute(sa.select(change.table, change.key, change.before).where(change.batch_id == batch)).all()
    count = len(entries)
    kept = [(Base.metadata.tables[name], json.loads(key), before) for name, key, before in entries]
    for table, key, _ in kept:
        connection.execute(sa.delete(table).where(_same(table, key)))
    for table in Base.metadata.sorted_tables:
        if OF_FILE in table.c and table.name not in {*NOT_KEPT, "run_sources"}:
            count += connection.execute(sa.delete(table).where(table.c[OF_FILE].in_(files))).rowcount
    for table, _, before in kept:
        if before is not None:
            values = json.loads(before)
            columns = {c.name: _unpacked(c, values[c.name]) for c in table.c if c.name in values}
            connection.execute(sa.insert(table).values(columns))
    session.execute(sa.delete(change).where(change.batch_id == batch))
    session.expire_all()
    return count


def _same(table: sa.Table, key: Mapping[str, Any]) -> sa.ColumnElement[bool]:
    return sa.and_(*(column == _unpacked(column, key[column.name]) for column in table.primary_key))


def _table(one: object) -> sa.Table:
    table = sa.inspect(type(one)).local_table
    if not isinstance(table, sa.Table):
        raise TypeError(f"{type(one).__name__} is not kept in a table of its own")
    return table


def _row(table: sa.Table, values: Mapping[str, Any]) -> str:
    return json.dumps({column.name: _packed(column, values[column.name]) for column in table.c})


def _packed(column: sa.Column[Any], value: Any) -> Any:
    if isinstance(value, Decimal) and isinstance(column.type, Scaled):
        return to_scaled(value, column.type.places)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if value is None or isinstance(value, (int, str, bool)):
        return value
    raise TypeError(f"{column} holds a {type(value).__name__}, which the journal cannot keep")


def _unpacked(column: sa.Column[Any], value: Any) -> Any:
    kind = column.type
    if value is None:
        return None
    if isinstance(kind, Scaled):
        return from_scaled(int(value), kind.places)
    if isinstance(kind, sa.Enum) and kind.enum_class is not None:
        return kind.enum_class(value)
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, sa.Date):
        return date.fromisoformat(value)
    return value
