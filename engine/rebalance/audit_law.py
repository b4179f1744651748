"""The tax law as the audit reads it: written a second time, so that a slip in the solver's reading does not pass.

IRC 1222 and Rev. Rul. 66-7 (a year), Schedule D (netting), IRC 1091 and Rev. Rul. 56-602 and 2008-5 (wash sales).
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from engine.money import ZERO
from engine.portfolio import Action, HistoryRow, Lot, TaxPosition, Term
from engine.rebalance.case import Case

DAYS = 30


def turns_long_term(lot: Lot) -> date:
    """Return the first day on which a sale of the lot is long-term: the day after purchase, a year later."""
    first_held = lot.acquired + timedelta(days=1 - lot.holding_days_carried)
    if (first_held.month, first_held.day) == (2, 29):
        return date(first_held.year + 1, 3, 1)
    return first_held.replace(year=first_held.year + 1)


def term_on(lot: Lot, day: date) -> Term:
    """Return the term of a sale of the lot on `day`."""
    return Term.SHORT if day < turns_long_term(lot) else Term.LONG


def tax_on(tax: TaxPosition, short: Decimal, long: Decimal) -> Decimal:
    """Return the year's tax on net results in dollars: what survives the netting, each at its own rate."""
    net = short + long
    if net >= 0:
        return tax.short_term_rate * max(ZERO, min(short, net)) + tax.long_term_rate * max(ZERO, min(long, net))
    deducted = min(-net, max(ZERO, tax.ordinary_loss_limit - tax.ytd_loss_deduction_used))
    return -tax.ordinary_rate * deducted - tax.loss_carry_rate * (-net - deducted)


def results_so_far(tax: TaxPosition) -> tuple[Decimal, Decimal]:
    """Return the year's short- and long-term result before the trades, losses carried in taken off."""
    return tax.ytd_short_term - tax.carryforward_short_term, tax.ytd_long_term - tax.carryforward_long_term


def added_tax(tax: TaxPosition, short: Decimal, long: Decimal) -> Decimal:
    """Return the tax that further results add to the year, in dollars."""
    before_short, before_long = results_so_far(tax)
    return tax_on(tax, before_short + short, before_long + long) - tax_on(tax, before_short, before_long)


@dataclass(slots=True)
class Bought:
    """Shares of one purchase: still in `lot`, or sold since (None). `purchase` tells purchases apart."""

    purchase: object
    lot: str | None
    account: str
    day: date
    shares: Decimal


@dataclass(frozen=True, slots=True)
class WashFacts:
    """What the trades up to the day mean for one group: last blocked days, and shares free to replace a loss."""

    no_purchase_until: date | None
    no_loss_until: date | None
    washed_until: date | None
    replacements: tuple[tuple[str | None, Decimal], ...]


def wash_facts(case: Case) -> dict[str, WashFacts]:
    """Return the facts of every group that is held or was traded."""
    group_of = {s.symbol: s.identity_group or s.symbol for s in case.securities}
    lots: dict[str, list[Lot]] = defaultdict(list)
    rows: dict[str, list[HistoryRow]] = defaultdict(list)
    for lot in sorted(case.lots, key=lambda x: (x.acquired, x.id)):
        lots[group_of[lot.symbol]].append(lot)
    for row in sorted(
        case.history, key=lambda r: (r.date, r.account, r.symbol, r.lot or "", r.quantity, r.loss_quantity)
    ):
        rows[group_of.get(row.symbol, row.symbol)].append(row)
    return {group: _facts(case, lots[group], rows[group]) for group in sorted({*lots, *rows})}


def _facts(case: Case, lots: list[Lot], rows: list[HistoryRow]) -> WashFacts:
    start = case.as_of - timedelta(days=DAYS)
    if not rows and lots[-1].acquired < start:  # nothing traded and nothing bought in the window: nothing to say
        return WashFacts(None, None, None, ())
    taxable = {a.id for a in case.accounts if a.registration.is_taxable}
    bought = _bought(lots, rows, start)
    losses = [r for r in rows if r.loss_quantity > 0]
    for loss in losses:
        if loss.account in taxable:
            _match(loss, bought, {x.id for x in lots if x.holding_days_carried})
    recent = [b for b in bought if b.day >= start]
    alone = bool(lots) and len({b.purchase for b in bought if b.lot is not None} | {b.purchase for b in recent}) == 1
    replaced = {x.id for x in lots if x.holding_days_carried}
    return WashFacts(
        _until(r.date for r in losses if r.date >= start),
        _until(b.day for b in recent if b.account not in taxable),
        _until(b.day for b in recent if b.account in taxable),
        tuple(
            (b.lot, b.shares)
            for b in recent
            if not alone and b.account in taxable and b.shares > 0 and b.lot not in replaced
        ),
    )


def _until(days: Iterator[date]) -> date | None:
    last = max(days, default=None)
    return None if last is None else last + timedelta(days=DAYS)


def _bought(lots: list[Lot], rows: list[HistoryRow], start: date) -> list[Bought]:
    """Every lot is a purchase; rows add the shares that the lots no longer hold and that were not lost on."""
    blocks = {x.id: Bought(x.id, x.id, x.account, x.acquired, x.quantity) for x in lots}
    room = {x.id: x.quantity for x in lots}
    lost: dict[object, Decimal] = defaultdict(lambda: ZERO)
    for row in rows:
        lost[row.lot] += row.loss_quantity
    purchases = [r for r in rows if r.action is not Action.SELL]
    own = [_own_lot(r, lots, start) for r in purchases]
    unmet = [r.quantity - _fill(x, room, r.quantity) for r, x in zip(purchases, own, strict=True)]
    gone = []
    for i, row in enumerate(purchases):
        mates = [x for x in lots if (x.account, x.symbol, x.acquired) == (row.account, row.symbol, row.date)]
        name: object = own[i] or (i if row.lot is None or row.lot in blocks else row.lot)
        for mate in mates:
            placed = _fill(mate.id, room, unmet[i])
            unmet[i] -= placed
            if placed > 0 and isinstance(name, int):
                name = mate.id
            if placed > 0 and row.lot is not None:
                blocks[mate.id].purchase = name
        kept = unmet[i] - min(unmet[i], lost[name])
        lost[name] -= unmet[i] - kept
        if kept > 0:
            gone.append(Bought(name, None, row.account, row.date, kept))
    return sorted([*blocks.values(), *gone], key=lambda b: (b.day, b.account, b.lot is None, b.lot or ""))


def _own_lot(row: HistoryRow, lots: list[Lot], start: date) -> str | None:
    """Return the open lot that a purchase names; a row in the window cannot have bought an older lot."""
    return next((x.id for x in lots if x.id == row.lot and (x.acquired >= start or row.date < start)), None)


def _fill(lot: str | None, room: dict[str, Decimal], shares: Decimal) -> Decimal:
    """Put shares into a lot that has room and return how many found a place."""
    placed = ZERO if lot is None else min(shares, room[lot])
    if lot is not None:
        room[lot] -= placed
    return placed


def _match(loss: HistoryRow, bought: list[Bought], marked: set[str]) -> None:
    """Use up the replacements of a past loss: those already marked as such first, then in the order of purchase."""
    need = loss.loss_quantity
    for b in sorted(bought, key=lambda b: b.lot not in marked):
        if abs((b.day - loss.date).days) <= DAYS and (b.lot is None or b.lot != loss.lot):
            used = min(need, b.shares)
            b.shares -= used
            need -= used
