"""Pershing NetX360+ unrealized gains: a row for each security, then one for each of its tax lots."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.money import ZERO
from engine.problems import Problem, Severity
from importers.base import Claim, FileHead, ImportResult, RowKind, Total
from importers.file_names import account_in_name
from importers.lot_rows import add_lot
from importers.one_table import OneTable, Opened, is_total, no_as_of
from importers.pershing_titles import CUSTODIAN, account_above, day_above
from importers.reading import HALF_CENT, SHARE_DUST, Row
from importers.records import AccountRef
from importers.table_grammar import Layout

NAME = "pershing_lots"

LAYOUT = Layout(
    columns={
        "account": ("account number", "account"),
        "symbol": ("symbol", "security identifier"),
        "identifier": ("security identifier",),
        "cusip": ("cusip",),
        "description": ("security description",),
        "lot_id": ("taxlot id",),
        "quantity": ("quantity",),
        "unit_cost": ("unit cost",),
        "cost_basis": ("current total cost",),
        "market_value": ("market value",),
        "acquired": ("trade date",),
    },
    required=("identifier", "lot_id", "quantity", "cost_basis", "acquired"),
    ignored=frozenset(
        {
            *(
                "security type",
                "asset category",
                "last price",
                "gain/loss",
                "gain/loss %",
                "entry date",
                "settlement date",
            ),
            *("term", "% of portfolio", "commission", "fees", "disposition method", "covered/noncovered"),
        }
    ),
)
TABLE = OneTable(
    NAME,
    "NetX360 unrealized gains",
    LAYOUT,
    frozenset({"taxlot id", "security identifier", "current total cost", "disposition method"}),
)
_CASH_LOT = "19510101"


class PershingLots:
    """Open lots of one account, summed against the row of their security, which has no lot id."""

    name = NAME
    title = "Pershing NetX360 unrealized gains (tax lots)"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files with lot ids and the current total cost."""
        return TABLE.claim(head)

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read the lots; the rows of the securities are checked, not read."""
        opened = TABLE.open(path)
        if isinstance(opened, ImportResult):
            return opened
        return _Pass(opened, path, today).run()


class _Pass:
    """One walk down the table: the row of a security, its lots, the next."""

    def __init__(self, opened: Opened, path: Path, today: date) -> None:
        self.opened = opened
        self.reading = opened.reading
        self.today = today
        above = opened.rows[: opened.header.row - 1]
        self.account = account_above(above) or account_in_name(CUSTODIAN, path.stem)
        self.as_of_row = day_above(above)
        self.stated: tuple[int, str, Decimal | None, Decimal | None] | None = None
        self.shares, self.basis = ZERO, ZERO

    def run(self) -> ImportResult:
        if not self.account.number and not self.opened.header.has("account"):
            message = "neither the rows above the table nor the file's name say which account it is"
            hint = "Keep the rows above the header, or put the account number into the file's name."
            self.reading.note(Problem(Severity.WARNING, "no_account", message, hint))
        if self.as_of_row is not None:
            self.reading.set_as_of(self.as_of_row[1], self.today, self.as_of_row[0])
        no_as_of(self.reading, "Keep the rows above the header as NetX360 writes them.")
        TABLE.walk(self.opened, self.row)
        self.close_security()
        return self.reading.result()

    def row(self, row: Row) -> None:
        """Read a row: a security, a lot, cash, or the total of the report."""
        row.account = AccountRef(CUSTODIAN, number) if (number := row.text("account")) else self.account
        row.symbol = row.clean_symbol() or row.clean_symbol("identifier") or row.text("cusip")
        lot_id = row.text("lot_id")
        if lot_id == _CASH_LOT:
            row.note(Severity.INFO, "cash_lot", "cash is no tax lot; it comes with the holdings", "lot_id")
            self.shares += row.amount("quantity") or ZERO
            self.basis += row.amount("cost_basis") or ZERO
            row.close()
        elif not lot_id and (is_total(row.symbol) or is_total(row.text("description"))):
            self.close_security()
            self.reading.mark(row.number, RowKind.TOTAL)
        elif not lot_id:
            self.close_security()
            self.stated = (row.number, row.symbol, row.amount("quantity"), row.amount("cost_basis"))
            self.account = row.account
            self.reading.mark(row.number, RowKind.TOTAL)
        else:
            lot = add_lot(row, today=self.today, lot_id=lot_id)
            self.shares += lot.quantity
            self.basis += lot.cost_basis

    def close_security(self) -> None:
        """Compare the lots with the row of their security."""
        if self.stated is not None:
            row, symbol, quantity, basis = self.stated
            figures = (("quantity", quantity, self.shares, SHARE_DUST), ("basis", basis, self.basis, HALF_CENT))
            for name, stated, found, within in figures:
                if stated is not None:
                    total = Total(row, f"{name} of the lots of {symbol}", stated, found)
                    severity = Severity.BLOCKING if name == "quantity" else Severity.WARNING
                    self.reading.check_total(total, severity, self.account.number, symbol, within=within)
        self.stated = None
        self.shares, self.basis = ZERO, ZERO
