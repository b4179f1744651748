"""Puts two rows of one security together: what stood under its old symbol and what stood under its new one."""

from collections.abc import Hashable
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from db import tables
from db.tables.base import Base
from engine.errors import AppError

_TRADE = ("account_id", "date", "action", "quantity", "amount", "ordinal")
_CLOSED = ("account_id", "sold", "quantity", "proceeds", "cost_basis", "ordinal")
_STATED = ("name", "asset_class", "identity_group_id", "security_type", "cusip", "half_spread_bp", "carry_bp")


def merge(session: Session, kept: tables.Security, other: tables.Security, *, file: int) -> None:
    """Move all that belongs to `other` to `kept` and take `other` out; rows that both have alike are one.

    What is said of `other` (name, class, costs) wins where it is said. Prices that move name `file` as their source.
    AppError where an account holds both, which one security cannot be, or where both have a class and not the same.
    """
    _refuse_two(session, kept, other)
    for name in (*_STATED, "adv_shares"):
        if getattr(other, name):
            setattr(kept, name, getattr(other, name))
    _drop_older_lots(session, kept, other)
    for table, unique in (
        (tables.Position, ()),
        (tables.Lot, ()),
        (tables.Activity, ()),
        (tables.Trade, ()),
        (tables.Transaction, _TRADE),
        (tables.Realized, _CLOSED),
        (tables.BuyListEntry, ("model_target_id",)),
    ):
        _move(session, table, unique, kept.id, other.id)
    _move_substitutes(session, kept.id, other.id)
    _move_prices(session, kept.id, other.id, file)
    session.flush()
    session.delete(other)
    session.flush()


def _refuse_two(session: Session, kept: tables.Security, other: tables.Security) -> None:
    if kept.asset_class and other.asset_class and kept.asset_class != other.asset_class:
        detail = f"{kept.symbol} is {kept.asset_class}, {other.symbol} is {other.asset_class}"
        hint = "Correct the sheet Securities of the office workbook and import it."
        raise AppError("The two symbols have different asset classes", detail=detail, hint=hint)
    position, account = tables.Position, tables.Account
    holders = [
        set(session.scalars(select(position.account_id).where(position.security_id == s.id))) for s in (kept, other)
    ]
    both = holders[0] & holders[1]
    if both:
        names = session.scalars(select(account.number).where(account.id.in_(both)).order_by(account.number))
        detail = f"{', '.join(names)} holds both {kept.symbol} and {other.symbol}"
        raise AppError(
            "The two symbols are two securities", detail=detail, hint="Import newer positions, or check both."
        )


def _drop_older_lots(session: Session, kept: tables.Security, other: tables.Security) -> None:
    """Take out the lots of an account that lots of a newer file under the other symbol stand for."""
    lot = tables.Lot
    rows = session.scalars(select(lot).where(lot.security_id.in_((kept.id, other.id)))).all()
    newest: dict[int, Any] = {}
    for row in rows:
        newest[row.account_id] = max(row.as_of, newest.get(row.account_id, row.as_of))
    two = {row.account_id for row in rows if row.security_id == kept.id} & {
        row.account_id for row in rows if row.security_id == other.id
    }
    for row in rows:
        if row.account_id in two and row.as_of < newest[row.account_id]:
            session.delete(row)
    session.flush()


def _move(session: Session, table: Any, unique: tuple[str, ...], kept: int, other: int) -> None:
    def key(row: Any) -> Hashable:
        return tuple(getattr(row, name) for name in unique)

    held = {key(row) for row in session.scalars(select(table).where(table.security_id == kept))} if unique else set()
    for row in session.scalars(select(table).where(table.security_id == other)).all():
        if unique and key(row) in held:
            session.delete(row)
        else:
            row.security_id = kept
    session.flush()


def _move_substitutes(session: Session, kept: int, other: int) -> None:
    """Keep the stand-ins of `kept`, else take those of `other`; where `other` stands in, `kept` does."""
    table = tables.Substitute
    own = session.scalars(select(table).where(table.security_id == kept)).all()
    rows: list[tuple[int, int, int]] = []
    touched = select(table).where((table.security_id.in_((kept, other))) | (table.substitute_id == other))
    for row in session.scalars(touched.order_by(table.security_id, table.rank)).all():
        if not (row.security_id == other and own):
            place = kept if row.security_id == other else row.security_id
            rows.append((place, row.rank, kept if row.substitute_id == other else row.substitute_id))
        session.delete(row)
    session.flush()
    seen: set[tuple[int, int]] = set()
    for security, rank, substitute in rows:
        if security != substitute and (security, substitute) not in seen:
            seen.add((security, substitute))
            session.add(table(security_id=security, rank=rank, substitute_id=substitute))
    session.flush()


def _move_prices(session: Session, kept: int, other: int, file: int) -> None:
    """Give `kept` the prices of the days that it has none of."""
    table = tables.Price
    held = set(session.scalars(select(table.date).where(table.security_id == kept)))
    rows = session.execute(select(table.date, table.close, table.adjusted).where(table.security_id == other)).all()
    place = {"security_id": kept, "import_file_id": file}
    fresh = [place | dict(row._mapping) for row in rows if row.date not in held]  # noqa: SLF001 - its public name
    session.execute(delete(table).where(table.security_id == other))
    if fresh:
        session.connection().execute(insert(Base.metadata.tables["prices"]), fresh)
