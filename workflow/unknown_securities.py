"""What files name and the office workbook does not: securities and accounts, each once, as rows to fill in."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import tables
from engine.errors import AppError
from engine.money import ZERO
from importers.custodians import CUSTODIANS
from importers.instruments import cusip_problem
from importers.office_writer import OfficeValue, write_office

_TYPES = (
    ("etf", ("etf", "exchange traded")),
    ("fund", ("mutual", "fund")),
    ("bond", ("bond", "fixed income", "treasury", "municipal", "cd", "note")),
    ("stock", ("stock", "equity", "equities", "adr", "common")),
)
"""Words of custodians for the kinds of the office workbook, the most telling first."""


@dataclass(frozen=True, slots=True)
class UnknownSecurity:
    """One security without an asset class. `value` is what is held of it in dollars, as positions say."""

    symbol: str
    name: str
    security_type: str
    cusip: str
    accounts: tuple[str, ...]
    value: Decimal
    problem: str

    def workbook_row(self) -> tuple[str, ...]:
        """Return Symbol, Name, Asset class (to fill in), Identity group, Type and CUSIP of the sheet Securities."""
        return (self.symbol, self.name, "", "", self.security_type, self.cusip)


@dataclass(frozen=True, slots=True)
class UnplacedAccount:
    """An account of the book that belongs to no household yet."""

    custodian: str
    number: str
    name: str


def unplaced_accounts(session: Session) -> tuple[UnplacedAccount, ...]:
    """Return the accounts that files name and the office workbook does not."""
    account = tables.Account
    query = select(account).where(account.household_id.is_(None)).order_by(account.custodian, account.number)
    return tuple(UnplacedAccount(row.custodian, row.number, row.name) for row in session.scalars(query))


def write_unknown(path: Path, rows: Sequence[UnknownSecurity], accounts: Sequence[UnplacedAccount]) -> None:
    """Write an office workbook with these rows, in which only what nobody knows is left to fill in.

    AppError where it cannot be written, or would take the place of another file.
    """
    if path.suffix.casefold() != ".xlsx":
        raise AppError("The list is an Excel workbook", detail=str(path), hint="Give it a name that ends in .xlsx.")
    if path.exists():
        raise AppError("There is a file of that name already", detail=str(path), hint="Choose another name.")
    sheets: dict[str, list[dict[str, OfficeValue]]] = {
        "Securities": [
            {
                "symbol": row.symbol,
                "name": row.name,
                "security_type": kind_of(row.security_type),
                "cusip": "" if row.problem else row.cusip,
            }
            for row in rows
        ],
        "Accounts": [
            {
                "custodian": row.custodian if row.custodian in CUSTODIANS else "",
                "number": row.number,
                "title": row.name,
            }
            for row in accounts
        ],
    }
    try:
        write_office(path, sheets)
    except OSError as error:
        raise AppError("The list cannot be written", detail=f"{path}: {error.strerror or error}") from None


def kind_of(text: str) -> str:
    """Return the kind of the office workbook for a custodian's word; empty where none fits."""
    said = text.casefold()
    fits = (kind for kind, words in _TYPES if any(word in said for word in words))
    return next(fits, "")


def unknown_securities(session: Session) -> tuple[UnknownSecurity, ...]:
    """Return the securities that accounts hold and nobody classified, the largest first."""
    security, position, lot, account = tables.Security, tables.Position, tables.Lot, tables.Account
    held: dict[int, set[str]] = defaultdict(set)
    for table in (position, lot):
        pairs = select(table.security_id, account.number).join(account, account.id == table.account_id)
        for key, number in session.execute(pairs.distinct()):
            held[key].add(number)
    worth: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for key, value in session.execute(select(position.security_id, position.market_value)):
        worth[key] += value or ZERO
    rows = session.scalars(select(security).where(security.asset_class.is_(None)).order_by(security.symbol))
    found = [
        UnknownSecurity(
            row.symbol,
            row.name,
            row.security_type,
            row.cusip,
            tuple(sorted(held[row.id])),
            worth[row.id],
            f"CUSIP {row.cusip} {wrong}" if row.cusip and (wrong := cusip_problem(row.cusip)) else "",
        )
        for row in rows
        if row.id in held
    ]
    return tuple(sorted(found, key=lambda one: -one.value))
