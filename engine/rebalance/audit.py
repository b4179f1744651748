"""The independent audit: any proposal against its case, in Decimal, sharing no code with the solver.

It knows the contract's rules, has its own reading of the tax law, and knows nothing of how a plan was found.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal

from engine.money import ZERO, cents
from engine.portfolio import CASH_CLASS, Account, Lot, Security, Side, Term, WashSalePolicy
from engine.rebalance.audit_figures import Books, books, figure_breaches, unrounded_gains
from engine.rebalance.audit_law import added_tax, term_on, turns_long_term, wash_facts
from engine.rebalance.audit_plan import plan_breaches
from engine.rebalance.case import Case
from engine.rebalance.proposal import Proposal, Status, Trade

_CENT = Decimal("0.01")


def audit_proposal(case: Case, proposal: Proposal) -> tuple[str, ...]:
    """Return every broken rule and every figure that is not what the trades make it, one line each."""
    breaches = audit_trades(case, proposal.trades)
    if breaches and any("unknown" in b for b in breaches):
        return breaches
    lines = list(breaches)
    if proposal.status is Status.INFEASIBLE:
        if proposal.trades:
            lines.append("status: an infeasible proposal must not trade")
        if not proposal.reasons:
            lines.append("reasons: an infeasible proposal must say which rule cannot be met")
        elsewhere = [b for b in lines if not b.startswith("cash:")]
        if len(elsewhere) == len(lines):
            elsewhere.append("status: infeasible, but doing nothing keeps every rule")
        lines = elsewhere
    return tuple(lines + list(figure_breaches(case, proposal)))


def audit_trades(case: Case, trades: Sequence[Trade]) -> tuple[str, ...]:
    """Return every rule that the trades break, one line each; empty when they keep them all."""
    unknown = list(_unknown(case, trades))
    if unknown:
        return tuple(unknown)
    audit = _Audit(case, trades)
    return tuple(
        line
        for rule in (
            audit.orders,
            audit.lots,
            audit.purchases,
            audit.shares,
            audit.cash,
            audit.volume,
            audit.turnover,
            audit.class_caps,
            audit.position_caps,
            audit.gain_limits,
            audit.plan,
            audit.timing,
            audit.wash_sales,
        )
        for line in rule()
    )


def _unknown(case: Case, trades: Sequence[Trade]) -> Iterator[str]:
    accounts, symbols = {a.id for a in case.accounts}, {s.symbol for s in case.securities}
    lots = {lot.id for lot in case.lots}
    for i, trade in enumerate(trades):
        if trade.account not in accounts:
            yield f"trades[{i}]: unknown account {trade.account!r}"
        if trade.symbol not in symbols:
            yield f"trades[{i}]: unknown symbol {trade.symbol!r}"
        for sale in trade.lots:
            if sale.id not in lots:
                yield f"trades[{i}]: unknown lot {sale.id!r}"


class _Audit:
    """One pass over a case and its trades; each method is one family of rules."""

    def __init__(self, case: Case, trades: Sequence[Trade]) -> None:
        self.case = case
        self.trades = trades
        self.accounts: dict[str, Account] = {a.id: a for a in case.accounts}
        self.securities: dict[str, Security] = {s.symbol: s for s in case.securities}
        self.lots_by_id: dict[str, Lot] = {lot.id: lot for lot in case.lots}
        self.held: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
        for lot in case.lots:
            self.held[lot.account, lot.symbol] += lot.quantity
        self.books: Books = books(case, trades)
        self.facts = wash_facts(case)

    def _closes(self, trade: Trade) -> bool:
        return trade.side is Side.SELL and trade.quantity == self.held[trade.account, trade.symbol]

    def orders(self) -> Iterator[str]:
        """Amounts, one line a side, never both sides, no order under the minimum."""
        lines = Counter((t.account, t.symbol, t.side) for t in self.trades)
        for (account, symbol, side), count in sorted(lines.items()):
            if count > 1:
                yield f"orders: {count} {side} lines for {symbol} in {account}"
            if side is Side.BUY and (account, symbol, Side.SELL) in lines:
                yield f"orders: {symbol} is both bought and sold in {account}"
        for t in self.trades:
            if t.quantity <= 0:
                yield f"orders: {t.side} {t.symbol} in {t.account} has quantity {t.quantity}"
            price = self.securities[t.symbol].price
            if t.price != price:
                yield f"orders: {t.symbol} in {t.account} is at {t.price}, the case says {price}"
            if abs(t.amount - t.quantity * t.price) > _CENT:
                yield f"orders: amount {t.amount} of {t.symbol} in {t.account} is not quantity x price"
            least = self.accounts[t.account].min_trade
            if t.amount < least and not self._closes(t):
                yield f"min_trade: {t.side} {t.symbol} in {t.account} is ${t.amount}, under ${least}"

    def lots(self) -> Iterator[str]:
        """Lots belong to the order, are not oversold, locked or on a do-not-sell list; gain and term are right."""
        sold: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for t in self.trades:
            if t.side is Side.BUY:
                if t.lots:
                    yield f"lots: the purchase of {t.symbol} in {t.account} names lots"
                continue
            if sum((s.quantity for s in t.lots), ZERO) != t.quantity:
                yield f"lots: the lots of {t.symbol} in {t.account} do not add up to {t.quantity} shares"
            if t.symbol in self.accounts[t.account].do_not_sell:
                yield f"do_not_sell: {t.symbol} is sold in {t.account}"
            for s in t.lots:
                lot = self.lots_by_id[s.id]
                sold[s.id] += s.quantity
                if (lot.account, lot.symbol) != (t.account, t.symbol):
                    yield f"lots: lot {s.id} is not of {t.symbol} in {t.account}"
                if lot.locked:
                    yield f"locked: lot {s.id} is sold"
                if s.quantity <= 0:
                    yield f"lots: {s.quantity} shares of lot {s.id}"
                yield from self._gain_and_term(t, lot, s.quantity, s.gain, s.term)
        for name, quantity in sorted(sold.items()):
            if quantity > self.lots_by_id[name].quantity:
                yield f"lots: {quantity} shares of lot {name} are sold, it holds {self.lots_by_id[name].quantity}"

    def _gain_and_term(self, t: Trade, lot: Lot, quantity: Decimal, gain: Decimal, term: Term | None) -> Iterator[str]:
        exact = quantity * t.price - lot.cost_basis * quantity / lot.quantity
        if abs(gain - exact) > 2 * _CENT:
            yield f"lots: gain {gain} of lot {lot.id} is not {cents(exact)}"
        taxable = self.accounts[t.account].registration.is_taxable
        right = term_on(lot, self.case.as_of) if taxable else None
        if term != right:
            yield f"lots: lot {lot.id} is {right}, not {term}"

    def purchases(self) -> Iterator[str]:
        """Only what the buy list names for its class, and nothing on a do-not-buy list."""
        for t in self.trades:
            if t.side is Side.BUY:
                if t.symbol not in self.case.buy_list.get(self.securities[t.symbol].asset_class, ()):
                    yield f"buy_list: {t.symbol} is bought in {t.account}, it is not on the buy list"
                if t.symbol in self.accounts[t.account].do_not_buy:
                    yield f"do_not_buy: {t.symbol} is bought in {t.account}"

    def shares(self) -> Iterator[str]:
        """Whole shares, unless the account is fractional or the sale closes the position."""
        for t in self.trades:
            whole = t.quantity == t.quantity.to_integral_value()
            if not whole and not self.accounts[t.account].fractional and not self._closes(t):
                yield f"whole_shares: {t.quantity} of {t.symbol} in {t.account}"

    def cash(self) -> Iterator[str]:
        """Each account keeps its reserve and what is to be paid out."""
        for account in self.case.accounts:
            need = account.cash_reserve + account.withdraw
            if self.books.cash[account.id] < need:
                yield f"cash: {account.id} ends with ${self.books.cash[account.id]:.4f}, it needs ${need}"

    def volume(self) -> Iterator[str]:
        """Buys and sells of a symbol over all accounts against its average daily volume."""
        limit = self.case.policy.adv_limit
        traded: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for t in self.trades:
            traded[t.symbol] += t.quantity
        for symbol, quantity in sorted(traded.items()):
            volume = self.securities[symbol].adv_shares
            if limit is not None and volume is not None and quantity > limit * volume:
                yield f"adv_limit: {quantity} shares of {symbol}, at most {limit * volume}"

    def turnover(self) -> Iterator[str]:
        """(buys + sells) / 2 against what is left of the limit."""
        policy = self.case.policy
        exact = sum((t.quantity * t.price for t in self.trades), ZERO)
        half = max(exact, sum((t.amount for t in self.trades), ZERO)) / 2
        if policy.max_turnover is not None and half > 0:
            left = max(ZERO, policy.max_turnover - policy.turnover_used) * self.books.value
            if half > left:
                yield f"max_turnover: ${half:.2f} one way, at most ${left:.2f}"

    def class_caps(self) -> Iterator[str]:
        """A class under its cap stays under it; one above is not bought. Cash has no cap."""
        cap = self.case.policy.class_cap
        bought = {self.securities[t.symbol].asset_class for t in self.trades if t.side is Side.BUY}
        if cap is None:
            return
        top = cap * self.books.value
        for name, after in sorted(self.books.after.items()):
            before = self.books.before[name]
            if name == CASH_CLASS:
                continue
            if before <= top < after:
                yield f"class_cap: {name} ends at ${after:.2f}, at most ${top:.2f}"
            if before > top and name in bought:
                yield f"class_cap: {name} is above its cap and is bought"

    def position_caps(self) -> Iterator[str]:
        """A symbol bought anywhere ends within its cap over the household."""
        cap = self.case.policy.max_position
        for symbol in sorted({t.symbol for t in self.trades if t.side is Side.BUY}):
            after = self.books.shares[symbol] * self.securities[symbol].price
            if cap is not None and after > cap * self.books.value:
                yield f"max_position: {symbol} ends at ${after:.2f}, at most ${cap * self.books.value:.2f}"

    def gain_limits(self) -> Iterator[str]:
        """Net and short-term gain of the year against their limits."""
        policy, tax, b = self.case.policy, self.case.tax, self.books
        if policy.max_net_gain is None and policy.max_short_term_gain is None and policy.max_tax is None:
            return
        exact_short, exact_long = unrounded_gains(self.case, self.trades)
        short, net = max(b.short, exact_short), max(b.short + b.long, exact_short + exact_long)
        if policy.max_net_gain is not None:
            left = max(ZERO, policy.max_net_gain - tax.ytd_short_term - tax.ytd_long_term)
            if net > left:
                yield f"max_net_gain: the plan adds ${net:.4f}, at most ${left:.2f}"
        if policy.max_short_term_gain is not None:
            left = max(ZERO, policy.max_short_term_gain - tax.ytd_short_term)
            if short > left:
                yield f"max_short_term_gain: the plan adds ${short:.4f}, at most ${left:.2f}"
        if policy.max_tax is not None:
            added = max(b.added_tax, added_tax(tax, exact_short, exact_long))
            if added > policy.max_tax:
                yield f"max_tax: the plan adds ${added:.4f}, at most ${policy.max_tax:.2f}"

    def plan(self) -> Iterator[str]:
        """What the kind of plan does not do."""
        return plan_breaches(self.case, self.trades)

    def timing(self) -> Iterator[str]:
        """Ripening lots are not sold; small losses only where the class is over its band or cash is short."""
        policy, as_of = self.case.policy, self.case.as_of
        for t in self.trades:
            for s in t.lots:
                lot = self.lots_by_id[s.id]
                gain = lot.quantity * t.price - lot.cost_basis
                if s.term is Term.SHORT and gain > 0 and policy.ripening_days is not None:
                    ripe = turns_long_term(lot)
                    if ripe <= as_of + timedelta(days=policy.ripening_days):
                        yield f"ripening: lot {lot.id} turns long-term on {ripe} and is sold"
                if s.term is not None and gain < 0 and self._loss_too_small(lot, -gain):
                    yield f"harvest_threshold: lot {lot.id} is sold for a loss of only ${-gain:.2f}"

    def _loss_too_small(self, lot: Lot, loss: Decimal) -> bool:
        policy, account = self.case.policy, self.accounts[lot.account]
        small = (policy.harvest_min_loss is not None and loss < policy.harvest_min_loss) or (
            policy.harvest_min_loss_pct is not None and loss < policy.harvest_min_loss_pct * lot.cost_basis
        )
        name = self.securities[lot.symbol].asset_class
        target = self.case.targets.get(name, ZERO)
        top = (target + max(policy.band_relative * target, policy.band_absolute)) * self.books.value
        must_raise = account.cash < account.cash_reserve + account.withdraw
        return small and not must_raise and self.books.before[name] <= top

    def wash_sales(self) -> Iterator[str]:
        """IRC 1091 over all accounts: past losses, both sides in one proposal, IRA purchases, the policy "never"."""
        losses = {
            self.securities[t.symbol].group
            for t in self.trades
            for s in t.lots
            if s.term is not None and self._is_loss(self.lots_by_id[s.id])
        }
        bought = {self.securities[t.symbol].group for t in self.trades if t.side is Side.BUY}
        for group in sorted(losses & bought):
            yield f"wash_sale: {group} is sold at a loss and bought in one proposal"
        for group in sorted(losses | bought):
            facts = self.facts.get(group)
            if facts is None:
                continue
            if group in bought and facts.no_purchase_until:
                yield f"wash_sale: {group} was sold at a loss; no purchase until after {facts.no_purchase_until}"
            if group in losses and facts.no_loss_until:
                yield f"wash_sale: an IRA or like purchase of {group} forbids a loss sale until {facts.no_loss_until}"
            if group in losses and facts.washed_until and self.case.policy.wash_sales is WashSalePolicy.NEVER:
                yield f"wash_sale: {group} was bought in the last 30 days and is sold at a loss"

    def _is_loss(self, lot: Lot) -> bool:
        return lot.quantity * self.securities[lot.symbol].price < lot.cost_basis
