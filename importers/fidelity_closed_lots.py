"""Fidelity closed lots, `Realized_Gain_Loss_Account_X12345678`: one account, which only the file's name tells.

The symbol stands before the CUSIP, `QUA(74900A109)`; the gain is split into two columns by term.
"""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.money import ZERO
from engine.problems import Severity
from importers.base import Claim, FileHead, ImportResult, RowKind
from importers.fidelity_titles import account_in_file_name, take_download_day, tell_no_account
from importers.instruments import clean_symbol
from importers.lot_rows import add_realized
from importers.number_grammar import number
from importers.one_table import OneTable, is_total
from importers.reading import Row
from importers.table_grammar import Layout

NAME = "fidelity_closed_lots"
TABLE = OneTable(
    NAME,
    "Fidelity closed lots",
    Layout(
        columns={
            "symbol": ("symbol(cusip)",),
            "description": ("security description",),
            "quantity": ("quantity",),
            "acquired": ("date acquired",),
            "sold": ("date sold",),
            "proceeds": ("proceeds",),
            "cost_basis": ("cost basis",),
            "short": ("short term gain/loss",),
            "long": ("long term gain/loss",),
            "disallowed": ("wash sale loss disallowed", "disallowed loss"),
        },
        required=("symbol", "quantity", "acquired", "sold", "proceeds", "cost_basis", "short", "long"),
    ),
    frozenset({"symbol(cusip)", "date acquired", "date sold", "short term gain/loss", "long term gain/loss"}),
)
_SYMBOL = re.compile(r"(?P<symbol>[^()]*?)\s*\((?P<cusip>[0-9A-Z]*)\)")


class FidelityClosedLots:
    """Closed lots. Fidelity writes no totals and, but for some files, no wash sales."""

    name = NAME
    title = "Fidelity closed lots"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files with symbol and CUSIP in one column and both dates."""
        return TABLE.claim(head)

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read the closed lots."""
        opened = TABLE.open(path)
        if isinstance(opened, ImportResult):
            return opened
        take_download_day(opened.reading, path, opened.rows, today)
        account = account_in_file_name(path.stem)
        tell_no_account(opened.reading, account)

        def take(row: Row) -> None:
            row.account = account
            if is_total(row.text("symbol")):
                opened.reading.mark(row.number, RowKind.TOTAL)
                return
            found = _SYMBOL.fullmatch(row.text("symbol"))
            row.symbol = clean_symbol((found["symbol"] or found["cusip"]) if found else row.text("symbol"))
            row.use("gain", _gain(row))
            row.use("term", _term(row))
            add_realized(row, today=today)

        TABLE.walk(opened, take)
        return opened.reading.result(empty=Severity.INFO)


def _gain(row: Row) -> str:
    """Return the gain of both terms together as text, empty where neither is a number."""
    parts = [value for name in ("short", "long") if isinstance(value := number(row.text(name)), Decimal)]
    return f"{sum(parts, ZERO):f}" if parts else ""


def _term(row: Row) -> str:
    """Return the term under which a gain stands, empty where it stands under both or neither."""
    said = [name for name in ("short", "long") if isinstance(number(row.text(name)), Decimal)]
    return said[0] if len(said) == 1 else ""
