"""The search over modes: a proven bound from the mixed answers, then a plan in which each class has one mode.

Column generation (Dantzig and Wolfe 1960; Barnhart et al. 1998) gives the bound at the root. Where classes are mixed
of several modes, the search fixes the heaviest one and branches best first. It counts nodes, not seconds: the
same case gives the same answer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush

import numpy as np

from engine.portfolio import Side
from engine.rebalance.decomposition.corners import Corners, corners_of
from engine.rebalance.decomposition.master import Flags, Master, Mix, Unsolved
from engine.rebalance.decomposition.modes import modes_of
from engine.rebalance.decomposition.response import ModeTable, Prices, Response, totals
from engine.rebalance.decomposition.segments import Segment, Segments, segments_of
from engine.rebalance.eligibility import Survey
from engine.rebalance.milp import Floats
from engine.rebalance.orders import UNIT, OrderKey

MOST_NODES = 60
"""Nodes of the search, after which it hands on what it has."""
MOST_ROUNDS = 60
"""Rounds of prices in a node."""
NEAR = 30.0 / UNIT
"""What a class's answer may cost more than its best one for its orders to be near."""
ONE_MODE = 1e-6
"""Weight of other modes that counts as none."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known of a case before its plan: no plan costs less than `bound`, and where the best ones lie.

    `objective` is the cost of the plan that the search found in continuous shares, before minimum trades; infinite
    without one. `shares` are its orders, for a sale by sellable lot. `near` are the
    orders of plans close to it and `near_lots` the lots they sell, by id. `prices` are those of the bound. UNIT
    dollars. `short_of_cash` = an account cannot raise its cash, or the search failed: the program has to say.
    """

    bound: float
    objective: float
    shares: Mapping[OrderKey, tuple[float, ...]]
    near: frozenset[OrderKey]
    near_lots: frozenset[str]
    prices: Prices
    short_of_cash: bool


@dataclass(order=True, slots=True)
class _Node:
    """A part of the search: which modes and corners are allowed, its bound, and its mix."""

    bound: float
    number: int
    modes: Flags = field(compare=False)
    corners: Flags = field(compare=False)
    mix: Mix = field(compare=False)


def outlook(
    survey: Survey, *, gap: float, nodes: int = MOST_NODES, start: Prices | None = None, fine: bool = False
) -> Outlook | None:
    """Return the outlook of a surveyed case to within `gap` (UNIT dollars) where it can be had; None = no trades.

    `nodes` ends the search; `start` are prices of a case much like it, if there is one. `fine` tells more wash-sale
    patterns apart, which takes longer and proves more where a group has many lots.
    """
    if survey.value <= 0:  # what is withdrawn is more than there is: bands have no width
        return None
    segments = segments_of(survey)
    modes = modes_of(survey, segments, fine=fine)
    if not modes:
        return None
    search = _Search(survey, segments, ModeTable(survey, segments, modes), gap)
    try:
        return search.run(nodes, start)
    except Unsolved:
        none = Prices(np.zeros(len(survey.case.accounts)), 0.0, 0.0, 0.0, np.zeros(0))
        return Outlook(-float("inf"), float("inf"), {}, frozenset(), frozenset(), none, short_of_cash=True)


