"""LPL Financial activity: trades and all other rows of the accounts of a client."""

from datetime import date
from pathlib import Path

from engine.problems import Severity
from importers.base import Claim, FileHead, ImportResult
from importers.history_rows import Words, add_history
from importers.lpl_positions import CUSTODIAN
from importers.one_table import OneTable
from importers.reading import Row
from importers.records import AccountRef
from importers.table_grammar import Layout

NAME = "lpl_activity"

LAYOUT = Layout(
    columns={
        "date": ("date",),
        "activity": ("activity",),
        "symbol": ("symbol",),
        "description": ("description",),
        "quantity": ("quantity",),
        "price": ("unit price",),
        "amount": ("value",),
        "held_in": ("held in",),
        "nickname": ("account nickname",),
        "account": ("account number",),
    },
    required=("date", "activity", "symbol", "quantity", "price", "amount", "held_in", "account"),
)
TABLE = OneTable(NAME, "LPL activity", LAYOUT, frozenset({"activity", "unit price", "held in", "account nickname"}))


class LplActivity:
    """Trades and activity."""

    name = NAME
    title = "LPL activity"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files with activity, unit price and where it is held."""
        return TABLE.claim(head)

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read trades and activity."""
        opened = TABLE.open(path)
        if isinstance(opened, ImportResult):
            return opened

        def take(row: Row) -> None:
            row.account = AccountRef(CUSTODIAN, row.text("account"), row.text("nickname").strip("-"))
            if not row.account.number:
                row.reject("no_account", "there is no account number", "account")
            add_history(row, Words(row.text("activity"), row.text("description")), today=today)

        TABLE.walk(opened, take)
        return opened.reading.result(empty=Severity.INFO)
