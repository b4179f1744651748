"""The audit's own books: what the trades do to cash, classes, gains and the objective, and what a proposal states."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal

from engine.money import ZERO
from engine.portfolio import CASH_CLASS, Lot, Side, Term
from engine.rebalance.audit_law import DAYS, added_tax, results_so_far, tax_on, wash_facts
from engine.rebalance.case import Case
from engine.rebalance.proposal import Proposal, Trade

_TOLERANCE = Decimal("0.05")
"""Dollars by which a stated figure may differ from the exact one: cents, rounded part by part."""
_SPECK = Decimal("0.000001")
"""Dollars below which a figure is what a division leaves."""
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
    harvested: Decimal
    disallowed: Decimal
    drift: Decimal
    costs: Decimal
    holding: Decimal
    added_tax: Decimal
    deferred: Decimal

    @property
    def objective(self) -> Decimal:
        """What the proposal minimises, in dollars."""
        return self.drift + self.added_tax + self.deferred + self.costs + self.holding


def books(case: Case, trades: Sequence[Trade]) -> Books:
    """Return the household after the trades; gains are those that the trades state, lot by lot."""
    price = {s.symbol: s.price for s in case.securities}
    class_of = {s.symbol: s.asset_class for s in case.securities}
    spread = {s.symbol: s.half_spread_bp / 10_000 for s in case.securities}
    ticket = {a.id: a.ticket_charge for a in case.accounts}
    before, holdings = _before(case, price, class_of)
    value = sum(before.values(), ZERO)
    cash = {a.id: a.cash for a in case.accounts}
    after = dict(before)
    costs = ZERO
    for t in trades:
        sign = 1 if t.side is Side.BUY else -1
        cost = spread[t.symbol] * t.amount + ticket[t.account]
        cash[t.account] -= sign * t.amount + cost
        after[class_of[t.symbol]] += sign * t.quantity * price[t.symbol]
        holdings[t.account, t.symbol] += sign * t.quantity
        costs += cost
    after[CASH_CLASS] = _cash_class(case, cash)
    shares: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for (_, symbol), quantity in holdings.items():
        shares[symbol] += quantity
    short, long, harvested, disallowed = _gains(case, trades)
    return Books(
        value,
        cash,
        before,
        after,
        shares,
        short,
        long,
        harvested,
        disallowed,
        _drift(case, value, after),
        costs,
        _holding(case, holdings),
        added_tax(case.tax, short, long),
        -case.tax.deferred_tax_rate * (short + long),
    )


def _cash_class(case: Case, cash: dict[str, Decimal]) -> Decimal:
    return sum(cash.values(), ZERO) - sum((a.withdraw for a in case.accounts), ZERO)


def _before(
    case: Case, price: dict[str, Decimal], class_of: dict[str, str]
) -> tuple[dict[str, Decimal], dict[tuple[str, str], Decimal]]:
    """Return dollars by asset class, and shares by account and symbol, before the trades."""
    classes = dict.fromkeys((*case.targets, *class_of.values(), CASH_CLASS), ZERO)
    holdings: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    for lot in case.lots:
        classes[class_of[lot.symbol]] += lot.quantity * price[lot.symbol]
        holdings[lot.account, lot.symbol] += lot.quantity
    classes[CASH_CLASS] = _cash_class(case, {a.id: a.cash for a in case.accounts})
    return classes, holdings


def unrounded_gains(case: Case, trades: Sequence[Trade]) -> tuple[Decimal, Decimal]:
    """Return short- and long-term gain that counts now from shares, price and basis, not rounded to cents."""
    lots = {lot.id: lot for lot in case.lots}
    exact = [
        replace(
            t,
            lots=tuple(
                replace(s, gain=s.quantity * (t.price - lots[s.id].cost_basis / lots[s.id].quantity)) for s in t.lots
            ),
        )
        for t in trades
    ]
    short, long, _, _ = _gains(case, exact)
    return short.quantize(_SPECK, ROUND_DOWN), long.quantize(_SPECK, ROUND_DOWN)


def _gains(case: Case, trades: Sequence[Trade]) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """Return short- and long-term gain that counts now, the losses in it, and the loss disallowed, in dollars."""
    total = dict.fromkeys(Term, ZERO)
    losses = disallowed = ZERO
    for t in trades:
        for s in t.lots:
            if s.term is not None:
                total[s.term] += s.gain
                losses += max(ZERO, -s.gain)
    for term, amount in _washed(case, trades):
        total[term] += amount
        disallowed += amount
    return total[Term.SHORT], total[Term.LONG], losses - disallowed, disallowed


def _washed(case: Case, trades: Sequence[Trade]) -> Iterator[tuple[Term, Decimal]]:
    """Match loss shares, oldest lot first, with shares bought in the window and kept, oldest purchase first."""
    lots = {lot.id: lot for lot in case.lots}
    group_of = {s.symbol: s.group for s in case.securities}
    sold = {s.id: s.quantity for t in trades for s in t.lots}
    losses: dict[str, list[tuple[Lot, Term, Decimal]]] = defaultdict(list)
    for t in trades:
        for s in t.lots:
            if s.term is not None and s.gain < 0:
                losses[group_of[t.symbol]].append((lots[s.id], s.term, -s.gain))
    facts = wash_facts(case)
    for group, of_group in losses.items():
        free = [
            shares if name is None else min(shares, lots[name].quantity - sold.get(name, ZERO))
            for name, shares in facts[group].replacements
        ]
        for lot, term, loss in sorted(of_group, key=lambda x: (x[0].acquired, x[0].id)):
            need = sold[lot.id]
            for i, available in enumerate(free):
                used = min(need, available)
                free[i] -= used
                need -= used
            replaced = sold[lot.id] - need
            if replaced > 0:  # multiplied first: a loss replaced in full is gone to the last digit
                yield term, loss * replaced / sold[lot.id]


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
    for name, said, exact in _figures(case, proposal, b):
        if abs(said - exact) > _TOLERANCE:
            yield f"figures: {name} is stated as {said}, the trades make it {exact:.2f}"
    if proposal.bound > proposal.objective + _TOLERANCE:
        yield f"figures: bound {proposal.bound} is above the objective {proposal.objective}"
    turnover = sum((t.amount for t in proposal.trades), ZERO) / 2
    yield from _weights("turnover", proposal.turnover, turnover, b.value)
    if {c.account for c in proposal.cash} != set(b.cash):
        yield "figures: cash does not list each account once"
    yield from _classes(case, proposal, b)
    yield from _do_not_buy(case, proposal)


def _figures(case: Case, proposal: Proposal, b: Books) -> Iterator[tuple[str, Decimal, Decimal]]:
    """Yield name, stated and true value of every figure in dollars."""
    stated, tax = proposal.breakdown, proposal.tax
    short, long = results_so_far(case.tax)
    yield "objective", proposal.objective, b.objective
    yield "breakdown", stated.total, proposal.objective
    yield "breakdown.drift", stated.drift, b.drift
    yield "breakdown.tax", stated.tax, b.added_tax
    yield "breakdown.deferred", stated.deferred, b.deferred
    yield "breakdown.trading", stated.trading, b.costs
    yield "breakdown.holding", stated.holding, b.holding
    yield "gap", proposal.gap, proposal.objective - proposal.bound
    yield "tax.before", tax.before, tax_on(case.tax, short, long)
    yield "tax.after", tax.after, tax_on(case.tax, short + b.short, long + b.long)
    yield "tax.short_term", tax.short_term, b.short
    yield "tax.long_term", tax.long_term, b.long
    yield "tax.harvested_loss", tax.harvested_loss, b.harvested
    yield "tax.disallowed", tax.disallowed, b.disallowed
    cash = {a.id: a.cash for a in case.accounts}
    for line in proposal.cash:
        if line.account in cash:
            yield f"cash of {line.account} before", line.before, cash[line.account]
            yield f"cash of {line.account}", line.after, b.cash[line.account]


def _weights(name: str, said: Decimal, dollars: Decimal, value: Decimal) -> Iterator[str]:
    exact = dollars / value if value > 0 else ZERO
    if abs(said - exact) > _WEIGHT_TOLERANCE:
        yield f"figures: {name} is stated as {said}, the trades make it {exact:.8f}"


def _classes(case: Case, proposal: Proposal, b: Books) -> Iterator[str]:
    listed = {c.asset_class: c for c in proposal.classes}
    for name in sorted(set(b.before) - set(listed)):
        yield f"figures: class {name} is not listed"
    for name, c in listed.items():
        yield from _weights(f"{name} before", c.before, b.before.get(name, ZERO), b.value)
        yield from _weights(f"{name} after", c.after, b.after.get(name, ZERO), b.value)
        if c.target != case.targets.get(name, ZERO):
            yield f"figures: the target of {name} is stated as {c.target}"


def _do_not_buy(case: Case, proposal: Proposal) -> Iterator[str]:
    """Each group sold at a loss, in the last 30 days or now, is listed with the last day it must not be bought."""
    until = {g: f.no_purchase_until for g, f in wash_facts(case).items() if f.no_purchase_until}
    lots, securities = {x.id: x for x in case.lots}, {s.symbol: s for s in case.securities}
    for t in proposal.trades:
        for s in t.lots:
            lot, security = lots[s.id], securities[t.symbol]
            if s.term is not None and lot.quantity * security.price < lot.cost_basis:
                until[security.identity_group or t.symbol] = case.as_of + timedelta(days=DAYS)
    if {d.identity_group: d.until for d in proposal.do_not_buy} != until:
        yield "figures: do_not_buy is not the groups sold at a loss with their last blocked day"
