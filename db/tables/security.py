"""What can be held: securities, what they are substantially identical to, what may stand in, prices, macro series."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Id
from db.types import PRICE, QUANTITY, RATE


class IdentityGroup(Base):
    """A name for securities that count as substantially identical (IRC 1091)."""

    __tablename__ = "identity_groups"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)


class Security(Base):
    """A security. Without an asset class it is not classified yet, and not traded."""

    __tablename__ = "securities"

    id: Mapped[Id]
    symbol: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")
    asset_class: Mapped[str | None]
    identity_group_id: Mapped[int | None] = mapped_column(ForeignKey("identity_groups.id"))
    security_type: Mapped[str] = mapped_column(default="")
    cusip: Mapped[str] = mapped_column(default="")
    half_spread_bp: Mapped[Decimal] = mapped_column(RATE, default=Decimal(0))
    carry_bp: Mapped[Decimal] = mapped_column(RATE, default=Decimal(0))
    adv_shares: Mapped[Decimal | None] = mapped_column(QUANTITY)


class SymbolChange(Base):
    """A security's symbol was `old` before `changed_on` and has been `new` since; confirmed by a person.

    `merged_id` is the row of the security that `new` had of its own before the two were put together.
    """

    __tablename__ = "symbol_changes"
    __table_args__ = (UniqueConstraint("old", "changed_on", name="uq_symbol_changes_old_changed_on"),)

    id: Mapped[Id]
    old: Mapped[str]
    new: Mapped[str]
    changed_on: Mapped[dt.date]
    by: Mapped[str]
    at: Mapped[dt.datetime]
    reason: Mapped[str] = mapped_column(default="")
    merged_id: Mapped[int | None]


class Substitute(Base):
    """A security that may replace another after a harvest; rank 1 is the first choice."""

    __tablename__ = "substitutes"
    __table_args__ = (UniqueConstraint("security_id", "substitute_id"),)

    security_id: Mapped[int] = mapped_column(ForeignKey("securities.id"), primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True)
    substitute_id: Mapped[int] = mapped_column(ForeignKey("securities.id"))


class Price(Base):
    """A day's close: unadjusted for valuation, adjusted (total return) for signals."""

    __tablename__ = "prices"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    security_id: Mapped[int] = mapped_column(ForeignKey("securities.id"), primary_key=True)
    date: Mapped[dt.date] = mapped_column(primary_key=True)
    close: Mapped[Decimal | None] = mapped_column(PRICE)
    adjusted: Mapped[Decimal | None] = mapped_column(PRICE)
    import_file_id: Mapped[int] = mapped_column(ForeignKey("import_files.id"))


class MacroSeries(Base):
    """A macro series, by name."""

    __tablename__ = "macro_series"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)


class MacroValue(Base):
    """One observation of a macro series, in the series' own unit."""

    __tablename__ = "macro_values"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    series_id: Mapped[int] = mapped_column(ForeignKey("macro_series.id"), primary_key=True)
    date: Mapped[dt.date] = mapped_column(primary_key=True)
    value: Mapped[Decimal] = mapped_column(RATE)
    import_file_id: Mapped[int] = mapped_column(ForeignKey("import_files.id"))
