"""The ledger as a workbook in the shape of Form 8949: parts I and II of each year, Schedule D, open lots, wash sales.

The same ledger gives the same bytes: the stamps inside the file are those of its last day.
"""

from datetime import date, datetime, time

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from engine.portfolio import Term
from engine.problems import Severity
from engine.tax.ledger.result import Ledger
from exporters.blotter_xlsx import Pen
from exporters.form_8949 import open_lots_sheet, part_sheet, schedule_d_sheet, tax_years, wash_sales_sheet
from exporters.sheet import Column, Kind, Sheet
from exporters.stable_workbook import stable_bytes
from exporters.words import flat, long_date
from exporters.xlsx_style import Wardrobe

LETTER = 1
EPOCH = date(1980, 1, 1)
"""The earliest day that a zip file can hold."""
BOXES_NOTE = (
    "A and D: acquired from 2012 on, so that the broker reports the basis; B and E: acquired earlier, or inherited. "
    "Sales without a Form 1099-B belong in C and F. A broker's form knows one account, this history the household's."
)
NOTE_COLUMNS = (Column("Point", Kind.WRAPPED, 38), Column("How it was taken", Kind.WRAPPED, 90))


def form_8949_xlsx(ledger: Ledger, source: str) -> bytes:
    """Return the workbook of a ledger as the bytes of an .xlsx file. `source` names the trades it was made from."""
    book = Workbook()
    book.remove(book.worksheets[0])
    wardrobe = Wardrobe(book)
    for sheet in sheets_of(ledger, source):
        page = book.create_sheet(sheet.title)
        Pen(page, wardrobe).table(sheet)
        page.freeze_panes = f"{get_column_letter(sheet.frozen_columns + 1)}2"
        page.print_title_rows = "1:1"
        _set_up_page(page, sheet.title, source)
    return stable_bytes(book, "Form 8949", _last_day(ledger))


def sheets_of(ledger: Ledger, source: str) -> tuple[Sheet, ...]:
    """Return the sheets of the workbook."""
    return (
        notes_sheet(ledger, source),
        schedule_d_sheet(ledger),
        *(part_sheet(ledger, year, term) for year in tax_years(ledger) for term in Term),
        wash_sales_sheet(ledger),
        open_lots_sheet(ledger),
    )


def notes_sheet(ledger: Ledger, source: str) -> Sheet:
    """Return what the figures rest on: source, day, unsettled points, boxes, and rows that took no part."""
    rows = [
        ("Trades", source),
        ("As of", long_date(ledger.as_of) if ledger.as_of else "the last row"),
        *ledger.policy.points(),
        ("Boxes", BOXES_NOTE),
        ("Lost for good", "The part of column (g) that no basis holds: a purchase in a tax-advantaged account."),
    ]
    rows += [
        ("Row left out", problem.line())
        for problem in ledger.problems
        if problem.severity in {Severity.BLOCKING, Severity.FATAL}
    ]
    return Sheet("Notes", NOTE_COLUMNS, tuple(rows), "")


def _set_up_page(page: Worksheet, title: str, source: str) -> None:
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = LETTER
    page.page_setup.fitToWidth = 1
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    header, footer = page.oddHeader, page.oddFooter
    if header is not None and footer is not None:
        header.left.text = flat(source).replace("&", "&&")
        header.center.text = title
        footer.right.text = "Page &P of &N"


def _last_day(ledger: Ledger) -> datetime:
    days = [line.sold for line in ledger.realized] + [lot.acquired for lot in ledger.open_lots]
    return datetime.combine(max(EPOCH, ledger.as_of or max(days, default=EPOCH)), time())
