"""Vector charts of the client report: allocation with bands, gains around zero, tilts of the overlay."""

import math
from collections.abc import Sequence
from typing import Literal

from reportlab.graphics.shapes import Drawing, Group, Line, Polygon, Rect, String
from reportlab.lib.colors import Color

from exporters.client_report import AllocationChart, GainChart, TiltChart
from exporters.pdf_style import (
    BAND,
    BOLD,
    CONTENT_WIDTH,
    FONT,
    GOLD,
    GREY,
    INK,
    NAVY,
    RULE,
    STEEL,
    drawable,
    shortened,
    width_of,
)

LABEL_WIDTH = 150.0
VALUE_WIDTH = 62.0
PLOT_LEFT = LABEL_WIDTH + 8
PLOT_WIDTH = CONTENT_WIDTH - PLOT_LEFT - VALUE_WIDTH
LEGEND_HEIGHT = 20.0
AXIS_HEIGHT = 16.0
TALLEST = 430.0
SIZE = 8.0
Anchor = Literal["start", "middle", "end"]
STEPS = (1, 2, 2.5, 5, 10)


def allocation_drawing(chart: AllocationChart) -> Drawing:
    """Draw two bars a class, before and after, on its band, with a mark at the target."""
    top = max([1.0, *(max(b.before, b.after, b.target + b.band) for b in chart.bars)])
    low = min([0.0, *(min(b.before, b.after) for b in chart.bars)])
    frame = Frame(low, top, len(chart.bars), 27.0, "%")
    for i, bar in enumerate(chart.bars):
        y, height = frame.row(i)
        frame.label(i, bar.name)
        frame.box(max(bar.target - bar.band, low), bar.target + bar.band, y, height, BAND)
        thick = height * 0.36
        frame.box(0, bar.before, y + height - thick - 1, thick, STEEL)
        frame.box(0, bar.after, y + 1, thick, NAVY)
        frame.mark(bar.target, y, height)
        frame.value(i, bar.text)
    frame.legend((("Before", STEEL), ("After", NAVY), ("Range", BAND), ("Target", GOLD)))
    return frame.drawing


def gain_drawing(chart: GainChart) -> Drawing:
    """Draw gains and losses of the year to date and after the proposal around zero."""
    values = [v for b in chart.bars for v in (b.before, b.after)]
    frame = Frame(min([0.0, *values]), max([0.0, *values]), len(chart.bars), 27.0, "$")
    for i, bar in enumerate(chart.bars):
        y, height = frame.row(i)
        frame.label(i, bar.name)
        thick = height * 0.36
        frame.box(0, bar.before, y + height - thick - 1, thick, STEEL)
        frame.box(0, bar.after, y + 1, thick, NAVY)
        frame.value(i, bar.text)
    frame.zero()
    frame.legend((("Year to date", STEEL), ("After the proposal", NAVY)))
    return frame.drawing


def tilt_drawing(chart: TiltChart) -> Drawing:
    """Draw an arrow from the strategic weight of each class to its target."""
    top = max([1.0, *(max(b.strategic, b.target) for b in chart.bars)])
    frame = Frame(0.0, top, len(chart.bars), 19.0, "%")
    for i, bar in enumerate(chart.bars):
        y, height = frame.row(i)
        frame.label(i, bar.name)
        frame.box(0, bar.strategic, y + height * 0.3, height * 0.4, STEEL)
        if abs(bar.target - bar.strategic) > 0.005:
            frame.arrow(bar.strategic, bar.target, y + height / 2)
        frame.value(i, bar.text)
    frame.legend((("Strategic weight", STEEL), ("Tilt to the target", NAVY)))
    return frame.drawing


