"""What a file's name says where the file does not: the account, and the day."""

import re

from importers.records import AccountRef

_MASK = re.compile(
    r"(?:(?<![A-Za-z0-9])(?:#+|\*+|X{2,}-?|x{3,}-?|\.{3}|(?<=\s)-)(?P<tail>\d{3,})"
    r"|(?<![A-Za-z0-9])(?P<whole>[A-Za-z]{0,3}\d{6,12}))(?![A-Za-z0-9])"
)
_SHORT = 6
_DAY_DIGITS = re.compile(r"(?:19|20)\d{6}|\d{4}(?:19|20)\d\d")


def account_in_name(custodian: str, stem: str) -> AccountRef:
    """Return the account whose number or mask stands in a file's name, else one that is called like the file.

    Eight digits that are a day are no account. A name as short as the end of a number is not left to be taken for one.
    """
    for found in _MASK.finditer(stem.replace("_", " ")):
        text = found[0].strip()
        if not _DAY_DIGITS.fullmatch(text):
            return AccountRef(custodian, text)
    short = len(stem) <= _SHORT and any(sign.isdigit() for sign in stem)
    return AccountRef(custodian, "", f"file {stem}" if short else stem)
