"""Tiny households: the solver against every plan of whole shares there is, priced in the contract's own words."""

from collections import Counter

import pytest

from engine.rebalance.proposal import Status
from tests.engine.rebalance.enumeration import Household
from tests.engine.rebalance.enumeration_rules import best_plan, broken_rules, number_of_plans
from tests.engine.rebalance.solving import plan_of, solved
from tests.engine.rebalance.tiny_cases import tiny_case

SEEDS = [seed for seed in range(110) if number_of_plans(tiny_case(seed)) <= 4000]
CENTS = 0.03


@pytest.mark.parametrize("seed", SEEDS)
def test_no_plan_of_whole_shares_is_better_and_none_beats_the_bound(seed: int) -> None:
    case = tiny_case(seed)
    proposal, best = solved(case), best_plan(case)
    if best is None or proposal.status is Status.INFEASIBLE:
        assert best is None
        assert proposal.status is Status.INFEASIBLE
        assert proposal.reasons
        return
    home, plan = Household(case), plan_of(proposal)
    assert list(broken_rules(home, plan)) == []
    assert home.objective(plan) == pytest.approx(float(proposal.objective), abs=CENTS)
    assert float(proposal.bound) <= best[0] + CENTS, best[1]
    assert float(proposal.objective) <= best[0] + 25, best[1]


def test_the_tiny_households_are_a_fair_lot() -> None:
    """Most trade, some cannot, and every kind of rule is set somewhere: else the test above proves little."""
    cases = [tiny_case(seed) for seed in SEEDS]
    assert len(cases) >= 90
    limits = Counter(
        name
        for c in cases
        for name in c.policy.__slots__
        if getattr(c.policy, name) is not None
        and name.startswith(("max_", "class_cap", "adv", "harvest", "ripening", "location"))
    )
    assert min(limits.values()) >= 5
    assert len(limits) == 10
    assert sum(bool(c.history) for c in cases) >= 20
    assert sum(len(c.accounts) > 1 for c in cases) >= 10
