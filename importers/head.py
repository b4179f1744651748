"""Reads the first rows of a file once, for every importer to look at."""

from pathlib import Path

from engine.problems import Problem
from importers.base import FileHead
from importers.loading import load

HEAD_ROWS = 120
"""Rows of each sheet shown to importers; headers are looked for in the first 60."""


def read_head(path: Path) -> FileHead | Problem:
    """Return the head of a file, or the fatal problem that says why it is no table."""
    source = load(path, rows=HEAD_ROWS)
    if isinstance(source, Problem):
        return source
    return FileHead(source.name, source.kind, tuple((grid.name, grid.rows) for grid in source.grids))
