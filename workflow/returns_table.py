"""Reads a table of returns: dates down, one policy or trial a column, fractions in the cells."""

import csv
import math
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from engine.errors import AppError
from engine.research.metrics import Floats

HINT = "Give a CSV file: a column of dates (YYYY-MM-DD), then one column of returns a policy, as 0.0123 for 1.23 %."


@dataclass(frozen=True, slots=True, eq=False)
class ReturnsTable:
    """Returns by day and column, fractions. `dates` are the ends of the periods, ascending."""

    dates: tuple[date, ...]
    names: tuple[str, ...]
    returns: Floats

    def column(self, name: str) -> Floats:
        """Return one column; AppError where there is none of that name."""
        if name not in self.names:
            raise AppError(f"The table has no column {name}", hint=f"It has: {', '.join(self.names)}.")
        return self.returns[:, self.names.index(name)]


def returns_from_csv(path: Path) -> ReturnsTable:
    """Return the table. Raises AppError with the row of the first cell that is no date or no return above -1."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = [(number, cells) for number, cells in enumerate(csv.reader(file), 1) if any(map(str.strip, cells))]
    except OSError as error:
        raise AppError(f"The returns cannot be read: {error.strerror}", detail=str(path)) from None
    except (UnicodeDecodeError, csv.Error):
        raise AppError("The file of returns is not a CSV text file", detail=str(path), hint=HINT) from None
    names = tuple(name.strip() for name in lines[0][1][1:]) if lines else ()
    if not names or not all(names) or len(set(names)) < len(names) or len(lines) < 2:
        raise AppError("The file is no table of returns", detail=str(path), hint=HINT)
    dates, rows = [], []
    for number, cells in lines[1:]:
        place = f"{path.name}, row {number}"
        if len(cells) != len(names) + 1:
            raise AppError(f"The row has {len(cells)} cells, the header {len(names) + 1}", detail=place)
        dates.append(_day(cells[0], place))
        rows.append([_return(text, place) for text in cells[1:]])
        if len(dates) > 1 and dates[-1] <= dates[-2]:
            raise AppError(f"{dates[-1]} does not come after {dates[-2]}", detail=place, hint="Sort the rows by date.")
    return ReturnsTable(tuple(dates), names, np.array(rows, dtype=np.float64))


def _day(text: str, place: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise AppError(f"{text.strip()[:40]!r} is not a date", detail=place, hint=HINT) from None


def _return(text: str, place: str) -> float:
    try:
        value = float(text.strip().replace("_", "?"))  # float() takes 1_000, a table of returns does not
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > -1):
        raise AppError(f"{text.strip()[:40]!r} is not a return above -1", detail=place, hint=HINT)
    return value
