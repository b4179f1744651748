"""Reads the price file of the research commands: dates down, symbols across, total-return closes in the cells."""

import csv
import math
import re
from array import array
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from engine.errors import AppError
from engine.overlay.price_history import PriceHistory, price_history
from engine.problems import Problem, Severity

ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
SHAPE_HINT = "Give a CSV file whose first column is the date and whose other columns are one symbol each."


@dataclass(frozen=True, slots=True)
class PriceTable:
    """What a price file says. Rows and cells with a problem are not in the history."""

    history: PriceHistory
    problems: tuple[Problem, ...]


def read_price_table(path: Path, symbols: Collection[str] | None = None) -> PriceTable:
    """Return the closes of `symbols` (None = every column) from a CSV file, rows in any order of dates.

    An empty cell is a day without a close. A bad or doubled date and a cell that is not a price above zero are
    problems with their row and field; a column that is not asked for is not looked at.

    Raises AppError for a file that cannot be read as such a table.
    """
    lines = _lines(path)
    header = next(lines, None)
    if header is None:
        raise AppError("The price file is empty", detail=str(path), hint=SHAPE_HINT)
    columns = _columns(path, header[1], symbols)
    rows = _Rows(path, columns, len(header[1]))
    for number, cells in lines:
        if any(cells):
            rows.read(number, cells)
    if not rows.seen and not rows.problems:
        raise AppError("The price file has a header and no rows", detail=str(path), hint=SHAPE_HINT)
    return PriceTable(rows.history(), tuple(rows.problems))


def price_history_from_csv(path: Path, symbols: Iterable[str]) -> PriceHistory:
    """Return the closes of `symbols`, all of which the file must have, from a file without problems.

    Raises AppError naming the first problem and the number of others, or the symbols that have no column.
    """
    wanted = tuple(dict.fromkeys(symbols))
    table = read_price_table(path, wanted)
    if table.problems:
        first, others = table.problems[0], len(table.problems) - 1
        more = f" This file has {others:,} more problem{'s' * (others > 1)}." if others else ""
        place = f"{first.file}, row {first.row}" + (f", field {first.field}" if first.field else "")
        raise AppError(first.message, detail=place, hint=f"{first.hint}{more}")
    missing = [symbol for symbol in wanted if symbol not in table.history.symbols]
    if missing:
        raise AppError(
            f"The price file has no column for {', '.join(missing)}",
            detail=str(path),
            hint="Add the column, or name another ETF in the policy's universe.",
        )
    return table.history


class _Rows:
    """The rows read so far, and what was wrong with them."""

    def __init__(self, path: Path, columns: dict[str, int], width: int) -> None:
        self._file = path.name
        self._columns = columns
        self._width = width
        self.seen: dict[date, tuple[int, array[float]]] = {}
        self.problems: list[Problem] = []

    def read(self, number: int, cells: list[str]) -> None:
        """Take one row that is not blank."""
        if len(cells) > self._width:
            self._problem(number, "", "row_too_long", f"The row has {len(cells)} cells, the header {self._width}")
            return
        cells = cells + [""] * (self._width - len(cells))
        day = _day(cells[0])
        if day is None:
            self._problem(number, "date", "bad_date", f"{_shown(cells[0])} is not a date", "Write it as YYYY-MM-DD.")
        elif day in self.seen:
            message = f"{day} is in row {self.seen[day][0]} already"
            self._problem(number, "date", "double_date", message, "Keep one of the two rows.")
        else:
            closes = (self._close(number, symbol, cells[column]) for symbol, column in self._columns.items())
            self.seen[day] = (number, array("d", closes))

    def history(self) -> PriceHistory:
        """Return the rows in order of their dates."""
        days = sorted(self.seen)
        closes = np.array([self.seen[day][1] for day in days], dtype=np.float64)
        return price_history(days, tuple(self._columns), closes.reshape(len(days), len(self._columns)))

    def _close(self, number: int, symbol: str, text: str) -> float:
        if not text:
            return math.nan
        try:
            close = float(text.replace("_", "?"))  # float() takes 1_000, a price file does not
        except ValueError:
            close = math.nan
        if not (math.isfinite(close) and close > 0):
            message = f"{_shown(text)} is not a price above zero"
            self._problem(number, symbol, "bad_price", message, "Correct it, or leave the cell empty.")
            return math.nan
        return close

    def _problem(self, row: int, field: str, code: str, message: str, hint: str = "") -> None:
        symbol = field if field in self._columns else ""
        self.problems.append(
            Problem(Severity.BLOCKING, code, message, hint, file=self._file, row=row, field=field, symbol=symbol)
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
        raise AppError(f"The price file cannot be read: {why}", detail=str(path), hint="Check its name.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise AppError("The price file is not a CSV text file", detail=str(path), hint=SHAPE_HINT) from error


def _columns(path: Path, header: list[str], symbols: Collection[str] | None) -> dict[str, int]:
    """Return the column of each symbol that is asked for and there."""
    names = header[1:]
    place = f"{path}, row 1"
    if not names:
        raise AppError("The price file has no column of prices", detail=place, hint=SHAPE_HINT)
    if _day(header[0]) is not None:
        raise AppError("The price file has no header", detail=place, hint=SHAPE_HINT)
    for column, name in enumerate(names, 2):
        if not name:
            raise AppError("A column has no symbol", detail=f"{place}, column {column}", hint=SHAPE_HINT)
        if name in names[: column - 2]:
            raise AppError(
                "A symbol has two columns", detail=f"{place}, field {_shown(name)}", hint="Keep one of the two."
            )
    return {name: column for column, name in enumerate(names, 1) if symbols is None or name in symbols}


def _day(text: str) -> date | None:
    """Return an ISO date, with or without a time of midnight behind it."""
    text = text.removesuffix(" 00:00:00").removesuffix("T00:00:00")
    if not ISO_DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _shown(text: str) -> str:
    """Return a cell as it may stand in a message: short, on one line."""
    shown = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return f'"{shown[:37]}..."' if len(shown) > 40 else f'"{shown}"'
