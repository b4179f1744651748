"""Gives a security its new symbol: confirmed by a person, undone as one; what stood under both names reads as one."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import tables
from engine.errors import AppError
from importers.instruments import clean_symbol
from workflow.adjustments import Adjustment, Confirmed, adjustment
from workflow.book import Book
from workflow.symbol_changes import SymbolChange, list_changes
from workflow.symbol_merge import merge


def rename_security(book: Book, change: SymbolChange, said: Confirmed) -> int:
    """Give a security its new symbol, put together what stood under both, and return the number of the batch.

    AppError when neither symbol is known, when the change is, and when the two cannot be one security.
    """
    old, new = clean_symbol(change.old), clean_symbol(change.new)
    if not old or not new or old == new:
        raise AppError("A change of symbol needs an old and a new one", hint="securities rename OLD NEW --on DATE")
    if change.changed_on > said.today:
        raise AppError(f"{change.changed_on} is after today, {said.today}", hint="Wait until it has happened.")
    what = f"{old} is {new} since {change.changed_on}"
    details = {"old": old, "new": new, "on": change.changed_on.isoformat()}
    with adjustment(book, what, said, details) as opened:
        _rename(opened, SymbolChange(old, new, change.changed_on), said)
        return opened.batch


def _rename(opened: Adjustment, change: SymbolChange, said: Confirmed) -> None:
    session, security = opened.session, tables.Security
    known = {
        row.symbol: row
        for row in session.scalars(select(security).where(security.symbol.in_((change.old, change.new))))
    }
    kept, other = known.get(change.old), known.get(change.new)
    if kept is None and other is None:
        raise AppError(f"the book knows neither {change.old} nor {change.new}", hint="Import a file that names one.")
    if any(row.old == change.old and row.changed_on == change.changed_on for row in list_changes(session)):
        raise AppError(f"{change.old} is known to have changed on {change.changed_on}", hint="`plimsoll securities`.")
    merged = None
    if kept is not None:
        if other is not None:
            merged = other.id
            merge(session, kept, other, file=opened.file)
        kept.symbol = change.new
        session.flush()
        _rename_texts(session, change, kept.id)
    session.add(
        tables.SymbolChange(
            old=change.old,
            new=change.new,
            changed_on=change.changed_on,
            by=said.by,
            at=said.now,
            reason=said.reason,
            merged_id=merged,
        )
    )


def _rename_texts(session: Session, change: SymbolChange, security: int) -> None:
    """Change the symbol where it is kept as text: restrictions, and what tells rows of a history apart."""
    restrictions = select(tables.Restriction).where(tables.Restriction.symbol == change.old)
    for restriction in session.scalars(restrictions).all():
        restriction.symbol = change.new
    activity = tables.Activity
    rows = session.scalars(select(activity).where(activity.security_id == security)).all()
    taken = {(row.account_id, row.date, row.kind, row.content, row.ordinal) for row in rows}
    for row in rows:
        if row.content.startswith(f"{change.old}|"):
            content = f"{change.new}|{row.content.partition('|')[2]}"
            place = (row.account_id, row.date, row.kind, content, row.ordinal)
            if place in taken:
                session.delete(row)
            else:
                row.content = content
    session.flush()
