"""Pershing NetX360 Holdings by Assets: all accounts of an office in one table, cash in a column of its own."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.money import ZERO
from engine.problems import Severity
from importers.base import Claim, FileHead, ImportResult, RowKind, Total
from importers.holdings import add_position
from importers.number_grammar import number
from importers.one_table import OneTable, Opened, no_as_of, take_day
from importers.pershing_titles import CUSTODIAN
from importers.reading import Row
from importers.records import AccountRef, CashRecord
from importers.table_grammar import Layout, filled

NAME = "pershing_holdings"

LAYOUT = Layout(
    columns={
        "as_of": ("snapshot date",),
        "account": ("account number",),
        "first_name": ("first name",),
        "last_name": ("last name",),
        "cusip": ("cusip",),
        "symbol": ("symbol",),
        "description": ("security description",),
        "quantity": ("quantity",),
        "price": ("price#2",),
        "market_value": ("market value",),
        "fixed_income": ("fixed income",),
        "cost_basis": ("cost (position)",),
        "cash": ("cash and cash equivalents",),
        "fund": ("fund name", "fund family"),
    },
    required=("as_of", "account", "cusip", "symbol", "quantity", "price", "market_value", "cash"),
    ignored=frozenset(
        {
            *("settlement date", "account type description", "net unrealized gain/loss", "equity"),
            *("fund family", "fund class description", "fund class code", "fund class", "last price"),
            *("last date of price", "price", "cusip", "unit cost", "ibd name", "ip name", "current yield"),
        }
    ),
)
"""The first `Price` is the cost of a unit, the second the market's."""
TABLE = OneTable(
    NAME,
    "NetX360 Holdings by Assets",
    LAYOUT,
    frozenset({"snapshot date", "cash and cash equivalents", "cost (position)", "ibd name", "ip name"}),
)

_CASH = re.compile(r"USD9{3,}\d|MONEYMRKT")
_ROWS = re.compile(r"number of rows\s*:\s*([\d,]+)", re.IGNORECASE)
_NEAR = Decimal("0.05")


class PershingHoldings:
    """Positions and cash of every account; cash, margin and short parts of an account come in rows of their own."""

    name = NAME
    title = "Pershing NetX360 holdings by assets"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files with two prices, a snapshot date and a column of cash."""
        return TABLE.claim(head)

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read positions and cash, and count the rows against the report's own figure."""
        opened = TABLE.open(path)
        if isinstance(opened, ImportResult):
            return opened
        return _Pass(opened, today).run()


class _Pass:
    """One walk down the table."""

    def __init__(self, opened: Opened, today: date) -> None:
        self.opened = opened
        self.reading = opened.reading
        self.today = today
        self.count = 0

    def run(self) -> ImportResult:
        stated = self.number_of_rows()
        TABLE.walk(self.opened, self.row)
        if stated is not None:
            total = Total(stated[0], "number of rows", stated[1], Decimal(self.count))
            self.reading.check_total(total, Severity.BLOCKING)
        no_as_of(self.reading, "Run the report again with the snapshot date.")
        return self.reading.result()

    def number_of_rows(self) -> tuple[int, Decimal] | None:
        """Return how many rows the report says it has, and where it says so."""
        for at, cells in enumerate(self.opened.rows[: self.opened.header.row - 1], start=1):
            found = _ROWS.fullmatch(" ".join(filled(cells)))
            if found:
                self.reading.mark(at, RowKind.TOTAL)
                return at, Decimal(found[1].replace(",", ""))
        return None

    def row(self, row: Row) -> None:
        """Read a row: cash or a position."""
        self.count += 1
        name = f"{row.text('first_name')} {row.text('last_name')}".strip()
        row.account = AccountRef(CUSTODIAN, row.text("account"), name)
        if not row.account.number:
            row.reject("no_account", "there is no account number", "account")
        take_day(self.reading, row, self.today)
        cusip = row.text("cusip")
        if _CASH.fullmatch(cusip.upper()):
            amount = row.needed("cash")
            row.close(CashRecord(row.number, row.account, amount, row.text("description")))
            return
        if not row.text("symbol"):
            row.use("symbol", cusip)
        add_position(row, security_type=_kind(row))


def _kind(row: Row) -> str:
    """Return the type that tells whether a CUSIP in place of a ticker stands for a bond or for a fund's shares."""
    if _is_bond(row):
        return "Fixed income"
    return "Mutual fund" if row.text("fund") else ""


def _is_bond(row: Row) -> bool:
    """Whether the price is per 100 of face value: the value is fixed income and a hundredth of quantity times price."""
    figures = [number(row.text(name)) for name in ("fixed_income", "quantity", "price", "market_value")]
    income, quantity, price, value = (x if isinstance(x, Decimal) else ZERO for x in figures)
    return income != 0 and value != 0 and abs(quantity * price / 100 - value) <= abs(value) * _NEAR
