"""Whether a record can be kept as it stands: finite, in range, positive where it must be, not of tomorrow."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any, TypeVar

from engine.problems import Problem, Severity
from importers import records as r
from importers.lot_columns import LotColumns

T = TypeVar("T", bound=r.Record)

PLACES: Mapping[str, int] = {
    "quantity": 8,
    "loss_quantity": 8,
    "adv_shares": 8,
    "half_spread_bp": 8,
    "carry_bp": 8,
    "weight": 8,
    "value": 8,
    "price": 6,
    "close": 6,
    "adjusted": 6,
}
"""Decimals kept of a field; money, which is all the rest, has 2."""

_POSITIVE = {
    r.PositionRecord: {"price"},
    r.LotRecord: {"quantity"},
    r.TransactionRecord: {"quantity"},
    r.RealizedRecord: {"quantity"},
    r.PriceRecord: {"close", "adjusted"},
}
_ANY_SIGN = {
    r.PositionRecord: {"quantity", "market_value", "cost_basis"},
    r.CashRecord: {"amount"},
    r.ActivityRecord: {"quantity", "amount"},
    r.LotRecord: {"market_value"},
    r.RealizedRecord: {"proceeds", "cost_basis", "gain"},
    r.MacroRecord: {"value"},
}
_PAST = ("acquired", "sold", "date")
_ROOM = Decimal(9 * 10**18)


@cache
def _figures(kind: type) -> tuple[tuple[str, Decimal, Decimal], ...]:
    """Return the decimal fields of a kind of record with the largest value and the smallest unit kept."""
    names = [field.name for field in fields(kind) if "Decimal" in str(field.type)]
    units = {name: Decimal(1).scaleb(-PLACES.get(name, 2)) for name in names}
    return tuple((name, _ROOM * unit, unit) for name, unit in units.items())


def sound(record: T, *, file: str, today: date, rounded: Counter[str]) -> T | Problem:
    """Return the record, its decimals rounded to those that are kept, or the problem that keeps it out.

    `rounded` counts by field what had more decimals than are kept.
    """
    changed: dict[str, Any] = {}
    kind: Any = type(record)
    for name, room, unit in _figures(kind):
        value = getattr(record, name)
        if value is None:
            continue
        said = name.replace("_", " ")
        if not value.is_finite():
            return _problem(record, file, name, "bad_value", f"{said} is not a number")
        if abs(value) > room:
            return _problem(record, file, name, "bad_value", f"{said} {value:,} is too large")
        kept = value.quantize(unit, rounding=ROUND_HALF_UP)
        if kept <= 0 and name in _POSITIVE.get(kind, ()):
            return _problem(record, file, name, "bad_value", f"{said} {value:f} is not above zero")
        if kept < 0 and name not in _ANY_SIGN.get(kind, ()):
            return _problem(record, file, name, "bad_value", f"{said} {value:f} is below zero")
        if kept != value:
            changed[name] = kept
            rounded[name] += 1
    for name in _PAST:
        day = getattr(record, name, None)
        if isinstance(day, date) and day > today:
            return _problem(record, file, name, "future_date", f"{day} is after today, {today}")
    return replace(record, **changed) if changed else record


def sound_lots(lots: LotColumns, *, file: str, today: date, rounded: Counter[str]) -> tuple[LotColumns, list[Problem]]:
    """Return the lots of a long table that can be kept, and the problems of the others; see `sound`."""
    problems: list[Problem] = []
    other: dict[int, r.LotRecord | None] = {}
    for at in lots.inexact(PLACES["quantity"], 2):
        lot = lots[at]
        checked = sound(lot, file=file, today=today, rounded=rounded)
        if isinstance(checked, Problem):
            problems.append(checked)
            other[at] = None
        elif checked is not lot:
            other[at] = checked
    return (lots.but(other) if other else lots), problems


def _problem(record: Any, file: str, field: str, code: str, message: str) -> Problem:
    """Return the problem of one row, with the account and symbol that it holds back."""
    account = getattr(record, "account", None)
    symbol = str(getattr(record, "symbol", ""))
    return Problem(
        Severity.BLOCKING,
        code,
        f"{symbol}: {message}" if symbol else message,
        "Correct the row and import the file again; the row was left out.",
        file=file,
        row=record.row,
        field=field,
        account=account.number if isinstance(account, r.AccountRef) else "",
        symbol=symbol,
    )
