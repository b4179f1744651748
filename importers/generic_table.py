"""Any spreadsheet of holdings, lots, transactions, prices or macro series, read by a column map or a guess."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from engine.problems import Problem, Severity
from importers.base import Claim, FileHead, ImportResult, RowKind
from importers.cell_styles import day_first, rewritten
from importers.column_guess import guess_maps
from importers.column_map import DATES, NUMBERS, ColumnMap, Shape, TableKind, map_text
from importers.date_grammar import day_within
from importers.generic_rows import TableRows
from importers.head import HEAD_ROWS
from importers.loading import Grid, Source, load
from importers.price_tables import read_series
from importers.reading import Reading, refused
from importers.records import Record
from importers.table_grammar import HEADER_WITHIN, Header, is_blank, plain

NAME = "generic_table"

_NTH = re.compile(r"(.+)#(\d+)")
_SERIES = frozenset({TableKind.PRICES, TableKind.MACRO})


class GenericTable:
    """Reads what no custodian layout claims. With `column_map`, exactly as the map says; else by guess."""

    name = NAME
    title = "Spreadsheet (columns mapped)"

    def __init__(self, column_map: ColumnMap | None = None) -> None:
        self.column_map = column_map

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides)
        """Take files whose columns are understood, or any file when there is a map."""
        if self.column_map is not None:
            return Claim(NAME, takes=True, why="a column map is given")
        guesses = guess_maps(head)
        found = [guess for guess in guesses if not guess.missing()]
        if found:
            kinds = ", ".join(dict.fromkeys(_what(guess) for guess in found))
            return Claim(NAME, takes=True, why=f"its columns are those of {kinds}")
        nearest = next((guess for guess in guesses if guess.kind), None)
        return Claim(NAME, takes=False, why=_lacks(nearest))

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read the sheet of the map, or every sheet that is understood."""
        source = load(path)
        if isinstance(source, Problem):
            return refused(NAME, path, source)
        if self.column_map is not None:
            return self._by_map(path, source, self.column_map, today)
        head = FileHead(source.name, source.kind, tuple((g.name, g.rows[:HEAD_ROWS]) for g in source.grids))
        guesses = guess_maps(head)
        if all(guess.missing() for guess in guesses):
            nearest = next((guess for guess in guesses if guess.kind), None)
            return refused(NAME, path, _not_understood(nearest))
        parts = []
        for guess, grid in zip(guesses, source.grids, strict=True):
            if guess.missing():
                parts.append(_left_out(path, grid, _lacks(guess if guess.kind else None)))
            else:
                parts.append(_sheet(path, grid, guess, len(source.grids), today))
        return _joined(path, parts)

    def _by_map(self, path: Path, source: Source, columns: ColumnMap, today: date) -> ImportResult:
        if columns.missing():
            return refused(NAME, path, _not_understood(columns))
        wanted = [g for g in source.grids if not columns.sheet or plain(g.name) == plain(columns.sheet)]
        if not wanted:
            names = ", ".join(grid.name for grid in source.grids) or "none"
            message = f"there is no sheet '{columns.sheet}'; the sheets are: {names}"
            return refused(NAME, path, Problem(Severity.FATAL, "no_sheet", message, "Correct the column map."))
        chosen = next((grid for grid in wanted if header_of(grid.rows, columns)), wanted[0])
        parts = [
            _sheet(path, grid, columns, len(source.grids), today)
            if grid is chosen
            else _left_out(path, grid, "the column map names another sheet", Severity.INFO)
            for grid in source.grids
        ]
        return _joined(path, parts)


def _what(columns: ColumnMap) -> str:
    return columns.kind.value if columns.kind else "nothing known"


def _lacks(nearest: ColumnMap | None) -> str:
    """Say what keeps a table from being understood."""
    if nearest is None or not nearest.columns:
        return "no row looks like the header of holdings, lots, transactions, prices or macro series"
    if nearest.missing() == ("price",):
        return "it does not say whether its prices are adjusted for dividends"
    return f"as {_what(nearest)} it lacks: {', '.join(nearest.missing())}"


def _not_understood(nearest: ColumnMap | None) -> Problem:
    """Return the fatal problem of a table that is not understood, with the map to complete."""
    if nearest is not None and nearest.missing() == ("price",):
        hint = (
            "Name the file prices_close.csv or prices_adjusted.csv, or give a column map (--map) with "
            'price = "close" or price = "adjusted".'
        )
        return Problem(Severity.FATAL, "which_price", _lacks(nearest), hint)
    if nearest is None or not nearest.columns:
        hint = 'Give a column map (--map) with kind = "lots" and, under [columns], lines such as symbol = "Ticker".'
        return Problem(Severity.FATAL, "not_understood", _lacks(nearest), hint)
    draft = " / ".join(line for line in map_text(replace(nearest, header_row=0)).splitlines() if line)
    hint = f"Give a column map (--map) that adds {', '.join(nearest.missing())} to: {draft}"
    return Problem(Severity.FATAL, "not_understood", _lacks(nearest), hint)


