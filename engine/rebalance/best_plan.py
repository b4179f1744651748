"""The best plan there is and its proven bound: by class first, and by the whole program where that is not enough.

The search by class (`decomposition`) proves a bound and drafts a plan in a fraction of the program's time. A plan
within reach of the bound is taken; else the program settles what the search left open, then everything.
"""

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from math import isfinite

from engine.money import CENT, ZERO
from engine.portfolio import Side
from engine.rebalance.decomposition.response import Prices
from engine.rebalance.decomposition.search import Outlook, outlook
from engine.rebalance.draft import draft_plan
from engine.rebalance.eligibility import Survey, worth_trading
from engine.rebalance.figures import figures
from engine.rebalance.milp import Outcome, Patience, Solution
from engine.rebalance.orders import UNIT, OrderKey, Program
from engine.rebalance.program import build_program, solver_gap
from engine.rebalance.whole_shares import WholePlan, any_whole_plan, whole_plan

MAIN_PART = 0.7
"""Part of a time limit that the search in continuous shares may take; whole shares have what is left."""
ANY_PLAN = 1e12
"""A gap that accepts the first plan found."""
CLOSE = Decimal(25)
"""Dollars from the bound at which no better plan is looked for."""
SETTLED = 1.05
"""Minimum trades that an order must exceed for it to be made for certain."""
MANY_LOTS = 600
"""Lots beyond which the program takes long: a plan that is close enough is not bettered by it."""
NODES = 200
"""Branches that settling a drafted plan may open."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A plan and the bound that no plan in continuous shares is below. `plan` None = none in whole shares exists."""

    plan: WholePlan | None
    bound: Decimal
    proven: bool
    prices: Prices | None = None
    """Those of the bound, where the search by class has proven it."""
    guide: "tuple[Survey, WholePlan] | None" = None
    """The survey under which a plan of another kind was searched, and the plan as it stands there."""


def best_plan(view: Survey, *, time_limit: float | None, slack: int = 1) -> Answer | None:
    """Return the best plan of a surveyed case; None when no plan meets its rules even in continuous shares.

    `slack` = how many times as far from the bound as usual a plan may be, where a dollar off target costs that much
    more than usual.
    """
    patience = Patience(time_limit)
    idle = idle_plan(view)
    seen = None if patience.hurried else outlook(view, gap=solver_gap(view))
    if seen is not None and not seen.short_of_cash:
        bound = _cents_below(seen.bound)
        if idle is not None and idle.objective - bound <= worth_trading(view):
            return Answer(idle, min(bound, idle.objective), proven=True, prices=seen.prices)
        seen, draft = _drafted(view, seen)
        bound = _cents_below(seen.bound)
        plan = _plan_near(view, seen, draft, patience, slack)
        if plan is not None and plan.objective - bound <= enough(view) * slack:
            chosen = _better(idle, plan, view)
            return Answer(chosen, min(bound, chosen.objective), proven=True, prices=seen.prices)
    proven = seen is not None and isfinite(seen.bound)
    return _by_program(view, patience, idle, _cents_below(seen.bound) if seen is not None and proven else None)


def _drafted(view: Survey, seen: Outlook) -> tuple[Outlook, WholePlan | None]:
    """Return the outlook with its draft; a finer one where many lots leave the draft far above the bound."""
    draft = draft_plan(view, seen.shares) if seen.shares else None
    close = draft is not None and draft.objective - _cents_below(seen.bound) <= enough(view)
    if close or not _has_many_lots(view):
        return seen, draft
    finer = outlook(view, gap=solver_gap(view), start=seen.prices, fine=True)
    if finer is None or not finer.shares or finer.bound <= seen.bound:
        return seen, draft
    return finer, draft_plan(view, finer.shares)


def _has_many_lots(view: Survey) -> bool:
    return sum(len(position.lots) for position in view.positions) > MANY_LOTS


def proven_bound(view: Survey) -> Decimal:
    """Return what no plan of a surveyed case costs less than, in dollars: by class, else by the relaxed program."""
    seen = outlook(view, gap=solver_gap(view))
    if seen is not None and not seen.short_of_cash:
        return _cents_below(seen.bound)
    idle = idle_plan(view)
    if seen is None and idle is not None:  # there is nothing that can be traded
        return idle.objective
    return _cents_below(build_program(view).milp.solve(absolute_gap=0.0, relaxed=True).bound)


def idle_plan(view: Survey) -> WholePlan | None:
    """Return doing nothing, None where an account must raise cash or the plan must save tax."""
    able = all(a.cash >= a.cash_reserve + a.withdraw for a in view.case.accounts)
    able = able and (view.case.policy.max_tax is None or view.case.policy.max_tax >= 0)
    return WholePlan((), figures(view, ())) if able else None


