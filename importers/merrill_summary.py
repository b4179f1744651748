"""Merrill portfolio summary: the cash of each account, which the holdings file does not have."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.money import ZERO
from engine.problems import Severity
from importers.base import Claim, FileHead, ImportResult, Total
from importers.merrill_holdings import account_of
from importers.one_table import OneTable, no_as_of, take_day
from importers.reading import Reading, Row
from importers.records import CashRecord
from importers.table_grammar import Layout

NAME = "merrill_summary"

_PARTS = ("cash", "money", "priced", "margin", "loan")
LAYOUT = Layout(
    columns={
        "as_of": ("cob date",),
        "nickname": ("account nickname",),
        "registration": ("account registration",),
        "account": ("account #",),
        "cash": ("cash balance ($)",),
        "money": ("money accounts ($)",),
        "priced": ("priced investments ($)",),
        "margin": ("margin balance ($)",),
        "loan": ("loan balance ($)",),
        "net_value": ("net value ($)",),
    },
    required=("as_of", "account", "cash", "money", "net_value"),
    ignored=frozenset(
        {"total advance value ($)", "revolving line of credit ($)", "term loans ($)", "credit available ($)"}
    ),
)
TABLE = OneTable(
    NAME,
    "the Merrill portfolio summary",
    LAYOUT,
    frozenset({"cash balance ($)", "money accounts ($)", "priced investments ($)", "net value ($)"}),
)


class MerrillSummary:
    """The cash of each account: its balance and its money accounts, without the positions."""

    name = NAME
    title = "Merrill portfolio summary (cash)"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files with cash balance and money accounts."""
        return TABLE.claim(head)

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read the cash of each account; its parts are checked against the net value."""
        opened = TABLE.open(path)
        if isinstance(opened, ImportResult):
            return opened
        reading = opened.reading

        def take(row: Row) -> None:
            _row(reading, row, today)

        TABLE.walk(opened, take)
        no_as_of(reading, "Download the summary again with the column COB Date.")
        return reading.result()


def _row(reading: Reading, row: Row, today: date) -> None:
    """Read one account."""
    row.account = account_of(row)
    take_day(reading, row, today)
    parts = {name: row.amount(name) for name in _PARTS}
    cash, money, net = parts["cash"], parts["money"], row.amount("net_value")
    if cash is None and money is None:
        row.reject("no_cash", "there is neither a cash balance nor a money account", "cash")
    amount = (cash or ZERO) + (money or ZERO)
    good = row.ok
    row.close(CashRecord(row.number, row.account, amount, "Cash balance and money accounts", cash_only=True))
    if good and net is not None:
        found = sum((part for part in parts.values() if part is not None), Decimal(0))
        total = Total(row.number, f"net value of {row.account.number}", net, found)
        reading.check_total(total, Severity.WARNING, row.account.number)
