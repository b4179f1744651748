"""The office workbook read back: households, people, accounts, securities, models, policies, taxes, limits."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.problems import Problem, Severity
from importers.base import NEARLY, Claim, FileHead, ImportResult, RowKind
from importers.loading import Grid, load
from importers.office_cells import OfficeRow, cells_by_field
from importers.office_layout import EXPLAINED, MODELS, SHEETS, OfficeSheet, sheet_of
from importers.office_records import BUILDERS, KEYS
from importers.reading import Reading, refused
from importers.records import ModelTargetRecord
from importers.table_grammar import Layout, is_blank, plain

NAME = "office_workbook"

_READ_ME = "read me"
_FREE_OWNERS = frozenset({"joint", "client", "spouse", "household", "trust"})
_WEIGHT_SLACK = Decimal("0.0001")

LAYOUTS = {
    sheet.title: Layout(
        columns={column.field: (plain(column.title),) for column in sheet.columns},
        required=tuple(column.field for column in sheet.columns if column.required),
    )
    for sheet in SHEETS
}


@dataclass(slots=True)
class _Office:
    """What the sheets read so far hold, for the checks between them: titles, keys seen, and what rows refer to."""

    names: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    keys: dict[tuple[str, ...], int] = field(default_factory=dict)
    rows: list[OfficeRow] = field(default_factory=list)
    weights: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))


class OfficeWorkbook:
    """Reads the workbook that `plimsoll template` writes. Any defect in it is fatal, with sheet, row and column."""

    name = NAME
    title = "Office workbook"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take workbooks with at least one sheet of ours, titled and headed as in the template."""
        ours = [(sheet, rows) for name, rows in head.sheets if (sheet := sheet_of(name))]
        if not ours:
            return Claim(NAME, takes=False, why="no sheet is named Households, Accounts, Securities or the like")
        headed = [sheet.title for sheet, rows in ours if LAYOUTS[sheet.title].find(rows)]
        if not headed:
            sheet, rows = ours[0]
            missing = ", ".join(LAYOUTS[sheet.title].missing(rows))
            return Claim(NAME, takes=False, why=f"{NEARLY} on the sheet {sheet.title}: {missing}")
        return Claim(NAME, takes=True, why=f"it has the sheets {', '.join(headed)}")

    def read(self, path: Path, *, today: date) -> ImportResult:  # noqa: ARG002 (dates here lie ahead)
        """Read all sheets, then check that they agree with each other."""
        source = load(path)
        if isinstance(source, Problem):
            return refused(NAME, path, source)
        office = _Office()
        readings = [_read_sheet(path, grid, office) for grid in source.grids]
        _check_references(office)
        _check_weights(readings, office)
        return _joined(path, readings)


def _read_sheet(path: Path, grid: Grid, office: _Office) -> Reading:
    reading = Reading(NAME, path.name, grid.rows, grid.name)
    sheet = sheet_of(grid.name)
    header = LAYOUTS[sheet.title].find(grid.rows) if sheet else None
    if sheet is None or header is None:
        _pass_over(reading, grid, sheet)
        return reading
    for number, cells in enumerate(grid.rows[: header.row - 1], start=1):
        if not is_blank(cells):
            reading.mark(number, RowKind.TITLE)
    reading.mark(header.row, RowKind.HEADER)
    reading.unknown_columns(header)
    positions = tuple(header.positions.items())
    for number, cells in enumerate(grid.rows[header.row :], start=header.row + 1):
        if is_blank(cells):
            continue
        if any(cell.strip().startswith(EXPLAINED) for cell in cells):
            reading.mark(number, RowKind.TITLE)
            continue
        _read_row(OfficeRow(reading, sheet, number, cells_by_field(positions, cells)), office)
    return reading


def _pass_over(reading: Reading, grid: Grid, sheet: OfficeSheet | None) -> None:
    """Account for a sheet that is not ours, and tell of one of ours whose header is lost."""
    for number, cells in enumerate(grid.rows, start=1):
        if not is_blank(cells):
            reading.mark(number, RowKind.TITLE)
    if sheet is not None and any(not is_blank(cells) for cells in grid.rows):
        missing = ", ".join(LAYOUTS[sheet.title].missing(grid.rows))
        message = f"the sheet has no header with these columns: {missing}"
        reading.note(Problem(Severity.FATAL, "no_header", message, "Copy the header from a new template."))
    elif sheet is None and plain(grid.name) != _READ_ME and grid.rows:
        message = "the sheet is not one of the office workbook and is not read"
        reading.note(Problem(Severity.INFO, "sheet_not_read", message))


def _read_row(row: OfficeRow, office: _Office) -> None:
    """Read one row into a record, unless it stands on the sheet already."""
    title = row.sheet.title
    record = BUILDERS[title](row)
    key = (title, *(row.cells.get(name, "").casefold() for name in KEYS[title]))
    first = office.keys.setdefault(key, row.number)
    if first != row.number:
        said = ", ".join(row.cells.get(name, "") for name in KEYS[title])
        row.reject(KEYS[title][0], "same_row", f"{said} already stands in row {first}", "Keep one of them.")
    office.names[title].add(row.cells.get(row.sheet.columns[0].field, "").casefold())
    office.rows.append(row)
    if row.ok:
        row.reading.records.append(record)
        row.reading.mark(row.number, RowKind.RECORD)
    else:
        row.reading.mark(row.number, RowKind.PROBLEM)
    if isinstance(record, ModelTargetRecord):
        office.weights[record.model] += record.weight


def _check_references(office: _Office) -> None:
    """Tell of names that their sheet does not have. A sheet without rows may stand for what the book holds."""
    for row in office.rows:
        for column in row.sheet.columns:
            said = row.cells.get(column.field, "")
            known = office.names[column.refers_to] if column.refers_to else set()
            free = column.field == "owner" and said.casefold() in _FREE_OWNERS
            if said and known and not free and said.casefold() not in known:
                message = f"'{said[:40]}' is not on the sheet {column.refers_to}"
                hint = "Correct the name, or add it there unless an earlier import brought it."
                problem = Problem(Severity.WARNING, "unknown_name", message, hint, row=row.number, field=column.title)
                row.reading.note(problem)


def _check_weights(readings: Sequence[Reading], office: _Office) -> None:
    """Refuse models whose weights are not 100 %."""
    reading = next((r for r in readings if sheet_of(r.sheet) is MODELS), None)
    for model, weight in office.weights.items():
        if reading is not None and abs(weight - 1) > _WEIGHT_SLACK:
            message = f"the weights of model '{model}' add up to {weight:.2%}, not 100%"
            last = max(row.number for row in office.rows if row.cells.get("model", "") == model)
            problem = Problem(Severity.FATAL, "weights", message, "Correct the weights.", row=last, field="Weight")
            reading.note(problem)


def _joined(path: Path, readings: Sequence[Reading]) -> ImportResult:
    """Put the sheets together, in the order of the workbook."""
    results = [reading.result(empty=None) for reading in readings]
    problems = tuple(problem for result in results for problem in result.problems)
    records = tuple(record for result in results for record in result.records)
    if not records and not any(problem.severity is Severity.FATAL for problem in problems):
        message = "there are no rows under the headers"
        hint = "Fill the sheets from the third row on."
        problems += (Problem(Severity.FATAL, "no_rows", message, hint, file=path.name),)
    rows = tuple(kind for result in results for kind in result.rows)
    return ImportResult(NAME, path.name, None, records, (), problems, rows)
