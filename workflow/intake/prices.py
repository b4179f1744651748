"""Writes prices and macro series: a day's figure that differs takes the place of the one before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, select, update

from db import tables
from db.journal import JOURNAL, Journal
from importers import records as r
from workflow.intake.arrivals import Arrival
from workflow.intake.intake import Intake, blocking

_Close = tuple[Decimal | None, Decimal | None]


@dataclass(slots=True)
class _Told:
    """What the files of a call say of one security on one day, and the file that said it last."""

    close: Decimal | None
    adjusted: Decimal | None
    number: int


def apply_prices(intake: Intake) -> None:
    """Write the closes of all price tables of the call together: plain and adjusted ones may be two files.

    What they do not say is left as the book has it.
    """
    told: dict[tuple[str, date], _Told] = {}
    for number in intake.order:
        _tell(intake, number, told)
    ids = {symbol: intake.security(symbol).id for symbol in dict.fromkeys(symbol for symbol, _ in told)}
    held = _held(intake, sorted(ids.values()))
    added: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for (symbol, day), new in told.items():
        old = held.get((ids[symbol], day))
        key = {"of_security": ids[symbol], "of_day": day, "file": intake.file_ids[new.number]}
        if old is None:
            added.append(key | {"close": new.close, "adjusted": new.adjusted})
            continue
        kept = (old[0] if new.close is None else new.close, old[1] if new.adjusted is None else new.adjusted)
        if kept != old:
            changed.append(key | {"close": kept[0], "adjusted": kept[1]})
    _write(intake, added, changed)


def _tell(intake: Intake, number: int, told: dict[tuple[str, date], _Told]) -> None:
    """Add what one file says; two different closes for one day in one file are a problem."""
    own: dict[tuple[str, date], r.PriceRecord] = {}
    for record in intake.arrivals[number].of(r.PriceRecord):
        first = own.setdefault((record.symbol, record.date), record)
        if first is not record and (first.close, first.adjusted) != (record.close, record.adjusted):
            message = f"{record.symbol} has another price for {record.date} in row {first.row}"
            place: dict[str, Any] = {"file": intake.arrivals[number].name, "row": record.row, "field": "close"}
            hint = "Keep one of the two; the first was taken."
            intake.note(number, blocking("double_price", message, hint, symbol=record.symbol, **place))
    for key, record in own.items():
        if record.close is None and record.adjusted is None:
            continue
        found = told.setdefault(key, _Told(None, None, number))
        found.close = found.close if record.close is None else record.close
        found.adjusted = found.adjusted if record.adjusted is None else record.adjusted
        found.number = number


def _held(intake: Intake, securities: Sequence[int]) -> dict[tuple[int, date], _Close]:
    """Return the closes that the book has of these securities."""
    price = tables.Price
    query = select(price.security_id, price.date, price.close, price.adjusted)
    rows = intake.session.execute(query.where(price.security_id.in_(securities)))
    return {(security, day): (close, adjusted) for security, day, close, adjusted in rows}


def _write(intake: Intake, added: list[dict[str, Any]], changed: list[dict[str, Any]]) -> None:
    """Write new closes, and others for days that have one."""
    price = cast("Table", tables.Price.__table__)
    values: dict[str, Any] = {
        "close": bindparam("close"),
        "adjusted": bindparam("adjusted"),
        "import_file_id": bindparam("file"),
    }
    connection = intake.session.connection()
    if added:
        keys: dict[str, Any] = {"security_id": bindparam("of_security"), "date": bindparam("of_day")}
        connection.execute(insert(price).values(keys | values), added)
        intake.changes["prices added"] += len(added)
    if changed:
        journal: Journal | None = intake.session.info.get(JOURNAL)
        for row in changed:
            if journal is None:
                break
            journal.keep(price, (price.c.security_id == row["of_security"]) & (price.c.date == row["of_day"]))
        same = (price.c.security_id == bindparam("of_security")) & (price.c.date == bindparam("of_day"))
        connection.execute(update(price).where(same).values(values), changed)
        intake.changes["prices changed"] += len(changed)


def apply_macro(intake: Intake, number: int, arrival: Arrival) -> None:
    """Write the observations of macro series."""
    records = arrival.of(r.MacroRecord)
    if not records:
        return
    series = {row.name: row for row in intake.session.scalars(select(tables.MacroSeries))}
    for name in dict.fromkeys(record.series for record in records):
        if name not in series:
            series[name] = tables.MacroSeries(name=name)
            intake.added("macro series", series[name])
    intake.session.flush()
    ids = [series[record.series].id for record in records]
    value = tables.MacroValue
    held = {
        (row.series_id, row.date): row
        for row in intake.session.scalars(select(value).where(value.series_id.in_(set(ids))))
    }
    for record, series_id in zip(records, ids, strict=True):
        row = held.get((series_id, record.date))
        if row is None:
            row = value(
                series_id=series_id,
                date=record.date,
                value=record.value,
                import_file_id=intake.file_ids[number],
            )
            held[series_id, record.date] = row
            intake.added("macro values", row)
        elif intake.changed("macro values", row, {"value": record.value}):
            row.import_file_id = intake.file_ids[number]
    intake.session.flush()
