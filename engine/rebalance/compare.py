"""Every kind of plan of one case side by side, with the figures that an adviser chooses by."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from engine.money import ZERO
from engine.portfolio import PlanKind
from engine.rebalance.case import Case
from engine.rebalance.location import LocationScore, location_score
from engine.rebalance.proposal import Proposal, Status
from engine.rebalance.solve import solve
from engine.rebalance.tracking_error import Covariance, TrackingError, tracking_error, values_after

EVERY_KIND = tuple(PlanKind)


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One kind of plan. `case` is the case with its kind, of which `proposal` is the answer.

    `off_target` is half the sum of the distances from the targets, as a fraction of the household's value, and
    `outside` the classes beyond their bands after the trades. `tracking` is None without a covariance.
    """

    kind: PlanKind
    case: Case
    proposal: Proposal
    off_target: Decimal
    outside: tuple[str, ...]
    location: LocationScore
    tracking: TrackingError | None

    @property
    def tax_now(self) -> Decimal:
        """What the plan adds to the tax of the year, in dollars; below zero it saves."""
        return self.proposal.breakdown.tax

    @property
    def tax_deferred(self) -> Decimal:
        """What the plan moves to later years at the deferred rate, in dollars; above zero later tax is higher."""
        return self.proposal.breakdown.deferred


def compare_plans(
    case: Case,
    *,
    case_sha256: Mapping[PlanKind, str],
    covariance: Covariance | None = None,
    kinds: Sequence[PlanKind] = EVERY_KIND,
    time_limit: float | None = None,
) -> Iterator[PlanRow]:
    """Yield the plan of each kind. `case_sha256` is that of the case with each kind; `time_limit` is for each plan.

    Raises AppError for a case with faults.
    """
    for kind in kinds:
        of_kind = with_plan(case, kind)
        proposal = solve(of_kind, case_sha256=case_sha256[kind], time_limit=time_limit)
        yield plan_row(of_kind, proposal, covariance)


def with_plan(case: Case, kind: PlanKind) -> Case:
    """Return the case whose policy asks for a kind of plan."""
    return replace(case, policy=replace(case.policy, plan=kind))


def plan_row(case: Case, proposal: Proposal, covariance: Covariance | None = None) -> PlanRow:
    """Return what a proposal comes to."""
    away = sum((abs(c.after - c.target) for c in proposal.classes), ZERO) / 2
    outside = tuple(c.asset_class for c in proposal.classes if abs(c.after - c.target) > c.band)
    tracking = None
    if covariance is not None and proposal.status is not Status.INFEASIBLE:
        tracking = tracking_error(case, values_after(case, proposal.trades), covariance)
    location = location_score(case, proposal.trades)
    return PlanRow(case.policy.plan, case, proposal, away, outside, location, tracking)
