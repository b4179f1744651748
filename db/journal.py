"""What an import call changed, row by row, so that it can be taken back as one.

Rows that an import adds and that name its file are known by the file; every other row that it adds, changes or removes
is kept as it was before, once. Values are kept as JSON of what the columns hold.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from db import tables
from db.bulk import as_kept, batches
from db.tables.base import Base
from db.types import Scaled, UtcDateTime, to_scaled
from engine.errors import AppError

NOT_KEPT = frozenset({"audit_log", "import_batches", "import_files", "import_changes"})
"""Tables that undoing leaves alone: what was done stays written."""
OF_FILE = "import_file_id"
JOURNAL = "journal"
"""Where the session of an import keeps its journal (`Session.info`), for statements that bypass the session."""
WRITTEN_AT = 5_000
"""Entries that are held before they are written."""
_CHANGES = Base.metadata.tables[tables.ImportChange.__tablename__]


class Journal:
    """Listens to a session while one batch is written. `close` writes what was heard."""

    def __init__(self, session: Session, batch: int) -> None:
        self._session, self._batch = session, batch
        self._entries: list[dict[str, Any]] = []
        self._seen: dict[str, set[tuple[Any, ...]]] = defaultdict(set)
        self._own_files: frozenset[int] | None = None
        session.info[JOURNAL] = self
        event.listen(session, "before_flush", self._before_flush)
        event.listen(session, "after_flush", self._after_flush)
        event.listen(session, "do_orm_execute", self._before_execute)

    def keep(self, table: sa.Table, where: sa.ColumnElement[bool]) -> None:
        """Keep the rows of a table as they are now, before a statement changes or removes them."""
        if table.name not in NOT_KEPT:
            self._keep(table, sa.select(table).where(where))

    def keep_ids(self, table: sa.Table, ids: Iterable[Any]) -> None:
        """Keep the rows of these ids, of a table that has ids, as they are now."""
        if table.name in NOT_KEPT:
            return
        kept, (key,) = as_kept(table), table.primary_key
        for some in batches(ids):
            self._keep(table, sa.select(kept).where(kept.c[key.name].in_(some)))

    def close(self) -> None:
        """Stop listening and write the entries."""
        del self._session.info[JOURNAL]
        event.remove(self._session, "before_flush", self._before_flush)
        event.remove(self._session, "after_flush", self._after_flush)
        event.remove(self._session, "do_orm_execute", self._before_execute)
        self._write()

    def _keep(self, table: sa.Table, query: sa.Select[Any]) -> None:
        """Keep what a query of a table finds, except rows that this batch has added: their file tells of those."""
        own = self._files() if OF_FILE in table.c else frozenset[int]()
        for row in self._session.connection().execute(query).mappings().all():
            if not own or row[OF_FILE] not in own:
                values = dict(row)
                self._note(table, values, values)

    def _files(self) -> frozenset[int]:
        """Return the files of this batch, which are all there before the first row of one is."""
        if self._own_files is None:
            query = sa.select(tables.ImportFile.id).where(tables.ImportFile.batch_id == self._batch)
            self._own_files = frozenset(self._session.connection().scalars(query))
        return self._own_files

    def _note(self, table: sa.Table, key: Mapping[str, Any], before: Mapping[str, Any] | None) -> None:
        parts = tuple(_packed(c, key[c.name]) for c in table.primary_key)
        if parts in self._seen[table.name]:
            return
        self._seen[table.name].add(parts)
        named = json.dumps(dict(zip((c.name for c in table.primary_key), parts, strict=True)))
        was = None if before is None else _row(table, before)
        self._entries.append({"batch_id": self._batch, "table": table.name, "key": named, "before": was})
        if len(self._entries) >= WRITTEN_AT:
            self._write()

    def _write(self) -> None:
        """Write the entries heard so far; nothing of them stays if the import does not."""
        if self._entries:
            self._session.connection().execute(sa.insert(_CHANGES), self._entries)
            self._entries = []

    def _before_flush(self, session: Session, _context: UOWTransaction, _instances: object) -> None:
        ids: dict[sa.Table, list[Any]] = defaultdict(list)
        for one in [*(o for o in session.dirty if session.is_modified(o)), *session.deleted]:
            table = _table(one)
            identity = sa.inspect(one).identity or ()
            if len(identity) == 1:
                ids[table].extend(identity)
            else:
                pairs = zip(table.primary_key, identity, strict=True)
                self.keep(table, sa.and_(*(column == value for column, value in pairs)))
        for table, some in ids.items():
            self.keep_ids(table, some)

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
    count = 0
    for table, entries in _entries(connection, batch):
        kept = as_kept(table)
        same = sa.and_(*(kept.c[c.name] == sa.bindparam(f"of_{c.name}") for c in table.primary_key))
        keys = [_unpacked(table, key) for key, _ in entries]
        connection.execute(sa.delete(kept).where(same), [{f"of_{n}": v for n, v in key.items()} for key in keys])
        count += len(entries)
    for table in Base.metadata.sorted_tables:
        if OF_FILE in table.c and table.name not in {*NOT_KEPT, "run_sources"}:
            count += connection.execute(sa.delete(table).where(table.c[OF_FILE].in_(files))).rowcount
    for table, entries in _entries(connection, batch):
        by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
        for row in (_unpacked(table, before) for _, before in entries if before is not None):
            by_columns[tuple(row)].append(row)
        for rows in by_columns.values():
            connection.execute(sa.insert(as_kept(table)), rows)
    connection.execute(sa.delete(_CHANGES).where(_CHANGES.c.batch_id == batch))
    session.expire_all()
    return count


def _entries(connection: sa.Connection, batch: int) -> Iterator[tuple[sa.Table, list[tuple[str, str | None]]]]:
    """Yield the entries of a batch, some thousands of one table at a time."""
    last = 0
    query = sa.select(_CHANGES).where(_CHANGES.c.batch_id == batch).order_by(_CHANGES.c.id).limit(WRITTEN_AT)
    while rows := connection.execute(query.where(_CHANGES.c.id > last)).all():
        last = rows[-1].id
        for name, some in groupby(rows, key=lambda row: row.table):
            yield Base.metadata.tables[name], [(row.key, row.before) for row in some]


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


def _unpacked(table: sa.Table, text: str) -> dict[str, Any]:
    """Return the columns of a row that an entry names, decimals as the integers that they are kept as."""
    values = json.loads(text)
    return {c.name: _as_value(c, values[c.name]) for c in table.c if c.name in values}


def _as_value(column: sa.Column[Any], value: Any) -> Any:
    kind = column.type
    if value is None or isinstance(kind, Scaled):
        return value
    if isinstance(kind, sa.Enum) and kind.enum_class is not None:
        return kind.enum_class(value)
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, sa.Date):
        return date.fromisoformat(value)
    return value
