"""The window in tests: no screen, no settings of the person, no dialog that waits, no thread left behind."""

import decimal
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt, QThreadPool
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QInputDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from gui import theme
from gui.desk import Desk
from gui.main import make_window
from gui.main_window import MainWindow
from gui.settings import Settings
from gui.theme import ThemeChoice
from tests.books import NOW, proposed_book
from tests.gui.answers import ScriptedAsk

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
def each_test_starts_alike(qapp: QApplication) -> Iterator[None]:
    """Whatever ran before: the light theme, an empty clipboard, and Python's own way of changing threads."""
    light = theme.load("light")
    if theme._Current.theme != light:
        theme.apply(qapp, light)
    QGuiApplication.clipboard().clear()
    interval = sys.getswitchinterval()
    yield
    sys.setswitchinterval(interval)


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


@pytest.fixture
def demo_book(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Path:
    """A copy of the book of the sample office with one run."""
    return Path(shutil.copy(proposed_book(tmp_path_factory), tmp_path / "office.plimsoll"))


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
