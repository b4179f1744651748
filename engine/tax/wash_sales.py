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
    day on which a tax-advantaged purchase already made would destroy a loss. `washed_until`: last day on which
    a purchase already made in a taxable account counts against a loss. None = no such trade.
    `purchases` is empty where the only purchase in the window is all that the household holds of the group:
    its shares do not replace one another (Rev. Rul. 56-602).
    """

    group: str
    no_purchase_until: date | None = None
    no_loss_until: date | None = None
    washed_until: date | None = None
    purchases: tuple[WindowPurchase, ...] = ()


@dataclass(slots=True)
class Purchase:
    """Shares bought together; `lot` holds them, None = sold since; `bought_as` is the lot they were bought as.

    `shares` are those that can still replace a loss.
    """

    lot: str | None
    bought_as: str | None
    account: str
    symbol: str
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
    lots = sorted(lots, key=lambda x: (x.acquired, x.id))
    rows = [r for r in history if r.date <= as_of]
    by_group: dict[str, list[HistoryRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda r: (r.date, r.account, r.symbol, r.lot or "", r.quantity, r.loss_quantity)):
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
    lost = [r.date for r in losses if _recent(r.date, as_of)]
    purchases = purchases_left(lots, rows, as_of, taxable)
    in_window = [p for p in purchases if _recent(p.date, as_of)]
    sheltered = [p.date for p in in_window if p.account not in taxable]
    own = [p for p in in_window if p.account in taxable]
    only_purchase = bool(lots) and len({p.bought_as for p in purchases if p.lot or _recent(p.date, as_of)}) == 1
    return GroupWindow(
        group,
        no_purchase_until=_last(lost),
        no_loss_until=_last(sheltered),
        washed_until=_last([p.date for p in own]),
        purchases=() if only_purchase else tuple(WindowPurchase(p.lot, p.date, p.shares) for p in own if p.shares > 0),
    )


def purchases_left(lots: list[Lot], rows: list[HistoryRow], as_of: date, taxable: set[str]) -> list[Purchase]:
    """Return every purchase of one identity group with the shares that earlier losses have left free to replace.

    `lots` and `rows` are those of the group in order of their days, `taxable` the accounts whose losses count.
    """
    purchases = _purchases(lots, rows, as_of)
    losses = [r for r in rows if r.action is Action.SELL and r.loss_quantity > 0 and r.account in taxable]
    _use_up(purchases, losses, {x.id for x in lots if x.holding_days_carried > 0})
    return purchases


def _last(days: list[date]) -> date | None:
    return max(days) + WINDOW if days else None


def _purchases(lots: list[Lot], rows: list[HistoryRow], as_of: date) -> list[Purchase]:
    """Join purchases in the history with open lots; what the lots do not hold any more has been sold since."""
    buys = [r for r in rows if r.action is not Action.SELL]
    missing = [r.quantity for r in buys]
    by_id = {x.id: [x] for x in lots}
    by_place: dict[tuple[str, str, date], list[Lot]] = defaultdict(list)
    for lot in lots:
        by_place[lot.account, lot.symbol, lot.acquired].append(lot)
    bought_as: list[str | None] = [None if r.lot in by_id else r.lot for r in buys]
    found = {x.id: Purchase(x.id, x.id, x.account, x.symbol, x.acquired, x.quantity) for x in lots}
    left = {x.id: x.quantity for x in lots}
    # first each lot's own row; then the other lots of that purchase, which a wash sale may have split in two
    for named in (True, False):
        for i, row in enumerate(buys):
            for lot in by_id.get(row.lot or "", ()) if named else by_place[row.account, row.symbol, row.date]:
                if _bought_by(row, lot, as_of, named=named) and (named or min(missing[i], left[lot.id]) > 0):
                    bought_as[i] = bought_as[i] or lot.id
                    if row.lot is not None:
                        found[lot.id].bought_as = bought_as[i]
                    taken = min(missing[i], left[lot.id])
                    left[lot.id] -= taken
                    missing[i] -= taken
    lost: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for row in rows:
        lost[row.lot or ""] += row.loss_quantity
    gone = []
    for row, name, shares in zip(buys, bought_as, missing, strict=True):
        at_a_loss = min(shares, lost[name]) if name else ZERO  # such shares replace nothing any more
        lost[name or ""] -= at_a_loss
        if shares > at_a_loss:
            gone.append(Purchase(None, name, row.account, row.symbol, row.date, shares - at_a_loss))
    return sorted([*found.values(), *gone], key=lambda p: (p.date, p.account, p.lot is None, p.lot or ""))


def _bought_by(row: HistoryRow, lot: Lot, as_of: date, *, named: bool) -> bool:
    """Whether a purchase is how a lot was acquired: it names the lot, or the place and the day are the same."""
    if named:
        # a lot that is older than the window cannot have been bought by a row inside it
        return lot.id == row.lot and (_recent(lot.acquired, as_of) or not _recent(row.date, as_of))
    return (lot.account, lot.symbol, lot.acquired) == (row.account, row.symbol, row.date)


def _use_up(purchases: list[Purchase], losses: list[HistoryRow], carried: set[str]) -> None:
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
