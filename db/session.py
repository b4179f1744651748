"""Opens a book: a SQLite file or any SQLAlchemy URL, migrated to this version, with transactions that hold."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from db import migrate
from db.local_disk import is_local
from engine.errors import AppError

BUSY_MS = 10_000
"""How long a writer waits for another one, in milliseconds."""
CACHE_KIB = 32_000
"""How much of a file is kept in memory at most; with SQLite's own 2,000 a long import writes pages over and over."""


def open_database(where: str | Path, *, now: datetime) -> Engine:
    """Open a book, create it where there is none, back it up and migrate it where it is older.

    Raises AppError for a place that cannot be a book, a file of another program, or a newer book; nothing
    is touched then.
    """
    url = _url(where)
    if url.get_backend_name() != "sqlite":
        return _open_server(url)
    if url.database in {None, "", ":memory:"}:
        engine = _sqlite_engine(url, wal=False)
        _migrate(engine)
        return engine
    path = Path(str(url.database)).expanduser()
    found = _look(path)
    if found is not None and found != migrate.head():
        _back_up(path, found, now)
    engine = _sqlite_engine(url.set(database=str(path)), wal=is_local(path.parent))
    with known_errors(str(path)):
        _migrate(engine)
    return engine


def _url(where: str | Path) -> URL:
    """Read a path or a URL."""
    text = str(where)
    if "://" not in text:
        return URL.create("sqlite", database=text)
    try:
        return make_url(text)
    except ArgumentError as error:
        raise AppError(f"{text} is neither a path nor a database URL.") from error


def _open_server(url: URL) -> Engine:
    """Open a book on a database server."""
    shown = url.render_as_string(hide_password=True)
    try:
        engine = create_engine(url)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        hint = f"Install the Python driver for {url.get_backend_name()}."
        raise AppError(f"There is no driver for {shown}.", detail=str(error), hint=hint) from error
    with known_errors(shown):
        with engine.connect() as connection:
            _refuse_strangers(connection, shown)
        _migrate(engine)
    return engine


def _sqlite_engine(url: URL, *, wal: bool) -> Engine:
    """Return an engine on which transactions are those that we begin: none is begun or ended by the driver."""
    if url.database in {None, "", ":memory:"}:
        engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
        engine = create_engine(url)

    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA journal_mode = {'WAL' if wal else 'DELETE'}")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get("plimsoll_writes", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _migrate(engine: Engine) -> None:
    """Bring the tables to this version, all of it or nothing.

    Foreign keys are off meanwhile, since SQLite changes a table by making it anew, and checked before the end.
    """
    with engine.connect().execution_options(plimsoll_writes=False) as connection:
        if migrate.revision_of(connection) == migrate.head():
            return
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection, _no_foreign_keys(connection, wanted=sqlite), connection.begin():
        migrate.upgrade(connection)
        if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
            raise RuntimeError("a migration left rows that point nowhere")


@contextmanager
def _no_foreign_keys(connection: Connection, *, wanted: bool) -> Iterator[None]:
    """Switch foreign keys off outside of any transaction, and on again."""
    if not wanted:
        yield
        return
    driver = connection.connection.cursor()
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys = ON")
        driver.close()


def _look(path: Path) -> str | None:
    """Return the revision of a file without touching it, None for a new or empty one; refuse what is not ours."""
    if path.is_dir():
        raise AppError(f"{path} is a folder.", hint="Name a file for the book, for example office.plimsoll.")
    if not path.parent.is_dir():
        raise AppError(f"There is no folder {path.parent}.", hint="Create it, or name another place.")
    if not path.exists() or path.stat().st_size == 0:
        return None
    try:
        return _peek(path, "ro")
    except sqlite3.OperationalError:
        return _recover(path)
    except sqlite3.DatabaseError as error:
        raise AppError(
            f"{path} is not a Plimsoll book.", detail=str(error), hint="Choose another file, or a new name."
        ) from error


