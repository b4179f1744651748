"""The kinds of plan beside the full one: each is the best plan of a case made for it, and is valued on the true case.

The contract's objective weighs drift, tax and cost. A plan to the band edge, for cash alone or that only harvests wants
something else, so it is searched under other prices, kept to the same rules, and then stated with its true
figures. Its bound is the true one over what its kind may trade: the gap says what a free hand would be worth.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from engine.money import ZERO
from engine.portfolio import CASH_CLASS, PlanKind, Policy, TaxPosition
from engine.rebalance.audit import audit_trades
from engine.rebalance.best_plan import Answer, best_plan, enough, idle_plan, proven_bound
from engine.rebalance.case import Case
from engine.rebalance.eligibility import Survey, survey
from engine.rebalance.figures import Fill, figures
from engine.rebalance.whole_shares import WholePlan, trades_of

TO_THE_EDGE = Decimal("0.5")
"""Yearly cost of a dollar beyond the band in the plan to its edge: more than any tax on selling it."""
OFF_CLASS = Decimal("0.5")
"""Cost of a dollar that harvesting moves out of its class: more than any loss is worth."""
KEPT_WITHIN = Decimal("0.0005")
"""Part of the household by which harvesting may move a class: shares do not divide evenly."""
FEWER_ORDERS = Decimal("0.00005")
"""What an order costs in the plan to the band edge, as a part of the household."""
LEAST_A_YEAR, MOST_A_YEAR = Decimal(25), Decimal(250)


def planned(view: Survey, *, time_limit: float | None) -> Answer | None:
    """Return the answer of the policy's kind of plan; None when no plan of the kind meets the rules."""
    if view.case.policy.plan in {PlanKind.FULL, PlanKind.HARVEST_AND_REBALANCE, PlanKind.NOTHING}:
        return best_plan(view, time_limit=time_limit)
    last: Answer | None = None
    for guide in _guides(view.case):
        seen = survey(guide)
        last = best_plan(seen, time_limit=time_limit)
        if last is None or last.plan is None:
            return last
        fills = _on(view, last.plan.fills)
        if not audit_trades(view.case, trades_of(fills)):  # the tax that a guide sees may be under the true one
            plan = WholePlan(fills, figures(view, fills))
            return _stated(view, plan, replace(last, guide=(seen, last.plan)))
    idle = idle_plan(view)
    return None if idle is None or last is None else _stated(view, idle, replace(last, proven=False))


def _stated(view: Survey, plan: WholePlan, found: Answer) -> Answer:
    """Return the answer with the true figures and the true bound."""
    bound = min(proven_bound(view), plan.objective)
    return Answer(plan, bound, found.proven and plan.objective - bound <= enough(view), guide=found.guide)


def _on(view: Survey, fills: tuple[Fill, ...]) -> tuple[Fill, ...]:
    """Return the orders as orders of another survey of the same household."""
    positions = {p.key: p for p in view.positions}
    lots = {v.lot.id: v for p in view.positions for v in p.lots}
    return tuple(
        Fill(positions[f.position.key], f.side, f.quantity, tuple((lots[v.lot.id], q) for v, q in f.lots))
        for f in fills
    )


def _guides(case: Case) -> Iterator[Case]:
    """Yield the cases whose best plan is the plan of this kind, the best guide first."""
    if case.policy.plan is PlanKind.HARVEST_ONLY:
        yield _in_place(case)
        return
    for tax, policy in ((_no_prize_for_losses(case.tax), _own_limits(case)), (case.tax, case.policy)):
        guide = replace(case, tax=tax, policy=policy)
        yield _to_the_edge(guide) if case.policy.plan is PlanKind.BAND_EDGE else guide


def _no_prize_for_losses(tax: TaxPosition) -> TaxPosition:
    """Return a position in which losses are worth no more than the gains of the plan itself."""
    names = ("ytd_short_term", "ytd_long_term", "carryforward_short_term", "carryforward_long_term")
    rates = ("ordinary_rate", "loss_carry_rate", "deferred_tax_rate")
    return replace(tax, **dict.fromkeys((*names, *rates), ZERO))


def _own_limits(case: Case) -> Policy:
    """Return the policy with its limits on the year's gains less the gains so far."""
    policy, tax = case.policy, case.tax
    net, short = policy.max_net_gain, policy.max_short_term_gain
    return replace(
        policy,
        max_net_gain=None if net is None else max(ZERO, net - tax.ytd_short_term - tax.ytd_long_term),
        max_short_term_gain=None if short is None else max(ZERO, short - tax.ytd_short_term),
    )


def _to_the_edge(case: Case) -> Case:
    """Return the case in which only what is beyond a band costs, and each order costs something."""
    policy = case.policy
    outside = max(policy.drift_rate_outside, TO_THE_EDGE)
    value = survey(case).value
    order = min(max(FEWER_ORDERS * value, LEAST_A_YEAR), MOST_A_YEAR).quantize(Decimal(1))
    accounts = tuple(replace(a, ticket_charge=max(a.ticket_charge, order)) for a in case.accounts)
    return replace(
        case,
        accounts=accounts,
        policy=replace(policy, drift_rate_inside=ZERO, drift_rate_outside=outside, location_rate=None),
    )


def _in_place(case: Case) -> Case:
    """Return the case whose targets are what is held, so that each loss sold is replaced in its class."""
    view = survey(case)
    if view.value <= 0:
        return case
    held = {name: max(ZERO, of_class.value / view.value) for name, of_class in view.classes.items()}
    total = sum(held.values(), ZERO)
    targets = {name: weight / max(total, Decimal(1)) for name, weight in held.items() if weight or name == CASH_CLASS}
    policy = replace(
        case.policy,
        band_relative=ZERO,
        band_absolute=KEPT_WITHIN,
        drift_rate_inside=ZERO,
        drift_rate_outside=OFF_CLASS,
    )
    return replace(case, targets=targets, policy=policy)
