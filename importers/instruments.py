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


_RUN_TOGETHER = {"BRKA": "BRK.A", "BRKB": "BRK.B", "BFA": "BF.A", "BFB": "BF.B"}
"""Share classes that some files write together: Berkshire Hathaway and Brown-Forman."""


def clean_symbol(text: str) -> str:
    """Return a symbol in capitals, `BRK/B`, `BRK B`, `BRK-B` and `BRKB` as `BRK.B`."""
    bare = text.strip().upper()
    found = _SHARE_CLASS.fullmatch(bare)
    return f"{found[1]}.{found[2]}" if found else _RUN_TOGETHER.get(bare, bare)


FORMULA_SIGNS = ("=", "@", "+")
"""How a spreadsheet's formula begins; no symbol does. A minus is an option sold short (Fidelity)."""


def cusip_problem(text: str) -> str:
    """Return what is wrong with a CUSIP, completing "CUSIP 12345 ..."; empty when its check digit is right.

    The check digit is modulus 10 double add double over eight signs, letters from 10 (ANSI X9.6).
    """
    bare = text.strip().upper()
    if not re.fullmatch(r"[0-9A-Z*@#]{8}[0-9]", bare, re.ASCII):
        return "is not eight letters or digits and a check digit"
    total = 0
    for at, sign in enumerate(bare[:8]):
        figure = ("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*@#".index(sign)) * (1 + at % 2)
        total += figure // 10 + figure % 10
    right = -total % 10
    return "" if int(bare[8]) == right else f"has check digit {bare[8]} where {right} belongs: one sign is wrong"


def isin_problem(text: str) -> str:
    """Return what is wrong with an ISIN, completing "ISIN US123 ..."; empty when its check digit is right.

    The check digit is Luhn's over the digits, letters written as two digits from 10 (ISO 6166).
    """
    bare = text.strip().upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9A-Z]{9}[0-9]", bare, re.ASCII):
        return "is not two letters, nine letters or digits and a check digit"
    digits = "".join(str(int(sign, 36)) for sign in bare[:11])
    doubled = (int(digit) * (2 - at % 2) for at, digit in enumerate(reversed(digits)))
    right = -sum(figure // 10 + figure % 10 for figure in doubled) % 10
    return "" if int(bare[11]) == right else f"has check digit {bare[11]} where {right} belongs: one sign is wrong"


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
