"""Reads the macro file of the research commands: a column for each series, or a row for each value with its vintage."""

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.errors import AppError
from engine.overlay.macro_history import MacroHistory, Observation, macro_history, macro_series
from engine.problems import Problem, Severity

DATE_NAMES = frozenset({"date", "observation_date"})
LONG = ("series", "value")
EXTRA = ("published", "source")
MISSING = frozenset({"", ".", "NA", "NaN", "nan"})
"""How sources write that a day has no value."""
SHAPE_HINT = (
    "Give a CSV file with the column date and a column for each series, or with the columns date, series, value and, "
    "if known, published and source."
)


@dataclass(frozen=True, slots=True)
class MacroTable:
    """What a macro file says. Rows and cells with a problem are not in the history."""

    history: MacroHistory
    problems: tuple[Problem, ...]


def macro_from_csv(path: Path) -> MacroHistory:
    """Return the series of a file without problems.

    Raises AppError naming the first problem and the number of others.
    """
    table = read_macro_table(path)
    if table.problems:
        first, others = table.problems[0], len(table.problems) - 1
        more = f" This file has {others:,} more problem{'s' * (others > 1)}." if others else ""
        place = f"{first.file}, row {first.row}, field {first.field}"
        raise AppError(first.message, detail=place, hint=f"{first.hint}{more}")
    return table.history


def read_macro_table(path: Path) -> MacroTable:
    """Return all series of a CSV file, wide or long, rows in any order of dates.

    Series are known by their names in capitals. In the long form a value may say when it was `published`; the same
    date with a later publication is a revision, seen from then on. Without it the usual lag of the series counts.

    Raises AppError for a file that cannot be read as such a table.
    """
    lines = _lines(path)
    header = next(lines, (0, []))[1]
    names = [name.strip() for name in header]
    if len(names) < 2 or names[0].lower() not in DATE_NAMES:
        raise AppError("The macro file has no column date first", detail=f"{path}, row 1", hint=SHAPE_HINT)
    lower = [name.lower() for name in names]
    if len(set(lower)) < len(lower) or not all(names):
        raise AppError("A column has no name, or one that is there twice", detail=f"{path}, row 1", hint=SHAPE_HINT)
    rows = _Rows(path.name, lower)
    for number, cells in lines:
        if any(cells):
            rows.read(number, cells)
    return MacroTable(rows.history(), tuple(rows.problems))


class _Rows:
    """The values read so far, and what was wrong with them."""

    def __init__(self, file: str, names: list[str]) -> None:
        self._file = file
        self._names = names
        self._is_long = set(LONG) <= set(names)
        self._seen: dict[tuple[str, date, date | None], int] = {}
        self._values: dict[str, list[Observation]] = {}
        self._sources: dict[str, str] = {}
        self.problems: list[Problem] = []

    def read(self, number: int, cells: list[str]) -> None:
        """Take one row that is not blank."""
        if len(cells) > len(self._names):
            self._problem(number, "", f"The row has {len(cells)} cells, the header {len(self._names)}")
            return
        row = dict(zip(self._names, cells + [""] * (len(self._names) - len(cells)), strict=True))
        day = self._day(number, self._names[0], row)
        if day is None:
            return
        if self._is_long:
            self._read_long(number, day, row)
        else:
            for name in self._names[1:]:
                self._value(number, name, name, row[name], (day, None))

    def history(self) -> MacroHistory:
        """Return the series that have values."""
        return macro_history(
            macro_series(name, values, source=self._sources.get(name, "")) for name, values in self._values.items()
        )

    def _read_long(self, number: int, day: date, row: dict[str, str]) -> None:
        name = row["series"].upper()
        published = self._day(number, "published", row) if row.get("published") else None
        if not name:
            self._problem(number, "series", "The row names no series")
        elif row.get("published") and published is None:
            return
        elif published is not None and published < day:
            self._problem(number, "published", f"{name} of {day} was published before, on {published}")
        else:
            self._sources[name] = row.get("source") or self._sources.get(name, "")
            self._value(number, name, "value", row["value"], (day, published))

    def _value(self, number: int, name: str, field: str, text: str, when: tuple[date, date | None]) -> None:
        if text in MISSING:
            return
        try:
            value = float(text.replace("_", "?"))  # float() takes 1_000, a macro file does not
        except ValueError:
            value = math.nan
        key = (name.upper(), *when)
        if not math.isfinite(value):
            self._problem(number, field, f'"{text[:40]}" is not a number')
        elif key in self._seen:
            self._problem(number, field, f"{name.upper()} of {when[0]} is in row {self._seen[key]} already")
        else:
            self._seen[key] = number
            self._values.setdefault(name.upper(), []).append(Observation(when[0], value, when[1]))

    def _day(self, number: int, field: str, row: dict[str, str]) -> date | None:
        try:
            return date.fromisoformat(row[field].removesuffix(" 00:00:00"))
        except ValueError:
            self._problem(number, field, f'"{row[field][:40]}" is not a date', "Write it as YYYY-MM-DD.")
            return None

    def _problem(self, row: int, field: str, message: str, hint: str = "Correct it, or leave it empty.") -> None:
        self.problems.append(
            Problem(Severity.BLOCKING, "bad_macro_value", message, hint, file=self._file, row=row, field=field)
        )


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield each row's line number and stripped cells."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            for cells in reader:
                yield reader.line_num, [cell.strip() for cell in cells]
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise AppError(f"The macro file cannot be read: {why}", detail=str(path), hint="Check its name.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise AppError("The macro file is not a CSV text file", detail=str(path), hint=SHAPE_HINT) from error
