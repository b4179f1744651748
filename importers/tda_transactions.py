"""TD Ameritrade transactions: the history of one account, closed by `***END OF FILE***`.

The kind of a transaction stands in its description, `Bought 10 ABC @ 20.00`. TD Ameritrade accounts moved to Schwab
in September 2023.
"""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.money import ZERO
from engine.problems import Problem, Severity
from importers.base import Claim, FileHead, ImportResult, RowKind
from importers.file_names import account_in_name
from importers.history_rows import Words, add_history
from importers.number_grammar import number
from importers.one_table import OneTable, Opened
from importers.reading import Row
from importers.table_grammar import Layout, filled

NAME = "tda_transactions"
_END = "***END OF FILE***"
_CONTRACT = re.compile(r"\s(?:call|put)\s*$", re.IGNORECASE)
_CENT = Decimal("0.01")
TABLE = OneTable(
    NAME,
    "TD Ameritrade transactions",
    Layout(
        columns={
            "date": ("date",),
            "lot_id": ("transaction id",),
            "activity": ("description",),
            "quantity": ("quantity",),
            "symbol": ("symbol",),
            "price": ("price",),
            "amount": ("amount",),
            "balance": ("net cash balance",),
        },
        required=("date", "lot_id", "activity", "quantity", "symbol", "price", "amount"),
        ignored=frozenset(
            {
                *("commission", "reg fee", "short-term rdm fee", "fund redemption fee", "deferred sales charge"),
                "deferred sales charges",
            }
        ),
    ),
    frozenset({"transaction id", "net cash balance", "reg fee", "short-term rdm fee", "fund redemption fee"}),
)


class TdaTransactions:
    """Trades and other activity; the file names no account, so its own name has to."""

    name = NAME
    title = "TD Ameritrade transactions"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files with these columns."""
        return TABLE.claim(head)

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read the history, and check that it is whole: its last line, and the running cash balance."""
        opened = TABLE.open(path)
        if isinstance(opened, ImportResult):
            return opened
        return _Pass(opened, path, today).run()


class _Pass:
    """One walk down the table, with the cash balance as the rows before leave it."""

    def __init__(self, opened: Opened, path: Path, today: date) -> None:
        self.opened = opened
        self.reading = opened.reading
        self.today = today
        self.account = account_in_name("tda", path.stem)
        self.before: Decimal | None = None
        self.breaks: list[int] = []

    def run(self) -> ImportResult:
        if not self.account.number:
            message = f"the file names no account; it is kept as '{self.account.name}'"
            hint = "Put the account number into the file's name."
            self.reading.note(Problem(Severity.WARNING, "no_account", message, hint))
        self._end()
        TABLE.walk(self.opened, self.row)
        if self.breaks:
            message = f"the cash balance does not follow from the amounts (places: {len(self.breaks):,})"
            hint = "Rows may be missing: download the file again."
            first = self.breaks[0]
            self.reading.note(Problem(Severity.WARNING, "balance_breaks", message, hint, row=first))
        return self.reading.result(empty=Severity.INFO)

    def _end(self) -> None:
        """Mark the last line; a file without it was cut off."""
        ends = [at for at, cells in enumerate(self.opened.rows, start=1) if filled(cells) == [_END]]
        for at in ends:
            self.reading.mark(at, RowKind.FOOTER)
        if not ends:
            message = f"the file does not end with {_END}, so rows may be missing"
            self.reading.note(Problem(Severity.WARNING, "cut_off", message, "Download the file again."))

    def row(self, row: Row) -> None:
        """Read a row, and see whether its balance is the one before and its amount."""
        row.account = self.account
        kind = "Option" if _CONTRACT.search(row.text("symbol")) else ""
        add_history(row, Words(row.text("activity"), "", kind), today=self.today)
        amount, balance = number(row.text("amount")), number(row.text("balance"))
        if isinstance(balance, Decimal):
            moved = amount if isinstance(amount, Decimal) else ZERO
            if self.before is not None and abs(self.before + moved - balance) >= _CENT:
                self.breaks.append(row.number)
            self.before = balance
