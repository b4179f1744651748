"""Account numbers as files write them: whole, or masked with the end still seen."""

import re
from dataclasses import dataclass
from functools import lru_cache

_MASK = re.compile(r"(?:X{2,}|[*#.•\u2026]+|-)[X*#.•\u2026\s-]*(?P<tail>[0-9A-Z]+)")
_SHORTEST_NUMBER = 5
"""A number of fewer signs is the end of one, not a whole one."""


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """An account as the book knows it. `aliases` are other numbers and names that a person has confirmed."""

    id: int
    custodian: str
    number: str
    name: str = ""
    title: str = ""
    aliases: tuple[str, ...] = ()


@lru_cache(maxsize=65_536)
def canonical(number: str) -> str:
    """Return an account number without blanks and hyphens, in capitals; leading zeros stay."""
    return re.sub(r"[\s-]", "", number).upper()


@lru_cache(maxsize=65_536)
def tail_of(number: str) -> str | None:
    """Return the visible end of a masked number such as XXXX-4321 or ...321; None for a whole number or a name."""
    bare = number.strip().upper()
    masked = _MASK.fullmatch(bare)
    if masked:
        return masked["tail"]
    short = canonical(bare)
    return short if 0 < len(short) < _SHORTEST_NUMBER and any(c.isdigit() for c in short) else None


def could_be(known: str, told: str) -> bool:
    """Whether two numbers or masks can mean one account."""
    known_tail, told_tail = tail_of(known), tail_of(told)
    if known_tail is None and told_tail is None:
        return canonical(known) == canonical(told)
    if known_tail is None:
        return canonical(known).endswith(str(told_tail))
    if told_tail is None:
        return canonical(told).endswith(known_tail)
    return known_tail.endswith(told_tail) or told_tail.endswith(known_tail)