def enough(view: Survey) -> Decimal:
    """Return the dollars that a plan may be above the bound: 25, or half a basis point of the value."""
    return max(CLOSE, view.value / 20_000)


def _better(idle: WholePlan | None, plan: WholePlan, view: Survey) -> WholePlan:
    """Return the plan where it is worth trading for."""
    return plan if idle is None or idle.objective - plan.objective > worth_trading(view) else idle


def _plan_near(view: Survey, seen: Outlook, plan: WholePlan | None, patience: Patience, slack: int) -> WholePlan | None:
    """Return the plan that the search drafted; where it is not close to the bound, what the program makes of it."""
    bound = _cents_below(seen.bound)
    close = bound + (enough(view) if _has_many_lots(view) else min(CLOSE, worth_trading(view))) * slack
    if plan is not None and plan.objective <= close:
        return plan
    program = _near_program(view, seen)
    solution = program.milp.solve(absolute_gap=solver_gap(view), node_limit=NODES, time_limit=patience.left)
    patience.spend(solution.seconds)
    if not solution.found or _dollars(solution.objective) - bound > enough(view) * slack:
        return plan
    shares = program.shares(solution)
    candidates = [plan, draft_plan(view, shares)]
    if all(found is None or found.objective > close for found in candidates):
        candidates.append(whole_plan(view, shares, bound, patience))
    found = [candidate for candidate in candidates if candidate is not None]
    return min(found, key=lambda candidate: candidate.objective) if found else None


def _near_program(view: Survey, seen: Outlook) -> Program:
    """Return the program of the drafted orders and those near them.

    Orders that cost no ticket and are well over their minimum are settled: they are made, only their size is open.
    """
    positions = {p.key: p for p in view.positions}
    only = seen.near | frozenset(seen.shares)
    lots = set(seen.near_lots)
    settled: set[OrderKey] = set()
    for key, parts in seen.shares.items():
        position = positions[key[0], key[1]]
        other = (*position.key, Side.BUY if key[2] is Side.SELL else Side.SELL)
        dollars = sum(parts) * float(position.security.price)
        big = dollars > SETTLED * float(position.account.min_trade)
        if big and not position.account.ticket_charge and other not in only:
            settled.add(key)
        if key[2] is Side.SELL:
            lots.update(v.lot.id for v, part in zip(position.sellable, parts, strict=True) if part > 0)
    return build_program(view, only=only, lots=lots, settled=settled)


def _by_program(
    view: Survey, patience: Patience, idle: WholePlan | None, proven_bound: Decimal | None
) -> Answer | None:
    """Solve the whole program. `proven_bound` is known from the search."""
    program = build_program(view)
    limit = None if patience.left is None else patience.left * MAIN_PART
    solution = program.milp.solve(absolute_gap=solver_gap(view), time_limit=limit)
    if solution.outcome is Outcome.INFEASIBLE:
        return None
    patience.spend(solution.seconds)
    proven = solution.outcome is Outcome.PROVEN
    bound = bound_of(program, solution)
    if proven_bound is not None:
        bound = max(bound, proven_bound)
    if idle is not None and (not solution.found or idle.objective - bound <= worth_trading(view)):
        return Answer(idle, min(bound, idle.objective), proven)
    if not solution.found:
        # any plan at all: the first that raises the cash, whatever it costs and however long it takes
        solution = program.milp.solve(absolute_gap=ANY_PLAN)
    plan = whole_plan(view, program.shares(solution), bound, patience)
    if plan is None and idle is None:
        plan = any_whole_plan(view, ANY_PLAN if patience.over else solver_gap(view))
        if plan is None:
            return Answer(None, bound, proven)
    if plan is None or (idle is not None and idle.objective <= plan.objective):
        plan = idle
    if plan is None:
        raise RuntimeError("a plan was neither found nor ruled out")
    return Answer(plan, min(bound, plan.objective), proven and not patience.over)


def bound_of(program: Program, solution: Solution) -> Decimal:
    """Return the bound that a solve has proven, that of the relaxed program when it was cut short before."""
    bound = solution.bound
    if not solution.found or bound <= -1e19:
        bound = max(bound, program.milp.solve(absolute_gap=0.0, relaxed=True).bound)
    return _cents_below(bound)


def _cents_below(bound: float) -> Decimal:
    # a speck under a cent is what floats leave of it
    return Decimal(repr(round(float(bound) * UNIT, 5))).quantize(CENT, rounding=ROUND_FLOOR) + ZERO


def _dollars(value: float) -> Decimal:
    return Decimal(repr(float(value) * UNIT))
