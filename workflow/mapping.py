"""How a spreadsheet is read: the guess as a person is shown it, and the maps that a book remembers by header."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import tables
from engine.errors import AppError
from engine.problems import Problem
from importers import registry
from importers.base import Claim, FileHead
from importers.column_guess import SeenColumn, complete_map, guess_map, seen_columns
from importers.column_map import DATES, FIELDS, NUMBERS, ColumnMap, TableKind, map_text, parse_map, read_map
from importers.generic_table import header_of
from importers.head import read_head
from importers.table_grammar import HEADER_WITHIN, filled, plain

_SETTING = "column_map:"
"""Remembered maps are settings of the office, by the signature of the header that they read."""


@dataclass(frozen=True, slots=True)
class MapShown:
    """What a spreadsheet is taken for. `missing` are fields without which it cannot be read.

    `exact` names the custodian layout that reads the file without any map; `claims` are the reasons of all others.
    """

    file: str
    exact: str
    kind: str
    header_row: int
    columns: tuple[SeenColumn, ...]
    missing: tuple[str, ...]
    toml: str
    claims: tuple[Claim, ...]

    def candidates(self, field: str) -> tuple[str, ...]:
        """Return the columns not read yet that hold what a missing field holds, in the order of the file."""
        wanted = "dates" if field in DATES else "numbers" if field in NUMBERS else "text"
        free = [column for column in self.columns if not column.field]
        if field == "account":
            free = [column for column in free if any(sign.isdigit() for cell in column.samples for sign in cell)]
        return tuple(column.title for column in free if column.holds == wanted)


@dataclass(frozen=True, slots=True)
class RememberedMap:
    """A map that the book keeps. `signature` names it; `toml` is the map as a file of its own."""

    signature: str
    kind: str
    columns: tuple[str, ...]
    toml: str


def show_map(path: Path, column_map: Path | None = None, said: Mapping[str, str] | None = None) -> MapShown:
    """Return how a file is read: by the map that is given, else by guess, corrected by what is `said`.

    `said` has fields with column titles (an empty title takes the field off), and keys of a map such as account.
    AppError for what is no table, and for what cannot be said.
    """
    head = _head(path)
    columns = read_map(column_map) if column_map else guess_map(head)
    if said:
        columns = complete_map(head, _corrected(columns, said, path))
    if column_map or said:
        columns = _of_sheet(head, columns)
    found, claims = registry.recognise(path)
    return MapShown(
        file=path.name,
        exact=found.title if found in registry.LAYOUTS else "",
        kind=columns.kind.value if columns.kind else "",
        header_row=columns.header_row,
        columns=seen_columns(_rows(head, columns), columns),
        missing=columns.missing(),
        toml=map_text(replace(columns, header_row=0)),
        claims=claims,
    )


def draft_text(shown: MapShown) -> str:
    """Return the map as a file to complete: what is missing as lines to fill in, with the columns that could be it."""
    lines = [f"# How {shown.file} is read. A field names a column by its title."]
    lines += [line for line in shown.toml.splitlines() if line or not shown.missing]
    for need in shown.missing:
        first, *others = need.split(" or ")
        also = f" (or {', '.join(others)})" if others else ""
        titles = ", ".join(_title(title) for title in shown.candidates(first))
        lines.append(f'# {first} = "?"  needed{also}; it could be: {titles or "a column that this file does not have"}')
    unread = ", ".join(_title(column.title) for column in shown.columns if not column.field)
    if unread:
        lines.append(f"# not read: {unread}")
    return "\n".join(lines) + "\n"


def _title(title: str) -> str:
    return " ".join(title.split())[:60]


def _corrected(columns: ColumnMap, said: Mapping[str, str], path: Path) -> ColumnMap:
    """Return a map with what a person says of it; a column that was taken for another field is that no more."""
    kind = TableKind(said["kind"]) if said.get("kind") in set(TableKind) else columns.kind
    if kind is None or ("kind" in said and kind.value != said["kind"]):
        hint = f"Say what it is: --set kind=lots; kinds are {', '.join(TableKind)}."
        raise AppError(f"{path.name} cannot be mapped", detail="it is not known what the table holds", hint=hint)
    kept = {name: title for name, title in columns.columns.items() if name in FIELDS[kind]}
    lines = [f"kind = {json.dumps(kind.value)}"]
    for name, value in said.items():
        is_column = not value or _is_column(value, path)
        if name in FIELDS[kind] and not is_column and name not in SAID_OF_ALL:
            raise AppError(f"{path.name} has no column '{value}'", hint="`plimsoll map FILE` shows its columns.")
        if name in FIELDS[kind] and is_column:
            kept = {field: title for field, title in kept.items() if field != name and title != value}
            kept |= {name: value} if value else {}
        elif name != "kind":
            plain_value = name in {"as_of", "header_row", "day_first", "decimal_comma"}
            lines.append(f"{name} = {value if plain_value else json.dumps(value)}")
    already = {line.partition(" = ")[0] for line in lines}
    rest = map_text(replace(columns, kind=kind, columns={})).replace("[columns]", "").splitlines()
    lines += [line for line in rest if line and line.partition(" = ")[0] not in already]
    text = "\n".join(lines) + "\n" + map_text(ColumnMap(None, columns=kept))
    return replace(parse_map(text, path), header_row=0)


SAID_OF_ALL = frozenset({"account", "symbol", "custodian", "as_of"})
"""Fields that may be said of a whole file instead of naming a column."""


def _is_column(title: str, path: Path) -> bool:
    """Whether a file has a column of that title."""
    head = _head(path)
    wanted = plain(title.partition("#")[0] if "#" in title.strip("#") else title)
    rows = (cells for _, rows in head.sheets for cells in rows[:HEADER_WITHIN])
    return any(plain(cell) in {wanted, plain(title)} for cells in rows for cell in cells)


def signature(titles: Sequence[str]) -> str:
    """Return what tells one source's header from another's: its titles, in whatever order they stand."""
    names = "\n".join(sorted(plain(title) for title in filled(titles)))
    return hashlib.sha256(names.encode()).hexdigest()[:12]


def remember_map(session: Session, path: Path, columns: ColumnMap) -> str | None:
    """Keep the map of a file for the next file with its header, and return the signature; None without a header.

    What belongs to one file and not to its source is left out: the account, the symbol, the day, sheet and row.
    """
    head = _head(path)
    placed = _of_sheet(head, columns)
    if not placed.header_row or placed.kind is None:
        return None
    key = signature(_rows(head, placed)[placed.header_row - 1])
    kept = replace(columns, header_row=0, sheet="", account="", symbol="", as_of=None)
    session.merge(tables.OfficeSetting(name=_SETTING + key, value=map_text(kept)))
    session.flush()
    return key


def remembered_maps(session: Session) -> tuple[RememberedMap, ...]:
    """Return every map that the book keeps."""
    found = []
    for key, text in sorted(kept_maps(session).items()):
        columns = parse_map(text, Path(key))
        titles = tuple(f"{name} = {title}" for name, title in columns.columns.items())
        found.append(RememberedMap(key, columns.kind.value if columns.kind else "", titles, text))
    return tuple(found)


def forget_map(session: Session, key: str) -> None:
    """Drop a remembered map; AppError when there is none."""
    row = session.get(tables.OfficeSetting, _SETTING + key)
    if row is None:
        raise AppError("There is no such column map in the book", detail=key, hint="`plimsoll map --list` shows them.")
    session.delete(row)


def map_for(path: Path, kept: Mapping[str, str]) -> ColumnMap | None:
    """Return the remembered map whose header stands in a file; None when there is none."""
    head = read_head(path) if kept else None
    if head is None or isinstance(head, Problem):
        return None
    for _, rows in head.sheets:
        for cells in rows[:HEADER_WITHIN]:
            key = signature(cells)
            if key in kept:
                return parse_map(kept[key], Path(f"remembered map {key}"))
    return None


def map_hash(columns: ColumnMap | None) -> str:
    """Return what tells one map from another; empty without a map."""
    return hashlib.sha256(map_text(columns).encode()).hexdigest() if columns else ""


def kept_maps(session: Session) -> dict[str, str]:
    """Return the text of every remembered map by signature."""
    query = select(tables.OfficeSetting).where(tables.OfficeSetting.name.startswith(_SETTING))
    return {row.name.removeprefix(_SETTING): row.value for row in session.scalars(query)}


def _head(path: Path) -> FileHead:
    head = read_head(path)
    if isinstance(head, Problem):
        raise AppError(f"{path.name} cannot be mapped", detail=head.message, hint=head.hint)
    return head


def _rows(head: FileHead, columns: ColumnMap) -> Sequence[tuple[str, ...]]:
    """Return the rows of the sheet that a map reads."""
    for name, rows in head.sheets:
        if not columns.sheet or plain(name) == plain(columns.sheet):
            return rows
    return ()


def _of_sheet(head: FileHead, columns: ColumnMap) -> ColumnMap:
    """Return a map with the sheet and the row of its header in this file, row 0 where it has none."""
    for name, rows in head.sheets:
        if columns.sheet and plain(name) != plain(columns.sheet):
            continue
        header = header_of(rows, columns)
        if header is not None:
            return replace(columns, sheet=name, header_row=header.row)
    return replace(columns, header_row=0)