def _peek(path: Path, mode: str) -> str | None:
    """Open a file in a mode of SQLite and return its revision."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True)) as peek:
        return _revision_in(peek, path)


def _recover(path: Path) -> str | None:
    """Return the revision of a file whose writer was killed: opened for writing, SQLite takes back the rest."""
    try:
        return _peek(path, "rw")
    except sqlite3.Error as error:
        hint = "Allow reading and writing the file and its folder, and close other programs that use it."
        raise AppError(f"{path} cannot be opened.", detail=str(error), hint=hint) from error


def _revision_in(peek: sqlite3.Connection, path: Path) -> str | None:
    """Return the revision stated in a SQLite file, None when it holds nothing at all."""
    tables = {name for (name,) in peek.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return None
    (application,) = peek.execute("PRAGMA application_id").fetchone()
    if application != migrate.APPLICATION_ID or "alembic_version" not in tables:
        raise AppError(f"{path} is a database of another program.", hint="Choose another file, or a new name.")
    found = peek.execute("SELECT version_num FROM alembic_version").fetchone()
    if found is None:
        raise AppError(f"{path} is not a complete Plimsoll book.", hint="Restore it from a backup.")
    revision = str(found[0])
    _refuse_newer(revision, str(path))
    return revision


def _refuse_newer(revision: str, where: str) -> None:
    """Refuse a revision that this version does not know."""
    if revision not in migrate.revisions():
        raise AppError(
            f"{where} was written by a newer version of Plimsoll.",
            detail=f"it is at revision {revision}, this version knows revisions up to {migrate.head()}",
            hint="Install the newer version; the book was not touched.",
        )


def _refuse_strangers(connection: Connection, where: str) -> None:
    """Refuse a server's database that is newer or holds tables of another program."""
    revision = migrate.revision_of(connection)
    if revision is not None:
        _refuse_newer(revision, where)
    elif inspect(connection).get_table_names():
        raise AppError(f"{where} holds tables of another program.", hint="Name an empty database.")


def _back_up(path: Path, revision: str, now: datetime) -> Path:
    """Copy a book beside itself before it is migrated; what its log still holds is copied with it."""
    stem = f"{path.stem}-{now.astimezone(UTC):%Y%m%d-%H%M%S}-revision-{revision}"
    copy = path.with_name(f"{stem}{path.suffix}.backup")
    number = 1
    while copy.exists():
        number += 1
        copy = path.with_name(f"{stem}-{number}{path.suffix}.backup")
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    except sqlite3.Error as error:
        copy.unlink(missing_ok=True)
        raise AppError(
            f"{path} could not be backed up before bringing it to this version.",
            detail=str(error),
            hint="Make room beside it, or move it to a folder that can be written to.",
        ) from error
    return copy


@contextmanager
def known_errors(where: str) -> Iterator[None]:
    """Turn what the user can put right (no room, locked, read-only, damaged) into an AppError."""
    try:
        yield
    except DatabaseError as error:
        reason = str(error.orig)
        for part, hint in _KNOWN.items():
            if part in reason:
                raise AppError(f"{where} cannot be written or read.", detail=reason, hint=hint) from error
        if isinstance(error, OperationalError) and error.connection_invalidated:
            raise AppError(f"The connection to {where} was lost.", detail=reason, hint="Try again.") from error
        raise


_KNOWN = {
    "database is locked": "Another program is writing to the book; try again when it is done.",
    "database or disk is full": "Make room on the disk; the book is as it was before.",
    "readonly database": "Allow writing to the file and its folder, or copy the book to another place.",
    "unable to open database file": "Allow writing to the folder, or name another place.",
    "disk I/O error": "Check the disk; the book is as it was before.",
    "file is not a database": "Restore the book from a backup.",
    "database disk image is malformed": "Restore the book from a backup.",
    "could not connect": "Check that the server is running and that the address is right.",
    "Connection refused": "Check that the server is running and that the address is right.",
}


@contextmanager
def writing(engine: Engine, where: str) -> Iterator[Session]:
    """Open a session in one transaction: committed at the end, rolled back on any exception."""
    with known_errors(where), Session(engine) as session, session.begin():
        yield session


@contextmanager
def reading(engine: Engine, where: str) -> Iterator[Session]:
    """Open a session that sees one state of the book and writes nothing; it does not wait for writers."""
    quiet = engine.execution_options(plimsoll_writes=False)
    with known_errors(where), Session(quiet) as session:
        yield session
