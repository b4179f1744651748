"""One row of the office workbook: its cells by field, each checked against what its column may hold."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from engine.money import ZERO
from engine.problems import Problem, Severity
from importers.date_grammar import day
from importers.instruments import clean_symbol
from importers.number_grammar import Unreadable, number
from importers.office_layout import Kind, OfficeColumn, OfficeSheet, location_rates
from importers.reading import Reading

_YES = frozenset({"yes", "y", "true", "1", "x"})
_NO = frozenset({"no", "n", "false", "0"})
_MAY_BE_NEGATIVE = frozenset({"ytd_short_term", "ytd_long_term", "max_net_gain", "max_short_term_gain"})
_SIGNAL = re.compile(r"[a-z_]+:\d+(?:-\d+)?(?:\s*,\s*[a-z_]+:\d+(?:-\d+)?)*")
_CODE = re.compile(r"[A-Z]{2}[A-Z0-9]{0,6}")
_WORDS = re.compile(r"[\s_-]+")


@dataclass(slots=True)
class OfficeRow:
    """A row under the header of a sheet. `ok` turns False at the first cell that cannot be used.

    Every defect is fatal: the workbook is the office's own and is put right before anything of it is used.
    """

    reading: Reading
    sheet: OfficeSheet
    number: int
    cells: dict[str, str]
    ok: bool = True

    def raw(self, name: str) -> str:
        """Return the cell of a field, or what an empty cell of it means."""
        return self.cells.get(name, "") or self.sheet.column(name).default

    def text(self, name: str) -> str:
        """Return a text; an empty cell of a required column is a problem."""
        text = self.raw(name)
        if not text and self.sheet.column(name).required:
            self.reject(name, "missing", "is missing")
        return text

    def choice(self, name: str) -> str:
        """Return one of the column's choices, whatever its case and blanks."""
        text = self.text(name)
        key = _WORDS.sub("_", text.casefold()).strip("_")
        choices = self.sheet.column(name).choices
        if text and key not in choices:
            self.reject(name, "not_a_choice", f"'{text[:40]}' is not one of {', '.join(choices)}")
        return key

    def figure(self, name: str) -> Decimal | None:
        """Return a number, None where the cell is empty and has no default."""
        column, text = self.sheet.column(name), self.text(name)
        value = number(text)
        if isinstance(value, Unreadable):
            self.reject(name, "not_a_number", f"'{text[:40]}' {value.why}")
            return None
        if value is None:
            return None
        why = _out_of_place(column, value)
        if why:
            self.reject(name, "out_of_range", why)
        return value

    def amount(self, name: str) -> Decimal:
        """Return a number that has a default or is required."""
        return self.figure(name) or ZERO

    def day(self, name: str) -> date | None:
        """Return a date, None where the cell is empty."""
        text = self.text(name)
        value = day(text)
        if isinstance(value, Unreadable):
            self.reject(name, "not_a_date", f"'{text[:40]}' {value.why}")
            return None
        return value

    def yes(self, name: str) -> bool:
        """Return whether a cell says yes."""
        text = self.raw(name).casefold()
        if text not in _YES | _NO:
            self.reject(name, "not_yes_or_no", f"'{text[:40]}' is neither yes nor no")
        return text in _YES

    def symbol(self, name: str) -> str:
        """Return a symbol, share classes written with a dot."""
        return clean_symbol(self.text(name))

    def symbols(self, name: str) -> tuple[str, ...]:
        """Return symbols in their order; one that stands twice is a problem."""
        found = [clean_symbol(part) for part in re.split(r"[,;\n]", self.text(name)) if part.strip()]
        twice = sorted({symbol for symbol in found if found.count(symbol) > 1})
        if twice:
            self.reject(name, "same_symbol", f"{', '.join(twice)} stands twice")
        return tuple(found)

    def setting(self, column: OfficeColumn) -> str:
        """Return a cell of a policy or tax profile as canonical text; empty where nothing is set."""
        name = column.field
        if column.kind is Kind.YES_NO:
            return "yes" if self.yes(name) else "no"
        if column.kind is Kind.CHOICE:
            return self.choice(name)
        if column.kind is Kind.RATES:
            return self.rates(name)
        if column.kind is Kind.CODE:
            return self.code(name)
        if column.kind is Kind.TEXT:
            return self.signals(name)
        value = self.figure(name)
        return "" if value is None else f"{value:f}"

    def rates(self, name: str) -> str:
        """Return location rates, one spelling for all."""
        try:
            rates = location_rates(self.text(name))
        except ValueError as error:
            self.reject(name, "not_rates", str(error), "Write us_bond/taxable: 0.012; us_bond/roth_ira: 0.001.")
            return ""
        return "; ".join(f"{c}/{r}: {rate:f}" for c, by in rates.items() for r, rate in by.items())

    def code(self, name: str) -> str:
        """Return a code of letters and digits in capitals, as of a state."""
        text = self.text(name).upper()
        if text and not _CODE.fullmatch(text):
            self.reject(name, "not_a_code", f"'{text[:40]}' is no code of letters", "Write the two letters of a state.")
        return text

    def signals(self, name: str) -> str:
        """Return the overlay's signals, blanks put right."""
        text = self.text(name).casefold()
        if not _SIGNAL.fullmatch(text):
            self.reject(name, "not_signals", f"'{text[:40]}' is no list of signals", "Write sma:10, momentum:12-1.")
        return ", ".join(part.strip() for part in text.split(","))

    def reject(self, name: str, code: str, message: str, hint: str = "") -> None:
        """Note why the row cannot be used."""
        self.ok = False
        title = self.sheet.column(name).title
        self.reading.note(Problem(Severity.FATAL, code, message, hint, row=self.number, field=title))


def _out_of_place(column: OfficeColumn, value: Decimal) -> str:
    """Return what is wrong with a figure in its column; empty when nothing is."""
    if value < 0 and column.field not in _MAY_BE_NEGATIVE:
        return f"{value:,} is negative"
    if column.kind is Kind.PERCENT and value > 1:
        return f"{value:,} means {value * 100:,.0f}%: type {value:f}% or {value / 100:f}"
    if column.kind is Kind.INTEGER and value != value.to_integral_value():
        return f"{value} is not a whole number"
    return ""


def cells_by_field(positions: Sequence[tuple[str, int]], cells: Sequence[str]) -> dict[str, str]:
    """Return field -> stripped cell of a row."""
    return {name: cells[at].strip() for name, at in positions if at < len(cells)}
