"""Reads securities, prices and macro series."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, Subquery, Text, cast, func, select, type_coerce
from sqlalchemy.orm import Session, aliased

from db import tables
from db.store.held import AdjustedCloses, HeldSecurity
from db.types import PRICE


def load_securities(session: Session, symbols: Collection[str] | None, *, as_of: date) -> dict[str, HeldSecurity]:
    """Return these securities (None = all) with the last close on or before `as_of`, by symbol, in its order.

    Symbols that the book does not know are missing from the answer.
    """
    security, group = tables.Security, tables.IdentityGroup
    query = select(security, group.name).outerjoin(group, group.id == security.identity_group_id)
    if symbols is not None:
        query = query.where(security.symbol.in_(symbols))
    rows = session.execute(query.order_by(security.symbol)).all()
    ids = [row.id for row, _ in rows]
    closes = _last_closes(session, ids, as_of)
    stand_ins = _substitutes(session, ids)
    return {
        row.symbol: HeldSecurity(
            row.symbol,
            row.name,
            row.asset_class,
            name,
            row.security_type,
            row.cusip,
            row.half_spread_bp,
            row.carry_bp,
            row.adv_shares,
            tuple(stand_ins.get(row.id, ())),
            *closes.get(row.id, (None, None)),
        )
        for row, name in rows
    }


def _last_days(as_of: date) -> Subquery:
    """Return the last day with a close for each security: one index look-up each."""
    newest = (
        select(func.max(tables.Price.date))
        .where(
            tables.Price.security_id == tables.Security.id,
            tables.Price.date <= as_of,
            tables.Price.close.is_not(None),
        )
        .scalar_subquery()
    )
    return select(tables.Security.id.label("security_id"), newest.label("day")).subquery()


def _last_closes(session: Session, ids: Sequence[int], as_of: date) -> dict[int, tuple[Decimal, date]]:
    """Return the last close of each security and its day."""
    last = _last_days(as_of)
    price = tables.Price
    query = (
        select(price.security_id, price.close, price.date)
        .join(last, (last.c.security_id == price.security_id) & (last.c.day == price.date))
        .where(last.c.security_id.in_(ids))
    )
    return {security: (close, day) for security, close, day in session.execute(query) if close is not None}


def _substitutes(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    """Return the symbols that may replace each security, best first."""
    other = aliased(tables.Security)
    query = (
        select(tables.Substitute.security_id, other.symbol)
        .join(other, other.id == tables.Substitute.substitute_id)
        .where(tables.Substitute.security_id.in_(ids))
        .order_by(tables.Substitute.security_id, tables.Substitute.rank)
    )
    out: dict[int, list[str]] = defaultdict(list)
    for security, symbol in session.execute(query):
        out[security].append(symbol)
    return out


def prices_as_of(session: Session, as_of: date) -> date | None:
    """Return the newest day on or before `as_of` for which the book holds a close; None without prices."""
    newest: date | None = session.scalar(select(func.max(_last_days(as_of).c.day)))
    return newest


def load_adjusted_closes(
    session: Session, symbols: Sequence[str], *, until: date, since: date | None = None
) -> AdjustedCloses:
    """Return the total-return closes of these symbols as one table, for statistics (float64).

    Dates are those on which any of them has a close. A symbol that the book does not know is a column of NaN.
    """
    security = tables.Security
    known = select(security.id, security.symbol).where(security.symbol.in_(symbols))
    column_of = {symbol: column for column, symbol in enumerate(symbols)}
    columns = {row_id: column_of[symbol] for row_id, symbol in session.execute(known)}
    found = _raw_closes(session, columns, since, until)
    days, rows = np.unique(found.days, return_inverse=True)
    table = np.full((2, len(days), len(symbols)), np.nan)
    for kind, figures in enumerate((found.adjusted, found.close)):
        table[kind, rows, found.columns] = figures
    has_adjusted, has_close = (~np.isnan(table)).any(axis=1)
    return AdjustedCloses(
        dates=tuple(date.fromisoformat(day) for day in days.tolist()),
        symbols=tuple(symbols),
        values=np.where(has_adjusted, table[0], table[1]) / 10.0**PRICE.places,
        unadjusted=tuple(s for s, good, plain in zip(symbols, has_adjusted, has_close, strict=True) if plain > good),
    )


@dataclass(frozen=True, slots=True)
class _RawCloses:
    """Closes as the database holds them, one below the other: ISO days, columns, scaled figures or NaN."""

    days: NDArray[np.str_]
    columns: NDArray[np.intp]
    adjusted: NDArray[np.float64]
    close: NDArray[np.float64]


def _raw_closes(session: Session, columns: dict[int, int], since: date | None, until: date) -> _RawCloses:
    """Read closes without making decimals and dates of them: this is what makes it fast.

    The database strings each security's closes together, so that there is a row a security: a row a close would
    let go of the interpreter and take it back ten thousand times, and a window waiting for its turn would starve.
    """
    price = tables.Price
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    parts = (
        type_coerce(price.date, Text) if on_sqlite else cast(price.date, Text),
        *(
            func.coalesce(cast(type_coerce(figure, BigInteger), Text), "nan")
            for figure in (price.adjusted, price.close)
        ),
    )
    one = parts[0].concat(",").concat(parts[1]).concat(",").concat(parts[2])
    query = (
        select(price.security_id, func.aggregate_strings(one, ","))
        .where(price.security_id.in_(columns), price.date <= until)
        .group_by(price.security_id)
    )
    if since is not None:
        query = query.where(price.date >= since)
    days: list[str] = []
    adjusted: list[str] = []
    closes: list[str] = []
    places: list[int] = []
    for security, text in session.connection().execute(query):
        cells = text.split(",")
        days += cells[0::3]
        adjusted += cells[1::3]
        closes += cells[2::3]
        places += [columns[security]] * (len(cells) // 3)
    return _RawCloses(
        np.array(days, dtype="U10"),
        np.array(places, dtype=np.intp),
        np.array(adjusted, dtype=np.float64),
        np.array(closes, dtype=np.float64),
    )


def load_macro(session: Session, *, until: date) -> dict[str, tuple[tuple[date, Decimal], ...]]:
    """Return every macro series up to `until`, by name, in order of day, in the series' own unit."""
    value, series = tables.MacroValue, tables.MacroSeries
    query = (
        select(series.name, value.date, value.value)
        .join(series, series.id == value.series_id)
        .where(value.date <= until)
        .order_by(series.name, value.date)
    )
    out: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    for name, day, figure in session.execute(query):
        out[name].append((day, figure))
    return {name: tuple(points) for name, points in out.items()}
