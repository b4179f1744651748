"""The window where nobody sits: for pictures and for the self-test of an installation."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QEventLoop, QMessageLogContext, QSettings, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from engine.errors import AppError
from gui.ask import Signature
from gui.main import application, make_window
from gui.main_window import SIZE, MainWindow
from gui.settings import Settings
from gui.theme import ThemeChoice

SETTLE_MS = 100
SHOWN_AT = datetime(2026, 10, 30, 21, 30, tzinfo=UTC)
"""The time in the window: the evening of the sample office's day."""


class NobodyAsks:
    """Answers where nobody sits: signs, exports to `out`, and keeps what would have been told to the user."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self.errors: list[BaseException] = []

    def confirm(self, title: str, text: str, yes: str) -> bool:
        """Say yes."""
        del title, text, yes
        return True

    def choose_files(self, title: str, folder: Path) -> tuple[Path, ...]:
        """Choose nothing."""
        del title, folder
        return ()

    def choose_folder(self, title: str, folder: Path) -> Path | None:
        """Choose the folder given at the start."""
        del title, folder
        return self._out

    def open_book(self, folder: Path) -> Path | None:
        """Choose nothing."""
        del folder
        return None

    def save_as(self, title: str, suggestion: Path, kinds: str) -> Path | None:
        """Choose nothing."""
        del title, suggestion, kinds
        return None

    def choose(self, title: str, text: str, options: Sequence[str]) -> str | None:
        """Choose the first."""
        del title, text
        return options[0]

    def signature(self, title: str, text: str, by: str) -> Signature | None:
        """Sign."""
        del title, text, by
        return Signature("Dana Whitfield", "reviewed with the investment committee")

    def tell(self, title: str, text: str) -> None:
        """Say nothing."""

    def problem(self, error: AppError) -> None:
        """Keep the error."""
        self.errors.append(error)

    def bug(self, error: BaseException, log_file: Path) -> None:
        """Keep the error."""
        del log_file
        self.errors.append(error)


@contextmanager
def window_for(folder: Path) -> Iterator[MainWindow]:
    """Open a window, offscreen where no application runs yet, with settings of its own in `folder`."""
    if QApplication.instance() is None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        qInstallMessageHandler(_pass_on)
    application()
    store = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
    settings = Settings(store, home=folder)
    settings.remember_user_name("Dana Whitfield")
    settings.remember_theme(ThemeChoice.LIGHT)
    window = make_window(NobodyAsks(folder), settings, now=lambda: SHOWN_AT)
    window.resize(SIZE)
    window.show()
    try:
        yield window
    finally:
        window.close()


def failures(window: MainWindow) -> tuple[BaseException, ...]:
    """Return what went wrong in a window that nobody watches."""
    ask = window.desk.ask
    return tuple(ask.errors) if isinstance(ask, NobodyAsks) else ()


def wait(window: MainWindow) -> None:
    """Turn the event loop until the work is done and the window has settled."""
    window.desk.jobs.wait_idle()
    loop = QEventLoop()
    QTimer.singleShot(SETTLE_MS, loop.quit)
    loop.exec()


def _pass_on(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    """Write Qt's messages, but for what the screen that is not there cannot do."""
    del kind, context
    if "propagateSizeHints" not in message:
        sys.stderr.write(f"{message}\n")