def header_of(rows: Sequence[Sequence[str]], columns: ColumnMap) -> Header | None:
    """Return the row where all mapped titles stand, the row that the map names first."""
    numbers = [columns.header_row] if columns.header_row else []
    numbers += list(range(1, min(HEADER_WITHIN, len(rows)) + 1))
    for number in numbers:
        if number > len(rows):
            continue
        places = _places(rows[number - 1])
        positions = {name: places[key] for name, title in columns.columns.items() if (key := plain(title)) in places}
        if len(positions) == len(columns.columns):
            mapped = set(positions.values())
            unknown = tuple(
                title.strip() for at, title in enumerate(rows[number - 1]) if title.strip() and at not in mapped
            )
            wide = columns.shape is Shape.WIDE
            return Header(number, positions, tuple(rows[number - 1]), () if wide else unknown)
    return None


def _places(titles: Sequence[str]) -> dict[str, int]:
    """Return title -> position; the second column of one title is also `title#2`."""
    places: dict[str, int] = {}
    for at, title in enumerate(titles):
        key = plain(title)
        nth = 1 + sum(plain(other) == key for other in titles[:at])
        places.setdefault(f"{key}#{nth}", at)
        places.setdefault(key, at)
    return places


def _sheet(path: Path, grid: Grid, columns: ColumnMap, sheets: int, today: date) -> ImportResult:
    """Read one sheet by its map."""
    reading = Reading(NAME, path.name, grid.rows, grid.name if sheets > 1 else "")
    header = header_of(grid.rows, columns)
    if header is None:
        present = {plain(title) for cells in grid.rows[:HEADER_WITHIN] for title in cells}
        lost = [t for t in columns.columns.values() if plain(_NTH.sub(r"\1", t)) not in present]
        message = f"no row has the mapped columns; missing: {', '.join(lost or columns.columns.values())}"
        return refused(NAME, path, Problem(Severity.FATAL, "no_header", message, "Correct the column map."))
    for number, cells in enumerate(grid.rows[: header.row - 1], start=1):
        if not is_blank(cells):
            reading.mark(number, RowKind.TITLE)
    reading.mark(header.row, RowKind.HEADER)
    reading.unknown_columns(header)
    rows = _american(grid.rows, header, columns)
    if columns.kind in _SERIES:
        read_series(reading, columns, header, rows, today=today)
    else:
        above = " ".join(cell for cells in grid.rows[: header.row - 1] for cell in cells)
        if columns.day_first:
            above = " ".join(map(day_first, above.split()))
        as_of = columns.as_of or day_within(above) or day_within(path.stem)
        TableRows(reading, columns, header, today).read(rows, as_of)
    return reading.result(empty=Severity.FATAL if sheets == 1 else Severity.WARNING)


def _american(rows: Sequence[tuple[str, ...]], header: Header, columns: ColumnMap) -> Sequence[tuple[str, ...]]:
    """Return the rows with dates and numbers written as the readers read them."""
    if not (columns.day_first or columns.decimal_comma):
        return rows
    places = header.positions
    dates = frozenset(at for name, at in places.items() if name in DATES)
    numbers = frozenset(at for name, at in places.items() if name in NUMBERS)
    if columns.shape is Shape.WIDE:
        numbers = frozenset(range(len(header.titles))) - dates
    days, figures = (dates if columns.day_first else frozenset()), (numbers if columns.decimal_comma else frozenset())
    return [*rows[: header.row], *(rewritten(cells, days, figures) for cells in rows[header.row :])]


def _left_out(path: Path, grid: Grid, why: str, severity: Severity = Severity.WARNING) -> ImportResult:
    """Account for a sheet that is not read: one problem for all of its rows."""
    rows = tuple(RowKind.BLANK if is_blank(cells) else RowKind.PROBLEM for cells in grid.rows)
    count = sum(kind is RowKind.PROBLEM for kind in rows)
    message = f"sheet '{grid.name}' with {count:,} rows is not read: {why}"
    problems = (Problem(severity, "sheet_not_read", message, file=path.name),) if count else ()
    return ImportResult(NAME, path.name, None, (), (), problems, rows)


def _joined(path: Path, parts: Sequence[ImportResult]) -> ImportResult:
    """Put the sheets of a workbook together, in its order."""
    dates = [part.as_of for part in parts if part.as_of is not None]
    return ImportResult(
        importer=NAME,
        file=path.name,
        as_of=max(dates, default=None),
        records=_records(parts),
        totals=tuple(total for part in parts for total in part.totals),
        problems=tuple(problem for part in parts for problem in part.problems),
        rows=tuple(kind for part in parts for kind in part.rows),
    )


def _records(parts: Sequence[ImportResult]) -> Sequence[Record]:
    """Return the records of all sheets, those of a single one as they are kept."""
    full = [part.records for part in parts if part.records]
    return full[0] if len(full) == 1 else tuple(record for records in full for record in records)
