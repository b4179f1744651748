"""Vanguard download: holdings of several accounts and, below them, their transactions, in one file of two tables.

The older file of transactions alone is read as well. A holding of the settlement fund is cash, and what moves between
it and cash (sweeps, its own purchases) changes neither shares nor cash. Bonds come without a symbol; their name
stands for one.
"""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from engine.problems import Problem, Severity
from importers.base import NEARLY, Claim, FileHead, ImportResult, RowKind
from importers.date_grammar import day_within
from importers.file_names import account_in_name
from importers.history_rows import Words, add_history, symbol_of
from importers.holdings import add_position
from importers.instruments import money_fund
from importers.loading import load
from importers.one_table import no_as_of
from importers.reading import Reading, Row, refused
from importers.records import AccountRef, ActivityKind, ActivityRecord, CashRecord
from importers.table_grammar import HEADER_WITHIN, Header, Layout, plain_titles

NAME = "vanguard_download"
HOLDINGS = Layout(
    columns={
        "account": ("account number",),
        "description": ("investment name",),
        "symbol": ("symbol",),
        "quantity": ("shares",),
        "price": ("share price",),
        "market_value": ("total value",),
    },
    required=("account", "description", "symbol", "quantity", "price", "market_value"),
)
TRANSACTIONS = Layout(
    columns={
        "account": ("account number",),
        "date": ("trade date",),
        "activity": ("transaction type",),
        "detail": ("transaction description",),
        "description": ("investment name",),
        "symbol": ("symbol",),
        "quantity": ("shares",),
        "price": ("share price",),
        "amount": ("net amount",),
    },
    required=("date", "activity", "description", "symbol", "quantity", "amount"),
    ignored=frozenset(
        {"settlement date", "principal amount", "commissions and fees", "accrued interest", "account type"}
    ),
)
_SIGNS = frozenset({"investment name", "share price", "total value", "transaction type", "principal amount", "shares"})
_FEWEST_SIGNS = 3


class VanguardDownload:
    """Positions, cash, trades and other activity of all accounts in the file."""

    name = NAME
    title = "Vanguard holdings and transactions"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files with either table."""
        rows = head.first_rows()
        if HOLDINGS.find(rows) or TRANSACTIONS.find(rows):
            return Claim(NAME, takes=True, why="its columns are those of a Vanguard download")
        if any(len(_SIGNS & plain_titles(tuple(cells))) >= _FEWEST_SIGNS for cells in rows[:HEADER_WITHIN]):
            return Claim(NAME, takes=False, why=f"{NEARLY}: {', '.join(_missing(rows))}")
        return Claim(NAME, takes=False, why="no row has the columns of a Vanguard download")

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read both tables, wherever they stand."""
        source = load(path)
        if isinstance(source, Problem):
            return refused(NAME, path, source)
        rows = source.grids[0].rows
        if HOLDINGS.find(rows) is None and TRANSACTIONS.find(rows) is None:
            message = f"no row has the columns of a Vanguard download; missing: {', '.join(_missing(rows))}"
            problem = Problem(Severity.FATAL, "no_header", message, "Export the file again with all columns.")
            return refused(NAME, path, problem)
        return _Pass(Reading(NAME, path.name, rows), rows, path, today).run()


def _missing(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return what the nearer of the two tables lacks."""
    return min((HOLDINGS.missing(rows), TRANSACTIONS.missing(rows)), key=len)


class _Pass:
    """One walk down the file; each header starts its table."""

    def __init__(self, reading: Reading, rows: Sequence[Sequence[str]], path: Path, today: date) -> None:
        self.reading = reading
        self.rows = rows
        self.today = today
        self.fallback = account_in_name("vanguard", path.stem)
        self.reading.set_as_of(day_within(path.stem), today, 0)

    def run(self) -> ImportResult:
        header: Header | None = None
        take: Callable[[Row], None] = self.holding
        holdings = False
        for number, cells in enumerate(self.rows, start=1):
            found = HOLDINGS.match(cells, number)
            other = None if found else TRANSACTIONS.match(cells, number)
            if found or other:
                header = found or other
                take = self.holding if found else self.transaction
                holdings = holdings or found is not None
                self.reading.mark(number, RowKind.HEADER)
                if header is not None:
                    self.reading.unknown_columns(header)
            elif self.reading.is_open(number) and header is None:
                self.reading.mark(number, RowKind.TITLE)
            elif self.reading.is_open(number) and header is not None:
                if sum(bool(cell.strip()) for cell in cells) == 1:
                    self.reading.mark(number, RowKind.FOOTER)
                else:
                    take(Row(self.reading, header, number, cells))
        if header is not None and not header.has("account") and not self.fallback.number:
            message = f"the file names no account; it is kept as '{self.fallback.name}'"
            hint = "Put the account number into the file's name."
            self.reading.note(Problem(Severity.WARNING, "no_account", message, hint))
        if holdings:
            no_as_of(
                self.reading, "Put the day of the download into the file's name, as in OfxDownload-2026-01-31.csv."
            )
        return self.reading.result()

    def _account(self, row: Row) -> None:
        number = row.text("account")
        if row.has("account") and not number:
            row.reject("no_account", "the row names no account", "account")
        row.account = AccountRef("vanguard", number) if row.has("account") else self.fallback

    def holding(self, row: Row) -> None:
        """Read a holding: the settlement fund is cash, and what has no symbol is a bond known by its name."""
        self._account(row)
        symbol, name = symbol_of(row), row.text("description")
        if money_fund(symbol, name):
            row.symbol = symbol
            row.close(CashRecord(row.number, row.account, row.needed("market_value"), f"{symbol} {name}".strip()))
        elif not symbol and name:
            row.use("symbol", name)
            add_position(row, security_type="Bond")
        else:
            add_position(row, security_type="")

    def transaction(self, row: Row) -> None:
        """Read a transaction; between cash and the settlement fund nothing moves that counts."""
        self._account(row)
        row.symbol, name = symbol_of(row), row.text("description")
        activity = row.text("activity")
        fund = money_fund(row.symbol, name)
        if activity.casefold().startswith("sweep") or (fund and _buys_or_sells(activity)):
            when = row.needed_day("date", today=self.today)
            amount = row.amount("amount")
            said = f"{activity} {abs(amount):,.2f} {name}" if amount is not None else f"{activity} {name}"
            kind = ActivityKind.JOURNAL
            row.close(ActivityRecord(row.number, row.account, when, kind, row.symbol, said))
            return
        if not row.symbol and name and _buys_or_sells(activity):
            row.use("symbol", name)
        detail = row.text("detail")
        words = Words(activity, detail if row.symbol and detail else f"{detail} {name}".strip())
        add_history(row, words, today=self.today)


def _buys_or_sells(activity: str) -> bool:
    return activity.casefold().startswith(("buy", "sell", "reinvest"))
