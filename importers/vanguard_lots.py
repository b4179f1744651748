"""Vanguard cost basis: unrealized lots of all accounts, or the positions with their cost where lots are not asked for.

Funds at average cost have no lots (`Various`), so they are told and held back. Rows of no shares are lots sold.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from engine.money import ZERO
from engine.problems import Problem, Severity
from importers.base import NEARLY, Claim, FileHead, ImportResult
from importers.date_grammar import day_within
from importers.holdings import add_position
from importers.loading import load
from importers.lot_rows import add_lot
from importers.one_table import OneTable, no_as_of
from importers.reading import Row
from importers.records import AccountRef
from importers.table_grammar import HEADER_WITHIN, Layout, plain

NAME = "vanguard_lots"
_DATED = "market value as of "
_HINT = "Put the day of the download into the file's name, as in lots-2026-01-31.csv."
LOTS = OneTable(
    NAME,
    "Vanguard cost basis lots",
    Layout(
        columns={
            "account": ("account",),
            "symbol": ("symbol/cusip",),
            "description": ("description",),
            "acquired": ("acquired date",),
            "method": ("cost basis method",),
            "quantity": ("quantity",),
            "unit_cost": ("cost per share",),
            "cost_basis": ("total cost",),
            "market_value": ("market value",),
        },
        required=("account", "symbol", "acquired", "method", "quantity", "cost_basis"),
        ignored=frozenset(
            {
                *("short term gain loss", "long term gain loss", "total gain loss", "covered/non-covered"),
                "percent gain loss",
            }
        ),
    ),
    frozenset({"symbol/cusip", "acquired date", "cost basis method", "covered/non-covered"}),
)


def _positions_table(rows: Sequence[Sequence[str]]) -> OneTable:
    """Return the table of positions with cost, whose title of the value holds the day."""
    titles = (plain(cell) for cells in rows[:HEADER_WITHIN] for cell in cells)
    dated = next((title for title in titles if title.startswith(_DATED)), f"{_DATED}a day")
    layout = Layout(
        columns={
            "account": ("account",),
            "symbol": ("symbol/cusip",),
            "description": ("description",),
            "position_type": ("position type",),
            "quantity": ("quantity",),
            "cost_basis": ("total cost",),
            "market_value": (dated,),
        },
        required=("account", "symbol", "position_type", "quantity", "cost_basis", "market_value"),
    )
    return OneTable(
        NAME, "Vanguard cost basis", layout, frozenset({"symbol/cusip", "position type", "total cost", dated})
    )


class VanguardLots:
    """Open lots, or positions with their total cost."""

    name = NAME
    title = "Vanguard cost basis"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files of either table."""
        claims = [table.claim(head) for table in (LOTS, _positions_table(head.first_rows()))]
        nearly = [claim for claim in claims if claim.why.startswith(NEARLY)]
        return next((claim for claim in claims if claim.takes), (nearly or claims)[0])

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read the lots, or the positions."""
        opened = LOTS.open(path)
        if isinstance(opened, ImportResult):
            return self._positions(path, opened, today)
        opened.reading.set_as_of(day_within(path.stem), today, 0)

        def take(row: Row) -> None:
            _account(row)
            row.symbol = row.clean_symbol()
            if row.amount("quantity") == ZERO:
                row.note(Severity.INFO, "no_shares", f"the lot of {row.symbol} has no shares left", "quantity")
                row.close()
                return
            if row.text("acquired").casefold() == "various":
                message = f"{row.symbol} is held at average cost, so the file gives it no lots"
                hint = "Ask Vanguard for the lots, or enter them in a lots table."
                row.reject("average_cost", message, "acquired", hint)
                row.close()
                return
            add_lot(row, today=today)

        LOTS.walk(opened, take)
        no_as_of(opened.reading, _HINT)
        return opened.reading.result()

    def _positions(self, path: Path, otherwise: ImportResult, today: date) -> ImportResult:
        """Read the positions with cost; the day stands in a title."""
        source = load(path)
        if isinstance(source, Problem):
            return otherwise
        table = _positions_table(source.grids[0].rows)
        opened = table.open(path)
        if isinstance(opened, ImportResult):
            return otherwise
        dated = opened.header.title_of("market_value")
        opened.reading.set_as_of(day_within(dated), today, opened.header.row)

        def take(row: Row) -> None:
            _account(row)
            add_position(row, security_type="")

        table.walk(opened, take)
        no_as_of(opened.reading, _HINT)
        return opened.reading.result()


def _account(row: Row) -> None:
    number = row.text("account")
    row.account = AccountRef("vanguard", number)
    if not number:
        row.reject("no_account", "the row names no account", "account")
