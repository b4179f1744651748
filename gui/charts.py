"""Bars of a household's asset classes: before, target with its band, after. Painted, with a tip under the mouse."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.portfolio import CASH_CLASS
from engine.rebalance.proposal import ClassWeight
from gui import theme
from gui.figures import class_title, percent

_TOP, _BOTTOM, _LEFT, _RIGHT = 30.0, 40.0, 40.0, 8.0
_STEPS = (0.01, 0.02, 0.05, 0.10, 0.20, 0.25)
_LINES = 5
_FONT = 12


class AllocationChart(QWidget):
    """One group of bars for each asset class. Weights are fractions of the household's value."""

    def __init__(self) -> None:
        super().__init__()
        self._classes: tuple[ClassWeight, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Allocation before, target and after")

    @property
    def classes(self) -> tuple[ClassWeight, ...]:
        """What is shown."""
        return self._classes

    def sizeHint(self) -> QSize:
        """Ask for enough to read it."""
        return QSize(420, 240)

    def minimumSizeHint(self) -> QSize:
        """Do not shrink beyond reading."""
        return QSize(260, 150)

    def show_classes(self, classes: tuple[ClassWeight, ...]) -> None:
        """Show a household's classes, cash last; none clears the chart."""
        self._classes = tuple(sorted(classes, key=lambda weight: weight.asset_class == CASH_CLASS))
        self.setAccessibleDescription("; ".join(tip_of(weight) for weight in classes))
        self.update()

    def top_of_scale(self) -> tuple[float, float]:
        """Return the highest weight of the scale and the step between its lines."""
        highest = max((float(max(w.before, w.after, w.target + w.band)) for w in self._classes), default=0.1)
        step = next((step for step in _STEPS if highest <= step * _LINES), _STEPS[-1])
        lines = int(highest / step) + 1
        return lines * step, step

    def event(self, event: QEvent) -> bool:
        """Answer a hover with the figures of the class under the mouse."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            number = self._class_under(event.pos().x())
            if number is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), tip_of(self._classes[number]), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - the whole chart is painted each time
        """Paint the chart."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._classes:
            font = painter.font()
            font.setPixelSize(_FONT)
            painter.setFont(font)
            self._paint_legend(painter)
            self._paint_scale(painter)
            for number, weight in enumerate(self._classes):
                self._paint_class(painter, number, weight)
        painter.end()

    def _plot(self) -> QRectF:
        width, height = self.width() - _LEFT - _RIGHT, self.height() - _TOP - _BOTTOM
        return QRectF(_LEFT, _TOP, max(1.0, width), max(1.0, height))

    def _class_under(self, x: float) -> int | None:
        plot = self._plot()
        if not self._classes or not plot.left() <= x < plot.right():
            return None
        return min(len(self._classes) - 1, int((x - plot.left()) / plot.width() * len(self._classes)))

    def _y(self, weight: float) -> float:
        plot = self._plot()
        return plot.bottom() - plot.height() * max(0.0, weight) / self.top_of_scale()[0]

    def _paint_legend(self, painter: QPainter) -> None:
        colours = theme.current()
        metrics = QFontMetricsF(painter.font())
        x = _LEFT
        for text, role in (("Before", "before"), ("After", "after"), ("Target", "target"), ("Band", "band")):
            box = QRectF(x, 9, 12, 10)
            if role == "target":
                painter.setPen(QPen(colours.colour(role), 2.0))
                painter.drawLine(QPointF(x, 14), QPointF(x + 12, 14))
            else:
                painter.fillRect(box, colours.colour(role))
            painter.setPen(colours.colour("muted"))
            painter.drawText(QPointF(x + 17, 18.5), text)
            x += 17 + metrics.horizontalAdvance(text) + 18

    def _paint_scale(self, painter: QPainter) -> None:
        colours = theme.current()
        plot = self._plot()
        top, step = self.top_of_scale()
        for number in range(round(top / step) + 1):
            y = self._y(number * step)
            painter.setPen(QPen(colours.colour("line"), 1.0))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(colours.colour("muted"))
            where = QRectF(0, y - 9, _LEFT - 6, 18)
            painter.drawText(where, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{number * step:.0%}")

    def _paint_class(self, painter: QPainter, number: int, weight: ClassWeight) -> None:
        colours = theme.current()
        plot = self._plot()
        slot = plot.width() / len(self._classes)
        left = plot.left() + number * slot
        bar = min(24.0, slot * 0.3)
        middle = left + slot / 2
        span = QRectF(middle - bar - 6, 0, 2 * bar + 12, 0)
        target, band = float(weight.target), float(weight.band)
        span.setTop(self._y(target + band))
        span.setBottom(self._y(target - band))
        painter.fillRect(span, colours.colour("band"))
        self._paint_bar(painter, middle - bar - 1, bar, float(weight.before), colours.colour("before"))
        self._paint_bar(painter, middle + 1, bar, float(weight.after), colours.colour("after"))
        painter.setPen(QPen(colours.colour("target"), 2.0))
        painter.drawLine(QPointF(span.left(), self._y(target)), QPointF(span.right(), self._y(target)))
        painter.setPen(colours.colour("text"))
        under = QRectF(left, plot.bottom() + 4, slot, _BOTTOM - 4)
        wrapped = Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextDontClip
        where = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        painter.drawText(under, where | wrapped, class_title(weight.asset_class))

    def _paint_bar(self, painter: QPainter, x: float, width: float, weight: float, colour: QColor) -> None:
        top = self._y(weight)
        painter.fillRect(QRectF(x, top, width, self._plot().bottom() - top), colour)


def tip_of(weight: ClassWeight) -> str:
    """Return the figures of one class in words."""
    low, high = weight.target - weight.band, weight.target + weight.band
    return (
        f"{class_title(weight.asset_class)}: before {percent(weight.before)}, after {percent(weight.after)}, "
        f"target {percent(weight.target)}, band {percent(max(low, low * 0))} to {percent(high)}"
    )
