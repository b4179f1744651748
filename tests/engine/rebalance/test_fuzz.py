"""Whatever the household, a proposal is one that the audit accepts, or the case is refused with its faults.

`HYPOTHESIS_PROFILE=thorough` tries two thousand households.
"""

import decimal
import os

import pytest

from engine.errors import AppError
from engine.portfolio import PlanKind
from engine.rebalance.audit import audit_proposal, audit_trades
from engine.rebalance.audit_figures import books
from engine.rebalance.case import Case
from engine.rebalance.case_faults import case_faults
from engine.rebalance.proposal import Proposal, Status
from engine.rebalance.solve import solve
from tests.builders import dec
from tests.engine.rebalance.degenerate import degenerate_case
from tests.engine.rebalance.solving import check_words

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
SEEDS = range(2000) if THOROUGH else range(18, 58)
HARD = {
    550: "a loss replaced in full leaves nothing to count against a limit of 0",
    1129: "a household of trillions",
    1892: "a speck of a share with a basis of thousands",
    4904: "billions of which nothing can be sold",
    4656: "a speck, and a reserve of more than there is",
    3066: "shares worth no cent whose loss makes room for a gain",
}
"""Households that floats are hard on, always tried."""
CENTS = dec("0.05")
"""What rounding each part of the objective to the cent may leave."""


def check_proposal(case: Case, proposal: Proposal) -> None:
    """Check that a proposal is what it says: allowed, priced as the audit prices it, no better than its bound."""
    assert audit_proposal(case, proposal) == ()
    check_words(proposal)
    assert abs(proposal.objective - books(case, proposal.trades).objective) <= CENTS
    assert proposal.objective == proposal.breakdown.total
    assert proposal.gap == proposal.objective - proposal.bound >= 0
    if proposal.status is Status.INFEASIBLE:
        assert audit_trades(case, ()) != ()
        return
    if case.policy.plan is not PlanKind.FULL:  # its gap is what a free hand would be worth
        return
    assert proposal.status is Status.OPTIMAL, "there is no limit of time"
    if audit_trades(case, ()) == ():
        idle = books(case, ()).objective
        assert proposal.bound <= idle + CENTS
        assert proposal.objective <= idle + CENTS, "no plan is worse than none"


@pytest.mark.parametrize("seed", sorted({*SEEDS, *HARD}))
def test_a_proposal_is_allowed_and_says_what_it_is_or_the_case_is_refused(seed: int) -> None:
    case = degenerate_case(seed)
    faults = case_faults(case)
    if faults:
        with pytest.raises(AppError) as refused:
            solve(case, case_sha256="")
        assert all(fault in str(refused.value) for fault in faults)
        return
    with decimal.localcontext() as context:
        context.traps[decimal.FloatOperation] = True  # as the command does: no float gets into the figures
        proposal = solve(case, case_sha256="")
    check_proposal(case, proposal)
