"""Custodians by the names that people and files give them."""

_KNOWN = {
    "schwab": ("schwab", "charles schwab", "charles schwab & co", "charles schwab & co., inc.", "cs"),
    "fidelity": ("fidelity", "fidelity investments", "nfs", "national financial services"),
}
OTHER = "other"


def custodian_key(text: str) -> str:
    """Return the short name of a custodian: `Charles Schwab` is schwab; nothing said is other."""
    bare = " ".join(text.casefold().split())
    for key, names in _KNOWN.items():
        if bare in names:
            return key
    return bare or OTHER
