"""One household of the book, on one day, as the case that the engine solves."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from db.store.held import HeldAccount, HeldHousehold, HeldPosition
from engine.errors import AppError
from engine.money import ZERO
from engine.overlay.reading import OverlayReading
from engine.portfolio import CASH_CLASS, Account, Lot, Registration, Security
from engine.rebalance.case import SCHEMA, Case
from workflow.household_tax import household_tax
from workflow.policy_settings import policy_of
from workflow.readiness import LOT_CODES

SHELTERED_DAY = 1901
"""Year of purchase given to tax-advantaged shares without lots: it has no tax effect there."""


def build_case(held: HeldHousehold, overlay: OverlayReading | None) -> Case:
    """Return the household's case. It must be ready (`workflow.readiness`).

    Targets are the overlay's where there is one, else the model's. A position whose lots are missing or do not
    add up is held as one locked lot, so that it counts in value and drift and is not traded; in tax-advantaged
    accounts lots do not matter and it is traded as one lot.
    """
    tax = household_tax(held)
    if tax is None or held.model is None or held.policy is None:
        raise AppError(f"{held.name} has no tax profile, model or policy", hint="Fill the Households sheet.")
    if tax.blocked:
        raise AppError(tax.blocked[0].message, hint=tax.blocked[0].hint)
    policy = policy_of(held.policy.name, held.policy.settings)
    targets = overlay.targets if overlay else {t.asset_class: t.weight for t in held.model.targets}
    return Case(
        schema=SCHEMA,
        as_of=held.as_of,
        tax=tax.position,
        securities=tuple(_securities(held)),
        accounts=tuple(_account(held, account) for account in held.accounts),
        lots=tuple(household_lots(held)),
        history=held.history,
        targets=dict(targets),
        buy_list=_buy_list(held),
        policy=policy,
    )


def strategic_weights(held: HeldHousehold) -> dict[str, Decimal]:
    """Return the model's weights by class, before any overlay."""
    return {t.asset_class: t.weight for t in held.model.targets} if held.model else {}


def _securities(held: HeldHousehold) -> Iterator[Security]:
    """Securities that are held, traded recently or may be bought, and have a class and a price."""
    for security in held.securities.values():
        if security.asset_class and security.asset_class != CASH_CLASS and security.close is not None:
            yield Security(
                symbol=security.symbol,
                asset_class=security.asset_class,
                price=security.close,
                identity_group=security.identity_group,
                half_spread_bp=security.half_spread_bp,
                carry_bp=security.carry_bp,
                adv_shares=security.adv_shares,
            )


def _account(held: HeldHousehold, account: HeldAccount) -> Account:
    registration = account.registration
    if registration is None:
        raise AppError(f"the account {account.custodian} {account.number} has no registration")
    unsound = {symbol for key, symbol in unsound_positions(held) if key == account.key}
    return Account(
        id=account.key,
        owner=account.owner or "client",
        registration=registration,
        cash=account.cash or ZERO,
        cash_reserve=account.cash_reserve,
        withdraw=account.withdraw,
        fractional=account.fractional,
        ticket_charge=account.ticket_charge,
        min_trade=account.min_trade,
        do_not_buy=tuple(sorted(_restricted(held, account.key, "do_not_buy") | unsound)),
        do_not_sell=tuple(sorted(_restricted(held, account.key, "do_not_sell"))),
        lot_method=account.lot_method,
    )


def _restricted(held: HeldHousehold, account: str, kind: str) -> set[str]:
    return {
        r.symbol
        for r in held.restrictions
        if r.kind == kind and r.account in {None, account} and (r.until is None or r.until >= held.as_of)
    }


def unsound_positions(held: HeldHousehold) -> set[tuple[str, str]]:
    """Positions of taxable accounts whose lots are missing or do not add up: (account key, symbol)."""
    taxable = {a.key for a in held.accounts if a.registration is Registration.TAXABLE}
    return {
        (standing.account, standing.symbol)
        for standing in held.problems
        if standing.problem.code in LOT_CODES and standing.account in taxable
    }


def household_lots(held: HeldHousehold) -> Iterator[Lot]:
    """Yield the lots of a household as its case holds them; see `build_case`."""
    unsound = unsound_positions(held)
    sheltered = {a.key for a in held.accounts if a.registration is not Registration.TAXABLE}
    by_place: dict[tuple[str, str], list[Lot]] = defaultdict(list)
    for lot in held.lots:
        by_place[lot.account, lot.symbol].append(lot)
    locked = {key: _restricted(held, key, "lock") for key in {a.key for a in held.accounts}}
    positions = {(p.account, p.symbol): p for p in held.positions}
    for place in sorted({*by_place, *positions}):
        position, lots = positions.get(place), by_place.get(place, [])
        if place in unsound and position is not None:
            yield _one_lot(held, position, locked=True)
        elif place[0] in sheltered and position is not None and _total(lots) != position.quantity:
            yield _one_lot(held, position, locked=place[1] in locked[place[0]])
        else:
            for lot in lots:
                hold = lot.locked or lot.symbol in locked[lot.account]
                yield Lot(
                    lot.id,
                    lot.account,
                    lot.symbol,
                    lot.acquired,
                    lot.quantity,
                    lot.cost_basis,
                    lot.holding_days_carried,
                    hold,
                )


def _total(lots: list[Lot]) -> Decimal:
    return sum((lot.quantity for lot in lots), ZERO)


def _one_lot(held: HeldHousehold, position: HeldPosition, *, locked: bool) -> Lot:
    basis = position.cost_basis
    if basis is None:
        close = held.securities[position.symbol].close or ZERO
        basis = (position.quantity * close).quantize(Decimal("0.01"))
    day = held.as_of.replace(year=SHELTERED_DAY, day=1)
    name = f"{position.account}/{position.symbol}"
    return Lot(name, position.account, position.symbol, day, position.quantity, basis, locked=locked)


def _buy_list(held: HeldHousehold) -> dict[str, tuple[str, ...]]:
    """Return what may be bought for each class: only securities with a class and a price."""
    known = {s.symbol for s in _securities(held)}
    targets = held.model.targets if held.model else ()
    lists = {t.asset_class: tuple(s for s in t.buy_list if s in known) for t in targets}
    return {name: symbols for name, symbols in lists.items() if symbols}
