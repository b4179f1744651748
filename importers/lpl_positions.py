"""LPL Financial positions: all accounts of a client in one table."""

from datetime import date
from pathlib import Path

from importers.base import Claim, FileHead, ImportResult
from importers.date_grammar import day, day_within
from importers.holdings import add_position
from importers.one_table import OneTable, Opened, Sums, is_total, no_as_of
from importers.reading import Row
from importers.records import AccountRef, CashRecord
from importers.table_grammar import Layout, plain

NAME = "lpl_positions"
CUSTODIAN = "lpl"

LAYOUT = Layout(
    columns={
        "account": ("account number",),
        "account_name": ("account name",),
        "nickname": ("account nick name", "account nickname"),
        "symbol": ("symbol/cusip",),
        "description": ("description",),
        "quantity": ("quantity",),
        "price": ("price ($)",),
        "market_value": ("value ($)",),
        "priced": ("price as of",),
        "cost_basis": ("cost basis ($)",),
        "security_type": ("security type description",),
    },
    required=("account", "symbol", "description", "quantity", "price", "market_value", "priced"),
    ignored=frozenset({"day change ($)", "unit cost", "unrealized g/l ($)", "unrealized g/l (%)", "held in"}),
)
TABLE = OneTable(
    NAME,
    "LPL positions",
    LAYOUT,
    frozenset({"symbol/cusip", "price as of", "held in", "security type description", "account nick name"}),
)
_CASH = frozenset({"9999227", "CASH"})
"""The insured cash account stands under a number of its own."""


class LplPositions:
    """Positions and insured cash."""

    name = NAME
    title = "LPL positions"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files with symbol or CUSIP in one column and the day of each price."""
        return TABLE.claim(head)

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read positions and cash."""
        opened = TABLE.open(path)
        if isinstance(opened, ImportResult):
            return opened
        return _Pass(opened, path, today).run()


class _Pass:
    """One walk down the table."""

    def __init__(self, opened: Opened, path: Path, today: date) -> None:
        self.opened = opened
        self.path = path
        self.today = today
        self.sums = Sums("market_value")
        self.prices: set[date] = set()

    def run(self) -> ImportResult:
        reading = self.opened.reading
        TABLE.walk(self.opened, self.row)
        newest = max(self.prices, default=None)
        at = self.opened.header.row if newest else 0
        reading.set_as_of(newest or day_within(self.path.stem), self.today, at)
        no_as_of(reading, "Download the positions again with the column Price as Of.")
        return reading.result()

    def row(self, row: Row) -> None:
        """Read a row: the total, cash or a position."""
        if is_total(row.text("account")):
            self.sums.check(self.opened.reading, row, "all positions")
            return
        name = row.text("nickname").strip("-") or row.text("account_name")
        row.account = AccountRef(CUSTODIAN, row.text("account"), name)
        if not row.account.number:
            row.reject("no_account", "there is no account number", "account")
        priced = day(row.text("priced"))
        if isinstance(priced, date):
            self.prices.add(priced)
        if row.text("symbol").upper() in _CASH or plain(row.text("description")) == "insured cash account":
            amount = row.needed("market_value")
            self.sums.add("market_value", amount)
            row.close(CashRecord(row.number, row.account, amount, row.text("description")))
            return
        value, _ = add_position(row)
        self.sums.add("market_value", value)
