"""The reconciliation as a workbook: one sheet a comparison, what differs on top, what blocks trading at the end.

The same reconciliation gives the same bytes: the stamps inside the file are those of its day.
"""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from exporters.blotter_xlsx import Pen
from exporters.reconciliation_report import Reconciliation, Verdict
from exporters.sheet import Column, Kind, Sheet, Value
from exporters.stable_workbook import stable_bytes
from exporters.words import flat, long_date
from exporters.xlsx_style import Wardrobe

LETTER = 1
ORDER = {Verdict.DIFFERS: 0, Verdict.NOT_COMPARED: 1, Verdict.MATCHES: 2}
HOUSEHOLD, ACCOUNT = Column("Household", Kind.TEXT, 20), Column("Account", Kind.WRAPPED, 42)
SYMBOL, RESULT = Column("Symbol", Kind.TEXT, 10), Column("Result", Kind.TEXT, 14)
REASON = Column("Reason", Kind.WRAPPED, 52)
PLACE = (HOUSEHOLD, ACCOUNT, SYMBOL)
NO_ROWS = "Nothing to compare."


def reconciliation_xlsx(found: Reconciliation) -> bytes:
    """Return the workbook as the bytes of an .xlsx file."""
    book = Workbook()
    book.remove(book.worksheets[0])
    wardrobe = Wardrobe(book)
    for sheet in sheets_of(found):
        page = book.create_sheet(sheet.title)
        Pen(page, wardrobe).table(sheet)
        page.freeze_panes = f"{get_column_letter(sheet.frozen_columns + 1)}2"
        page.print_title_rows = "1:1"
        _set_up_page(page, sheet.title, found)
    return stable_bytes(book, "Reconciliation", datetime.combine(found.as_of, time()))


def sheets_of(found: Reconciliation) -> tuple[Sheet, ...]:
    """Return the sheets of the workbook."""
    return (
        _summary(found),
        _totals(found),
        _lots(found),
        _rolled(found),
        _cash(found),
        _realized(found),
        _wash(found),
        _moved(found),
        _splits(found),
        _decisions(found),
        _coverage(found),
        _blocks(found),
    )


def _worst_first(lines: Iterable[Any]) -> list[Any]:
    """Put what differs first and keep the order otherwise."""
    return sorted(lines, key=lambda line: ORDER[line.verdict])


def _summary(found: Reconciliation) -> Sheet:
    columns = (
        Column("Comparison", Kind.TEXT, 40),
        Column("Matches", Kind.COUNT, 12),
        Column("Differs", Kind.COUNT, 12),
        Column("Not compared", Kind.COUNT, 14),
        Column("What it says", Kind.WRAPPED, 70),
    )
    said = {
        "File totals": "The rows of each file against the totals that the file itself states.",
        "Lots against positions": "Open tax lots added up, against the position of the account.",
        "Positions rolled forward": "The earlier statement plus trades and transfers since, against the newest.",
        "Cash rolled forward": "The earlier cash plus trades and other activity since, against the newest.",
        "Realized gains against the ledger": "The custodian's closed lots, against a replay of the imported trades.",
        "Wash sales": "Losses disallowed by the custodian, against those of the whole household.",
        "Shares moved without a trade": "Transfers and mergers, and whether the basis of what came is known.",
    }
    rows: list[tuple[Value, ...]] = [(*counts, said[counts[0]]) for counts in found.counts()]
    stale = sum(1 for line in found.coverage if line.is_stale)
    short = sum(1 for line in found.coverage if not line.covers_wash_window)
    rows += [
        ("Splits and mergers suspected", None, len(found.splits), None, "From the evidence; applied only when asked."),
        ("Waiting for a decision", None, len(found.decisions), None, "Check digits, masks: the rows were kept."),
        ("Accounts with stale holdings", len(found.coverage) - stale, stale, None, f"As of {long_date(found.as_of)}."),
        (
            "Accounts whose history covers the wash window",
            len(found.coverage) - short,
            short,
            None,
            "Trades are imported from at least 30 days before the day of this report.",
        ),
        ("Things that block trading", None, len(found.blocks), None, "Each with whom it blocks and what to do."),
    ]
    return Sheet("Summary", columns, tuple(rows), NO_ROWS)