class Frame:
    """A plot with a row for each bar: labels left, values right, an axis below, a legend above."""

    def __init__(self, low: float, high: float, rows: int, row_height: float, unit: str) -> None:
        self._height = min(row_height, TALLEST / max(rows, 1))
        self._rows = rows
        self._unit = unit
        ticks = axis_ticks(low, high)
        self._low, self._high = min(low, ticks[0]), max(high, ticks[-1])
        self._bottom = AXIS_HEIGHT
        self._top = AXIS_HEIGHT + rows * self._height
        self.drawing = Drawing(CONTENT_WIDTH, self._top + LEGEND_HEIGHT)
        for tick in ticks:
            x = self._x(tick)
            self.drawing.add(Line(x, self._bottom, x, self._top, strokeColor=RULE, strokeWidth=0.5))
            text = f"{tick:g}%" if unit == "%" else _dollars(tick)
            self._text(x, 4, text, GREY, anchor="middle", size=7)

    def row(self, index: int) -> tuple[float, float]:
        """Return the bottom and the height of a row, without the gap to the next."""
        gap = self._height * 0.18
        return self._top - (index + 1) * self._height + gap / 2, self._height - gap

    def label(self, index: int, text: str) -> None:
        """Write the name of a row."""
        self._text(LABEL_WIDTH, self._middle(index), shortened(text, LABEL_WIDTH, SIZE), INK, anchor="end")

    def value(self, index: int, text: str) -> None:
        """Write the figure of a row at the right."""
        self._text(CONTENT_WIDTH, self._middle(index), text, NAVY, anchor="end")

    def box(self, start: float, end: float, y: float, height: float, color: Color) -> None:
        """Draw a bar between two values."""
        left, right = sorted((self._x(start), self._x(end)))
        self._fill(left, y, right - left, height, color)

    def mark(self, at: float, y: float, height: float) -> None:
        """Draw the mark of a target."""
        x = self._x(at)
        self.drawing.add(Line(x, y - 1, x, y + height + 1, strokeColor=GOLD, strokeWidth=1.6))

    def zero(self) -> None:
        """Draw the line at zero."""
        x = self._x(0)
        self.drawing.add(Line(x, self._bottom, x, self._top, strokeColor=GREY, strokeWidth=0.8))

    def arrow(self, start: float, end: float, y: float) -> None:
        """Draw an arrow between two values; short ones are all head."""
        a, b = self._x(start), self._x(end)
        direction = 1 if b > a else -1
        head = min(5.0, abs(b - a))
        shape = Group(
            Line(a, y, b - direction * head, y, strokeColor=NAVY, strokeWidth=1.8),
            Polygon(
                [b, y, b - direction * head, y + 3.4, b - direction * head, y - 3.4],
                fillColor=NAVY,
                strokeColor=None,
            ),
        )
        self.drawing.add(shape)

    def legend(self, entries: Sequence[tuple[str, Color]]) -> None:
        """Write what the colors mean, above the plot."""
        x = PLOT_LEFT
        y = self._top + 7
        for text, color in entries:
            self._fill(x, y, 9, 7, color)
            self._text(x + 13, y + 0.5, text, GREY)
            x += 13 + width_of(text, SIZE) + 16

    def _x(self, value: float) -> float:
        span = self._high - self._low or 1.0
        return PLOT_LEFT + (value - self._low) / span * PLOT_WIDTH

    def _middle(self, index: int) -> float:
        y, height = self.row(index)
        return y + height / 2 - SIZE * 0.35

    def _fill(self, x: float, y: float, width: float, height: float, color: Color) -> None:
        shape = Rect(x, y, width, height)
        shape.fillColor = color
        shape.strokeColor = None
        self.drawing.add(shape)

    def _text(
        self, x: float, y: float, text: str, color: Color, *, anchor: Anchor = "start", size: float = SIZE
    ) -> None:
        font = BOLD if color is NAVY else FONT
        shape = String(x, y, drawable(text), fontName=font, fontSize=size, fillColor=color, textAnchor=anchor)
        self.drawing.add(shape)


def axis_ticks(low: float, high: float, most: int = 7) -> list[float]:
    """Return round values that cover low to high, at most `most` steps of 1, 2, 2.5 or 5 times a power of ten."""
    span = high - low
    if span <= 0:
        return [low, low + 1]
    power = 10.0 ** math.floor(math.log10(span / most))
    step = next(s * power for s in STEPS if span / (s * power) <= most)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(i * step, 10) for i in range(first, last + 1)]


def _dollars(value: float) -> str:
    return f"{'-' if round(value) < 0 else ''}${abs(value):,.0f}"
