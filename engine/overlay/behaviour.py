"""The guard against changing rules at the wrong moment: after a fall, or after a rise."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

DRAWDOWN = -0.10
RUN_UP = 0.20
PLACES = 9
"""Of a change: a fall of exactly ten percent is one, whatever floating point makes of it."""
WINDOW_DAYS = 365
"""How far back highs and lows count. All three are this product's own defaults, the usual words correction and bull."""


@dataclass(frozen=True, slots=True)
class GuardSetting:
    """From which fall (negative fraction) and rise (fraction) on to warn, within how many days."""

    drawdown: float = DRAWDOWN
    run_up: float = RUN_UP
    window_days: int = WINDOW_DAYS


@dataclass(frozen=True, slots=True)
class ValueLine:
    """Daily values of something, the days ascending: an ETF's total-return closes, a policy's equity. NaN = none."""

    name: str
    days: tuple[date, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Caution:
    """A change that follows a fall or a rise: how large (fraction), since when, until when."""

    subject: str
    kind: str
    change: float
    since: date
    until: date

    @property
    def sentence(self) -> str:
        """What is to be considered, with the numbers."""
        moved = "fallen" if self.kind == "drawdown" else "risen"
        from_what = "its high" if self.kind == "drawdown" else "its low"
        advice = "is this fear, or new evidence?" if self.kind == "drawdown" else "is this chasing returns?"
        size = f"{abs(self.change):.1%} from {from_what} of {self.since} to {self.until}"
        return f"{self.subject} has {moved} {size}: {advice}"


def cautions(lines: Sequence[ValueLine], day: date, setting: GuardSetting | None = None) -> tuple[Caution, ...]:
    """Return what speaks for waiting with a change made on `day`: nothing after that day is looked at."""
    limits = setting or GuardSetting()
    found = [each for line in lines for each in _of(line, day, limits)]
    return tuple(sorted(found, key=lambda each: -abs(each.change)))


def _of(line: ValueLine, day: date, limits: GuardSetting) -> list[Caution]:
    known = bisect_right(line.days, day)
    first = day - timedelta(days=limits.window_days)
    rows = [
        (when, value)
        for when, value in zip(line.days[:known], line.values[:known], strict=True)
        if when >= first and not math.isnan(value)
    ]
    if not rows:
        return []
    last_day, last = rows[-1]
    high_day, high = max(rows, key=lambda row: row[1])
    low_day, low = min(rows, key=lambda row: row[1])
    fall, rise = round(last / high - 1, PLACES), round(last / low - 1, PLACES)
    found = []
    if fall <= limits.drawdown:
        found.append(Caution(line.name, "drawdown", fall, high_day, last_day))
    if rise >= limits.run_up:
        found.append(Caution(line.name, "run_up", rise, low_day, last_day))
    return found
