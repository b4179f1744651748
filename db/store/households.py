"""Reads households with all that their cases need, many at a time with a fixed number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db import tables
from db.store import accounts as account_store
from db.store.held import (
    HeldAccount,
    HeldHousehold,
    HeldModel,
    HeldPerson,
    HeldPolicy,
    HeldPosition,
    HeldRealized,
    HeldRestriction,
    HeldSecurity,
    HeldTaxProfile,
    ListedHousehold,
    StandingProblem,
)
from db.store.keys import account_key
from db.store.policies import load_models, load_policies, load_tax_profiles
from db.store.problems import standing_problems
from db.store.securities import load_securities
from engine.portfolio import HistoryRow, Lot

HISTORY_DAYS = 61
"""Days of trades before the day asked for: twice the 30 days of a wash sale, and that day."""


def list_households(session: Session) -> tuple[ListedHousehold, ...]:
    """Return every household by name."""
    counts = dict(
        session.execute(select(tables.Account.household_id, func.count()).group_by(tables.Account.household_id)).all()
    )
    query = (
        select(tables.Household, tables.TaxProfile.name, tables.Model.name, tables.Policy.name)
        .outerjoin(tables.TaxProfile, tables.TaxProfile.id == tables.Household.tax_profile_id)
        .outerjoin(tables.Model, tables.Model.id == tables.Household.model_id)
        .outerjoin(tables.Policy, tables.Policy.id == tables.Household.policy_id)
        .order_by(tables.Household.name)
    )
    return tuple(
        ListedHousehold(row.id, row.name, profile or "", model or "", policy or "", counts.get(row.id, 0))
        for row, profile, model, policy in session.execute(query)
    )


def load_household(session: Session, household: int, *, as_of: date) -> HeldHousehold:
    """Return one household on one day; KeyError when there is none of that id."""
    found = load_households(session, [household], as_of=as_of)
    if not found:
        raise KeyError(household)
    return found[0]


def load_households(
    session: Session, households: Collection[int] | None = None, *, as_of: date
) -> tuple[HeldHousehold, ...]:
    """Return these households (None = all) on one day, by name.

    Positions and lots are those that the book holds now; prices, trades and realized gains (from the first
    day of the year, or of the history where that is earlier) are taken up to `as_of`.
    """
    query = select(tables.Household).order_by(tables.Household.name)
    if households is not None:
        query = query.where(tables.Household.id.in_(households))
    rows = session.scalars(query).all()
    parts = _load_parts(session, [row.id for row in rows], as_of)
    return tuple(_held(row, parts, as_of) for row in rows)


@dataclass(frozen=True, slots=True)
class _Parts:
    """All that several households are made of, by household or by account row id."""

    profiles: dict[int, HeldTaxProfile]
    models: dict[int, HeldModel]
    policies: dict[int, HeldPolicy]
    people: dict[int, list[HeldPerson]]
    accounts: dict[int, list[HeldAccount]]
    positions: dict[int, list[HeldPosition]]
    lots: dict[int, list[Lot]]
    trades: dict[int, list[HistoryRow]]
    realized: dict[int, list[HeldRealized]]
    last_sales: dict[int, date]
    restrictions: dict[int, list[HeldRestriction]]
    securities: dict[str, HeldSecurity]
    problems: tuple[tuple[int | None, StandingProblem], ...]


def _load_parts(session: Session, ids: Sequence[int], as_of: date) -> _Parts:
    """Run the queries."""
    accounts = _accounts(session, ids)
    account_ids = [account.id for held in accounts.values() for account in held]
    since = as_of - timedelta(days=HISTORY_DAYS)
    new_year = date(as_of.year, 1, 1)
    return _Parts(
        profiles=load_tax_profiles(session),
        models=load_models(session),
        policies=load_policies(session),
        people=_people(session, ids),
        accounts=accounts,
        positions=account_store.positions_of(session, account_ids),
        lots=account_store.lots_of(session, account_ids),
        trades=account_store.trades_of(session, account_ids, since, as_of),
        realized=account_store.realized_of(session, account_ids, min(since, new_year), as_of),
        last_sales=account_store.last_sales_of(session, account_ids, new_year, as_of),
        restrictions=_restrictions(session, ids),
        securities=load_securities(session, None, as_of=as_of),
        problems=standing_problems(session),
    )


def _accounts(session: Session, ids: Sequence[int]) -> dict[int, list[HeldAccount]]:
    """Return the accounts of these households, by household, in the order in which they came to the book."""
    query = select(tables.Account).where(tables.Account.household_id.in_(ids)).order_by(tables.Account.id)
    out: dict[int, list[HeldAccount]] = defaultdict(list)
    for row in session.scalars(query):
        if row.household_id is not None:
            out[row.household_id].append(account_store.held_account(row))
    return out


def _people(session: Session, ids: Sequence[int]) -> dict[int, list[HeldPerson]]:
    """Return the members of these households, by household."""
    query = select(tables.Person).where(tables.Person.household_id.in_(ids)).order_by(tables.Person.id)
    out: dict[int, list[HeldPerson]] = defaultdict(list)
    for row in session.scalars(query):
        out[row.household_id].append(HeldPerson(row.name, row.role))
    return out


def _restrictions(session: Session, ids: Sequence[int]) -> dict[int, list[HeldRestriction]]:
    """Return the restrictions of these households, by household, also those that have run out."""
    table = tables.Restriction
    query = select(table).where(table.household_id.in_(ids)).order_by(table.id)
    out: dict[int, list[HeldRestriction]] = defaultdict(list)
    for row in session.scalars(query):
        account = None if row.account_id is None else account_key(row.account_id)
        held = HeldRestriction(account, row.symbol, row.kind, row.reason, row.until)
        out[row.household_id].append(held)
    return out


def _held(row: tables.Household, parts: _Parts, as_of: date) -> HeldHousehold:
    """Put one household together."""
    accounts = parts.accounts.get(row.id, [])
    since = as_of - timedelta(days=HISTORY_DAYS)
    history: list[HistoryRow] = []
    for account in accounts:
        recent = [line for line in parts.realized.get(account.id, []) if line.sold >= since]
        history += account_store.with_losses(parts.trades.get(account.id, []), recent)
    positions = tuple(held for account in accounts for held in parts.positions.get(account.id, []))
    lots = tuple(lot for account in accounts for lot in parts.lots.get(account.id, []))
    model = parts.models.get(row.model_id) if row.model_id is not None else None
    symbols = {held.symbol for held in positions} | {lot.symbol for lot in lots} | _model_symbols(model)
    symbols |= {line.symbol for line in history}
    securities = _with_substitutes(symbols, parts.securities)
    return HeldHousehold(
        id=row.id,
        name=row.name,
        notes=row.notes,
        as_of=as_of,
        people=tuple(parts.people.get(row.id, [])),
        tax=parts.profiles.get(row.tax_profile_id) if row.tax_profile_id is not None else None,
        model=model,
        policy=parts.policies.get(row.policy_id) if row.policy_id is not None else None,
        accounts=tuple(accounts),
        positions=positions,
        lots=lots,
        history=tuple(sorted(history, key=lambda line: line.date)),
        realized=tuple(line for account in accounts for line in parts.realized.get(account.id, [])),
        last_sales={a.key: parts.last_sales[a.id] for a in accounts if a.id in parts.last_sales},
        restrictions=tuple(parts.restrictions.get(row.id, [])),
        securities=securities,
        problems=_problems_of(row.id, {account.key for account in accounts}, symbols, parts.problems),
    )


def _model_symbols(model: HeldModel | None) -> set[str]:
    """Return the symbols that a model names."""
    if model is None:
        return set()
    bought = {symbol for target in model.targets for symbol in target.buy_list}
    return bought | {target.overlay_etf for target in model.targets if target.overlay_etf}


def _with_substitutes(symbols: set[str], known: dict[str, HeldSecurity]) -> dict[str, HeldSecurity]:
    """Return the securities of these symbols and of their substitutes, in order of symbol."""
    wanted = symbols | {s for symbol in symbols if symbol in known for s in known[symbol].substitutes}
    return {symbol: known[symbol] for symbol in sorted(wanted) if symbol in known}


def _problems_of(
    household: int,
    keys: set[str],
    symbols: set[str],
    problems: Iterable[tuple[int | None, StandingProblem]],
) -> tuple[StandingProblem, ...]:
    """Return the problems of this household: its own, its accounts', and those of the securities it names."""
    return tuple(
        standing
        for owner, standing in problems
        if owner == household
        or standing.account in keys
        or (owner is None and not standing.account and standing.symbol and standing.symbol in symbols)
    )
