"""Price tables and macro series, one row each or one column for each symbol or series."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from engine.problems import Problem, Severity
from importers.base import RowKind
from importers.column_map import Close, ColumnMap, Shape, TableKind
from importers.date_grammar import day
from importers.instruments import clean_symbol
from importers.number_grammar import Unreadable, number
from importers.reading import Reading, Row
from importers.records import MacroRecord, PriceRecord
from importers.table_grammar import Header, is_blank


def read_series(
    reading: Reading, columns: ColumnMap, header: Header, rows: Sequence[Sequence[str]], *, today: date
) -> None:
    """Read all rows under the header of a price or macro table."""
    if columns.shape is Shape.LONG:
        _read_long(reading, columns, header, rows, today)
        return
    titles = rows[header.row - 1]
    at_date = header.positions["date"]
    places = [(at, title.strip()) for at, title in enumerate(titles) if at != at_date and title.strip()]
    if columns.kind is TableKind.PRICES:
        places = [(at, clean_symbol(title)) for at, title in places]
    twice = sorted({name for _, name in places if sum(name == other for _, other in places) > 1})
    if twice:
        message = f"columns stand twice: {', '.join(twice)}"
        reading.note(Problem(Severity.FATAL, "same_column", message, "Keep one of each.", row=header.row))
    _Wide(reading, columns, places, at_date, today).read(rows, header.row)


class _Wide:
    """A date column and one column of figures for each name. Built for tens of thousands of cells."""

    def __init__(
        self, reading: Reading, columns: ColumnMap, places: list[tuple[int, str]], at_date: int, today: date
    ) -> None:
        self.reading = reading
        self.kind = columns.kind
        self.adjusted = columns.price is Close.ADJUSTED
        self.places = places
        self.at_date = at_date
        self.today = today
        self.seen: dict[date, int] = {}

    def read(self, rows: Sequence[Sequence[str]], header_row: int) -> None:
        for row, cells in enumerate(rows[header_row:], start=header_row + 1):
            if is_blank(cells):
                continue
            when = self.date_of(row, cells)
            if when is None:
                self.reading.mark(row, RowKind.PROBLEM)
            else:
                good = self.figures(row, cells, when)
                self.reading.mark(row, RowKind.RECORD if good else RowKind.PROBLEM)

    def date_of(self, row: int, cells: Sequence[str]) -> date | None:
        """Return the date of a row; None and a problem when it has none, a later one than today, or a used one."""
        text = cells[self.at_date] if self.at_date < len(cells) else ""
        when = day(text)
        if not isinstance(when, date):
            why = when.why if isinstance(when, Unreadable) else "is missing"
            self.problem(row, "date", "not_a_date", f"date '{text[:40]}' {why}", Severity.BLOCKING)
            return None
        if when > self.today:
            self.problem(row, "date", "future_date", f"date {when} is after today, {self.today}")
            return None
        if when in self.seen:
            message = f"{when} already stands in row {self.seen[when]}; this row is not used"
            self.problem(row, "date", "same_date", message, Severity.WARNING)
            return None
        self.seen[when] = row
        return when

    def figures(self, row: int, cells: Sequence[str], when: date) -> bool:
        """Keep the figures of a row; False when one of them cannot be used. Empty cells are missing, not 0."""
        good = True
        width = len(cells)
        records = self.reading.records
        prices = self.kind is TableKind.PRICES
        for at, name in self.places:
            text = cells[at] if at < width else ""
            value = number(text) if text else None
            if value is None:
                continue
            if isinstance(value, Unreadable):
                self.problem(row, name, "not_a_price" if prices else "not_a_value", f"'{text[:40]}' {value.why}")
                good = False
            elif not prices:
                records.append(MacroRecord(row, name, when, value))
            elif value <= 0:
                self.not_positive(row, name, value)
                good = False
            elif self.adjusted:
                records.append(PriceRecord(row, name, when, None, value))
            else:
                records.append(PriceRecord(row, name, when, value, None))
        return good

    def not_positive(self, row: int, name: str, value: Decimal) -> None:
        hint = "Leave the cell empty where there is no price."
        problem = Problem(
            Severity.FATAL,
            "price_not_positive",
            f"the price of {name} is {value}",
            hint,
            row=row,
            field=name,
            symbol=name,
        )
        self.reading.note(problem)

    def problem(self, row: int, name: str, code: str, message: str, severity: Severity = Severity.FATAL) -> None:
        hint = "Correct the cell, or leave it empty where there is no value." if severity is Severity.FATAL else ""
        self.reading.note(Problem(severity, code, message, hint, row=row, field=name))


def _read_long(
    reading: Reading, columns: ColumnMap, header: Header, rows: Sequence[Sequence[str]], today: date
) -> None:
    """Read a table with one observation in each row."""
    seen: dict[tuple[str, date], int] = {}
    for number_of_row, cells in enumerate(rows[header.row :], start=header.row + 1):
        if is_blank(cells):
            continue
        row = Row(reading, header, number_of_row, cells)
        prices = columns.kind is TableKind.PRICES
        name = (row.clean_symbol() or clean_symbol(columns.symbol)) if prices else row.text("series")
        row.symbol = name if prices else ""
        if not name:
            row.reject("no_name", "there is no symbol" if prices else "there is no series", "symbol")
        when = row.needed_day("date", today=today)
        first = seen.setdefault((name, when), number_of_row)
        if row.ok and first != number_of_row:
            row.ok = False
            message = f"{name} of {when} already stands in row {first}; this row is not used"
            row.note(Severity.WARNING, "same_date", message, "date")
        if prices:
            _price(row, name, when)
        else:
            value = row.amount("value")
            row.close(*([] if value is None else [MacroRecord(row.number, name, when, value)]))


def _price(row: Row, symbol: str, when: date) -> None:
    """Close a row of prices; a row without a price yields none."""
    close, adjusted = row.amount("close"), row.amount("adjusted")
    for name, value in (("close", close), ("adjusted", adjusted)):
        if value is not None and value <= 0:
            hint = "Leave the cell empty where there is no price."
            row.reject("price_not_positive", f"the price of {symbol} is {value}", name, hint)
    missing = close is None and adjusted is None
    row.close(*([] if missing else [PriceRecord(row.number, symbol, when, close, adjusted)]))