class _Search:
    def __init__(self, survey: Survey, segments: Segments, table: ModeTable, gap: float) -> None:
        self._survey, self._segments, self._table, self._gap = survey, segments, table, gap
        self._corners: Corners = corners_of(survey, segments.all)
        self._master = Master(survey, table, self._corners)
        self._responses: list[Response] = []
        self._column_mode: list[int] = []
        self._column_response: list[int] = []
        self._holding = segments.holding
        self._nodes = 0
        self._best = float("inf")
        self._closed = float("inf")
        """The least bound of the parts that are not searched further."""
        self._used: Mix | None = None
        self._close: tuple[Response, Flags] | None = None

    def run(self, nodes: int, start: Prices | None) -> Outlook:
        """Search until the gap is met or the nodes are used up."""
        everything = np.ones(self._table.count, dtype=bool)
        for prices in self._first_prices(start):
            self._price(prices, everything, None)
        root = self._node(everything, np.ones(self._corners.tax.size, dtype=bool), -float("inf"))
        if root.mix.missing > 1e-7:
            return Outlook(root.bound, float("inf"), {}, frozenset(), frozenset(), root.mix.prices, short_of_cash=True)
        self._dive(root)
        waiting = [root]
        while waiting and self._nodes < nodes and waiting[0].bound < self._best - self._gap:
            for child in self._children(heappop(waiting)):
                heappush(waiting, child)
        bound = min([self._best, self._closed, *(node.bound for node in waiting)])
        return Outlook(bound, self._best, self._plan(), *self._near(), root.mix.prices, short_of_cash=False)

    def _first_prices(self, start: Prices | None) -> Iterable[Prices]:
        """Yield guesses to start from: those given, or each rate of the tax, cash worth what it is."""
        free = np.zeros(self._table.symbol_limits.most.size)
        if start is not None:
            yield replace(start, turnover=0.0, limits=free)
            return
        tax = self._survey.case.tax
        deferred = float(tax.deferred_tax_rate)
        rates = sorted({float(r) for r in (tax.loss_carry_rate, tax.ordinary_rate, tax.long_term_rate)})
        cash = np.zeros(self._table.accounts)
        for rate in rates:
            short = float(tax.short_term_rate) if rate == float(tax.long_term_rate) else rate
            yield Prices(cash, 0.0, short - deferred, rate - deferred, free)

    def _node(self, modes: Flags, corners: Flags, least: float) -> _Node:
        """Solve a part of the search by column generation; `least` is its parent's bound."""
        self._nodes += 1
        self._allow(modes, corners)
        bound = least
        mix = self._master.solve()
        for _ in range(MOST_ROUNDS):
            if mix.objective + self._holding - bound < self._gap / 2 or bound >= self._best - self._gap:
                break
            bound = max(bound, self._bound(mix.prices, modes, corners, mix.worth))
            mix = self._master.solve()
        return _Node(bound, self._nodes, modes, corners, mix)

    def _allow(self, modes: Flags, corners: Flags) -> None:
        idle = np.logical_or.reduceat(modes & ~self._table.forced, self._table.first)
        self._master.allow(modes[np.array(self._column_mode, dtype=np.int64)], idle, corners)

    def _price(self, prices: Prices, modes: Flags, worth: Floats | None) -> Floats:
        """Let the classes answer, add the answers that pay as columns, and return each class's least cost."""
        table = self._table
        response = table.respond(prices)
        cost = np.where(modes, response.cost, np.inf)
        least = np.minimum.reduceat(cost, table.first)
        top = least[table.class_of]
        pays = cost <= top + 1e-12 if worth is None else (cost < worth[table.class_of] - 1e-9) & (cost <= top + 0.02)
        if self._nodes == 1:
            self._close = (response, cost <= top + NEAR)
        chosen = np.nonzero(pays & np.isfinite(cost))[0].astype(np.int32)
        if chosen.size:
            self._master.add(table.class_of[chosen], table.columns(response, chosen))
            self._column_mode += chosen.tolist()
            self._column_response += [len(self._responses)] * chosen.size
            self._responses.append(response)
        return least

    def _bound(self, prices: Prices, modes: Flags, corners: Flags, worth: Floats) -> float:
        """Return what no plan of a node can cost less than (the Lagrangian of its prices)."""
        least = self._price(prices, modes, worth)
        taxes = self._corners.tax - prices.short * self._corners.short - prices.long * self._corners.long
        cash = self._master.cash
        whole = float(least.sum()) + float(taxes[corners].min()) + cash.best(prices.cash) - cash.given(prices)
        return whole + self._holding

    def _weights(self, mix: Mix) -> Floats:
        """Return the weight of each mode; doing nothing is part of those that force no sale."""
        column_modes = np.array(self._column_mode[: mix.weights.size], dtype=np.int64)
        return totals(column_modes, mix.weights, self._table.count)

    def _spread(self, mix: Mix) -> Floats:
        """Return by class the weight that is not on its heaviest mode."""
        weights, first = self._weights(mix), self._table.first
        spread = np.add.reduceat(weights, first) - np.maximum.reduceat(weights, first)
        forced = np.maximum.reduceat(np.where(self._table.forced, weights, 0.0), first) > ONE_MODE
        split: Floats = np.where(forced, spread + mix.idle, spread)
        return split

    def _dive(self, node: _Node) -> None:
        """Fix every class to its heaviest mode, and the tax to its region, and take the plan if it is the best."""
        weights = self._weights(node.mix)
        heaviest = weights >= np.maximum.reduceat(weights, self._table.first)[self._table.class_of] - 1e-12
        first = np.zeros_like(heaviest)
        places = np.nonzero(heaviest)[0]
        first[places[np.unique(self._table.class_of[places], return_index=True)[1]]] = True
        modes = first & node.modes
        for region in self._regions(node)[:1]:
            self._take(self._node(modes, self._only(region) & node.corners, node.bound))

    def _take(self, node: _Node) -> bool:
        """Keep the node's plan when each class has one mode and the tax lies in one region; say whether it has."""
        if self._spread(node.mix).max() > ONE_MODE or not self._in_one_region(node.mix):
            return False
        cost = node.mix.objective + self._holding
        if cost < self._best and node.mix.missing < 1e-7:
            self._best, self._used = cost, node.mix
        return True

    def _children(self, node: _Node) -> list[_Node]:
        """Return the parts of a node that can still hold a better plan."""
        parts: list[tuple[Flags, Flags]] = []
        weights = self._weights(node.mix)
        spread = self._spread(node.mix)
        widest = int(np.argmax(spread))
        if spread[widest] > ONE_MODE:
            of_class = self._table.class_of == widest
            heaviest = int(np.argmax(np.where(of_class, weights, -1.0)))
            with_it, without = node.modes & ~of_class, node.modes.copy()
            with_it[heaviest], without[heaviest] = True, False
            parts += [(with_it, node.corners), (without, node.corners)]
        elif not self._in_one_region(node.mix):
            parts += [(node.modes, self._only(region) & node.corners) for region in self._regions(node)]
        children = []
        for modes, corners in parts:
            possible = np.logical_or.reduceat(modes, self._table.first).all() and corners.any()
            if not possible:
                continue
            child = self._node(modes, corners, node.bound)
            if not self._take(child) and child.bound < self._best - self._gap:
                children.append(child)
            else:
                self._closed = min(self._closed, child.bound)
        return children

    def _only(self, region: tuple[int, ...]) -> Flags:
        flags = np.zeros(self._corners.tax.size, dtype=bool)
        flags[list(region)] = True
        return flags

    def _in_one_region(self, mix: Mix) -> bool:
        used = set(np.nonzero(mix.corners > ONE_MODE)[0].tolist())
        return any(used <= set(region) for region in self._corners.regions)

    def _regions(self, node: _Node) -> list[tuple[int, ...]]:
        """Return the regions of the tax, the one that carries most of the mix first."""
        allowed = [r for r in self._corners.regions if node.corners[list(r)].any()]
        return sorted(allowed, key=lambda region: -float(node.mix.corners[list(region)].sum()))

    def _near(self) -> tuple[frozenset[OrderKey], frozenset[str]]:
        """Return the orders and lots of the classes' answers at the last prices of the root, near the best ones."""
        if self._close is None:
            return frozenset(), frozenset()
        response, modes = self._close
        table = self._table
        events = np.nonzero(modes[table.mode_of] & (response.dollars > ONE_MODE))[0]
        used = [self._segments.all[i] for i in np.unique(table.segment[response.source[events]])]
        orders = frozenset((*s.position.key, Side.BUY if s.lot is None else Side.SELL) for s in used)
        return orders, frozenset(s.lot.lot.id for s in used if s.lot is not None)

    def _plan(self) -> Mapping[OrderKey, tuple[float, ...]]:
        """Return the orders of the best plan."""
        if self._used is None:
            return {}
        table, count = self._table, len(self._segments.all)
        dollars = np.zeros(count)
        for column in np.nonzero(self._used.weights > ONE_MODE)[0]:
            response = self._responses[self._column_response[column]]
            own = np.nonzero(table.mode_of == self._column_mode[column])[0]
            part = totals(table.segment[response.source[own]], response.dollars[own], count)
            dollars += self._used.weights[column] * part
        return shares_of(self._survey, self._segments, dollars, self._used.prices)


