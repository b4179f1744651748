"""Who the office looks after: households, people, accounts, restrictions; and the office itself."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Id
from db.types import MONEY, closed_set
from engine.portfolio import LotMethod, Registration


class Household(Base):
    """A household: taxed together, rebalanced together. A missing profile, model or policy blocks it."""

    __tablename__ = "households"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    tax_profile_id: Mapped[int | None] = mapped_column(ForeignKey("tax_profiles.id"))
    model_id: Mapped[int | None] = mapped_column(ForeignKey("models.id"))
    policy_id: Mapped[int | None] = mapped_column(ForeignKey("policies.id"))
    notes: Mapped[str] = mapped_column(default="")


class Person(Base):
    """A member of a household. `role` is client, spouse, child, trust or other."""

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("household_id", "name"),)

    id: Mapped[Id]
    household_id: Mapped[int] = mapped_column(ForeignKey("households.id"))
    name: Mapped[str]
    role: Mapped[str]


class Account(Base):
    """An account at a custodian. Without a household it is not assigned yet, and left out of every run.

    `cash` is None until a file says it; `positions_as_of` is the day of the positions held in the book.
    `lot_method` is how the custodian chooses lots where it takes no lot instruction; None = it takes them.
    """

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("custodian", "number"),)

    id: Mapped[Id]
    household_id: Mapped[int | None] = mapped_column(ForeignKey("households.id"), index=True)
    custodian: Mapped[str]
    number: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    owner: Mapped[str] = mapped_column(default="")
    registration: Mapped[Registration | None] = mapped_column(closed_set(Registration))
    title: Mapped[str] = mapped_column(default="")
    cash: Mapped[Decimal | None] = mapped_column(MONEY)
    cash_as_of: Mapped[date | None]
    positions_as_of: Mapped[date | None]
    cash_reserve: Mapped[Decimal] = mapped_column(MONEY, default=Decimal(0))
    withdraw: Mapped[Decimal] = mapped_column(MONEY, default=Decimal(0))
    fractional: Mapped[bool] = mapped_column(default=False)
    ticket_charge: Mapped[Decimal] = mapped_column(MONEY, default=Decimal(0))
    min_trade: Mapped[Decimal] = mapped_column(MONEY, default=Decimal(0))
    discretionary: Mapped[bool] = mapped_column(default=True)
    lot_method: Mapped[LotMethod | None] = mapped_column(closed_set(LotMethod))


class AccountAlias(Base):
    """Another number, mask or nickname under which a custodian's files name an account; confirmed by a person."""

    __tablename__ = "account_aliases"
    __table_args__ = (UniqueConstraint("custodian", "alias"),)

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    custodian: Mapped[str]
    alias: Mapped[str]


class Restriction(Base):
    """do_not_buy, do_not_sell or lock. Without an account it holds for every account of the household."""

    __tablename__ = "restrictions"
    __table_args__ = (CheckConstraint("kind IN ('do_not_buy', 'do_not_sell', 'lock')", name="kind"),)

    id: Mapped[Id]
    household_id: Mapped[int] = mapped_column(ForeignKey("households.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    symbol: Mapped[str]
    kind: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    until: Mapped[date | None]


class OfficeSetting(Base):
    """A setting of the whole office: the firm's name, whether the book is the synthetic sample office."""

    __tablename__ = "office_settings"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
