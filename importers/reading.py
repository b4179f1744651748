"""One pass over a file: what each row became, the records, the totals, and the problems met on the way."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.money import ZERO
from engine.problems import Problem, Severity
from importers.base import ImportResult, RowKind, Total
from importers.date_grammar import day
from importers.instruments import FORMULA_SIGNS, clean_symbol
from importers.lot_columns import LotColumns
from importers.number_grammar import Unreadable, number
from importers.records import AccountRef, Record
from importers.table_grammar import Header, is_blank
from importers.text_files import LineRows

MOST_OF_A_KIND = 100
"""Problems of one code that are listed one by one; the rest are counted in a last one."""

HALF_CENT = Decimal("0.005")
SHARE_DUST = Decimal("0.0001")
"""Shares that a sum of lots may miss."""

_DAMAGE = frozenset(
    {"future_date", "not_a_price", "not_a_close", "not_a_adjusted", "price_not_positive", "same_lot_id"}
)


class Reading:
    """Collects what a file says. Every row is marked once; a row nobody marked becomes a problem, not silence."""

    def __init__(self, importer: str, file: str, rows: Sequence[Sequence[str]], sheet: str = "") -> None:
        self.importer = importer
        self.file = file
        self.sheet = sheet
        self.as_of: date | None = None
        self.records: list[Record] | LotColumns = []
        self.totals: list[Total] = []
        self._rows = rows
        blanks = rows.blanks() if isinstance(rows, LineRows) else map(is_blank, rows)
        self._kinds: list[RowKind | None] = [RowKind.BLANK if blank else None for blank in blanks]
        self._problems: list[Problem] = []
        self._codes: Counter[str] = Counter()

    def mark(self, row: int, kind: RowKind) -> None:
        """Say what became of a 1-based row, once."""
        if self._kinds[row - 1] not in {None, RowKind.BLANK}:
            raise RuntimeError(f"row {row} of {self.file} is accounted for twice")
        self._kinds[row - 1] = kind

    def pack(self) -> LotColumns:
        """Keep the records of a long table of lots in columns from here on, and return those."""
        packed = LotColumns()
        packed.extend(self.records)
        self.records = packed
        return packed

    def keep(self, record: Record) -> None:
        """Keep a record of a row that has just this one."""
        self.records.append(record)
        self.mark(record.row, RowKind.RECORD)

    def is_open(self, row: int) -> bool:
        """Whether a row is neither blank nor accounted for yet."""
        return self._kinds[row - 1] is None

    def note(self, problem: Problem) -> None:
        """Keep a problem, with this file's name; beyond 100 of a code they are only counted."""
        self._codes[problem.code] += 1
        if self._codes[problem.code] <= MOST_OF_A_KIND:
            field = ": ".join(part for part in (self.sheet, problem.field) if part)
            self._problems.append(replace(problem, file=self.file, field=field))

    def check_total(
        self,
        total: Total,
        severity: Severity,
        account: str = "",
        symbol: str = "",
        *,
        within: Decimal = HALF_CENT,
    ) -> None:
        """Keep a total of the file; one that the rows do not add up to, to the cent, is a problem."""
        self.totals.append(total)
        if abs(total.difference) >= within:
            message = (
                f"{total.what}: the rows add up to {_figure(total.found)}, the file says "
                f"{_figure(total.stated)}, a difference of {'+' if total.difference > 0 else ''}"
                f"{_figure(total.difference)}"
            )
            hint = "Compare with the custodian's screen, then download the file again."
            self.note(Problem(severity, "total_differs", message, hint, row=total.row, account=account, symbol=symbol))

    def unknown_columns(self, header: Header) -> None:
        """Tell of columns that nobody reads, so that a new layout is seen."""
        if header.unknown:
            message = f"columns not used: {', '.join(header.unknown[:20])}"
            self.note(Problem(Severity.INFO, "unknown_columns", message, row=header.row))

    def set_as_of(self, as_of: date | None, today: date, row: int) -> None:
        """Take the file's date; one after today is fatal, because then every age in the file is wrong."""
        self.as_of = as_of
        if as_of is not None and as_of > today:
            message = f"the file's date {as_of} is after today, {today}"
            hint = "Check the computer's date, or download the file again."
            self.note(Problem(Severity.FATAL, "future_date", message, hint, row=row))

    def result(self, *, empty: Severity | None = Severity.FATAL) -> ImportResult:
        """Close the pass: rows not accounted for become problems, and a table without rows one of `empty`."""
        for at, kind in enumerate(self._kinds):
            if kind is None:
                shown = " | ".join(cell.strip() for cell in self._rows[at] if cell.strip())[:60]
                message = f"the row is not understood: {shown}"
                self.note(Problem(Severity.WARNING, "row_not_understood", message, row=at + 1))
        kinds = tuple(kind or RowKind.PROBLEM for kind in self._kinds)
        if empty and not any(kind in {RowKind.RECORD, RowKind.PROBLEM} for kind in kinds):
            message = "there are no rows under the header"
            self.note(Problem(empty, "no_rows", message, "Fill it in, or download the file again."))
        return ImportResult(
            importer=self.importer,
            file=self.file,
            as_of=self.as_of,
            records=self.records if isinstance(self.records, LotColumns) else tuple(self.records),
            totals=tuple(self.totals),
            problems=tuple(self._problems) + tuple(self._more()),
            rows=kinds,
        )

    def _more(self) -> list[Problem]:
        return [
            Problem(Severity.WARNING, code, f"{count - MOST_OF_A_KIND:,} more like this ({code})", file=self.file)
            for code, count in self._codes.items()
            if count > MOST_OF_A_KIND
        ]


