import multiprocessing
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from multiprocessing.synchronize import Event
from pathlib import Path
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from db import session as opening
from db import store, tables
from db.local_disk import _file_system, is_local
from db.session import open_database, reading, writing
from engine.errors import AppError
from tests.db.sample import AT, fill


def test_a_new_book_is_created_where_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "office.plimsoll"
    engine = open_database(path, now=AT)
    with reading(engine, "book") as session:
        assert store.list_households(session) == ()
    engine.dispose()
    with closing(sqlite3.connect(path)) as book:
        assert book.execute("PRAGMA application_id").fetchone()[0].to_bytes(4, "big") == b"PLIM"


def test_an_empty_file_becomes_a_book(tmp_path: Path) -> None:
    path = tmp_path / "office.plimsoll"
    path.touch()
    open_database(str(path), now=AT).dispose()
    assert path.stat().st_size > 0
    assert list(tmp_path.glob("*.backup")) == []


def test_a_book_is_opened_by_url_too(tmp_path: Path) -> None:
    open_database(f"sqlite:///{tmp_path / 'office.plimsoll'}", now=AT).dispose()
    assert (tmp_path / "office.plimsoll").is_file()


def foreign_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")
        other.commit()


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: path.write_bytes(b"%PDF-1.7 not a book" * 100), "not a Plimsoll book"),
        (foreign_database, "database of another program"),
        (Path.mkdir, "is a folder"),
    ],
)
def test_a_file_that_is_no_book_is_refused_and_not_touched(
    tmp_path: Path, make: Callable[[Path], object], why: str
) -> None:
    path = tmp_path / "other.bin"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(AppError, match=why):
        open_database(path, now=AT)
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_folder_that_does_not_exist_is_said(tmp_path: Path) -> None:
    with pytest.raises(AppError, match=r"There is no folder .*missing\. Create it"):
        open_database(tmp_path / "missing" / "office.plimsoll", now=AT)


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("nonsense://somewhere/book", "no driver for nonsense"),
        ("postgresql+nodriver://user:secret@host/book", "no driver for postgresql"),
        ("://", "neither a path nor a database URL"),
    ],
)
def test_a_server_that_cannot_be_reached_is_said_without_its_password(where: str, why: str) -> None:
    with pytest.raises(AppError, match=why) as error:
        open_database(where, now=AT)
    assert "secret" not in str(error.value)


def test_foreign_keys_hold(empty: sa.Engine) -> None:
    with pytest.raises(IntegrityError), writing(empty, "memory") as session:
        session.add(tables.Person(household_id=77, name="Nobody", role="client"))


def test_an_exception_takes_back_everything_even_new_tables(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "office.plimsoll", now=AT)

    def write_and_fail() -> None:
        with writing(engine, "book") as session:
            session.execute(sa.text("CREATE TABLE scratch (x INTEGER)"))
            fill(session)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    with reading(engine, "book") as session:
        assert "scratch" not in sa.inspect(session.connection()).get_table_names()
        assert store.list_households(session) == ()
    engine.dispose()


def test_a_reader_sees_the_book_as_it_was_while_another_writes(tmp_path: Path) -> None:
    if not is_local(tmp_path):
        pytest.skip("the folder of the tests is not known to be on a local disk")
    engine = open_database(tmp_path / "office.plimsoll", now=AT)
    with writing(engine, "book") as writer:
        fill(writer)
        with reading(engine, "book") as reader:
            assert store.list_households(reader) == ()
    with reading(engine, "book") as reader:
        assert len(store.list_households(reader)) == 2
    engine.dispose()


def test_a_second_writer_is_told_that_the_book_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "BUSY_MS", 10)
    engine = open_database(tmp_path / "office.plimsoll", now=AT)
    with writing(engine, "office.plimsoll") as first:
        first.execute(sa.select(1))
        with (
            pytest.raises(AppError, match=r"office\.plimsoll cannot be written.*Another program is writing"),
            writing(engine, "office.plimsoll") as second,
        ):
            second.execute(sa.select(1))
    engine.dispose()


def test_a_full_disk_is_said_in_words(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "office.plimsoll", now=AT)

    def write_too_much() -> None:
        with writing(engine, "book") as session:
            pages = session.connection().exec_driver_sql("PRAGMA page_count").scalar_one()
            session.connection().exec_driver_sql(f"PRAGMA max_page_count = {pages}")
            session.add(tables.OfficeSetting(name="firm", value="x" * 100_000))

    with pytest.raises(AppError, match="Make room on the disk"):
        write_too_much()
    engine.dispose()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="rights do not bind this user")
def test_a_book_that_may_not_be_written_is_said_in_words(tmp_path: Path) -> None:
    path = tmp_path / "office.plimsoll"
    open_database(path, now=AT).dispose()
    tmp_path.chmod(0o500)
    path.chmod(0o400)
    try:
        with (
            pytest.raises(AppError, match="cannot be written"),
            writing(open_database(path, now=AT), "book") as session,
        ):
            fill(session)
    finally:
        tmp_path.chmod(0o700)


def test_the_write_ahead_log_is_used_on_local_disks_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modes = {}
    for local in (True, False):
        monkeypatch.setattr(opening, "is_local", lambda _, local=local: local)
        engine = open_database(tmp_path / "office.plimsoll", now=AT)
        with engine.connect() as connection:
            modes[local] = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
        engine.dispose()
    assert modes == {True: "wal", False: "delete"}


@pytest.mark.parametrize(
    ("place", "kind"),
    [("/", "ext4"), ("/srv/share/books", "cifs"), ("/srv/my disk/books", "xfs"), ("/srv/shared", "ext4")],
)
def test_a_folder_belongs_to_the_deepest_mount_above_it(place: str, kind: str) -> None:
    lines = ("proc /proc proc", "/dev/sda1 / ext4", "//server/x /srv/share cifs", r"/dev/sdb1 /srv/my\040disk xfs")
    mounts = "".join(f"{line} rw 0 0\n" for line in lines)
    assert _file_system(Path(place), mounts) == kind


def _hold_and_die(path: str, ready: Event, *, local: bool) -> None:
    with patch.object(opening, "is_local", return_value=local), writing(open_database(path, now=AT), path) as session:
        session.connection().exec_driver_sql("PRAGMA cache_size = 1")
        fill(session)
        session.add(tables.OfficeSetting(name="firm", value="x" * 1_000_000))
        session.flush()
        ready.set()
        os.kill(os.getpid(), 9)


@pytest.mark.parametrize("local", [True, False])
def test_a_writer_that_is_killed_leaves_the_book_as_it_was(tmp_path: Path, *, local: bool) -> None:
    path = str(tmp_path / "office.plimsoll")
    open_database(path, now=AT).dispose()
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    writer = context.Process(target=_hold_and_die, args=(path, ready), kwargs={"local": local})
    writer.start()
    writer.join(60)
    assert ready.is_set()
    assert writer.exitcode not in {0, None}
    assert {file.suffix for file in tmp_path.iterdir()} > {".plimsoll"}
    engine = open_database(path, now=AT)
    with reading(engine, path) as session:
        assert store.list_households(session) == ()
        assert session.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    engine.dispose()
