"""Custodians by the names that people and files give them."""

_KNOWN = {
    "schwab": ("schwab", "charles schwab", "charles schwab & co", "charles schwab & co., inc.", "cs"),
    "fidelity": ("fidelity", "fidelity investments", "nfs", "national financial services"),
    "vanguard": ("vanguard", "the vanguard group", "vanguard brokerage"),
    "ibkr": ("ibkr", "interactive brokers", "interactive brokers llc", "ib"),
    "tda": ("tda", "td ameritrade", "td ameritrade, inc.", "ameritrade", "tdameritrade"),
    "etrade": ("etrade", "e*trade", "e*trade from morgan stanley", "e*trade securities"),
    "pershing": ("pershing", "bny pershing", "pershing llc", "netx360"),
    "merrill": ("merrill", "merrill lynch", "merrill edge", "merrill lynch, pierce, fenner & smith"),
    "morgan_stanley": ("morgan_stanley", "morgan stanley", "morgan stanley wealth management", "ms"),
    "lpl": ("lpl", "lpl financial"),
    "jpm": ("jpm", "j.p. morgan", "jp morgan", "chase", "j.p. morgan self-directed investing"),
}
OTHER = "other"
CUSTODIANS = (*_KNOWN, OTHER)
"""The short names, as the office workbook lists them."""


def custodian_key(text: str) -> str:
    """Return the short name of a custodian: `Charles Schwab` is schwab; nothing said is other."""
    bare = " ".join(text.casefold().split())
    for key, names in _KNOWN.items():
        if bare in names:
            return key
    return bare or OTHER
