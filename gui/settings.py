"""What the window remembers on this workstation: the last book, folders, theme, name, geometry."""

import getpass
from pathlib import Path

from platformdirs import user_data_path, user_documents_path, user_log_path
from PySide6.QtCore import QByteArray, QSettings

from gui.theme import ThemeChoice

ORGANIZATION = "Plimsoll"
APPLICATION = "Plimsoll"
RECENT_BOOKS = 6


class Settings:
    """Typed access to QSettings; nothing about clients is kept here."""

    def __init__(self, store: QSettings | None = None, home: Path | None = None) -> None:
        self._store = store or QSettings(ORGANIZATION, APPLICATION)
        self._home = home

    @property
    def books_folder(self) -> Path:
        """Where new books are suggested."""
        return self._home or user_documents_path()

    @property
    def demo_book(self) -> Path:
        """The book of the demo office."""
        folder = self._home or user_data_path(APPLICATION, appauthor=False)
        return folder / "demo-office.plimsoll"

    @property
    def log_file(self) -> Path:
        """Where errors of the program are written."""
        return (self._home or user_log_path(APPLICATION, appauthor=False)) / "plimsoll.log"

    @property
    def last_book(self) -> str:
        """The book opened last, empty at the first start."""
        return self._text("book/last")

    @property
    def recent_books(self) -> tuple[str, ...]:
        """Books opened before, latest first."""
        return tuple(name for name in self._text("book/recent").split("\n") if name)

    def remember_book(self, where: str) -> None:
        """Remember a book as the last one opened."""
        others = [name for name in self.recent_books if name != where]
        self._store.setValue("book/last", where)
        self._store.setValue("book/recent", "\n".join([where, *others][:RECENT_BOOKS]))

    def forget_last_book(self) -> None:
        """Start with the welcome page next time."""
        self._store.remove("book/last")

    def folder(self, purpose: str) -> Path:
        """The folder used last for a purpose, e.g. import."""
        name = self._text(f"folder/{purpose}")
        return Path(name) if name and Path(name).is_dir() else self.books_folder

    def remember_folder(self, purpose: str, folder: Path) -> None:
        """Remember the folder used for a purpose."""
        self._store.setValue(f"folder/{purpose}", str(folder))

    @property
    def user_name(self) -> str:
        """Who works here: the name signed last, else the name of the login."""
        return self._text("user/name") or _login_name()

    def remember_user_name(self, name: str) -> None:
        """Remember who signed."""
        self._store.setValue("user/name", name)

    @property
    def theme(self) -> ThemeChoice:
        """Light, dark, or as the desktop."""
        text = self._text("window/theme")
        return ThemeChoice(text) if text in set(ThemeChoice) else ThemeChoice.SYSTEM

    def remember_theme(self, choice: ThemeChoice) -> None:
        """Remember light, dark, or as the desktop."""
        self._store.setValue("window/theme", choice.value)

    @property
    def geometry(self) -> QByteArray | None:
        """The place of the window on the screen."""
        value = self._store.value("window/geometry")
        return value if isinstance(value, QByteArray) else None

    def remember_geometry(self, geometry: QByteArray) -> None:
        """Remember the place of the window."""
        self._store.setValue("window/geometry", geometry)

    def _text(self, key: str) -> str:
        value = self._store.value(key, "")
        return value if isinstance(value, str) else ""


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no login name, as in some containers
        return ""
