"""A column map: which columns of a spreadsheet mean what. Kept as TOML beside the office's files."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path

from engine.errors import AppError


class TableKind(StrEnum):
    """What a table holds."""

    HOLDINGS = "holdings"
    LOTS = "lots"
    TRANSACTIONS = "transactions"
    PRICES = "prices"
    MACRO = "macro"


class Shape(StrEnum):
    """How prices and macro series stand: one row each, or one column for each symbol or series."""

    LONG = "long"
    WIDE = "wide"


class Close(StrEnum):
    """Which closes a wide price table holds."""

    CLOSE = "close"
    """Unadjusted, for valuation."""
    ADJUSTED = "adjusted"
    """Adjusted for dividends and splits, for signals."""


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """How to read one sheet. `columns` maps a field to a column title; `Price#2` is the second column so titled.

    `custodian`, `account`, `symbol` and `as_of` stand for columns that the table does not have. `header_row` 0
    means that the header is looked for; `kind` None that the table was not understood.
    """

    kind: TableKind | None
    shape: Shape = Shape.LONG
    sheet: str = ""
    header_row: int = 0
    columns: Mapping[str, str] = field(default_factory=dict)
    custodian: str = ""
    account: str = ""
    symbol: str = ""
    as_of: date | None = None
    price: Close | None = None
    day_first: bool = False
    """Whether 4/3/2021 and 4.3.2021 are the fourth of March."""
    decimal_comma: bool = False
    """Whether 1.234,50 is written for 1,234.50."""

    def missing(self) -> tuple[str, ...]:
        """Return the fields still needed before the table can be read; alternatives are joined with 'or'."""
        if self.kind is None:
            return ("kind",)
        if self.shape is Shape.WIDE:
            asked = ("price",) if self.kind is TableKind.PRICES and self.price is None else ()
            return (() if "date" in self.columns else ("date",)) + asked
        given = set(self.columns) | {name for name in ("account", "symbol") if getattr(self, name)}
        return tuple(" or ".join(choice) for choice in REQUIRED[self.kind] if not any(name in given for name in choice))


_PLACE = ("account", "account_name", "custodian", "symbol", "cusip", "isin")

FIELDS: Mapping[TableKind, tuple[str, ...]] = {
    TableKind.HOLDINGS: (
        *_PLACE,
        *("description", "quantity", "price", "market_value", "cost_basis", "security_type", "as_of"),
    ),
    TableKind.LOTS: (
        *_PLACE,
        *("acquired", "quantity", "cost_basis", "unit_cost", "market_value", "lot_id", "holding_days_carried"),
    ),
    TableKind.TRANSACTIONS: (
        *_PLACE,
        *("date", "action", "quantity", "amount", "price", "loss_quantity", "lot_id"),
    ),
    TableKind.PRICES: ("symbol", "date", "close", "adjusted"),
    TableKind.MACRO: ("series", "date", "value"),
}
"""The fields that a map may name, by kind of table."""

REQUIRED: Mapping[TableKind, tuple[tuple[str, ...], ...]] = {
    TableKind.HOLDINGS: (("account",), ("symbol",), ("quantity",)),
    TableKind.LOTS: (("account",), ("symbol",), ("acquired",), ("quantity",), ("cost_basis", "unit_cost")),
    TableKind.TRANSACTIONS: (
        ("account",),
        ("symbol",),
        ("date",),
        ("action",),
        ("quantity",),
        ("amount", "price"),
    ),
    TableKind.PRICES: (("symbol",), ("date",), ("close", "adjusted")),
    TableKind.MACRO: (("series",), ("date",), ("value",)),
}
"""What each kind needs; one of each group."""

DATES = frozenset({"acquired", "date", "as_of"})
NUMBERS = frozenset(
    {
        *("quantity", "cost_basis", "unit_cost", "market_value", "price", "amount", "close", "adjusted", "value"),
        *("loss_quantity", "holding_days_carried"),
    }
)
"""Fields that hold dates, and those that hold numbers."""

_TEXTS = ("sheet", "custodian", "account", "symbol")
_FLAGS = ("day_first", "decimal_comma")
_KEYS = frozenset({"kind", "shape", "header_row", "as_of", "price", "columns", *_TEXTS, *_FLAGS})
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def write_map(columns: ColumnMap, path: Path) -> None:
    """Write a map as TOML; what is empty is left out."""
    path.write_text(map_text(columns), encoding="utf-8")


def map_text(columns: ColumnMap) -> str:
    """Return a map as TOML text."""
    lines = [f"kind = {_quoted(columns.kind.value)}"] if columns.kind else []
    if columns.shape is not Shape.LONG:
        lines.append(f"shape = {_quoted(columns.shape.value)}")
    lines += [f"{name} = {_quoted(getattr(columns, name))}" for name in _TEXTS if getattr(columns, name)]
    if columns.header_row:
        lines.append(f"header_row = {columns.header_row}")
    if columns.as_of:
        lines.append(f"as_of = {columns.as_of.isoformat()}")
    if columns.price:
        lines.append(f"price = {_quoted(columns.price.value)}")
    lines += [f"{name} = true" for name in _FLAGS if getattr(columns, name)]
    lines += ["", "[columns]"]
    for name, title in columns.columns.items():
        key = name if _BARE_KEY.fullmatch(name) else _quoted(name)
        lines.append(f"{key} = {_quoted(title)}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Return a TOML basic string; JSON's escapes are TOML's but for DEL and lone surrogates."""
    escaped = json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
    return escaped.encode("utf-8", errors="replace").decode("utf-8")


