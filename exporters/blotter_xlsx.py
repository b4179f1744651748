"""The Excel blotter of a run: eleven sheets of real numbers and dates, set up for the screen and for print.

Imported text is always stored as text, never as a formula. The same run gives the same bytes: the stamps
inside the file are those of the run.
"""

import textwrap
from collections.abc import Sequence
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from exporters.blotter_households import household_sheets
from exporters.blotter_orders import order_sheets, utc
from exporters.blotter_record import Cover, Fact, approvals_sheet, cover, exceptions_sheet
from exporters.order_lines import RunOrders, run_orders
from exporters.run_report import RunReport
from exporters.sheet import Column, Kind, Sheet, Value
from exporters.stable_workbook import stable_bytes
from exporters.words import flat, long_date
from exporters.xlsx_style import Look, Wardrobe

FORMULA_STARTS = ("=", "+", "-", "@")
MAXIMUM_TEXT = 32767
LETTER = 1
LINE_HEIGHT = 14
"""Points of one line of ten-point text."""
MAXIMUM_HEIGHT = 409
FACT_WIDTH = 26
LABEL_COLUMN = Column("", Kind.TEXT, 46)


def blotter_xlsx(report: RunReport, run: RunOrders | None = None) -> bytes:
    """Return the workbook of a run as the bytes of an .xlsx file."""
    run = run or run_orders(report)
    book = Workbook()
    book.remove(book.worksheets[0])
    wardrobe = Wardrobe(book)
    front = book.create_sheet("Cover")
    _draw_cover(Pen(front, wardrobe), cover(report, run))
    _set_up_page(front, report, "Cover")
    for sheet in (
        *order_sheets(report, run),
        *household_sheets(report),
        exceptions_sheet(report, run),
        approvals_sheet(report),
    ):
        page = book.create_sheet(sheet.title)
        Pen(page, wardrobe).table(sheet)
        page.freeze_panes = f"{get_column_letter(sheet.frozen_columns + 1)}2"
        page.print_title_rows = "1:1"
        _print_in_parts(page, sheet)
        _set_up_page(page, report, sheet.title)
    return stable_bytes(book, f"Trade blotter {flat(report.run)}", utc(report.created_at))


class Pen:
    """Writes one sheet row by row. `row` is the last row written: asking the sheet would count all its cells."""

    def __init__(self, page: Worksheet, wardrobe: Wardrobe) -> None:
        self.page = page
        self.row = 0
        self._wardrobe = wardrobe

    def cell(self, value: Value, look: Look, kind: Kind) -> Cell:
        """Return a cell in its style. Text is stored as text, whatever it begins with."""
        whole = kind is Kind.QUANTITY and isinstance(value, Decimal) and value == value.to_integral_value()
        cell = Cell(self.page, 1, 1, style_array=self._wardrobe.style(look, kind, whole=whole))
        if isinstance(value, str):
            text = flat(value)[:MAXIMUM_TEXT]
            cell.value = text
            cell.data_type = "s"
            if text.startswith(FORMULA_STARTS):
                # Keeps it text when somebody edits the cell in Excel.
                cell.quotePrefix = True
        elif value is not None:
            cell.value = value
        return cell

    def append(self, cells: Sequence[Cell] = (), lines: float = 1) -> None:
        """Append a row of cells, `lines` lines high; without cells an empty row."""
        self.page.append(list(cells))
        self.row += 1
        self.page.row_dimensions[self.row].height = min(LINE_HEIGHT * lines, MAXIMUM_HEIGHT)

    def line(self, columns: Sequence[Column], values: Sequence[Value], look: Look) -> None:
        """Append one row of a table."""
        kinds = [column.kind for column in columns]
        if look is Look.TOTAL:
            kinds[0] = Kind.TEXT
        self.append(
            [self.cell(value, look, kind) for value, kind in zip(values, kinds, strict=True)],
            _lines(columns, values, look),
        )

    def text(self, text: str, look: Look, height: float) -> None:
        """Append a row of one text, `height` lines high."""
        self.append([self.cell(text, look, Kind.TEXT)], height)

    def table(self, sheet: Sheet) -> None:
        """Append headers, rows and totals. Headers stand as their values: right over numbers."""
        self.line(sheet.columns, [column.title for column in sheet.columns], Look.HEADER)
        top = self.row
        for i, column in enumerate(sheet.columns, start=1):
            self.page.column_dimensions[get_column_letter(i)].width = column.width
        if not sheet.rows:
            self.text(sheet.empty, Look.EMPTY, 1)
            return
        for values in sheet.rows:
            self.line(sheet.columns, values, Look.BODY)
        # The totals stay outside the filter: they are of the whole run, whatever is shown.
        self.page.auto_filter.ref = f"A{top}:{get_column_letter(len(sheet.columns))}{self.row}"
        totals = sheet.totals()
        if totals is not None:
            self.line(sheet.columns, totals, Look.TOTAL)

    def facts(self, facts: Sequence[Fact]) -> None:
        """Append labels and values under each other."""
        for fact in facts:
            columns = (LABEL_COLUMN, Column("", fact.kind, FACT_WIDTH))
            label = self.cell(fact.label, Look.LABEL, Kind.TEXT)
            lines = _lines(columns, (fact.label, fact.value), Look.BODY)
            self.append([label, self.cell(fact.value, Look.BODY, fact.kind)], lines)


