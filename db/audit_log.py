"""The audit log: who did what and when, each line sealed by a hash over itself and the line before."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from db import tables

FIRST = "0" * 64
"""What the first line names as the hash of the line before."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the log. `details` are names and values as text."""

    number: int
    at: datetime
    by: str
    action: str
    subject: str
    details: dict[str, str]


def append(session: Session, *, at: datetime, by: str, action: str, subject: str, details: Mapping[str, str]) -> None:
    """Add a line in the transaction of the session. `at` is aware; `action` is a verb like import or approve."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE audit_log IN EXCLUSIVE MODE"))
    newest = select(tables.AuditLine).order_by(tables.AuditLine.id.desc()).limit(1)
    last = session.scalar(newest)
    line = tables.AuditLine(
        id=1 if last is None else last.id + 1,
        at=at.astimezone(UTC),
        by=by,
        action=action,
        subject=subject,
        details=json.dumps(dict(details), sort_keys=True, ensure_ascii=False),
        previous_hash=FIRST if last is None else last.hash,
        hash="",
    )
    line.hash = _seal(line)
    session.add(line)
    session.flush()


def entries(session: Session, *, newest: int | None = None) -> tuple[AuditEntry, ...]:
    """Return the lines of the log, the newest first; at most `newest` of them."""
    rows = session.scalars(select(tables.AuditLine).order_by(tables.AuditLine.id.desc()).limit(newest))
    return tuple(AuditEntry(row.id, row.at, row.by, row.action, row.subject, json.loads(row.details)) for row in rows)


def latest(session: Session) -> datetime | None:
    """Return the latest moment of which the log tells, None for an empty log."""
    return session.scalar(select(tables.AuditLine.at).order_by(tables.AuditLine.at.desc()).limit(1))


def verify(session: Session) -> int | None:
    """Return the number of the first line that was changed, or is not preceded by its line; None when sound."""
    previous = FIRST
    rows = session.scalars(select(tables.AuditLine).order_by(tables.AuditLine.id))
    for number, row in enumerate(rows, start=1):
        if row.id != number or row.previous_hash != previous or row.hash != _seal(row):
            return number
        previous = row.hash
    return None


def _seal(line: tables.AuditLine) -> str:
    """Return the hash of a line: SHA-256 over the hash before and the content in canonical JSON."""
    content = [line.id, line.at.isoformat(), line.by, line.action, line.subject, line.details]
    canonical = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{line.previous_hash}\n{canonical}".encode()).hexdigest()
