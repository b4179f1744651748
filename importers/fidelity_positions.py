"""Fidelity Portfolio_Positions (2021 and 2026 layouts): all accounts of a login in one table."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from engine.problems import Problem, Severity
from importers.base import Claim, FileHead, ImportResult, RowKind
from importers.fidelity_titles import CUSTODIAN, take_download_day, tell_no_day
from importers.holdings import add_position
from importers.loading import load
from importers.nearly import nearly
from importers.reading import Reading, Row, refused
from importers.records import AccountRef, CashRecord
from importers.table_grammar import Header, Layout, filled, plain_titles

NAME = "fidelity_positions"

LAYOUT = Layout(
    columns={
        "account": ("account number",),
        "account_name": ("account name",),
        "symbol": ("symbol",),
        "description": ("description",),
        "quantity": ("quantity",),
        "price": ("last price",),
        "market_value": ("current value",),
        "cost_basis": ("cost basis total", "cost basis"),
    },
    required=("account", "symbol", "description", "quantity", "price", "market_value"),
    ignored=frozenset(
        {
            *("last price change", "today's gain/loss dollar", "today's gain/loss percent", "type"),
            *("total gain/loss dollar", "total gain/loss percent", "percent of account"),
            *("average cost basis", "cost basis per share"),
        }
    ),
)

_SWEEPS = frozenset({"SPAXX", "FDRXX", "FCASH", "FZFXX", "FDLXX", "CORE", "CASH"})
_PENDING = "pending activity"
_SIGNS = frozenset(
    {
        *("last price", "last price change", "current value", "today's gain/loss dollar"),
        *("total gain/loss dollar", "percent of account", "cost basis total", "average cost basis"),
    }
)
"""Titles that only Fidelity uses; a row with some of them is its header even where columns are missing."""
_FEWEST_SIGNS = 3
_FEWEST_CELLS = 5
"""A row with fewer cells filled after the table is text, not a holding."""


class FidelityPositions:
    """Positions and core cash. Fidelity writes no totals and no lots."""

    name = NAME
    title = "Fidelity positions"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files whose header has Fidelity's columns."""
        rows = head.first_rows()
        if LAYOUT.find(rows) is None:
            alike = any(len(_SIGNS & plain_titles(tuple(cells))) >= _FEWEST_SIGNS for cells in rows)
            why = nearly(LAYOUT, rows) if alike else "no row has Fidelity's columns"
            return Claim(NAME, takes=False, why=why)
        return Claim(NAME, takes=True, why="its columns are those of Fidelity positions")

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read positions, core cash and pending activity."""
        source = load(path)
        if isinstance(source, Problem):
            return refused(NAME, path, source)
        rows = source.grids[0].rows
        header = LAYOUT.find(rows)
        if header is None:
            message = f"no row has the columns of Fidelity positions; missing: {', '.join(LAYOUT.missing(rows))}"
            return refused(NAME, path, Problem(Severity.FATAL, "no_header", message, "Export the positions again."))
        reading = Reading(NAME, path.name, rows)
        take_download_day(reading, path, rows, today)
        tell_no_day(reading, "Portfolio_Positions_May-30-2026.csv")
        _rows(reading, header, rows)
        return reading.result()


def _rows(reading: Reading, header: Header, rows: Sequence[Sequence[str]]) -> None:
    reading.unknown_columns(header)
    ended = False
    for number, cells in enumerate(rows, start=1):
        said = filled(cells)
        if number < header.row and said:
            reading.mark(number, RowKind.TITLE)
        elif number == header.row or LAYOUT.match(cells, number) is not None:
            reading.mark(number, RowKind.HEADER)
        elif not said:
            ended = number > header.row
        elif len(said) < (_FEWEST_CELLS if ended else 2):
            reading.mark(number, RowKind.FOOTER)
            ended = True
        else:
            _row(Row(reading, header, number, cells))


def _row(row: Row) -> None:
    """Read a row of the table: core cash, pending activity or a position."""
    row.account = AccountRef(CUSTODIAN, row.text("account"), row.text("account_name"))
    if not row.account.number:
        row.reject("no_account", "there is no account number", "account")
    symbol, description = row.text("symbol"), row.text("description")
    pending = _PENDING in {symbol.casefold(), description.casefold()}
    sweep = symbol.endswith("**") or (symbol.upper() in _SWEEPS and not row.text("quantity").strip("-"))
    if pending or sweep:
        amount = row.needed("market_value")
        what = "Pending activity" if pending else f"{symbol.rstrip('*')} {description}".strip()
        row.close(CashRecord(row.number, row.account, amount, what))
    else:
        add_position(row, security_type="")
