"""Writes positions and cash: the newest statement of an account takes the place of the one before."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from db import tables
from db.bulk import as_kept, delete_rows, insert_rows, update_rows
from db.tables.base import Base
from db.types import MONEY, PRICE, QUANTITY, to_scaled
from engine.money import ZERO
from engine.problems import Severity
from importers import records as r
from workflow.intake.arrivals import Arrival
from workflow.intake.intake import OLDER, Intake, keep_before, warning
from workflow.intake.lots import close_lots

POSITIONS = Base.metadata.tables[tables.Position.__tablename__]
_TOLD = ("quantity", "price", "market_value", "cost_basis")
_SOURCE = ("as_of", "import_file_id")


@dataclass(slots=True)
class _Stated:
    """What a file states of one holding; rows of one symbol (cash and margin) are added up."""

    description: str
    security_type: str
    quantity: Decimal = ZERO
    price: Decimal | None = None
    market_value: Decimal | None = ZERO
    cost_basis: Decimal | None = ZERO

    def add(self, record: r.PositionRecord) -> None:
        """Add a row; what one row does not say is not known of the sum either."""
        self.quantity += record.quantity
        self.price = record.price or self.price
        self.market_value = _sum(self.market_value, record.market_value)
        self.cost_basis = _sum(self.cost_basis, record.cost_basis)

    def told(self) -> tuple[int, int | None, int | None, int | None]:
        """Return what the file decides of a position, in order of the columns, as the book keeps it."""
        price = None if self.price is None else to_scaled(self.price, PRICE.places)
        value, basis = (
            None if amount is None else to_scaled(amount, MONEY.places)
            for amount in (self.market_value, self.cost_basis)
        )
        return to_scaled(self.quantity, QUANTITY.places), price, value, basis


def _sum(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    """Add up, None where either is not known."""
    return None if one is None or other is None else one + other


def apply_positions(intake: Intake, number: int, arrival: Arrival) -> None:
    """Write the positions and the cash of every account that a file states, unless the book has newer ones."""
    positions: dict[r.AccountRef, list[r.PositionRecord]] = defaultdict(list)
    cash: dict[r.AccountRef, Decimal] = defaultdict(Decimal)
    for position in arrival.of(r.PositionRecord):
        positions[position.account].append(position)
    for line in arrival.of(r.CashRecord):
        if not line.cash_only:
            cash[line.account] += line.amount
    as_of = arrival.result.as_of or intake.today
    for ref in dict.fromkeys((*positions, *cash)):
        account = intake.accounts.get(ref)
        if account is None:
            continue
        if account.positions_as_of is not None and as_of < account.positions_as_of:
            message = f"the positions of {ref.number} are of {as_of}, the book has those of {account.positions_as_of}"
            place = {"file": arrival.name, "account": ref.number}
            intake.tell(number, warning("older_holdings", message, OLDER, **place))
            continue
        _tell_if_twice(intake, number, account, as_of)
        stated = _stated(positions.get(ref, ()))
        _write_positions(intake, number, account, stated, as_of)
        _close_lots(intake, number, account, stated, as_of)
        intake.changed(
            "accounts",
            account,
            {"cash": cash.get(ref, ZERO), "cash_as_of": as_of, "positions_as_of": as_of},
        )
    intake.session.flush()


def apply_cash(intake: Intake, number: int, arrival: Arrival) -> None:
    """Write the cash of accounts whose positions are in another file, unless the book has newer cash."""
    cash: dict[r.AccountRef, Decimal] = defaultdict(Decimal)
    for line in arrival.of(r.CashRecord):
        if line.cash_only:
            cash[line.account] += line.amount
    as_of = arrival.result.as_of or intake.today
    for ref, amount in cash.items():
        account = intake.accounts.get(ref)
        if account is None:
            continue
        if account.cash_as_of is not None and as_of < account.cash_as_of:
            message = f"the cash of {ref.number} is of {as_of}, the book has that of {account.cash_as_of}"
            intake.tell(number, warning("older_cash", message, OLDER, file=arrival.name, account=ref.number))
        else:
            intake.changed("accounts", account, {"cash": amount, "cash_as_of": as_of})
    intake.session.flush()


def _tell_if_twice(intake: Intake, number: int, account: tables.Account, as_of: date) -> None:
    """Say that another file of the call has stated the account for the same day."""
    other = intake.stated.get((account.id, as_of))
    intake.stated[account.id, as_of] = number
    if other is not None and other != number:
        names = f"{intake.arrivals[other].name} and {intake.arrivals[number].name}"
        message = f"{names} both state the positions of {account.number} on {as_of}; the latter was taken"
        place = {"file": intake.arrivals[number].name, "account": account.number}
        intake.tell(number, warning("stated_twice", message, "Import only one of the two.", **place))


def _stated(records: Iterable[r.PositionRecord]) -> dict[str, _Stated]:
    """Return what is stated by symbol; a holding of nothing is none."""
    found: dict[str, _Stated] = {}
    for record in records:
        if record.symbol not in found:
            found[record.symbol] = _Stated(record.description, record.security_type)
        found[record.symbol].add(record)
    return {symbol: stated for symbol, stated in found.items() if stated.quantity != 0}


def _write_positions(
    intake: Intake, number: int, account: tables.Account, stated: dict[str, _Stated], as_of: date
) -> None:
    """Bring the positions of one account to those stated, as the database keeps them: there are many."""
    kept, connection = as_kept(POSITIONS), intake.session.connection()
    query = select(kept.c.id, kept.c.security_id, kept.c.as_of, *(kept.c[name] for name in _TOLD))
    held = {row[1]: row for row in connection.execute(query.where(kept.c.account_id == account.id))}
    source = (as_of, intake.file_ids[number])
    fresh: list[tuple[Any, ...]] = []
    renewed: list[tuple[Any, ...]] = []
    for symbol, position in stated.items():
        security = intake.security(symbol, name=position.description, security_type=position.security_type).id
        told, row = position.told(), held.pop(security, None)
        if row is None:
            fresh.append((account.id, security, *told, *source))
            intake.new_positions.add((account.id, security))
            continue
        if row[3:] != told and (account.id, security) not in intake.new_positions:
            intake.changes["positions changed"] += 1
        if row[3:] != told or row.as_of != as_of:
            renewed.append((row.id, *told, *source))
    insert_rows(connection, POSITIONS, ("account_id", "security_id", *_TOLD, *_SOURCE), fresh)
    gone = [row.id for row in held.values()]
    keep_before(intake, POSITIONS, [*(row[0] for row in renewed), *gone])
    update_rows(connection, POSITIONS, (*_TOLD, *_SOURCE), renewed)
    delete_rows(connection, POSITIONS, gone)
    for what, count in (("positions added", len(fresh)), ("positions closed", len(gone))):
        intake.changes[what] += count


def _close_lots(intake: Intake, number: int, account: tables.Account, stated: dict[str, _Stated], as_of: date) -> None:
    """Close older lots of what the account no longer holds, except where a row of the file was not understood."""
    unread = [p for p in intake.arrivals[number].problems if p.row and p.severity is not Severity.INFO]
    if any(not problem.symbol for problem in unread):
        return
    kept = set(stated) | {problem.symbol for problem in unread}
    close_lots(intake, account.id, as_of, kept)
