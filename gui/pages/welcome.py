"""The first start: look around in the demo office, or start a book of one's own."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from gui import theme
from gui.ask import BOOK_FILES
from gui.desk import Desk
from gui.icons import pixmap
from gui.pieces import beside, button, label


class Choice(QPushButton):
    """A large button with a picture, a title and a sentence."""

    def __init__(self, picture: str, title: str, text: str, run: Callable[[], object]) -> None:
        super().__init__()
        self.setProperty("role", "choice")
        self.setAccessibleName(title)
        self.setToolTip(text)
        self.picture = picture
        self._image = QLabel()
        name, said = label(title, "figure"), label(text, "muted")
        said.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 20)
        layout.setSpacing(8)
        for part in (self._image, name, said):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            layout.addWidget(part)
        layout.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAutoDefault(True)  # Return chooses, as Space does
        self.clicked.connect(lambda: run())  # noqa: PLW0108 - without the checked state that Qt sends
        self.dress()

    def sizeHint(self) -> QSize:
        """Ask for a card."""
        return QSize(280, 176)

    def dress(self) -> None:
        """Draw the picture in the theme's colour."""
        self._image.setPixmap(pixmap(self.picture, theme.current().accent, 34))


class WelcomePage(QWidget):
    """Three ways to begin, and the books opened before."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.demo = Choice(
            "demo", "Open the demo office",
            "A made-up office with 12 households, ready to propose. Nothing in it is real.", self.open_demo,
        )  # fmt: skip
        self.own = Choice(
            "new_book", "Start my own",
            "Choose a file for your book, then import your office workbook and custodian files.", self.start_own,
        )  # fmt: skip
        self.existing = Choice(
            "folder", "Open a book", "Open a book that exists already, on this machine or a share.", self.open_book
        )
        self.choices = (self.demo, self.own, self.existing)
        self.recent = QWidget()
        self._recent_layout = QVBoxLayout(self.recent)
        self._lay_out()
        self.show_recent()

    def open_demo(self) -> None:
        """Open the demo office."""
        self.desk.open_demo()

    def start_own(self) -> None:
        """Ask for a file and make a new book there."""
        settings = self.desk.settings
        path = self.desk.ask.save_as("Start a book", settings.books_folder / "office.plimsoll", BOOK_FILES)
        if path is not None:
            self.desk.open(path)

    def open_book(self) -> None:
        """Ask for a book and open it."""
        path = self.desk.ask.open_book(self.desk.settings.books_folder)
        if path is not None:
            self.desk.open(path)

    def show_recent(self) -> None:
        """List the books opened before that are still there."""
        while self._recent_layout.count():
            item = self._recent_layout.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        names = [name for name in self.desk.settings.recent_books if Path(name).is_file()]
        if names:
            self._recent_layout.addWidget(label("Opened before", "section"))
        for name in names:
            self._recent_layout.addWidget(self._recent_button(name))

    def showEvent(self, event: QShowEvent) -> None:
        """Let Enter open the demo office."""
        super().showEvent(event)
        self.demo.setFocus()

    def dress(self) -> None:
        """Take the colours of the theme in force."""
        for choice in self.choices:
            choice.dress()

    def _recent_button(self, name: str) -> QPushButton:
        path = Path(name)
        return button(f"{path.stem}    {path.parent}", f"Open {name}", lambda: self.desk.open(path))

    def _lay_out(self) -> None:
        title = QLabel("Plimsoll")
        title.setObjectName("pageTitle")
        inner = QWidget()
        inner.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(inner)
        column.setSpacing(14)
        column.addWidget(title)
        column.addWidget(label("Tax-aware household rebalancing with a tactical ETF overlay", "muted"))
        column.addSpacing(10)
        column.addWidget(beside(*self.choices, gap=16))
        column.addWidget(self.recent)
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        layout.addWidget(inner, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
