"""Small pieces that pages are made of: headers, figures, tiles, chips, banners, empty states."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

MARGIN = 16
GAP = 10


def label(text: str = "", role: str = "", tone: str = "") -> QLabel:
    """Return a label dressed for its role: section, figure, caption, badge, banner, empty, muted."""
    made = QLabel(text)
    made.setProperty("role", role)
    made.setProperty("tone", tone)
    return made


class Line(QLabel):
    """One line of text that ends in … where the room ends, and never makes the window grow."""

    def __init__(self, role: str = "") -> None:
        super().__init__()
        self.setProperty("role", role)
        self.full = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def setText(self, text: str) -> None:
        """Show a text; all of it stands in the tip."""
        self.full = text
        self.setToolTip(text)
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the text to the new width."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        fitting = self.fontMetrics().elidedText(self.full, Qt.TextElideMode.ElideRight, self.width())
        super().setText(fitting)


def set_tone(widget: QWidget, tone: str) -> None:
    """Change the tone of a dressed widget: positive, warning, negative, or none."""
    widget.setProperty("tone", tone)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def button(text: str, tip: str, run: Callable[[], object], *, primary: bool = False) -> QPushButton:
    """Return a push button; `tip` states what it does and its key."""
    made = QPushButton(text)
    made.setToolTip(tip)
    made.setProperty("primary", primary)
    made.clicked.connect(lambda: run())  # noqa: PLW0108 - without the checked state that Qt sends
    return made


def row(*widgets: QWidget | None, gap: int = GAP) -> QHBoxLayout:
    """Return widgets side by side; None is the space that stretches."""
    layout = QHBoxLayout()
    layout.setSpacing(gap)
    layout.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        if widget is None:
            layout.addStretch(1)
        else:
            layout.addWidget(widget, 1 if isinstance(widget, Line) else 0)
    return layout


def beside(*widgets: QWidget | None, gap: int = GAP) -> QWidget:
    """Return widgets side by side as one widget."""
    made = QWidget()
    made.setLayout(row(*widgets, gap=gap))
    return made


def column(*widgets: QWidget, gap: int = GAP, margin: int = 0) -> QWidget:
    """Return widgets one under another, the last one taking what is left."""
    made = QWidget()
    layout = QVBoxLayout(made)
    layout.setSpacing(gap)
    layout.setContentsMargins(margin, margin, margin, margin)
    for number, widget in enumerate(widgets):
        layout.addWidget(widget, 1 if number == len(widgets) - 1 else 0)
    return made


class Header(QWidget):
    """The head of a page: title, a note beside it, and room for what stands right."""

    def __init__(self, title: str) -> None:
        super().__init__()
        name = QLabel(title)
        name.setObjectName("pageTitle")
        self.note = Line("muted")
        self.line = row(name, self.note, gap=14)
        self.setLayout(self.line)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def add(self, *widgets: QWidget) -> None:
        """Add widgets at the right."""
        for widget in widgets:
            self.line.addWidget(widget)


class Figure(QWidget):
    """A figure with its caption under it."""

    def __init__(self, caption: str, tip: str = "") -> None:
        super().__init__()
        self.figure = label("–", "figure")
        self.caption = label(caption, "caption")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(1)
        layout.addWidget(self.figure)
        layout.addWidget(self.caption)
        self.setToolTip(tip)

    def show_text(self, text: str) -> None:
        """Show a figure."""
        self.figure.setText(text)


class Tile(QPushButton):
    """A count that filters: on or off, any number of them at once."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key
        self.setProperty("role", "tile")
        self.setCheckable(True)
        self._count = label("", "figure")
        self._title = label("", "caption")
        self._title.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 7, 10, 7)
        layout.setSpacing(0)
        layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        for part in (self._count, self._title):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            layout.addWidget(part)
        layout.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Ask for the room of a count over a title."""
        return QSize(120, 62)

    def minimumSizeHint(self) -> QSize:
        """Shrink before the window grows."""
        return QSize(72, 62)

    def show_count(self, count: str, title: str, tip: str) -> None:
        """Show what the tile counts."""
        self._count.setText(count)
        self._title.setText(title)
        self.setToolTip(tip)
        self.setAccessibleName(f"{title}: {count}")


class Chips(QWidget):
    """The filters in force, each with a cross that takes it off."""

    removed = Signal(object)

    def __init__(self, nothing: str) -> None:
        super().__init__()
        self._layout = row(gap=6)
        self.setLayout(self._layout)
        self._nothing = nothing
        self.texts: tuple[str, ...] = ()
        self.show_chips({})

    def show_chips(self, chips: dict[str, str]) -> None:
        """Show one chip for each key with its text."""
        while self._layout.count():
            item = self._layout.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.texts = tuple(chips.values())
        if not chips:
            self._layout.addWidget(label(self._nothing, "muted"))
        for key, text in chips.items():
            chip = QPushButton(f"{text}  ✕")
            chip.setProperty("role", "chip")
            chip.setToolTip(f"Take off the filter “{text}”")
            chip.clicked.connect(lambda _=False, key=key: self.removed.emit(key))
            self._layout.addWidget(chip)
        self._layout.addStretch(1)


class OrEmpty(QStackedWidget):
    """A widget, or a sentence in its place when there is nothing to show."""

    def __init__(self, content: QWidget, empty: str) -> None:
        super().__init__()
        self.empty = label(empty, "empty")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setMargin(24)
        frame = QFrame()
        frame.setProperty("role", "card")
        QVBoxLayout(frame).addWidget(self.empty)
        self.addWidget(content)
        self.addWidget(frame)
        self.show_content(False)

    def show_content(self, there: bool, empty: str = "") -> None:
        """Show the content when there is any, else the sentence."""
        if empty:
            self.empty.setText(empty)
        self.setCurrentIndex(0 if there else 1)


class Banner(QLabel):
    """A line across the page that says what just happened; hidden when there is nothing to say."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "banner")
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.hide()

    def say(self, text: str, tone: str = "") -> None:
        """Say something, or nothing."""
        self.setText(text)
        set_tone(self, tone)
        self.setVisible(bool(text))
