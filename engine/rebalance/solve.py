"""One case in, one proposal out: solve with continuous shares, round to whole ones, audit, explain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_FLOOR, Decimal
from importlib.metadata import PackageNotFoundError, version

from engine.errors import AppError
from engine.money import CENT, ZERO
from engine.rebalance.case import Case
from engine.rebalance.case_faults import case_faults, case_warnings
from engine.rebalance.eligibility import Survey, survey, worth_trading
from engine.rebalance.explain import explain_trades, nothing_to_do
from engine.rebalance.figures import Fill, figures
from engine.rebalance.infeasible import why_infeasible
from engine.rebalance.milp import Outcome, Patience, Solution
from engine.rebalance.orders import UNIT, Program
from engine.rebalance.program import build_program, solver_gap
from engine.rebalance.proposal import SCHEMA, DoNotBuy, Proposal, Status
from engine.rebalance.suppressed import suppressed_trades
from engine.rebalance.whole_shares import WholePlan, any_whole_plan, trades_of, whole_plan

MAIN_PART = 0.7
"""Part of a time limit that the search in continuous shares may take; whole shares have what is left."""
LAST_PART = 0.1
"""Part of a time limit that may be added to it to say what was not done."""
ANY_PLAN = 1e12
"""A gap that accepts the first plan found."""
WASH_DAYS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A case that has been checked, surveyed and built, ready to solve."""

    survey: Survey
    program: Program
    case_sha256: str


def prepare(case: Case, *, case_sha256: str) -> Prepared:
    """Check a case and build its program.

    Raises AppError naming every fault of the case with its path.
    """
    faults = case_faults(case)
    if faults:
        raise AppError(f"the case has {len(faults)} fault(s)", detail="; ".join(faults), hint="Correct the case.")
    view = survey(case)
    return Prepared(view, build_program(view), case_sha256)


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
    view, patience = prepared.survey, Patience(time_limit)
    solution = prepared.program.milp.solve(absolute_gap=solver_gap(view), time_limit=_part(time_limit, MAIN_PART))
    if solution.outcome is Outcome.INFEASIBLE:
        return _infeasible(prepared, why_infeasible(view))
    patience.spend(solution.seconds)
    proven = solution.outcome is Outcome.PROVEN
    bound = _bound(prepared.program, solution)
    idle = WholePlan((), figures(view, ()))
    can_idle = all(a.cash >= a.cash_reserve + a.withdraw for a in view.case.accounts)
    if can_idle and (not solution.found or idle.objective - bound <= worth_trading(view)):
        return _proposal(prepared, idle, bound, proven=proven, time_limit=time_limit)
    if not solution.found:
        # any plan at all: the first that raises the cash, whatever it costs and however long it takes
        solution = prepared.program.milp.solve(absolute_gap=ANY_PLAN)
    plan = whole_plan(view, prepared.program.shares(solution), bound, patience)
    if plan is None and not can_idle:
        plan = any_whole_plan(view, ANY_PLAN if patience.over else solver_gap(view))
        if plan is None:
            return _infeasible(prepared, why_infeasible(view, whole=True))
    if plan is None or (can_idle and idle.objective <= plan.objective):
        plan = idle
    return _proposal(prepared, plan, bound, proven=proven and not patience.over, time_limit=time_limit)


def _part(time_limit: float | None, part: float) -> float | None:
    return None if time_limit is None else time_limit * part


def _bound(program: Program, solution: Solution) -> Decimal:
    bound = solution.bound
    if not solution.found or bound <= -1e19:  # out of time before the relaxed program was solved
        bound = max(bound, program.milp.solve(absolute_gap=0.0, relaxed=True).bound)
    # a speck under a cent is what floats leave of it
    return Decimal(repr(round(bound * UNIT, 5))).quantize(CENT, rounding=ROUND_FLOOR) + ZERO


def _proposal(
    prepared: Prepared, plan: WholePlan, bound: Decimal, *, proven: bool, time_limit: float | None
) -> Proposal:
    view, fills, result = prepared.survey, plan.fills, plan.figures
    objective = plan.objective
    bound = min(bound, objective)
    return Proposal(
        SCHEMA,
        Status.OPTIMAL if proven else Status.FEASIBLE,
        objective,
        bound,
        objective - bound,
        result.breakdown,
        trades_of(fills, explain_trades(view, fills, result)),
        suppressed_trades(view, fills, time_limit=_part(time_limit, LAST_PART)),
        result.classes,
        result.cash,
        result.tax,
        result.turnover,
        case_warnings(view.case),
        () if fills else nothing_to_do(view, result, objective - bound, proven=proven),
        _do_not_buy(view, fills),
        prepared.case_sha256,
        engine_version(),
    )


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
        suppressed_trades(view, ()),
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
