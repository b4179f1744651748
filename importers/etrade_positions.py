"""E*TRADE PortfolioDownload: positions of one account, their tax lots in the rows under them where expanded."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.money import ZERO
from engine.problems import Problem, Severity
from importers.base import NEARLY, Claim, FileHead, ImportResult, RowKind, Total
from importers.date_grammar import day, day_within
from importers.etrade_accounts import block_of, footer_row, mark_block
from importers.holdings import add_position
from importers.lot_rows import add_lot, use_basis_of_gain
from importers.nearly import nearly
from importers.one_table import OneTable, Opened, Sums, is_total, no_as_of
from importers.reading import SHARE_DUST, Reading, Row
from importers.records import AccountRef, CashRecord
from importers.table_grammar import Layout, filled, plain

NAME = "etrade_positions"

LAYOUT = Layout(
    columns={
        "symbol": ("symbol",),
        "quantity": ("quantity", "qty #", "qty", "quantity #"),
        "price": ("last price $",),
        "unit_cost": ("price paid $",),
        "cost_basis": ("total cost", "total cost $"),
        "market_value": ("value $",),
        "gain": ("total gain $",),
        "acquired": ("symbol",),
    },
    required=("symbol", "quantity", "market_value"),
    ignored=frozenset(
        {
            *("change $", "change %", "day's gain $", "day's gain %", "total gain %", "volume"),
            *("bid", "ask", "day's range", "52-wk range", "market cap", "p/e ratio", "eps", "div yield %"),
        }
    ),
)
TABLE = OneTable(NAME, "E*TRADE positions", LAYOUT, frozenset({"qty #", "value $", "price paid $", "last price $"}))

_VIEW = "view summary"
_HINT = "Keep the last row, 'Generated at ...', or put the date into the file's name."


class EtradePositions:
    """Positions and cash; a position is the summary of its lots, which are summed against it."""

    name = NAME
    title = "E*TRADE positions"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files with the account summary or the view's name over the columns."""
        rows = head.first_rows()
        ours = any(plain(" ".join(filled(cells))).startswith(_VIEW) for cells in rows[:20])
        if not ours:
            return Claim(NAME, takes=False, why="no row says 'View Summary - ...'")
        claim = TABLE.claim(head)
        if claim.takes or claim.why.startswith(NEARLY):
            return claim
        return Claim(NAME, takes=False, why=nearly(LAYOUT, rows))

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read positions, lots and cash."""
        opened = TABLE.open(path)
        if isinstance(opened, ImportResult):
            return opened
        return _Pass(opened, path, today).run()


class _Pass:
    """One walk down the table: a position, then its lots, then the next; cash and the total at the end."""

    def __init__(self, opened: Opened, path: Path, today: date) -> None:
        self.opened = opened
        self.reading: Reading = opened.reading
        self.path = path
        self.today = today
        self.account = AccountRef("", "")
        self.sums = Sums("market_value")
        self.symbol = ""
        self.stated: tuple[int, Decimal | None, Decimal | None] | None = None
        self.lots = ZERO
        self.basis = ZERO
        self.lot_rows = 0

    def run(self) -> ImportResult:
        block = block_of(self.opened.rows)
        mark_block(self.reading, block)
        if block is not None:
            self.account = block.account
        else:
            message = "no account summary stands above the table, so the account is not known"
            hint = "Download the portfolio again with the account summary."
            self.reading.note(Problem(Severity.FATAL, "no_account", message, hint))
        self.date()
        TABLE.walk(self.opened, self.row)
        self.close_lots()
        return self.reading.result()

    def date(self) -> None:
        """Take the day from the footer, else from the file's name."""
        footer = footer_row(self.opened.rows)
        if footer is not None:
            number, text = footer
            if self.reading.is_open(number):
                self.reading.mark(number, RowKind.FOOTER)
            self.reading.set_as_of(day_within(text), self.today, number)
        else:
            self.reading.set_as_of(day_within(self.path.stem), self.today, 0)
        no_as_of(self.reading, _HINT)

    def row(self, row: Row) -> None:
        """Read a row of the table: a lot, the cash, the total, or a position."""
        row.account = self.account
        use_basis_of_gain(row)
        label = row.text("symbol")
        if isinstance(day(label), date):
            self.lot(row)
            return
        self.close_lots()
        if is_total(label):
            self.sums.check(self.reading, row, f"all positions of {self.account.number}", Severity.BLOCKING)
        elif plain(label) == "cash":
            amount = row.needed("market_value")
            self.sums.add("market_value", amount)
            row.close(CashRecord(row.number, self.account, amount, "Cash"))
        else:
            self.position(row)

    def position(self, row: Row) -> None:
        value, basis = add_position(row, security_type="")
        self.sums.add("market_value", value)
        self.symbol = row.symbol
        self.stated = (row.number, row.amount("quantity"), basis) if row.ok else None

    def lot(self, row: Row) -> None:
        row.symbol = self.symbol
        lot = add_lot(row, today=self.today)
        self.lots += lot.quantity
        self.basis += lot.cost_basis
        self.lot_rows += 1

    def close_lots(self) -> None:
        """Compare the lots with the position above them; a position without lot rows says nothing of its lots."""
        if self.stated is not None and self.lot_rows:
            number, quantity, basis = self.stated
            what = f"of the lots of {self.symbol}"
            place = (self.account.number, self.symbol)
            if quantity is not None:
                total = Total(number, f"quantity {what}", quantity, self.lots)
                self.reading.check_total(total, Severity.BLOCKING, *place, within=SHARE_DUST)
            if basis is not None:
                total = Total(number, f"cost basis {what}", basis, self.basis)
                self.reading.check_total(total, Severity.WARNING, *place)
        self.stated, self.lot_rows, self.lots, self.basis = None, 0, ZERO, ZERO
