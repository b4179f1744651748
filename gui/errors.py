"""A bug of ours as the user sees it: in the log file, and in a dialog with details to copy."""

import platform
import traceback
from datetime import datetime
from pathlib import Path

import PySide6
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

LOG_LIMIT = 1_000_000


def details(error: BaseException) -> str:
    """Return versions and the traceback, to copy into a message to support."""
    head = (
        f"Python {platform.python_version()} on {platform.system()} {platform.release()}, PySide6 {PySide6.__version__}"
    )
    return head + "\n\n" + "".join(traceback.format_exception(error))


def log(path: Path, error: BaseException, now: datetime) -> None:
    """Append an error to the log file, which starts anew when it has grown too long."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = "w" if path.exists() and path.stat().st_size > LOG_LIMIT else "a"
    with path.open(mode, encoding="utf-8") as stream:
        stream.write(f"{now.isoformat()}\n{details(error)}\n")


class ErrorDialog(QDialog):
    """A bug of ours: what happened, that nothing is lost, and details to copy."""

    def __init__(self, error: BaseException, log_file: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Plimsoll: unexpected error")
        self.resize(720, 420)
        said = QLabel(
            "Something went wrong inside the program. Your book is as it was after the last finished step.\n"
            f"The details below are also in {log_file}."
        )
        said.setWordWrap(True)
        self.text = QPlainTextEdit(details(error))
        self.text.setReadOnly(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton("Copy details", QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(self.copy)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(said)
        layout.addWidget(self.text)
        layout.addWidget(buttons)

    def copy(self) -> None:
        """Put the details on the clipboard."""
        QGuiApplication.clipboard().setText(self.text.toPlainText())
