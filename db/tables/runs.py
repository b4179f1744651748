"""What was proposed and decided: runs, proposals with their case, trades, approvals. Facts are added, not edited."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Id
from db.types import MONEY, PRICE, QUANTITY, closed_set
from engine.portfolio import Side, Term


class Run(Base):
    """One call of propose. `key` is what people say, like R-20261030-001."""

    __tablename__ = "runs"

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    as_of: Mapped[date]
    prices_as_of: Mapped[date | None]
    state: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    engine_version: Mapped[str]


class RunSource(Base):
    """A file that the figures of a run come from."""

    __tablename__ = "run_sources"

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    import_file_id: Mapped[int] = mapped_column(ForeignKey("import_files.id"), primary_key=True)


class SkippedHousehold(Base):
    """A household left out of a run, and why."""

    __tablename__ = "skipped_households"

    id: Mapped[Id]
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), index=True)
    household: Mapped[str]
    why: Mapped[str]


class Proposal(Base):
    """A proposal and the case it answers, as written. An edit is a new row that names its parent.

    `case_json` are the bytes whose hash is `case_sha256`; `facts_json` is what a report prints beside them.
    """

    __tablename__ = "proposals"

    id: Mapped[Id]
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), index=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("households.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("proposals.id"), unique=True)
    status: Mapped[str]
    objective: Mapped[Decimal] = mapped_column(MONEY)
    case_sha256: Mapped[str]
    case_json: Mapped[bytes] = mapped_column(LargeBinary)
    proposal_json: Mapped[str]
    overlay_json: Mapped[str | None]
    facts_json: Mapped[str]


class Trade(Base):
    """A queryable copy of one order line of a proposal."""

    __tablename__ = "trades"
    __table_args__ = (UniqueConstraint("proposal_id", "account_id", "security_id", "side"),)

    id: Mapped[Id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    security_id: Mapped[int] = mapped_column(ForeignKey("securities.id"), index=True)
    side: Mapped[Side] = mapped_column(closed_set(Side))
    quantity: Mapped[Decimal] = mapped_column(QUANTITY)
    price: Mapped[Decimal] = mapped_column(PRICE)
    amount: Mapped[Decimal] = mapped_column(MONEY)
    reason: Mapped[str]
    reason_code: Mapped[str]


class TradeLot(Base):
    """Shares of one lot sold by a trade. `lot` is the lot's id in the case."""

    __tablename__ = "trade_lots"

    trade_id: Mapped[int] = mapped_column(ForeignKey("trades.id"), primary_key=True)
    lot: Mapped[str] = mapped_column(primary_key=True)
    quantity: Mapped[Decimal] = mapped_column(QUANTITY)
    gain: Mapped[Decimal] = mapped_column(MONEY)
    term: Mapped[Term | None] = mapped_column(closed_set(Term))


class Approval(Base):
    """One move of a run from a state to the next, by a person, with a reason."""

    __tablename__ = "approvals"

    id: Mapped[Id]
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str]
    from_state: Mapped[str]
    to_state: Mapped[str]
    reason: Mapped[str]
