"""How custodians write dates: US order, ISO, compact, with times, `posted as of effective`, and words for none."""

import re
from datetime import date
from functools import lru_cache

from importers.number_grammar import NULLS, Unreadable

PLACEHOLDERS = frozenset({date(1951, 1, 1), date(1960, 4, 1)})
"""Dates that custodians write where the acquisition date of a lot is unknown."""

_NO_DATE = NULLS | {"various", "multiple"}
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_CLOCK = r"[0-9]{1,2}:?[0-9]{2}(?::?[0-9]{2})?(?:\.[0-9]+)?\s*(?:[AaPp][Mm])?"
_TIME = r"(?:[T ,;]\s*" + _CLOCK + r"\s*(?:Z|[A-Z]{2,4}|[+-]\d\d:?\d\d)?)?"
_MONTH_FIRST = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4}|\d{2})" + _TIME, re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})" + _TIME, re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})" + _TIME, re.ASCII)
_NAMED_MONTH = re.compile(r"([A-Za-z]{3})[a-z]*[-/ ]\s*(\d{1,2}),?[-/ ]\s*(\d{4})" + _TIME, re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})[- ]([A-Za-z]{3})[a-z]*[- ](\d{4})" + _TIME, re.ASCII)
_INSIDE = re.compile(
    r"(?<!\d)(\d{4}/\d{1,2}/\d{1,2}|\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4}"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[-_ ]\d{1,2},?[-_ ]\d{4})(?!\d)",
    re.ASCII | re.IGNORECASE,
)
_LONGEST = 60


@lru_cache(maxsize=16_384)
def day(text: str) -> date | Unreadable | None:
    """Read a date; None for an empty cell, `--`, `Various` and the like.

    `posting as of effective` gives the effective date, which is the day of the trade. Two-digit years 69 to 99
    are of the last century. Times of day are dropped.
    """
    bare = text.strip()
    if bare.casefold() in _NO_DATE:
        return None
    if len(bare) > _LONGEST:
        return Unreadable("is not a date")
    effective = bare.rpartition(" as of ")[2].strip()
    parts = _parts(effective)
    if parts is None:
        return Unreadable("is not a date")
    year, month, dom = parts
    if not 1800 <= year <= 2200:
        return Unreadable("is not a date of our times")
    try:
        return date(year, month, dom)
    except ValueError:
        return Unreadable("is not a day of the calendar (month comes before day)")


def _parts(text: str) -> tuple[int, int, int] | None:
    """Return year, month and day of month as numbers, not yet checked against the calendar."""
    found = _MONTH_FIRST.fullmatch(text)
    if found:
        year = int(found[3])
        if len(found[3]) == 2:
            year += 1900 if year >= 69 else 2000
        return year, int(found[1]), int(found[2])
    found = _YEAR_FIRST.fullmatch(text) or _COMPACT.fullmatch(text)
    if found:
        return int(found[1]), int(found[2]), int(found[3])
    found = _NAMED_MONTH.fullmatch(text)
    if found:
        return int(found[3]), _MONTHS.get(found[1].casefold(), 0), int(found[2])
    found = _DAY_FIRST.fullmatch(text)
    if found:
        return int(found[3]), _MONTHS.get(found[2].casefold(), 0), int(found[1])
    return None


def day_within(text: str) -> date | None:
    """Return the last date that stands somewhere in a title, footer or file name; None when there is none."""
    days = [day(found.replace("_", " ")) for found in _INSIDE.findall(text)]
    good = [d for d in days if isinstance(d, date)]
    return good[-1] if good else None
