"""The audit's own books: what the trades do to cash, classes, gains and the objective, and what a proposal states."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from engine.money import ZERO
from engine.portfolio import CASH_CLASS, Lot, Side, Term
from engine.rebalance.case import Case
from engine.rebalance.proposal import Proposal, Trade
from engine.tax.schedule_d import tax_change
from engine.tax.wash_sales import group_windows

_TOLERANCE = Decimal("0.05")
"""Dollars by which a stated figure may differ from the exact one: cents, rounded part by part."""
_WEIGHT_TOLERANCE = Decimal("0.00000002")


@dataclass(frozen=True, slots=True)
class Books:
    """The household after the trades. Dollars; `before` and `after` by asset class, `shares` by symbol."""

    value: Decimal
    cash: dict[str, Decimal]
    before: dict[str, Decimal]
    after: dict[str, Decimal]
    shares: dict[str, Decimal]
    short: Decimal
    long: Decimal
    disallowed: Decimal
    costs: Decimal
    objective: Decimal


def books(case: Case, trades: Sequence[Trade]) -> Books:
    """Return the household after the trades."""
    price = {s.symbol: s.price for s in case.securities}
    class_of = {s.symbol: s.asset_class for s in case.securities}
    spread = {s.symbol: s.half_spread_bp / 10_000 for s in case.securities}
    ticket = {a.id: a.ticket_charge for a in case.accounts}
    before: dict[str, Decimal] = defaultdict(lambda: ZERO)
    shares: dict[str, Decimal] = defaultdict(lambda: ZERO)
    holdings: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    cash = {a.id: a.cash for a in case.accounts}
    for name in (*case.targets, *class_of.values(), CASH_CLASS):
        before[name] = ZERO
    for lot in case.lots:
        before[class_of[lot.symbol]] += lot.quantity * price[lot.symbol]
        shares[lot.symbol] += lot.quantity
        holdings[lot.account, lot.symbol] += lot.quantity
    paid_out = sum((a.withdraw for a in case.accounts), ZERO)
    before[CASH_CLASS] = sum(cash.values(), ZERO) - paid_out
    value = sum(before.values(), ZERO)
    after = dict(before)
    costs = ZERO
    for t in trades:
        sign = 1 if t.side is Side.BUY else -1
        cost = spread[t.symbol] * t.amount + ticket[t.account]
        cash[t.account] -= sign * t.amount + cost
        after[class_of[t.symbol]] += sign * t.quantity * price[t.symbol]
        shares[t.symbol] += sign * t.quantity
        holdings[t.account, t.symbol] += sign * t.quantity
        costs += cost
    after[CASH_CLASS] = sum(cash.values(), ZERO) - paid_out
    short, long, disallowed = _gains(case, trades)
    tax = tax_change(case.tax, short, long) - case.tax.deferred_tax_rate * (short + long)
    objective = _drift(case, value, after) + tax + costs + _holding(case, holdings)
    return Books(value, cash, dict(before), after, shares, short, long, disallowed, costs, objective)


def _gains(case: Case, trades: Sequence[Trade]) -> tuple[Decimal, Decimal, Decimal]:
    """Return short- and long-term gain that counts now, and the loss that wash sales disallow, in dollars."""
    total = dict.fromkeys(Term, ZERO)
    for t in trades:
        for s in t.lots:
            if s.term is not None:
                total[s.term] += s.gain
    disallowed = ZERO
    for term, amount in _washed(case, trades):
        total[term] += amount
        disallowed += amount
    return total[Term.SHORT], total[Term.LONG], disallowed


def _washed(case: Case, trades: Sequence[Trade]) -> Iterator[tuple[Term, Decimal]]:
    """Match loss shares, oldest lot first, with shares bought in the window and kept, oldest purchase first."""
    lots = {lot.id: lot for lot in case.lots}
    group_of = {s.symbol: s.group for s in case.securities}
    sold = {s.id: s.quantity for t in trades for s in t.lots}
    losses: dict[str, list[tuple[Lot, Term, Decimal]]] = defaultdict(list)
    for t in trades:
        for s in t.lots:
            if s.term is not None and s.gain < 0:
                losses[group_of[t.symbol]].append((lots[s.id], s.term, -s.gain / s.quantity))
    windows = group_windows(case.as_of, case.securities, case.accounts, case.lots, case.history)
    for group in losses.keys() & windows.keys():
        window = windows[group]
        free = [
            p.shares if p.lot is None else min(p.shares, lots[p.lot].quantity - sold.get(p.lot, ZERO))
            for p in window.purchases
            if p.lot is None or p.lot != window.sole_lot
        ]
        for lot, term, loss_a_share in sorted(losses[group], key=lambda x: (x[0].acquired, x[0].id)):
            need = sold[lot.id]
            for i, available in enumerate(free):
                used = min(need, available)
                free[i] -= used
                need -= used
                if used > 0:
                    yield term, used * loss_a_share


def _drift(case: Case, value: Decimal, after: dict[str, Decimal]) -> Decimal:
    policy = case.policy
    total = ZERO
    for name, amount in after.items():
        target = case.targets.get(name, ZERO)
        band = max(policy.band_relative * target, policy.band_absolute) * value
        away = abs(amount - target * value)
        total += policy.drift_rate_inside * max(ZERO, min(away, band) - band / 2)
        total += policy.drift_rate_outside * max(ZERO, away - band)
    return total


def _holding(case: Case, holdings: dict[tuple[str, str], Decimal]) -> Decimal:
    registration = {a.id: a.registration.value for a in case.accounts}
    securities = {s.symbol: s for s in case.securities}
    rates = case.policy.location_rate or {}
    total = ZERO
    for (account, symbol), quantity in holdings.items():
        security = securities[symbol]
        rate = rates.get(security.asset_class, {}).get(registration[account], ZERO) + security.carry_bp / 10_000
        total += rate * quantity * security.price
    return total


def figure_breaches(case: Case, proposal: Proposal) -> Iterator[str]:
    """Yield every stated figure that the trades do not bear out."""
    b = books(case, proposal.trades)
    stated = proposal.breakdown
    for name, said, exact in (
        ("objective", proposal.objective, b.objective),
        ("breakdown", stated.total, proposal.objective),
        ("breakdown.trading", stated.trading, b.costs),
        ("breakdown.tax", stated.tax, tax_change(case.tax, b.short, b.long)),
        ("tax.short_term", proposal.tax.short_term, b.short),
        ("tax.long_term", proposal.tax.long_term, b.long),
        ("tax.disallowed", proposal.tax.disallowed, b.disallowed),
        ("gap", proposal.gap, proposal.objective - proposal.bound),
        *((f"cash of {c.account}", c.after, b.cash[c.account]) for c in proposal.cash if c.account in b.cash),
    ):
        if abs(said - exact) > _TOLERANCE:
            yield f"figures: {name} is stated as {said}, the trades make it {exact:.2f}"
    if proposal.bound > proposal.objective + _TOLERANCE:
        yield f"figures: bound {proposal.bound} is above the objective {proposal.objective}"
    for c in proposal.classes:
        exact = b.after.get(c.asset_class, ZERO) / b.value if b.value > 0 else ZERO
        if abs(c.after - exact) > _WEIGHT_TOLERANCE:
            yield f"figures: {c.asset_class} is stated to end at {c.after}, the trades make it {exact:.8f}"
