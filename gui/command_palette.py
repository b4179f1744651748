"""Ctrl+K: type a few letters of any command, page or household, press Enter."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QVBoxLayout, QWidget

from gui.pieces import label
from gui.table import Align, Column, TableModel, TableView, Tone

WIDTH, HEIGHT = 560, 380
_MOVES = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown})


@dataclass(frozen=True, slots=True)
class Entry:
    """Something the palette can do; `key` is its shortcut, shown beside it."""

    title: str
    group: str
    key: str
    run: Callable[[], object]


def rank(typed: str, entry: Entry) -> int | None:
    """Return how well an entry fits what was typed, lower is better; None when it does not fit.

    Every word typed must stand in the entry; else the letters must stand in it in order.
    """
    text = f"{entry.title} {entry.group}".casefold()
    words = typed.casefold().split()
    if all(word in text for word in words):
        return 0 if text.startswith(typed.casefold()) else 1 + (text.find(words[0]) if words else 0)
    letters = iter(text)
    return 1000 if all(letter in letters for letter in "".join(words)) else None


class CommandPalette(QDialog):
    """A box over the window with a line to type in and what fits under it."""

    def __init__(self, entries: Sequence[Entry], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Dialog)
        self.setWindowTitle("Commands")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(WIDTH, HEIGHT)
        self._entries = tuple(entries)
        self.line = QLineEdit()
        self.line.setPlaceholderText("Type a command, a page or a household")
        self.line.textChanged.connect(self._fit)
        self.line.installEventFilter(self)
        self.model: TableModel[Entry] = TableModel(_columns(), key=lambda e: (e.group, e.title))
        self.table: TableView[Entry] = TableView(self.model, "Commands")
        self.table.setSelectionMode(TableView.SelectionMode.SingleSelection)
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.table.horizontalHeader().hide()
        self.table.clicked.connect(self._clicked)
        layout = QVBoxLayout(self)
        layout.addWidget(self.line)
        layout.addWidget(self.table, 1)
        layout.addWidget(label("Enter runs it, Esc closes", "caption"))
        self._fit("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrow keys move in the list and Enter run, while the line keeps the focus."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in _MOVES:
                self.table.keyPressEvent(event)
                return True
            if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                self.run_selected()
                return True
        return super().eventFilter(watched, event)

    def run_selected(self) -> None:
        """Close, then run what is selected."""
        chosen = self.table.selected()
        self.close()
        if chosen:
            chosen[0].run()

    def _fit(self, typed: str) -> None:
        ranked = [(rank(typed, entry), number, entry) for number, entry in enumerate(self._entries)]
        fitting = sorted((place, number, entry.title) for place, number, entry in ranked if place is not None)
        self.model.set_rows(self._entries[number] for _, number, _ in fitting)
        self.table.select_keys(self.model.key(entry) for entry in self.model.rows[:1])

    def _clicked(self, _: QModelIndex) -> None:
        self.run_selected()


def _columns() -> tuple[Column[Entry], ...]:
    return (
        Column("Command", lambda e: e.title, lambda e: e.title),
        Column("Where", lambda e: e.group, lambda e: e.group, colour=lambda _: Tone(text="muted"), width=110),
        Column("Key", lambda e: e.key, lambda e: e.key, Align.RIGHT, colour=lambda _: Tone(text="muted"), width=110),
    )
