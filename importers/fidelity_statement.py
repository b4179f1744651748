"""Fidelity statement CSV, `Statement12312025`: a line for each account, then its holdings by kind with subtotals.

A holding of the core account is cash; it may lack the beginning value, and its basis is `not applicable`.
"""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.money import ZERO
from engine.problems import Problem, Severity
from importers.base import NEARLY, Claim, FileHead, ImportResult, RowKind, Total
from importers.date_grammar import day
from importers.fidelity_titles import CUSTODIAN, take_download_day, tell_no_day
from importers.holdings import add_position
from importers.instruments import money_fund
from importers.loading import load
from importers.number_grammar import number
from importers.reading import Reading, Row, refused
from importers.records import AccountRef, CashRecord
from importers.table_grammar import HEADER_WITHIN, Header, Layout, filled, plain, plain_titles

NAME = "fidelity_statement"
ACCOUNTS = Layout(
    columns={"name": ("account type",), "account": ("account",), "value": ("ending mkt value",)},
    required=("name", "account", "value"),
    ignored=frozenset(
        {
            *("beginning mkt value", "change in investment", "short balance", "ending net value"),
            *("dividends this period", "dividends year to date", "interest this year", "interest this period"),
            *("interest year to date", "total this period", "total year to date"),
        }
    ),
)
HOLDINGS = Layout(
    columns={
        "symbol": ("symbol/cusip",),
        "description": ("description",),
        "quantity": ("quantity",),
        "price": ("price",),
        "before": ("beginning value",),
        "market_value": ("ending value",),
        "cost_basis": ("cost basis",),
    },
    required=("symbol", "description", "quantity", "price", "market_value", "cost_basis"),
)
_SIGNS = frozenset({"symbol/cusip", "beginning value", "ending value"})
_IN_NAME = re.compile(r"Statement(?P<month>1[0-2]|0?[1-9])(?P<dom>\d\d)(?P<year>20\d\d)(?!\d)", re.IGNORECASE)
_ACCOUNT = re.compile(r"(?=\w*\d)[A-Z]?[0-9A-Z]{7,11}")
_SUBTOTAL = "subtotal of"
_CORE = "core account"
_BASIS = "not applicable"
_FEWEST_SIGNS = 2
_FEWEST_CELLS = 3
_ONE_SHORT = 6
_LONGEST_KIND = 30
"""Characters of a kind of holdings; a longer line is text below the table."""


class FidelityStatement:
    """Positions and core cash at the end of a month, checked against subtotals and the value of each account."""

    name = NAME
    title = "Fidelity statement"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files with the table of accounts and the table of holdings."""
        rows = head.first_rows()
        if ACCOUNTS.find(rows) is not None and HOLDINGS.find(rows) is not None:
            return Claim(NAME, takes=True, why="it has the two tables of a Fidelity statement")
        if any(len(_SIGNS & plain_titles(tuple(cells))) >= _FEWEST_SIGNS for cells in rows[:HEADER_WITHIN]):
            return Claim(NAME, takes=False, why=f"{NEARLY}: {', '.join(_missing(rows))}")
        return Claim(NAME, takes=False, why="it has not the two tables of a Fidelity statement")

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read the holdings of each account."""
        source = load(path)
        if isinstance(source, Problem):
            return refused(NAME, path, source)
        rows = source.grids[0].rows
        accounts, holdings = ACCOUNTS.find(rows), HOLDINGS.find(rows)
        if accounts is None or holdings is None:
            message = f"no Fidelity statement; missing: {', '.join(_missing(rows))}"
            hint = "Download the statement again as CSV."
            return refused(NAME, path, Problem(Severity.FATAL, "no_header", message, hint))
        return _Pass(Reading(NAME, path.name, rows), accounts, holdings).run(path, rows, today)


