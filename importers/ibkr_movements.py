"""Cash and share movements of Interactive Brokers: dividends, taxes, interest, fees, transfers, corporate actions."""

import re
from datetime import date

from importers.history_rows import Words, kind_of
from importers.ibkr_sections import Taker, dollars
from importers.instruments import clean_symbol
from importers.reading import Row
from importers.records import ActivityKind, ActivityRecord

_SYMBOL = re.compile(r"\s*([A-Z][A-Z0-9. /-]{0,11})\s*\([A-Z0-9]{6,12}\)")
_RESULT = re.compile(r"\(([A-Z][A-Z0-9. /-]{0,11}),[^()]*,\s*[A-Z0-9]{6,12}\)\s*$")
_SPLIT = re.compile(r"\bsplit\b", re.IGNORECASE)
_RETURNED = re.compile(r"return of capital", re.IGNORECASE)


def symbol_within(description: str) -> str:
    """Return the symbol of `ABC(US0000000000) Cash Dividend ...`, in front of the identifier; empty without one."""
    found = _SYMBOL.match(description)
    return clean_symbol(found[1]) if found else ""


def symbol_of_action(description: str) -> str:
    """Return the symbol whose shares a corporate action changes: the last, `... (ABC, NAME, US0000000000)`."""
    found = _RESULT.search(description)
    return clean_symbol(found[1]) if found else symbol_within(description)


def action_kind(description: str) -> ActivityKind:
    """Return what a corporate action is: a split, a dividend in shares or cash in lieu, or a merger and the like."""
    if _SPLIT.search(description):
        return ActivityKind.SPLIT
    kind = kind_of(Words("", description), "", None, None)
    return ActivityKind.MERGER if kind is ActivityKind.OTHER else kind


class Movements:
    """The sections of a statement that move cash or shares outside of trades."""

    def __init__(self, today: date) -> None:
        self.today = today

    def takers(self) -> dict[str, Taker]:
        """Return the reader of each section."""
        paid = {
            "dividends": ActivityKind.DIVIDEND,
            "withholding tax": ActivityKind.TAX_WITHHELD,
            "interest": ActivityKind.INTEREST,
            "fees": ActivityKind.FEE,
            "deposits & withdrawals": ActivityKind.DEPOSIT,
        }

        def taker(kind: ActivityKind) -> Taker:
            return lambda row: self._paid(row, kind)

        return {name: taker(kind) for name, kind in paid.items()} | {
            "transfers": self._transfer,
            "corporate actions": self._action,
        }

    def _paid(self, row: Row, kind: ActivityKind) -> None:
        description = row.text("description")
        row.symbol = symbol_within(description)
        when, amount = row.needed_day("date", today=self.today), row.needed("amount")
        if kind is ActivityKind.DEPOSIT and amount < 0:
            kind = ActivityKind.WITHDRAWAL
        elif _RETURNED.search(description):
            kind = ActivityKind.OTHER
        dollars(row)
        row.close(ActivityRecord(row.number, row.account, when, kind, row.symbol, description, None, amount))

    def _transfer(self, row: Row) -> None:
        row.symbol = "" if row.text("symbol") == "--" else row.clean_symbol()
        when = row.needed_day("date", today=self.today)
        quantity, amount = row.amount("quantity"), row.amount("amount")
        out = row.text("direction").casefold() == "out"
        kind = ActivityKind.TRANSFER_OUT if out else ActivityKind.TRANSFER_IN
        if quantity is not None:
            quantity = -abs(quantity) if out else abs(quantity)
        dollars(row)
        said = f"{row.text('kind')} {row.text('direction')}".strip()
        row.close(ActivityRecord(row.number, row.account, when, kind, row.symbol, said, quantity, amount or None))

    def _action(self, row: Row) -> None:
        description = row.text("description")
        row.symbol = symbol_of_action(description)
        when = row.needed_day("date", today=self.today)
        quantity, amount = row.amount("quantity"), row.amount("amount")
        dollars(row)
        kind, symbol = action_kind(description), row.symbol
        row.close(ActivityRecord(row.number, row.account, when, kind, symbol, description, quantity, amount or None))
