"""Writes positions, cash and tax lots: the newest statement of an account takes the place of the one before."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, insert, select

from db import tables
from db.tables.base import Base
from engine.money import ZERO
from engine.problems import Severity
from importers import records as r
from workflow.intake.arrivals import Arrival
from workflow.intake.intake import Intake, blocking, warning

OLDER = "Nothing of it was applied. Import the newest download of the account."

TELL_EVERY = 50_000
"""Lots after which a person is told how far the storing is."""


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
    """Bring the positions of one account to those stated."""
    held = {
        row.security_id: row
        for row in intake.session.scalars(select(tables.Position).where(tables.Position.account_id == account.id))
    }
    for symbol, position in stated.items():
        security = intake.security(symbol, name=position.description, security_type=position.security_type)
        values: dict[str, Any] = {
            "quantity": position.quantity,
            "price": position.price,
            "market_value": position.market_value,
            "cost_basis": position.cost_basis,
        }
        row = held.pop(security.id, None)
        source = {"as_of": as_of, "import_file_id": intake.file_ids[number]}
        if row is None:
            added = tables.Position(account_id=account.id, security_id=security.id, **values, **source)
            intake.added("positions", added)
        elif intake.changed("positions", row, values) or row.as_of != as_of:
            row.as_of, row.import_file_id = as_of, intake.file_ids[number]
    for gone in held.values():
        intake.removed("positions closed", gone)


def _close_lots(intake: Intake, number: int, account: tables.Account, stated: dict[str, _Stated], as_of: date) -> None:
    """Close older lots of what the account no longer holds, except where a row of the file was not understood."""
    unread = [p for p in intake.arrivals[number].problems if p.row and p.severity is not Severity.INFO]
    if any(not problem.symbol for problem in unread):
        return
    kept = set(stated) | {problem.symbol for problem in unread}
    older = (
        select(tables.Lot, tables.Security.symbol)
        .join(tables.Security, tables.Security.id == tables.Lot.security_id)
        .where(tables.Lot.account_id == account.id, tables.Lot.as_of < as_of)
    )
    for lot, symbol in intake.session.execute(older).all():
        if symbol not in kept:
            intake.removed("lots closed", lot)
    intake.session.flush()


def apply_lots(intake: Intake, number: int, arrival: Arrival) -> None:
    """Write the open lots of every account and symbol that a file lists, unless the book has newer ones."""
    by_account: dict[r.AccountRef, list[r.LotRecord]] = defaultdict(list)
    for record in arrival.of(r.LotRecord):
        by_account[record.account].append(record)
    as_of = arrival.result.as_of or intake.today
    total = sum(map(len, by_account.values()))
    done = told = 0
    for ref, records in by_account.items():
        account = intake.accounts.get(ref)
        if account is not None:
            _account_lots(intake, number, account, records, as_of)
        done += len(records)
        if done - told >= TELL_EVERY:
            told = done
            intake.say(f"Storing lots: {done:,} of {total:,}")
    intake.session.flush()


def _account_lots(
    intake: Intake, number: int, account: tables.Account, records: Sequence[r.LotRecord], as_of: date
) -> None:
    """Bring the lots of the listed symbols of one account to those listed."""
    by_symbol: dict[str, list[r.LotRecord]] = defaultdict(list)
    for record in records:
        by_symbol[record.symbol].append(record)
    book: dict[int, list[tables.Lot]] = defaultdict(list)
    for lot in intake.session.scalars(select(tables.Lot).where(tables.Lot.account_id == account.id)):
        book[lot.security_id].append(lot)
        if account.id in intake.filled:
            intake.fresh.add(lot)
    if not book:
        intake.filled.add(account.id)
    fresh: list[dict[str, Any]] = []
    taken = {lot.key: 0 for lots in book.values() for lot in lots}
    wanted: dict[int, dict[str, r.LotRecord]] = {}
    for symbol, listed in by_symbol.items():
        known = intake.securities.get(symbol)
        if _is_older(intake, number, account, symbol, book[known.id] if known else (), as_of):
            continue
        security = intake.security(symbol)
        for lot in book[security.id]:
            taken.pop(lot.key, None)
        wanted[security.id] = _keyed(intake, number, listed, taken)
    for security_id, lots in wanted.items():
        held = {lot.key: lot for lot in book[security_id]}
        for gone in [held.pop(key) for key in list(held) if key not in lots]:
            intake.removed("lots closed", gone)
        source = {"as_of": as_of, "import_file_id": intake.file_ids[number]}
        _change_lots(intake, held, lots, source)
        place = {"account_id": account.id, "security_id": security_id}
        fresh += [place | {"key": key} | _of_lot(lots[key]) | source for key in lots if key not in held]
    intake.session.flush()
    _add_lots(intake, fresh)


def _add_lots(intake: Intake, rows: list[dict[str, Any]]) -> None:
    """Add lots that are new, many at once. They name their file, so taking the import back finds them by it."""
    if rows:
        intake.session.connection().execute(insert(Base.metadata.tables[tables.Lot.__tablename__]), rows)
        intake.changes["lots added"] += len(rows)


def _is_older(
    intake: Intake, number: int, account: tables.Account, symbol: str, held: Sequence[tables.Lot], as_of: date
) -> bool:
    """Whether the book knows newer lots, or newer positions in which the security is gone; says so if it does."""
    newest = max((lot.as_of for lot in held), default=as_of)
    if newest <= as_of and account.positions_as_of is not None and as_of < account.positions_as_of:
        position = (
            select(func.count())
            .select_from(tables.Position)
            .join(tables.Security, tables.Security.id == tables.Position.security_id)
            .where(tables.Position.account_id == account.id, tables.Security.symbol == symbol)
        )
        newest = as_of if intake.session.scalar(position) else account.positions_as_of
    if newest <= as_of:
        return False
    place = {"file": intake.arrivals[number].name, "account": account.number, "symbol": symbol}
    message = f"the lots of {symbol} in {account.number} are of {as_of}, the book is of {newest}"
    intake.tell(number, warning("older_lots", message, OLDER, **place))
    return True


def _keyed(
    intake: Intake, number: int, records: Sequence[r.LotRecord], taken: dict[str, int]
) -> dict[str, r.LotRecord]:
    """Give every lot a key that is its own in the account: the file's, else symbol, day and number.

    `taken` are keys in use with the row that uses them (0 = of the book); it grows. A key that is used twice
    is a problem.
    """
    keyed: dict[str, r.LotRecord] = {}
    ordinals: dict[str, int] = defaultdict(lambda: 1)
    nameless = sorted((x for x in records if not x.lot_id), key=lambda x: (x.acquired, x.quantity, x.cost_basis))
    for record in records:
        if not record.lot_id:
            continue
        if record.lot_id in taken:
            row = taken[record.lot_id]
            other = f"row {row}" if row else "another security"
            message = f"lot {record.lot_id} of {record.symbol} has the id of {other}"
            place: dict[str, Any] = {"file": intake.arrivals[number].name, "row": record.row, "field": "lot_id"}
            place |= {"account": record.account.number, "symbol": record.symbol}
            hint = "Give every lot of an account its own id; this row was left out."
            intake.note(number, blocking("double_lot", message, hint, **place))
            continue
        taken[record.lot_id] = record.row
        keyed[record.lot_id] = record
    for record in nameless:
        stem = f"{record.symbol}-{record.acquired.isoformat().replace('-', '')}"
        while (key := f"{stem}-{ordinals[stem]}") in taken:
            ordinals[stem] += 1
        taken[key] = record.row
        keyed[key] = record
    return keyed


def _of_lot(record: r.LotRecord) -> dict[str, Any]:
    """Return the columns of a lot that its file decides."""
    return {
        "acquired": record.acquired,
        "quantity": record.quantity,
        "cost_basis": record.cost_basis,
        "holding_days_carried": record.holding_days_carried,
    }


def _change_lots(
    intake: Intake, held: Mapping[str, tables.Lot], lots: Mapping[str, r.LotRecord], source: Mapping[str, Any]
) -> None:
    """Bring the lots of one security that the book has to what the file says; `source` is its day and file."""
    for key, row in held.items():
        if intake.changed("lots", row, _of_lot(lots[key])) or row.as_of != source["as_of"]:
            row.as_of, row.import_file_id = source["as_of"], source["import_file_id"]
