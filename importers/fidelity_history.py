"""Fidelity Accounts_History and History_for_Account: what a row did stands as a sentence in its action.

Four layouts: account and number (2025); the same with currencies (2025-12), of which some files have the columns from
the currency on one place to the left of their titles; one account that only the file's name tells (2023); an account
cell `"Individual" X12345678` that is not valid CSV (2021).
"""

import re
from datetime import date
from pathlib import Path

from engine.portfolio import Action
from engine.problems import Severity
from importers.actions import Meaning, fidelity_meaning
from importers.base import Claim, FileHead, ImportResult
from importers.date_grammar import day
from importers.fidelity_titles import (
    CUSTODIAN,
    account_in_cell,
    account_in_file_name,
    take_download_day,
    tell_no_account,
)
from importers.history_rows import Words, add_known
from importers.instruments import money_fund
from importers.one_table import OneTable
from importers.reading import Row
from importers.records import AccountRef, ActivityKind
from importers.table_grammar import Layout

NAME = "fidelity_history"
TABLE = OneTable(
    NAME,
    "Fidelity history",
    Layout(
        columns={
            "date": ("run date",),
            "account_name": ("account",),
            "account": ("account number",),
            "activity": ("action",),
            "symbol": ("symbol",),
            "description": ("description", "security description"),
            "security_type": ("type", "security type"),
            "currency": ("currency",),
            "price": ("price ($)", "price"),
            "quantity": ("quantity",),
            "amount": ("amount ($)", "amount"),
        },
        required=("date", "activity", "symbol", "description", "quantity", "price", "amount"),
        ignored=frozenset(
            {
                *("commission", "fees", "accrued interest", "settlement date", "cash balance"),
                *("exchange quantity", "exchange currency", "exchange rate"),
            }
        ),
    ),
    frozenset({"run date", "action", "symbol", "settlement date"}),
)
_CURRENCY = re.compile(r"[A-Z]{3}")
_BETWEEN: frozenset[Meaning | None] = frozenset({*Action, ActivityKind.JOURNAL})
_AS_OF = re.compile(r"\bas of (?P<day>[A-Za-z]{3}-\d{1,2}-\d{4}|\d{1,2}-\d{1,2}-\d{2,4})", re.IGNORECASE)


class FidelityHistory:
    """Trades and activity. What moves between cash and the core fund is kept as a journal, of no amount."""

    name = NAME
    title = "Fidelity history"

    def claim(self, path: Path, head: FileHead) -> Claim:  # noqa: ARG002 (the content decides, not the name)
        """Take files with a run date and an action."""
        return TABLE.claim(head)

    def read(self, path: Path, *, today: date) -> ImportResult:
        """Read trades and activity of one or all accounts."""
        opened = TABLE.open(path)
        if isinstance(opened, ImportResult):
            return opened
        take_download_day(opened.reading, path, opened.rows, today)
        of_name = account_in_file_name(path.stem)
        if not opened.header.has("account_name") and not opened.header.has("account"):
            tell_no_account(opened.reading, of_name)

        def take(row: Row) -> None:
            row.account = _account(row, of_name)
            _take(row, today)

        TABLE.walk(opened, take)
        return opened.reading.result(empty=Severity.INFO)


def _account(row: Row, of_name: AccountRef) -> AccountRef:
    if row.has("account"):
        account = AccountRef(CUSTODIAN, row.text("account").strip('"'), row.text("account_name").strip('"'))
    elif row.has("account_name"):
        account = account_in_cell(row.text("account_name"))
    else:
        return of_name
    if not account.number:
        row.reject("no_account", "there is no account number", "account")
    return account


def _take(row: Row, today: date) -> None:
    sentence = row.text("activity")
    _align(row)
    _date(row, sentence)
    words = Words(sentence, row.text("description").replace("No Description", ""), row.text("security_type"))
    meaning = fidelity_meaning(sentence)
    core = money_fund(row.clean_symbol(), words.description)
    if core and meaning in _BETWEEN:
        meaning = ActivityKind.JOURNAL
        row.use("quantity", "")
        row.use("amount", "")
    add_known(row, words, meaning, today=today)


def _date(row: Row, sentence: str) -> None:
    """Take the day that the sentence gives where it is before the day of the run."""
    found = _AS_OF.search(sentence)
    said, run = day(found["day"]) if found else None, day(row.text("date"))
    if found and isinstance(said, date) and isinstance(run, date) and said < run:
        row.use("date", found["day"])


def _align(row: Row) -> None:
    """Put quantity and price right where a currency stands under `Quantity`, as some files have it."""
    if row.has("currency") and _CURRENCY.fullmatch(row.text("quantity")):
        price, quantity = row.text("currency"), row.text("price")
        row.use("price", price)
        row.use("quantity", quantity)
