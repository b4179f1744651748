"""The audit log: lines are added, never changed; each carries the hash of the one before."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Id


class AuditLine(Base):
    """Who did what, when. `details` is canonical JSON; `hash` covers the line and `previous_hash`.

    Triggers refuse to change or delete a line; the unique `previous_hash` keeps the chain from forking.
    """

    __tablename__ = "audit_log"

    id: Mapped[Id]
    at: Mapped[datetime]
    by: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    details: Mapped[str]
    previous_hash: Mapped[str] = mapped_column(unique=True)
    hash: Mapped[str] = mapped_column(unique=True)
