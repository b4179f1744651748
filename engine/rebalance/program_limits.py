"""Limits of the policy: turnover, class cap, position cap, share of daily volume, and one direction a group."""

from decimal import Decimal

from engine.money import ZERO
from engine.portfolio import CASH_CLASS, PlanKind, Side
from engine.rebalance.eligibility import shares_left
from engine.rebalance.milp import Terms
from engine.rebalance.orders import UNIT, Order, Program, cash_effect
from engine.rebalance.plan_rules import must_raise


def add_limits(program: Program) -> None:
    """Add every limit that is set; a lifted survey has none of them."""
    _one_direction_a_group(program)
    _plan(program)
    if program.survey.lifted:
        return
    _turnover(program)
    _class_caps(program)
    _daily_volume(program)
    _position_caps(program)


def _one_direction_a_group(program: Program) -> None:
    """No loss sale and purchase of one identity group in one proposal, over all accounts (IRC 1091)."""
    bought: dict[str, list[Order]] = {}
    for order in program.purchases():
        bought.setdefault(order.position.security.group, []).append(order)
    losses: dict[str, Terms] = {}
    for order in program.sales():
        for view, column in zip(order.lots, order.columns, strict=True):
            if view.is_loss:
                losses.setdefault(order.position.security.group, []).append((int(column), float(view.value) / UNIT))
    for group in sorted(bought.keys() & losses.keys()):
        sells_at_loss = program.milp.add_one(upper=1.0, integer=True)
        for column, top in losses[group]:
            program.milp.row([(column, 1.0), (sells_at_loss, -float(top))], upper=0.0)  # type: ignore[arg-type]
        for order in bought[group]:
            if order.switch is None:
                top = program.milp.upper_of(int(order.columns[0]))
                program.milp.row([(order.columns, 1.0), (sells_at_loss, top)], upper=top)
            else:
                program.milp.row([(order.switch, 1.0), (sells_at_loss, 1.0)], upper=1.0)


def _plan(program: Program) -> None:
    """What is bought to replace a loss is no more than was sold; what is raised is no more than is needed.

    A share, or where cash is raised a minimum order, may be over.
    """
    case = program.survey.case
    if case.policy.plan is PlanKind.HARVEST_ONLY:
        by_place: dict[tuple[str, str], list[Order]] = {}
        for order in program.orders:
            by_place.setdefault((order.position.account.id, order.position.security.asset_class), []).append(order)
        for orders in by_place.values():
            over = max((o.price for o in orders if o.side is Side.BUY), default=0.0) if program.exact else 0.0
            terms: Terms = [(o.columns, 1.0 if o.side is Side.BUY else -1.0) for o in orders]
            program.milp.row(terms, upper=over / UNIT)
    elif case.policy.plan is PlanKind.CASH_ONLY:
        for account in filter(must_raise, case.accounts):
            orders = [o for o in program.sales() if o.position.account.id == account.id]
            need = account.cash_reserve + account.withdraw - account.cash
            over = max([float(account.min_trade), *(o.price for o in orders)])
            program.milp.row([t for o in orders for t in cash_effect(o)], upper=(float(need) + over) / UNIT)


def _turnover(program: Program) -> None:
    """(buys + sells) / 2 stays within what is left of the turnover limit."""
    policy = program.survey.case.policy
    if policy.max_turnover is None or not program.orders:
        return
    left = max(policy.max_turnover - policy.turnover_used, ZERO) * program.survey.value
    terms: Terms = [(o.columns, 1.0) for o in program.orders]
    if program.exact:
        terms += [(o.switch, program.margin) for o in program.orders if o.switch is not None]
    program.milp.row(terms, upper=2.0 * max(float(left), 0.0) / UNIT)


def _class_caps(program: Program) -> None:
    """A class that starts under its cap stays under it; one that starts above is not bought (see eligibility)."""
    survey = program.survey
    cap = survey.case.policy.class_cap
    if cap is None:
        return
    top = cap * survey.value
    for name, view in survey.classes.items():
        orders = [o for o in program.orders if o.position.security.asset_class == name]
        if name == CASH_CLASS or view.value > top or not any(o.side is Side.BUY for o in orders):
            continue
        terms: Terms = [(o.columns, 1.0 if o.side is Side.BUY else -1.0) for o in orders]
        program.milp.row(terms, upper=float(top - view.value) / UNIT)


def _daily_volume(program: Program) -> None:
    """Buys and sells of a symbol over all accounts stay within a share of its average daily volume."""
    for orders in _by_symbol(program).values():
        security = orders[0].position.security
        shares = shares_left(program.survey, security)
        if shares is not None:
            terms: Terms = [(o.columns, 1.0) for o in orders]
            if program.exact:
                steps = [
                    (o.switch, float(o.position.share_step * security.price) / UNIT) for o in orders if o.rounds_up
                ]
                terms += [(switch, step) for switch, step in steps if switch is not None]
            program.milp.row(terms, upper=float(shares * security.price) / UNIT)


def _position_caps(program: Program) -> None:
    """A symbol that is bought anywhere ends at or below its cap over the household."""
    survey = program.survey
    cap = survey.case.policy.max_position
    if cap is None:
        return
    top = float(cap * survey.value) / UNIT
    for symbol, orders in _by_symbol(program).items():
        buys = [o for o in orders if o.side is Side.BUY]
        if not buys:
            continue
        held = float(sum((p.value for p in survey.positions if p.security.symbol == symbol), Decimal(0))) / UNIT
        terms: Terms = [(o.columns, 1.0 if o.side is Side.BUY else -1.0) for o in orders]
        if held > top:
            is_bought = program.milp.add_one(upper=1.0, integer=True)
            for order in buys:
                ceiling = program.milp.upper_of(int(order.columns[0]))
                program.milp.row([(order.columns, 1.0), (is_bought, -ceiling)], upper=0.0)
            terms.append((is_bought, held - top))
            program.milp.row(terms, upper=0.0)
        else:
            program.milp.row(terms, upper=top - held)


def _by_symbol(program: Program) -> dict[str, list[Order]]:
    by_symbol: dict[str, list[Order]] = {}
    for order in program.orders:
        by_symbol.setdefault(order.position.security.symbol, []).append(order)
    return by_symbol
