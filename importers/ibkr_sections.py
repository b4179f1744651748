"""Interactive Brokers CSV: rows of several sections in one file; the first cell names the section, the second the role.

Each section has its own header, which may come again with other columns. Sums of the file (SubTotal, Total) are
TOTAL rows; rows of sections that nobody reads are told by section and are FOOTER rows, its headers HEADER rows.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from engine.money import ZERO
from engine.problems import Problem, Severity
from importers.base import RowKind, Total
from importers.date_grammar import day, day_within
from importers.number_grammar import number
from importers.reading import Reading, Row
from importers.records import AccountRef
from importers.table_grammar import Header, Layout, plain

Taker = Callable[[Row], None]
_TITLED = frozenset({"statement", "account information", "summary"})
_SUMS = frozenset({"total", "subtotal"})
_DOLLARS = frozenset({"", "USD"})
_FEWEST_CELLS = 3
_ROUNDED = Decimal("0.05")
"""Dollars by which a total may miss its rows, which are rounded less than it is."""
_SUMMED = {
    "open positions": "market_value",
    **dict.fromkeys(("dividends", "withholding tax", "interest", "fees", "deposits & withdrawals"), "amount"),
}
"""The figure of each section of which the file states a total."""


class Sections:
    """The rows of a file by section. `takers` reads the Data rows of a section with a layout."""

    def __init__(self, reading: Reading, rows: Sequence[Sequence[str]], today: date) -> None:
        self.reading = reading
        self.rows = rows
        self.today = today
        self.facts = _facts(rows)
        self.account = AccountRef("ibkr", self.facts.get("account", ""))
        self._left: Counter[str] = Counter()
        self._lacking: set[str] = set()
        self._sums: dict[tuple[str, str], dict[str, Decimal]] = {}

    def base_currency(self) -> str:
        """Return the currency of the account, empty where the file does not say."""
        return self.facts.get("base currency", "")

    def set_as_of(self) -> None:
        """Take the last day of the period, else the day on which the file was written."""
        period = self.facts.get("period", "")
        written = day(self.facts.get("whengenerated", ""))
        self.reading.set_as_of(
            last_day(period) or (written if isinstance(written, date) else None), self.today, self.row_of("period")
        )
        if self.reading.as_of is None:
            message = "the file does not say of which day it is"
            hint = "Keep its first rows, which name the period."
            self.reading.note(Problem(Severity.WARNING, "no_as_of", message, hint))

    def row_of(self, fact: str) -> int:
        """Return the row in which a fact stands, 0 where it does not."""
        for at, cells in enumerate(self.rows, start=1):
            if len(cells) >= _FEWEST_CELLS and plain(cells[2]) == fact:
                return at
        return 0

    def walk(self, layouts: Mapping[str, Layout], takers: Mapping[str, Taker]) -> None:
        """Give each Data row of a known section to its taker, and mark all other rows."""
        headers: dict[str, Header | None] = {}
        for at, cells in enumerate(self.rows, start=1):
            if not self.reading.is_open(at):
                continue
            section, role = plain(cells[0]), plain(cells[1]) if len(cells) > 1 else ""
            if role == "header":
                self.reading.mark(at, RowKind.HEADER)
                headers[section] = self._header(layouts.get(section), cells, at, section)
            elif section in _TITLED:
                self.reading.mark(at, RowKind.TITLE)
            elif role in _SUMS or (role == "data" and headers.get(section) is not None):
                header = headers.get(section)
                if header is None:
                    self.reading.mark(at, RowKind.TOTAL)
                else:
                    self._take(takers[section], Row(self.reading, header, at, cells), section, role)
            elif role in {"data", "notes"} or section in headers:
                self._left[cells[0].strip()] += 1
                self.reading.mark(at, RowKind.FOOTER)
        for name, count in self._left.items():
            lacking = name.casefold() in self._lacking
            message = f"the section '{name}' with {count:,} rows is not read"
            code = "section_not_known" if lacking else "section_left_out"
            severity = Severity.BLOCKING if lacking else Severity.INFO
            hint = "Its columns are not those that are known." if lacking else ""
            self.reading.note(Problem(severity, code, message, hint))

    def _header(self, layout: Layout | None, cells: Sequence[str], number: int, section: str) -> Header | None:
        if layout is None:
            return None
        header = layout.match(cells, number)
        if header is None:
            self._lacking.add(section)
        return header

    def _take(self, take: Taker, row: Row, section: str, role: str) -> None:
        """Give a row to its taker, unless it is a sum of the rows above it."""
        row.account = AccountRef("ibkr", row.text("account")) if row.has("account") else self.account
        labels = [plain(row.text(name)) for name in ("discriminator", "asset", "currency", "subtitle")]
        label = next((said for said in (role, *labels) if said.partition(" ")[0] in _SUMS), "")
        if label:
            self._check(row, section, label, labels[1])
            self.reading.mark(row.number, RowKind.TOTAL)
            return
        take(row)
        value = number(row.text(_SUMMED.get(section, "")))
        if isinstance(value, Decimal) and "lot" not in labels[0]:
            by_currency = self._sums.setdefault((section, labels[1]), {})
            by_currency[labels[2]] = by_currency.get(labels[2], ZERO) + value

    def _check(self, row: Row, section: str, label: str, asset: str) -> None:
        """Compare a total with its rows, where they are all of one currency, so that it is plain what is summed."""
        stated = number(row.text(_SUMMED.get(section, "")))
        found = self._sums.get((section, asset), {})
        if label == "total" and isinstance(stated, Decimal) and len(found) == 1:
            what = f"{_SUMMED[section].replace('_', ' ')} of all {' '.join(filter(None, (asset, section)))}"
            total = Total(row.number, what, stated, sum(found.values(), ZERO))
            self.reading.check_total(total, Severity.WARNING, self.account.number, within=_ROUNDED)


def dollars(row: Row) -> bool:
    """Whether the amounts of a row are dollars; a row in another currency is told and left out."""
    currency = row.text("currency").upper()
    if currency in _DOLLARS:
        return True
    row.reject("not_dollars", f"the row is in {currency[:10]}, not in dollars", "currency")
    return False


def signature(rows: Sequence[Sequence[str]], section: str, layout: Layout) -> bool:
    """Whether a header row of that section has the columns of the layout."""
    return any(
        len(cells) > 1 and plain(cells[0]) == section and plain(cells[1]) == "header" and layout.match(cells, 1)
        for cells in rows
    )


def has_section(rows: Sequence[Sequence[str]], section: str) -> bool:
    """Whether the file has a header row of that section."""
    return any(len(cells) > 1 and plain(cells[0]) == section and plain(cells[1]) == "header" for cells in rows)


def last_day(period: str) -> date | None:
    """Return the last day of `January 2, 2026 - September 30, 2026`, or of the one day that stands there."""
    last = period.rpartition(" - ")[2].strip()
    found = day(last)
    return found if isinstance(found, date) else day_within(last)


def _facts(rows: Sequence[Sequence[str]]) -> dict[str, str]:
    """Return what the titled sections say: field name -> value, the first that stands."""
    facts: dict[str, str] = {}
    for cells in rows:
        if len(cells) > _FEWEST_CELLS and plain(cells[0]) in _TITLED and plain(cells[1]) == "data":
            facts.setdefault(plain(cells[2]), cells[3].strip())
    return facts
