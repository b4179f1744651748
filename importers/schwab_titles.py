"""What Charles Schwab writes around its tables: accounts as `Individual ...123`, total rows, cash rows."""

import re

from importers.records import AccountRef

CUSTODIAN = "schwab"
CASH_SYMBOL = "cash & cash investments"
TOTAL_SYMBOLS = frozenset({"account total", "positions total", "total"})

_MASK = re.compile(r"(?P<name>.*?)[\s_]*(?P<mask>X{2,}-?[A-Z]?\d{3,}|(?:\.{3}|\u2026)\d{3,}|\d[\d-]{3,}\d)", re.DOTALL)


def account_of(text: str) -> AccountRef:
    """Split `Individual ...123` into name and mask, the mask as text exactly as it stands."""
    bare = " ".join(text.split())
    found = _MASK.fullmatch(bare)
    if found is None:
        return AccountRef(CUSTODIAN, bare)
    return AccountRef(CUSTODIAN, found["mask"], found["name"].strip())
