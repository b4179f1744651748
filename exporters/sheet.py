"""A sheet of a workbook as a value: typed columns, rows, totals. Tests read it, the writer draws it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from engine.money import ZERO

Value = str | Decimal | int | date | datetime | None


class Kind(StrEnum):
    """What a column holds; the writer knows the number format and the alignment of each."""

    TEXT = "text"
    WRAPPED = "wrapped"
    COUNT = "count"
    QUANTITY = "quantity"
    PRICE = "price"
    MONEY = "money"
    PERCENT = "percent"
    BASIS_POINTS = "basis points"
    DATE = "date"
    STAMP = "stamp"
    BLANK = "blank"
    """To be filled in by hand."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title, what it holds, its width in characters, and whether it is summed."""

    title: str
    kind: Kind
    width: int
    summed: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table under one row of headers. At each of `breaks`, a count of columns, a new print range starts."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    empty: str
    frozen_columns: int = 1
    breaks: tuple[int, ...] = ()

    def totals(self) -> tuple[Value, ...] | None:
        """Return the row of totals, None when nothing is summed or there is nothing to sum."""
        if not self.rows or not any(column.summed for column in self.columns):
            return None
        first: tuple[Value, ...] = ("Total",)
        return first + tuple(
            _sum([row[i] for row in self.rows]) if column.summed else None
            for i, column in enumerate(self.columns)
            if i > 0
        )


def _sum(values: Sequence[Value]) -> Decimal:
    return sum((Decimal(v) for v in values if isinstance(v, Decimal | int)), ZERO)
