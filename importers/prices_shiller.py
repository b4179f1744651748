"""Shiller's monthly S&P series, in two layouts: averages of months, where 0.0 stands for a value not known yet.

Columns are those of the datahub S&P 500 package and of Shiller's ie_data table (shillerdata.com).
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.problems import Problem, Severity
from importers.base import Claim, FileHead, ImportResult, RowKind
from importers.loading import load
from importers.number_grammar import number
from importers.prices_fred import read_macro
from importers.reading import Reading, refused
from importers.table_grammar import Header, Layout, is_blank

NAME = "prices_shiller"

_DATAHUB = Layout(
    columns={"date": ("date",)} | {name: (name,) for name in ("sp500", "dividend", "earnings", "long interest rate")},
    required=("date", "sp500", "dividend", "earnings", "long interest rate"),
)
_IE_DATA = Layout(
    columns={"date": ("date",)} | {name: (name,) for name in ("price", "dividend", "earnings", "cpi", "gs10")},
    required=("date", "price", "dividend", "earnings", "cpi", "gs10"),
)
_NO_SERIES = frozenset({"date fraction", "date_fraction", "fraction"})


class ShillerSeries:
    """Monthly values, each as a macro series named after its column; they are averages, never closes."""

    name = NAME
    title = "Shiller monthly series"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files with price, dividend, earnings and a long interest rate by month."""
        if _header(head.first_rows()) is None:
            return Claim(NAME, takes=False, why="no row has the columns of Shiller's monthly series")
        return Claim(NAME, takes=True, why="its columns are those of Shiller's monthly series")

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read the months."""
        source = load(path)
        if isinstance(source, Problem):
            return refused(NAME, path, source)
        rows = source.grids[0].rows
        header = _header(rows)
        if header is None:
            problem = Problem(Severity.FATAL, "no_header", "no row has the columns of Shiller's monthly series", "")
            return refused(NAME, path, problem)
        reading = Reading(NAME, path.name, rows)
        for at, cells in enumerate(rows[: header.row - 1], start=1):
            if not is_blank(cells):
                reading.mark(at, RowKind.TITLE)
        table = [*rows[: header.row - 1], header.titles]
        zeros = 0
        for cells in rows[header.row :]:
            known = tuple("" if at and _is_zero(cell) else cell for at, cell in enumerate(cells))
            zeros += sum(a != b for a, b in zip(known, cells, strict=True))
            table.append(known)
        if zeros:
            message = f"{zeros:,} values of 0 are taken as not known yet"
            reading.note(Problem(Severity.INFO, "zero_is_missing", message))
        return read_macro(reading, header, table, today=today)


def _header(rows: Sequence[Sequence[str]]) -> Header | None:
    """Return the header with the columns named as series: Shiller SP500, and none for the date as a fraction."""
    found = _DATAHUB.find(rows) or _IE_DATA.find(rows)
    if found is None or found.positions["date"] != 0:
        return None
    titles = (found.titles[0], *(_series(title) for title in found.titles[1:]))
    return Header(found.row, {"date": 0}, titles)


def _series(title: str) -> str:
    bare = title.strip()
    return "" if not bare or bare.casefold() in _NO_SERIES else f"Shiller {bare}"


def _is_zero(cell: str) -> bool:
    value = number(cell)
    return isinstance(value, Decimal) and value == 0
