"""A file of one table: its header by signature, claimed by peculiar titles, walked once from top to bottom."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.money import ZERO
from engine.problems import Problem, Severity
from importers.base import Claim, FileHead, ImportResult, RowKind, Total
from importers.loading import load
from importers.nearly import nearly
from importers.reading import HALF_CENT, SHARE_DUST, Reading, Row, refused
from importers.table_grammar import HEADER_WITHIN, Header, Layout, filled, is_blank, plain, plain_titles
from importers.text_files import Rows

TOTAL_LABELS = frozenset({"total", "totals", "total:", "totals:", "grand total", "account total"})
_FEWEST_SIGNS = 3
_FEWEST_CELLS = 3
"""A row with fewer cells filled, below a blank line, is text."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file whose table was found."""

    reading: Reading
    header: Header
    rows: Rows


@dataclass(frozen=True, slots=True)
class OneTable:
    """A layout with one header. `signs` are titles that only this layout has, `never` titles that it never has."""

    name: str
    said: str
    layout: Layout
    signs: frozenset[str]
    never: frozenset[str] = field(default=frozenset())

    def claim(self, head: FileHead) -> Claim:
        """Take a file with all needed columns; one with three of the signs nearly fits."""
        for _, rows in head.sheets:
            if self.find(rows) is not None:
                return Claim(self.name, takes=True, why=f"its columns are those of {self.said}")
        for _, rows in head.sheets:
            if any(self._signed(cells) for cells in rows[:HEADER_WITHIN]):
                return Claim(self.name, takes=False, why=nearly(self.layout, rows))
        return Claim(self.name, takes=False, why=f"no row has the columns of {self.said}")

    def find(self, rows: Sequence[Sequence[str]]) -> Header | None:
        """Return the header, unless the row has a title that belongs to another layout."""
        header = self.layout.find(rows)
        if header is not None and self.never.intersection(map(plain, header.titles)):
            return None
        return header

    def _signed(self, cells: Sequence[str]) -> bool:
        titles = plain_titles(tuple(cells))
        return len(self.signs & titles) >= _FEWEST_SIGNS and not self.never & titles

    def open(self, path: Path) -> Opened | ImportResult:
        """Read the file and find the table; a file without it is refused. Other sheets are told, not read."""
        source = load(path)
        if isinstance(source, Problem):
            return refused(self.name, path, source)
        found = next(((grid, header) for grid in source.grids if (header := self.find(grid.rows))), None)
        if found is None:
            missing = ", ".join(self.layout.missing(source.grids[0].rows)) or "the header"
            message = f"no row has the columns of {self.said}; missing: {missing}"
            problem = Problem(Severity.FATAL, "no_header", message, "Export the file again with all columns.")
            return refused(self.name, path, problem)
        grid, header = found
        reading = Reading(self.name, path.name, grid.rows)
        reading.unknown_columns(header)
        for other in source.grids:
            count = sum(not is_blank(cells) for cells in other.rows)
            if other is not grid and count:
                message = f"the sheet '{other.name}' with {count:,} rows is not read"
                reading.note(Problem(Severity.WARNING, "sheet_left_out", message))
        return Opened(reading, header, grid.rows)

    def walk(self, opened: Opened, take: Callable[[Row], None]) -> None:
        """Give every row of the table to `take`; titles, repeated headers and text below are marked here."""
        ended = False
        for number, cells in enumerate(opened.rows, start=1):
            said = filled(cells)
            if not opened.reading.is_open(number):
                ended = ended or (number > opened.header.row and not said)
            elif number < opened.header.row:
                opened.reading.mark(number, RowKind.TITLE)
            elif number == opened.header.row or _is_header_again(opened.header, cells):
                opened.reading.mark(number, RowKind.HEADER)
            elif len(said) < (_FEWEST_CELLS if ended else 2):
                opened.reading.mark(number, RowKind.FOOTER)
            else:
                take(Row(opened.reading, opened.header, number, cells))


def _is_header_again(header: Header, cells: Sequence[str]) -> bool:
    """Whether a row repeats the titles of the fields, as page breaks of reports do."""
    places = header.positions.values()
    return all(at < len(cells) and cells[at].strip() == header.titles[at].strip() for at in places)


class Sums:
    """What the rows of a table add up to, for the total that the file states."""

    def __init__(self, *names: str) -> None:
        self.of = dict.fromkeys(names, ZERO)

    def add(self, name: str, amount: Decimal | None) -> None:
        """Add an amount; a missing one adds nothing."""
        self.of[name] += amount or ZERO

    def check(
        self,
        reading: Reading,
        row: Row,
        what: str,
        severity: Severity = Severity.WARNING,
        *,
        within: Decimal = HALF_CENT,
    ) -> None:
        """Compare with the figures of a total row, dollars up to `within`, and mark it."""
        for name, found in self.of.items():
            stated = row.amount(name)
            if stated is not None and row.has(name):
                near = SHARE_DUST if name == "quantity" else within
                total = Total(row.number, f"{name.replace('_', ' ')} of {what}", stated, found)
                reading.check_total(total, severity, row.account.number, row.symbol, within=near)
        reading.mark(row.number, RowKind.TOTAL)


def is_total(text: str) -> bool:
    """Whether a label says that its row is a total."""
    return plain(text) in TOTAL_LABELS


def take_day(reading: Reading, row: Row, today: date) -> None:
    """Take the day in the first row as the file's; a row of another day is refused."""
    if not row.ok:
        return
    day = row.day("as_of", today=today, needed=True)
    if day is None or day == reading.as_of:
        return
    if reading.as_of is None:
        reading.set_as_of(day, today, row.number)
    else:
        message = f"the row is of {day}, the file of {reading.as_of}"
        row.reject("other_day", message, "as_of", "Download the file for one day.")


def no_as_of(reading: Reading, hint: str) -> None:
    """Tell that a file of holdings does not say of which day it is."""
    if reading.as_of is None:
        message = "the file does not say of which day it is"
        reading.note(Problem(Severity.WARNING, "no_as_of", message, hint))
