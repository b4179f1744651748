"""The plan in whole shares: searched near the continuous answer, then wider, each candidate audited."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from engine.rebalance.audit import audit_trades
from engine.rebalance.eligibility import Survey
from engine.rebalance.figures import Figures, Fill, figures
from engine.rebalance.milp import Patience
from engine.rebalance.orders import OrderKey, ShareWindow
from engine.rebalance.program import build_program, solver_gap
from engine.rebalance.proposal import Trade
from engine.rebalance.rounding import WIDTHS, any_shares, fills_of, share_windows

MARGINS = ((0.0, 0.0), (0.02, 0.0), (0.02, 0.02), (0.5, 0.5), (10.0, 10.0))
"""Dollars an order leaves for rounding in cash and in gain limits: none at first, since a plan may need every dollar;
the next are tried when the audit finds a breach."""
MOST_ORDERS = 150
"""Possible orders up to which every number of whole shares is tried, not only those near the continuous answer."""
MOST_NODES = 500
"""Branches that a search beyond the nearest shares may open."""


@dataclass(frozen=True, slots=True)
class WholePlan:
    """Audited orders in whole shares with their figures."""

    fills: tuple[Fill, ...]
    figures: Figures

    @property
    def objective(self) -> Decimal:
        """The objective, in dollars."""
        return self.figures.breakdown.total


def whole_plan(
    view: Survey,
    shares: Mapping[OrderKey, tuple[float, ...]],
    bound: Decimal,
    patience: Patience,
) -> WholePlan | None:
    """Return the best plan found; None when none is found, which with many orders or a time limit proves nothing.

    A plan within half a basis point of the value (or 25 dollars) of the bound ends the search.
    Raises RuntimeError when there are plans and the audit passes none of them: a bug.
    """
    enough = bound + max(Decimal(25), view.value / 20_000)
    best: WholePlan | None = None
    breaches: Sequence[str] = ()
    for windows, node_limit in _searches(view, shares):
        found = _audited(view, windows, _Effort(patience, enough, solver_gap(view), node_limit))
        if not isinstance(found, WholePlan):
            breaches = breaches or found
        elif best is None or found.objective < best.objective:
            best = found
        if patience.over or (best is not None and best.objective <= enough):
            break
    if best is None and breaches and not patience.over:
        raise RuntimeError(f"the rounded plan breaks a rule: {'; '.join(breaches)}")
    return best


def any_whole_plan(view: Survey, gap: float) -> WholePlan | None:
    """Return a plan among all there are within `gap` (UNIT dollars) of the best; None is proof that there is none."""
    found = _audited(view, any_shares(view), _Effort(Patience(), Decimal("-Infinity"), gap))
    if isinstance(found, WholePlan):
        return found
    if found:
        raise RuntimeError(f"the rounded plan breaks a rule: {'; '.join(found)}")
    return None


def trades_of(fills: Sequence[Fill], reasons: Mapping[OrderKey, tuple[str, str]] | None = None) -> tuple[Trade, ...]:
    """Return fills as order lines; `reasons` are (code, sentence) by order."""
    trades = []
    for fill in fills:
        code, reason = (reasons or {}).get((*fill.position.key, fill.side), ("", ""))
        account, security = fill.position.account, fill.position.security
        terms = (fill.side, fill.quantity, security.price, fill.amount, fill.sales)
        trades.append(Trade(account.id, security.symbol, *terms, reason, code))
    return tuple(trades)


def _searches(
    view: Survey, shares: Mapping[OrderKey, tuple[float, ...]]
) -> Iterator[tuple[dict[OrderKey, ShareWindow], int | None]]:
    """Yield the windows of whole shares to search, narrow ones first, and the branches each may open."""
    for width in WIDTHS:
        yield share_windows(view, shares, width), None if width == WIDTHS[0] else MOST_NODES
    every = any_shares(view)
    if len(every) <= MOST_ORDERS:
        yield every, MOST_NODES


@dataclass(frozen=True, slots=True)
class _Effort:
    """How long to search: the time left, the objective that is good enough, the gap and branches allowed."""

    patience: Patience
    enough: Decimal
    gap: float
    node_limit: int | None = None


def _audited(view: Survey, windows: Mapping[OrderKey, ShareWindow], effort: _Effort) -> WholePlan | Sequence[str]:
    """Return the best plan inside the windows that the audit passes; without one, what the others break."""
    breaches: Sequence[str] = ()
    patience = effort.patience
    for margin, gain_margin in MARGINS:
        program = build_program(view, windows, margin=margin, gain_margin=gain_margin)
        solution = program.milp.solve(absolute_gap=effort.gap, node_limit=effort.node_limit, time_limit=patience.left)
        patience.spend(solution.seconds)
        plans = []
        for whole_lots in (True, False) if solution.found else ():
            fills = fills_of(view, program.shares(solution), whole_lots=whole_lots)
            broken = audit_trades(view.case, trades_of(fills))
            breaches = broken or breaches
            if not broken:
                plans.append(WholePlan(fills, figures(view, fills)))
        if plans:  # parts of a lot are whole shares too, unless that costs more than a plan may be off
            return plans[0] if plans[0].objective <= effort.enough else min(plans, key=lambda p: p.objective)
        if patience.over:
            break
    return breaches
