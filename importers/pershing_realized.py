"""Pershing NetX360+ realized gains: a row for each sale of several lots, then one for each of its closed lots."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.money import ZERO
from engine.problems import Problem, Severity
from importers.base import Claim, FileHead, ImportResult, RowKind, Total
from importers.file_names import account_in_name
from importers.lot_rows import add_realized
from importers.one_table import OneTable, Opened, Sums, is_total
from importers.pershing_titles import CUSTODIAN, account_above
from importers.reading import HALF_CENT, Row
from importers.records import AccountRef
from importers.table_grammar import Layout, plain

NAME = "pershing_realized"

LAYOUT = Layout(
    columns={
        "account": ("account number", "account"),
        "symbol": ("symbol", "security identifier"),
        "identifier": ("security identifier",),
        "cusip": ("cusip",),
        "description": ("security description",),
        "quantity": ("quantity",),
        "acquired": ("opening date",),
        "sold": ("closing date",),
        "cost_basis": ("cost basis",),
        "proceeds": ("proceeds",),
        "gain": ("realized gain/loss", "gain/loss"),
        "disallowed": ("disallowed loss", "wash sale disallowed loss"),
        "term": ("term",),
    },
    required=("identifier", "quantity", "acquired", "sold", "cost_basis", "proceeds"),
    ignored=frozenset({"disposition method", "security type", "asset category", "gain/loss %", "taxlot id"}),
)
TABLE = OneTable(
    NAME,
    "NetX360 realized gains",
    LAYOUT,
    frozenset({"opening date", "closing date", "security identifier", "disposition method"}),
)
_SEVERAL = "multiple"
_SUMMED = ("cost_basis", "proceeds")


class PershingRealized:
    """Closed lots; the row of several lots, dated Multiple, is checked against them and not read as a sale."""

    name = NAME
    title = "Pershing NetX360 realized gains"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files with opening and closing dates of each security."""
        return TABLE.claim(head)

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read the closed lots."""
        opened = TABLE.open(path)
        if isinstance(opened, ImportResult):
            return opened
        return _Pass(opened, path, today).run()


class _Pass:
    """One walk down the table."""

    def __init__(self, opened: Opened, path: Path, today: date) -> None:
        self.opened = opened
        self.reading = opened.reading
        self.today = today
        above = opened.rows[: opened.header.row - 1]
        self.account = account_above(above) or account_in_name(CUSTODIAN, path.stem)
        self.whole = Sums(*_SUMMED)
        self.stated: tuple[int, str, dict[str, Decimal | None]] | None = None
        self.part = dict.fromkeys(_SUMMED, ZERO)

    def run(self) -> ImportResult:
        if not self.account.number and not self.opened.header.has("account"):
            message = "neither the rows above the table nor the file's name say which account it is"
            hint = "Keep the rows above the header, or put the account number into the file's name."
            self.reading.note(Problem(Severity.WARNING, "no_account", message, hint))
        TABLE.walk(self.opened, self.row)
        self.close_security()
        return self.reading.result(empty=Severity.INFO)

    def row(self, row: Row) -> None:
        """Read a row: the total, the row of several lots, or a closed lot."""
        row.account = AccountRef(CUSTODIAN, number) if (number := row.text("account")) else self.account
        row.symbol = row.clean_symbol() or row.clean_symbol("identifier") or row.text("cusip")
        if is_total(row.symbol) or is_total(row.text("description")):
            self.close_security()
            self.whole.check(self.reading, row, "all sales")
        elif _SEVERAL in {plain(row.text("sold")), plain(row.text("acquired"))}:
            self.close_security()
            self.stated = (row.number, row.symbol, {name: row.amount(name) for name in _SUMMED})
            self.reading.mark(row.number, RowKind.TOTAL)
        else:
            if self.stated is not None and row.symbol != self.stated[1]:
                self.close_security()
            lot = add_realized(row, today=self.today)
            for name, amount in (("cost_basis", lot.cost_basis), ("proceeds", lot.proceeds)):
                self.whole.add(name, amount)
                self.part[name] += amount

    def close_security(self) -> None:
        """Compare the lots with the row above them."""
        if self.stated is not None:
            row, symbol, figures = self.stated
            for name, stated in figures.items():
                if stated is not None:
                    total = Total(row, f"{name.replace('_', ' ')} of {symbol}", stated, self.part[name])
                    self.reading.check_total(total, Severity.WARNING, self.account.number, symbol, within=HALF_CENT)
        self.stated = None
        self.part = dict.fromkeys(_SUMMED, ZERO)
