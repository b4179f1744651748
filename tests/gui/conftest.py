"""The window in tests: no screen, no settings of the person, no dialog that waits, no thread left behind."""

import decimal
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt, QThreadPool
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFileDialog, QInputDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from gui.desk import Desk
from gui.main import make_window
from gui.main_window import MainWindow
from gui.settings import Settings
from gui.theme import ThemeChoice
from tests.gui.answers import ScriptedAsk
from workflow.book import open_book
from workflow.demo import load_demo
from workflow.propose import propose

NOW = datetime(2026, 10, 30, 21, 30, tzinfo=UTC)
NO_SIZE_HINTS = "does not support propagateSizeHints"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The screen that is not there cannot be told sizes, and says so each time; nothing else is let pass."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.qt_log_ignore(NO_SIZE_HINTS))


@pytest.fixture(autouse=True)
def no_dialog_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        pytest.fail("a dialog would have waited for an answer")

    for waiting in (QDialog, QMessageBox):
        monkeypatch.setattr(waiting, "exec", refuse)
    asking: tuple[tuple[type[QDialog], tuple[str, ...]], ...] = (
        (QFileDialog, ("getOpenFileNames", "getOpenFileName", "getSaveFileName", "getExistingDirectory")),
        (QInputDialog, ("getItem", "getText")),
    )
    for kind, names in asking:
        for name in names:
            monkeypatch.setattr(kind, name, refuse)


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert QThreadPool.globalInstance().activeThreadCount() == 0
    left = [
        thread.name
        for thread in set(threading.enumerate()) - before
        if not thread.daemon and not thread.name.startswith(("Dummy", "QueueManagerThread", "ExecutorManagerThread"))
    ]
    assert left == []


@pytest.fixture(autouse=True)
def keys_are_let_go(qtbot: QtBot) -> Iterator[None]:
    """Let no key pressed in one test be held in the next: Qt remembers the modifiers of the last event."""
    yield
    if QGuiApplication.keyboardModifiers() != Qt.KeyboardModifier.NoModifier:
        nothing = QWidget()
        qtbot.addWidget(nothing)
        qtbot.keyRelease(nothing, Qt.Key.Key_Control)
        assert QGuiApplication.keyboardModifiers() == Qt.KeyboardModifier.NoModifier


@pytest.fixture(autouse=True)
def floats_never_meet_money() -> Iterator[None]:
    with decimal.localcontext() as context:
        context.traps[decimal.FloatOperation] = True
        yield


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    store = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    made = Settings(store, home=tmp_path)
    made.remember_user_name("Dana Whitfield")
    made.remember_theme(ThemeChoice.LIGHT)
    return made


@pytest.fixture
def ask() -> Iterator[ScriptedAsk]:
    made = ScriptedAsk()
    yield made
    assert made.bugs == []
    if not made.expects_problems:
        assert [str(problem) for problem in made.problems] == []


@pytest.fixture
def desk(qapp: object, ask: ScriptedAsk, settings: Settings) -> Iterator[Desk]:
    made = Desk(ask, settings, lambda: NOW)
    yield made
    made.close()


@pytest.fixture
def window(qtbot: QtBot, ask: ScriptedAsk, settings: Settings) -> Iterator[MainWindow]:
    made = make_window(ask, settings, now=lambda: NOW)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.close()


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book of the sample office with one run, made once; tests work on copies."""
    where = tmp_path_factory.mktemp("demo") / "demo.plimsoll"
    book = open_book(where, now=NOW)
    try:
        load_demo(book, now=NOW)
        propose(book, households=None, as_of=None, now=NOW, by="Dana Whitfield")
    finally:
        book.close()
    return where


@pytest.fixture
def demo_book(demo_template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(demo_template, tmp_path / "office.plimsoll"))


@pytest.fixture
def demo_window(window: MainWindow, demo_book: Path, settle: Callable[[MainWindow], None]) -> MainWindow:
    """The window with the sample office and its run open, everything read."""
    window.desk.open(demo_book)
    settle(window)
    return window


@pytest.fixture
def settle(qtbot: QtBot) -> Callable[[MainWindow], None]:
    def wait(window: MainWindow) -> None:
        qtbot.waitUntil(lambda: not window.desk.jobs.busy, timeout=120_000)

    return wait
