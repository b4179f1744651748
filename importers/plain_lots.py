"""Rows of a lots table in which nothing is odd, read in a fraction of the time: lists of lots are the longest files."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from engine.money import ZERO
from importers.column_map import ColumnMap, TableKind
from importers.custodians import custodian_key
from importers.date_grammar import PLACEHOLDERS, day
from importers.instruments import clean_symbol
from importers.number_grammar import number
from importers.records import AccountRef, LotRecord
from importers.table_grammar import Header

_NEEDED = frozenset({"account", "symbol", "acquired", "quantity", "cost_basis"})
_ALSO = frozenset({"market_value", "unit_cost", "description", "price", "custodian", "account_name", "as_of"})


class PlainLots:
    """Reads rows with a known account, symbol, past date and positive figures; any other row is left to be explained.

    A table with lot ids, days carried or columns of other kinds is not for it (`usable` is then False).
    """

    def __init__(self, columns: ColumnMap, header: Header, today: date) -> None:
        mapped = set(header.positions)
        self.usable = columns.kind is TableKind.LOTS and mapped >= _NEEDED and mapped <= _NEEDED | _ALSO
        self._today = today
        self._columns = columns
        self._symbols: dict[str, str] = {}
        self._accounts: dict[tuple[str, str, str], AccountRef] = {}
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

    def lot(self, at: int, cells: Sequence[str]) -> LotRecord | None:
        """Return the lot of row `at`; None for a row that is not plain."""
        if len(cells) < self._width:
            return None
        acquired = day(cells[self._acquired])
        quantity, basis = number(cells[self._quantity]), number(cells[self._basis])
        value = number(cells[self._value]) if self._value >= 0 else None
        if not (isinstance(acquired, date) and isinstance(quantity, Decimal) and isinstance(basis, Decimal)):
            return None
        if acquired > self._today or acquired in PLACEHOLDERS or quantity <= ZERO or basis < ZERO:
            return None
        if value is not None and not isinstance(value, Decimal):
            return None
        symbol = self._clean(cells[self._symbol])
        account = self._ref(cells)
        if not symbol or not account.number:
            return None
        return LotRecord(at, account, symbol, acquired, quantity, basis, value)

    def _clean(self, cell: str) -> str:
        known = self._symbols.get(cell)
        if known is None:
            known = self._symbols[cell] = clean_symbol(cell) or self._columns.symbol
        return known

    def _ref(self, cells: Sequence[str]) -> AccountRef:
        """Return the account of a row, one value for all of its rows."""
        custodian = cells[self._custodian] if self._custodian >= 0 else ""
        name = cells[self._name] if self._name >= 0 else ""
        key = (cells[self._account], custodian, name)
        known = self._accounts.get(key)
        if known is None:
            house = custodian_key(custodian.strip() or self._columns.custodian)
            known = AccountRef(house, key[0].strip() or self._columns.account, name.strip())
            self._accounts[key] = known
        return known
