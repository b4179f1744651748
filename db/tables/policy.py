"""What households follow: tax profiles, models with their targets and buy lists, policies."""

from decimal import Decimal

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Id
from db.types import MONEY, RATE, closed_set
from engine.portfolio import RatesFrom


class TaxProfile(Base):
    """Rates and the year so far; the columns are the fields of `engine.portfolio.TaxPosition`.

    With `rates_from` the tables, the rates of gains and of ordinary income come from the filing status, from
    `ordinary_income` (dollars a year, all but gains) and from `state` (two letters); without it they are as typed.
    """

    __tablename__ = "tax_profiles"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    filing_status: Mapped[str] = mapped_column(default="")
    short_term_rate: Mapped[Decimal] = mapped_column(RATE)
    long_term_rate: Mapped[Decimal] = mapped_column(RATE)
    ordinary_rate: Mapped[Decimal] = mapped_column(RATE)
    ordinary_loss_limit: Mapped[Decimal] = mapped_column(MONEY)
    loss_carry_rate: Mapped[Decimal] = mapped_column(RATE)
    deferred_tax_rate: Mapped[Decimal] = mapped_column(RATE)
    ytd_short_term: Mapped[Decimal] = mapped_column(MONEY)
    ytd_long_term: Mapped[Decimal] = mapped_column(MONEY)
    carryforward_short_term: Mapped[Decimal] = mapped_column(MONEY)
    carryforward_long_term: Mapped[Decimal] = mapped_column(MONEY)
    ytd_loss_deduction_used: Mapped[Decimal] = mapped_column(MONEY)
    rates_from: Mapped[RatesFrom | None] = mapped_column(closed_set(RatesFrom))
    state: Mapped[str | None]
    ordinary_income: Mapped[Decimal | None] = mapped_column(MONEY)


class Model(Base):
    """A model portfolio, by name."""

    __tablename__ = "models"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)


class ModelTarget(Base):
    """One class of a model: its strategic weight, and the ETF whose signals tilt it (empty = not tilted)."""

    __tablename__ = "model_targets"
    __table_args__ = (UniqueConstraint("model_id", "asset_class"),)

    id: Mapped[Id]
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"))
    rank: Mapped[int]
    asset_class: Mapped[str]
    weight: Mapped[Decimal] = mapped_column(RATE)
    overlay_etf: Mapped[str] = mapped_column(default="")


class BuyListEntry(Base):
    """A security that may be bought for a class of a model; rank 1 is the first choice."""

    __tablename__ = "buy_list_entries"
    __table_args__ = (UniqueConstraint("model_target_id", "security_id"),)

    model_target_id: Mapped[int] = mapped_column(ForeignKey("model_targets.id"), primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True)
    security_id: Mapped[int] = mapped_column(ForeignKey("securities.id"))


class Policy(Base):
    """A named policy. `settings` is a JSON object of setting name to text: case `policy` keys and overlay keys."""

    __tablename__ = "policies"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    settings: Mapped[str]
