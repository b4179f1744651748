"""Charles Schwab Lot Details: one symbol with the short or the long columns, or all symbols of an account."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.money import ZERO
from engine.problems import Problem, Severity
from importers.base import Claim, FileHead, ImportResult, RowKind, Total
from importers.date_grammar import PLACEHOLDERS, day_within
from importers.holdings import rounding
from importers.instruments import clean_symbol
from importers.loading import load
from importers.nearly import nearly
from importers.reading import HALF_CENT, SHARE_DUST, Reading, Row, refused
from importers.records import AccountRef, LotRecord
from importers.schwab_titles import TOTAL_SYMBOLS, account_of
from importers.table_grammar import Header, Layout, filled

NAME = "schwab_lots"

LAYOUT = Layout(
    columns={
        "open_date": ("open date",),
        "transaction_open": ("transaction open",),
        "symbol": ("symbol",),
        "quantity": ("quantity", "qty"),
        "price": ("price",),
        "cost_per_share": ("cost/share",),
        "market_value": ("market value", "mkt val"),
        "cost_basis": ("cost basis",),
    },
    required=("open_date", "quantity", "cost_basis"),
    ignored=frozenset(
        {
            *("transaction cps", "transaction cb", "gain/loss $", "gain/loss", "gain/loss %", "transaction g/l $"),
            *("transaction g/l %", "holding period", "disallowed loss", "name", "description"),
        }
    ),
)

_TITLE = re.compile(r"(?:(?P<symbol>\S.*?) )?Lot Details for (?P<account>.+?) as of (?P<when>.+)", re.IGNORECASE)
_EVERY_SYMBOL = frozenset({"ALL", "ALL SYMBOLS", "ALL POSITIONS"})
_SLACK = Decimal("0.001")
"""Share of a value by which quantity times price may miss it; columns that are shifted miss by far more."""


class SchwabLots:
    """Open tax lots, each checked (quantity times price is the value) and summed against the total row."""

    name = NAME
    title = "Charles Schwab lot details"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files whose title says Lot Details and whose header has the columns."""
        rows = head.first_rows()
        if _title(rows) is None:
            return Claim(NAME, takes=False, why="no row says '... Lot Details for ... as of ...'")
        if LAYOUT.find(rows) is None:
            return Claim(NAME, takes=False, why=nearly(LAYOUT, rows))
        return Claim(NAME, takes=True, why="its title and columns are those of Schwab lot details")

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read the lots of every section of the file."""
        source = load(path)
        if isinstance(source, Problem):
            return refused(NAME, path, source)
        rows = source.grids[0].rows
        title = _title(rows)
        if title is None or LAYOUT.find(rows) is None:
            missing = ", ".join(LAYOUT.missing(rows)) or "the title row with symbol and account"
            hint = "Export the lot details again and keep the rows above the table."
            problem = Problem(Severity.FATAL, "no_header", f"not a Schwab lot file; missing: {missing}", hint)
            return refused(NAME, path, problem)
        return _Pass(Reading(NAME, path.name, rows), rows, today).run(*title)


def _title(rows: Sequence[Sequence[str]]) -> tuple[int, re.Match[str]] | None:
    """Return the number and the parts of the title row, which is near the top."""
    for number, cells in enumerate(rows[:10], start=1):
        found = _TITLE.fullmatch(" ".join(filled(cells)))
        if found:
            return number, found
    return None


def _apart(quantity: Decimal, each: Decimal, whole: Decimal) -> bool:
    """Whether quantity times a rounded figure per share is clearly not the whole."""
    return abs(quantity * each - whole) > rounding(quantity, each) + abs(whole) * _SLACK


class _Pass:
    """One walk down the file: title, header, lots, total; several times where all symbols are exported."""

    def __init__(self, reading: Reading, rows: Sequence[Sequence[str]], today: date) -> None:
        self.reading = reading
        self.rows = rows
        self.today = today
        self.account = AccountRef("", "")
        self.symbol = ""
        self.header: Header | None = None
        self.open = False
        self.symbols: set[str] = set()
        self.sums = {"quantity": ZERO, "market_value": ZERO, "cost_basis": ZERO}

    def run(self, title_row: int, title: re.Match[str]) -> ImportResult:
        self.reading.mark(title_row, RowKind.TITLE)
        self.reading.set_as_of(day_within(title["when"]), self.today, title_row)
        self.entitle(title)
        for number, cells in enumerate(self.rows, start=1):
            if self.reading.is_open(number):
                self.take(number, cells)
        self.close_section(len(self.rows))
        return self.reading.result()

    def entitle(self, title: re.Match[str]) -> None:
        """Take account and symbol from a title."""
        self.account = account_of(title["account"])
        symbol = clean_symbol(title["symbol"] or "")
        self.symbol = "" if symbol in _EVERY_SYMBOL else symbol

    def take(self, number: int, cells: Sequence[str]) -> None:
        """Say what one row is."""
        header = LAYOUT.match(cells, number)
        title = _TITLE.fullmatch(" ".join(filled(cells)))
        if header is not None:
            if self.header is None:
                self.reading.unknown_columns(header)
            self.close_section(number)
            self.header, self.open = header, True
            self.reading.mark(number, RowKind.HEADER)
        elif title is not None:
            self.close_section(number)
            self.entitle(title)
            self.reading.mark(number, RowKind.TITLE)
        elif self.open and self.header is not None:
            self.row(Row(self.reading, self.header, number, cells), cells)
        elif self.header is not None and self.header.has("symbol") and len(filled(cells)) > 3:
            self.open = True
            self.row(Row(self.reading, self.header, number, cells), cells)
        else:
            self.reading.mark(number, RowKind.FOOTER if self.header else RowKind.TITLE)

    def row(self, row: Row, cells: Sequence[str]) -> None:
        """Read a row of the table: a lot or the total under it."""
        row.account = self.account
        row.symbol = row.clean_symbol() if self.header and self.header.has("symbol") else self.symbol
        if {filled(cells)[0].casefold(), row.text("open_date").casefold()} & TOTAL_SYMBOLS:
            self.total(row)
            return
        if not row.symbol:
            row.reject("no_symbol", "neither the title nor the row names a symbol", "symbol")
        self.symbols.add(row.symbol)
        quantity, basis = row.needed("quantity"), row.needed("cost_basis")
        price, value = row.amount("price"), row.amount("market_value")
        acquired, carried = self.dates(row)
        if quantity <= 0 and row.ok:
            row.reject("quantity_not_positive", f"a lot of {quantity:,} shares is not an open lot", "quantity")
        self.line_up(row, quantity, price, value, basis)
        for name, amount in (("quantity", quantity), ("market_value", value), ("cost_basis", basis)):
            self.sums[name] += amount or ZERO
        row.close(
            LotRecord(
                row=row.number,
                account=self.account,
                symbol=row.symbol,
                acquired=acquired,
                quantity=quantity,
                cost_basis=basis,
                market_value=value,
                holding_days_carried=carried,
            )
        )

    def dates(self, row: Row) -> tuple[date, int]:
        """Return the day of purchase and the days that a wash sale added (open date before transaction open)."""
        opened = row.needed_day("open_date", today=self.today)
        bought = row.day("transaction_open", today=self.today) or opened
        if opened in PLACEHOLDERS:
            message = f"the open date {opened} is a placeholder: the true date is not known"
            row.reject("placeholder_date", message, "open_date", "Enter the lot with its date in a lots table.")
        if bought < opened:
            message = f"the transaction of {bought} is before the open date {opened}"
            row.reject("dates_disagree", message, "transaction_open")
        return bought, max((bought - opened).days, 0)

    def line_up(
        self, row: Row, quantity: Decimal, price: Decimal | None, value: Decimal | None, basis: Decimal
    ) -> None:
        """Reject a row whose figures do not stand under their titles."""
        if not row.ok:
            return
        each = row.amount("cost_per_share")
        told = "the values do not stand under their titles"
        hint = "Download the lots again; until then no lot of this symbol is traded."
        if price is not None and value is None:
            row.reject("not_aligned", f"there is a price but no market value: {told}", "market_value", hint)
        elif price is not None and value is not None and _apart(quantity, price, value):
            message = f"quantity times price is {quantity * price:,.2f}, market value says {value:,.2f}: {told}"
            row.reject("not_aligned", message, "market_value", hint)
        elif each is not None and _apart(quantity, each, basis):
            message = f"quantity times cost/share is {quantity * each:,.2f}, cost basis says {basis:,.2f}: {told}"
            row.reject("not_aligned", message, "cost_basis", hint)

    def total(self, row: Row) -> None:
        """Compare the lots with the total row; a difference blocks the symbol."""
        symbol = next(iter(self.symbols)) if len(self.symbols) == 1 else self.symbol
        for name, found in self.sums.items():
            stated = row.amount(name)
            if stated is not None:
                what = f"{name.replace('_', ' ')} of {symbol or 'all symbols'} in {self.account.number}"
                total = Total(row.number, what, stated, found)
                shares = name == "quantity"
                near = not shares and abs(total.difference) <= 1
                severity = Severity.WARNING if near else Severity.BLOCKING
                within = SHARE_DUST if shares else HALF_CENT
                self.reading.check_total(total, severity, self.account.number, symbol, within=within)
        self.reading.mark(row.number, RowKind.TOTAL)
        self.restart()

    def close_section(self, number: int) -> None:
        """Tell when a table ends without its total."""
        if self.open:
            message = f"no total row closes the lots of {self.symbol or self.account.number}"
            hint = "Download the file again if rows are missing."
            self.reading.note(
                Problem(
                    Severity.WARNING,
                    "no_total",
                    message,
                    hint,
                    row=number,
                    account=self.account.number,
                    symbol=self.symbol,
                )
            )
        self.restart()

    def restart(self) -> None:
        self.open = False
        self.symbols = set()
        self.sums = dict.fromkeys(self.sums, ZERO)
