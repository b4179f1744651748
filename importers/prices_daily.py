"""Daily prices of one security, a row for each day: Yahoo, yfinance, Tiingo, Stooq, told apart by their columns."""

from datetime import date
from pathlib import Path

from engine.problems import Severity
from importers.base import Claim, FileHead, ImportResult
from importers.column_map import Close
from importers.one_table import OneTable, Opened
from importers.price_names import close_in_name, no_close, no_symbol, say_which, symbol_in_name
from importers.reading import Row, refused
from importers.records import PriceRecord
from importers.table_grammar import Layout

_MANY = frozenset({"symbol", "ticker", "name", "<ticker>"})
"""A table with one of these holds several securities."""


class DailyPrices:
    """Closes of one security, its symbol from the file's name.

    Without an adjusted column the closes are what the source always writes (`unsaid`), else what the name says.
    """

    def __init__(self, name: str, title: str, layout: Layout, said: str, unsaid: Close | None = None) -> None:
        self.name = name
        self.title = title
        self.table = OneTable(name, title, layout, frozenset(), never=_MANY)
        self.said = said
        self.unsaid = unsaid

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files with exactly these columns, no others."""
        rows = head.first_rows()
        header = self.table.find(rows)
        if header is None or header.unknown:
            return Claim(self.name, takes=False, why=f"no row has the columns of {self.table.said}")
        return Claim(self.name, takes=True, why=f"its columns are those of {self.table.said}")

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read the closes; a day without a price is no record."""
        opened = self.table.open(path)
        if isinstance(opened, ImportResult):
            return opened
        symbol, which = symbol_in_name(path), self.unsaid or close_in_name(path)
        if not symbol:
            return refused(self.name, path, no_symbol(path))
        if not opened.header.has("adjusted") and which is None:
            return refused(self.name, path, no_close())
        both = opened.header.has("adjusted")
        taken = "the adjusted close" if which is Close.ADJUSTED and not both else "the close"
        say_which(opened.reading, self.said.format(taken))
        return _Pass(self.table, opened, symbol, which, today).run()


class _Pass:
    """One walk down the table."""

    def __init__(self, table: OneTable, opened: Opened, symbol: str, which: Close | None, today: date) -> None:
        self.table = table
        self.opened = opened
        self.symbol = symbol
        self.adjusted_only = which is Close.ADJUSTED and not opened.header.has("adjusted")
        self.today = today
        self.seen: dict[date, int] = {}

    def run(self) -> ImportResult:
        self.table.walk(self.opened, self.row)
        if self.seen:
            newest = max(self.seen)
            self.opened.reading.set_as_of(newest, self.today, self.seen[newest])
        return self.opened.reading.result()

    def row(self, row: Row) -> None:
        """Read one day."""
        row.symbol = self.symbol
        when = row.day("date", today=self.today, needed=True)
        if when is not None and row.ok and self.seen.setdefault(when, row.number) != row.number:
            row.ok = False
            message = f"{when} already stands in row {self.seen[when]}; this row is not used"
            row.note(Severity.WARNING, "same_date", message, "date")
        close, adjusted = row.amount("close"), row.amount("adjusted")
        if self.adjusted_only:
            close, adjusted = None, close
        for name, value in (("close", close), ("adjusted", adjusted)):
            if value is not None and value <= 0:
                hint = "Leave the cell empty where there is no price."
                row.reject("price_not_positive", f"the price of {self.symbol} is {value}", name, hint)
        if when is None or (close is None and adjusted is None):
            row.close()
        else:
            row.close(PriceRecord(row.number, self.symbol, when, close, adjusted))


YAHOO = DailyPrices(
    "prices_yahoo",
    "Yahoo daily prices",
    Layout(
        columns={"date": ("date",), "close": ("close",), "adjusted": ("adj close",)},
        required=("date", "close", "adjusted"),
        ignored=frozenset({"open", "high", "low", "volume"}),
    ),
    "Close is taken as the close (Yahoo adjusts it for splits only), Adj Close as the adjusted close",
)
TIINGO = DailyPrices(
    "prices_tiingo",
    "Tiingo daily prices",
    Layout(
        columns={"date": ("date",), "close": ("close",), "adjusted": ("adjclose",)},
        required=("date", "close", "adjusted"),
        ignored=frozenset(
            {
                *("open", "high", "low", "volume", "adjhigh", "adjlow", "adjopen", "adjvolume"),
                *("divcash", "splitfactor"),
            }
        ),
    ),
    "close is taken as the close, adjClose as the adjusted close",
)
STOOQ = DailyPrices(
    "prices_stooq",
    "Stooq daily prices (open, high, low, close)",
    Layout(
        columns={"date": ("date",), "close": ("close",), "open": ("open",), "high": ("high",), "low": ("low",)},
        required=("date", "close", "open", "high", "low"),
        ignored=frozenset({"volume"}),
    ),
    "Close is taken as {}, as the name of the file or of its folder says",
)
YFINANCE_HISTORY = DailyPrices(
    "prices_yfinance_history",
    "yfinance history of one security",
    Layout(
        columns={
            "date": ("date",),
            "close": ("close",),
            "adjusted": ("adj close",),
            "dividends": ("dividends",),
            "splits": ("stock splits",),
        },
        required=("date", "close", "dividends", "splits"),
        ignored=frozenset({"open", "high", "low", "volume", "capital gains"}),
    ),
    "Close is taken as {}: yfinance adjusts it for dividends where it writes no Adj Close",
    unsaid=Close.ADJUSTED,
)
