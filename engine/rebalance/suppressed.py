"""What the plan would have done but for a rule: the plan without the rules, compared with the plan made."""

from collections.abc import Sequence
from decimal import Decimal

from engine.money import ZERO
from engine.portfolio import Side
from engine.rebalance.eligibility import Block, LotView, Position, Survey, shares_left, survey
from engine.rebalance.figures import Figures, Fill, figures
from engine.rebalance.orders import UNIT, OrderKey
from engine.rebalance.program import build_program
from engine.rebalance.proposal import Suppressed

_GAP = 25.0 / UNIT
"""The free plan need not be proven to the last dollar: it only says what was in the way."""


def suppressed_trades(view: Survey, fills: Sequence[Fill]) -> tuple[Suppressed, ...]:
    """Return the orders that a plan free of the rules would make and this one does not, each with its rule.

    The free plan may use the orders of this plan, every order that a rule blocks, and purchases in the place of
    blocked sales; when a limit on the whole plan binds, every order is open to it.
    """
    result = figures(view, fills)
    only = None if _limit_binds(view, result) else _near(view, fills)
    if only is not None and not only - {(*f.position.key, f.side) for f in fills}:
        return ()
    program = build_program(survey(view.case, lifted=True), only=only)
    solution = program.milp.solve(absolute_gap=max(_GAP, float(view.value) * 5e-5 / UNIT), relative_gap=0.02)
    if not solution.found:
        return ()
    made = {(*f.position.key, f.side): f.quantity for f in fills}
    positions = {p.key: p for p in view.positions}
    rows = []
    for key, shares in sorted(program.shares(solution).items()):
        position = positions[key[0], key[1]]
        dollars = (Decimal(repr(sum(shares))) - made.get(key, ZERO)) * position.security.price
        if dollars < max(position.account.min_trade, Decimal(1)):
            continue
        block = _block(view, position, key, shares, fills)
        if block is not None:
            verb = "Selling" if key[2] is Side.SELL else "Buying"
            reason = f"{verb} about ${dollars:,.0f} of {key[1]} was not done: {block.why}."
            rows.append(Suppressed(key[0], key[1], key[2], block.code, reason, block.until))
    return tuple(rows)


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


def _near(view: Survey, fills: Sequence[Fill]) -> set[OrderKey]:
    """Return the orders of the plan, the blocked ones, and purchases that could stand in for blocked sales."""
    keys: set[OrderKey] = {(*f.position.key, f.side) for f in fills}
    replaced: set[tuple[str, str]] = set()
    for p in view.positions:
        if p.buyable and p.buy_block is not None:
            keys.add((*p.key, Side.BUY))
        if any(v.block is not None for v in p.lots):
            keys.add((*p.key, Side.SELL))
            replaced.add((p.account.id, p.security.asset_class))
    capped = {f.position.security.asset_class for f in fills if f.side is Side.BUY} if _capped(view) else set()
    for p in view.positions:
        if p.buyable and ((p.account.id, p.security.asset_class) in replaced or p.security.asset_class in capped):
            keys.add((*p.key, Side.BUY))
    return keys


def _capped(view: Survey) -> bool:
    policy = view.case.policy
    return any(limit is not None for limit in (policy.class_cap, policy.adv_limit, policy.max_position))


def _block(
    view: Survey, position: Position, key: OrderKey, shares: tuple[float, ...], fills: Sequence[Fill]
) -> Block | None:
    """Return the rule that stands in the way of an order: its own first, then the plan-wide limits that bind."""
    if key[2] is Side.BUY:
        own = position.buy_block
    else:
        wanted = {v.lot.id for v, s in zip(position.lots, shares, strict=True) if s > 0.01}
        own = _heaviest(tuple(v for v in position.lots if v.lot.id in wanted))
    return own or _binding(view, position, key, fills)


def _heaviest(lots: tuple[LotView, ...]) -> Block | None:
    blocked = [v for v in lots if v.block is not None]
    return max(blocked, key=lambda v: (v.value, v.lot.id)).block if blocked else None


def _binding(view: Survey, position: Position, key: OrderKey, fills: Sequence[Fill]) -> Block | None:
    policy = view.case.policy
    result = figures(view, fills)
    if policy.max_turnover is not None:
        left = max(ZERO, policy.max_turnover - policy.turnover_used)
        if result.turnover >= left * Decimal("0.99"):
            return Block("turnover", f"the turnover limit leaves {left:.1%} of the household's value")
    gain = _gains_budget(view, position, key, result.tax.short_term, result.tax.long_term)
    if gain is not None:
        return gain
    return (_purchase_limit(view, position, fills) if key[2] is Side.BUY else None) or _volume(view, position, fills)


def _purchase_limit(view: Survey, position: Position, fills: Sequence[Fill]) -> Block | None:
    policy, security = view.case.policy, position.security
    weights = {c.asset_class: c.after for c in figures(view, fills).classes}
    if policy.class_cap is not None and weights[security.asset_class] >= policy.class_cap * Decimal("0.995"):
        return Block("class_cap", f"{security.asset_class} reaches its cap of {policy.class_cap:.0%}")
    if policy.max_position is not None and _held_after(view, security.symbol, fills) >= policy.max_position * (
        view.value * Decimal("0.99")
    ):
        return Block("position_cap", f"{security.symbol} reaches its cap of {policy.max_position:.0%}")
    if any(f.position.security.group == security.group and any(v.is_loss for v, _ in f.lots) for f in fills):
        return Block("wash_sale_same_proposal", f"{security.group} is sold at a loss in this proposal")
    return None


def _volume(view: Survey, position: Position, fills: Sequence[Fill]) -> Block | None:
    security = position.security
    left = shares_left(view, security)
    if left is not None:
        traded = sum((f.quantity for f in fills if f.position.security.symbol == security.symbol), ZERO)
        if traded >= left * Decimal("0.98"):
            return Block("adv_limit", f"the limit of {view.case.policy.adv_limit:.0%} of the daily volume is reached")
    return None


def _gains_budget(view: Survey, position: Position, key: OrderKey, short: Decimal, long: Decimal) -> Block | None:
    policy, tax = view.case.policy, view.case.tax
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


def _held_after(view: Survey, symbol: str, fills: Sequence[Fill]) -> Decimal:
    held = sum((p.value for p in view.positions if p.security.symbol == symbol), ZERO)
    for fill in fills:
        if fill.position.security.symbol == symbol:
            held += fill.amount if fill.side is Side.BUY else -fill.amount
    return held
