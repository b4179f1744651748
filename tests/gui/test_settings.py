from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QSettings

from gui.settings import RECENT_BOOKS, Settings
from gui.theme import ThemeChoice


@pytest.fixture
def empty(tmp_path: Path) -> Settings:
    return Settings(QSettings(str(tmp_path / "other.ini"), QSettings.Format.IniFormat), home=tmp_path)


def test_at_the_first_start_nothing_is_remembered(empty: Settings, tmp_path: Path) -> None:
    assert (empty.last_book, empty.recent_books, empty.geometry) == ("", (), None)
    assert (empty.theme, empty.folder("import")) == (ThemeChoice.SYSTEM, tmp_path)


def test_books_are_remembered_latest_first_and_only_so_many(empty: Settings) -> None:
    for number in range(9):
        empty.remember_book(f"book-{number}")
    empty.remember_book("book-7")
    assert empty.last_book == "book-7"
    assert empty.recent_books[:3] == ("book-7", "book-8", "book-6")
    assert len(empty.recent_books) == RECENT_BOOKS
    empty.forget_last_book()
    assert (empty.last_book, empty.recent_books[0]) == ("", "book-7")


def test_a_folder_that_is_gone_is_not_offered(empty: Settings, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    empty.remember_folder("import", inbox)
    assert empty.folder("import") == inbox
    inbox.rmdir()
    assert empty.folder("import") == tmp_path


def test_name_theme_and_place_come_back(empty: Settings) -> None:
    empty.remember_user_name("Dana")
    empty.remember_theme(ThemeChoice.DARK)
    empty.remember_geometry(QByteArray(b"place"))
    assert (empty.user_name, empty.theme, empty.geometry) == ("Dana", ThemeChoice.DARK, QByteArray(b"place"))


def test_without_a_name_the_login_is_taken_and_none_where_there_is_none(
    empty: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody() -> str:
        raise KeyError

    monkeypatch.setattr("getpass.getuser", lambda: "dana")
    assert empty.user_name == "dana"
    monkeypatch.setattr("getpass.getuser", nobody)
    assert empty.user_name == ""


def test_the_folders_of_the_desktop_are_used_outside_tests() -> None:
    made = Settings(QSettings("unused.ini", QSettings.Format.IniFormat))
    assert made.demo_book.name == "demo-office.plimsoll"
    assert made.log_file.name == "plimsoll.log"
    assert made.books_folder.is_absolute()
