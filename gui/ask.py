"""Every question to the user goes through one object, so that tests can answer and no dialog can hang."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QInputDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QVBoxLayout,
    QWidget,
)

from engine.errors import AppError
from gui.errors import ErrorDialog

BOOK_FILES = "Plimsoll books (*.plimsoll);;All files (*)"
IMPORT_FILES = "Custodian files and workbooks (*.csv *.xlsx *.xls *.txt *.ofx *.qfx *.xml);;All files (*)"


@dataclass(frozen=True, slots=True)
class Signature:
    """Who approves, and why."""

    by: str
    reason: str


class Ask(Protocol):
    """What the window may ask. Answers are None or empty when the user backs out."""

    def confirm(self, title: str, text: str, yes: str) -> bool:
        """Ask a yes-or-no question; `yes` is the verb on the button."""
        ...

    def choose_files(self, title: str, folder: Path) -> tuple[Path, ...]:
        """Ask for files to read."""
        ...

    def choose_folder(self, title: str, folder: Path) -> Path | None:
        """Ask for a folder to write to."""
        ...

    def open_book(self, folder: Path) -> Path | None:
        """Ask for an existing book."""
        ...

    def save_as(self, title: str, suggestion: Path, kinds: str) -> Path | None:
        """Ask for a file to write."""
        ...

    def choose(self, title: str, text: str, options: Sequence[str]) -> str | None:
        """Ask for one of several."""
        ...

    def signature(self, title: str, text: str, by: str) -> Signature | None:
        """Ask for a name and a reason, both needed."""
        ...

    def tell(self, title: str, text: str) -> None:
        """Tell the user something."""
        ...

    def problem(self, error: AppError) -> None:
        """Tell the user what went wrong and what to do next."""
        ...

    def bug(self, error: BaseException, log_file: Path) -> None:
        """Tell the user that the program failed, with details to copy."""
        ...


class AskUser:
    """Asks with dialogs over the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.parent = parent

    def confirm(self, title: str, text: str, yes: str) -> bool:
        """Ask with a message box whose default is to back out."""
        box = QMessageBox(QMessageBox.Icon.Question, title, text, parent=self.parent)
        button = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.exec()
        return box.clickedButton() is button

    def choose_files(self, title: str, folder: Path) -> tuple[Path, ...]:
        """Ask with the desktop's file dialog."""
        names, _ = QFileDialog.getOpenFileNames(self.parent, title, str(folder), IMPORT_FILES)
        return tuple(Path(name) for name in names)

    def choose_folder(self, title: str, folder: Path) -> Path | None:
        """Ask with the desktop's folder dialog."""
        name = QFileDialog.getExistingDirectory(self.parent, title, str(folder))
        return Path(name) if name else None

    def open_book(self, folder: Path) -> Path | None:
        """Ask with the desktop's file dialog."""
        name, _ = QFileDialog.getOpenFileName(self.parent, "Open a book", str(folder), BOOK_FILES)
        return Path(name) if name else None

    def save_as(self, title: str, suggestion: Path, kinds: str) -> Path | None:
        """Ask with the desktop's file dialog; the suggestion's ending is added where it is missing."""
        name, _ = QFileDialog.getSaveFileName(self.parent, title, str(suggestion), kinds)
        if not name:
            return None
        path = Path(name)
        return path if path.suffix else path.with_suffix(suggestion.suffix)

    def choose(self, title: str, text: str, options: Sequence[str]) -> str | None:
        """Ask with a list."""
        answer, given = QInputDialog.getItem(self.parent, title, text, list(options), 0, False)
        return answer if given else None

    def signature(self, title: str, text: str, by: str) -> Signature | None:
        """Ask with a form."""
        dialog = SignatureDialog(title, text, by, self.parent)
        return dialog.answer() if dialog.exec() == QDialog.DialogCode.Accepted else None

    def tell(self, title: str, text: str) -> None:
        """Tell with a message box."""
        QMessageBox(QMessageBox.Icon.Information, title, text, parent=self.parent).exec()

    def problem(self, error: AppError) -> None:
        """Tell with a message box: title, then place, then what to do next."""
        box = QMessageBox(QMessageBox.Icon.Warning, "Plimsoll", error.title, parent=self.parent)
        box.setInformativeText("\n\n".join(part for part in (error.detail, error.hint) if part))
        box.exec()

    def bug(self, error: BaseException, log_file: Path) -> None:
        """Tell with the dialog for bugs."""
        ErrorDialog(error, log_file, self.parent).exec()


class SignatureDialog(QDialog):
    """A name and a reason; both are needed before the button works."""

    def __init__(self, title: str, text: str, by: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(440)
        self.by = QLineEdit(by)
        self.reason = QLineEdit()
        self.reason.setPlaceholderText("e.g. reviewed with the client on the phone")
        form = QFormLayout()
        form.addRow("&Name", self.by)
        form.addRow("&Reason", self.reason)
        said = QLabel(text)
        said.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.approve = self.buttons.addButton(title, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(14)
        layout.addWidget(said)
        layout.addLayout(form)
        layout.addWidget(self.buttons)
        for field in (self.by, self.reason):
            field.textChanged.connect(self._check)
        self._check()
        (self.reason if by else self.by).setFocus()

    def answer(self) -> Signature:
        """Return what was typed, without blanks around it."""
        return Signature(self.by.text().strip(), self.reason.text().strip())

    def _check(self) -> None:
        answer = self.answer()
        self.approve.setEnabled(bool(answer.by and answer.reason))
