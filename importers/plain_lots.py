"""Rows of a lots table in which nothing is odd, read in a fraction of the time: lists of lots are the longest files."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from importers.column_map import ColumnMap, TableKind
from importers.custodians import custodian_key
from importers.date_grammar import PLACEHOLDERS, day
from importers.instruments import FORMULA_SIGNS, clean_symbol
from importers.lot_columns import MONEY_PLACES, NOTHING, SHARE_PLACES, LotColumns, fixed
from importers.number_grammar import Unreadable, number
from importers.records import AccountRef
from importers.table_grammar import Header

_NEEDED = frozenset({"account", "symbol", "acquired", "quantity", "cost_basis"})
_ALSO = frozenset({"market_value", "unit_cost", "description", "price", "custodian", "account_name", "as_of"})
_PLAIN_DIGITS = 18
"""Digits of a figure, with all of its decimals, that surely fits in a column."""


class PlainLots:
    """Reads rows with a known account, symbol, past date and positive figures; any other row is left to be explained.

    A table with lot ids, days carried or columns of other kinds is not for it (`usable` is then False).
    """

    def __init__(self, columns: ColumnMap, header: Header, today: date) -> None:
        mapped = set(header.positions)
        self.usable = columns.kind is TableKind.LOTS and mapped >= _NEEDED and mapped <= _NEEDED | _ALSO
        self._today = today
        self._columns = columns
        self._symbols: dict[str, int] = {}
        self._accounts: dict[tuple[str, str, str], int] = {}
        if self.usable:
            places = [header.positions[name] for name in ("account", "symbol", "acquired", "quantity", "cost_basis")]
            self._account, self._symbol, self._acquired, self._quantity, self._basis = places
            self._value = header.positions.get("market_value", -1)
            self._custodian = header.positions.get("custodian", -1)
            self._name = header.positions.get("account_name", -1)
            self._width = max(header.positions.values()) + 1
            self.usable = number(header.titles[self._quantity]) is not None and not isinstance(
                number(header.titles[self._quantity]), Decimal
            )

    def add(self, lots: LotColumns, at: int, cells: Sequence[str]) -> tuple[int, int, int] | None:
        """Add the lot of row `at` and return its quantity, basis and value; None for a row that is not plain."""
        if len(cells) < self._width:
            return None
        acquired = day(cells[self._acquired])
        quantity = _figure(cells[self._quantity], SHARE_PLACES)
        basis = _figure(cells[self._basis], MONEY_PLACES)
        value = _figure(cells[self._value], MONEY_PLACES) if self._value >= 0 else NOTHING
        if quantity is None or basis is None or value is None or not isinstance(acquired, date):
            return None
        if quantity <= 0 or basis < 0 or acquired > self._today or acquired in PLACEHOLDERS:
            return None
        symbol = self._symbol_at(lots, cells[self._symbol])
        account = self._account_at(lots, cells)
        if symbol < 0 or account < 0:
            return None
        figures = (quantity, basis, value)
        lots.add(at, account, symbol, acquired.toordinal(), figures)
        return figures

    def _symbol_at(self, lots: LotColumns, cell: str) -> int:
        """Return the place of a symbol among those of the lots; -1 where there is none, or a formula."""
        known = self._symbols.get(cell)
        if known is None:
            name = clean_symbol(cell) or self._columns.symbol
            is_formula = cell.strip().startswith(FORMULA_SIGNS)
            known = self._symbols[cell] = lots.symbol_at(name) if name and not is_formula else -1
        return known

    def _account_at(self, lots: LotColumns, cells: Sequence[str]) -> int:
        """Return the place of the account of a row among those of the lots; -1 where the row names none."""
        custodian = cells[self._custodian] if self._custodian >= 0 else ""
        name = cells[self._name] if self._name >= 0 else ""
        key = (cells[self._account], custodian, name)
        known = self._accounts.get(key)
        if known is None:
            house = custodian_key(custodian.strip() or self._columns.custodian)
            ref = AccountRef(house, key[0].strip() or self._columns.account, name.strip())
            known = self._accounts[key] = lots.account_at(ref) if ref.number else -1
        return known


_ZEROS = "0" * max(SHARE_PLACES, MONEY_PLACES)


def _figure(cell: str, places: int) -> int | None:
    """Return a number x 10**places, NOTHING for an empty cell; None for what is no number or does not fit."""
    whole, _, part = cell.partition(".")
    digits = whole + part
    # most figures are digits with a point at most, which are seen and scaled at once
    if len(whole) + places <= _PLAIN_DIGITS and len(part) <= places and digits.isdigit() and digits.isascii():
        return int(digits + _ZEROS[: places - len(part)])
    value = number(cell)
    if value is None:
        return NOTHING
    return None if isinstance(value, Unreadable) else fixed(value, places)