def _missing(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    return tuple(
        title for layout in (ACCOUNTS, HOLDINGS) if layout.find(rows) is None for title in layout.missing(rows)
    )


class _Pass:
    """One walk down the file: the accounts, then account, kind, holdings and subtotal, again and again."""

    def __init__(self, reading: Reading, accounts: Header, holdings: Header) -> None:
        self.reading = reading
        self.accounts = accounts
        self.holdings = holdings
        self.names: dict[str, str] = {}
        self.stated: list[tuple[int, str, Decimal]] = []
        self.found: dict[str, Decimal] = {}
        self.account = AccountRef(CUSTODIAN, "")
        self.kind = ""
        self.value = ZERO
        self.basis = ZERO

    def run(self, path: Path, rows: Sequence[Sequence[str]], today: date) -> ImportResult:
        named = _IN_NAME.search(path.stem)
        if named:
            said = day(f"{named['month']}/{named['dom']}/{named['year']}")
            self.reading.set_as_of(said if isinstance(said, date) else None, today, 0)
        else:
            take_download_day(self.reading, path, rows, today)
        tell_no_day(self.reading, "Statement12312025.csv")
        for header in (self.accounts, self.holdings):
            self.reading.mark(header.row, RowKind.HEADER)
            self.reading.unknown_columns(header)
        for at, cells in enumerate(rows, start=1):
            if self.reading.is_open(at):
                self.row(at, cells)
        for at, account, value in self.stated:
            total = Total(at, f"value of {account}", value, self.found.get(account, ZERO))
            self.reading.check_total(total, Severity.BLOCKING, account)
        return self.reading.result()

    def row(self, at: int, cells: Sequence[str]) -> None:
        """Read a row by where it stands and how many cells it fills."""
        said = filled(cells)
        if at < min(self.accounts.row, self.holdings.row):
            self.reading.mark(at, RowKind.TITLE)
        elif at < self.holdings.row:
            self.in_accounts(Row(self.reading, self.accounts, at, cells))
        elif plain(said[0]).startswith(_SUBTOTAL):
            self.subtotal(Row(self.reading, self.holdings, at, cells))
        elif len(said) >= _FEWEST_CELLS:
            self.holding(Row(self.reading, self.holdings, at, _with_all_cells(cells)))
        elif len(said) == 1 and (said[0] in self.names or _ACCOUNT.fullmatch(said[0])):
            self.account = AccountRef(CUSTODIAN, said[0], self.names.get(said[0], ""))
            self.kind = ""
            self.reading.mark(at, RowKind.TITLE)
        elif len(said) == 1 and self.account.number and not self.kind and len(said[0]) <= _LONGEST_KIND:
            self.kind, self.value, self.basis = said[0], ZERO, ZERO
            self.reading.mark(at, RowKind.TITLE)
        else:
            self.reading.mark(at, RowKind.FOOTER)

    def in_accounts(self, row: Row) -> None:
        """Keep what a line of the first table states about its account."""
        account, value = row.text("account"), row.amount("value")
        row.account = AccountRef(CUSTODIAN, account, row.text("name"))
        if not account:
            row.reject("no_account", "there is no account number", "account")
        if row.ok and value is not None:
            self.names[account] = row.text("name")
            self.stated.append((row.number, account, value))
        self.reading.mark(row.number, RowKind.TOTAL if row.ok else RowKind.PROBLEM)

    def holding(self, row: Row) -> None:
        """Read a position, or cash of the core account."""
        row.account = self.account
        if not self.account.number:
            row.reject("no_account", "no line above names the account", "symbol")
        value, basis = number(row.text("market_value")), number(row.text("cost_basis"))
        self.value += value if isinstance(value, Decimal) else ZERO
        self.basis += basis if isinstance(basis, Decimal) else ZERO
        if isinstance(value, Decimal):
            self.found[self.account.number] = self.found.get(self.account.number, ZERO) + value
        if plain(self.kind) == _CORE or money_fund(row.clean_symbol(), row.text("description")):
            text = f"{row.text('symbol')} {row.text('description')}".strip()
            row.close(CashRecord(row.number, row.account, row.needed("market_value"), text))
        else:
            add_position(row, security_type=self.kind.removesuffix("s"))

    def subtotal(self, row: Row) -> None:
        """Compare a kind of holdings with its subtotal."""
        for name, found in (("market_value", self.value), ("cost_basis", self.basis)):
            stated = row.amount(name)
            if stated is not None:
                what = f"{name.replace('_', ' ')} of {self.kind} in {self.account.number}"
                total = Total(row.number, what, stated, found)
                self.reading.check_total(total, Severity.WARNING, self.account.number)
        self.reading.mark(row.number, RowKind.TOTAL)
        self.kind = ""


def _with_all_cells(cells: Sequence[str]) -> Sequence[str]:
    """Put an empty beginning value into a row of the core account that is one cell short."""
    bare = [cell.strip() for cell in cells]
    while bare and not bare[-1]:
        bare.pop()
    return [*bare[:4], "", *bare[4:]] if len(bare) == _ONE_SHORT and plain(bare[-1]) == _BASIS else cells
