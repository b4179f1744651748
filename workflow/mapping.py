"""How a spreadsheet is read: the guess as a person is shown it, and the maps that a book remembers by header."""

import hashlib
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
from importers.column_guess import SeenColumn, guess_map, seen_columns
from importers.column_map import ColumnMap, map_text, parse_map, read_map
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


@dataclass(frozen=True, slots=True)
class RememberedMap:
    """A map that the book keeps. `signature` names it; `toml` is the map as a file of its own."""

    signature: str
    kind: str
    columns: tuple[str, ...]
    toml: str


def show_map(path: Path, column_map: Path | None = None) -> MapShown:
    """Return how a file is read: by the map that is given, else by guess. AppError for what is no table."""
    head = _head(path)
    columns = _of_sheet(head, read_map(column_map)) if column_map else guess_map(head)
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
