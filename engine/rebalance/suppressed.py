"""What the plan would have done but for a rule: the plan without the rules, compared with the plan made."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

from engine.money import ZERO
from engine.portfolio import CASH_CLASS, Side, class_words
from engine.rebalance.decomposition.response import Prices
from engine.rebalance.decomposition.search import outlook
from engine.rebalance.eligibility import Block, LotView, Position, Survey, is_rule, lifted, shares_left
from engine.rebalance.figures import Figures, Fill, realised
from engine.rebalance.milp import Outcome
from engine.rebalance.orders import UNIT, OrderKey
from engine.rebalance.program import build_program
from engine.rebalance.proposal import Suppressed

_GAP = 25.0 / UNIT
"""The free plan need not be proven to the last dollar: it only says what was in the way."""
_ANY = 1e12
NEIGHBOURS = 5
"""Classes off target that may fund what is held back, and that it may fund."""
NODES = 2
"""Parts of the search for the free plan, which need not be the best one to the dollar."""


@dataclass(slots=True)
class _Made:
    """The plan that was made."""

    view: Survey
    fills: Sequence[Fill]
    figures: Figures
    shares: dict[OrderKey, Decimal] = field(init=False)
    weights: dict[str, Decimal] = field(init=False)
    traded: dict[str, Decimal] = field(init=False)
    """Shares of each symbol, bought and sold."""
    lost: set[str] = field(init=False)
    """Groups sold at a loss."""

    def __post_init__(self) -> None:
        self.shares = {(*f.position.key, f.side): f.quantity for f in self.fills}
        self.weights = {c.asset_class: c.after for c in self.figures.classes}
        self.traded = {}
        for fill in self.fills:
            symbol = fill.position.security.symbol
            self.traded[symbol] = self.traded.get(symbol, ZERO) + fill.quantity
        self.lost = {f.position.security.group for f in self.fills if any(v.is_loss for v, _ in f.lots)}


def suppressed_trades(
    view: Survey,
    fills: Sequence[Fill],
    result: Figures,
    *,
    start: Prices | None = None,
    time_limit: float | None = None,
) -> tuple[Suppressed, ...]:
    """Return the orders that a plan free of the rules would make and this one does not, each with its rule.

    The classes in which a rule or a cap holds an order back are planned anew without the rules, with those classes
    that would fund them or be funded; the rest of the plan stands. When a limit on the whole plan binds, every class
    is planned anew. `start` are the prices of the plan, to search from. `time_limit` is in seconds; a free plan that
    is not the best one by then will do.
    """
    made = _Made(view, fills, result)
    classes = set(view.classes) if _limit_binds(view, result) else _near(made)
    if not classes:
        return ()
    free = _rest_stands(made, classes)
    seen = outlook(free, gap=_GAP, nodes=NODES, start=start)
    shares = seen.shares if seen is not None and seen.shares else _by_program(free, time_limit)
    positions = {p.key: p for p in view.positions}
    rows = (_row(made, positions[key[0], key[1]], key, parts) for key, parts in sorted(shares.items()))
    return tuple(row for row in rows if row is not None)


def _by_program(free: Survey, time_limit: float | None) -> Mapping[OrderKey, tuple[float, ...]]:
    """Return the free plan from the program, where the search by class finds none."""
    program, gap = build_program(free), max(_GAP, float(free.value) * 5e-5 / UNIT)
    solution = program.milp.solve(absolute_gap=gap, relative_gap=0.02, time_limit=time_limit)
    if solution.outcome is Outcome.LIMIT and not solution.found:
        solution = program.milp.solve(absolute_gap=_ANY)
    return program.shares(solution) if solution.found else {}


def _rest_stands(made: _Made, classes: Collection[str]) -> Survey:
    """Return the survey of some classes without the rules, after what the plan does in all others.

    What the plan sells at a loss stands, too: the question is what else it would have bought of those groups.
    """
    view = made.view
    rest = [
        f
        for f in made.fills
        if f.position.security.asset_class not in classes
        or (f.side is Side.SELL and f.position.security.group in made.lost)
    ]
    short, long, _, _ = realised(view, rest)
    cash = {account.id: account.cash for account in view.case.accounts}
    gone: dict[str, Decimal] = {}
    for fill in rest:
        cash[fill.position.account.id] += (fill.amount if fill.side is Side.SELL else -fill.amount) - fill.cost
        name = fill.position.security.asset_class
        if name in classes:
            gone[name] = gone.get(name, ZERO) + fill.amount
    tax = view.case.tax
    case = replace(
        view.case,
        accounts=tuple(replace(a, cash=cash[a.id]) for a in view.case.accounts),
        tax=replace(tax, ytd_short_term=tax.ytd_short_term + short, ytd_long_term=tax.ytd_long_term + long),
    )
    sold = {f.position.key for f in rest}
    positions = tuple(
        replace(p, lots=()) if p.security.group in made.lost else p
        for p in view.positions
        if p.security.asset_class in classes and p.key not in sold
    )
    of_classes = {
        name: replace(c, value=c.value - gone.get(name, ZERO))
        for name, c in view.classes.items()
        if name in classes or name == CASH_CLASS
    }
    return lifted(replace(view, case=case, positions=positions, classes=of_classes))


def _row(made: _Made, position: Position, key: OrderKey, shares: tuple[float, ...]) -> Suppressed | None:
    """Return what the free plan does more of one order and the rule in its way; None when there is none."""
    dollars = (Decimal(repr(sum(shares))) - made.shares.get(key, ZERO)) * position.security.price
    if dollars < max(position.account.min_trade, Decimal(1)):
        return None
    block = _block(made, position, key, shares)
    if block is None:
        return None
    verb = "Selling" if key[2] is Side.SELL else "Buying"
    reason = f"{verb} about ${dollars:,.0f} of {key[1]} was not done: {block.why}."
    return Suppressed(*key, block.code, reason, block.until)


def _limit_binds(view: Survey, result: Figures) -> bool:
    """Whether a limit on the whole plan (turnover, gains) is used up, or nearly."""
    policy, tax = view.case.policy, view.case.tax
    net = result.tax.short_term + result.tax.long_term
    return (
        _used(policy.max_turnover, policy.turnover_used, result.turnover, Decimal("0.01"))
        or _used(policy.max_net_gain, tax.ytd_short_term + tax.ytd_long_term, net, Decimal(500))
        or _used(policy.max_short_term_gain, tax.ytd_short_term, result.tax.short_term, Decimal(500))
    )


def _used(limit: Decimal | None, before: Decimal, more: Decimal, near: Decimal) -> bool:
    return limit is not None and more >= max(ZERO, limit - before) - near


def _near(made: _Made) -> set[str]:
    """Return the classes with blocked or capped orders, and those that would fund them most or be funded by them.

    Empty when nothing is blocked or capped.
    """
    view, after = made.view, {c.asset_class: c.after - c.target for c in made.figures.classes}
    held_back = {**_blocked_orders(view), **_capped_orders(made)}
    if not held_back:
        return set()
    funds = {key[0] for key in held_back if key[2] is Side.SELL}
    needs = {key[0] for key in held_back if key[2] is Side.BUY}
    under = {p.security.asset_class for p in view.positions if p.buyable and p.account.id in funds}
    over = {p.security.asset_class for p in view.positions if p.lots and p.account.id in needs}
    ranked = sorted((name for name in under if after[name] < 0), key=lambda name: (after[name], name))[:NEIGHBOURS]
    ranked += sorted((name for name in over if after[name] > 0), key=lambda name: (-after[name], name))[:NEIGHBOURS]
    return {*(p.security.asset_class for p in held_back.values()), *ranked}


def _blocked_orders(view: Survey) -> dict[OrderKey, Position]:
    blocked = {(*p.key, Side.BUY): p for p in view.positions if p.buyable and is_rule(p.buy_block)}
    blocked |= {(*p.key, Side.SELL): p for p in view.positions if any(is_rule(v.block) for v in p.lots)}
    return blocked


def _capped_orders(made: _Made) -> dict[OrderKey, Position]:
    positions = made.view.positions
    return {(*p.key, side): p for p in positions for side in Side if (p.lots or p.buyable) and _capped(made, p, side)}


def _capped(made: _Made, position: Position, side: Side) -> bool:
    """Whether a cap on the class, the symbol or its volume leaves no room for more of an order."""
    limit = _purchase_limit(made, position) if side is Side.BUY and position.buyable else None
    return limit is not None or _volume(made, position) is not None


def _block(made: _Made, position: Position, key: OrderKey, shares: tuple[float, ...]) -> Block | None:
    """Return the rule that stands in the way of an order: its own first, then the plan-wide limits that bind."""
    if key[2] is Side.BUY:
        own = position.buy_block
    else:
        free = tuple(v for v in position.lots if v.block is None or is_rule(v.block))
        own = _heaviest(tuple(v for v, s in zip(free, shares, strict=True) if s > 0.01))
    return own or _binding(made, position, key)


def _heaviest(lots: tuple[LotView, ...]) -> Block | None:
    blocked = [v for v in lots if is_rule(v.block)]
    return max(blocked, key=lambda v: (v.value, v.lot.id)).block if blocked else None


def _binding(made: _Made, position: Position, key: OrderKey) -> Block | None:
    policy = made.view.case.policy
    if policy.max_turnover is not None:
        left = max(ZERO, policy.max_turnover - policy.turnover_used)
        if made.figures.turnover >= left * Decimal("0.99"):
            return Block("turnover", f"the turnover limit leaves {left:.1%} of the household's value")
    gain = _gains_budget(made, position, key)
    if gain is not None:
        return gain
    return (_purchase_limit(made, position) if key[2] is Side.BUY else None) or _volume(made, position)


def _purchase_limit(made: _Made, position: Position) -> Block | None:
    """Return the cap that leaves room for less than a share, or for less than a hundredth of the cap."""
    view, security = made.view, position.security
    policy, share = view.case.policy, security.price / view.value if view.value > 0 else ZERO
    if policy.class_cap is not None and made.weights[security.asset_class] > _nearly(policy.class_cap, share):
        return Block("class_cap", f"{class_words(security.asset_class)} reaches its cap of {policy.class_cap:.0%}")
    if policy.max_position is not None:
        held = _held_after(made, security.symbol)
        if held > _nearly(policy.max_position, share) * view.value:
            return Block("position_cap", f"{security.symbol} reaches its cap of {policy.max_position:.0%}")
    if security.group in made.lost:
        why = f"{security.group} is sold at a loss in this proposal"
        return Block("wash_sale_same_proposal", why, view.case.as_of + timedelta(days=30))
    return None


def _nearly(cap: Decimal, share: Decimal) -> Decimal:
    return cap - max(share, cap / 100)


def _volume(made: _Made, position: Position) -> Block | None:
    security = position.security
    left = shares_left(made.view, security)
    if left is not None and made.traded.get(security.symbol, ZERO) >= min(left - 1, left * Decimal("0.98")):
        return Block("adv_limit", f"the limit of {made.view.case.policy.adv_limit:.0%} of the daily volume is reached")
    return None


def _gains_budget(made: _Made, position: Position, key: OrderKey) -> Block | None:
    policy, tax = made.view.case.policy, made.view.case.tax
    short, long = made.figures.tax.short_term, made.figures.tax.long_term
    if key[2] is Side.BUY or not any(v.term is not None and v.gain > 0 for v in position.lots):
        return None
    if policy.max_net_gain is not None:
        left = max(ZERO, policy.max_net_gain - tax.ytd_short_term - tax.ytd_long_term)
        if short + long >= left - max(Decimal(500), left / 20):
            return Block("gains_budget", f"the limit on the year's net gain leaves ${left:,.0f}, and it is used")
    if policy.max_short_term_gain is not None:
        left = max(ZERO, policy.max_short_term_gain - tax.ytd_short_term)
        if short >= left - max(Decimal(500), left / 20):
            return Block("gains_budget", f"the limit on the year's short-term gain leaves ${left:,.0f}, and it is used")
    return None


def _held_after(made: _Made, symbol: str) -> Decimal:
    held = sum((p.value for p in made.view.positions if p.security.symbol == symbol), ZERO)
    for fill in made.fills:
        if fill.position.security.symbol == symbol:
            held += fill.amount if fill.side is Side.BUY else -fill.amount
    return held
