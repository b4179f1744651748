"""Documents of elements instead of rows: each physical line is a row, and says what became of its elements.

The line on which an element begins that holds a record is RECORD, and so are the further lines of that element. A
line with a value that cannot be used is PROBLEM, and the record it belongs to is left out whole. Lines before the
first record, and those between records that only open or close groups, are HEADER; lines after the last are FOOTER.
Where several elements stand in one line, the line is PROBLEM if any of them is, else RECORD.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.problems import Problem, Severity
from importers.base import ImportResult, RowKind
from importers.reading import Reading, Row
from importers.records import Record
from importers.table_grammar import Header

_WEIGHT = {
    RowKind.PROBLEM: 5,
    RowKind.RECORD: 4,
    RowKind.TOTAL: 3,
    RowKind.HEADER: 2,
}


@dataclass(frozen=True, slots=True)
class Value:
    """The text of one element or attribute, its name in the document, and the line where it stands."""

    text: str
    title: str
    line: int


class MarkupReading(Reading):
    """A reading in which a line may be marked by each of the elements that stand in it."""

    def mark(self, row: int, kind: RowKind) -> None:
        """Say what became of a line; of several marks the gravest stays."""
        before = self._kinds[row - 1]
        if before is None or _WEIGHT.get(kind, 1) > _WEIGHT.get(before, 1):
            self._kinds[row - 1] = kind

    def span(self, first: int, last: int) -> None:
        """Say that the lines of an element belong to its record."""
        for row in range(first, last + 1):
            if self._kinds[row - 1] is None:
                self._kinds[row - 1] = RowKind.RECORD

    def close(self) -> ImportResult:
        """Mark the lines that no record took, and return the result; a document without records is a warning."""
        taken = [at for at, kind in enumerate(self._kinds) if kind in {RowKind.RECORD, RowKind.PROBLEM}]
        last = taken[-1] if taken else len(self._kinds)
        for at, kind in enumerate(self._kinds):
            if kind is None:
                self._kinds[at] = RowKind.HEADER if at < last else RowKind.FOOTER
        return self.result(empty=Severity.WARNING)

    def tell(self, severity: Severity, code: str, message: str, hint: str = "", row: int = 0) -> None:
        """Note a problem of the document or of one of its lines."""
        self.note(Problem(severity, code, message, hint, row=row))


class ElementRow(Row):
    """One element seen as a row: its values by field, each with its own line."""

    __slots__ = ("_last", "_lines", "reading")

    def __init__(self, reading: MarkupReading, first: int, last: int, values: Mapping[str, Value]) -> None:
        titles = tuple(value.title for value in values.values())
        header = Header(first, {name: at for at, name in enumerate(values)}, titles)
        super().__init__(reading, header, first, tuple(value.text for value in values.values()))
        self.reading = reading
        self._last = last
        self._lines = {name: value.line for name, value in values.items()}

    def reject(self, code: str, message: str, name: str = "", hint: str = "") -> None:
        """Note why the element yields no record, at the line of the value that cannot be used."""
        super().reject(code, message, name, hint)
        self.reading.mark(self._lines.get(name, self.number), RowKind.PROBLEM)

    def note(self, severity: Severity, code: str, message: str, name: str = "", hint: str = "") -> None:
        """Note a problem of this element, with its account and symbol, at the line of the value that is meant."""
        field = self._header.title_of(name) if name else ""
        line = self._lines.get(name, self.number)
        problem = Problem(severity, code, message, hint, "", line, field, self.account.number, self.symbol)
        self.reading.note(problem)

    def close(self, *records: Record) -> None:
        """Keep the records of a good element, and say that its lines belong to them."""
        if self.ok:
            self.reading.records.extend(records)
            self.reading.mark(self.number, RowKind.RECORD)
        self.reading.span(self.number, self._last)
