"""Charles Schwab transactions of one brokerage account.

Until 2023 the file has a title row with the account, a comma behind each row and a closing `Transactions Total`;
since late 2024 it has none of these and only the file's name tells the account.
"""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.problems import Severity
from importers.actions import schwab_meaning
from importers.base import Claim, FileHead, ImportResult
from importers.history_rows import Words, add_known
from importers.number_grammar import number
from importers.one_table import OneTable, Opened, Sums
from importers.reading import Row
from importers.records import AccountRef
from importers.schwab_titles import account_in_file_name, account_of, name_day, tell_full, tell_no_account, title_day
from importers.table_grammar import Layout, filled, plain

NAME = "schwab_transactions"
TABLE = OneTable(
    NAME,
    "Schwab transactions",
    Layout(
        columns={
            "date": ("date",),
            "activity": ("action",),
            "symbol": ("symbol",),
            "description": ("description",),
            "quantity": ("quantity",),
            "price": ("price",),
            "fees": ("fees & comm",),
            "amount": ("amount",),
        },
        required=("date", "activity", "symbol", "description", "quantity", "price", "fees", "amount"),
    ),
    frozenset({"action", "fees & comm", "description"}),
)
_TITLE = re.compile(r"Transactions\s+for account (?P<account>.+?) as of .+", re.IGNORECASE)
_TOTAL = "transactions total"


class SchwabTransactions:
    """Trades and activity; the amounts are checked against the file's total where it has one."""

    name = NAME
    title = "Charles Schwab transactions"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files with an action and fees and commissions in one column."""
        return TABLE.claim(head)

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read trades and activity."""
        opened = TABLE.open(path)
        if isinstance(opened, ImportResult):
            return opened
        reading = opened.reading
        account = _account(opened, path, today)
        sums = Sums("amount")

        def take(row: Row) -> None:
            row.account = account
            if _TOTAL in {plain(row.text("date")), plain(row.text("activity"))}:
                sums.check(reading, row, f"all transactions of {account.number or account.name}")
                return
            add_transaction(row, today=today)
            amount = number(row.text("amount"))
            sums.add("amount", amount if isinstance(amount, Decimal) else None)

        TABLE.walk(opened, take)
        tell_full(reading, len(reading.records))
        return reading.result(empty=Severity.INFO)


def add_transaction(row: Row, *, today: date) -> None:
    """Read a row of the history, from a table or from JSON. `row.account` must be set."""
    action = row.text("activity")
    add_known(row, Words(action, row.text("description")), schwab_meaning(action), today=today)


def _account(opened: Opened, path: Path, today: date) -> AccountRef:
    """Return the account of the title, else of the file's name, and take the day that stands beside it."""
    reading = opened.reading
    for at, cells in enumerate(opened.rows[: opened.header.row], start=1):
        text = " ".join(filled(cells))
        found = _TITLE.fullmatch(text)
        if found:
            reading.set_as_of(title_day(text), today, at)
            return account_of(found["account"])
    reading.set_as_of(name_day(path.stem), today, 0)
    account = account_in_file_name(path.stem)
    tell_no_account(reading, account)
    return account
