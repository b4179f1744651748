"""What a reconciliation compares, read from the book in one go as frozen rows; accounts by their row number."""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import tables
from db.types import from_scaled
from engine.portfolio import Action, Registration
from importers.records import ActivityKind
from workflow.reconcile import account_name

T = TypeVar("T")
UNIT = Decimal("0.0001")
NOBODY = "(no household)"
APPLIED_SPLIT = "suggested"
"""How the content of a split begins that was applied from the evidence."""
NEAR = timedelta(days=7)
"""How far apart two files tell of one split."""


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account. `household` is its name, of an unplaced account NOBODY. Cash is dollars."""

    id: int
    household: str
    name: str
    owner: str
    registration: Registration | None
    cash: Decimal | None
    cash_as_of: date | None
    positions_as_of: date | None


@dataclass(frozen=True, slots=True)
class PositionRow:
    """Shares of a security in an account, as stated. Dollars."""

    account: int
    symbol: str
    quantity: Decimal
    price: Decimal | None
    market_value: Decimal | None
    cost_basis: Decimal | None
    as_of: date

    @property
    def unit_price(self) -> Decimal | None:
        """Dollars a share, from the market value where it is stated: bonds are not priced by the share."""
        if self.market_value is not None and self.quantity:
            return (self.market_value / self.quantity).quantize(UNIT)
        return self.price


@dataclass(frozen=True, slots=True)
class LotRow:
    """An open tax lot. `cost_basis` is dollars in total."""

    id: int
    account: int
    symbol: str
    acquired: date
    quantity: Decimal
    cost_basis: Decimal
    as_of: date


@dataclass(frozen=True, slots=True)
class TradeRow:
    """A trade; quantity and amount are positive."""

    id: int
    account: int
    symbol: str
    date: date
    action: Action
    quantity: Decimal
    amount: Decimal

    @property
    def shares(self) -> Decimal:
        """Shares into the account (+) or out of it (-)."""
        return -self.quantity if self.action is Action.SELL else self.quantity

    @property
    def cash(self) -> Decimal:
        """Dollars into the account (+) or out of it (-)."""
        return self.amount if self.action is Action.SELL else -self.amount


SHARES_MOVE = frozenset(
    {
        ActivityKind.TRANSFER_IN,
        ActivityKind.TRANSFER_OUT,
        ActivityKind.SPLIT,
        ActivityKind.MERGER,
        ActivityKind.JOURNAL,
    }
)
"""Kinds whose quantity is shares that came or went; of a dividend it is the shares it was paid on."""


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """Another row of a history."""

    id: int
    account: int
    symbol: str
    date: date
    kind: str
    quantity: Decimal | None
    amount: Decimal | None

    @property
    def shares(self) -> Decimal:
        """Shares into the account (+) or out of it (-)."""
        if self.quantity is None or not self.symbol or self.kind not in SHARES_MOVE:
            return Decimal(0)
        return -abs(self.quantity) if self.kind == ActivityKind.TRANSFER_OUT else self.quantity

    @property
    def cash(self) -> Decimal:
        """Dollars into the account (+) or out of it (-); the amount of a transfer in kind is a value, not cash."""
        in_kind = self.shares and self.kind != ActivityKind.MERGER
        return Decimal(0) if self.amount is None or in_kind else self.amount


@dataclass(frozen=True, slots=True)
class RealizedRow:
    """A closed lot as the custodian tells it."""

    id: int
    account: int
    symbol: str
    acquired: date | None
    sold: date
    quantity: Decimal
    proceeds: Decimal
    cost_basis: Decimal
    gain: Decimal
    disallowed: Decimal


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A day's close, as traded and adjusted."""

    symbol: str
    date: date
    close: Decimal | None
    adjusted: Decimal | None


@dataclass(frozen=True, slots=True)
class Earlier:
    """The statement of an account before its newest. None = there is none."""

    positions_of: date | None = None
    positions: dict[str, Decimal] = field(default_factory=dict)
    cash_of: date | None = None
    cash: Decimal | None = None


@dataclass(frozen=True, slots=True)
class BookRows:
    """All rows of a book. `earlier` by account, `groups` the identity group by symbol."""

    accounts: tuple[AccountRow, ...]
    positions: tuple[PositionRow, ...]
    lots: tuple[LotRow, ...]
    trades: tuple[TradeRow, ...]
    activity: tuple[ActivityRow, ...]
    realized: tuple[RealizedRow, ...]
    prices: tuple[PriceRow, ...]
    earlier: dict[int, Earlier]
    groups: dict[str, str]
    cusips: dict[str, str] = field(default_factory=dict)
    """CUSIP by symbol, where one is known."""


