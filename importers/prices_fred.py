"""FRED series: `observation_date` and one column a series, before December 2024 `DATE`; holidays are blank or a dot."""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from engine.problems import Problem, Severity
from importers.base import Claim, FileHead, ImportResult, RowKind
from importers.column_map import ColumnMap, Shape, TableKind
from importers.loading import load
from importers.price_tables import read_series
from importers.reading import Reading, refused
from importers.records import MacroRecord
from importers.table_grammar import Header, filled

NAME = "prices_fred"

_SERIES = re.compile(r"[A-Z][A-Z0-9_]{1,24}")
_TICKER = re.compile(r"[A-Z]{1,5}")
_NEW, _OLD = "observation_date", "DATE"


class FredSeries:
    """Observations of macro series. They are values, never prices of a security."""

    name = NAME
    title = "FRED series"

    def claim(self, path: Path, head: FileHead) -> Claim:
        """Take files whose first row is FRED's; under DATE a name like a ticker needs FRED in the file's name."""
        header = _header(head.first_rows(), path)
        if header is None:
            return Claim(NAME, takes=False, why="the first row is not 'observation_date' or 'DATE' and FRED series")
        return Claim(NAME, takes=True, why="its first row is that of FRED series")

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read the observations; days without a value yield none."""
        source = load(path)
        if isinstance(source, Problem):
            return refused(NAME, path, source)
        rows = source.grids[0].rows
        header = _header(rows, path)
        if header is None:
            message = "the first row is not 'observation_date' or 'DATE' and the names of series"
            hint = "Download the series again."
            return refused(NAME, path, Problem(Severity.FATAL, "no_header", message, hint))
        reading = Reading(NAME, path.name, rows)
        return read_macro(reading, header, rows, today=today)


def read_macro(reading: Reading, header: Header, rows: Sequence[Sequence[str]], *, today: date) -> ImportResult:
    """Read a table of one column a series; the newest observation is the day of the file."""
    columns = ColumnMap(TableKind.MACRO, Shape.WIDE, columns={"date": header.titles[0]})
    reading.mark(header.row, RowKind.HEADER)
    read_series(reading, columns, header, rows, today=today)
    days = [record.date for record in reading.records if isinstance(record, MacroRecord)]
    reading.set_as_of(max(days, default=None), today, header.row)
    return reading.result()


def _header(rows: Sequence[Sequence[str]], path: Path) -> Header | None:
    """Return the header in the first row that says anything."""
    number, cells = next(((n, c) for n, c in enumerate(rows, start=1) if filled(c)), (0, ()))
    titles = tuple(cell.strip() for cell in cells)
    if len(titles) < 2 or titles[0] not in {_NEW, _OLD} or not all(map(_SERIES.fullmatch, titles[1:])):
        return None
    named = "fred" in path.stem.casefold()
    if titles[0] == _OLD and not named and any(map(_TICKER.fullmatch, titles[1:])):
        return None
    return Header(number, {"date": 0}, titles)
