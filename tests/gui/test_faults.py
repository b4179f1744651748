import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from engine.errors import AppError
from gui import errors
from gui.ask import AskUser
from gui.errors import LOG_LIMIT, ErrorDialog, details
from gui.faults import Faults
from tests.books import NOW
from tests.gui.answers import ScriptedAsk


def bug() -> ZeroDivisionError:
    try:
        1 // 0  # noqa: B018
    except ZeroDivisionError as error:
        return error
    raise AssertionError


def test_what_the_user_can_fix_is_told_as_a_problem(ask: ScriptedAsk, tmp_path: Path, qapp: object) -> None:
    ask.expects_problems = True
    error = AppError("The file is empty")
    Faults(ask, tmp_path / "log", lambda: NOW).show_error(error)
    assert (ask.problems, ask.bugs) == ([error], [])
    assert not (tmp_path / "log").exists()


def test_a_bug_is_logged_and_told_once_at_a_time(tmp_path: Path, qapp: object) -> None:
    log_file = tmp_path / "logs" / "plimsoll.log"

    class Stubborn(ScriptedAsk):
        def bug(self, error: BaseException, log_file: Path) -> None:
            super().bug(error, log_file)
            if len(self.bugs) < 3:
                faults.show_error(error)

    ask = Stubborn()
    faults = Faults(ask, log_file, lambda: NOW)
    faults.show_error(bug())
    text = log_file.read_text(encoding="utf-8")
    assert len(ask.bugs) == 1
    assert text.count("2026-10-30T21:30:00+00:00") == 2
    assert "ZeroDivisionError" in text


def test_the_log_starts_anew_when_it_has_grown_too_long(tmp_path: Path) -> None:
    log_file = tmp_path / "plimsoll.log"
    log_file.write_text("x" * (LOG_LIMIT + 1), encoding="utf-8")
    errors.log(log_file, bug(), NOW)
    assert log_file.stat().st_size < 10_000


def test_uncaught_errors_of_every_thread_reach_the_user(
    tmp_path: Path, qapp: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    ask = ScriptedAsk()
    faults = Faults(ask, tmp_path / "log", lambda: NOW)
    faults.install()
    error = bug()
    sys.excepthook(type(error), error, None)
    threading.excepthook(threading.ExceptHookArgs((type(error), error, None, None)))
    assert ask.bugs == [error, error]


def test_stopping_with_the_keyboard_is_not_a_bug(
    tmp_path: Path, qapp: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    ask = ScriptedAsk()
    Faults(ask, tmp_path / "log", lambda: NOW).install()
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert ask.bugs == []


def test_the_dialog_gives_details_to_copy(qtbot: QtBot, tmp_path: Path) -> None:
    error = bug()
    dialog = ErrorDialog(error, tmp_path / "plimsoll.log")
    qtbot.addWidget(dialog)
    dialog.copy()
    assert QGuiApplication.clipboard().text() == details(error)
    assert "PySide6" in details(error)
    assert "test_faults.py" in details(error)


def test_the_user_is_told_of_a_bug_by_the_dialog(qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(ErrorDialog, "exec", lambda dialog: shown.append(dialog.text.toPlainText()))
    AskUser().bug(bug(), tmp_path / "plimsoll.log")
    assert "ZeroDivisionError" in shown[0]
