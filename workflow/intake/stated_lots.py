"""Lots as a file states them, in the integers that the book keeps."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from db.types import MONEY, QUANTITY, to_scaled
from importers.lot_columns import MONEY_PLACES, SHARE_PLACES, LotColumns
from importers.records import LotRecord

_SHARES, _DOLLARS = 10 ** (SHARE_PLACES - QUANTITY.places), 10 ** (MONEY_PLACES - MONEY.places)


class StatedLot(NamedTuple):
    """A lot of a file, quantity and cost basis as the integers that the book keeps."""

    row: int
    symbol: str
    lot_id: str
    acquired: date
    quantity: int
    cost_basis: int
    holding_days_carried: int

    @property
    def told(self) -> tuple[date, int, int, int]:
        """What the file decides of the lot in the book."""
        return self[3:]


def stated_lot(record: LotRecord) -> StatedLot:
    """Return the lot of a record that can be kept."""
    quantity, basis = to_scaled(record.quantity, QUANTITY.places), to_scaled(record.cost_basis, MONEY.places)
    carried = record.holding_days_carried
    return StatedLot(record.row, record.symbol, record.lot_id, record.acquired, quantity, basis, carried)


def packed_lots(lots: LotColumns, places: Iterable[int]) -> list[StatedLot]:
    """Return the lots of a long table that stand at some places in it, all of which can be kept."""
    found: list[StatedLot] = []
    for at in places:
        if at in lots.apart:
            found.append(stated_lot(lots.apart[at]))
            continue
        quantity, basis = lots.quantity[at] // _SHARES, lots.basis[at] // _DOLLARS
        symbol, acquired = lots.names[lots.symbol[at]], _day(lots.acquired[at])
        found.append(StatedLot(lots.row[at], symbol, "", acquired, quantity, basis, 0))
    return found


@lru_cache(maxsize=16_384)
def _day(ordinal: int) -> date:
    """Return a day, one object for all lots of it."""
    return date.fromordinal(ordinal)