def _lines(columns: Sequence[Column], values: Sequence[Value], look: Look) -> int:
    """Return how many lines the tallest cell of a row needs: spreadsheets do not all work it out themselves."""
    lines = 1
    for column, value in zip(columns, values, strict=True):
        wraps = look is Look.HEADER or column.kind is Kind.WRAPPED
        # Widths are in digits of 11 points; headers are bold, text of 10 points runs narrower.
        room = column.width if look is Look.HEADER else column.width * 11 // 10
        if wraps and isinstance(value, str) and len(value) > room:
            lines = max(lines, len(textwrap.wrap(value, room)))
    return lines


def _draw_cover(pen: Pen, front: Cover) -> None:
    pen.text(front.firm, Look.FIRM, 2)
    pen.text("Trade blotter", Look.SECTION, 1.5)
    if front.label:
        pen.text(front.label, Look.WARNING, 1.5)
    pen.append()
    pen.facts(front.facts)
    pen.append()
    pen.text("This run adds up to", Look.SECTION, 1.5)
    pen.facts(front.figures)
    pen.append()
    pen.text("Where the figures come from", Look.SECTION, 1.5)
    pen.table(front.sources)
    pen.page.freeze_panes = "A3"
    pen.page.sheet_view.showGridLines = False


def _print_in_parts(page: Worksheet, sheet: Sheet) -> None:
    """Print wide tables as parts of their columns, each on pages of its own with the first column repeated."""
    if not sheet.breaks:
        return
    starts = (0, *sheet.breaks)
    ends = (*sheet.breaks, len(sheet.columns))
    page.print_area = ",".join(
        f"{get_column_letter(start + 1)}1:{get_column_letter(end)}{page.max_row}"
        for start, end in zip(starts, ends, strict=True)
    )
    page.print_title_cols = "A:A"


def _set_up_page(page: Worksheet, report: RunReport, title: str) -> None:
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = LETTER
    page.page_setup.fitToWidth = 1
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    margins = page.page_margins
    margins.left = margins.right = 0.4
    margins.top = margins.bottom = 0.75
    margins.header = margins.footer = 0.35
    label = "SYNTHETIC SAMPLE DATA" if report.synthetic else ""
    header, footer = page.oddHeader, page.oddFooter
    if header is not None and footer is not None:
        header.left.text = _header_text(report.firm)
        header.center.text = _header_text(title)
        header.right.text = _header_text(f"{report.run}, as of {long_date(report.as_of)}")
        footer.left.text = _header_text(label)
        footer.right.text = "Page &P of &N"


def _header_text(text: str) -> str:
    """Headers read & as the start of a code: double it."""
    return flat(text).replace("&", "&&")
