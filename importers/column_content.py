"""Columns told by what stands in them: identifiers with right check digits, trades in words, custodians, total rows."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice

from engine.portfolio import Registration
from importers.actions import action_of
from importers.custodians import CUSTODIANS, OTHER, custodian_key
from importers.date_grammar import day
from importers.instruments import cusip_problem, isin_problem
from importers.number_grammar import number
from importers.table_grammar import plain

_MOSTLY = 0.8
_SAMPLE = 12
_ACCOUNT = re.compile(
    r"[X#*.\u2026]{2,}-?[A-Z]?\d{3,}|[A-Z]{0,3}-?\d{5,12}|\d{3,5}-\d{3,5}|\d{4,8}-\d{1,4}|[A-Z]{1,3}\d{0,3}-\d{3}-?\d{3,6}",
    re.ASCII,
)
_TOTAL = re.compile(
    r"(?:grand |sub-?|sub |account |positions )?(?:totals?|sum)\b.*|(?:gesamt|zwischen|end)?summe\b.*|gesamt\b.*"
    r"|somme\b.*|sous-total\b.*|suma\b.*",
)
_LONGEST_TOTAL = 60
_TOTAL_ALONE = frozenset({"total", "totals", "subtotal", "sub-total", "grand total", "summe", "zwischensumme"})
_NAMED = frozenset(CUSTODIANS) - {OTHER}
_REGISTRATIONS = frozenset(
    {
        *(kind.value.replace("_", " ") for kind in Registration),
        *("individual", "joint", "joint tenants", "jtwros", "tod", "tenants in common", "community property"),
        *("ira", "rollover ira", "sep ira", "simple ira", "inherited ira", "roth", "trust", "living trust"),
        *("custodial", "utma", "ugma", "401k", "401(k)", "529", "hsa", "brokerage", "taxable"),
    }
)
_TYPES = frozenset(
    {
        *(
            "etf",
            "etfs",
            "stock",
            "stocks",
            "equity",
            "equities",
            "common stock",
            "mutual fund",
            "mutual funds",
            "fund",
        ),
        *("bond", "bonds", "fixed income", "cash", "option", "options", "cd", "treasury", "etfs & closed end funds"),
    }
)


def is_account(text: str) -> bool:
    """Whether a text has the shape of an account number or mask, and not that of an identifier of a security."""
    return _ACCOUNT.fullmatch(text) is not None and not isin(text) and not (cusip(text) and not text.isdigit())


def cusip(text: str) -> bool:
    """Whether a text is a CUSIP with the right check digit."""
    return len(text) == len("037833100") and not cusip_problem(text)


def isin(text: str) -> bool:
    """Whether a text is an ISIN with the right check digit."""
    return len(text) == len("US0378331005") and not isin_problem(text)


def identifier(cells: Sequence[str]) -> str:
    """Return `cusip` or `isin` for a column of such, of which a few may have a sign wrong; else an empty text."""
    said = list(islice((cell for cell in cells if not is_total_word(cell)), _SAMPLE))
    for name, right in (("isin", isin), ("cusip", cusip)):
        lettered = name == "isin" or any(not cell.isdigit() for cell in said)
        if said and lettered and sum(map(right, said)) >= _MOSTLY * len(said):
            return name
    return ""


def is_total_word(text: str) -> bool:
    """Whether a cell names a total or a sum, in the languages of the files that offices have."""
    return len(text) <= _LONGEST_TOTAL and _TOTAL.fullmatch(plain(text)) is not None


def is_total_row(cells: Sequence[str], symbol: int | None = None) -> bool:
    """Whether a row sums up others: one of its texts says so, and no security stands in it (column `symbol`, 0-based).

    Where the column is not known the first text must say so: a fund may be called Total Market.
    """
    if symbol is not None and symbol < len(cells) and (bare := cells[symbol].strip()) and not is_total_word(bare):
        return False
    said = [cell.strip() for cell in cells if cell.strip()]
    if symbol is None:
        return bool(said) and (is_total_word(said[0]) or any(plain(cell) in _TOTAL_ALONE for cell in said))
    return any(is_total_word(cell) for cell in said)


def actions_share(cells: Sequence[str]) -> float:
    """Return which part of the cells are words for buying, selling or reinvesting, by different words counted once."""
    words = Counter(plain(cell) for cell in cells)
    if not words or len(words) > max(_SAMPLE, len(cells) // 2) or any(number_like(word) for word in words):
        return 0
    return sum(count for word, count in words.items() if action_of(word) is not None) / len(cells)


def number_like(text: str) -> bool:
    """Whether a text begins with a digit, as no word does."""
    return text[:1].isdigit()


def words_of(cells: Sequence[str]) -> str:
    """Return what a small set of repeated words is: custodian, security_type, registration; else an empty text."""
    words = {plain(cell) for cell in cells}
    if not words or len(words) > _SAMPLE:
        return ""
    if all(custodian_key(word) in _NAMED for word in words):
        return "custodian"
    for name, known in (("security_type", _TYPES), ("registration", _REGISTRATIONS)):
        if sum(word in known for word in words) >= _MOSTLY * len(words):
            return name
    return ""


def earlier_of_two(one: Sequence[str], other: Sequence[str]) -> bool | None:
    """Whether `one` is never after `other`, where both are columns of dates: the trade before it settles.

    None where they cannot be told apart.
    """
    pairs = [(day(a), day(b)) for a, b in zip(one, other, strict=True) if number(a) is not None]
    known = [(a, b) for a, b in pairs if hasattr(a, "year") and hasattr(b, "year")]
    before = sum(a < b for a, b in known)  # type: ignore[operator]
    after = sum(a > b for a, b in known)  # type: ignore[operator]
    if not known or (before and after) or before == after:
        return None
    return before > 0
