"""Dates and numbers as other countries write them, rewritten as the rest of the program reads them."""

import re
from collections.abc import Iterable, Sequence
from datetime import date

from importers.date_grammar import day

_DAY_FIRST = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})", re.ASCII)
_COMMA = re.compile(
    r"(?P<before>[^\d]*)(?P<whole>\d{1,3}(?:[. '\u00a0\u202f\u2019]\d{3})*|\d+)(?:,(?P<part>\d+))?(?P<after>[^\d]*)",
    re.ASCII,
)
_GROUPS = re.compile(r"[. '\u00a0\u202f\u2019]")
_CENTURY = 2000
_LAST_CENTURY = 69
_MONTHS = 12
_LONGEST_NUMBER = 60
"""Characters; a longer cell is text, and looking at each of its signs would take long."""


def day_first(text: str) -> str:
    """Return 4.3.2021 as 2021-03-04; any other text as it is."""
    found = _DAY_FIRST.fullmatch(text.strip())
    if found is None:
        return text
    year = int(found[4])
    if len(found[4]) == len("21"):
        year += _CENTURY - 100 if year >= _LAST_CENTURY else _CENTURY
    return f"{year:04}-{int(found[3]):02}-{int(found[1]):02}"


def decimal_comma(text: str) -> str:
    """Return 1.234,50 as 1234.50, signs and marks around it kept; any other text as it is."""
    found = _COMMA.fullmatch(text.strip())
    if found is None:
        return text
    whole = _GROUPS.sub("", found["whole"])
    part = f".{found['part']}" if found["part"] else ""
    return f"{found['before']}{whole}{part}{found['after']}"


def written_day_first(cells: Iterable[str]) -> bool:
    """Whether dates can only be read with the day first: none fails so, and some with the month first."""
    said = [cell.strip() for cell in cells if _DAY_FIRST.fullmatch(cell.strip())]
    good = all(isinstance(day(day_first(cell)), date) for cell in said)
    return bool(said) and good and any(not isinstance(day(cell), date) for cell in said)


def written_with_comma(cells: Iterable[str]) -> bool:
    """Whether numbers have a decimal comma for certain: one or two digits after it, or a point before it."""
    said = [
        cell.strip().lstrip("$€ ")
        for cell in cells
        if len(cell) <= _LONGEST_NUMBER and any(sign.isdigit() for sign in cell)
    ]
    marked = [re.fullmatch(r"[-(+]?[\d. '\u00a0\u202f]*,(\d{1,2}|\d{4,})\)?", cell) is not None for cell in said]
    clear = [re.fullmatch(r"[-(+]?\d{1,3}(?:\.\d{3})+,\d+\)?", cell) is not None for cell in said]
    points = [re.fullmatch(r"[-(+]?[\d,]*\.(\d{1,2}|\d{4,})\)?", cell) is not None for cell in said]
    return any((*marked, *clear)) and not any(points)


def rewritten(cells: Sequence[str], dates: frozenset[int], numbers: frozenset[int]) -> tuple[str, ...]:
    """Return a row with the cells at `dates` read day first and those at `numbers` with a decimal comma."""
    return tuple(
        day_first(cell) if at in dates else decimal_comma(cell) if at in numbers else cell
        for at, cell in enumerate(cells)
    )
