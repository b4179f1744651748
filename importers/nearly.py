"""What keeps a file from being of a layout that it resembles: columns missing, columns new, columns renamed perhaps."""

from collections.abc import Sequence
from difflib import get_close_matches

from importers.base import NEARLY
from importers.table_grammar import HEADER_WITHIN, Layout, filled, names_of, plain

_ALIKE = 0.6
_MOST = 12
_LONGEST = 60


def nearly(layout: Layout, rows: Sequence[Sequence[str]]) -> str:
    """Return why a file is not of a layout: which columns it lacks, which it has that the layout does not know."""
    missing = layout.missing(rows)
    new = _new(layout, rows)
    renamed = _renamed(missing, new)
    said = [f"{NEARLY}: {', '.join(missing)}"]
    if renamed:
        said.append("perhaps renamed: " + ", ".join(f"{old} is now {title}" for old, title in renamed.items()))
    rest = [title for title in new if title not in renamed.values()]
    if rest:
        more = f" and {len(rest) - _MOST:,} more" if len(rest) > _MOST else ""
        said.append(f"new: {', '.join(rest[:_MOST])}{more}")
    return "; ".join(said)


def _new(layout: Layout, rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return the titles of the row most like the header that the layout does not know."""
    known = {title for titles in layout.columns.values() for title in titles} | layout.ignored

    def is_known(cell: str) -> bool:
        return not known.isdisjoint(names_of(cell))

    best = max(rows[:HEADER_WITHIN], key=lambda cells: sum(map(is_known, filled(cells))), default=())
    return tuple(cell[:_LONGEST] for cell in filled(best) if not is_known(cell))


def _renamed(missing: Sequence[str], new: Sequence[str]) -> dict[str, str]:
    """Return which new title each missing one may have become."""
    left = {plain(title): title for title in new}
    found: dict[str, str] = {}
    for name in missing:
        alike = get_close_matches(name, list(left), n=1, cutoff=_ALIKE)
        if alike:
            found[name] = left.pop(alike[0])
    return found
