"""Writes tax lots, the longest lists of all: row for row as the database keeps them, without objects of the session."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import func, select

from db import tables
from db.bulk import as_kept, delete_rows, insert_rows, update_rows
from db.tables.base import Base
from workflow.intake.arrivals import Arrival
from workflow.intake.intake import OLDER, Intake, blocking, keep_before, warning
from workflow.intake.stated_lots import StatedLot

TELL_EVERY = 50_000
"""Lots after which a person is told how far the storing is."""

LOTS = Base.metadata.tables[tables.Lot.__tablename__]
_TOLD = ("acquired", "quantity", "cost_basis", "holding_days_carried")
_SOURCE = ("as_of", "import_file_id")
_NEW = ("account_id", "security_id", "key", *_TOLD, "locked", *_SOURCE)


class HeldLot(NamedTuple):
    """A lot of the book; quantity and cost basis are the integers that they are kept as."""

    id: int
    security_id: int
    key: str
    as_of: date
    acquired: date
    quantity: int
    cost_basis: int
    holding_days_carried: int

    @property
    def told(self) -> tuple[date, int, int, int]:
        """What its file decides."""
        return self[4:]


def held_lots(intake: Intake, account: int) -> list[HeldLot]:
    """Return the lots that the book has of an account."""
    kept = as_kept(LOTS)
    query = select(*(kept.c[name] for name in HeldLot._fields)).where(kept.c.account_id == account)
    return [HeldLot(*row) for row in intake.session.connection().execute(query.order_by(kept.c.id))]


def close_lots(intake: Intake, account: int, as_of: date, symbols: Iterable[str]) -> None:
    """Take out the lots of an account that are older than `as_of`, except those of some symbols."""
    still = {intake.securities[symbol].id for symbol in symbols if symbol in intake.securities}
    kept = as_kept(LOTS)
    query = select(kept.c.id, kept.c.security_id).where(kept.c.account_id == account, kept.c.as_of < as_of)
    older = intake.session.connection().execute(query.order_by(kept.c.id)).all()
    _remove(intake, [lot for lot, security in older if security not in still])


def _remove(intake: Intake, ids: Sequence[int]) -> None:
    """Take lots out of the book."""
    if ids:
        keep_before(intake, LOTS, ids)
        delete_rows(intake.session.connection(), LOTS, ids)
        intake.changes["lots closed"] += len(ids)


def apply_lots(intake: Intake, number: int, arrival: Arrival) -> None:
    """Write the open lots of every account and symbol that a file lists, unless the book has newer ones."""
    as_of = arrival.result.as_of or intake.today
    total = arrival.counts().get("lots", 0)
    done = told = 0
    for ref, lots in arrival.lots_of_accounts():
        account = intake.accounts.get(ref)
        if account is not None:
            _account_lots(intake, number, (account, ref.number), lots, as_of)
        done += len(lots)
        if done - told >= TELL_EVERY:
            told = done
            intake.say(f"Storing lots: {done:,} of {total:,}")
    intake.session.flush()


def _account_lots(
    intake: Intake, number: int, named: tuple[tables.Account, str], stated: Sequence[StatedLot], as_of: date
) -> None:
    """Bring the lots of the listed symbols of one account, named as the file names it, to those listed."""
    account, name = named
    by_symbol: dict[str, list[StatedLot]] = defaultdict(list)
    for one in stated:
        by_symbol[one.symbol].append(one)
    book: dict[int, list[HeldLot]] = defaultdict(list)
    for lot in held_lots(intake, account.id):
        book[lot.security_id].append(lot)
    if not book:
        intake.filled.add(account.id)
    taken = {lot.key: 0 for lots in book.values() for lot in lots}
    wanted: dict[int, dict[str, StatedLot]] = {}
    for symbol, listed in by_symbol.items():
        known = intake.securities.get(symbol)
        held: Sequence[HeldLot] = book.get(known.id, ()) if known else ()
        if _is_older(intake, number, account, symbol, held, as_of):
            continue
        for lot in held:
            taken.pop(lot.key, None)
        wanted[intake.security(symbol).id] = _keyed(intake, (number, name), listed, taken)
    _write(intake, account.id, book, wanted, (as_of, intake.file_ids[number]))


def _write(
    intake: Intake,
    account: int,
    book: Mapping[int, Sequence[HeldLot]],
    wanted: Mapping[int, Mapping[str, StatedLot]],
    source: tuple[date, int],
) -> None:
    """Close, change and add the lots of one account; `source` is the day and the file that says so."""
    fresh: list[tuple[Any, ...]] = []
    gone: list[int] = []
    renewed: list[tuple[Any, ...]] = []
    for security, lots in wanted.items():
        held = {lot.key: lot for lot in book.get(security, ())}
        gone += [lot.id for key, lot in held.items() if key not in lots]
        for key, record in lots.items():
            told = record.told
            lot = held.get(key)
            if lot is None:
                fresh.append((account, security, key, *told, False, *source))
                continue
            if lot.told != told and account not in intake.filled:
                intake.changes["lots changed"] += 1
            if lot.told != told or lot.as_of != source[0]:
                renewed.append((lot.id, *told, *source))
    _remove(intake, gone)
    connection = intake.session.connection()
    if renewed:
        keep_before(intake, LOTS, [row[0] for row in renewed])
        update_rows(connection, LOTS, (*_TOLD, *_SOURCE), renewed)
    if fresh:
        insert_rows(connection, LOTS, _NEW, fresh)
        intake.changes["lots added"] += len(fresh)


def _is_older(
    intake: Intake, number: int, account: tables.Account, symbol: str, held: Sequence[HeldLot], as_of: date
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
    intake: Intake, source: tuple[int, str], records: Sequence[StatedLot], taken: dict[str, int]
) -> dict[str, StatedLot]:
    """Give every lot a key that is its own in the account: the file's, else symbol, day and number.

    `source` is the number of the file and the account as it names it. `taken` are keys in use with the row that
    uses them (0 = of the book); it grows. A key that is used twice is a problem.
    """
    number, account = source
    keyed: dict[str, StatedLot] = {}
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
            place |= {"account": account, "symbol": record.symbol}
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
