"""Lines over time: equity curves and drawdowns, with an axis of years and one of values."""

import math
from datetime import date

from reportlab.graphics.shapes import Drawing, PolyLine, String
from reportlab.graphics.shapes import Line as Stroke
from reportlab.lib.colors import Color, HexColor

from exporters.client_report import LineChart
from exporters.pdf_charts import axis_ticks
from exporters.pdf_style import CONTENT_WIDTH, FONT, GOLD, GREY, INK, NAVY, RULE, STEEL, shortened, width_of

HEIGHT = 210.0
LEFT, RIGHT, BOTTOM, TOP = 44.0, 8.0, 20.0, 26.0
SIZE = 7.5
COLORS: tuple[Color, ...] = (NAVY, GOLD, STEEL, HexColor(0x4F7F5B), HexColor(0x8A3B00), GREY)
MOST_POINTS = 600
"""Points of a line; more cannot be told apart on paper."""
DAYS_A_YEAR = 365.25


def line_drawing(chart: LineChart) -> Drawing:
    """Draw the lines of a chart, the first the thickest, with a legend above."""
    drawing = Drawing(CONTENT_WIDTH, HEIGHT)
    values = [v for line in chart.lines for v in line.values if v is not None]
    scale = _Scale(chart, min(values), max(values))
    for tick in scale.ticks:
        y = scale.y(tick)
        drawing.add(Stroke(LEFT, y, CONTENT_WIDTH - RIGHT, y, strokeColor=RULE, strokeWidth=0.5))
        text = f"{tick:.0%}" if chart.per_cent else f"{tick:g}"
        drawing.add(String(LEFT - 5, y - 2.6, text, fontName=FONT, fontSize=SIZE, fillColor=GREY, textAnchor="end"))
    for year, x in scale.years():
        drawing.add(Stroke(x, BOTTOM, x, BOTTOM - 3, strokeColor=GREY, strokeWidth=0.5))
        label = String(x, BOTTOM - 12, str(year), fontName=FONT, fontSize=SIZE, fillColor=GREY, textAnchor="middle")
        drawing.add(label)
    for number, line in reversed(list(enumerate(chart.lines))):
        points = scale.points(line.values)
        color = COLORS[number % len(COLORS)]
        drawing.add(PolyLine(points, strokeColor=color, strokeWidth=1.5 if number == 0 else 1.0, strokeLineJoin=1))
    _legend(drawing, chart)
    return drawing


def _legend(drawing: Drawing, chart: LineChart) -> None:
    x, room = LEFT, (CONTENT_WIDTH - LEFT) / len(chart.lines) - 24
    for number, line in enumerate(chart.lines):
        name = shortened(line.name, room, SIZE)
        drawing.add(
            Stroke(x, HEIGHT - 10, x + 10, HEIGHT - 10, strokeColor=COLORS[number % len(COLORS)], strokeWidth=3)
        )
        drawing.add(String(x + 14, HEIGHT - 13, name, fontName=FONT, fontSize=SIZE, fillColor=INK))
        x += 14 + width_of(name, SIZE) + 16


class _Scale:
    """From days and values to points on paper."""

    def __init__(self, chart: LineChart, low: float, high: float) -> None:
        self._days = [day.toordinal() for day in chart.days]
        self._first, self._last = chart.days[0], chart.days[-1]
        self._log = chart.log and low > 0
        ticks = _log_ticks(low, high) if self._log else axis_ticks(low, high)
        self.ticks = [tick for tick in ticks if self._log or math.isfinite(tick)]
        bottom, top = min(low, *self.ticks), max(high, *self.ticks)
        self._low, self._high = self._bent(bottom), self._bent(top)

    def y(self, value: float) -> float:
        """Return the height of a value."""
        span = self._high - self._low or 1.0
        return BOTTOM + (HEIGHT - BOTTOM - TOP) * (self._bent(value) - self._low) / span

    def x(self, ordinal: int) -> float:
        """Return the place of a day."""
        span = self._days[-1] - self._days[0] or 1
        return LEFT + (CONTENT_WIDTH - LEFT - RIGHT) * (ordinal - self._days[0]) / span

    def years(self) -> list[tuple[int, float]]:
        """Return the years to be named, with the place of their first day; at most ten of them."""
        every = range(self._first.year + 1, self._last.year + 1)
        step = max(1, math.ceil(len(every) / 10))
        return [(year, self.x(date(year, 1, 1).toordinal())) for year in every if year % step == 0]

    def points(self, values: tuple[float | None, ...]) -> list[float]:
        """Return a line as x, y, x, y; of many days the lowest and the highest of every so many, and both ends."""
        known = [(day, value) for day, value in zip(self._days, values, strict=True) if value is not None]
        step = max(1, 2 * len(known) // MOST_POINTS)
        kept = {known[0], known[-1]} if known else set()
        for start in range(0, len(known), step):
            part = known[start : start + step]
            kept |= {min(part, key=lambda point: point[1]), max(part, key=lambda point: point[1])}
        return [place for day, value in sorted(kept) for place in (self.x(day), self.y(value))]

    def _bent(self, value: float) -> float:
        return math.log(value) if self._log else value


def _log_ticks(low: float, high: float) -> list[float]:
    steps = [base * 10.0**power for power in range(-3, 6) for base in (1, 1.5, 2, 3, 5, 7)]
    inside = [step for step in steps if low * 0.99 <= step <= high * 1.01]
    return inside if len(inside) > 1 else [low, high]
