"""One case in, one proposal out: the best plan with its proven bound, audited and explained."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from engine.errors import AppError
from engine.money import ZERO
from engine.rebalance.best_plan import Answer
from engine.rebalance.case import Case
from engine.rebalance.case_faults import case_faults, case_warnings
from engine.rebalance.eligibility import Survey, survey
from engine.rebalance.explain import explain_trades, nothing_to_do
from engine.rebalance.figures import Fill, figures
from engine.rebalance.infeasible import why_infeasible
from engine.rebalance.lot_method_warnings import lot_method_warnings
from engine.rebalance.plans import planned
from engine.rebalance.proposal import SCHEMA, DoNotBuy, Proposal, Status
from engine.rebalance.suppressed import suppressed_trades
from engine.rebalance.whole_shares import WholePlan, trades_of

LAST_PART = 0.1
"""Part of a time limit that may be added to it to say what was not done."""
WASH_DAYS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A case that has been checked and surveyed, ready to solve."""

    survey: Survey
    case_sha256: str


def prepare(case: Case, *, case_sha256: str) -> Prepared:
    """Check and survey a case.

    Raises AppError naming every fault of the case with its path.
    """
    faults = case_faults(case)
    if faults:
        raise AppError(f"the case has {len(faults)} fault(s)", detail="; ".join(faults), hint="Correct the case.")
    return Prepared(survey(case), case_sha256)


@cache
def engine_version() -> str:
    """Return the version of the program that made a proposal."""
    try:
        return version("plimsoll")
    except PackageNotFoundError:
        return "not installed"


def solve(case: Case, *, case_sha256: str, time_limit: float | None = None) -> Proposal:
    """Return the best proposal for a case with its proven bound. `time_limit` is in seconds, None = none."""
    return solve_prepared(prepare(case, case_sha256=case_sha256), time_limit=time_limit)


def solve_prepared(prepared: Prepared, *, time_limit: float | None = None) -> Proposal:
    """Solve a prepared case. See `solve`."""
    view = prepared.survey
    answer = planned(view, time_limit=time_limit)
    if answer is None:
        return _infeasible(prepared, why_infeasible(view))
    if answer.plan is None:
        return _infeasible(prepared, why_infeasible(view, whole=True))
    return _proposal(prepared, answer, answer.plan, time_limit=time_limit)


def _proposal(prepared: Prepared, answer: Answer, plan: WholePlan, *, time_limit: float | None) -> Proposal:
    view, fills, result = prepared.survey, plan.fills, plan.figures
    objective = plan.objective
    bound, proven = min(answer.bound, objective), answer.proven
    seen, as_seen = answer.guide or (view, plan)
    return Proposal(
        SCHEMA,
        Status.OPTIMAL if proven else Status.FEASIBLE,
        objective,
        bound,
        objective - bound,
        result.breakdown,
        trades_of(fills, explain_trades(view, fills, result)),
        suppressed_trades(
            seen, as_seen.fills, as_seen.figures, start=answer.prices, time_limit=_part(time_limit, LAST_PART)
        ),
        result.classes,
        result.cash,
        result.tax,
        result.turnover,
        (*case_warnings(view.case), *lot_method_warnings(view, fills)),
        () if fills else nothing_to_do(view, result, objective - bound, proven=proven),
        _do_not_buy(view, fills),
        prepared.case_sha256,
        engine_version(),
    )


def _part(time_limit: float | None, part: float) -> float | None:
    return None if time_limit is None else time_limit * part


def _infeasible(prepared: Prepared, reasons: tuple[str, ...]) -> Proposal:
    """Return the proposal that trades nothing and says which rules cannot be met together."""
    view = prepared.survey
    idle = figures(view, ())
    bound = idle.breakdown.total
    return Proposal(
        SCHEMA,
        Status.INFEASIBLE,
        bound,
        bound,
        ZERO,
        idle.breakdown,
        (),
        suppressed_trades(view, (), idle),
        idle.classes,
        idle.cash,
        idle.tax,
        ZERO,
        case_warnings(view.case),
        reasons,
        _do_not_buy(view, ()),
        prepared.case_sha256,
        engine_version(),
    )


def _do_not_buy(view: Survey, fills: Sequence[Fill]) -> tuple[DoNotBuy, ...]:
    """Return the groups not to be bought: sold at a loss here or in the last 30 days, with the last blocked day."""
    until = {g: w.no_purchase_until for g, w in view.windows.items() if w.no_purchase_until}
    for fill in fills:
        if any(lot.is_loss for lot, _ in fill.lots):
            until[fill.position.security.group] = view.case.as_of + WASH_DAYS
    return tuple(DoNotBuy(group, until[group]) for group in sorted(until))
