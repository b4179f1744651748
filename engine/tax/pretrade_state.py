"""One identity group of a household as the ledger holds it in the middle of a replay, made from lots and recent trades.

The ledger's own matching then judges a proposed sale, so the law is written once (`engine.tax.ledger.washing`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from engine.money import ZERO, cents
from engine.portfolio import Account, Action, HistoryRow, Lot, Registration
from engine.tax.ledger.identity_group import IdentityGroup
from engine.tax.ledger.lots import NOTHING, Block, LotState, Piece, Sale, part, place_of
from engine.tax.ledger.replay import PLANS, pieces_of
from engine.tax.ledger.result import WashMatch
from engine.tax.ledger.rows import LedgerAction, LedgerPolicy, LedgerRow
from engine.tax.ledger.washing import Washing
from engine.tax.pretrade_types import WINDOW, ProposedBuy, ProposedSale
from engine.tax.wash_sales import Purchase, purchases_left

SOLD_SINCE = "sold since"
"""Marks the id of shares bought in the window that no lot holds any more."""


@dataclass(slots=True)
class GroupState:
    """The group on the day: its lots by id, what they were bought as, and the matching under way."""

    day: date
    group: IdentityGroup
    washing: Washing
    bought_as: Mapping[str, str]
    lots: dict[str, LotState] = field(default_factory=dict)
    proposed: set[str] = field(default_factory=set)
    sold_since: dict[str, LedgerRow] = field(default_factory=dict)
    sales: set[str] = field(default_factory=set)
    _blocks: list[tuple[WashMatch, LotState, Block]] = field(default_factory=list)
    _noted: int = 0
    _gone: list[Piece] = field(default_factory=list)
    _number: int = 1 << 20

    def offer(self, lot: LotState) -> None:
        """Let a lot stand among the purchases that can replace a loss."""
        if self._replaces(lot.row.registration):
            self.group.add_purchase(lot)
            self.group.shares_left(lot)

    def offer_sold(self, lot: LotState, shares: Decimal) -> None:
        """Let shares of a lot that were sold before today stand there too.

        What their own sale made is settled: the loss that they replace does not turn it into a loss here.
        """
        if lot.index >= 0:
            piece = Piece(Sale(lot.row, lot.place, taxable=False), lot, shares, ZERO, ZERO, 0, alone=False, free=shares)
            self._gone.append(piece)
            self.group.add_sold(piece)

    def sell(self, sale: ProposedSale, account: Account, picks: Sequence[tuple[str, Decimal]]) -> Sale:
        """Make a sale from lots (id, shares) and let it be judged; return it with its pieces."""
        amount = cents(sale.quantity * (sale.price or ZERO))
        row = _row(f"sale {self._number}", self.day, account, sale.symbol, LedgerAction.SELL, (sale.quantity, amount))
        made = Sale(row, self._place(), account.registration.is_taxable)
        taken = sorted(((self.lots[lot], shares) for lot, shares in picks), key=lambda pick: pick[0].place)
        alone = self._is_only_purchase(taken)
        made.pieces += pieces_of(made, taken, self.group)
        for piece in made.pieces:
            piece.alone = alone
        for lot, _ in taken:
            self.group.shares_left(lot)
        self.sales.add(row.id)
        self.washing.sold(self.group, tuple(made.pieces))
        self._note_blocks()
        return made

    def buy(self, buy: ProposedBuy, account: Account) -> None:
        """Let a purchase of the day replace what losses are still open."""
        name = f"buy {self._number}"
        row = _row(name, self.day, account, buy.symbol, LedgerAction.BUY, (buy.quantity, ZERO))
        lot = _lot_state(row, self._place())
        self.lots[name] = lot
        self.proposed.add(name)
        if self._replaces(account.registration):
            self.washing.bought(self.group, lot)

    def moved(self, sale: str) -> Decimal:
        """Return the dollars of a sale's loss that went into other shares which the plan sells as well.

        Either shares sold in the plan took it, or shares that were held then and were sold later in the plan.
        """
        dollars = NOTHING
        for match in self.washing.matches:
            if match.sale == sale and match.raised_sale in self.sales:
                dollars += match.disallowed
        for match, lot, block in self._blocks:
            if match.sale == sale and lot.taxable:
                held = sum((b.quantity for b in lot.carried if b is block), ZERO)
                dollars += match.disallowed - part(match.disallowed, held, match.quantity)
        return dollars

    def _note_blocks(self) -> None:
        """Note which shares of a lot each new match has turned into a block that carries a loss."""
        for match in self.washing.matches[self._noted :]:
            if not match.raised_sale:
                lot = self.lots[match.replacement]
                known = [block for _, _, block in self._blocks]
                new = (b for b in lot.carried if b.quantity == match.quantity and all(b is not k for k in known))
                self._blocks.append((match, lot, next(new)))
        self._noted = len(self.washing.matches)

    def days_that_count(self) -> list[date]:
        """Return the days of the purchases in the window that still have shares to replace a loss with."""
        first = self.day - WINDOW
        held = [lot.acquired for lot in self.lots.values() if lot.index >= 0 and lot.fresh and lot.acquired >= first]
        return held + [piece.lot.acquired for piece in self._gone if piece.free and piece.lot.acquired >= first]

    def _replaces(self, registration: Registration) -> bool:
        return self.washing.policy.plans_count_as_iras or registration not in PLANS

    def _is_only_purchase(self, taken: Sequence[tuple[LotState, Decimal]]) -> bool:
        """Judge Rev. Rul. 56-602 by purchase: a wash sale may have split one purchase in two lots."""
        held = {self.bought_as[name] for name, lot in self.lots.items() if lot.open and name in self.bought_as}
        self.group.open_lots = len(held)
        purchases = {self.bought_as[lot.row.id] for lot, _ in taken}
        return len(purchases) == 1 and self.group.is_only_purchase(taken[0][0], self.day)

    def _place(self) -> int:
        self._number += 1
        return place_of(self.day, self._number)


def group_state(
    day: date,
    lots: Iterable[Lot],
    history: Iterable[HistoryRow],
    accounts: Mapping[str, Account],
    policy: LedgerPolicy,
    buys: Sequence[ProposedBuy],
) -> GroupState:
    """Return the state of one group, whose lots and trades are given, before the proposed trades of `day`."""
    ordered = sorted(lots, key=lambda x: (x.acquired, -x.holding_days_carried, x.id))
    rows = sorted((r for r in history if r.date <= day), key=_row_order)
    taxable = {a.id for a in accounts.values() if a.registration.is_taxable}
    purchases = purchases_left(ordered, rows, day, taxable)
    group = IdentityGroup(sorted([*_purchase_days(ordered, rows), *(day for _ in buys)]))
    left = {p.lot: p for p in purchases if p.lot is not None}
    state = GroupState(day, group, Washing(policy), bought_as={n: p.bought_as or n for n, p in left.items()})
    for number, lot in enumerate(ordered):
        state.lots[lot.id] = _held(lot, left[lot.id].shares, accounts[lot.account], number)
    gone: list[tuple[LotState, Decimal]] = []
    if policy.sold_before_loss_counts:
        sold = (p for p in purchases if p.lot is None and p.shares)
        gone = [(_gone(p, state, accounts[p.account], len(ordered) + n), p.shares) for n, p in enumerate(sold)]
    known = {lot.place: lot for lot in (*state.lots.values(), *(lot for lot, _ in gone))}
    for place in sorted(known):
        state.offer(known[place])
    for purchase, shares in gone:
        state.offer_sold(purchase, shares)
    return state


def _gone(bought: Purchase, state: GroupState, account: Account, number: int) -> LotState:
    """Return the lot that the rest of a purchase is held in, an empty one when all of it has been sold."""
    lot = state.lots.get(bought.bought_as or "")
    if lot is None:
        name = f"{SOLD_SINCE} {number}"
        row = _row(name, bought.date, account, bought.symbol, LedgerAction.BUY, (bought.shares, ZERO))
        lot = _lot_state(row, place_of(bought.date, number))
        lot.fresh = lot.open = ZERO
        state.sold_since[name] = row
    return lot


def _row_order(row: HistoryRow) -> tuple[date, str, str, str, Decimal, Decimal]:
    return (row.date, row.account, row.symbol, row.lot or "", row.quantity, row.loss_quantity)


def _purchase_days(lots: Iterable[Lot], rows: Iterable[HistoryRow]) -> list[date]:
    """Return the day of every purchase: each row is one, and so is each lot that no row tells of."""
    buys = [r for r in rows if r.action is not Action.SELL]
    named = {r.lot for r in buys}
    places = {(r.account, r.symbol, r.date) for r in buys}
    untold = [x for x in lots if x.id not in named and (x.account, x.symbol, x.acquired) not in places]
    return [r.date for r in buys] + [x.acquired for x in untold]


def _held(lot: Lot, free: Decimal, account: Account, number: int) -> LotState:
    """Return a lot whose `free` shares can still replace a loss; the others have replaced one."""
    row = _row(lot.id, lot.acquired, account, lot.symbol, LedgerAction.BUY, (lot.quantity, lot.cost_basis))
    state = _lot_state(row, place_of(lot.acquired, number))
    used = lot.quantity - free
    if used:
        basis = part(state.fresh_basis, used, lot.quantity)
        state.carried.append(Block(used, basis, lot.holding_days_carried))
        state.fresh -= used
        state.fresh_basis -= basis
    return state


def _row(
    name: str, day: date, account: Account, symbol: str, action: LedgerAction, figures: tuple[Decimal, Decimal]
) -> LedgerRow:
    """Return a row of the ledger; `figures` are shares and dollars."""
    quantity, amount = figures
    return LedgerRow(name, day, account.id, account.owner, account.registration, symbol, action, quantity, amount)


def _lot_state(row: LedgerRow, place: int) -> LotState:
    return LotState(
        row,
        row.date,
        place,
        taxable=row.registration.is_taxable,
        fresh=row.quantity,
        fresh_basis=cents(row.amount),
        open=row.quantity,
    )
