"""Wash-sale facts before a trade: what the last 30 days forbid, and which shares would replace a loss.

IRC 1091; Reg. 1.1091-1; Rev. Rul. 56-602 (shares of the only purchase do not replace one another);
Rev. Rul. 2008-5 (a replacement in an IRA loses the loss for good). Day 30 counts on both sides, trade dates.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from engine.money import ZERO
from engine.portfolio import Account, Action, HistoryRow, Lot, Security

WINDOW = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class WindowPurchase:
    """Shares of a group bought in a taxable account in the window that can still replace a loss.

    `lot` is the open lot that holds them; None when the shares have been sold since, which does not take
    them out of the statute (it has no still-held test), the cautious reading.
    """

    lot: str | None
    date: date
    shares: Decimal


@dataclass(frozen=True, slots=True)
class GroupWindow:
    """What the last 30 days mean for one identity group on the day of trading.

    `no_purchase_until`: last day on which a purchase would wash a loss already taken. `no_loss_until`: last
    day on which a tax-advantaged purchase already made would destroy a loss. None = not blocked.
    `sole_lot` is the only open lot of the group in the household, if it is also its only purchase in the
    window: its kept shares do not replace its sold ones (Rev. Rul. 56-602).
    """

    group: str
    no_purchase_until: date | None = None
    no_loss_until: date | None = None
    purchases: tuple[WindowPurchase, ...] = ()
    bought_in_taxable: bool = False
    sole_lot: str | None = None


@dataclass(slots=True)
class _Purchase:
    lot: str | None
    account: str
    date: date
    shares: Decimal


def group_windows(
    as_of: date,
    securities: Iterable[Security],
    accounts: Iterable[Account],
    lots: Iterable[Lot],
    history: Iterable[HistoryRow],
) -> Mapping[str, GroupWindow]:
    """Return the window of each identity group that the last 30 days touch, household-wide.

    A lot acquired in the window is a purchase whether or not the history has its row. Purchases that earlier
    loss sales have used up as replacements are not offered again (each share replaces once).
    """
    group_of = {s.symbol: s.group for s in securities}
    taxable = {a.id for a in accounts if a.registration.is_taxable}
    lots = tuple(lots)
    rows = [r for r in history if r.date <= as_of]
    by_group: dict[str, list[HistoryRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda r: (r.date, r.account, r.symbol, r.lot or "")):
        by_group[group_of.get(row.symbol, row.symbol)].append(row)
    held: dict[str, list[Lot]] = defaultdict(list)
    for lot in lots:
        held[group_of.get(lot.symbol, lot.symbol)].append(lot)
    windows = {
        group: _window(group, as_of, held.get(group, []), by_group.get(group, []), taxable)
        for group in sorted({*by_group, *(g for g, ls in held.items() if any(_recent(x.acquired, as_of) for x in ls))})
    }
    return {g: w for g, w in windows.items() if w != GroupWindow(g)}


def _recent(day: date, as_of: date) -> bool:
    return as_of - WINDOW <= day <= as_of


def _window(group: str, as_of: date, lots: list[Lot], rows: list[HistoryRow], taxable: set[str]) -> GroupWindow:
    losses = [r for r in rows if r.action is Action.SELL and r.loss_quantity > 0]
    recent_losses = [r.date for r in losses if _recent(r.date, as_of)]
    purchases = _purchases(lots, rows)
    sheltered = [p.date for p in purchases if p.account not in taxable and _recent(p.date, as_of)]
    own = [p for p in purchases if p.account in taxable]
    in_window = [p for p in own if _recent(p.date, as_of)]
    sole = in_window[0].lot if len(in_window) == 1 and len(lots) == 1 and in_window[0].lot == lots[0].id else None
    _use_up(own, [r for r in losses if r.account in taxable], {x.id for x in lots if x.holding_days_carried > 0})
    return GroupWindow(
        group,
        no_purchase_until=max(recent_losses) + WINDOW if recent_losses else None,
        no_loss_until=max(sheltered) + WINDOW if sheltered else None,
        purchases=tuple(WindowPurchase(p.lot, p.date, p.shares) for p in in_window if p.shares > 0),
        bought_in_taxable=bool(in_window),
        sole_lot=sole,
    )


def _purchases(lots: list[Lot], rows: list[HistoryRow]) -> list[_Purchase]:
    """Join purchases in the history with open lots; what the lots do not hold any more has been sold since."""
    found = [_Purchase(lot.id, lot.account, lot.acquired, lot.quantity) for lot in lots]
    left = {lot.id: lot.quantity for lot in lots}
    by_place: dict[tuple[str, str, date], list[str]] = defaultdict(list)
    for lot in lots:
        by_place[lot.account, lot.symbol, lot.acquired].append(lot.id)
    for row in rows:
        if row.action is Action.SELL:
            continue
        names = [row.lot] if row.lot in left else by_place[row.account, row.symbol, row.date]
        missing = row.quantity
        for name in names:
            taken = min(missing, left[name])
            left[name] -= taken
            missing -= taken
        missing -= min(missing, _sold_at_a_loss(row, rows))
        if missing > 0:
            found.append(_Purchase(None, row.account, row.date, missing))
    return sorted(found, key=lambda p: (p.date, p.account, p.lot or ""))


def _sold_at_a_loss(purchase: HistoryRow, rows: list[HistoryRow]) -> Decimal:
    """Shares of this purchase that were sold at a loss themselves: they replace nothing any more."""
    if purchase.lot is None:
        return ZERO
    return sum((r.loss_quantity for r in rows if r.action is Action.SELL and r.lot == purchase.lot), ZERO)


def _use_up(purchases: list[_Purchase], losses: list[HistoryRow], carried: set[str]) -> None:
    """Take off the shares that earlier loss sales have used, losses and purchases in the order of their dates.

    Lots that carry days held are the ones a custodian or ledger has already marked as replacements.
    """
    for loss in losses:
        need = loss.loss_quantity
        near = [p for p in purchases if abs(p.date - loss.date) <= WINDOW and (p.lot is None or p.lot != loss.lot)]
        for p in sorted(near, key=lambda p: (p.lot not in carried, p.date)):
            used = min(need, p.shares)
            p.shares -= used
            need -= used
    for p in purchases:
        if p.lot in carried:
            p.shares = ZERO
