"""What Fidelity writes around its tables: `Date downloaded ...` below, account numbers in names of files."""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from engine.problems import Problem, Severity
from importers.date_grammar import day_within
from importers.file_names import account_in_name
from importers.reading import Reading
from importers.records import AccountRef
from importers.table_grammar import filled

CUSTODIAN = "fidelity"
_IN_NAME = re.compile(r"Account[_ ](?P<number>[A-Z]?[0-9A-Z]{7,11})(?![0-9A-Za-z])")
_NUMBER_LAST = re.compile(r"\"?(?P<name>.*?)\"?\s*(?P<number>\b(?=\w*\d)[A-Z]?[0-9A-Z]{7,11})")


def take_download_day(reading: Reading, path: Path, rows: Sequence[Sequence[str]], today: date) -> None:
    """Take the day from the footer, else from the file's name."""
    for number, cells in reversed(list(enumerate(rows, start=1))):
        text = " ".join(filled(cells))
        if text.casefold().startswith("date downloaded"):
            reading.set_as_of(day_within(text), today, number)
            break
    if reading.as_of is None:
        reading.set_as_of(day_within(path.stem), today, 0)


def tell_no_day(reading: Reading, name: str) -> None:
    """Warn when nothing says of which day holdings are; `name` is how Fidelity would call such a file."""
    if reading.as_of is None:
        message = "neither the footer nor the file's name says of which day the file is"
        hint = f"Keep Fidelity's file name, such as {name}."
        reading.note(Problem(Severity.WARNING, "no_as_of", message, hint))


def account_in_file_name(stem: str) -> AccountRef:
    """Return the account of `History_for_Account_X12345678`, number empty where none stands there."""
    found = _IN_NAME.search(stem)
    return AccountRef(CUSTODIAN, found["number"]) if found else account_in_name(CUSTODIAN, stem)


def account_in_cell(text: str) -> AccountRef:
    """Split `"Individual" X12345678`, as the 2021 history writes an account, into name and number."""
    found = _NUMBER_LAST.fullmatch(text.strip())
    return AccountRef(CUSTODIAN, found["number"], found["name"].strip()) if found else AccountRef(CUSTODIAN, "", text)


def tell_no_account(reading: Reading, account: AccountRef) -> None:
    """Warn when neither the table nor the file's name gives the number of the account."""
    if not account.number:
        message = f"the file names no account; it is kept as '{account.name}'"
        reading.note(Problem(Severity.WARNING, "no_account", message, "Put the account number into the file's name."))
