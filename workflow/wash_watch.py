"""The wash calendar of households: do-not-buy list, purchases to wait for, reinvestments to come, lots about to ripen.

The rules are the engine's (`engine.tax.pretrade`, `do_not_buy`, `reinvestment`, `ripening`); this gathers what the
book knows and what it does not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from db import store
from db.store.accounts import trades_of
from db.store.held import HeldAccount, HeldHousehold
from engine.errors import AppError
from engine.money import ZERO
from engine.portfolio import Account, HistoryRow, Lot, Registration, Security, Side
from engine.rebalance.case import Case
from engine.rebalance.proposal import Trade
from engine.tax.do_not_buy import (
    LossSale,
    NoLossSale,
    NoPurchase,
    do_not_buy,
    do_not_sell_at_a_loss,
    past_losses,
    proposed_losses,
    symbols_by_group,
)
from engine.tax.pretrade import analyse_sales
from engine.tax.pretrade_types import WINDOW, ProposedBuy, ProposedSale, SaleWash, WashHousehold
from engine.tax.reinvestment import (
    YEAR,
    ExpectedReinvestment,
    ReinvestmentRisk,
    expected_reinvestments,
    reinvestment_risks,
)
from engine.tax.ripening import RipeningLot, ripening_lots
from engine.tax.wash_coverage import AccountRecords, CoverageGap, coverage_gaps
from engine.trading_days import is_trading_day
from workflow.book import Book
from workflow.case_builder import household_lots, unsound_positions
from workflow.household_tax import tax_position
from workflow.readiness import STALE_AFTER_DAYS, account_name

RIPENING_DAYS = 60
"""Lots that turn long-term within so many days are shown."""


@dataclass(frozen=True, slots=True)
class HouseholdWash:
    """Everything a household has to watch on `as_of`. `accounts` maps an account key to what people call it.

    `losses` is what each position at a loss would come to if all of its losing lots were sold at the last close.
    """

    household: str
    as_of: date
    accounts: dict[str, str]
    no_purchases: tuple[NoPurchase, ...]
    no_loss_sales: tuple[NoLossSale, ...]
    reinvestments: tuple[ExpectedReinvestment, ...]
    losses: tuple[SaleWash, ...]
    risks: tuple[ReinvestmentRisk, ...]
    ripening: tuple[RipeningLot, ...]
    gaps: tuple[CoverageGap, ...]


@dataclass(frozen=True, slots=True)
class PlanWash:
    """What a plan's sales come to: one outcome a sale, the do-not-buy list after it, reinvestments in the way."""

    sales: tuple[SaleWash, ...]
    no_purchases: tuple[NoPurchase, ...]
    risks: tuple[ReinvestmentRisk, ...]


def wash_watch(
    book: Book, *, households: Sequence[str] | None, as_of: date | None, today: date, within: int = RIPENING_DAYS
) -> tuple[HouseholdWash, ...]:
    """Return the wash calendar of these households (None = all), by name.

    `as_of` None = the day of the newest prices. `within` are the days in which a lot must turn long-term to be shown.
    Raises AppError for a name that the book does not have.
    """
    with book.reading() as session:
        day = as_of or store.prices_as_of(session, today) or today
        known = {h.name: h.id for h in store.list_households(session)}
        missing = [name for name in households or () if name not in known]
        if missing:
            hint = "`plimsoll households` lists those of the book."
            raise AppError(f"there is no household {', '.join(missing)}", hint=hint)
        ids = None if households is None else [known[name] for name in households]
        held = store.load_households(session, ids, as_of=day)
        years = [_trades_of_year(session, one, day) for one in held]
    return tuple(_watch(one, year, within) for one, year in zip(held, years, strict=True))


def wash_household(held: HeldHousehold, year: Iterable[HistoryRow]) -> WashHousehold:
    """Return what the wash analysis needs of a household. `year` are its trades of the past year."""
    return WashHousehold(
        as_of=held.as_of,
        securities=tuple(_security(held, symbol) for symbol in held.securities),
        accounts=tuple(_account(a) for a in held.accounts),
        lots=tuple(household_lots(held)),
        history=held.history,
        gaps=_gaps(held, tuple(year)),
        unsound=frozenset(unsound_positions(held)),
    )


def plan_wash(case: Case, trades: Sequence[Trade], gaps: tuple[CoverageGap, ...] = ()) -> PlanWash:
    """Return what the sales of a proposal come to, with its purchases of the same day.

    Reinvestments are estimated from the history of the case, which is shorter than a year.
    """
    household = WashHousehold(case.as_of, case.securities, case.accounts, case.lots, case.history, gaps)
    sales = [
        ProposedSale(t.account, t.symbol, t.quantity, t.price, tuple((s.id, s.quantity) for s in t.lots))
        for t in trades
        if t.side is Side.SELL
    ]
    buys = [ProposedBuy(t.account, t.symbol, t.quantity) for t in trades if t.side is Side.BUY]
    outcomes = analyse_sales(household, sales, buys)
    held: dict[tuple[str, str], Decimal] = {}
    for lot in case.lots:
        held[lot.account, lot.symbol] = held.get((lot.account, lot.symbol), ZERO) + lot.quantity
    closed = {(s.account, s.symbol) for s in sales if held.get((s.account, s.symbol)) == s.quantity}
    losses = (*past_losses(household), *proposed_losses(outcomes))
    return PlanWash(outcomes, do_not_buy(household, losses), _risks(household, outcomes, case.history, closed))


