"""Charles Schwab positions (2020, 2025 and 2026 layouts), one account or all accounts in one file."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.money import ZERO
from engine.problems import Problem, Severity
from importers.base import Claim, FileHead, ImportResult, RowKind, Total
from importers.date_grammar import day_within
from importers.holdings import add_position
from importers.loading import load
from importers.nearly import nearly
from importers.reading import Reading, Row, refused
from importers.records import AccountRef, CashRecord
from importers.schwab_titles import CASH_SYMBOL, TOTAL_SYMBOLS, account_of
from importers.table_grammar import Header, Layout, filled

NAME = "schwab_positions"

LAYOUT = Layout(
    columns={
        "symbol": ("symbol",),
        "description": ("description",),
        "quantity": ("quantity", "qty"),
        "price": ("price",),
        "market_value": ("market value", "mkt val"),
        "cost_basis": ("cost basis",),
        "security_type": ("security type", "asset type"),
    },
    required=("symbol", "description", "quantity", "price", "market_value"),
    ignored=frozenset(
        {
            *("price change $", "price change %", "price chng $", "price chng %", "day change $", "day change %"),
            *("gain/loss $", "gain/loss %", "reinvest dividends?", "reinvest?", "capital gains?", "ratings"),
            *("reinvest capital gains?", "% of account", "% of acct", "dividend yield", "last dividend"),
            *("ex-dividend date", "p/e ratio", "52 week low", "52 week high", "volume", "intrinsic value"),
            *("in the money", "cost/share", "ex-div", "div pay date", "price chng", "day chng"),
        }
    ),
)

_TITLE = re.compile(r"Positions for (?:account (?P<account>.+?)|All[- ]Accounts) as of .+", re.IGNORECASE)


class SchwabPositions:
    """Positions of one or all accounts, checked against the totals of the file."""

    name = NAME
    title = "Charles Schwab positions"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files whose title says positions and whose header has the columns."""
        rows = head.first_rows()
        if _title_row(rows) is None:
            return Claim(NAME, takes=False, why="no row says 'Positions for ... as of ...'")
        if LAYOUT.find(rows) is None:
            return Claim(NAME, takes=False, why=nearly(LAYOUT, rows))
        return Claim(NAME, takes=True, why="its title and columns are those of Schwab positions")

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read positions and cash, section by section."""
        source = load(path)
        if isinstance(source, Problem):
            return refused(NAME, path, source)
        rows = source.grids[0].rows
        if LAYOUT.find(rows) is None:
            message = f"no row has the columns of Schwab positions; missing: {', '.join(LAYOUT.missing(rows))}"
            hint = "Export the positions again with all columns."
            return refused(NAME, path, Problem(Severity.FATAL, "no_header", message, hint))
        return _Pass(Reading(NAME, path.name, rows), rows, today).run()


def _title_row(rows: Sequence[Sequence[str]]) -> tuple[int, str] | None:
    """Return number and text of the title row, which is near the top."""
    for number, cells in enumerate(rows[:10], start=1):
        text = " ".join(filled(cells))
        if _TITLE.fullmatch(text):
            return number, text
    return None


class _Pass:
    """One walk down the file: a title, then for each account a header, positions, cash and a total."""

    def __init__(self, reading: Reading, rows: Sequence[Sequence[str]], today: date) -> None:
        self.reading = reading
        self.rows = rows
        self.today = today
        self.account = AccountRef("", "")
        self.header: Header | None = None
        self.in_table = False
        self.value = ZERO
        self.basis: Decimal | None = ZERO

    def run(self) -> ImportResult:
        title = _title_row(self.rows)
        if title is not None:
            number, text = title
            self.reading.mark(number, RowKind.TITLE)
            self.reading.set_as_of(day_within(text), self.today, number)
            found = _TITLE.fullmatch(text)
            if found and found["account"]:
                self.account = account_of(found["account"])
        if self.reading.as_of is None:
            message = "the file does not say of which day it is"
            self.reading.note(Problem(Severity.WARNING, "no_as_of", message, "Keep its first row."))
        for number, cells in enumerate(self.rows, start=1):
            if self.reading.is_open(number):
                self.take(number, cells)
        self.no_total(len(self.rows))
        return self.reading.result()

    def take(self, number: int, cells: Sequence[str]) -> None:
        """Say what one row is."""
        header = LAYOUT.match(cells, number)
        if header is not None:
            self.open_section(header)
            return
        said = filled(cells)
        if len(said) == 1 and self.names_section(number):
            self.no_total(number)
            self.account = account_of(said[0])
            self.reading.mark(number, RowKind.TITLE)
        elif self.in_table and self.header is not None:
            self.row(Row(self.reading, self.header, number, cells))
        else:
            self.reading.mark(number, RowKind.FOOTER if self.header else RowKind.TITLE)

    def names_section(self, number: int) -> bool:
        """Whether the next row that says anything is a header, so that this one names its account."""
        below = next((cells for cells in self.rows[number : number + 4] if filled(cells)), ())
        return LAYOUT.match(below, number) is not None

    def open_section(self, header: Header) -> None:
        self.no_total(header.row)
        if self.header is None:
            self.reading.unknown_columns(header)
        self.reading.mark(header.row, RowKind.HEADER)
        self.header, self.in_table, self.value, self.basis = header, True, ZERO, ZERO
        if not self.account.number:
            message = "no account is named above this header"
            hint = "Keep the rows above the header as Schwab writes them."
            self.reading.note(Problem(Severity.FATAL, "no_account", message, hint, row=header.row))

    def row(self, row: Row) -> None:
        """Read a row of the table: total, cash or position."""
        row.account = self.account
        label = row.text("symbol").casefold()
        if label in TOTAL_SYMBOLS:
            self.total(row)
            return
        if label == CASH_SYMBOL:
            amount = row.needed("market_value")
            self.value += amount
            row.close(CashRecord(row.number, self.account, amount, row.text("description").strip("-")))
            return
        value, basis = add_position(row)
        self.value += value
        self.basis = None if basis is None or self.basis is None else self.basis + basis

    def total(self, row: Row) -> None:
        """Compare the section with its total row and close it."""
        who = f"{self.account.name} {self.account.number}".strip()
        stated = row.amount("market_value")
        if stated is not None:
            total = Total(row.number, f"market value of {who}", stated, self.value)
            near = abs(total.difference) <= 1
            severity = Severity.WARNING if near else Severity.BLOCKING
            self.reading.check_total(total, severity, account=self.account.number)
        basis = row.amount("cost_basis")
        if basis is not None and self.basis is not None:
            total = Total(row.number, f"cost basis of {who}", basis, self.basis)
            self.reading.check_total(total, Severity.WARNING, account=self.account.number)
        self.reading.mark(row.number, RowKind.TOTAL)
        self.in_table = False
        self.account = AccountRef("", "")

    def no_total(self, row: int) -> None:
        """Tell when a table ends at `row` without its total."""
        if not self.in_table:
            return
        self.in_table = False
        who = self.account.number
        message = f"no total row closes account {who}, so nothing proves the section is whole"
        hint = "Download the file again if rows are missing."
        self.reading.note(Problem(Severity.WARNING, "no_total", message, hint, account=who, row=row))