def shares_of(survey: Survey, segments: Segments, dollars: Floats, prices: Prices) -> dict[OrderKey, tuple[float, ...]]:
    """Return dollars by segment as shares by order, for a sale by sellable lot.

    Where a mix sells parts of several lots of a position, the cheapest at these prices are sold first: the position
    sells the same dollars and the plan costs no more. Where a wash sale is priced, the parts stay as they are.
    """
    sales: dict[tuple[str, str], list[tuple[Segment, float]]] = {}
    orders: dict[OrderKey, tuple[float, ...]] = {}
    for number in np.nonzero(dollars > 1e-9)[0]:
        segment, amount = segments.all[int(number)], float(dollars[number])
        if segment.lot is None:
            key = (*segment.position.key, Side.BUY)
            orders[key] = (amount * UNIT / float(segment.position.security.price),)
        else:
            sales.setdefault(segment.position.key, []).append((segment, amount))
    for place, sold in sales.items():
        position = sold[0][0].position
        if position.security.group not in survey.windows and sum(part < s.dollars - 1e-9 for s, part in sold) > 1:
            refilled = _cheapest_first(sold, prices)
        else:
            refilled = sold
        price = float(position.security.price)
        by_lot = {s.lot.lot.id: part * UNIT / price for s, part in refilled if s.lot is not None}
        orders[*place, Side.SELL] = tuple(by_lot.get(view.lot.id, 0.0) for view in position.sellable)
    return orders


def _cheapest_first(sold: list[tuple[Segment, float]], prices: Prices) -> list[tuple[Segment, float]]:
    left = sum(part for _, part in sold)
    refilled = []
    for segment, _ in sorted(sold, key=lambda pair: prices.short * pair[0].short + prices.long * pair[0].long):
        part = min(left, segment.dollars)
        left -= part
        refilled.append((segment, part))
    return refilled
