"""TD Ameritrade realized gains: closed lots of one account, with the file's own total.

The ticker stands only in parentheses behind the name. TD Ameritrade accounts moved to Schwab in September 2023.
"""

import re
from datetime import date
from pathlib import Path

from engine.problems import Problem, Severity
from importers.base import Claim, FileHead, ImportResult
from importers.file_names import account_in_name
from importers.instruments import clean_symbol
from importers.lot_rows import add_realized
from importers.one_table import OneTable, Sums, is_total
from importers.reading import Row
from importers.table_grammar import Layout

NAME = "tda_realized"
TABLE = OneTable(
    NAME,
    "TD Ameritrade realized gains",
    Layout(
        columns={
            "symbol": ("security",),
            "activity": ("trans type",),
            "quantity": ("qty",),
            "acquired": ("open date",),
            "cost_basis": ("adj cost",),
            "sold": ("close date",),
            "proceeds": ("adj proceeds",),
            "gain": ("adj gain($)",),
            "term": ("term",),
        },
        required=("symbol", "quantity", "acquired", "cost_basis", "sold", "proceeds", "gain"),
        ignored=frozenset({"adj gain(%)", "adj gain"}),
    ),
    frozenset({"trans type", "adj cost", "adj proceeds", "adj gain($)"}),
)
_TICKER = re.compile(r"\(([A-Z][A-Z0-9./ -]{0,11})\)\s*$")


class TdaRealized:
    """Closed lots; the file names no account, so its own name has to."""

    name = NAME
    title = "TD Ameritrade realized gains"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files with these columns."""
        return TABLE.claim(head)

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read the closed lots and compare them with the total."""
        opened = TABLE.open(path)
        if isinstance(opened, ImportResult):
            return opened
        reading = opened.reading
        account = account_in_name("tda", path.stem)
        if not account.number:
            message = f"the file names no account; it is kept as '{account.name}'"
            hint = "Put the account number into the file's name."
            reading.note(Problem(Severity.WARNING, "no_account", message, hint))
        sums = Sums("cost_basis", "proceeds", "gain")

        def take(row: Row) -> None:
            row.account = account
            if is_total(row.text("symbol")):
                sums.check(reading, row, "all sales")
                return
            said = row.text("symbol")
            found = _TICKER.search(said)
            row.symbol = clean_symbol(found[1]) if found else said
            if not found:
                row.reject("no_symbol", f"no ticker stands behind the name '{said[:40]}'", "symbol")
            lot = add_realized(row, today=today)
            for name, amount in (("cost_basis", lot.cost_basis), ("proceeds", lot.proceeds), ("gain", lot.gain)):
                sums.add(name, amount)

        TABLE.walk(opened, take)
        return reading.result(empty=Severity.INFO)
