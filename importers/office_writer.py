"""Writes the office workbook: empty as a template, or filled; explained, validated, the same bytes every time."""

import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO
from math import ceil
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, MergedCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from importers.number_grammar import number
from importers.office_layout import EXPLAINED, SHEETS, Kind, OfficeColumn, OfficeSheet, sheet_of

OfficeValue = str | Decimal | int | bool | date | tuple[str, ...] | Mapping[str, Mapping[str, Decimal]] | None
"""What may be given for a cell: money, rates and counts as Decimal, int or text; symbols as a tuple; location
rates as class -> registration -> rate or as text."""

OfficeRows = Mapping[str, Sequence[Mapping[str, OfficeValue]]]
"""Sheet title -> rows; a row maps the fields of `office_layout` to values. Fields left out are empty cells."""

LAST_ROW = 2000
"""Drop-downs and formats reach down to this row."""

_FORMATS = {
    Kind.MONEY: "#,##0.00",
    Kind.PERCENT: "0.00%",
    Kind.BP: "0.0##",
    Kind.NUMBER: "#,##0",
    Kind.INTEGER: "0",
    Kind.DATE: "yyyy-mm-dd",
}
_FIGURES = frozenset({Kind.MONEY, Kind.PERCENT, Kind.BP, Kind.NUMBER, Kind.INTEGER})
_WIDTHS = {Kind.TEXT: 22, Kind.SYMBOLS: 26, Kind.RATES: 44, Kind.CHOICE: 18}
_HEAD_FILL = PatternFill("solid", fgColor="1F3A4D")
_NEEDED_FILL = PatternFill("solid", fgColor="0B5C6B")
_GREY_FILL = PatternFill("solid", fgColor="EEF1F3")
_STAMP = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
_TYPEFACE = "Calibri"
_LINE = 12.5
"""Points that a line of the explanations is high."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_GUIDE = (
    "This workbook describes the office: its households, accounts, securities, models and policies.",
    "Fill the sheets from the third row on; the grey row under each header explains its columns.",
    "Columns with a teal header must be filled. Empty cells elsewhere mean what the explanation says.",
    "Rates are percentages: type 20% or 0.20. Amounts are dollars. Symbols are separated by commas.",
    "Account numbers are text, exactly as the custodian's files show them, so that leading zeros stay.",
    "Order of columns is free, and further columns and sheets of your own are not read.",
    "Import the workbook again whenever it changes; rows that did not change change nothing.",
)


def write_office(path: Path, rows_by_sheet: OfficeRows) -> None:
    """Write the workbook with the given rows; sheets without rows are written empty.

    Raises KeyError for a sheet or field that the layout does not have, OSError when the file cannot be written.
    """
    unknown = [title for title in rows_by_sheet if sheet_of(title) is None]
    if unknown:
        raise KeyError(unknown[0])
    book = Workbook()
    _read_me(book)
    for sheet in SHEETS:
        rows = next((rows for title, rows in rows_by_sheet.items() if sheet_of(title) is sheet), ())
        _write_sheet(book.create_sheet(sheet.title), sheet, rows)
    stream = BytesIO()
    book.save(stream)
    path.write_bytes(_without_clock(stream.getvalue()))


def _read_me(book: Workbook) -> None:
    page = book.worksheets[0]
    page.title = "Read me"
    page.column_dimensions["A"].width = 20
    page.column_dimensions["B"].width = 100
    page.append(["Office workbook"])
    page["A1"].font = Font(name=_TYPEFACE, bold=True, size=14)
    for line in _GUIDE:
        page.append([None, line])
    page.append([])
    for sheet in SHEETS:
        page.append([sheet.title, sheet.what])
        page.cell(page.max_row, 1).font = Font(name=_TYPEFACE, bold=True)
    page.sheet_view.showGridLines = False
    _fit_to_width(page)


def _write_sheet(page: Worksheet, sheet: OfficeSheet, rows: Sequence[Mapping[str, OfficeValue]]) -> None:
    fields = {column.field for column in sheet.columns}
    for row in rows:
        for name in row:
            if name not in fields:
                raise KeyError(f"{sheet.title}: {name}")
    columns = [column for column in sheet.columns if _is_written(column, rows)]
    for at, column in enumerate(columns, start=1):
        _write_column(page, at, column, column is sheet.columns[0])
        for below, row in enumerate(rows, start=3):
            _put(page.cell(below, at), column, row.get(column.field))
    page.row_dimensions[2].height = max(_lines(column) for column in columns) * _LINE + 4
    page.freeze_panes = "B3"
    page.auto_filter.ref = f"A1:{get_column_letter(len(columns))}1"
    _fit_to_width(page)
    page.print_title_rows = "1:1"


def _is_written(column: OfficeColumn, rows: Sequence[Mapping[str, OfficeValue]]) -> bool:
    return not (column.rare and rows) or any(row.get(column.field) not in {None, ""} for row in rows)


def _fit_to_width(page: Worksheet) -> None:
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _write_column(page: Worksheet, at: int, column: OfficeColumn, first: bool) -> None:
    """Write header and explanation of a column, its width, and what its cells may hold."""
    letter = get_column_letter(at)
    head = page.cell(1, at, column.title)
    head.font = Font(name=_TYPEFACE, bold=True, color="FFFFFF")
    head.fill = _NEEDED_FILL if column.required else _HEAD_FILL
    head.alignment = Alignment(wrap_text=True, vertical="center")
    said = page.cell(2, at, (EXPLAINED if first else "") + explanation(column))
    said.font = Font(name=_TYPEFACE, italic=True, color="5A6570", size=9)
    said.fill = _GREY_FILL
    said.alignment = Alignment(wrap_text=True, vertical="top")
    page.column_dimensions[letter].width = _width(column)
    if column.kind in _FORMATS or column.kind is Kind.TEXT:
        page.column_dimensions[letter].number_format = _FORMATS.get(column.kind, "@")
    rule = _rule(column)
    if rule is not None:
        rule.add(f"{letter}3:{letter}{LAST_ROW}")
        page.add_data_validation(rule)


def _width(column: OfficeColumn) -> int:
    """Return the width of a column in characters."""
    return max(_WIDTHS.get(column.kind, 16), len(column.title) + 4)


def _lines(column: OfficeColumn) -> int:
    """Return how many lines the explanation of a column takes in its small type, a word at an end to spare."""
    return ceil(len(EXPLAINED + explanation(column)) / _width(column)) + 1


def explanation(column: OfficeColumn) -> str:
    """Return the sentence under a header: meaning, example, and what an empty cell means."""
    parts = [column.meaning]
    if column.choices:
        parts.append(f"One of: {', '.join(column.choices)}.")
    if column.example and not column.choices:
        parts.append(f"Example: {_shown(column, column.example)}.")
    if column.default:
        parts.append(f"Empty: {_shown(column, column.default)}.")
    return " ".join(parts)


def _shown(column: OfficeColumn, text: str) -> str:
    if column.kind is Kind.PERCENT:
        return f"{(Decimal(text) * 100).normalize():f}%"
    return f"{Decimal(text):,}" if column.kind is Kind.MONEY else text


def _rule(column: OfficeColumn) -> DataValidation | None:
    """Return the drop-down or limit of a column's cells."""
    blank = not column.required
    if column.choices:
        rule = DataValidation(type="list", formula1=f'"{",".join(column.choices)}"')
    elif column.refers_to:
        rule = DataValidation(type="list", formula1=f"'{column.refers_to}'!$A$3:$A${LAST_ROW}")
        rule.errorStyle = "warning"
    elif column.kind is Kind.PERCENT:
        rule = DataValidation(type="decimal", operator="between", formula1="0", formula2="1")
    elif column.kind is Kind.INTEGER:
        rule = DataValidation(type="whole", operator="greaterThanOrEqual", formula1="0")
    elif column.kind is Kind.DATE:
        rule = DataValidation(type="date", operator="greaterThan", formula1="36526")
    elif column.kind in _FIGURES:
        rule = DataValidation(type="decimal", operator="between", formula1="-1E+15", formula2="1E+15")
    else:
        return None
    rule.allow_blank = blank
    rule.showErrorMessage = True
    rule.errorTitle = column.title
    rule.error = column.meaning[:220]
    return rule


def _put(cell: Cell | MergedCell, column: OfficeColumn, value: OfficeValue) -> None:
    """Write a value with its format; text is never taken for a formula."""
    cell.number_format = _FORMATS.get(column.kind, "@")
    if value is None or value == "":
        return
    if isinstance(value, bool):
        value = "yes" if value else "no"
    elif isinstance(value, Mapping):
        value = "; ".join(f"{c}/{reg}: {rate:f}" for c, rates in value.items() for reg, rate in rates.items())
    elif isinstance(value, tuple):
        value = ", ".join(value)
    if isinstance(value, str) and column.kind in _FIGURES:
        figure = number(value)
        value = figure if isinstance(figure, Decimal) else value
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
        cell.data_type = "s"
    else:
        cell.value = value


def _without_clock(workbook: bytes) -> bytes:
    """Return the archive with fixed times, so that the same rows give the same bytes."""
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(workbook)) as source, zipfile.ZipFile(stream, "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "docProps/core.xml":
                content = _STAMP.sub(rb"\g<1>2000-01-01T00:00:00Z", content)
            fixed = zipfile.ZipInfo(entry.filename, _EPOCH)
            target.writestr(fixed, content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()
