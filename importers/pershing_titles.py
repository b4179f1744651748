"""What NetX360+ writes above its reports: the account and the day."""

import re
from collections.abc import Sequence
from datetime import date

from importers.date_grammar import day_within
from importers.records import AccountRef
from importers.table_grammar import filled, plain

CUSTODIAN = "pershing"

_ACCOUNT = re.compile(r"account(?: number)?:? (?P<number>(?=[A-Z-]*\d)[A-Z0-9-]{5,12})\b.*", re.IGNORECASE)


def account_above(rows: Sequence[Sequence[str]]) -> AccountRef | None:
    """Return the account that a row above the table names, as `Account: QLL100001` or in two cells."""
    for cells in rows:
        found = _ACCOUNT.fullmatch(" ".join(filled(cells)).replace(" : ", " "))
        if found:
            return AccountRef(CUSTODIAN, found["number"])
    return None


def day_above(rows: Sequence[Sequence[str]]) -> tuple[int, date] | None:
    """Return the day that the report is of, and the row that says so."""
    for number, cells in enumerate(rows, start=1):
        text = " ".join(filled(cells))
        day = day_within(text)
        if day is not None and plain(text).startswith(("as of", "report as of")):
            return number, day
    return None
