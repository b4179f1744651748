"""Reads accounts and what they hold: positions, lots, trades of the recent past, realized gains."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db import tables
from db.store.held import HeldAccount, HeldPosition, HeldRealized
from db.store.keys import account_key, lot_id
from engine.money import ZERO, cents
from engine.portfolio import Action, HistoryRow, Lot


def held_account(row: tables.Account) -> HeldAccount:
    """Turn a row into the value."""
    return HeldAccount(
        id=row.id,
        key=account_key(row.id),
        household_id=row.household_id,
        custodian=row.custodian,
        number=row.number,
        name=row.name,
        owner=row.owner,
        registration=row.registration,
        title=row.title,
        cash=row.cash,
        cash_as_of=row.cash_as_of,
        positions_as_of=row.positions_as_of,
        cash_reserve=row.cash_reserve,
        withdraw=row.withdraw,
        fractional=row.fractional,
        ticket_charge=row.ticket_charge,
        min_trade=row.min_trade,
        discretionary=row.discretionary,
        lot_method=row.lot_method,
    )


def list_accounts(session: Session) -> tuple[HeldAccount, ...]:
    """Return every account of the book, also those without a household, by custodian and number."""
    order = (tables.Account.custodian, tables.Account.number)
    return tuple(held_account(row) for row in session.scalars(select(tables.Account).order_by(*order)))


def positions_of(session: Session, accounts: Collection[int]) -> dict[int, list[HeldPosition]]:
    """Return the positions of these accounts by account, in order of symbol."""
    table = tables.Position
    found = session.execute(
        select(
            table.account_id,
            tables.Security.symbol,
            table.quantity,
            table.price,
            table.market_value,
            table.cost_basis,
            table.as_of,
        )
        .join(tables.Security, tables.Security.id == table.security_id)
        .where(table.account_id.in_(accounts))
        .order_by(table.account_id, tables.Security.symbol)
    )
    out: dict[int, list[HeldPosition]] = defaultdict(list)
    for account, symbol, quantity, price, value, basis, as_of in found:
        held = HeldPosition(account_key(account), symbol, quantity, price, value, basis, as_of)
        out[account].append(held)
    return out


def lots_of(session: Session, accounts: Collection[int]) -> dict[int, list[Lot]]:
    """Return the open lots of these accounts by account, in order of symbol, day and key."""
    table = tables.Lot
    found = session.execute(
        select(
            table.account_id,
            table.key,
            tables.Security.symbol,
            table.acquired,
            table.quantity,
            table.cost_basis,
            table.holding_days_carried,
            table.locked,
        )
        .join(tables.Security, tables.Security.id == table.security_id)
        .where(table.account_id.in_(accounts))
        .order_by(table.account_id, tables.Security.symbol, table.acquired, table.key)
    )
    out: dict[int, list[Lot]] = defaultdict(list)
    for account, key, symbol, acquired, quantity, basis, carried, locked in found:
        lot = Lot(lot_id(account, key), account_key(account), symbol, acquired, quantity, basis, carried, locked)
        out[account].append(lot)
    return out


def realized_of(session: Session, accounts: Collection[int], since: date, until: date) -> dict[int, list[HeldRealized]]:
    """Return the closed lots sold from `since` to `until`, both included, by account, in order of day."""
    table = tables.Realized
    found = session.execute(
        select(
            table.account_id,
            tables.Security.symbol,
            table.acquired,
            table.sold,
            table.quantity,
            table.proceeds,
            table.cost_basis,
            table.gain,
            table.disallowed,
        )
        .join(tables.Security, tables.Security.id == table.security_id)
        .where(table.account_id.in_(accounts), table.sold.between(since, until))
        .order_by(table.account_id, table.sold, table.id)
    )
    out: dict[int, list[HeldRealized]] = defaultdict(list)
    for account, symbol, acquired, sold, quantity, proceeds, basis, gain, disallowed in found:
        line = HeldRealized(account_key(account), symbol, acquired, sold, quantity, proceeds, basis, gain, disallowed)
        out[account].append(line)
    return out


def last_sales_of(session: Session, accounts: Collection[int], since: date, until: date) -> dict[int, date]:
    """Return the last day of a sell from `since` to `until`, both included, by account; none where there is none."""
    table = tables.Transaction
    query = (
        select(table.account_id, func.max(table.date))
        .where(table.account_id.in_(accounts), table.date.between(since, until), table.action == Action.SELL)
        .group_by(table.account_id)
    )
    return dict(session.execute(query).all())


def trades_of(session: Session, accounts: Collection[int], since: date, until: date) -> dict[int, list[HistoryRow]]:
    """Return the trades from `since` to `until`, both included, by account, in order of day."""
    table = tables.Transaction
    found = session.execute(
        select(
            table.account_id,
            tables.Security.symbol,
            table.date,
            table.action,
            table.quantity,
            table.amount,
            table.loss_quantity,
            table.lot_key,
        )
        .join(tables.Security, tables.Security.id == table.security_id)
        .where(table.account_id.in_(accounts), table.date.between(since, until))
        .order_by(table.account_id, table.date, table.id)
    )
    out: dict[int, list[HistoryRow]] = defaultdict(list)
    for account, symbol, day, action, quantity, amount, loss, lot_key in found:
        lot = lot_id(account, lot_key) if lot_key else None
        row = HistoryRow(account_key(account), symbol, day, action, quantity, amount, loss, lot)
        out[account].append(row)
    return out


def with_losses(trades: Iterable[HistoryRow], realized: Iterable[HeldRealized]) -> list[HistoryRow]:
    """Return one account's trades with the shares sold at a loss that its realized gains tell.

    A sell that says its own loss shares keeps them. Loss shares without a sell of that day become a sell
    row of their own: a wash sale must not be missed because one file was not imported.
    """
    losses: dict[tuple[str, date], list[HeldRealized]] = defaultdict(list)
    for line in realized:
        if line.gain < 0:
            losses[line.symbol, line.sold].append(line)
    left = {key: sum((line.quantity for line in lines), ZERO) for key, lines in losses.items()}
    rows = sorted(trades, key=lambda row: row.date)
    for row in rows:
        if row.action is Action.SELL and (row.symbol, row.date) in left:
            left[row.symbol, row.date] -= row.loss_quantity
    out: list[HistoryRow] = []
    for row in rows:
        rest = left.get((row.symbol, row.date), ZERO)
        told = row
        if row.action is Action.SELL and rest > 0 and row.loss_quantity == 0:
            told = replace(row, loss_quantity=min(rest, row.quantity))
            left[row.symbol, row.date] = rest - told.loss_quantity
        out.append(told)
    out.extend(_untold(losses[key], rest) for key, rest in left.items() if rest > 0)
    return sorted(out, key=lambda row: row.date)


def _untold(lines: list[HeldRealized], quantity: Decimal) -> HistoryRow:
    """Return the sell row for loss shares that no trade of the day tells."""
    shares = sum((line.quantity for line in lines), ZERO)
    proceeds = sum((line.proceeds for line in lines), ZERO)
    first = lines[0]
    amount = cents(proceeds * quantity / shares)
    return HistoryRow(first.account, first.symbol, first.sold, Action.SELL, quantity, amount, quantity)
