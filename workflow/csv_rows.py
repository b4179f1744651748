"""Reads a CSV file of named columns row by row: what is wrong with a cell is collected with its row and field."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.errors import AppError
from engine.money import ZERO
from engine.problems import Problem, Severity

NUMBER = re.compile(r"[+-]?\$?(?:\d{1,3}(?:,\d{3})+|\d+|(?=\.\d))(?:\.\d*)?(?:[eE][+-]?\d{1,9})?\s?%?", re.ASCII)
"""A comma stands between thousands only: in 40,05 it may be meant as a decimal point, so that is no number."""
SMALLEST, LARGEST = -12, 15
"""Powers of ten between which a figure is read."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a file: those it must have, those it may have."""

    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def hint(self) -> str:
        """What to do about a file that does not have them."""
        more = f", and where you have them {', '.join(self.optional)}" if self.optional else ""
        return f"Give a CSV file with the columns {', '.join(self.needed)}{more}."


@dataclass(slots=True)
class Row:
    """One row. Its cells are asked for one by one; whatever cannot be read is added to `problems`."""

    file: str
    line: int
    cells: dict[str, str]
    problems: list[Problem] = field(default_factory=list)

    def text(self, name: str) -> str:
        """Return a cell that must not be empty."""
        found = self.cells.get(name, "")
        if not found:
            self.wrong(name, "The cell is empty")
        return found

    def day(self, name: str) -> date:
        """Return a date."""
        text = self.text(name)
        try:
            return date.fromisoformat(text)
        except ValueError:
            if text:
                self.wrong(name, f'"{text[:40]}" is not a date', "Write it as YYYY-MM-DD.")
            return date.min

    def amount(self, name: str, *, above: Decimal | None = None, least: Decimal | None = None) -> Decimal:
        """Return a number that must be there, within its bounds; 5% is 0.05, and $ and thousands commas are read."""
        found = self.amount_or_none(name, above=above, least=least)
        if found is None and not self.cells.get(name, ""):
            self.wrong(name, "The cell is empty")
        return ZERO if found is None else found

    def amount_or_none(
        self, name: str, *, above: Decimal | None = None, least: Decimal | None = None
    ) -> Decimal | None:
        """Return a number, None where the cell is empty or cannot be read."""
        text = self.cells.get(name, "")
        if not text:
            return None
        if not NUMBER.fullmatch(text):
            self.wrong(name, f'"{text[:40]}" is not a number', "Write it as 1234.56, 1,234.56, $1,234.56 or 5%.")
            return None
        found = Decimal(text.removesuffix("%").replace(",", "").replace("$", "").strip())
        if found and not SMALLEST <= found.adjusted() <= LARGEST:
            self.wrong(name, f"{text[:40]} is no size that a figure here can have")
            return None
        found = found / 100 if text.endswith("%") else found
        if above is not None and found <= above:
            self.wrong(name, f"{text[:40]} is not above {above}")
        elif least is not None and found < least:
            self.wrong(name, f"{text[:40]} is below {least}")
        else:
            return found
        return None

    def choice(self, name: str, among: Sequence[str]) -> str:
        """Return one of some words, in lower case."""
        found = self.text(name).lower()
        if found and found not in among:
            self.wrong(name, f'"{found[:40]}" is none of {", ".join(among)}')
        return found

    def wrong(self, name: str, message: str, hint: str = "") -> None:
        """Note that a cell (or, without a name, the row) cannot be used."""
        code = "bad_cell" if name else "bad_row"
        self.problems.append(Problem(Severity.BLOCKING, code, message, hint, file=self.file, row=self.line, field=name))


def csv_rows(path: Path, columns: Columns) -> Iterator[Row]:
    """Yield the rows of a file that are not blank, with their line number.

    Raises AppError for a file that cannot be read as such a table, or that has no rows.
    """
    count = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [cell.strip().lower() for cell in next(reader, [])]
            _require_columns(path, header, columns)
            for cells in reader:
                found = [cell.strip() for cell in cells]
                if any(found):
                    count += 1
                    row = Row(path.name, reader.line_num, dict(zip(header, found, strict=False)))
                    if len(found) > len(header):
                        row.wrong("", f"The row has {len(found)} cells, the header {len(header)}")
                    yield row
    except OSError as error:
        raise AppError(f"The file cannot be read: {error.strerror}", detail=str(path), hint=columns.hint) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise AppError("The file is not a CSV text file", detail=str(path), hint=columns.hint) from error
    if not count:
        raise AppError("The file has no rows", detail=str(path), hint=columns.hint)


def require_good(path: Path, problems: Sequence[Problem], hint: str) -> None:
    """Raise AppError with the first problem and the number of the others, where a file is used whole or not at all."""
    if problems:
        first, others = problems[0], len(problems) - 1
        more = f" There {'are' if others > 1 else 'is'} {others:,} more." if others else ""
        place = f"{path}, row {first.row}{f', field {first.field}' if first.field else ''}"
        raise AppError(first.message, detail=place, hint=f"{first.hint or hint}{more}")


def _require_columns(path: Path, header: Sequence[str], columns: Columns) -> None:
    missing = [name for name in columns.needed if name not in header]
    unknown = [name for name in header if name not in (*columns.needed, *columns.optional)]
    doubled = [name for name in header if header.count(name) > 1]
    what = ""
    if missing:
        what = f"The file has no column {missing[0]}"
    elif unknown:
        what = f"The file has the column {unknown[0] or '(without a name)'}"
    elif doubled:
        what = f"The file has the column {doubled[0]} twice"
    if what:
        raise AppError(what, detail=f"{path}, row 1", hint=columns.hint)
