"""Finds tables inside files: a header by its signature wherever it stands, columns by name, never by luck."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

HEADER_WITHIN = 60
"""Rows from the top in which a header is looked for."""

_TWO_NAMES = re.compile(r"(.+?)\s*\((.+)\)")
_LONGEST_TITLE = 200
"""Characters; a longer cell is no title, and looking for two names in it would take long."""
_MARKS = re.compile(r"[\s_]+")


def plain(title: str) -> str:
    """Return a column title in lower case, with blanks and underscores as single blanks; no more than could be one."""
    return _plain(title if len(title) <= _LONGEST_TITLE else title.strip()[:_LONGEST_TITLE])


@lru_cache(maxsize=8192)
def _plain(title: str) -> str:
    """Write a title plainly once: every layout asks it of the same few rows."""
    return _MARKS.sub(" ", title).strip().casefold()


@lru_cache(maxsize=128)
def plain_titles(cells: tuple[str, ...]) -> frozenset[str]:
    """Return the cells of a row, each as `plain` writes it. Every layout asks it of the same few rows."""
    return frozenset(map(plain, cells))


def names_of(title: str) -> tuple[str, ...]:
    """Return all names of a column: `Qty (Quantity)` is `qty (quantity)`, `qty` and `quantity`."""
    whole = plain(title)
    found = _TWO_NAMES.fullmatch(whole) if len(whole) < _LONGEST_TITLE else None
    return (whole, found[1].strip(), found[2].strip()) if found else (whole,)


@lru_cache(maxsize=128)
def _places(cells: tuple[str, ...]) -> Mapping[str, int]:
    """Return name -> position. Every layout asks it of the same few rows, which may be wide."""
    places: dict[str, int] = {}
    for at, cell in enumerate(cells):
        for name in names_of(cell):
            if name in places:
                places.setdefault(f"{name}#2", at)
            places.setdefault(name, at)
    return places


@dataclass(frozen=True, slots=True)
class Header:
    """A header row found: where each field stands. `row` is 1-based; `unknown` are titles that nobody reads."""

    row: int
    positions: Mapping[str, int]
    titles: tuple[str, ...]
    unknown: tuple[str, ...] = ()

    def has(self, name: str) -> bool:
        """Whether the table has a column for that field."""
        return name in self.positions

    def title_of(self, name: str) -> str:
        """Return the title over a field as the file writes it; the field's name where it has no column."""
        at = self.positions.get(name)
        return self.titles[at].strip() if at is not None else name.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a table: field -> accepted titles in lower case. `ignored` are titles known and not read."""

    columns: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    ignored: frozenset[str] = field(default=frozenset())

    def match(self, cells: Sequence[str], row: int) -> Header | None:
        """Return the header if this row is one: all required columns are named in it."""
        positions = self._positions(cells)
        if any(name not in positions for name in self.required):
            return None
        taken = set(positions.values())
        unknown = tuple(
            cell.strip()
            for at, cell in enumerate(cells)
            if cell.strip() and at not in taken and not self.ignored.intersection(names_of(cell))
        )
        return Header(row, positions, tuple(cells), unknown)

    def _positions(self, cells: Sequence[str]) -> dict[str, int]:
        """Return field -> position. A title that stands twice is taken where it first stands; `date#2` is the next."""
        places = _places(tuple(cells))
        found: dict[str, int] = {}
        for name, titles in self.columns.items():
            named = [places[title] for title in titles if title in places]
            if named:
                found[name] = named[0]
        return found

    def find(self, rows: Sequence[Sequence[str]]) -> Header | None:
        """Return the first header within the first 60 rows."""
        for number, cells in enumerate(rows[:HEADER_WITHIN], start=1):
            header = self.match(cells, number)
            if header is not None:
                return header
        return None

    def missing(self, rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
        """Return the titles that the row most like a header still lacks; all required when no row is like one."""
        best = max((self._positions(cells) for cells in rows[:HEADER_WITHIN]), key=self._hits, default={})
        return tuple(self.columns[name][0] for name in self.required if name not in best)

    def _hits(self, positions: Mapping[str, int]) -> int:
        return sum(name in positions for name in self.required)


def is_blank(cells: Sequence[str]) -> bool:
    """Whether no cell of the row says anything."""
    return not any(cell.strip() for cell in cells)


def filled(cells: Sequence[str]) -> list[str]:
    """Return the cells that say something, stripped."""
    return [bare for cell in cells if (bare := cell.strip())]
