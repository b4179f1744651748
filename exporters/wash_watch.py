"""What wash sales to look out for: the state of each order, and the windows that are open in a household.

The figures of the proposal come from the engine; this only says, for people, which purchases and losses
stand in a 61-day window (IRC 1091: 30 days before the sale, the day itself, 30 days after).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from engine.portfolio import Action, HistoryRow, Lot, Security, Side
from exporters.run_report import HouseholdReport
from exporters.words import long_date

WINDOW = timedelta(days=30)


class WashState(StrEnum):
    """How an order stands to wash sales, in rising order of concern."""

    NONE = "none"
    """No loss is realised and none is at risk."""
    WATCH = "watch"
    """A loss that counts as long as nobody in the household buys the group within 30 days."""
    POSSIBLE = "possible"
    """A purchase of the same group stands in the window: part of the loss may be disallowed."""


class WatchKind(StrEnum):
    """Why a window is open."""

    LOSS_NOW = "Loss sold in this run"
    LOSS_BEFORE = "Loss sold earlier"
    PURCHASE = "Bought within 30 days"


@dataclass(frozen=True, slots=True)
class Watch:
    """One open window. It turns on `day` and runs from `opens` to `closes`, both days included."""

    kind: WatchKind
    identity_group: str
    symbols: tuple[str, ...]
    account: str
    """Key of the account where it happened, empty when several."""
    day: date
    opens: date
    closes: date
    quantity: Decimal | None
    avoid: str
    elsewhere: tuple[str, ...]
    """Keys of the other accounts of the household that hold the group."""
    substitutes: tuple[str, ...]
    """Symbols of the same class on the buy list that are not substantially identical."""


def wash_of_sale(household: HouseholdReport, lot: Lot, gain: Decimal) -> WashState:
    """Return the state of shares sold from a lot of a taxable account at `gain` dollars."""
    if gain >= 0:
        return WashState.NONE
    groups = _groups(household)
    group = groups[lot.symbol]
    before = any(row.lot != lot.id and groups[row.symbol] == group for row in _purchases(household))
    now = any(t.side is Side.BUY and groups[t.symbol] == group for t in household.proposal.trades)
    return WashState.POSSIBLE if before or now else WashState.WATCH


def wash_of_buy(household: HouseholdReport, security: Security) -> WashState:
    """Return the state of a purchase: possible when its group was sold at a loss within 30 days."""
    groups = _groups(household)
    before = any(groups[row.symbol] == security.group for row in _losses(household))
    now = any(d.identity_group == security.group for d in household.proposal.do_not_buy)
    return WashState.POSSIBLE if before or now else WashState.NONE


def watches(household: HouseholdReport) -> tuple[Watch, ...]:
    """Return every window open on the day of the case: losses of this run, earlier losses, purchases."""
    as_of = household.case.as_of
    groups = _groups(household)
    found = [_watch(household, WatchKind.LOSS_BEFORE, groups[row.symbol], row.date, row) for row in _losses(household)]
    known = {(w.identity_group, w.closes) for w in found}
    for entry in household.proposal.do_not_buy:
        day = entry.until - WINDOW
        if day == as_of:
            found.append(_watch(household, WatchKind.LOSS_NOW, entry.identity_group, day))
        elif (entry.identity_group, entry.until) not in known:
            found.append(_watch(household, WatchKind.LOSS_BEFORE, entry.identity_group, day))
    for row in _purchases(household):
        group = groups[row.symbol]
        found.append(_watch(household, WatchKind.PURCHASE, group, row.date, row))
    order = list(WatchKind)
    return tuple(sorted(found, key=lambda w: (order.index(w.kind), w.identity_group.lower(), w.day, w.account)))


def symbols_of(household: HouseholdReport, identity_group: str) -> tuple[str, ...]:
    """Return the household's securities of one identity group, in alphabetical order."""
    return tuple(sorted(s.symbol for s in household.case.securities if s.group == identity_group))


def substitutes_of(household: HouseholdReport, identity_group: str) -> tuple[str, ...]:
    """Return what may be bought instead: the buy list of the group's class without the group, best first."""
    case = household.case
    groups = _groups(household)
    classes = {s.asset_class for s in case.securities if s.group == identity_group}
    return tuple(
        symbol
        for asset_class in sorted(classes)
        for symbol in case.buy_list.get(asset_class, ())
        if groups.get(symbol, symbol) != identity_group
    )


def _watch(household: HouseholdReport, kind: WatchKind, group: str, day: date, row: HistoryRow | None = None) -> Watch:
    closes = day + WINDOW
    if kind is WatchKind.PURCHASE:
        avoid = f"Selling the group at a loss through {long_date(closes)}: part may be disallowed"
        symbols: tuple[str, ...] = (row.symbol,) if row else ()
        quantity = row.quantity if row else None
    else:
        avoid = f"Buying the group in any account through {long_date(closes)}, reinvested dividends included"
        symbols = symbols_of(household, group)
        quantity = row.loss_quantity if row else None
    account = row.account if row else ""
    if kind is WatchKind.LOSS_NOW:
        quantity, account = _shares_lost(household, group), _seller(household, group)
    groups = _groups(household)
    holders = {x.account for x in household.case.lots if groups[x.symbol] == group}
    return Watch(
        kind=kind,
        identity_group=group,
        symbols=symbols,
        account=account,
        day=day,
        opens=day - WINDOW,
        closes=closes,
        quantity=quantity,
        avoid=avoid,
        elsewhere=tuple(sorted(holders - {account})),
        substitutes=substitutes_of(household, group),
    )


def _purchases(household: HouseholdReport) -> tuple[HistoryRow, ...]:
    """Purchases of the 30 days before the case, day 30 included, in every account of the household."""
    case = household.case
    return tuple(
        row
        for row in case.history
        if row.action in (Action.BUY, Action.REINVEST) and case.as_of - WINDOW <= row.date <= case.as_of
    )


def _losses(household: HouseholdReport) -> tuple[HistoryRow, ...]:
    """Sales at a loss of the 30 days before the case, day 30 included."""
    case = household.case
    return tuple(row for row in case.history if row.loss_quantity > 0 and case.as_of - WINDOW <= row.date <= case.as_of)


def _loss_sales(household: HouseholdReport, group: str) -> list[tuple[str, Decimal]]:
    """Account and shares of each lot of the group that the proposal sells at a loss that counts for tax."""
    groups = _groups(household)
    return [
        (trade.account, sale.quantity)
        for trade in household.proposal.trades
        if groups[trade.symbol] == group
        for sale in trade.lots
        if sale.gain < 0 and sale.term is not None
    ]


def _shares_lost(household: HouseholdReport, group: str) -> Decimal | None:
    sold = [quantity for _, quantity in _loss_sales(household, group)]
    return sum(sold, Decimal(0)) if sold else None


def _seller(household: HouseholdReport, group: str) -> str:
    accounts = {account for account, _ in _loss_sales(household, group)}
    return accounts.pop() if len(accounts) == 1 else ""


def _groups(household: HouseholdReport) -> dict[str, str]:
    """Identity group by symbol; a symbol nobody knows is its own group."""
    known = {s.symbol: s.group for s in household.case.securities}
    traded = [row.symbol for row in household.case.history] + [x.symbol for x in household.case.lots]
    return {symbol: symbol for symbol in traded} | known
