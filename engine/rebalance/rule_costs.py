"""What each rule costs: the best plan without it against the best plan with it, in words for a client.

The difference is between two proven optima in continuous shares, so it does not move with how shares are rounded.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from engine.money import CENT
from engine.portfolio import PlanKind
from engine.rebalance.case import Case
from engine.rebalance.decomposition.response import Prices
from engine.rebalance.decomposition.search import outlook
from engine.rebalance.eligibility import Survey, survey
from engine.rebalance.milp import Outcome
from engine.rebalance.orders import UNIT
from engine.rebalance.program import build_program, solver_gap
from engine.rebalance.rules import Rule, rules_of

WORTH_SAYING = Decimal(5)
"""Dollars a year from which a rule is said to cost something."""
SKIPPED = frozenset({"whole_shares", "min_trade", "withdraw"})
"""Rules that are no choice, or that continuous shares do not know."""


@dataclass(frozen=True, slots=True)
class RuleCost:
    """What keeping a rule costs, in dollars of the objective: a year's drift and holding, this year's tax and costs."""

    rule: Rule
    dollars: Decimal
    sentence: str


def rule_costs(case: Case) -> tuple[RuleCost, ...]:
    """Return the rules that cost something, the dearest first; empty when no plan meets them all.

    Rules are lifted one at a time: what two of them cost together can be more, or less, than the sum. The rules of
    the contract's plan are judged whatever the kind of plan.
    """
    full = replace(case, policy=replace(case.policy, plan=PlanKind.FULL))
    view = survey(full)
    start, prices = _best(view, None)
    if start is None:
        return ()
    costs = _costs(full, rules_of(full), start, prices)
    return tuple(sorted(costs, key=lambda c: (-c.dollars, c.rule.code, c.rule.account or "")))


def _costs(case: Case, rules: Sequence[Rule], best: Decimal, prices: Prices | None) -> Iterator[RuleCost]:
    for rule in rules:
        if rule.code in SKIPPED:
            continue
        freed, _ = _best(survey(rule.lift(case)), prices)
        saved = best - freed if freed is not None else Decimal(0)
        if saved >= WORTH_SAYING:
            words = rule.words[:1].upper() + rule.words[1:]
            yield RuleCost(rule, saved, f"{words} cost{'' if _many(rule) else 's'} ${saved:,.0f} a year.")


def _many(rule: Rule) -> bool:
    return rule.code in {"harvest_threshold", "wash_history"}


def _best(view: Survey, prices: Prices | None) -> tuple[Decimal | None, Prices | None]:
    """Return what the best plan in continuous shares costs, in dollars; None when there is none."""
    seen = outlook(view, gap=solver_gap(view), start=prices)
    if seen is not None and not seen.short_of_cash:
        return _dollars(seen.bound), seen.prices
    solution = build_program(view).milp.solve(absolute_gap=solver_gap(view))
    if solution.outcome is Outcome.INFEASIBLE:
        return None, None
    return _dollars(solution.bound), None


def _dollars(value: float) -> Decimal:
    return Decimal(repr(round(float(value) * UNIT, 5))).quantize(CENT)
