"""The sample office's spreadsheet of holdings, lots and activity, and workbooks with the same bytes each time."""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from resources.demo_office.plans import AccountPlan
from resources.demo_office.prices import Market
from resources.demo_office.securities import AS_OF, BY_SYMBOL
from resources.demo_office.stories import SampleHousehold

LABEL = "SYNTHETIC SAMPLE: invented people, accounts and prices. Not the records of an office."
_STAMP = "2026-10-30T21:30:00Z"
_ZIP_STAMP = (2026, 10, 30, 21, 30, 0)
_MODIFIED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")
_CENT = Decimal("0.01")
_IN_FILE = ("fidelity", "other")

Cell = str | date | Decimal | None

_HOLDINGS = (
    "Custodian",
    "Account Number",
    "Account Name",
    "Symbol",
    "Description",
    "Quantity",
    "Price",
    "Market Value",
    "Cost Basis",
    "As of",
)
_LOTS = ("Custodian", "Account Number", "Symbol", "Date Acquired", "Quantity", "Cost Basis", "Lot ID")
_TRADES = (
    "Custodian",
    "Account Number",
    "Trade Date",
    "Action",
    "Symbol",
    "Quantity",
    "Amount",
    "Shares sold at a loss",
    "Lot ID",
)


def tables_workbook(households: Sequence[SampleHousehold], market: Market) -> bytes:
    """Return the workbook with the sheets Holdings, Lots and Transactions of the office's own records.

    Holdings are the trust company's, lots are the trust company's and Fidelity's, transactions are everybody's.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.title = LABEL
    book.properties.creator = "Harbour Line Advisory (sample office)"
    _sheet(book, "Holdings", _HOLDINGS, _holdings(households))
    _sheet(book, "Lots", _LOTS, _lots(households))
    _sheet(book, "Transactions", _TRADES, _trades(households, market))
    out = io.BytesIO()
    book.save(out)
    return settled(out.getvalue())


def settled(workbook: bytes) -> bytes:
    """Return a workbook with its time stamps set to fixed ones, so that the same content is the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist()):
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>" + _STAMP.encode() + rb"\g<2>", content)
            entry = zipfile.ZipInfo(name, _ZIP_STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)
    return out.getvalue()


def _sheet(book: Workbook, title: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    sheet: Worksheet = book.create_sheet(title)
    sheet.append([LABEL])
    sheet.append(list(columns))
    for row in rows:
        sheet.append(list(row))
    for at, name in enumerate(columns, start=1):
        sheet.cell(2, at).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(at)].width = max(14, len(name) + 2)
    sheet.cell(1, 1).font = Font(italic=True, color="B00020")
    sheet.freeze_panes = "A3"
    for cells in sheet.iter_rows(min_row=3):
        for cell in cells:
            if isinstance(cell.value, date):
                cell.number_format = "yyyy-mm-dd"


def _place(account: AccountPlan) -> tuple[str, str]:
    return account.custodian, account.number


def _holdings(households: Sequence[SampleHousehold]) -> Iterable[Sequence[Cell]]:
    for household in households:
        for account in household.plan.accounts:
            if account.custodian != "other":
                continue
            cash = household.cash[account.key]
            yield (*_place(account), account.kind, "CASH", "Cash", cash, Decimal(1), cash, None, AS_OF)
            for p in household.positions_of(account):
                figures = (p.shares, p.price, p.market_value, p.cost_basis, AS_OF)
                yield (*_place(account), account.kind, p.symbol, BY_SYMBOL[p.symbol].title, *figures)


def _lots(households: Sequence[SampleHousehold]) -> Iterable[Sequence[Cell]]:
    for household in households:
        for position in household.positions:
            if position.account.custodian in _IN_FILE:
                for lot in position.lots:
                    yield (*_place(lot.account), lot.symbol, lot.acquired, lot.shares, lot.cost_basis, lot.id)


def _trades(households: Sequence[SampleHousehold], market: Market) -> Iterable[Sequence[Cell]]:
    for household in households:
        accounts = {account.key: account for account in household.plan.accounts}
        for t in household.trades:
            account = accounts[t.account]
            named = t.lot if account.custodian in _IN_FILE else None
            amount = (t.shares * market.close(t.symbol, t.day)).quantize(_CENT)
            loss = t.loss_shares or None
            yield (*_place(account), t.day, t.action, t.symbol, t.shares, amount, loss, named)
