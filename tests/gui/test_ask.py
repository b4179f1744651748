from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog, QFileDialog, QInputDialog, QMessageBox
from pytestqt.qtbot import QtBot

from engine.errors import AppError
from gui.ask import AskUser, Signature, SignatureDialog


@pytest.fixture
def asking(qapp: object) -> AskUser:
    return AskUser()


def test_a_signature_needs_a_name_and_a_reason(qtbot: QtBot) -> None:
    dialog = SignatureDialog("Approve", "42 trades", "")
    qtbot.addWidget(dialog)
    assert not dialog.approve.isEnabled()
    dialog.by.setText("  Dana ")
    assert not dialog.approve.isEnabled()
    dialog.reason.setText(" looked at it ")
    assert dialog.approve.isEnabled()
    assert dialog.answer() == Signature("Dana", "looked at it")


@pytest.mark.parametrize(("code", "expected"), [(1, Signature("Dana", "")), (0, None)])
def test_a_signature_is_given_only_when_the_dialog_is_accepted(
    asking: AskUser, monkeypatch: pytest.MonkeyPatch, code: int, expected: Signature | None
) -> None:
    monkeypatch.setattr(SignatureDialog, "exec", lambda _: QDialog.DialogCode(code))
    assert asking.signature("Approve", "42 trades", "Dana") == expected


@pytest.mark.parametrize(("pressed", "expected"), [("Delete", True), ("Cancel", False)])
def test_confirming_is_pressing_the_button_with_the_verb(
    asking: AskUser, monkeypatch: pytest.MonkeyPatch, pressed: str, expected: bool
) -> None:
    def press(box: QMessageBox) -> None:
        assert box.defaultButton().text().replace("&", "") == "Cancel"
        next(button for button in box.buttons() if button.text().replace("&", "") == pressed).click()

    monkeypatch.setattr(QMessageBox, "exec", press)
    assert asking.confirm("Delete", "Delete the run?", "Delete") is expected


def test_a_problem_is_told_with_its_place_and_the_next_step(asking: AskUser, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: told.append((box.text(), box.informativeText())))
    asking.problem(AppError("The file is empty", detail="lots.csv", hint="Download it again."))
    asking.tell("Done", "All is written")
    assert told == [("The file is empty", "lots.csv\n\nDownload it again."), ("All is written", "")]


def test_files_and_folders_come_from_the_dialogs_of_the_desktop(
    asking: AskUser, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    book = str(tmp_path / "book")
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([book, book], ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (book, ""))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (book, ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: book)
    assert asking.choose_files("Import", tmp_path) == (Path(book), Path(book))
    assert asking.open_book(tmp_path) == Path(book)
    assert asking.choose_folder("Export", tmp_path) == Path(book)
    assert asking.save_as("Start", tmp_path / "office.plimsoll", "*") == Path(f"{book}.plimsoll")


def test_backing_out_of_a_dialog_is_no_answer(asking: AskUser, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([], ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    monkeypatch.setattr(QInputDialog, "getItem", lambda *_: ("a", False))
    assert asking.choose_files("Import", tmp_path) == ()
    assert asking.open_book(tmp_path) is None
    assert asking.choose_folder("Export", tmp_path) is None
    assert asking.save_as("Start", tmp_path / "a.b", "*") is None
    assert asking.choose("Read as", "Format", ["a", "b"]) is None


def test_choosing_gives_the_one_chosen(asking: AskUser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QInputDialog, "getItem", lambda *_: ("b", True))
    assert asking.choose("Read as", "Format", ["a", "b"]) == "b"