def read_rows(session: Session) -> BookRows:
    """Read everything that a reconciliation compares."""
    known = session.execute(_columns(tables.Security, "id", "symbol", "cusip")).all()
    change = tables.SymbolChange
    merged = session.execute(select(change.merged_id, change.new))
    symbols: dict[int, str] = {old: new for old, new in merged if old is not None}
    symbols |= {row.id: row.symbol for row in known}
    groups = (
        select(tables.Security.symbol, tables.IdentityGroup.name)
        .join(tables.IdentityGroup, tables.IdentityGroup.id == tables.Security.identity_group_id)
        .order_by(tables.Security.symbol)
    )
    accounts = _accounts(session)
    position, lot, trade = tables.Position, tables.Lot, tables.Transaction
    stated = ("quantity", "price", "market_value", "cost_basis", "as_of")
    positions = _read(session, symbols, PositionRow, position, *stated)
    lots = _read(session, symbols, LotRow, lot, "acquired", "quantity", "cost_basis", "as_of", key=True)
    trades = _read(session, symbols, TradeRow, trade, "date", "action", "quantity", "amount", key=True)
    told = ("date", "kind", "quantity", "amount")
    activity = _told_once(session, _read(session, symbols, ActivityRow, tables.Activity, *told, key=True))
    closed = ("acquired", "sold", "quantity", "proceeds", "cost_basis", "gain", "disallowed")
    realized = _read(session, symbols, RealizedRow, tables.Realized, *closed, key=True)
    query = _columns(tables.Price, "security_id", "date", "close", "adjusted")
    prices = tuple(PriceRow(symbols[row[0]], *row[1:]) for row in session.execute(query))
    return BookRows(
        accounts=accounts,
        positions=positions,
        lots=lots,
        trades=trades,
        activity=activity,
        realized=realized,
        prices=prices,
        earlier=_earlier(session, accounts, symbols),
        groups=dict(iter(session.execute(groups))),
        cusips={row.symbol: row.cusip for row in known if row.cusip},
    )


def _told_once(session: Session, rows: Sequence[ActivityRow]) -> tuple[ActivityRow, ...]:
    """Leave out splits that were applied from the evidence where the custodian's own have been imported since."""
    table = tables.Activity
    ours = set(session.scalars(select(table.id).where(table.content.startswith(f"{APPLIED_SPLIT}|"))))
    own = [(x.account, x.symbol, x.date) for x in rows if ours and x.kind == ActivityKind.SPLIT and x.id not in ours]

    def is_twice(row: ActivityRow) -> bool:
        place = (row.account, row.symbol)
        return row.id in ours and any(place == there[:2] and abs(row.date - there[2]) <= NEAR for there in own)

    return tuple(row for row in rows if not is_twice(row))


def _columns(table: Any, *names: str) -> Any:
    order = [getattr(table, name) for name in ("id", "security_id", "date") if hasattr(table, name)]
    return select(*(getattr(table, name) for name in names)).order_by(*order)


def _read(
    session: Session, symbols: dict[int, str], row: Callable[..., T], table: Any, *names: str, key: bool = False
) -> tuple[T, ...]:
    """Read rows of a table that name account and security; with `key` their row number comes first."""
    found = session.execute(_columns(table, "id", "account_id", "security_id", *names))
    first = 0 if key else 1
    return tuple(row(*r[first:2], symbols.get(r[2], ""), *r[3:]) for r in found)


def _accounts(session: Session) -> tuple[AccountRow, ...]:
    table = tables.Account
    households: dict[int, str] = {row.id: row.name for row in session.execute(_columns(tables.Household, "id", "name"))}
    rows = session.scalars(select(table).order_by(table.custodian, table.number)).all()
    found = [
        AccountRow(
            id=row.id,
            household=households.get(row.household_id or 0, NOBODY),
            name=account_name(row),
            owner=row.owner,
            registration=row.registration,
            cash=row.cash,
            cash_as_of=row.cash_as_of,
            positions_as_of=row.positions_as_of,
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda account: (account.household, account.name)))


def _earlier(session: Session, accounts: Sequence[AccountRow], symbols: dict[int, str]) -> dict[int, Earlier]:
    """Return the statement before the newest of each account, from what imports kept of the rows they changed.

    A statement of another day changes every position of the account, so the import that brought it kept all of them.
    """
    newest = {account.id: account for account in accounts}
    positions: dict[int, tuple[int, date]] = {}
    cash: dict[int, tuple[date, Decimal]] = {}
    for batch, row in _kept(session, "accounts"):
        account = newest.get(row["id"])
        if account is None:
            continue
        stated, told = _day(row["positions_as_of"]), _day(row["cash_as_of"])
        if stated is not None and account.positions_as_of is not None and stated < account.positions_as_of:
            positions[account.id] = (batch, stated)
        if (
            told is not None
            and account.cash_as_of is not None
            and told < account.cash_as_of
            and row["cash"] is not None
        ):
            cash[account.id] = (told, from_scaled(row["cash"], _places(tables.Account.cash)))
    held: dict[int, dict[str, Decimal]] = defaultdict(dict)
    places = _places(tables.Position.quantity)
    for batch, row in _kept(session, "positions") if positions else ():
        if positions.get(row["account_id"]) == (batch, _day(row["as_of"])):
            held[row["account_id"]][symbols.get(row["security_id"], "")] = from_scaled(row["quantity"], places)
    return {
        account: Earlier(
            positions[account][1] if account in positions else None,
            held[account],
            *(cash.get(account, (None, None))),
        )
        for account in sorted(set(positions) | set(cash))
    }


def _kept(session: Session, table: str) -> list[tuple[int, dict[str, Any]]]:
    """Return the rows of a table as they were before each import, the oldest import first."""
    change = tables.ImportChange
    query = select(change.batch_id, change.before).where(change.table == table).order_by(change.batch_id, change.id)
    return [(batch, json.loads(before)) for batch, before in session.execute(query) if before is not None]


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _places(column: Any) -> int:
    return int(column.type.places)
