"""What an importer is: it recognises a file by content, reads it whole, and accounts for every row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from engine.problems import Problem
from importers.records import Record


class RowKind(StrEnum):
    """What became of a physical row. Every row of a file is exactly one of these."""

    BLANK = "blank"
    TITLE = "title"
    HEADER = "header"
    RECORD = "record"
    TOTAL = "total"
    FOOTER = "footer"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Total:
    """A figure the file states about itself, beside what the rows read add up to.

    Equal to the cent, or a problem in the same result says by how much not.
    """

    row: int
    what: str
    stated: Decimal
    found: Decimal

    @property
    def difference(self) -> Decimal:
        """Found minus stated."""
        return self.found - self.stated


@dataclass(frozen=True, slots=True)
class ImportResult:
    """All that one file said. `rows[i]` is the fate of physical row i + 1."""

    importer: str
    file: str
    as_of: date | None
    records: Sequence[Record]
    totals: tuple[Total, ...]
    problems: tuple[Problem, ...]
    rows: tuple[RowKind, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """Whether an importer takes a file, and why or why not, in words."""

    importer: str
    takes: bool
    why: str


NEARLY = "columns are missing"
"""How `Claim.why` begins when a file is of the importer's kind but for some columns, which it then names."""


class Importer(Protocol):
    """One custodian layout or format. Stateless; never raises on bad data, only on a bug."""

    name: str
    """Stable id, e.g. schwab_positions; what --format takes."""
    title: str
    """What a person calls it, e.g. Charles Schwab positions."""

    def claim(self, path: Path, head: "FileHead") -> Claim:
        """Say from the head of the file whether this importer reads it."""
        ...

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read the whole file. Dates after `today` are problems."""
        ...


@dataclass(frozen=True, slots=True)
class FileHead:
    """The first rows of a file, read once and shown to every importer: cells as text, by sheet."""

    name: str
    kind: str
    """csv, xlsx, xls, ofx, flex or json, or empty when the content is none of these."""
    sheets: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]

    def first_rows(self) -> Sequence[tuple[str, ...]]:
        """Rows of the first sheet (or of the text file)."""
        return self.sheets[0][1] if self.sheets else ()
