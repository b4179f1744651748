"""Icons: our own SVG line drawings, coloured for where they stand."""

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from gui.theme import icons_folder

_SCALE = 2


@cache
def pixmap(name: str, colour: str, size: int = 22) -> QPixmap:
    """Draw an icon in one colour (#rrggbb), sharp on dense displays."""
    svg = (icons_folder() / f"{name}.svg").read_text(encoding="utf-8").replace("#000000", colour)
    image = QPixmap(size * _SCALE, size * _SCALE)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, size * _SCALE, size * _SCALE))
    painter.end()
    image.setDevicePixelRatio(_SCALE)
    return image


def icon(name: str, colour: str, checked: str | None = None, size: int = 22) -> QIcon:
    """Return an icon; `checked` is its colour when its button is on."""
    made = QIcon(pixmap(name, colour, size))
    made.addPixmap(pixmap(name, checked or colour, size), QIcon.Mode.Normal, QIcon.State.On)
    return made


def application_icon() -> QIcon:
    """Return the mark of the program: a load line."""
    made = QIcon()
    for size in (16, 32, 64, 128):
        made.addPixmap(pixmap("plimsoll", "#1b5fa7", size))
    return made