def _totals(found: Reconciliation) -> Sheet:
    columns = (
        Column("File", Kind.WRAPPED, 50),
        Column("Layout", Kind.TEXT, 24),
        Column("As of", Kind.DATE, 12),
        Column("Records", Kind.COUNT, 12),
        Column("Row", Kind.COUNT, 8),
        Column("Total", Kind.WRAPPED, 40),
        *_figures(Kind.MONEY, 17, "The file says", "Its rows add up to", "Difference"),
        RESULT,
        Column("Finding", Kind.WRAPPED, 60),
    )
    rows = [
        (
            t.file,
            t.importer,
            t.as_of,
            t.records,
            t.row,
            t.what,
            t.stated,
            t.found,
            t.difference,
            t.verdict.value,
            t.finding,
        )
        for t in _worst_first(found.totals)
    ]
    return Sheet("Totals", columns, tuple(rows), "No file was imported.")


def _figures(kind: Kind, width: int, *titles: str) -> tuple[Column, ...]:
    return tuple(Column(title, kind, width) for title in titles)


def _lots(found: Reconciliation) -> Sheet:
    columns = (
        *PLACE,
        *_figures(Kind.QUANTITY, 15, "Position", "Lots", "Difference"),
        *_figures(Kind.MONEY, 16, "Difference $", "Position basis", "Lots basis"),
        RESULT,
        REASON,
    )
    rows = [
        (
            *(x.household, x.account, x.symbol, x.position, x.lots, x.shares, x.dollars),
            *(x.position_basis, x.lots_basis, x.verdict.value, x.reason),
        )
        for x in _worst_first(found.lots)
    ]
    return Sheet("Lots vs positions", columns, tuple(rows), "No positions or lots were imported.", 3)


def _rolled(found: Reconciliation) -> Sheet:
    columns = (
        *PLACE,
        *_figures(Kind.DATE, 12, "Since", "Until"),
        *_figures(Kind.QUANTITY, 14, "Before", "Traded", "Other", "Expected", "Stated", "Difference"),
        Column("Difference $", Kind.MONEY, 16),
        RESULT,
        REASON,
    )
    rows = [
        (
            *(x.household, x.account, x.symbol, x.since, x.until, x.before, x.traded, x.other, x.expected),
            *(x.stated, x.difference, x.dollars, x.verdict.value, x.reason),
        )
        for x in _worst_first(found.rolled)
    ]
    return Sheet("Positions rolled forward", columns, tuple(rows), "No account was imported.", 3)


def _cash(found: Reconciliation) -> Sheet:
    columns = (
        HOUSEHOLD,
        ACCOUNT,
        *_figures(Kind.DATE, 12, "Since", "Until"),
        *_figures(Kind.MONEY, 16, "Before", "Trades", "Activity", "Expected", "Stated", "Difference"),
        RESULT,
        REASON,
    )
    rows = [
        (
            *(x.household, x.account, x.since, x.until, x.before, x.traded, x.activity),
            *(x.expected, x.stated, x.difference, x.verdict.value, x.reason),
        )
        for x in _worst_first(found.cash)
    ]
    return Sheet("Cash", columns, tuple(rows), "No account was imported.", 2)


def _realized(found: Reconciliation) -> Sheet:
    columns = (
        *PLACE,
        *_figures(Kind.DATE, 12, "Acquired", "Sold"),
        *_figures(Kind.QUANTITY, 13, "Shares", "Our shares"),
        *_figures(Kind.MONEY, 15, "Proceeds", "Our proceeds", "Basis", "Our basis", "Gain", "Our gain", "Difference"),
        RESULT,
        REASON,
    )
    rows = [
        (
            *(x.household, x.account, x.symbol, x.acquired, x.sold, x.quantity, x.our_quantity),
            *(x.proceeds, x.our_proceeds, x.basis, x.our_basis, x.gain, x.our_gain, x.difference),
            *(x.verdict.value, x.reason),
        )
        for x in _worst_first(found.realized)
    ]
    empty = "No realized gains were imported and no sale of a taxable account could be replayed."
    return Sheet("Realized vs ledger", columns, tuple(rows), empty, 3)


