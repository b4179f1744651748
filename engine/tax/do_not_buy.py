"""The wash calendar of a household: what not to buy and until when, and what not to sell at a loss and until when.

IRC 1091(a): 30 days before the sale, the day itself, 30 days after, by trade date, in every account of the household
(Rev. Rul. 2008-5 for IRAs).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from engine.money import ZERO
from engine.portfolio import Action, Lot, Security
from engine.tax.pretrade_types import WINDOW, SaleWash, WashHousehold

_ONE_DAY = timedelta(days=1)
Day = date
"""`date` under a name that a field called date does not hide."""


class LossSource(StrEnum):
    """Where a loss sale stands."""

    MADE = "made"
    PROPOSED = "proposed"


@dataclass(frozen=True, slots=True)
class LossSale:
    """Shares sold at a loss in a taxable account. `loss` is dollars > 0, None where no record tells it."""

    account: str
    symbol: str
    date: Day
    shares: Decimal
    loss: Decimal | None
    source: LossSource = LossSource.MADE


@dataclass(frozen=True, slots=True)
class NoPurchase:
    """Do not buy these symbols, in any account of the household, through `until`: it would wash this loss.

    `loss` is dollars > 0, None where no record tells it.
    """

    identity_group: str
    symbols: tuple[str, ...]
    until: date
    free_from: date
    account: str
    symbol: str
    sold: date
    shares: Decimal
    loss: Decimal | None
    source: LossSource


@dataclass(frozen=True, slots=True)
class NoLossSale:
    """Do not sell these symbols at a loss through `until`: the purchase would take the loss, for good in an IRA.

    `shares` were bought; `lot` is the open lot that holds them, empty when the trade history tells of the purchase.
    """

    identity_group: str
    symbols: tuple[str, ...]
    until: date
    free_from: date
    account: str
    symbol: str
    bought: date
    shares: Decimal
    permanent: bool
    lot: str = ""


def past_losses(household: WashHousehold, losses: Iterable[LossSale] = ()) -> tuple[LossSale, ...]:
    """Return the loss sales of the history in taxable accounts; dollars come from `losses` of the same sale.

    `losses` are what realized gains tell: account, symbol, day, dollars.
    """
    known: dict[tuple[str, str, date], Decimal] = defaultdict(lambda: ZERO)
    for loss in losses:
        known[loss.account, loss.symbol, loss.date] += loss.loss or ZERO
    taxable = {a.id for a in household.accounts if a.registration.is_taxable}
    shares: dict[tuple[str, str, date], Decimal] = defaultdict(lambda: ZERO)
    for row in household.history:
        if row.action is Action.SELL and row.loss_quantity > 0 and row.account in taxable:
            shares[row.account, row.symbol, row.date] += row.loss_quantity
    return tuple(LossSale(*key, count, known.get(key)) for key, count in sorted(shares.items(), key=_by_day))


def _by_day(item: tuple[tuple[str, str, date], Decimal]) -> tuple[date, str, str]:
    (account, symbol, day), _ = item
    return day, account, symbol


def proposed_losses(outcomes: Iterable[SaleWash]) -> tuple[LossSale, ...]:
    """Return the loss sales of a plan that has been analysed (`engine.tax.pretrade.analyse_sales`)."""
    return tuple(
        LossSale(o.account, o.symbol, o.day, o.loss_shares, o.loss, LossSource.PROPOSED)
        for o in outcomes
        if o.loss_shares
    )


def do_not_buy(household: WashHousehold, losses: Iterable[LossSale]) -> tuple[NoPurchase, ...]:
    """Return a row for each loss sale whose 30 days are not over on the household's day, the last to end first."""
    members = symbols_by_group(household.securities)
    names = {s.symbol: s.group for s in household.securities}
    rows = [
        NoPurchase(
            identity_group=(group := names.get(loss.symbol, loss.symbol)),
            symbols=members.get(group, (loss.symbol,)),
            until=loss.date + WINDOW,
            free_from=loss.date + WINDOW + _ONE_DAY,
            account=loss.account,
            symbol=loss.symbol,
            sold=loss.date,
            shares=loss.shares,
            loss=loss.loss,
            source=loss.source,
        )
        for loss in losses
        if loss.date <= household.as_of <= loss.date + WINDOW
    ]
    return tuple(sorted(rows, key=lambda r: (-r.until.toordinal(), r.identity_group, r.account, r.symbol)))


def do_not_sell_at_a_loss(household: WashHousehold) -> tuple[NoLossSale, ...]:
    """Return a row for each purchase of the last 30 days of a group that a taxable account holds.

    Lots acquired in the window are purchases whether or not the history has their row.
    """
    members = symbols_by_group(household.securities)
    names = {s.symbol: s.group for s in household.securities}
    taxable = {a.id for a in household.accounts if a.registration.is_taxable}
    at_stake = {names.get(x.symbol, x.symbol) for x in household.lots if x.account in taxable}
    rows = [
        NoLossSale(
            identity_group=group,
            symbols=members.get(group, (symbol,)),
            until=day + WINDOW,
            free_from=day + WINDOW + _ONE_DAY,
            account=account,
            symbol=symbol,
            bought=day,
            shares=shares,
            permanent=account not in taxable,
            lot=lot,
        )
        for account, symbol, day, shares, lot in _recent_purchases(household)
        if (group := names.get(symbol, symbol)) in at_stake
    ]
    return tuple(sorted(rows, key=lambda r: (-r.until.toordinal(), r.identity_group, r.account, r.symbol, r.lot)))


def symbols_by_group(securities: Sequence[Security]) -> dict[str, tuple[str, ...]]:
    """Return the symbols of each identity group in alphabetical order."""
    members: dict[str, list[str]] = defaultdict(list)
    for security in securities:
        members[security.group].append(security.symbol)
    return {group: tuple(sorted(symbols)) for group, symbols in members.items()}


def _recent_purchases(household: WashHousehold) -> list[tuple[str, str, date, Decimal, str]]:
    """Return (account, symbol, day, shares, lot) of the purchases in the window."""

    def recent(day: date) -> bool:
        return household.as_of - WINDOW <= day <= household.as_of

    rows = [r for r in household.history if r.action is not Action.SELL and recent(r.date)]
    told = {(r.account, r.symbol, r.date) for r in rows} | {r.lot for r in rows if r.lot}
    lots = [x for x in household.lots if recent(x.acquired) and not _is_told(x, told)]
    found = [(r.account, r.symbol, r.date, r.quantity, r.lot or "") for r in rows]
    return found + [(x.account, x.symbol, x.acquired, x.quantity, x.id) for x in lots]


def _is_told(lot: Lot, told: set[tuple[str, str, date] | str]) -> bool:
    return lot.id in told or (lot.account, lot.symbol, lot.acquired) in told
