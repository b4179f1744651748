"""What every page is."""

from typing import ClassVar

from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.desk import Desk
from gui.pieces import GAP, MARGIN, Banner, Header
from gui.runs import Runs


class Page(QWidget):
    """A page of the window: a header, a banner for news, and what the page is for."""

    TITLE: ClassVar[str]
    ICON: ClassVar[str]
    TIP: ClassVar[str]

    def __init__(self, desk: Desk, runs: Runs) -> None:
        super().__init__()
        self.desk = desk
        self.runs = runs
        self.header = Header(self.TITLE)
        self.banner = Banner()
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(MARGIN, MARGIN - 4, MARGIN, MARGIN - 4)
        self.body.setSpacing(GAP)
        self.body.addWidget(self.header)
        self.body.addWidget(self.banner)

    def refresh(self) -> None:
        """Read again what the page shows."""

    def places(self) -> dict[str, str]:
        """Return what the command palette may jump to on this page: key to title."""
        return {}

    def go_to(self, place: str) -> None:
        """Jump to one of `places`."""