def _wash(found: Reconciliation) -> Sheet:
    columns = (
        *PLACE,
        *_figures(Kind.DATE, 12, "Acquired", "Sold"),
        *_figures(Kind.MONEY, 16, "Custodian", "Ours", "Difference"),
        RESULT,
        Column("Reason", Kind.WRAPPED, 70),
    )
    rows = [
        (
            *(x.household, x.account, x.symbol, x.acquired, x.sold),
            *(x.disallowed, x.our_disallowed, x.difference, x.verdict.value, x.reason),
        )
        for x in _worst_first(found.wash)
    ]
    return Sheet("Wash sales", columns, tuple(rows), "Neither side disallows a loss.", 3)


def _moved(found: Reconciliation) -> Sheet:
    columns = (
        *PLACE,
        Column("Day", Kind.DATE, 12),
        Column("What", Kind.TEXT, 14),
        Column("Shares", Kind.QUANTITY, 14),
        RESULT,
        Column("What is needed", Kind.WRAPPED, 70),
    )
    rows = [
        (x.household, x.account, x.symbol, x.day, x.kind, x.quantity, x.verdict.value, x.needed)
        for x in _worst_first(found.moved)
    ]
    return Sheet("Transfers and mergers", columns, tuple(rows), "No shares moved without a trade.", 3)


def _decisions(found: Reconciliation) -> Sheet:
    columns = (
        Column("Account", Kind.TEXT, 20),
        SYMBOL,
        Column("File", Kind.WRAPPED, 40),
        Column("Row", Kind.COUNT, 8),
        Column("What is to be decided", Kind.WRAPPED, 70),
        Column("What to do", Kind.WRAPPED, 60),
    )
    rows = [(x.account, x.symbol, x.file, x.row, x.problem, x.next_step) for x in found.decisions]
    return Sheet("To decide", columns, tuple(rows), "Nothing waits for a decision.")


def _splits(found: Reconciliation) -> Sheet:
    columns = (
        Column("No.", Kind.COUNT, 6),
        SYMBOL,
        Column("Suspected", Kind.WRAPPED, 30),
        Column("Day", Kind.DATE, 12),
        Column("Accounts", Kind.WRAPPED, 32),
        Column("Pieces of evidence", Kind.COUNT, 12),
        Column("Evidence", Kind.WRAPPED, 80),
        Column("What to do", Kind.WRAPPED, 40),
    )
    rows = [
        (n, x.symbol, x.what, x.day, x.accounts, x.pieces, x.evidence, x.next_step)
        for n, x in enumerate(found.splits, start=1)
    ]
    return Sheet("Splits suspected", columns, tuple(rows), "No split or merger is suspected.")


def _coverage(found: Reconciliation) -> Sheet:
    columns = (
        HOUSEHOLD,
        ACCOUNT,
        Column("Holdings of", Kind.DATE, 12),
        Column("Trading days old", Kind.COUNT, 10),
        Column("Stale", Kind.TEXT, 8),
        *_figures(Kind.DATE, 12, "Cash of", "Oldest lots", "History from", "History to", "Realized to"),
        Column("30 days covered", Kind.TEXT, 10),
        Column("Finding", Kind.WRAPPED, 52),
    )
    rows = [
        (
            *(x.household, x.account, x.holdings_of, x.days_old, _yes(said=x.is_stale), x.cash_of, x.lots_of),
            *(x.trades_from, x.trades_to, x.realized_to, _yes(said=x.covers_wash_window), x.finding),
        )
        for x in found.coverage
    ]
    return Sheet("Coverage", columns, tuple(rows), "No account was imported.", 2)


def _yes(*, said: bool) -> str:
    return "yes" if said else "no"


def _blocks(found: Reconciliation) -> Sheet:
    columns = (
        HOUSEHOLD,
        ACCOUNT,
        SYMBOL,
        Column("Severity", Kind.TEXT, 11),
        Column("What blocks", Kind.WRAPPED, 70),
        Column("What to do", Kind.WRAPPED, 60),
    )
    rows = [(x.household, x.account, x.symbol, x.severity, x.problem, x.next_step) for x in found.blocks]
    return Sheet("Blocks trading", columns, tuple(rows), "Nothing blocks trading.")


def _set_up_page(page: Worksheet, title: str, found: Reconciliation) -> None:
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = LETTER
    page.page_setup.fitToWidth = 1
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    header, footer = page.oddHeader, page.oddFooter
    if header is not None and footer is not None:
        header.left.text = f"Reconciliation, {long_date(found.as_of)}"
        header.center.text = title
        footer.left.text = flat(found.book).replace("&", "&&")
        footer.right.text = "Page &P of &N"
