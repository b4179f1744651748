"""What yfinance writes with `to_csv`: fields and tickers in header rows of their own, dates with a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.problems import Problem, Severity
from importers.base import NEARLY, Claim, FileHead, ImportResult, RowKind
from importers.date_grammar import day
from importers.instruments import clean_symbol
from importers.loading import load
from importers.number_grammar import Unreadable, number
from importers.price_names import say_which
from importers.reading import Reading, refused
from importers.records import PriceRecord
from importers.table_grammar import filled, plain

NAME = "prices_yfinance"

_FIELDS = frozenset({"close", "high", "low", "open", "volume", "adj close", "price"})
_HEADERS = frozenset({"price", "ticker", "date", "datetime"})
_WITHIN = 6
_AUTO = "the closes are adjusted for dividends and splits: yfinance adjusts Close where it writes no Adj Close"
_BOTH = "Close is taken as the close, {} as the adjusted close"


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where the closes stand, symbol -> position, and which header names the adjusted ones."""

    first_row: int
    close: Mapping[str, int]
    adjusted: Mapping[str, int]
    said: str


class YfinanceDump:
    """Closes of one security or of many. Without an adjusted column Close itself is the adjusted one."""

    name = NAME
    title = "yfinance price dump"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files with a row of fields and a row of tickers at the top."""
        rows = head.first_rows()
        if _columns(rows) is not None:
            return Claim(NAME, takes=True, why="its first rows are the fields and tickers of yfinance")
        labels = {plain(cells[0]) for cells in rows[:_WITHIN] if cells}
        if {"price", "ticker", "date"} <= labels:
            return Claim(NAME, takes=False, why=f"{NEARLY}: Close")
        return Claim(NAME, takes=False, why="there are no rows of fields and tickers at the top")

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read the closes; empty cells are days without a price."""
        source = load(path)
        if isinstance(source, Problem):
            return refused(NAME, path, source)
        rows = source.grids[0].rows
        columns = _columns(rows)
        if columns is None:
            message = "the rows Price and Ticker with the column Close are not at the top"
            hint = "Write the table again with to_csv."
            return refused(NAME, path, Problem(Severity.FATAL, "no_header", message, hint))
        reading = Reading(NAME, path.name, rows)
        say_which(reading, columns.said)
        return _Pass(reading, columns, today).run(rows)


def _columns(rows: Sequence[Sequence[str]]) -> _Columns | None:
    """Find the rows of fields and tickers, in either order, repeated or not."""
    labels = [plain(cells[0]) if cells else "" for cells in rows[:_WITHIN]]
    if "ticker" not in labels or not ({"price", ""} & set(labels)):
        return None
    tickers = rows[labels.index("ticker")]
    fields = next((cells for cells in rows[:_WITHIN] if "close" in map(plain, cells)), None)
    if fields is None or not all(plain(cell) in _FIELDS for cell in filled(fields[1:])):
        return None
    first = next((n for n, label in enumerate(labels) if label not in _HEADERS and filled(rows[n])), len(labels))
    close = _places(fields, tickers, "close")
    adjusted = _places(fields, tickers, "adj close") or _places(fields, tickers, "price")
    if not adjusted:
        return _Columns(first + 1, {}, close, _AUTO)
    name = "Adj Close" if _places(fields, tickers, "adj close") else "the column Price beside it"
    return _Columns(first + 1, close, adjusted, _BOTH.format(name))


def _places(fields: Sequence[str], tickers: Sequence[str], wanted: str) -> dict[str, int]:
    """Return where a field stands for each ticker."""
    pairs = enumerate(zip(fields, tickers, strict=False))
    return {clean_symbol(ticker): at for at, (title, ticker) in pairs if at and plain(title) == wanted}


class _Pass:
    """One walk down the table."""

    def __init__(self, reading: Reading, columns: _Columns, today: date) -> None:
        self.reading = reading
        self.columns = columns
        self.today = today
        self.seen: dict[date, int] = {}

    def run(self, rows: Sequence[Sequence[str]]) -> ImportResult:
        for row, cells in enumerate(rows, start=1):
            if row < self.columns.first_row and filled(cells):
                self.reading.mark(row, RowKind.HEADER)
            elif filled(cells):
                self.reading.mark(row, RowKind.RECORD if self.day(row, cells) else RowKind.PROBLEM)
        newest = max(self.seen, default=None)
        self.reading.set_as_of(newest, self.today, self.seen.get(newest, 0) if newest else 0)
        return self.reading.result()

    def day(self, row: int, cells: Sequence[str]) -> bool:
        """Read one day; False when something of it cannot be used."""
        when = day(cells[0])
        if not isinstance(when, date):
            why = when.why if isinstance(when, Unreadable) else "is missing"
            return self.reject(row, "not_a_date", f"date '{cells[0][:40]}' {why}", severity=Severity.BLOCKING)
        if when > self.today:
            return self.reject(row, "future_date", f"date {when} is after today, {self.today}")
        if self.seen.setdefault(when, row) != row:
            message = f"{when} already stands in row {self.seen[when]}; this row is not used"
            return self.reject(row, "same_date", message, severity=Severity.WARNING)
        good = True
        for symbol in self.columns.adjusted:
            close, fine = self.price(row, symbol, cells, self.columns.close.get(symbol))
            adjusted, also = self.price(row, symbol, cells, self.columns.adjusted[symbol])
            good = good and fine and also
            if fine and also and (close is not None or adjusted is not None):
                self.reading.records.append(PriceRecord(row, symbol, when, close, adjusted))
        return good

    def price(self, row: int, symbol: str, cells: Sequence[str], at: int | None) -> tuple[Decimal | None, bool]:
        """Return a price and whether the cell is good; an empty one is."""
        value = number(cells[at]) if at is not None and at < len(cells) else None
        if isinstance(value, Unreadable):
            text = cells[at][:40] if at is not None else ""
            return None, self.reject(row, "not_a_price", f"price '{text}' {value.why}", symbol)
        if value is not None and value <= 0:
            return None, self.reject(row, "price_not_positive", f"the price of {symbol} is {value}", symbol)
        return value, True

    def reject(
        self, row: int, code: str, message: str, symbol: str = "", *, severity: Severity = Severity.FATAL
    ) -> bool:
        """Note what is wrong with a row; always False."""
        hint = "Correct the cell, or leave it empty where there is no price." if severity is Severity.FATAL else ""
        self.reading.note(Problem(severity, code, message, hint, row=row, symbol=symbol))
        return False
