"""Tables in a case of the verification suite: a line of titles, then one row a line, cells between commas."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

Row = dict[str, str]


class Columns(NamedTuple):
    """The columns that a table must have, and those that it may have."""

    must: Sequence[str]
    may: Sequence[str] = ()


def read_table(text: str, columns: Columns) -> tuple[Sequence[str], Sequence[Row]]:
    """Return the titles and the rows; both empty for an empty text. ValueError says what is wrong with the table."""
    lines = [[cell.strip() for cell in line.split(",")] for line in text.splitlines() if line.strip()]
    if not lines:
        return (), ()
    titles, *rows = lines
    _name("has no column", [name for name in columns.must if name not in titles])
    _name("knows no column", [name for name in titles if name not in {*columns.must, *columns.may}])
    _name("has twice the column", {name for name in titles if titles.count(name) > 1})
    for number, cells in enumerate(rows, 1):
        if len(cells) != len(titles):
            raise ValueError(f"row {number} of the table has {len(cells)} cells under {len(titles)} titles")
    return titles, [dict(zip(titles, cells, strict=True)) for cells in rows]


def _name(what: str, names: Collection[str]) -> None:
    if names:
        raise ValueError(f"the table {what} {', '.join(sorted(names))}")