class Row:
    """One physical row seen through a header. `ok` turns False when a cell that is needed cannot be used."""

    __slots__ = ("_cells", "_header", "_instead", "_reading", "account", "number", "ok", "symbol")

    def __init__(self, reading: Reading, header: Header, number: int, cells: Sequence[str]) -> None:
        self._reading = reading
        self._header = header
        self._cells = cells
        self._instead: dict[str, str] | None = None
        self.number = number
        self.ok = True
        self.account = AccountRef("", "")
        self.symbol = ""

    def text(self, name: str) -> str:
        """Return the cell of a field, stripped; empty when column or cell is not there."""
        if self._instead and name in self._instead:
            return self._instead[name]
        at = self._header.positions.get(name)
        return self._cells[at].strip() if at is not None and at < len(self._cells) else ""

    def use(self, name: str, text: str) -> None:
        """Take `text` for a field from here on, as where another column of the row says it."""
        self._instead = {**(self._instead or {}), name: text}

    def has(self, name: str) -> bool:
        """Whether the table has a column for that field."""
        return self._header.has(name)

    def clean_symbol(self, name: str = "symbol") -> str:
        """Return the symbol, share classes written with a dot; a formula in its place is a problem."""
        text = self.text(name)
        if text.startswith(FORMULA_SIGNS) and self.ok:
            message = f"{_said(name)} '{text[:40]}' is a formula, which is never worked out"
            self.reject("formula", message, name, "Save the file with values in place of formulas.")
        return clean_symbol(text)

    def amount(self, name: str, *, needed: bool = False) -> Decimal | None:
        """Return a number; one that cannot be read, or is needed and missing, is a problem."""
        text = self.text(name)
        value = number(text)
        if isinstance(value, Unreadable):
            self.reject(f"not_a_{name}", f"{_said(name)} '{text[:40]}' {value.why}", name)
            return None
        if value is None and needed:
            self.reject(f"no_{name}", f"{_said(name)} is missing", name)
        return value

    def needed(self, name: str) -> Decimal:
        """Return a number that must be there; 0 and a problem when it is not."""
        return self.amount(name, needed=True) or ZERO

    def day(self, name: str, *, today: date, needed: bool = False) -> date | None:
        """Return a date; one that cannot be read, is after `today`, or is needed and missing, is a problem."""
        text = self.text(name)
        value = day(text)
        if isinstance(value, Unreadable):
            self.reject(f"not_a_{name}", f"{_said(name)} '{text[:40]}' {value.why}", name, "Write it as 2026-01-31.")
            return None
        if value is None and needed:
            self.reject(f"no_{name}", f"{_said(name)} is missing", name)
        if value is not None and value > today:
            self.reject("future_date", f"{_said(name)} {value} is after today, {today}", name)
        return value

    def needed_day(self, name: str, *, today: date) -> date:
        """Return a date that must be there; `today` and a problem when it is not."""
        return self.day(name, today=today, needed=True) or today

    def reject(self, code: str, message: str, name: str = "", hint: str = "") -> None:
        """Note why this row yields no record, and what that holds back.

        A price that is no price and a date after today are fatal: no custodian writes them, so the file is
        damaged.
        """
        self.ok = False
        severity = Severity.FATAL if code in _DAMAGE else Severity.BLOCKING
        self.note(severity, code, message, name, hint)

    def note(self, severity: Severity, code: str, message: str, name: str = "", hint: str = "") -> None:
        """Note a problem of this row, with its account and symbol."""
        self._reading.note(
            Problem(
                severity,
                code,
                message,
                hint,
                row=self.number,
                field=self._header.title_of(name) if name else "",
                account=self.account.number,
                symbol=self.symbol,
            )
        )

    def close(self, *records: Record) -> None:
        """Keep the records of a good row; a row that was rejected yields none."""
        if self.ok:
            self._reading.records.extend(records)
        self._reading.mark(self.number, RowKind.RECORD if self.ok else RowKind.PROBLEM)


def refused(importer: str, path: Path, problem: Problem) -> ImportResult:
    """Return the result of a file of which nothing can be read."""
    whole = replace(problem, file=problem.file or path.name)
    return ImportResult(importer, path.name, None, (), (), (whole,), ())


def _figure(amount: Decimal) -> str:
    """Return an amount with separators and at least two decimals."""
    text = f"{amount:,f}"
    return f"{amount:,.2f}" if len(text.partition(".")[2].rstrip("0")) <= 2 else text.rstrip("0")


def _said(name: str) -> str:
    """Return a field's name as people say it."""
    return name.replace("_", " ")
