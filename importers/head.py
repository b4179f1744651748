"""Reads the first rows of a file once, for every importer to look at."""

from collections.abc import Sequence
from pathlib import Path

from engine.problems import Problem
from importers.base import FileHead
from importers.loading import DOCUMENTS, load

HEAD_ROWS = 120
"""Rows of each sheet shown to importers; headers are looked for in the first 60."""

LINE_LENGTH = 1000
"""Characters shown of each cell, and of each line of a document that is no table; the whole of it may be one line.

Every importer looks at every cell of the head, so one of 400,000 characters would be gone over a hundred times.
"""


def read_head(path: Path) -> FileHead | Problem:
    """Return the head of a file, or the fatal problem that says why it is no table."""
    source = load(path, rows=HEAD_ROWS)
    if isinstance(source, Problem):
        return source
    if source.kind in DOCUMENTS:
        lines = tuple((line[:LINE_LENGTH],) for (line, *_) in source.grids[0].rows)
        return FileHead(source.name, source.kind, (("", lines),))
    sheets = tuple((grid.name, tuple(map(_shown, grid.rows[:HEAD_ROWS]))) for grid in source.grids)
    return FileHead(source.name, source.kind, sheets)


def _shown(cells: Sequence[str]) -> tuple[str, ...]:
    """Return the cells of a row, none longer than is shown."""
    if any(len(cell) > LINE_LENGTH for cell in cells):
        return tuple(cell[:LINE_LENGTH] for cell in cells)
    return tuple(cells)
