"""The lots of a long table, column by column: a million of them take some forty bytes each, not half a kilobyte."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation
from typing import overload

from importers.records import AccountRef, LotRecord, Record

SHARE_PLACES, MONEY_PLACES = 10, 6
"""Decimals that a column keeps of shares and of dollars; a figure with more of them stays in a record of its own."""
NOTHING = -9_223_372_036_000_000_000
"""Stands for a market value that the table does not say."""
_ROOM = 9 * 10**18
_EXACT = Context(prec=40, traps=[Inexact, InvalidOperation])


def fixed(value: Decimal, places: int) -> int | None:
    """Return value x 10**places where that is an integer that a column has room for."""
    try:
        scaled = value.scaleb(places, _EXACT)
        whole = int(scaled)
    except (DecimalException, ValueError, OverflowError):
        return None
    return whole if whole == scaled and -_ROOM <= whole <= _ROOM else None


class LotColumns(Sequence[LotRecord]):
    """Lots in the order in which they are appended; one that does not fit in the columns is in `apart` by its place."""

    __slots__ = (
        *("row", "account", "symbol", "acquired", "quantity", "basis", "value"),
        *("refs", "names", "apart", "_accounts", "_symbols"),
    )

    def __init__(self) -> None:
        self.row, self.account, self.symbol, self.acquired = array("I"), array("I"), array("I"), array("I")
        self.quantity, self.basis, self.value = array("q"), array("q"), array("q")
        self.refs: list[AccountRef] = []
        self.names: list[str] = []
        self.apart: dict[int, LotRecord] = {}
        self._accounts: dict[AccountRef, int] = {}
        self._symbols: dict[str, int] = {}

    def account_at(self, ref: AccountRef) -> int:
        """Return the place of an account among `refs`."""
        at = self._accounts.setdefault(ref, len(self.refs))
        if at == len(self.refs):
            self.refs.append(ref)
        return at

    def symbol_at(self, name: str) -> int:
        """Return the place of a symbol among `names`."""
        at = self._symbols.setdefault(name, len(self.names))
        if at == len(self.names):
            self.names.append(name)
        return at

    def add(self, row: int, account: int, symbol: int, acquired: int, figures: tuple[int, int, int]) -> None:
        """Append a lot: places of account and symbol, ordinal of the day, quantity, basis and value as integers."""
        self.row.append(row)
        self.account.append(account)
        self.symbol.append(symbol)
        self.acquired.append(acquired)
        self.quantity.append(figures[0])
        self.basis.append(figures[1])
        self.value.append(figures[2])

    def append(self, record: Record) -> None:
        """Append a lot; TypeError for another record, which no table of lots has."""
        if not isinstance(record, LotRecord):
            raise TypeError(f"{type(record).__name__} is no lot")
        packed = _packed(record)
        if packed is None:
            self.apart[len(self.row)] = record
        account, symbol = self.account_at(record.account), self.symbol_at(record.symbol)
        self.add(record.row, account, symbol, record.acquired.toordinal(), packed or (0, 0, NOTHING))

    def extend(self, records: Iterable[Record]) -> None:
        """Append records."""
        for record in records:
            self.append(record)

    def accounts(self) -> dict[AccountRef, int]:
        """Return every account, with the first row that names it."""
        return {self.refs[place]: row for place, row in _first(self.account, self.row).items()}

    def symbols(self) -> dict[str, int]:
        """Return every symbol, with the first row that names it."""
        return {self.names[place]: row for place, row in _first(self.symbol, self.row).items()}

    def pairs(self) -> set[tuple[AccountRef, str]]:
        """Return every account with the symbols of its lots."""
        places = set(zip(self.account, self.symbol, strict=True))
        return {(self.refs[account], self.names[symbol]) for account, symbol in places}

    def inexact(self, share_places: int, money_places: int) -> list[int]:
        """Return the places of lots with figures of more decimals than that, and of those that are apart."""
        shares, money = 10 ** (SHARE_PLACES - share_places), 10 ** (MONEY_PLACES - money_places)
        figures = zip(self.quantity, self.basis, self.value, strict=True)
        found = [at for at, (q, b, v) in enumerate(figures) if q % shares or b % money or v % money]
        return sorted({*found, *self.apart})

    def but(self, other: Mapping[int, LotRecord | None]) -> "LotColumns":
        """Return the lots with some in place of others, or of nothing (None)."""
        changed = LotColumns()
        places = [changed.account_at(ref) for ref in self.refs], [changed.symbol_at(name) for name in self.names]
        for at in range(len(self)):
            lot = other[at] if at in other else self.apart.get(at)
            if lot is not None:
                changed.append(lot)
            elif at not in other:
                account, symbol = places[0][self.account[at]], places[1][self.symbol[at]]
                figures = (self.quantity[at], self.basis[at], self.value[at])
                changed.add(self.row[at], account, symbol, self.acquired[at], figures)
        return changed

    def renamed(self, name: Callable[[str], str]) -> "LotColumns":
        """Return the same lots with their symbols written otherwise."""
        changed = LotColumns()
        for column in ("row", "account", "symbol", "acquired", "quantity", "basis", "value", "refs"):
            setattr(changed, column, getattr(self, column))
        changed.names = [name(symbol) for symbol in self.names]
        changed.apart = {at: replace(lot, symbol=name(lot.symbol)) for at, lot in self.apart.items()}
        return changed

    def of_accounts(self) -> Iterator[tuple[AccountRef, "array[int]"]]:
        """Yield every account in order of the file, with the places of its lots."""
        places: dict[int, array[int]] = {}
        for at, account in enumerate(self.account):
            found = places.get(account)
            if found is None:
                found = places[account] = array("I")
            found.append(at)
        for account, found in places.items():
            yield self.refs[account], found

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.row)

    @overload
    def __getitem__(self, at: int) -> LotRecord: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[LotRecord, ...]: ...
    def __getitem__(self, at: int | slice) -> LotRecord | tuple[LotRecord, ...]:
        """Return a lot as a record, made when it is asked for."""
        if isinstance(at, slice):
            return tuple(self._record(n) for n in range(*at.indices(len(self))))
        return self._record(range(len(self))[at])

    def __iter__(self) -> Iterator[LotRecord]:
        """Yield the lots as records, each made when it is asked for."""
        return map(self._record, range(len(self)))

    def _record(self, at: int) -> LotRecord:
        if at in self.apart:
            return self.apart[at]
        value = self.value[at]
        return LotRecord(
            self.row[at],
            self.refs[self.account[at]],
            self.names[self.symbol[at]],
            date.fromordinal(self.acquired[at]),
            _decimal(self.quantity[at], SHARE_PLACES),
            _decimal(self.basis[at], MONEY_PLACES),
            None if value == NOTHING else _decimal(value, MONEY_PLACES),
        )


def _decimal(figure: int, places: int) -> Decimal:
    """Return figure / 10**places with no more decimals than it needs."""
    while places and figure % 10 == 0:
        figure, places = figure // 10, places - 1
    return Decimal(figure).scaleb(-places)


def _first(column: Iterable[int], rows: Iterable[int]) -> dict[int, int]:
    """Return what stands in a column with the row where it stands first, in order of the file."""
    found: dict[int, int] = {}
    for place, row in zip(column, rows, strict=True):
        if place not in found:
            found[place] = row
    return found


def _packed(record: LotRecord) -> tuple[int, int, int] | None:
    """Return quantity, basis and value of a lot as integers; None for what does not fit in the columns."""
    if record.lot_id or record.holding_days_carried or record.cusip:
        return None
    value = NOTHING if record.market_value is None else fixed(record.market_value, MONEY_PLACES)
    quantity, basis = fixed(record.quantity, SHARE_PLACES), fixed(record.cost_basis, MONEY_PLACES)
    if quantity is None or basis is None or value is None:
        return None
    return quantity, basis, value