def _trades_of_year(session: Session, held: HeldHousehold, day: date) -> tuple[HistoryRow, ...]:
    found = trades_of(session, [a.id for a in held.accounts], day - YEAR, day)
    return tuple(row for rows in found.values() for row in rows)


def _watch(held: HeldHousehold, year: tuple[HistoryRow, ...], within: int) -> HouseholdWash:
    household = wash_household(held, year)
    prices = {s.symbol: s.close for s in held.securities.values() if s.close is not None}
    realized = (
        LossSale(line.account, line.symbol, line.sold, line.quantity, -line.gain)
        for line in held.realized
        if line.gain < 0
    )
    # each sale stands alone here: they are questions, not a plan
    losses = tuple(o for s in _sales_at_a_loss(household, prices) for o in analyse_sales(household, [s]))
    return HouseholdWash(
        household=held.name,
        as_of=held.as_of,
        accounts={a.key: account_name(a) for a in held.accounts},
        no_purchases=do_not_buy(household, past_losses(household, realized)),
        no_loss_sales=do_not_sell_at_a_loss(household),
        reinvestments=expected_reinvestments(year, held.as_of, held.as_of + WINDOW),
        losses=losses,
        risks=_risks(household, losses, year, set()),
        ripening=ripening_lots(
            household.lots,
            household.accounts,
            prices,
            held.as_of,
            within=within,
            tax=tax_position(held),
        ),
        gaps=household.gaps,
    )


def _risks(
    household: WashHousehold,
    outcomes: Iterable[SaleWash],
    history: Iterable[HistoryRow],
    closed: set[tuple[str, str]],
) -> tuple[ReinvestmentRisk, ...]:
    expected = expected_reinvestments(history, household.as_of, household.as_of + WINDOW)
    members = symbols_by_group(household.securities)
    taxable = [a.id for a in household.accounts if a.registration.is_taxable]
    return tuple(
        risk
        for outcome in outcomes
        for risk in reinvestment_risks(
            outcome,
            expected,
            symbols=members.get(outcome.identity_group, (outcome.symbol,)),
            sold_out=closed,
            taxable=taxable,
        )
    )


def _sales_at_a_loss(household: WashHousehold, prices: dict[str, Decimal]) -> list[ProposedSale]:
    """Return, for each taxable position, the sale of all its lots that are at a loss."""
    taxable = {a.id for a in household.accounts if a.registration.is_taxable}
    places: dict[tuple[str, str], list[Lot]] = {}
    for lot in household.lots:
        price = prices.get(lot.symbol)
        if lot.account in taxable and price is not None and lot.quantity * price < lot.cost_basis:
            places.setdefault((lot.account, lot.symbol), []).append(lot)
    return [
        ProposedSale(
            account,
            symbol,
            sum((x.quantity for x in lots), ZERO),
            prices[symbol],
            tuple((x.id, x.quantity) for x in lots),
        )
        for (account, symbol), lots in sorted(places.items())
    ]


def _security(held: HeldHousehold, symbol: str) -> Security:
    found = held.securities[symbol]
    return Security(symbol, found.asset_class or "", found.close or ZERO, found.identity_group)


def _account(account: HeldAccount) -> Account:
    """Return an account; one whose registration nobody has said is taken for taxable: its losses are looked at."""
    return Account(account.key, account.owner, account.registration or Registration.TAXABLE, account.cash or ZERO)


def _gaps(held: HeldHousehold, year: Sequence[HistoryRow]) -> tuple[CoverageGap, ...]:
    first: dict[str, date] = {}
    for row in year:
        first[row.account] = min(row.date, first.get(row.account, row.date))
    records = [
        AccountRecords(a.key, account_name(a), a.positions_as_of, first.get(a.key), lots_known=_lots_known(held, a.key))
        for a in held.accounts
    ]
    return coverage_gaps(records, held.as_of, oldest=_trading_days_before(held.as_of, STALE_AFTER_DAYS))


def _lots_known(held: HeldHousehold, account: str) -> bool:
    """Return whether the lots of every position of an account add up to it."""
    lots: dict[str, Decimal] = {}
    for lot in held.lots:
        if lot.account == account:
            lots[lot.symbol] = lots.get(lot.symbol, ZERO) + lot.quantity
    return all(lots.get(p.symbol) == p.quantity for p in held.positions if p.account == account)


def _trading_days_before(day: date, count: int) -> date:
    """Return the earliest day with no more than `count` trading days after it, up to `day`."""
    while count >= 0:
        count -= is_trading_day(day)
        day -= timedelta(days=1)
    return day + timedelta(days=1)
