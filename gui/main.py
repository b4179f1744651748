"""Starts the window. The only place that puts the parts together."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtWidgets import QApplication

from gui import theme
from gui.ask import Ask, AskUser
from gui.desk import Desk
from gui.icons import application_icon
from gui.main_window import MainWindow
from gui.settings import APPLICATION, Settings

Now = Callable[[], datetime]


def wall_clock() -> datetime:
    """Return the time now, aware, in UTC."""
    return datetime.now(UTC)


def application() -> QApplication:
    """Return the running application, started where there is none, dressed in the light theme at first."""
    running = QApplication.instance()
    app = running if isinstance(running, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName(APPLICATION)
    app.setWindowIcon(application_icon())
    return app


SWITCH_S = 0.0005
"""How long a worker may keep the interpreter while the window waits for it. Python's own 5 ms, once for each cell
that is drawn, would make a page of cells take a quarter of a second while a worker computes."""


def make_window(ask: Ask, settings: Settings, now: Now = wall_clock) -> MainWindow:
    """Return a window on a desk of its own, dressed as the settings say."""
    sys.setswitchinterval(SWITCH_S)
    app = application()
    theme.apply(app, theme.resolve(settings.theme, app))
    return MainWindow(Desk(ask, settings, now))


def run(where: str | None) -> int:
    """Open the window on a book, the one opened last when `where` is None, and return when it is closed."""
    application()
    settings = Settings()
    ask = AskUser()
    window = make_window(ask, settings)
    ask.parent = window
    window.desk.faults.install()
    last = settings.last_book
    book = where or (last if last and Path(last).is_file() else None)
    if book is not None:
        window.desk.open(book)
    window.show()
    return application().exec()
