"""Tickers that changed: what files say under the old symbol before the day reads as the new one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import tables
from importers import records as r
from importers.lot_columns import LotColumns
from workflow.intake.arrivals import Arrival

GRACE = timedelta(days=10)
"""Days after the change in which a file may still say the old symbol; later it is another company's."""
_ONE = ("symbol", "overlay_etf")
_SEVERAL = ("buy_list", "substitutes")


@dataclass(frozen=True, slots=True)
class SymbolChange:
    """A security's symbol was `old` before `changed_on` and has been `new` since."""

    old: str
    new: str
    changed_on: date
    by: str = ""
    reason: str = ""


def list_changes(session: Session) -> tuple[SymbolChange, ...]:
    """Return the changes of symbol that the book knows, the oldest first."""
    table = tables.SymbolChange
    rows = session.scalars(select(table).order_by(table.changed_on, table.id))
    return tuple(SymbolChange(row.old, row.new, row.changed_on, row.by, row.reason) for row in rows)


def read_as_one(
    arrivals: Sequence[Arrival], changes: Sequence[SymbolChange], own: Collection[str], today: date
) -> tuple[Arrival, ...]:
    """Return files whose rows of before a change name the security by its new symbol.

    `own` are symbols that the book has again as securities of their own: an office workbook means those.
    """
    if not changes:
        return tuple(arrivals)
    olds: dict[str, list[SymbolChange]] = {}
    for change in changes:
        olds.setdefault(change.old, []).append(change)
    return tuple(_read(arrival, olds, own, today) for arrival in arrivals)


def _read(arrival: Arrival, olds: Mapping[str, Sequence[SymbolChange]], own: Collection[str], today: date) -> Arrival:
    stated = arrival.result.as_of or today
    if isinstance(arrival.records, LotColumns):
        lots = arrival.records.renamed(lambda symbol: _symbol(symbol, olds, own, stated))
        return replace(arrival, records=lots)
    listed = {record.symbol for record in arrival.records if isinstance(record, r.SecurityRecord)}
    kept: list[r.Record] = []
    for record in arrival.records:
        day = _day(record, stated)
        changed: dict[str, Any] = {}
        for name in _ONE:
            symbol = getattr(record, name, "")
            if symbol in olds:
                changed[name] = _symbol(symbol, olds, own, day)
        for name in _SEVERAL:
            symbols = getattr(record, name, ())
            if not olds.keys().isdisjoint(symbols):
                changed[name] = tuple(dict.fromkeys(_symbol(symbol, olds, own, day) for symbol in symbols))
        twice = (
            isinstance(record, r.SecurityRecord)
            and record.symbol in olds
            and changed["symbol"] in listed - {record.symbol}
        )
        if not twice:
            kept.append(replace(record, **changed) if changed else record)
    return replace(arrival, records=tuple(kept))


def _day(record: r.Record, stated: date) -> date | None:
    """Return the day of which a record speaks; None for what an office workbook says."""
    if isinstance(record, (r.PositionRecord, r.LotRecord)):
        return stated
    if isinstance(record, r.RealizedRecord):
        return record.sold
    return record.date if isinstance(record, (r.TransactionRecord, r.ActivityRecord, r.PriceRecord)) else None


def _symbol(symbol: str, olds: Mapping[str, Sequence[SymbolChange]], own: Collection[str], day: date | None) -> str:
    seen = {symbol}
    while True:
        if day is None:
            fits = [] if symbol in own else list(olds.get(symbol, ()))
        else:
            fits = [change for change in olds.get(symbol, ()) if day < change.changed_on + GRACE]
        if not fits or fits[0].new in seen:
            return symbol
        symbol = fits[0].new
        seen.add(symbol)
