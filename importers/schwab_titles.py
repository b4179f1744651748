"""What Charles Schwab writes around its tables: accounts as `Individual ...123`, total rows, cash rows."""

import re
from datetime import date

from engine.problems import Problem, Severity
from importers.date_grammar import day
from importers.file_names import account_in_name
from importers.reading import Reading
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


_IN_NAME = re.compile(r"(?P<account>.+?)[_ ](?:Brokerage[_ ])?(?:Transactions|GainLoss|Realized)[_ ]", re.IGNORECASE)
_STAMP = re.compile(r"[_ -]20\d{6}-?\d{6}(?!\d)")
_DAY_IN_NAME = re.compile(r"(?<!\d)20\d{6}(?!\d)")
_WHEN = re.compile(
    r" as of (?:(?P<day>\d{1,2}/\d{1,2}/\d{4})"
    r"|[A-Z][a-z]{2} (?P<month>[A-Z][a-z]{2}) +(?P<dom>\d{1,2}) [^a-z]*?(?P<year>\d{4}))"
)


def account_in_file_name(stem: str) -> AccountRef:
    """Return the account of `Individual_XXX178_Transactions_20250309-115444`, number empty where none stands there."""
    found = _IN_NAME.match(stem)
    account = account_of(found["account"].replace("_", " ")) if found else None
    return account if account and account.name else account_in_name(CUSTODIAN, _STAMP.sub("", stem))


def title_day(text: str) -> date | None:
    """Return the day after `as of`: `09/27/2021 22:00:26 ET` or `Sun May 03  13:18:19 EDT 2026`."""
    found = _WHEN.search(text)
    if found is None:
        return None
    said = day(found["day"] or f"{found['month']} {found['dom']} {found['year']}")
    return said if isinstance(said, date) else None


def name_day(stem: str) -> date | None:
    """Return the day in `..._20250309-115444`, when the file was downloaded."""
    found = _DAY_IN_NAME.search(stem)
    said = day(found[0]) if found else None
    return said if isinstance(said, date) else None


def tell_no_account(reading: Reading, account: AccountRef) -> None:
    """Warn when neither title nor name of a file give the number or mask of its account."""
    if not account.number:
        message = f"the file names no account; it is kept as '{account.name}'"
        hint = "Keep Schwab's file name, or put the account number into it."
        reading.note(Problem(Severity.WARNING, "no_account", message, hint))


MOST_ROWS = 10_000
"""Transactions that Schwab puts into one download (schwab.com, Transaction History, export)."""


def tell_full(reading: Reading, count: int) -> None:
    """Warn when a history is as long as a download can be: what is older may have been left out."""
    if count >= MOST_ROWS:
        message = f"the file has {count:,} transactions, and Schwab leaves out those beyond {MOST_ROWS:,}"
        hint = "Download shorter periods, one after the other."
        reading.note(Problem(Severity.WARNING, "cut_off", message, hint))
