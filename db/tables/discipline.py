"""Strategies that are signed and frozen: their versions, paper or live, and the overrides of their tilts."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Id
from db.types import RATE


class Strategy(Base):
    """A strategy, by name."""

    __tablename__ = "strategies"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)


class StrategyVersion(Base):
    """One signed version; the columns are those of `engine.overlay.freeze.Signature`, and the text that was signed.

    `expectations` is a JSON list of label, value and note. Versions are added, never changed: the seals tell.
    """

    __tablename__ = "strategy_versions"
    __table_args__ = (UniqueConstraint("strategy_id", "version"),)

    id: Mapped[Id]
    strategy_id: Mapped[int] = mapped_column(ForeignKey("strategies.id"))
    version: Mapped[int]
    policy: Mapped[str]
    policy_sha256: Mapped[str]
    previous: Mapped[str]
    seal: Mapped[str] = mapped_column(unique=True)
    signed_by: Mapped[str]
    signed_at: Mapped[datetime]
    reason: Mapped[str]
    cool_off: Mapped[date]
    expectations: Mapped[str]


class StrategyMove(Base):
    """When a version went on paper or live, by whom and why."""

    __tablename__ = "strategy_moves"

    id: Mapped[Id]
    version_id: Mapped[int] = mapped_column(ForeignKey("strategy_versions.id"), index=True)
    at: Mapped[datetime]
    mode: Mapped[str]
    by: Mapped[str]
    reason: Mapped[str]


class TiltOverrideRow(Base):
    """A tilt of one class that a person set in place of the model's; see `engine.overlay.override_effect`."""

    __tablename__ = "tilt_overrides"

    id: Mapped[Id]
    strategy_id: Mapped[int] = mapped_column(ForeignKey("strategies.id"), index=True)
    asset_class: Mapped[str]
    tilt: Mapped[Decimal] = mapped_column(RATE)
    author: Mapped[str]
    reason: Mapped[str]
    made: Mapped[date]
    expires: Mapped[date]
    closed: Mapped[date | None]
