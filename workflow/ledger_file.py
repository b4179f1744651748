"""Trade histories on disk: a CSV file in, the ledger as JSON out. Every bad row is named, no good one is lost."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from operator import itemgetter
from pathlib import Path
from sys import intern
from typing import NamedTuple, TypeVar

from engine.errors import AppError
from engine.portfolio import Registration
from engine.problems import Problem, Severity
from engine.tax.ledger.replay import CAUTIOUS, replay
from engine.tax.ledger.result import Ledger, OpenLot, Realized, Totals, WashMatch
from engine.tax.ledger.rows import LedgerAction, LedgerPolicy, LedgerRow, NamedLot
from importers.date_grammar import day
from importers.number_grammar import Unreadable, number
from importers.text_files import decode, looks_binary
from workflow.case_file import read_bytes

T = TypeVar("T", bound=StrEnum)
V = TypeVar("V", Decimal, date)
COLUMNS = (
    "id",
    "date",
    "account",
    "owner",
    "registration",
    "symbol",
    "identity_group",
    "action",
    "quantity",
    "amount",
    "lots",
)
OPTIONAL = frozenset({"owner", "identity_group", "lots"})
ACTIONS = {action.value: action for action in LedgerAction}
REGISTRATIONS = {registration.value: registration for registration in Registration}
ID, DATE, ACCOUNT, REGISTRATION, QUANTITY, AMOUNT, LOTS = (0, 1, 2, 4, 8, 9, 10)
WORDS = slice(2, 8)
"""The columns from account to action."""
DELIMITERS = ",\t;|"
ACQUIRED = "acquired"
COLUMNS_HINT = f"The columns are {', '.join(COLUMNS)}, in any order."


@dataclass(frozen=True, slots=True)
class LedgerDocument:
    """`plimsoll.ledger/1`: the ledger as it is written, with the policy that it was made under."""

    as_of: date | None
    policy: LedgerPolicy
    realized: tuple[Realized, ...]
    open_lots: tuple[OpenLot, ...]
    totals: Totals
    wash_sales: tuple[WashMatch, ...]
    problems: tuple[Problem, ...]
    schema: str = "plimsoll.ledger/1"


def ledger_document(ledger: Ledger) -> LedgerDocument:
    """Return the ledger as it is written to JSON."""
    return LedgerDocument(
        ledger.as_of,
        ledger.policy,
        ledger.realized,
        ledger.open_lots,
        ledger.totals,
        ledger.wash_sales,
        ledger.problems,
    )


def ledger_from_file(
    path: Path, policy: LedgerPolicy = CAUTIOUS, *, as_of: date | None = None, today: date | None = None
) -> Ledger:
    """Replay a CSV file of trades. Rows after `as_of` are not read; without it, rows after `today` are problems.

    Raises AppError for a file that is no such table.
    """
    trades = read_trades(path, as_of=as_of)
    ledger = replay(trades.rows, policy, as_of=as_of, today=today, file=path.name)
    problems = sorted((*trades.problems, *ledger.problems), key=lambda problem: problem.row)
    return replace(ledger, problems=tuple(problems))


class _Cells(NamedTuple):
    """The cells of a row, in the order of COLUMNS."""

    id: str
    date: str
    account: str
    owner: str
    registration: str
    symbol: str
    identity_group: str
    action: str
    quantity: str
    amount: str
    lots: str


@dataclass(frozen=True, slots=True)
class Trades:
    """The rows of a file that could be read, and what is wrong with the others."""

    rows: tuple[LedgerRow, ...]
    problems: tuple[Problem, ...]


def read_trades(path: Path, *, as_of: date | None = None) -> Trades:
    """Read a CSV file of trades; rows after `as_of` are not read. Raises AppError for a file that is no such table."""
    content = read_bytes(path)
    if looks_binary(content[:65_536]):
        raise AppError("not a text file", detail=str(path), hint="Save the trades as CSV.")
    return trades_in(decode(content), path, as_of=as_of)


def trades_in(text: str, path: Path, *, as_of: date | None = None) -> Trades:
    """Return the trades of a table; `path` names it in messages. Raises AppError for what is no such table."""
    table = _Table(text, path)
    rows: list[LedgerRow] = []
    for line, cells in table.cells():
        on = day(cells[DATE])
        if as_of is not None and isinstance(on, date) and on > as_of:
            continue
        row = table.quick_row(line, cells, on) or table.row(line, cells)
        if row is not None:
            rows.append(row)
    return Trades(tuple(rows), tuple(table.problems))


def _lines(text: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the cells, not yet stripped, of each line that holds something."""
    first = next((line for line in io.StringIO(text, newline="") if line.strip()), "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=first.count))
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                yield reader.line_num, cells
    except csv.Error as error:
        raise AppError("not a CSV file", detail=f"{path}, row {reader.line_num}: {error}", hint=COLUMNS_HINT) from None


def _columns(titles: list[str], path: Path) -> Callable[[Sequence[str]], tuple[str, ...]]:
    """Return what picks the cells of COLUMNS out of a row; AppError when a column is missing or stands twice."""
    names = [title.strip().casefold().replace(" ", "_") for title in titles]
    missing = [name for name in COLUMNS if name not in names and name not in OPTIONAL]
    if missing:
        raise AppError(f"columns are missing: {', '.join(missing)}", detail=f"{path}, row 1", hint=COLUMNS_HINT)
    twice = [name for name in COLUMNS if names.count(name) > 1]
    if twice:
        raise AppError(f"columns stand twice: {', '.join(twice)}", detail=f"{path}, row 1", hint=COLUMNS_HINT)
    places = [names.index(name) if name in names else len(names) for name in COLUMNS]
    return itemgetter(*places)


@dataclass(slots=True)
class _Table:
    """The rows of a file while they are read.

    Most rows say the same of account, owner, registration, symbol, group and action as an earlier one: `_known` has
    what these words were read as, so that only date, quantity and amount are left to read.
    """

    text: str
    path: Path
    problems: list[Problem] = field(default_factory=list)
    _known: dict[tuple[str, ...], LedgerRow] = field(default_factory=dict)
    _registrations: dict[str, str] | None = None

    def cells(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Yield the number and the cells, not yet stripped, of each row, in the order of COLUMNS."""
        lines = _lines(self.text, self.path)
        _, titles = next(lines, (0, []))
        if not titles:
            raise AppError("the file is empty", detail=str(self.path), hint=COLUMNS_HINT)
        pick, width = _columns(titles, self.path), len(titles)
        for line, cells in lines:
            # a row is as wide as the header, and has an empty cell more for columns that are not there
            filled = cells if len(cells) == width else (cells + [""] * width)[:width]
            filled.append("")
            yield line, pick(filled)

    def quick_row(self, line: int, cells: tuple[str, ...], on: date | Unreadable | None) -> LedgerRow | None:
        """Return a row whose words are known and whose figures are sound, None for one to be looked at closely."""
        known = self._known.get(cells[WORDS])
        if known is None or cells[LOTS] or not isinstance(on, date):
            return None
        quantity, amount = number(cells[QUANTITY]), number(cells[AMOUNT])
        if not isinstance(quantity, Decimal) or not isinstance(amount, Decimal):
            return None
        return LedgerRow(
            cells[ID].strip(),
            on,
            known.account,
            known.owner,
            known.registration,
            known.symbol,
            known.action,
            quantity,
            amount,
            known.identity_group,
            (),
            None,
            line,
        )

    def row(self, line: int, cells: tuple[str, ...]) -> LedgerRow | None:
        """Return a row after a close look, None when a cell of it cannot be read."""
        stripped = _Cells(*(cell.strip() for cell in cells))
        registration = stripped.registration or self._registration_of(stripped.account)
        row = _Reading(self.path.name, line, stripped, self.problems).row(registration)
        if row is not None:
            self._known[cells[WORDS]] = row
        return row

    def _registration_of(self, account: str) -> str:
        """Return what another row says of an account, for a row that does not say."""
        if self._registrations is None:
            said = ((cells[ACCOUNT].strip(), cells[REGISTRATION].strip()) for _, cells in self.cells())
            self._registrations = {name: registration for name, registration in said if registration}
        return self._registrations.get(account, "")


@dataclass(slots=True)
class _Reading:
    """One row while it is read. A cell that cannot be read is a problem and None."""

    file: str
    line: int
    cells: _Cells
    problems: list[Problem]

    def row(self, registration_cell: str) -> LedgerRow | None:
        """Return the row, None when a cell of it cannot be read; `registration_cell` is the row's or its account's."""
        cells, so_far = self.cells, len(self.problems)
        action = self._one_of("action", cells.action, ACTIONS)
        registration = self._one_of("registration", registration_cell, REGISTRATIONS)
        on = self._value("date", cells.date, day(cells.date))
        quantity = self._value("quantity", cells.quantity, number(cells.quantity))
        needs_no_amount = action is LedgerAction.SPLIT and not cells.amount
        amount = self._value("amount", cells.amount, Decimal(0) if needs_no_amount else number(cells.amount))
        acquired, named = self._lots(cells.lots) if cells.lots else (None, ())
        if action is None or registration is None or on is None or quantity is None or amount is None:
            return None
        if len(self.problems) > so_far:
            return None
        return LedgerRow(
            id=cells.id,
            date=on,
            account=intern(cells.account),
            owner=intern(cells.owner),
            registration=registration,
            symbol=intern(cells.symbol),
            action=action,
            quantity=quantity,
            amount=amount,
            identity_group=intern(cells.identity_group),
            lots=named,
            acquired=acquired,
            row=self.line,
        )

    def _lots(self, text: str) -> tuple[date | None, tuple[NamedLot, ...]]:
        """Return the day acquired, or the lots that a sale names."""
        named: list[NamedLot] = []
        acquired = None
        for part in filter(None, (part.strip() for part in text.split(";"))):
            name, colon, value = part.rpartition(":")
            if not colon:
                self._fault("lots", f"{part!r} is neither LOT:SHARES nor acquired:DATE")
            elif name.casefold() == ACQUIRED:
                acquired = self._value("lots", value, day(value))
            else:
                shares = self._value("lots", value, number(value))
                if shares is not None:
                    named.append(NamedLot(name.strip(), shares))
        return acquired, tuple(named)

    def _one_of(self, name: str, text: str, choices: Mapping[str, T]) -> T | None:
        chosen = choices.get(text) or choices.get(text.casefold())
        if chosen is None:
            what = f"{text!r} is no {name}" if text else f"the row has no {name}"
            self._fault(name, what, f"Write one of: {', '.join(choices)}.")
        return chosen

    def _value(self, name: str, text: str, value: V | Unreadable | None) -> V | None:
        """Return what a cell says; nothing at all is a problem like anything unreadable."""
        if isinstance(value, Unreadable):
            self._fault(name, f"{text!r} {value.why}")
            return None
        if value is None:
            self._fault(name, f"the row has no {name}")
        return value

    def _fault(self, name: str, message: str, hint: str = "") -> None:
        place = (self.file, self.line, name, self.cells.account, self.cells.symbol)
        self.problems.append(Problem(Severity.BLOCKING, f"bad_{name}", message, hint, *place))
