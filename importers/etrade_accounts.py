"""How E*TRADE names an account: `Individual Brokerage -2203`, `#####1847`, and the summary block that names it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from importers.base import RowKind
from importers.reading import Reading
from importers.records import AccountRef
from importers.table_grammar import Layout, filled, is_blank, plain

CUSTODIAN = "etrade"

_MASK = re.compile(r"(?P<name>.*?)\s*(?P<mask>(?:-|#+|X{2,}-?|\.{3})\s?\d{3,}|\b\d{8,})", re.DOTALL)
_ACTIVITY = re.compile(r"account activity for (?P<account>.+?) from .+", re.IGNORECASE)
_OLD_ACTIVITY = re.compile(r"for account:\s*(?P<account>.+)", re.IGNORECASE)

SUMMARY = Layout(
    columns={"account": ("account",), "value": ("net account value",)},
    required=("account", "value"),
)
CRITERIA = Layout(
    columns={"account": ("account",), "start": ("start date",), "end": ("end date",)},
    required=("account", "start"),
)


@dataclass(frozen=True, slots=True)
class Block:
    """A header of the block that names the account, and the row under it; rows are 1-based."""

    header: int
    row: int
    account: AccountRef


def account_of(text: str) -> AccountRef:
    """Split `Individual Brokerage -2203` into name and mask, the mask as text exactly as it stands."""
    bare = " ".join(text.split())
    found = _MASK.fullmatch(bare)
    return AccountRef(CUSTODIAN, found["mask"], found["name"]) if found else AccountRef(CUSTODIAN, "", bare)


def block_of(rows: Sequence[Sequence[str]], layout: Layout = SUMMARY) -> Block | None:
    """Return the block with those columns and the account in the row under it."""
    header = layout.find(rows)
    if header is None:
        return None
    below = next((n for n, cells in enumerate(rows, start=1) if n > header.row and not is_blank(cells)), None)
    if below is None:
        return None
    at = header.positions["account"]
    cells = rows[below - 1]
    name = cells[at] if at < len(cells) else ""
    return Block(header.row, below, account_of(name)) if name.strip() else None


def mark_block(reading: Reading, block: Block | None) -> None:
    """Mark the rows of a block: a header, and a row that says whose file it is."""
    if block is not None:
        for row, kind in ((block.header, RowKind.HEADER), (block.row, RowKind.TITLE)):
            if reading.is_open(row):
                reading.mark(row, kind)


def titled_account(rows: Sequence[Sequence[str]]) -> AccountRef | None:
    """Return the account of `Account Activity for ... from ...` or `For Account:,#####1847` above a table."""
    for cells in rows[:10]:
        text = " ".join(filled(cells))
        found = _ACTIVITY.fullmatch(text) or _OLD_ACTIVITY.fullmatch(text)
        if found:
            return account_of(found["account"])
    return None


def footer_row(rows: Sequence[Sequence[str]]) -> tuple[int, str] | None:
    """Return the row that says `Generated at Aug 20 2026 11:42 AM ET`, from below."""
    for number in range(len(rows), 0, -1):
        text = " ".join(filled(rows[number - 1]))
        if plain(text).startswith("generated at"):
            return number, text
    return None
