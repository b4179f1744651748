"""What a symbol is: a share class written one way, and instruments that are kept but not traded."""

import re

_SHARE_CLASS = re.compile(r"([A-Z]{1,5})[ /-]([A-Z])")
_OPTIONS = (
    re.compile(r"[A-Z.]{1,6}\s+\d{2}/\d{2}/\d{4}\s+\d+(?:\.\d+)?\s+[CP]"),
    re.compile(r"-?\s*[A-Z.]{1,6}\s*\d{6}[CP]\d+(?:\.\d+)?"),
    re.compile(r"[A-Z.]{1,6}\s+[A-Z]{3} \d{1,2} '\d{2} \$?\d+(?:\.\d+)? (?:PUT|CALL)"),
    re.compile(r"[A-Z.]{1,6}\d{2}/\d{2}/\d{2}[CP]\d+(?:\.\d+)?"),
)
_CUSIP = re.compile(r"(?=(?:.*\d){4})[0-9A-Z]{8}\d")
_KNOWN_AS_SHARES = frozenset({"stock", "mutual fund", "etf"})
"""Types under which a CUSIP stands for shares whose ticker the file leaves out."""
_BOND_TYPES = ("bond", "fixed income", "cd", "treasury", "municipal")


def clean_symbol(text: str) -> str:
    """Return a symbol in capitals, `BRK/B`, `BRK B` and `BRK-B` as `BRK.B`."""
    bare = text.strip().upper()
    found = _SHARE_CLASS.fullmatch(bare)
    return f"{found[1]}.{found[2]}" if found else bare


def untradable(symbol: str, description: str = "", security_type: str = "") -> str:
    """Return what makes an instrument one that we hold but do not trade, in words; empty when we trade it."""
    kind = security_type.casefold()
    if any(shape.fullmatch(symbol) for shape in _OPTIONS) or "option" in kind:
        return "an option"
    if re.match(r"(?:CALL|PUT) [(A-Z]", description.upper()) and re.search(r"\$ ?\d|\bEXP\b", description.upper()):
        return "an option"
    numbered = _CUSIP.fullmatch(symbol) and kind not in _KNOWN_AS_SHARES
    if numbered or any(re.search(rf"\b{word}\b", kind) for word in _BOND_TYPES):
        return "a bond or certificate (its price is per 100 of face value)"
    return ""


_MONEY_FUND_NAME = re.compile(r"\bMONEY (?:MARKET|MKT)\b|\bMMKT\b|\bCASH RESERVES\b", re.IGNORECASE)
_MONEY_FUND_TICKER = re.compile(r"[A-Z]{3}XX")


def money_fund(symbol: str, name: str = "") -> bool:
    """Whether a fund is a money market fund, which settles trades and is held as cash.

    Five letters that end in XX are such a fund's ticker (Nasdaq, fifth-character symbol suffixes).
    """
    return bool(_MONEY_FUND_TICKER.fullmatch(symbol) or _MONEY_FUND_NAME.search(name))