def read_map(path: Path) -> ColumnMap:
    """Read a map from TOML; AppError says which key is wrong."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise AppError("There is no such column map", detail=str(path), hint="Check the name.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(path, f"it is not TOML: {error}") from None
    return parse_map(text, path)


def parse_map(text: str, path: Path) -> ColumnMap:
    """Read a map from TOML text; AppError names `path` and the key that is wrong."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _wrong(path, f"it is not TOML: {error}") from None
    unknown = sorted(set(said) - _KEYS)
    if unknown:
        raise _wrong(path, f"unknown key '{unknown[0]}'; known are {', '.join(sorted(_KEYS))}")
    try:
        kind = TableKind(said.get("kind", ""))
        shape = Shape(said.get("shape", "long"))
        price = Close(said["price"]) if "price" in said else None
    except ValueError as error:
        kinds = ", ".join(k.value for k in TableKind)
        raise _wrong(path, f"{error}; kind is one of {kinds}, shape long or wide, price close or adjusted") from None
    as_of, header_row = said.get("as_of"), said.get("header_row", 0)
    if not (as_of is None or type(as_of) is date) or type(header_row) is not int or header_row < 0:
        raise _wrong(path, "as_of is a date such as 2026-01-31, header_row a row number")
    flags = {name: said.get(name, False) for name in _FLAGS}
    if not all(isinstance(flag, bool) for flag in flags.values()):
        raise _wrong(path, f"{' and '.join(_FLAGS)} are true or false")
    texts = {name: said.get(name, "") for name in _TEXTS}
    if not all(isinstance(text, str) for text in texts.values()):
        raise _wrong(path, f"{', '.join(_TEXTS)} are texts in quotes")
    return ColumnMap(
        kind=kind,
        shape=shape,
        header_row=header_row,
        columns=_columns(path, kind, said.get("columns", {})),
        as_of=as_of,
        price=price,
        **texts,
        **flags,
    )


def _columns(path: Path, kind: TableKind, said: object) -> dict[str, str]:
    """Check the [columns] table: fields that the kind has, titles as text."""
    if not isinstance(said, dict) or not all(isinstance(title, str) for title in said.values()):
        raise _wrong(path, "[columns] maps a field to a column title in quotes")
    unknown = [name for name in said if name not in FIELDS[kind]]
    if unknown:
        known = ", ".join(FIELDS[kind])
        raise _wrong(path, f"unknown field '{unknown[0]}' for {kind.value}; known are {known}")
    return dict(said)


def _wrong(path: Path, why: str) -> AppError:
    return AppError("The column map cannot be used", detail=f"{path.name}: {why}", hint="Correct it and try again.")
