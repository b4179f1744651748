"""E*TRADE realized gains: a summary row for each symbol, its closed lots in the rows under it."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.money import ZERO
from engine.problems import Problem, Severity
from importers.base import Claim, FileHead, ImportResult, RowKind, Total
from importers.date_grammar import day, day_within
from importers.etrade_accounts import CRITERIA, block_of, footer_row, mark_block
from importers.instruments import clean_symbol
from importers.lot_rows import add_realized
from importers.one_table import OneTable, Opened, Sums, is_total
from importers.reading import HALF_CENT, SHARE_DUST, Row
from importers.records import AccountRef
from importers.table_grammar import Header, Layout, plain

NAME = "etrade_realized"

LAYOUT = Layout(
    columns={
        "symbol": ("symbol",),
        "quantity": ("quantity",),
        "acquired": ("date",),
        "cost_basis": ("total cost $",),
        "sold": ("date#2",),
        "proceeds": ("proceeds $",),
        "gain": ("gain $",),
        "disallowed": ("deferred loss $",),
        "term": ("term",),
    },
    required=("symbol", "quantity", "acquired", "cost_basis", "sold", "proceeds", "gain"),
    ignored=frozenset({"cost/share $", "price/share $", "lot selection"}),
)
TABLE = OneTable(
    NAME,
    "E*TRADE realized gains",
    LAYOUT,
    frozenset({"total cost $", "proceeds $", "gain $", "deferred loss $", "lot selection", "cost/share $"}),
)
_SUMMARY = Layout(columns={"gain": ("total gain realized",)}, required=("gain",))
_SUMMED = ("quantity", "cost_basis", "proceeds", "gain")


class EtradeRealized:
    """Closed lots; the rows of the symbols and the totals are checked against them, never read as sales."""

    name = NAME
    title = "E*TRADE realized gains"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files whose header has two dates between cost and proceeds."""
        return TABLE.claim(head)

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read the closed lots."""
        opened = TABLE.open(path)
        if isinstance(opened, ImportResult):
            return opened
        return _Pass(opened, today).run()


class _Pass:
    """One walk down the table: the row of a symbol, its lots, the next symbol, the total."""

    def __init__(self, opened: Opened, today: date) -> None:
        self.opened = opened
        self.reading = opened.reading
        self.today = today
        self.account = AccountRef("", "")
        self.symbol = ""
        self.whole = Sums("cost_basis", "proceeds", "gain")
        self.part = dict.fromkeys(_SUMMED, ZERO)
        self.stated: tuple[int, dict[str, Decimal | None]] | None = None
        self.gain: tuple[int, Decimal] | None = None
        self.lots = 0
        self.all_lots = 0

    def run(self) -> ImportResult:
        rows = self.opened.rows
        block, criteria = block_of(rows), block_of(rows, CRITERIA)
        mark_block(self.reading, block)
        if criteria is not None and (block is None or criteria.header != block.header):
            mark_block(self.reading, criteria)
        found = block or criteria
        if found is not None:
            self.account = found.account
        else:
            message = "no account stands above the table"
            hint = "Download the gains again with the account summary and the search criteria."
            self.reading.note(Problem(Severity.FATAL, "no_account", message, hint))
        self.summary()
        footer = footer_row(rows)
        if footer is not None and self.reading.is_open(footer[0]):
            self.reading.mark(footer[0], RowKind.FOOTER)
            self.reading.set_as_of(day_within(footer[1]), self.today, footer[0])
        TABLE.walk(self.opened, self.row)
        self.close_symbol()
        if self.gain is not None:
            total = Total(self.gain[0], "gain of the summary", self.gain[1], self.whole.of["gain"])
            within = self.rounding(self.all_lots)
            self.reading.check_total(total, Severity.WARNING, self.account.number, within=within)
        return self.reading.result(empty=Severity.INFO)

    def summary(self) -> None:
        """Keep the total gain that the block above the table states."""
        rows = self.opened.rows
        header: Header | None = _SUMMARY.find(rows)
        if header is None or not self.reading.is_open(header.row):
            return
        self.reading.mark(header.row, RowKind.HEADER)
        if header.row < len(rows) and self.reading.is_open(header.row + 1):
            row = Row(self.reading, header, header.row + 1, rows[header.row])
            gain = row.amount("gain")
            self.reading.mark(row.number, RowKind.TOTAL)
            self.gain = None if gain is None else (row.number, gain)

    def row(self, row: Row) -> None:
        """Read a row of the table: a closed lot, the row of a symbol, or the total."""
        row.account = self.account
        label = row.text("symbol")
        if is_total(label):
            self.close_symbol()
            within = self.rounding(self.all_lots)
            self.whole.check(self.reading, row, f"all sales of {self.account.number}", within=within)
        elif plain(label) in {"sell", "buy to cover", "sell short"}:
            row.symbol = self.symbol
            self.lot(row)
        else:
            self.close_symbol()
            self.symbol = row.symbol = clean_symbol(label)
            if isinstance(day(row.text("acquired")), date) and isinstance(day(row.text("sold")), date):
                self.lot(row)
                self.part = dict.fromkeys(_SUMMED, ZERO)
                return
            self.stated = (row.number, {name: row.amount(name) for name in _SUMMED})
            self.reading.mark(row.number, RowKind.TOTAL)

    def lot(self, row: Row) -> None:
        """Read a closed lot and add it up."""
        quantity = row.amount("quantity") or ZERO
        lot = add_realized(row, today=self.today)
        for name, amount in (("cost_basis", lot.cost_basis), ("proceeds", lot.proceeds), ("gain", lot.gain)):
            self.part[name] += amount
            self.whole.add(name, amount)
        self.part["quantity"] += abs(quantity)
        self.lots += 1
        self.all_lots += 1

    def close_symbol(self) -> None:
        """Compare the lots with the row of their symbol."""
        if self.stated is not None:
            number, figures = self.stated
            for name, stated in figures.items():
                if stated is not None:
                    what = f"{name.replace('_', ' ')} of {self.symbol}"
                    total = Total(number, what, abs(stated) if name == "quantity" else stated, self.part[name])
                    within = SHARE_DUST if name == "quantity" else self.rounding(self.lots)
                    self.reading.check_total(total, Severity.WARNING, self.account.number, self.symbol, within=within)
        self.stated = None
        self.part = dict.fromkeys(_SUMMED, ZERO)
        self.lots = 0

    @staticmethod
    def rounding(lots: int) -> Decimal:
        """Return by how many dollars a total may miss its lots, each of them rounded to the cent."""
        return HALF_CENT * (lots + 1) + Decimal("0.0001")
