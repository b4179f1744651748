"""One case in, one proposal out: solve with continuous shares, round to whole ones, audit, explain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_FLOOR, Decimal
from importlib.metadata import PackageNotFoundError, version

from engine.errors import AppError
from engine.money import CENT, ZERO
from engine.rebalance.audit import audit_trades
from engine.rebalance.case import Case
from engine.rebalance.case_faults import case_faults, case_warnings
from engine.rebalance.eligibility import Survey, survey
from engine.rebalance.explain import explain_trades, nothing_to_do
from engine.rebalance.figures import Figures, Fill, figures
from engine.rebalance.infeasible import why_infeasible
from engine.rebalance.milp import Outcome, Solution
from engine.rebalance.orders import UNIT, OrderKey, Program
from engine.rebalance.program import build_program
from engine.rebalance.proposal import SCHEMA, DoNotBuy, Proposal, Status, Trade
from engine.rebalance.rounding import WIDTHS, any_shares, fills_of, share_windows
from engine.rebalance.suppressed import suppressed_trades

MARGINS = ((0.02, 0.0), (0.02, 0.02), (0.5, 0.5), (10.0, 10.0))
"""Dollars an order leaves for rounding in cash and in gain limits; the next are tried when the audit finds a breach."""
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
    view = prepared.survey
    solution = prepared.program.milp.solve(absolute_gap=_solver_gap(view), time_limit=time_limit)
    if solution.outcome is Outcome.INFEASIBLE:
        return _infeasible(prepared, why_infeasible(view))
    bound = _bound(prepared.program, solution)
    idle = figures(view, ())
    can_idle = all(a.cash >= a.cash_reserve + a.withdraw for a in view.case.accounts)
    if can_idle and idle.breakdown.total - bound <= worth_trading(view):
        return _proposal(prepared, (), idle, bound, proven=True)
    if not solution.found:
        raise AppError(
            "no plan was found within the time limit", detail=f"{time_limit} seconds", hint="Give --time-limit more."
        )
    fills = _whole(view, prepared.program.shares(solution))
    if fills is None:
        return _infeasible(prepared, ("no plan with whole shares keeps every cash floor and limit",))
    result = figures(view, fills)
    if can_idle and idle.breakdown.total <= result.breakdown.total:
        fills, result = (), idle
    return _proposal(prepared, fills, result, bound, proven=solution.outcome is Outcome.PROVEN)


def worth_trading(view: Survey) -> Decimal:
    """Return the dollars by which a plan must beat doing nothing: 10, or a tenth of a basis point of the value."""
    return max(Decimal(10), view.value / 100_000)


def _solver_gap(view: Survey) -> float:
    """Return the gap the solver may leave, in UNIT dollars: 1, or a fiftieth of a basis point of the value."""
    return max(1.0, float(view.value) * 2e-6) / UNIT


def _bound(program: Program, solution: Solution) -> Decimal:
    bound = solution.bound
    if bound <= -1e19:
        bound = program.milp.solve(absolute_gap=0.0, relaxed=True).bound
    return Decimal(repr(bound * UNIT)).quantize(CENT, rounding=ROUND_FLOOR)


def _whole(view: Survey, shares: Mapping[OrderKey, tuple[float, ...]]) -> tuple[Fill, ...] | None:
    """Return audited whole-share orders near the continuous answer; None when there is no such plan."""
    attempts = [(share_windows(view, shares, width), margins) for width in WIDTHS for margins in MARGINS]
    attempts += [(any_shares(view), margins) for margins in MARGINS]
    breaches: Sequence[str] = ()
    for windows, (margin, gain_margin) in attempts:
        program = build_program(view, windows, margin=margin, gain_margin=gain_margin)
        solution = program.milp.solve(absolute_gap=_solver_gap(view))
        if not solution.found:
            continue
        for whole_lots in (True, False):
            fills = fills_of(view, program.shares(solution), whole_lots=whole_lots)
            breaches = audit_trades(view.case, _trades(fills))
            if not breaches:
                return fills
    if breaches:
        raise RuntimeError(f"the rounded plan breaks a rule: {'; '.join(breaches)}")
    return None


def _trades(fills: Sequence[Fill], reasons: Mapping[OrderKey, tuple[str, str]] | None = None) -> tuple[Trade, ...]:
    trades = []
    for fill in fills:
        code, reason = (reasons or {}).get((*fill.position.key, fill.side), ("", ""))
        security = fill.position.security
        trades.append(
            Trade(
                fill.position.account.id,
                security.symbol,
                fill.side,
                fill.quantity,
                security.price,
                fill.amount,
                fill.lot_sales(),
                reason,
                code,
            )
        )
    return tuple(trades)


def _proposal(
    prepared: Prepared, fills: tuple[Fill, ...], result: Figures, bound: Decimal, *, proven: bool
) -> Proposal:
    view = prepared.survey
    objective = result.breakdown.total
    bound = min(bound, objective)
    return Proposal(
        SCHEMA,
        Status.OPTIMAL if proven else Status.FEASIBLE,
        objective,
        bound,
        objective - bound,
        result.breakdown,
        _trades(fills, explain_trades(view, fills, result)),
        suppressed_trades(view, fills),
        result.classes,
        result.cash,
        result.tax,
        result.turnover,
        case_warnings(view.case),
        () if fills else nothing_to_do(view, result, objective - bound),
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
