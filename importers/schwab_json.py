"""Charles Schwab transactions as JSON: the history that the CSV has, in `BrokerageTransactions`, with its total.

Lines are accounted for as `importers.markup` says: those of one transaction belong together.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.money import ZERO
from engine.problems import Problem, Severity
from importers.base import Claim, FileHead, ImportResult, RowKind, Total
from importers.date_grammar import day
from importers.loading import load
from importers.markup import ElementRow, MarkupReading, Value
from importers.number_grammar import number
from importers.reading import refused
from importers.records import AccountRef
from importers.schwab_titles import account_in_file_name, tell_full, tell_no_account
from importers.schwab_transactions import add_transaction

NAME = "schwab_json"
_FIELDS = {
    "date": "Date",
    "activity": "Action",
    "symbol": "Symbol",
    "description": "Description",
    "quantity": "Quantity",
    "price": "Price",
    "amount": "Amount",
}
_LIST = re.compile(r'"BrokerageTransactions"\s*:\s*\[')
_STATED = {name: re.compile(rf'"{name}"\s*:\s*"(?P<text>[^"]*)"') for name in ("ToDate", "TotalTransactionsAmount")}
_BETWEEN = re.compile(r"[\s,]*")


class SchwabJson:
    """Trades and activity of one account, which only the file's name tells."""

    name = NAME
    title = "Charles Schwab transactions (JSON)"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take JSON documents with Schwab's keys in front."""
        if head.kind == "json":
            return Claim(NAME, takes=True, why="it is a JSON document with the keys of Schwab transactions")
        return Claim(NAME, takes=False, why="it is no JSON document of Schwab transactions")

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read the transactions one by one; those before a defect in the document are kept."""
        source = load(path)
        if isinstance(source, Problem):
            return refused(NAME, path, source)
        text = "\n".join(line for (line, *_) in source.grids[0].rows) if source.kind == "json" else ""
        if not _LIST.search(text):
            message = "the document has no list called BrokerageTransactions"
            hint = "Download the transactions again, as JSON or as CSV."
            return refused(NAME, path, Problem(Severity.FATAL, "no_header", message, hint))
        reading = MarkupReading(NAME, path.name, source.grids[0].rows)
        return _Document(reading, text, account_in_file_name(path.stem), today).read()


class _Document:
    """One walk through the document, with the line reached so far."""

    def __init__(self, reading: MarkupReading, text: str, account: AccountRef, today: date) -> None:
        self.reading = reading
        self.text = text
        self.account = account
        self.today = today
        self.amounts = ZERO

    def read(self) -> ImportResult:
        tell_no_account(self.reading, self.account)
        for first, last, shown, values in self.transactions():
            if isinstance(values, Mapping):
                self.transaction(first, last, shown, values)
            else:
                self.reading.tell(Severity.BLOCKING, "not_a_transaction", "this is no transaction", row=first)
                self.reading.mark(first, RowKind.PROBLEM)
        self.stated()
        tell_full(self.reading, len(self.reading.records))
        return self.reading.close()

    def transactions(self) -> Iterator[tuple[int, int, str, object]]:
        """Yield first and last line, text and values of each entry of the list."""
        decoder = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
        start = _LIST.search(self.text)
        at = start.end() if start else 0
        line, counted = 1, 0
        while True:
            at = _between_end(self.text, at)
            line, counted = line + self.text.count("\n", counted, at), at
            if self.text[at : at + 1] == "]":
                return
            try:
                values, end = decoder.raw_decode(self.text, at)
            except (ValueError, RecursionError):
                message = "the document is damaged or cut off here; transactions from here on are not read"
                self.reading.tell(Severity.FATAL, "cut_off", message, "Download it again.", min(line, self.lines()))
                self.reading.mark(min(line, self.lines()), RowKind.PROBLEM)
                return
            last = line + self.text.count("\n", at, end)
            yield line, last, self.text[at:end], values
            at = end

    def lines(self) -> int:
        return self.text.count("\n") + 1

    def transaction(self, first: int, last: int, shown: str, values: Mapping[str, object]) -> None:
        """Read one transaction; each value stands in the line of its key."""
        cells: dict[str, Value] = {}
        for name, key in _FIELDS.items():
            value = values.get(key)
            place = max(shown.find(f'"{key}"'), 0)
            cells[name] = Value("" if value is None else str(value), key, first + shown.count("\n", 0, place))
        row = ElementRow(self.reading, first, last, cells)
        row.account = self.account
        add_transaction(row, today=self.today)
        amount = number(row.text("amount"))
        self.amounts += amount if isinstance(amount, Decimal) else ZERO

    def stated(self) -> None:
        """Take the last day and the total that the document states."""
        first = {name: _STATED[name].search(self.text) for name in _STATED}
        for name, found in first.items():
            if found is None:
                continue
            line = self.text.count("\n", 0, found.start()) + 1
            if name == "ToDate":
                said = day(found["text"])
                self.reading.set_as_of(said if isinstance(said, date) else None, self.today, line)
                continue
            total = number(found["text"])
            if isinstance(total, Decimal):
                what = f"amount of all transactions of {self.account.number or self.account.name}"
                self.reading.check_total(Total(line, what, total, self.amounts), Severity.WARNING, self.account.number)
                self.reading.mark(line, RowKind.TOTAL)


def _between_end(text: str, at: int) -> int:
    found = _BETWEEN.match(text, at)
    return found.end() if found else at
