"""How custodians write numbers: `$1,234.56`, `($126.93)`, `-$2.86`, `+46.77%`, `.58`, `--`. Missing is not zero."""

import re
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A cell that is there but says nothing we understand; `why` completes "'12x' ..."."""

    why: str


NULLS = frozenset(
    {"", "-", "--", "---", "n/a", "na", "not applicable", "not available", "null", "none", "incomplete", "."}
)
"""What stands for a missing value, in lower case."""

LARGEST = Decimal(10) ** 15
"""Numbers of this size and above are refused: no account holds them and no column of the book does."""

_LONGEST = 40
_PLAIN = re.compile(r"-?(?:[0-9]{1,15}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})", re.ASCII)
_NUMBER = re.compile(
    r"""(?P<open>\()?\s*(?P<sign>[+-])?\s*(?P<dollar>\$)?\s*(?P<sign2>[+-])?
        (?P<digits>(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+)
        (?P<exponent>[eE][+-]?[0-9]{1,3})?\s*(?P<percent>%)?\s*(?P<close>\))?(?P<percent2>%)?""",
    re.ASCII | re.VERBOSE,
)
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2212": "-", "\u2013": "-", "\u2014": "-"})
_NOT_FINITE = frozenset({"nan", "inf", "infinity", "snan", "qnan"})


def number(text: str) -> Decimal | Unreadable | None:
    """Read a number; None when the cell is empty or says that there is none.

    A percentage is returned as a fraction of one. Parentheses are a minus sign. NaN, infinity, Excel's error
    values and anything else are `Unreadable`.
    """
    # most numbers are a few digits with a point at most, which takes half the time to see without the pattern
    digits = len(text) <= 15 and text.isascii() and text.replace(".", "", 1).isdigit()
    if digits or _PLAIN.fullmatch(text):
        return Decimal(text)
    bare = text.strip()[: _LONGEST + 1].translate(_SPACES)
    if bare.casefold() in NULLS:
        return None
    if bare.lstrip("+-").casefold() in _NOT_FINITE:
        return Unreadable("is not a finite number")
    found = _NUMBER.fullmatch(bare) if len(bare) <= _LONGEST else None
    if found is None or not _consistent(found):
        return Unreadable("is not a number")
    value = Decimal(found["digits"].replace(",", "") + (found["exponent"] or ""))
    if found["percent"] or found["percent2"]:
        value = value.scaleb(-2)
    if value >= LARGEST or (value and value.adjusted() < -20):
        return Unreadable("is out of range")
    minus = (found["sign"] or found["sign2"] or "") == "-"
    return -value if minus != bool(found["open"]) else value


def _consistent(found: re.Match[str]) -> bool:
    """Whether parentheses come in pairs and neither sign nor per cent stands twice."""
    twice = (found["sign"] and found["sign2"]) or (found["percent"] and found["percent2"])
    return not twice and bool(found["open"]) == bool(found["close"])
