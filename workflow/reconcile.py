"""Finds what does not add up in the book: lots against positions, accounts and securities nobody has placed.

Found anew from the book as it stands, so that a problem goes away when its cause does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db import tables
from engine.money import ZERO
from engine.portfolio import CASH_CLASS
from engine.problems import Problem, Severity

SHARES = Decimal("0.0001")
"""By how many shares lots may miss the position: custodians round."""
BASIS = Decimal(1)
"""By how many dollars the basis of the lots may miss that of the position."""
VALUE = Decimal("0.01")
"""By which part quantity times price may miss the market value before the holding is blocked."""
SPLIT = Decimal("0.10")
"""By which part two prices of one day may differ before a split is suspected."""

OFFICE = "of the office workbook, then import the workbook"


@dataclass(frozen=True, slots=True)
class BookProblem:
    """A problem of the book as a whole, and the rows it is about: of a household, of an account."""

    problem: Problem
    household: int | None = None
    account: int | None = None


def reconcile(session: Session) -> tuple[BookProblem, ...]:
    """Return every problem of the book as it stands, in a fixed order."""
    return (
        *_unplaced_accounts(session),
        *_households(session),
        *_models(session),
        *_unclassified(session),
        *_lots_and_positions(session),
        *_prices(session),
    )


def _blocking(code: str, message: str, hint: str, **place: Any) -> Problem:
    return Problem(Severity.BLOCKING, code, message, hint, **place)


def account_name(account: tables.Account) -> str:
    """Return an account as people know it: custodian, number, name."""
    return " ".join(part for part in (account.custodian, account.number, account.title or account.name) if part)


def _unplaced_accounts(session: Session) -> Iterator[BookProblem]:
    """Find accounts without a household, without a registration, or of which no holdings are known."""
    accounts = session.scalars(select(tables.Account).order_by(tables.Account.custodian, tables.Account.number))
    for account in accounts:
        name = account_name(account)
        if account.household_id is None:
            message = f"account {name} belongs to no household"
            hint = f"Add it to the sheet Accounts {OFFICE}."
            problem = _blocking("account_not_assigned", message, hint, account=account.number)
        elif account.registration is None:
            message = f"account {name} has no registration, so its tax is not known"
            hint = f"Fill in Registration on the sheet Accounts {OFFICE}."
            problem = _blocking("no_registration", message, hint, account=account.number)
        elif account.positions_as_of is None:
            message = f"nothing is known of what account {name} holds"
            problem = _blocking("no_positions", message, "Import its positions file.", account=account.number)
        else:
            continue
        yield BookProblem(problem, account.household_id, account.id)


def _households(session: Session) -> Iterator[BookProblem]:
    """Find households that do not say how they are taxed or what they follow."""
    for household in session.scalars(select(tables.Household).order_by(tables.Household.name)):
        for field, found in (
            ("tax profile", household.tax_profile_id),
            ("model", household.model_id),
            ("policy", household.policy_id),
        ):
            if found is None:
                message = f"household {household.name} has no {field}"
                hint = f"Name one on the sheet Households {OFFICE}."
                yield BookProblem(_blocking(f"no_{field.replace(' ', '_')}", message, hint), household.id)


def _models(session: Session) -> Iterator[BookProblem]:
    """Find households whose model does not add up, or may buy a security of another class."""
    target, entry, security = tables.ModelTarget, tables.BuyListEntry, tables.Security
    weights = select(tables.Model.id, tables.Model.name, func.sum(target.weight))
    weights = weights.join(target, target.model_id == tables.Model.id).group_by(tables.Model.id, tables.Model.name)
    faults: dict[int, list[Problem]] = {}
    hint = f"Correct the sheet Models {OFFICE}."
    for model, name, total in session.execute(weights.order_by(tables.Model.name)):
        if total != 1:
            message = f"the weights of model {name} add up to {total:.2%}, not 100%"
            faults.setdefault(model, []).append(_blocking("model_weights", message, hint))
    bought = (
        select(target.model_id, tables.Model.name, target.asset_class, security.symbol, security.asset_class)
        .join(entry, entry.model_target_id == target.id)
        .join(security, security.id == entry.security_id)
        .join(tables.Model, tables.Model.id == target.model_id)
        .where(security.asset_class != target.asset_class, target.asset_class != CASH_CLASS)
        .order_by(tables.Model.name, target.rank, entry.rank)
    )
    for model, name, asset_class, symbol, own in session.execute(bought):
        message = f"model {name} buys {symbol} for {asset_class}, but its asset class is {own}"
        faults.setdefault(model, []).append(_blocking("class_differs", message, hint, symbol=symbol))
    for household in session.scalars(select(tables.Household).order_by(tables.Household.name)):
        for problem in faults.get(household.model_id or 0, ()):
            yield BookProblem(problem, household.id)


def _unclassified(session: Session) -> Iterator[BookProblem]:
    """Find securities without an asset class: those held or to be bought block, the others are listed once."""
    security = tables.Security
    used = (
        select(tables.Position.security_id)
        .union(select(tables.Lot.security_id), select(tables.BuyListEntry.security_id))
        .subquery()
    )
    idle: list[str] = []
    query = select(security, security.id.in_(select(used))).where(security.asset_class.is_(None))
    for row, is_used in session.execute(query.order_by(security.symbol)):
        if is_used:
            name = f" ({row.name})" if row.name else ""
            message = f"security {row.symbol}{name} is unknown: it has no asset class"
            hint = f"Add it with symbol, asset class and identity group to the sheet Securities {OFFICE}."
            yield BookProblem(_blocking("unclassified_security", message, hint, symbol=row.symbol))
        else:
            idle.append(row.symbol)
    if idle:
        shown = ", ".join(idle[:20]) + (" ..." if len(idle) > 20 else "")
        message = f"{len(idle):,} securities that nobody holds have no asset class: {shown}"
        yield BookProblem(Problem(Severity.INFO, "securities_idle", message))


@dataclass(frozen=True, slots=True)
class _Lots:
    """The open lots of one security in one account, added up."""

    quantity: Decimal
    cost_basis: Decimal
    file: str


def _lots_and_positions(session: Session) -> Iterator[BookProblem]:
    """Find holdings whose lots are missing, do not add up, or cost something else than the position says."""
    position, file = tables.Position, tables.ImportFile
    symbols = dict(session.execute(select(tables.Security.id, tables.Security.symbol)).all())
    accounts = {row.id: row for row in session.scalars(select(tables.Account))}
    stated = select(position, file.name).join(file, file.id == position.import_file_id)
    order = (position.account_id, position.security_id)
    lots_of, alone = _Merged(_lot_sums(session)), list[tuple[tuple[int, int], _Lots]]()
    for row, name in session.execute(stated.order_by(*order)):
        account = accounts[row.account_id]
        passed, found = lots_of.up_to((row.account_id, row.security_id))
        alone += passed
        place = {"file": name, "account": account.number, "symbol": symbols[row.security_id]}
        problem = _holding(account, row, found, place)
        if problem:
            yield BookProblem(problem, account.household_id, account.id)
    for (account_id, security_id), left in (*alone, *lots_of.rest()):
        account = accounts[account_id]
        if account.positions_as_of is not None:
            yield _without_position(account, symbols[security_id], left)


def _lot_sums(session: Session) -> Iterator[tuple[tuple[int, int], _Lots]]:
    """Yield the sums of the lots of each security, in order of account and security, of accounts with positions."""
    lot, file, account = tables.Lot, tables.ImportFile, tables.Account
    known = select(account.id).where(account.positions_as_of.is_not(None)).union(select(tables.Position.account_id))
    sums = select(
        lot.account_id, lot.security_id, func.sum(lot.quantity), func.sum(lot.cost_basis), func.max(file.name)
    ).join(file, file.id == lot.import_file_id)
    pair = (lot.account_id, lot.security_id)
    query = sums.where(lot.account_id.in_(known)).group_by(*pair).order_by(*pair)
    for account_id, security_id, quantity, basis, name in session.execute(query).yield_per(1_000):
        yield (account_id, security_id), _Lots(quantity, basis, name)


class _Merged:
    """Sums of lots in order of account and security, taken beside positions in the same order."""

    def __init__(self, sums: Iterator[tuple[tuple[int, int], _Lots]]) -> None:
        self._sums = sums
        self._next = next(sums, None)

    def up_to(self, pair: tuple[int, int]) -> tuple[list[tuple[tuple[int, int], _Lots]], _Lots | None]:
        """Return the sums that stand before an account and security, and that of it if there is one."""
        passed: list[tuple[tuple[int, int], _Lots]] = []
        while self._next is not None and self._next[0] < pair:
            passed.append(self._next)
            self._next = next(self._sums, None)
        if self._next is None or self._next[0] != pair:
            return passed, None
        found = self._next[1]
        self._next = next(self._sums, None)
        return passed, found

    def rest(self) -> Iterator[tuple[tuple[int, int], _Lots]]:
        """Yield the sums that stand after the last one that was asked for."""
        while self._next is not None:
            yield self._next
            self._next = next(self._sums, None)


def _without_position(account: tables.Account, symbol: str, lots: _Lots) -> BookProblem:
    """Return the problem of lots of a security that the account does not hold."""
    message = (
        f"{account_name(account)} has lots of {lots.quantity.normalize():,f} {symbol}, but no position; "
        f"tax-lot trading of {symbol} is blocked there"
    )
    place = {"file": lots.file, "account": account.number, "symbol": symbol}
    hint = "Import positions and lots of the same day."
    problem = _blocking("lots_without_position", message, hint, **place)
    return BookProblem(problem, account.household_id, account.id)


def _holding(
    account: tables.Account, position: tables.Position, lots: _Lots | None, place: dict[str, Any]
) -> Problem | None:
    """Compare one position with its lots."""
    symbol, name = place["symbol"], account_name(account)
    held = f"{position.quantity.normalize():,f}"
    hint = f"Import the lot details of {symbol} for this account as of {position.as_of}."
    if lots is None:
        message = f"{name} holds {held} {symbol} without tax lots; tax-lot trading of {symbol} is blocked there"
        return _blocking("lots_missing", message, hint, **place)
    if abs(lots.quantity - position.quantity) > SHARES:
        message = (
            f"{name}: the lots of {symbol} add up to {lots.quantity.normalize():,f}, the position is {held}; "
            f"tax-lot trading of {symbol} is blocked there"
        )
        return _blocking("lots_differ", message, hint, **place)
    if position.cost_basis is not None and abs(lots.cost_basis - position.cost_basis) > BASIS:
        message = (
            f"{name}: the lots of {symbol} cost {lots.cost_basis:,.2f}, the position says "
            f"{position.cost_basis:,.2f}; the lots are used"
        )
        return Problem(Severity.WARNING, "basis_differs", message, "Compare with the custodian.", **place)
    return None


def _prices(session: Session) -> Iterator[BookProblem]:
    """Find holdings whose price does not fit their value, or the price table of the same day."""
    position, price, file = tables.Position, tables.Price, tables.ImportFile
    query = (
        select(position, tables.Account, tables.Security.symbol, price.close, file.name)
        .join(tables.Account, tables.Account.id == position.account_id)
        .join(tables.Security, tables.Security.id == position.security_id)
        .join(file, file.id == position.import_file_id)
        .outerjoin(price, (price.security_id == position.security_id) & (price.date == position.as_of))
        .where(position.price.is_not(None))
        .order_by(position.account_id, position.security_id)
    )
    for row, account, symbol, close, name in session.execute(query):
        place = {"file": name, "account": account.number, "symbol": symbol}
        problem = _priced(account, row, close, place)
        if problem:
            yield BookProblem(problem, account.household_id, account.id)


def _priced(
    account: tables.Account, position: tables.Position, close: Decimal | None, place: dict[str, Any]
) -> Problem | None:
    """Compare the price of one position with its value and with the price table."""
    symbol, price = place["symbol"], position.price or ZERO
    worth, value = position.quantity * price, position.market_value
    if value is not None and abs(worth - value) > max(abs(value) * VALUE, BASIS):
        message = (
            f"{account_name(account)}: quantity times price of {symbol} is {worth:,.2f}, its market value {value:,.2f}"
        )
        hint = "Check quantity and price; bonds and options are not priced per share."
        return _blocking("value_differs", message, hint, **place)
    if close is not None and abs(price - close) > SPLIT * close:
        message = (
            f"{account_name(account)} has {symbol} at {price.normalize():,f}, the price table of "
            f"{position.as_of} at {close.normalize():,f}"
        )
        hint = "Look for a split that one of the two does not know yet."
        return _blocking("price_conflict", message, hint, **place)
    return None
