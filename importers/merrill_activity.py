"""Merrill activity: trades and all other rows of the accounts of a login."""

from datetime import date
from pathlib import Path

from engine.problems import Severity
from importers.actions import action_of
from importers.base import Claim, FileHead, ImportResult
from importers.history_rows import Words, add_history, kind_of
from importers.merrill_holdings import account_of
from importers.one_table import OneTable
from importers.reading import Row
from importers.records import ActivityKind
from importers.table_grammar import Layout

NAME = "merrill_activity"

LAYOUT = Layout(
    columns={
        "date": ("trade date",),
        "nickname": ("account nickname",),
        "registration": ("account registration",),
        "account": ("account #",),
        "type": ("type",),
        "first": ("description 1",),
        "second": ("description 2",),
        "symbol": ("symbol/cusip #",),
        "quantity": ("quantity",),
        "price": ("price ($)",),
        "amount": ("amount ($)",),
    },
    required=("date", "account", "type", "first", "symbol", "quantity", "amount"),
    ignored=frozenset({"settlement date"}),
)
TABLE = OneTable(
    NAME,
    "Merrill activity",
    LAYOUT,
    frozenset({"description 1", "description 2", "symbol/cusip #", "amount ($)"}),
)


class MerrillActivity:
    """Trades and activity. What a row did stands in its first description, of some trades in the type."""

    name = NAME
    title = "Merrill activity"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files with two descriptions and a column of symbol or CUSIP."""
        return TABLE.claim(head)

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read trades and activity."""
        opened = TABLE.open(path)
        if isinstance(opened, ImportResult):
            return opened

        def take(row: Row) -> None:
            row.account = account_of(row)
            add_history(row, _words(row), today=today)

        TABLE.walk(opened, take)
        return opened.reading.result(empty=Severity.INFO)


def _words(row: Row) -> Words:
    """Return the trade of the type, else what the first description says, else the type with both descriptions."""
    kind, first, second = row.text("type"), row.text("first"), row.text("second").strip("-")
    said = action_of(first) is not None or kind_of(Words(first, ""), "", None, None) is not ActivityKind.OTHER
    if action_of(kind) is None and said:
        return Words(first, second)
    return Words(kind, f"{first} {second}".strip())
