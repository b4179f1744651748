"""Securities that files name and the office workbook does not: each once, as a row for its sheet Securities."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import tables
from engine.money import ZERO
from importers.instruments import cusip_problem


@dataclass(frozen=True, slots=True)
class UnknownSecurity:
    """One security without an asset class. `value` is what is held of it in dollars, as positions say."""

    symbol: str
    name: str
    security_type: str
    cusip: str
    accounts: tuple[str, ...]
    value: Decimal
    problem: str

    def workbook_row(self) -> tuple[str, ...]:
        """Return Symbol, Name, Asset class (to fill in), Identity group, Type and CUSIP of the sheet Securities."""
        return (self.symbol, self.name, "", "", self.security_type, self.cusip)


def unknown_securities(session: Session) -> tuple[UnknownSecurity, ...]:
    """Return the securities that accounts hold and nobody classified, the largest first."""
    security, position, lot, account = tables.Security, tables.Position, tables.Lot, tables.Account
    held: dict[int, set[str]] = defaultdict(set)
    for table in (position, lot):
        pairs = select(table.security_id, account.number).join(account, account.id == table.account_id)
        for key, number in session.execute(pairs.distinct()):
            held[key].add(number)
    worth: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for key, value in session.execute(select(position.security_id, position.market_value)):
        worth[key] += value or ZERO
    rows = session.scalars(select(security).where(security.asset_class.is_(None)).order_by(security.symbol))
    found = [
        UnknownSecurity(
            row.symbol,
            row.name,
            row.security_type,
            row.cusip,
            tuple(sorted(held[row.id])),
            worth[row.id],
            f"CUSIP {row.cusip} {wrong}" if row.cusip and (wrong := cusip_problem(row.cusip)) else "",
        )
        for row in rows
        if row.id in held
    ]
    return tuple(sorted(found, key=lambda one: -one.value))
