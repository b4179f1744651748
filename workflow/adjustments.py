"""A change to the book that a person has confirmed: one batch, undone like an import, with a line in the audit log."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from db import audit_log, tables
from db.journal import Journal
from engine.errors import AppError
from workflow.book import Book
from workflow.import_files import APPLIED
from workflow.intake.intake import Intake
from workflow.intake.standing import keep_book_problems

ADJUSTMENT = "adjustment"
"""What stands for the layout of the file by which a confirmed change is listed among the imports."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Who confirms a change, when, and why. `today` is the day on which the book is looked at."""

    by: str
    now: datetime
    today: date
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """The batch of a change inside its transaction; rows that it adds name `file` as where they come from."""

    session: Session
    batch: int
    file: int


@contextmanager
def adjustment(book: Book, what: str, said: Confirmed, details: Mapping[str, str]) -> Iterator[Adjustment]:
    """Open the transaction of a change; when the block ends, the problems of the book are found anew and it is logged.

    AppError without the name of a person.
    """
    if not said.by.strip():
        raise AppError("Somebody has to say so", hint="Give your name with --by.")
    with book.session() as session:
        batch = tables.ImportBatch(status=APPLIED, by=said.by, at=said.now)
        session.add(batch)
        session.flush()
        key = hashlib.sha256(f"{what}|{said.now.isoformat()}".encode()).hexdigest()
        file = tables.ImportFile(
            batch_id=batch.id, name=what, sha256=key, importer=ADJUSTMENT, as_of=None, complete=True, records="{}"
        )
        journal = Journal(session, batch.id)
        session.add(file)
        session.flush()
        yield Adjustment(session, batch.id, file.id)
        session.flush()
        keep_book_problems(Intake(session, said.today, (), ()))
        journal.close()
        told = {"batch": str(batch.id), "reason": said.reason, **details}
        audit_log.append(session, at=said.now, by=said.by, action="adjust", subject=what, details=told)
