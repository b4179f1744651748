"""Takes an import back as one, as long as nothing was built on it; the audit log says so."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db import audit_log, tables
from db.journal import take_back
from engine.errors import AppError
from workflow.book import Book
from workflow.import_files import APPLIED, UNDONE


@dataclass(frozen=True, slots=True)
class ImportBatchRow:
    """One import call. `why_not` says why it cannot be taken back, empty where it can."""

    batch: int
    at: datetime
    by: str
    files: tuple[str, ...]
    status: str
    why_not: str


def list_imports(book: Book) -> tuple[ImportBatchRow, ...]:
    """Return every import call of the book, the newest first."""
    with book.reading() as session:
        batches = session.scalars(select(tables.ImportBatch).order_by(tables.ImportBatch.id.desc())).all()
        return tuple(
            ImportBatchRow(one.id, one.at, one.by, _files(session, one.id), one.status, _why_not(session, one))
            for one in batches
        )


def undo_import(book: Book, batch: int, *, by: str, now: datetime, reason: str = "") -> int:
    """Take an import back and return how many rows of the book that changed.

    Raises AppError for an import that does not exist, was taken back before, is not the newest one, or from which a
    run was made.
    """
    with book.session() as session:
        found = session.get(tables.ImportBatch, batch)
        if found is None:
            raise AppError(f"there is no import {batch}", hint="`plimsoll imports` lists them.")
        why_not = _why_not(session, found)
        if why_not:
            raise AppError(f"import {batch} cannot be taken back: {why_not}")
        count = take_back(session, batch)
        found.status = UNDONE
        session.flush()
        details = {"rows": str(count), "reason": reason, "files": ", ".join(_files(session, batch))}
        audit_log.append(session, at=now, by=by, action="undo import", subject=f"batch {batch}", details=details)
    return count


def _files(session: Session, batch: int) -> tuple[str, ...]:
    file = tables.ImportFile
    return tuple(session.scalars(select(file.name).where(file.batch_id == batch).order_by(file.id)))


def _why_not(session: Session, batch: tables.ImportBatch) -> str:
    """Say what stands on an import."""
    if batch.status == UNDONE:
        return "it was taken back before"
    newest = session.scalar(select(func.max(tables.ImportBatch.id)).where(tables.ImportBatch.status == APPLIED))
    if newest != batch.id:
        return f"import {newest} came after it; take that back first"
    run = session.scalar(
        select(tables.Run.key).where(tables.Run.created_at >= batch.at).order_by(tables.Run.id).limit(1)
    )
    return f"run {run} was made after it" if run else ""
