"""Fidelity `Closed_Positions_<year>`: gains by security for a year. It has neither days nor quantities."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.problems import Problem, Severity
from importers.base import Claim, FileHead, ImportResult, RowKind, Total
from importers.fidelity_titles import CUSTODIAN, take_download_day
from importers.one_table import OneTable
from importers.reading import Reading, Row
from importers.records import AccountRef
from importers.table_grammar import Layout

_ROUNDED = Decimal("0.02")
"""Dollars by which a gain may miss proceeds minus basis, each of them rounded."""
NAME = "fidelity_closed_positions"
TABLE = OneTable(
    NAME,
    "Fidelity closed positions",
    Layout(
        columns={
            "account": ("account number",),
            "account_name": ("account name",),
            "symbol": ("symbol",),
            "description": ("description",),
            "cost_basis": ("cost basis",),
            "proceeds": ("proceeds",),
            "short": ("short term gain/loss",),
            "long": ("long term gain/loss",),
            "gain": ("total term gain/loss",),
        },
        required=("account", "symbol", "cost_basis", "proceeds", "short", "long", "gain"),
    ),
    frozenset({"account number", "short term gain/loss", "long term gain/loss", "total term gain/loss"}),
)


class FidelityClosedPositions:
    """Checked and told about, but nothing is kept: a sale without its day or its shares tells no ledger anything."""

    name = NAME
    title = "Fidelity closed positions of a year"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files with a gain of both terms together and no dates."""
        return TABLE.claim(head)

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Check each row, and refuse the file with the one that can be used instead."""
        opened = TABLE.open(path)
        if isinstance(opened, ImportResult):
            return opened
        reading = opened.reading
        take_download_day(reading, path, opened.rows, today)
        TABLE.walk(opened, lambda row: _check(reading, row))
        message = "closed positions of a year have neither days nor quantities, so no sale can be kept"
        hint = "Download the closed lots instead (Realized_Gain_Loss_Account_...), one file for each account."
        reading.note(Problem(Severity.FATAL, "no_lots", message, hint))
        return reading.result(empty=None)


def _check(reading: Reading, row: Row) -> None:
    """Mark a row as the sum it is; its gain has to be proceeds less basis."""
    row.account = AccountRef(CUSTODIAN, row.text("account"), row.text("account_name"))
    row.symbol = row.clean_symbol()
    gain, proceeds, basis = row.amount("gain"), row.amount("proceeds"), row.amount("cost_basis")
    if gain is not None and proceeds is not None and basis is not None:
        total = Total(row.number, f"gain of {row.symbol}", gain, proceeds - basis)
        reading.check_total(total, Severity.WARNING, row.account.number, row.symbol, within=_ROUNDED)
    reading.mark(row.number, RowKind.TOTAL if row.ok else RowKind.PROBLEM)
