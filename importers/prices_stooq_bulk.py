"""Stooq bulk files: many securities, one row for each day, columns in angle brackets, tickers such as AAPL.US."""

from datetime import date
from pathlib import Path

from engine.problems import Severity
from importers.base import Claim, FileHead, ImportResult
from importers.column_map import Close
from importers.instruments import clean_symbol
from importers.one_table import OneTable, Opened
from importers.price_names import close_in_name, no_close, say_which
from importers.reading import Row, refused
from importers.records import PriceRecord
from importers.table_grammar import Layout

NAME = "prices_stooq_bulk"

LAYOUT = Layout(
    columns={
        "symbol": ("<ticker>",),
        "period": ("<per>",),
        "date": ("<date>",),
        "close": ("<close>",),
    },
    required=("symbol", "period", "date", "close"),
    ignored=frozenset({"<time>", "<open>", "<high>", "<low>", "<vol>", "<openint>"}),
)
TABLE = OneTable(NAME, "Stooq bulk prices", LAYOUT, frozenset({"<ticker>", "<per>", "<date>", "<vol>", "<openint>"}))
_SUFFIX = ".US"


class StooqBulk:
    """Daily closes of United States securities; the name of file or folder says whether they are adjusted."""

    name = NAME
    title = "Stooq bulk prices"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files with columns in angle brackets."""
        return TABLE.claim(head)

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read the daily closes."""
        opened = TABLE.open(path)
        if isinstance(opened, ImportResult):
            return opened
        which = close_in_name(path)
        if which is None:
            return refused(NAME, path, no_close())
        taken = "the adjusted close" if which is Close.ADJUSTED else "the close"
        say_which(opened.reading, f"Close is taken as {taken}, as the name of the file or of its folder says")
        return _Pass(opened, which, today).run()


class _Pass:
    """One walk down the table."""

    def __init__(self, opened: Opened, which: Close, today: date) -> None:
        self.opened = opened
        self.adjusted = which is Close.ADJUSTED
        self.today = today
        self.seen: dict[tuple[str, date], int] = {}

    def run(self) -> ImportResult:
        TABLE.walk(self.opened, self.row)
        newest = max((when for _, when in self.seen), default=None)
        self.opened.reading.set_as_of(newest, self.today, 0)
        return self.opened.reading.result()

    def row(self, row: Row) -> None:
        """Read one day of one security."""
        ticker = row.text("symbol").upper()
        row.symbol = clean_symbol(ticker.removesuffix(_SUFFIX))
        if not ticker.endswith(_SUFFIX):
            message = f"'{ticker[:20]}' is not a United States security of Stooq (AAPL.US)"
            row.ok = False
            row.note(Severity.WARNING, "other_market", message, "symbol", "Only tickers that end in .US are read.")
        elif row.text("period") != "D":
            row.ok = False
            row.note(Severity.WARNING, "not_daily", f"the period '{row.text('period')[:10]}' is not a day", "period")
        when = row.day("date", today=self.today, needed=True) if row.ok else None
        close = row.amount("close", needed=True) if row.ok else None
        if close is not None and close <= 0:
            row.reject("price_not_positive", f"the price of {row.symbol} is {close}", "close")
        if when is None or close is None or not row.ok:
            row.close()
            return
        first = self.seen.setdefault((row.symbol, when), row.number)
        if first != row.number:
            row.ok = False
            message = f"{row.symbol} of {when} already stands in row {first}; this row is not used"
            row.note(Severity.WARNING, "same_date", message, "date")
        prices = (None, close) if self.adjusted else (close, None)
        row.close(PriceRecord(row.number, row.symbol, when, *prices))
