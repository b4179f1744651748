"""Tax against drift: each point within its budget, none better than the one beside it in both, all within the rules."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from engine.portfolio import Policy
from engine.rebalance.audit import audit_trades
from engine.rebalance.case import Case
from engine.rebalance.frontier import frontier
from engine.rebalance.proposal import Status
from engine.rebalance.tracking_error import Covariance
from engine.rebalance.whole_shares import trades_of
from tests.builders import dec, random_case
from tests.engine.rebalance.households import home, household, sharp, stock
from tests.engine.rebalance.solving import solved

D = Decimal
RISK = Covariance(("STK", "BND"), np.array([[0.04, 0.0], [0.0, 0.0025]]))


def tilted(**limits: object) -> Case:
    """All stock, $100,000, lots with ever more gain; 40 % should be bonds."""
    lots = [stock(str(10_000 - 700 * i), "100", name=f"L{i}") for i in range(10)]
    return household(home(0), lots, policy=sharp(**limits))


def test_a_frontier_has_nine_points_from_the_least_tax_to_the_closest_fit() -> None:
    points = frontier(tilted(), RISK)
    assert len(points) == 9
    assert points[0].tax < points[-1].tax
    assert [p.tax for p in points] == sorted(p.tax for p in points)
    assert [p.off_target for p in points] == sorted((p.off_target for p in points), reverse=True)
    assert all(p.best for p in points)


def test_each_point_stays_within_its_budget_and_the_rules() -> None:
    case = tilted()
    for point in frontier(case):
        assert point.tax <= point.budget
        assert audit_trades(case, trades_of(point.plan.fills)) == ()


def test_the_tracking_error_falls_as_tax_is_paid() -> None:
    """Off by w in stock of 20 % volatility and by -w in bonds of 5 %: w sqrt(0.04 + 0.0025)."""
    for point in frontier(tilted(), RISK):
        assert point.tracking_error is not None
        assert point.tracking_error == pytest.approx(float(point.off_target) * np.sqrt(0.0425), abs=2e-4)


def test_without_prices_a_frontier_has_no_tracking_error() -> None:
    assert {p.tracking_error for p in frontier(tilted(), points=2)} == {None}


def test_a_household_that_can_do_nothing_has_one_point() -> None:
    points = frontier(household(home(0), [stock(locked=True)]))
    assert [(p.tax, p.orders) for p in points] == [(D(0), 0)]


def test_a_household_that_cannot_raise_its_cash_has_none() -> None:
    assert frontier(household(home(0, withdraw=D(500)))) == ()


def test_fewer_than_two_points_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 2 points, not 1"):
        frontier(tilted(), points=1)


@pytest.mark.parametrize("budget", [0, 250, 900])
def test_a_plan_spends_no_more_tax_than_it_may_and_is_the_best_of_those(budget: int) -> None:
    case = tilted(max_tax=D(budget))
    proposal = solved(case)
    assert proposal.status is Status.OPTIMAL
    assert proposal.breakdown.tax <= budget
    assert proposal.gap <= 25
    free = solved(tilted())
    assert free.breakdown.tax > 900
    assert proposal.objective >= free.bound


def test_the_audit_knows_the_limit_on_tax() -> None:
    proposal = solved(tilted())
    lines = audit_trades(tilted(max_tax=D(100)), proposal.trades)
    assert [line.split(":")[0] for line in lines] == ["max_tax"]


@pytest.mark.parametrize("seed", [0, 2, 4, 7, 9])
def test_a_limit_on_tax_holds_beside_every_other_rule(seed: int) -> None:
    case = random_case(seed)
    policy: Policy = replace(case.policy, max_tax=dec("100"))
    proposal = solved(replace(case, policy=policy))
    assert proposal.status is Status.INFEASIBLE or proposal.breakdown.tax <= 100


def test_a_limit_on_tax_below_zero_is_a_fault() -> None:
    with pytest.raises(Exception, match=r"policy.max_tax: -1 is negative"):
        solved(tilted(max_tax=D(-1)))
