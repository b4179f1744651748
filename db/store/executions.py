"""Reads the trades that imports show, and up to which day they show them."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db import tables
from db.store.keys import account_key
from engine.overlay.trade_adherence import Execution
from engine.portfolio import Action, Side

_SIDES = {Action.BUY: Side.BUY, Action.SELL: Side.SELL}


def load_executions(session: Session, since: date, until: date) -> tuple[Execution, ...]:
    """Return the buys and sells of all households in these days, both included, by day. No reinvestments."""
    trade, household = tables.Transaction, tables.Household
    query = (
        select(
            tables.Household.name, trade.account_id, tables.Security.symbol, trade.action, trade.quantity, trade.date
        )
        .join(tables.Account, tables.Account.id == trade.account_id)
        .join(household, household.id == tables.Account.household_id)
        .join(tables.Security, tables.Security.id == trade.security_id)
        .where(trade.action.in_(_SIDES), trade.date >= since, trade.date <= until)
        .order_by(trade.date, trade.id)
    )
    return tuple(
        Execution(name, account_key(account), symbol, _SIDES[action], quantity, day)
        for name, account, symbol, action, quantity, day in session.execute(query)
    )


def trades_known_until(session: Session) -> dict[str, date]:
    """Return by account key the last day that the trades imported from its custodian reach; none without any.

    A custodian's history tells of all accounts in it, of those without a trade by leaving them out. The day is that
    of the file, or of its last trade where it has none.
    """
    trade, file, account = tables.Transaction, tables.ImportFile, tables.Account
    query = (
        select(account.custodian, func.max(file.as_of), func.max(trade.date))
        .join(trade, trade.account_id == account.id)
        .join(file, file.id == trade.import_file_id)
        .group_by(account.custodian)
    )
    known = {name: max(day for day in days if day is not None) for name, *days in session.execute(query)}
    accounts = session.execute(select(account.id, account.custodian))
    return {account_key(number): known[custodian] for number, custodian in accounts if custodian in known}
