"""E*TRADE transactions: the activity page's layout of 13 columns and the older one of 9."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.money import ZERO
from engine.problems import Problem, Severity
from importers.base import Claim, FileHead, ImportResult, RowKind, Total
from importers.etrade_accounts import titled_account
from importers.history_rows import Words, add_history, symbol_of
from importers.number_grammar import number
from importers.one_table import OneTable, Opened
from importers.reading import Row
from importers.records import AccountRef
from importers.table_grammar import Layout, filled, plain

NAME = "etrade_transactions"

LAYOUT = Layout(
    columns={
        "date": ("activity/trade date", "transactiondate"),
        "activity": ("activity type", "transactiontype"),
        "security_type": ("securitytype",),
        "description": ("description",),
        "symbol": ("symbol",),
        "quantity": ("quantity #", "quantity"),
        "price": ("price $", "price"),
        "amount": ("amount $", "amount"),
    },
    required=("date", "activity", "description", "symbol", "quantity", "price", "amount"),
    ignored=frozenset({"transaction date", "settlement date", "cusip", "commission", "category", "note"}),
)
TABLE = OneTable(
    NAME,
    "E*TRADE transactions",
    LAYOUT,
    frozenset(
        {
            *("activity/trade date", "activity type", "quantity #", "amount $"),
            *("transactiondate", "transactiontype", "securitytype"),
        }
    ),
)


class EtradeTransactions:
    """Trades and all other activity of one account."""

    name = NAME
    title = "E*TRADE transactions"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files with the columns of either layout."""
        return TABLE.claim(head)

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read trades and activity, and compare the amounts with the total above the table."""
        opened = TABLE.open(path)
        if isinstance(opened, ImportResult):
            return opened
        return _Pass(opened, path, today).run()


class _Pass:
    """One walk down the table."""

    def __init__(self, opened: Opened, path: Path, today: date) -> None:
        self.opened = opened
        self.reading = opened.reading
        self.today = today
        self.account = titled_account(opened.rows) or AccountRef("etrade", "", path.stem)
        if not self.account.number and not self.account.name.strip("- "):
            self.account = AccountRef("etrade", "", path.stem)
        self.amounts = ZERO
        self.paid = self.dividends()

    def run(self) -> ImportResult:
        if not self.account.number:
            message = f"no number of an account stands above the table; it is kept as '{self.account.name}'"
            hint = "Keep the rows above the header as E*TRADE writes them."
            self.reading.note(Problem(Severity.WARNING, "no_account", message, hint))
        stated = self.total()
        TABLE.walk(self.opened, self.row)
        if stated is not None:
            total = Total(stated[0], "amount of all rows", stated[1], self.amounts)
            self.reading.check_total(total, Severity.WARNING, self.account.number)
        return self.reading.result(empty=Severity.INFO)

    def total(self) -> tuple[int, Decimal] | None:
        """Keep the total that stands above the header as `Total:,-40452.83`."""
        for at, cells in enumerate(self.opened.rows[: self.opened.header.row - 1], start=1):
            said = filled(cells)
            if len(said) == 2 and plain(said[0]) == "total:":
                value = number(said[1])
                self.reading.mark(at, RowKind.TOTAL)
                return (at, value) if isinstance(value, Decimal) else None
        return None

    def dividends(self) -> frozenset[tuple[str, Decimal]]:
        """Return symbol and amount of the cash dividends: a reinvestment beside one is not a payment too."""
        found = set()
        for at, cells in enumerate(self.opened.rows[self.opened.header.row :], start=self.opened.header.row + 1):
            row = Row(self.reading, self.opened.header, at, cells)
            amount = number(row.text("amount"))
            if "reinvest" not in row.text("activity").casefold() and isinstance(amount, Decimal) and amount > 0:
                found.add((symbol_of(row), amount))
        return frozenset(found)

    def row(self, row: Row) -> None:
        """Read a row of the table."""
        row.account = self.account
        words = Words(row.text("activity"), row.text("description"), row.text("security_type"))
        amount = number(row.text("amount"))
        paid = abs(amount) if isinstance(amount, Decimal) else ZERO
        self.amounts += amount if isinstance(amount, Decimal) else ZERO
        add_history(row, words, today=self.today, pays_itself=(symbol_of(row), paid) not in self.paid)
