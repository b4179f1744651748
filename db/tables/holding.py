"""What accounts hold and have traded: positions as the custodian states them, tax lots, trades, realized gains."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Id
from db.types import MONEY, PRICE, QUANTITY, closed_set
from engine.portfolio import Action


class Position(Base):
    """Shares of one security in one account on `as_of`, as the custodian states them."""

    __tablename__ = "positions"
    __table_args__ = (UniqueConstraint("account_id", "security_id"),)

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    security_id: Mapped[int] = mapped_column(ForeignKey("securities.id"), index=True)
    quantity: Mapped[Decimal] = mapped_column(QUANTITY)
    price: Mapped[Decimal | None] = mapped_column(PRICE)
    market_value: Mapped[Decimal | None] = mapped_column(MONEY)
    cost_basis: Mapped[Decimal | None] = mapped_column(MONEY)
    as_of: Mapped[dt.date]
    import_file_id: Mapped[int] = mapped_column(ForeignKey("import_files.id"))


class Lot(Base):
    """An open tax lot. `key` is the custodian's id, else symbol, day and number within the day."""

    __tablename__ = "lots"
    __table_args__ = (UniqueConstraint("account_id", "key"),)

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    security_id: Mapped[int] = mapped_column(ForeignKey("securities.id"), index=True)
    key: Mapped[str]
    acquired: Mapped[dt.date]
    quantity: Mapped[Decimal] = mapped_column(QUANTITY)
    cost_basis: Mapped[Decimal] = mapped_column(MONEY)
    holding_days_carried: Mapped[int] = mapped_column(default=0)
    locked: Mapped[bool] = mapped_column(default=False)
    as_of: Mapped[dt.date]
    import_file_id: Mapped[int] = mapped_column(ForeignKey("import_files.id"))


class Transaction(Base):
    """A buy, sell or reinvestment. `ordinal` tells equal rows of one day apart (they are legitimate)."""

    __tablename__ = "transactions"
    __table_args__ = (
        UniqueConstraint(
            "account_id",
            "security_id",
            "date",
            "action",
            "quantity",
            "amount",
            "ordinal",
            name="uq_transactions_row",
        ),
        Index(None, "account_id", "date"),
    )

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    security_id: Mapped[int] = mapped_column(ForeignKey("securities.id"), index=True)
    date: Mapped[dt.date]
    action: Mapped[Action] = mapped_column(closed_set(Action))
    quantity: Mapped[Decimal] = mapped_column(QUANTITY)
    amount: Mapped[Decimal] = mapped_column(MONEY)
    ordinal: Mapped[int]
    loss_quantity: Mapped[Decimal] = mapped_column(QUANTITY, default=Decimal(0))
    lot_key: Mapped[str] = mapped_column(default="")
    import_file_id: Mapped[int] = mapped_column(ForeignKey("import_files.id"))


class Activity(Base):
    """A row of a history that is no trade: a dividend, a fee, a transfer, a split. `ordinal` tells equal rows apart.

    `amount` is dollars into the account (+) or out of it (-); `quantity` is signed as the custodian has it.
    """

    __tablename__ = "activity"
    __table_args__ = (
        UniqueConstraint("account_id", "date", "kind", "content", "ordinal", name="uq_activity_row"),
        Index(None, "account_id", "date"),
    )

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    security_id: Mapped[int | None] = mapped_column(ForeignKey("securities.id"), index=True)
    date: Mapped[dt.date]
    kind: Mapped[str]
    description: Mapped[str]
    quantity: Mapped[Decimal | None] = mapped_column(QUANTITY)
    amount: Mapped[Decimal | None] = mapped_column(MONEY)
    qualified: Mapped[bool | None]
    content: Mapped[str]
    """Symbol, description, quantity and amount as one text: what tells one row of a day from another."""
    ordinal: Mapped[int]
    import_file_id: Mapped[int] = mapped_column(ForeignKey("import_files.id"))


class Realized(Base):
    """A closed lot as the custodian reports it. `gain` is dollars, negative for a loss."""

    __tablename__ = "realized_gains"
    __table_args__ = (
        UniqueConstraint(
            "account_id",
            "security_id",
            "sold",
            "quantity",
            "proceeds",
            "cost_basis",
            "ordinal",
            name="uq_realized_gains_row",
        ),
    )

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    security_id: Mapped[int] = mapped_column(ForeignKey("securities.id"), index=True)
    acquired: Mapped[dt.date | None]
    sold: Mapped[dt.date]
    quantity: Mapped[Decimal] = mapped_column(QUANTITY)
    proceeds: Mapped[Decimal] = mapped_column(MONEY)
    cost_basis: Mapped[Decimal] = mapped_column(MONEY)
    gain: Mapped[Decimal] = mapped_column(MONEY)
    disallowed: Mapped[Decimal] = mapped_column(MONEY, default=Decimal(0))
    ordinal: Mapped[int]
    import_file_id: Mapped[int] = mapped_column(ForeignKey("import_files.id"))
