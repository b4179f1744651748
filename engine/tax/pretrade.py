"""Pre-trade wash analysis: what a proposed sale would come to, share for share, before it is made.

IRC 1091; Reg. 1.1091-1 and -2; Rev. Rul. 56-602 and 2008-5. The ledger's own matching judges the sale, so its
dollars are those that the ledger will show. Sales are judged in the order given, purchases of the plan after them.

Which shares earlier losses have used is read from lots that carry days held; where no lot tells, they are taken to
have used the purchases near them in order of purchase (`engine.tax.wash_sales`).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from engine.money import ZERO
from engine.portfolio import Account, Lot
from engine.tax.average_cost import pooled
from engine.tax.ledger.lots import NOTHING, Sale, part, plain
from engine.tax.ledger.replay import CAUTIOUS
from engine.tax.ledger.report import realized_lines
from engine.tax.ledger.result import WashMatch
from engine.tax.ledger.rows import Identity, LedgerPolicy
from engine.tax.lot_methods import LotMethod, pick
from engine.tax.pretrade_state import GroupState, group_state
from engine.tax.pretrade_types import (
    WINDOW,
    ProposedBuy,
    ProposedSale,
    Replacement,
    SaleWash,
    WashHousehold,
    WashState,
)
from engine.tax.pretrade_words import gain_words, not_evaluated_words, outcome_words, sheltered_words

_ONE_DAY = timedelta(days=1)
Picks = Sequence[tuple[str, Decimal]]
"""Shares of each lot that a sale takes."""


def analyse_sales(
    household: WashHousehold,
    sales: Sequence[ProposedSale],
    buys: Sequence[ProposedBuy] = (),
    *,
    day: date | None = None,
    policy: LedgerPolicy = CAUTIOUS,
) -> tuple[SaleWash, ...]:
    """Return what each sale of a plan would come to on `day` (None = the household's), in the order given.

    A later `day` takes it that nothing else is traded until then. A sale that cannot be evaluated takes no part in
    the others.
    """
    run = _Analysis(household, day or household.as_of, policy)
    picks = [run.picks(sale) for sale in sales]
    by_group: dict[str, list[int]] = defaultdict(list)
    for i, sale in enumerate(sales):
        if not isinstance(picks[i], str):
            by_group[run.group_of(sale.symbol)].append(i)
    found: dict[int, SaleWash] = {}
    for group, numbers in by_group.items():
        chosen = [(i, sales[i], taken) for i in numbers if not isinstance(taken := picks[i], str)]
        found |= run.judge(group, chosen, [b for b in buys if run.group_of(b.symbol) == group])
    return tuple(
        run.not_evaluated(sale, why) if isinstance(why := picks[i], str) else found[i] for i, sale in enumerate(sales)
    )


class _Analysis:
    """One plan on one day."""

    def __init__(self, household: WashHousehold, day: date, policy: LedgerPolicy) -> None:
        self._household = household
        self._day = day
        self._policy = policy
        self._accounts: Mapping[str, Account] = {a.id: a for a in household.accounts}
        declared = policy.identity is Identity.DECLARED
        self._groups = {s.symbol: s.group if declared else s.symbol for s in household.securities}
        self._lots: dict[tuple[str, str], list[Lot]] = defaultdict(list)
        for lot in sorted(household.lots, key=lambda x: (x.acquired, -x.holding_days_carried, x.id)):
            self._lots[lot.account, lot.symbol].append(lot)
        self._left = {lot.id: lot.quantity for lot in household.lots}

    def group_of(self, symbol: str) -> str:
        """Return the identity group of a symbol, the symbol itself where nobody has declared one."""
        return self._groups.get(symbol, symbol)

    def picks(self, sale: ProposedSale) -> Picks | str:
        """Return the lots of a sale with their shares, or why it cannot be evaluated; take the shares off the lots."""
        lots = [_rest(lot, self._left[lot.id]) for lot in self._lots.get((sale.account, sale.symbol), [])]
        lots = [lot for lot in lots if lot.quantity]
        fault = self._fault(sale, lots)
        if fault or sale.price is None:
            return fault
        if sale.lots:
            taken = _added_up(sale.lots)
        else:
            chosen = pick(lots, sale.quantity, sale.method, price=sale.price, sold=self._day)
            taken = {p.lot: p.quantity for p in chosen}
        for lot_id, shares in taken.items():
            self._left[lot_id] -= shares
        return list(taken.items())

    def _fault(self, sale: ProposedSale, lots: Sequence[Lot]) -> str:
        held = {lot.id: lot.quantity for lot in lots}
        shares, named = sum(held.values(), ZERO), _added_up(sale.lots)
        faults = (
            (sale.account not in self._accounts, "the account is not one of the household's"),
            (sale.price is None or sale.price < 0, f"there is no price of {sale.symbol}"),
            (
                (sale.account, sale.symbol) in self._household.unsound,
                "the lots of the position are missing or do not add up",
            ),
            (not ZERO < sale.quantity <= shares, f"{shares:,f} shares are held, {sale.quantity:,f} would be sold"),
            (sale.method is LotMethod.SPECIFIC and not sale.lots, "no lots are named"),
            (
                any(not ZERO < n <= held.get(name, ZERO) for name, n in named.items()),
                "the lots named are not open in the account, or hold fewer shares",
            ),
            (
                bool(named) and sum(named.values(), ZERO) != sale.quantity,
                "the lots named do not add up to the shares sold",
            ),
        )
        return next((why for is_so, why in faults if is_so), "")

    def judge(
        self, group: str, sales: Sequence[tuple[int, ProposedSale, Picks]], buys: Sequence[ProposedBuy]
    ) -> dict[int, SaleWash]:
        """Make all sales and purchases of one group, then read what became of each sale, by its number."""
        average = {(s.account, s.symbol) for _, s, _ in sales if s.method is LotMethod.AVERAGE_COST and not s.lots}
        lots = [
            lot
            for place, held in self._lots.items()
            if self.group_of(place[1]) == group
            for lot in (pooled(held) if place in average else held)
        ]
        history = [r for r in self._household.history if self.group_of(r.symbol) == group]
        known = [b for b in buys if b.account in self._accounts]
        state = group_state(self._day, lots, history, self._accounts, self._policy, known)
        made = [(i, sale, state.sell(sale, self._accounts[sale.account], picks)) for i, sale, picks in sales]
        for buy in known:
            state.buy(buy, self._accounts[buy.account])
        return {i: self._outcome(group, sale, done, state) for i, sale, done in made}

    def _outcome(self, group: str, sale: ProposedSale, done: Sale, state: GroupState) -> SaleWash:
        blank = SaleWash(sale.account, sale.symbol, group, self._day, WashState.NONE, plain(sale.quantity), "")
        if not done.taxable:
            return replace(blank, sentence=sheltered_words())
        lines = realized_lines([done])
        matches = [m for m in state.washing.matches if m.sale == done.row.id]
        losses = [p for p in done.pieces if p.is_loss]
        if not losses:
            return replace(blank, lines=lines, sentence=gain_words())
        replacements = tuple(_replacement(m, state, sale.symbol) for m in matches)
        disallowed = sum((m.disallowed for m in matches), NOTHING)
        days = state.days_that_count() + [r.date for r in replacements]
        free_from = max(days) + WINDOW + _ONE_DAY if disallowed else self._day
        outcome = replace(
            blank,
            state=_state(replacements, incomplete=any(gap.serious for gap in self._household.gaps)),
            loss_shares=plain(sum((p.quantity for p in losses), ZERO)),
            loss=sum((p.basis - p.proceeds for p in losses), NOTHING),
            disallowed_shares=plain(sum((m.quantity for m in matches), ZERO)),
            disallowed=disallowed,
            permanent=sum((m.disallowed for m in matches if m.permanent), NOTHING),
            moved=state.moved(done.row.id),
            wash_until=self._day + WINDOW,
            free_from=free_from,
            replacements=replacements,
            lines=lines,
            gaps=self._household.gaps,
        )
        return replace(outcome, sentence=outcome_words(outcome))

    def not_evaluated(self, sale: ProposedSale, why: str) -> SaleWash:
        """Return the outcome of a sale that nothing can be said of."""
        group = self.group_of(sale.symbol)
        words = not_evaluated_words(why)
        return SaleWash(
            sale.account, sale.symbol, group, self._day, WashState.NOT_EVALUATED, plain(sale.quantity), words
        )


def _rest(lot: Lot, left: Decimal) -> Lot:
    """Return what an earlier sale of the plan leaves of a lot."""
    return (
        lot
        if left == lot.quantity
        else replace(lot, quantity=left, cost_basis=part(lot.cost_basis, left, lot.quantity))
    )


def _added_up(lots: Picks) -> dict[str, Decimal]:
    """Return the shares of each lot named, whether once or more often."""
    shares: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for name, quantity in lots:
        shares[name] += quantity
    return shares


def _replacement(match: WashMatch, state: GroupState, symbol: str) -> Replacement:
    lot = state.lots.get(match.replacement)
    row = lot.row if lot is not None else state.sold_since[match.replacement]
    proposed = match.replacement in state.proposed
    return Replacement(
        account=row.account,
        symbol=row.symbol,
        lot="" if lot is None or proposed or match.raised_sale else row.id,
        date=row.date,
        shares=match.quantity,
        disallowed=match.disallowed,
        permanent=match.permanent,
        related=row.symbol != symbol,
        proposed=proposed,
    )


def _state(replacements: Sequence[Replacement], *, incomplete: bool) -> WashState:
    """Return the state: what is lost for good comes first, then what is not known, then how sure the rest is."""
    if any(r.permanent for r in replacements):
        return WashState.IRA_RISK
    if incomplete:
        return WashState.INCOMPLETE
    if not replacements:
        return WashState.NONE
    return WashState.RELATED if all(r.related for r in replacements) else WashState.EXACT
