"""Drawdowns of a value series: how deep, from when, to when, and when it was made up for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from engine.research.metrics import Floats


@dataclass(frozen=True, slots=True)
class Drawdown:
    """A fall below an earlier high. `depth` is a negative fraction; `recovered` None = not by the last date."""

    depth: float
    peak: date
    trough: date
    recovered: date | None

    @property
    def days_down(self) -> int:
        """Calendar days from the high to the low."""
        return (self.trough - self.peak).days

    @property
    def days_to_recover(self) -> int | None:
        """Calendar days from the low to the old high, None where it is not reached."""
        return None if self.recovered is None else (self.recovered - self.trough).days


def underwater(values: Floats) -> Floats:
    """Return how far each value is below the highest so far, zero or negative; the first value counts."""
    below: Floats = values / np.maximum.accumulate(values) - 1.0
    return below


def drawdowns(values: Floats, dates: Sequence[date]) -> tuple[Drawdown, ...]:
    """Return every drawdown, the deepest first."""
    below, highest = underwater(values), np.maximum.accumulate(values)
    edges = np.diff(np.concatenate(([0], (below < 0).astype(np.int8), [0])))
    found = []
    for start, end in zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True):
        low = int(start + np.argmin(below[start:end]))
        # a high that is reached twice counts from the first time
        high = int(np.searchsorted(highest, highest[start]))
        recovered = dates[end] if end < len(dates) else None
        found.append(Drawdown(float(below[low]), dates[high], dates[low], recovered))
    return tuple(sorted(found, key=lambda drawdown: drawdown.depth))


def max_drawdown(values: Floats) -> float:
    """Return the deepest fall below an earlier high, zero or a negative fraction."""
    return float(underwater(values).min()) if values.size else 0.0
