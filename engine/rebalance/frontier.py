"""Tax against distance from the target: what each further dollar of tax buys, and what it does not.

Each point is the plan closest to the target among those that add no more than its tax (the epsilon-constraint method:
Haimes, Lasdon and Wismer 1971), so that points follow where the trade-off is not convex, too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from engine.money import CENT, ZERO
from engine.rebalance.best_plan import best_plan
from engine.rebalance.case import Case
from engine.rebalance.eligibility import Survey, survey
from engine.rebalance.figures import figures
from engine.rebalance.tracking_error import Covariance, tracking_error, values_after
from engine.rebalance.whole_shares import WholePlan, trades_of

POINTS = 9
"""Plans of a frontier, its two ends among them."""
PUSHED = 20
"""How much more a dollar off target costs where only the tax holds a plan back."""
LET_GO = Decimal("0.02")
"""How much of its cost is left where tax decides alone: enough that idle cash is invested."""
SPECK = Decimal(50)
"""Dollars of tax between points below which one is as good as the next."""


@dataclass(frozen=True, slots=True)
class FrontierPoint:
    """One plan: the tax that it was allowed to add and what it comes to, in dollars.

    `off_target` is half the sum of the distances from the targets, as a fraction of the household; `tracking_error`
    is a year's standard deviation against the target, None without a covariance. `best` marks a point that no other
    one beats in both tax and distance.
    """

    budget: Decimal
    tax: Decimal
    deferred: Decimal
    drift: Decimal
    trading: Decimal
    off_target: Decimal
    tracking_error: float | None
    plan: WholePlan
    best: bool = True

    @property
    def orders(self) -> int:
        """Number of orders."""
        return len(self.plan.fills)


def frontier(
    case: Case, covariance: Covariance | None = None, *, points: int = POINTS, time_limit: float | None = None
) -> tuple[FrontierPoint, ...]:
    """Return plans from the least tax to the closest fit; empty when no plan meets the rules.

    The figures are those of the true case. Fewer plans come back where the ends are less than 50 dollars apart.
    `time_limit` is in seconds for each plan. Raises ValueError for fewer than two points.
    """
    if points < 2:
        raise ValueError(f"a frontier has at least 2 points, not {points}")
    view = survey(case)
    found: dict[tuple[object, ...], tuple[Decimal, WholePlan]] = {}
    for budget, plan in _plans(view, points, time_limit):
        found.setdefault(tuple((f.position.key, f.side, f.quantity) for f in plan.fills), (budget, plan))
    stated = [_point(view, budget, plan, covariance) for budget, plan in found.values()]
    ordered = sorted(stated, key=lambda p: (p.tax, p.off_target))
    return tuple(
        replace(p, best=not any(q.tax <= p.tax and q.off_target < p.off_target for q in ordered)) for p in ordered
    )


def _plans(view: Survey, points: int, time_limit: float | None) -> Iterator[tuple[Decimal, WholePlan]]:
    case = view.case
    ends = []
    for factor in (LET_GO, Decimal(PUSHED)):
        answer = best_plan(survey(_pushed(case, factor)), time_limit=time_limit, slack=PUSHED)
        if answer is None or answer.plan is None:
            return
        plan = WholePlan(answer.plan.fills, figures(view, answer.plan.fills))
        ends.append((plan.figures.breakdown.tax, plan))
    (low, _), (high, _) = ends
    yield from ends
    if high - low < SPECK:
        return
    pushed = _pushed(case, Decimal(PUSHED))
    for number in range(1, points - 1):
        budget = (low + (high - low) * number / (points - 1)).quantize(CENT)
        answer = best_plan(survey(_within(pushed, budget)), time_limit=time_limit, slack=PUSHED)
        plan_found = None if answer is None else answer.plan
        if plan_found is not None:
            yield budget, WholePlan(plan_found.fills, figures(view, plan_found.fills))


def _pushed(case: Case, factor: Decimal) -> Case:
    policy = case.policy
    rates = (policy.drift_rate_inside * factor, policy.drift_rate_outside * factor)
    return replace(case, policy=replace(policy, drift_rate_inside=rates[0], drift_rate_outside=rates[1]))


def _within(case: Case, budget: Decimal) -> Case:
    limit = budget if case.policy.max_tax is None else min(budget, case.policy.max_tax)
    return replace(case, policy=replace(case.policy, max_tax=limit))


def _point(view: Survey, budget: Decimal, plan: WholePlan, covariance: Covariance | None) -> FrontierPoint:
    parts = plan.figures.breakdown
    away = sum((abs(c.after - c.target) for c in plan.figures.classes), ZERO) / 2
    values = values_after(view.case, trades_of(plan.fills))
    return FrontierPoint(
        budget,
        parts.tax,
        parts.deferred,
        parts.drift,
        parts.trading,
        away,
        None if covariance is None else tracking_error(view.case, values, covariance).yearly,
        plan,
    )
