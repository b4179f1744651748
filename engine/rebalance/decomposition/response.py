"""The best answer of every class, in every mode, to given prices of cash, turnover and gains: sorted once, read off.

In one mode a class's cost is convex: lots are sold and purchases made in order of what a dollar of them costs, as
far as the distance from the target pays for it. All modes of all classes are answered in one pass over flat arrays.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.portfolio import CASH_CLASS
from engine.rebalance.decomposition.modes import Limit, Mode, Option
from engine.rebalance.decomposition.segments import Segments
from engine.rebalance.decomposition.symbol_limits import SymbolLimits
from engine.rebalance.eligibility import Survey
from engine.rebalance.milp import Floats, Ints
from engine.rebalance.orders import UNIT

FORCED = -1e9
"""A threshold under which a lot is sold whatever it costs."""
IMPOSSIBLE = 1e9
"""The cost of a mode that its limits rule out."""


_BANDS = np.array([0.0, -1.0, -0.5, 0.5, 1.0, 0.0])
_BEYOND = np.array([-np.inf, 0.0, 0.0, 0.0, 0.0, np.inf])
"""Where each step of the drift's slope ends: bands from the target, or nowhere."""


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """What a dollar is worth: of cash in each account, of turnover (>= 0), of short- and of long-term gain.

    `limits` (>= 0) are by row of the table's limits on symbols.
    """

    cash: Floats
    turnover: float
    short: float
    long: float
    limits: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """What every mode does at some prices: dollars by event, and by mode the class's value after and the cost.

    `short` and `long` are what a dollar of each event counts as gain.
    """

    dollars: Floats
    after: Floats
    cost: Floats
    short: Floats
    long: Floats
    source: Ints
    """The event that each event is a part of: itself, but for the spare ones."""


@dataclass(frozen=True, slots=True, eq=False)
class _Limited:
    """The limits of a mode on its events. `spare` is an empty event that takes the part of one that is not forced."""

    mode: int
    at_least: tuple[Ints, float] | None
    at_most: tuple[Ints, float] | None
    spare: int


@dataclass(frozen=True, slots=True, eq=False)
class Drift:
    """Classes' distance from target, priced: nothing in the inner half-band, then two slopes. Dollars in UNIT."""

    target: Floats
    band: Floats
    inside: float
    outside: float

    def cost(self, value: Floats) -> Floats:
        """Return the cost of each class at `value`."""
        away = np.abs(value - self.target)
        near = np.clip(np.minimum(away, self.band) - self.band / 2, 0.0, None)
        priced: Floats = self.inside * near + self.outside * np.clip(away - self.band, 0.0, None)
        return priced

    def floor(self, slope: Floats) -> Floats:
        """Return the value down to which leaving a class pays more than `slope` a dollar."""
        edges = (-self.outside, -self.inside, 0.0, self.inside, self.outside)
        step = np.searchsorted(edges, slope, side="right")
        floor: Floats = self.target + _BANDS[step] * self.band + _BEYOND[step]
        return floor

    def of(self, places: Ints) -> "Drift":
        """Return the same for classes picked by place."""
        return Drift(self.target[places], self.band[places], self.inside, self.outside)


class ModeTable:
    """All modes of all classes as flat arrays of events; an event is a segment, or a part of one, in one mode."""

    def __init__(self, survey: Survey, segments: Segments, modes: Sequence[Mode]) -> None:
        self.modes = modes
        self.classes = tuple(dict.fromkeys(mode.asset_class for mode in modes))
        self.count = len(modes)
        self.accounts = len(survey.case.accounts)
        self._limits: list[_Limited] = []
        self.forced = np.array([any(o.at_least is not None for o in mode.options) for mode in modes], dtype=bool)
        place = {name: number for number, name in enumerate(self.classes)}
        self.class_of: Ints = np.array([place[mode.asset_class] for mode in modes], dtype=np.int32)
        self.first: Ints = np.searchsorted(self.class_of, np.arange(len(self.classes))).astype(np.int32)
        self._lay_out(survey, segments)
        views = [survey.classes[name] for name in self.classes]
        policy = survey.case.policy
        self.before = np.array([float(view.value) for view in views]) / UNIT
        self.drift = Drift(
            np.array([float(view.target_value) for view in views]) / UNIT,
            np.array([float(view.band) for view in views]) / UNIT,
            float(policy.drift_rate_inside),
            float(policy.drift_rate_outside),
        )
        cap = None if policy.class_cap is None or survey.lifted else float(policy.class_cap * survey.value) / UNIT
        self._cap = np.full(len(views), np.inf) if cap is None else np.where(self.before > cap, np.inf, cap)
        self._drift_of_event = self.drift.of(self.class_of[self.mode_of])
        self._drift_of_mode = self.drift.of(self.class_of)
        bought = totals(self.mode_of, np.where(self.is_sale, 0.0, self.dollars), self.count)
        self._highest = self.before[self.class_of] + bought

    def _lay_out(self, survey: Survey, segments: Segments) -> None:
        rows: list[tuple[int, int, float, float, float]] = []
        for number, mode in enumerate(self.modes):
            for option in mode.options:
                start = len(rows)
                rows += _events(segments, option, number)
                if option.at_least or option.at_most:
                    self._limits.append(_limited(rows, option, number, start))
                    rows.append((number, option.segments[0], 0.0, 0.0, 0.0))
        table = np.array(rows, dtype=np.float64).reshape(-1, 5)
        self.mode_of: Ints = table[:, 0].astype(np.int32)
        self.segment: Ints = table[:, 1].astype(np.int32)
        self.dollars, self._short, self._long = (np.ascontiguousarray(table[:, i]) for i in (2, 3, 4))
        self._itself: Ints = np.arange(len(rows), dtype=np.int32)
        each = segments.all
        self.is_sale = np.array([s.lot is not None for s in each], dtype=bool)[self.segment]
        self.account: Ints = np.array([s.account for s in each], dtype=np.int32)[self.segment]
        self.spread = np.array([s.spread for s in each])[self.segment]
        self.holding = np.array([s.holding for s in each])[self.segment]
        self.symbol_limits = SymbolLimits.of(survey, segments, self.segment)
        constants = [[sum(o.constant[i] for o in mode.options) for mode in self.modes] for i in (0, 1)]
        self._constant_short, self._constant_long = np.array(constants[0]), np.array(constants[1])

    def respond(self, prices: Prices) -> Response:
        """Return the best dollars of every mode at these prices."""
        cash = prices.cash[self.account]
        sale = prices.short * self._short + prices.long * self._long - self.holding - cash * (1.0 - self.spread)
        unit = self.spread + prices.turnover + np.where(self.is_sale, sale, self.holding + cash * (1.0 + self.spread))
        for row, sign in self.symbol_limits.of_event:
            unit += sign * np.append(prices.limits, 0.0)[row]
        state = _State(np.where(self.is_sale, unit, -unit), self.dollars, unit, self._short, self._long, self._itself)
        impossible = self._apply_limits(state) if self._limits else []
        order = np.lexsort((state.threshold, self.mode_of))
        modes, dollars, threshold = self.mode_of[order], state.dollars[order], state.threshold[order]
        running = np.cumsum(dollars) - dollars
        starts = np.minimum(np.searchsorted(modes, np.arange(self.count)), max(0, modes.size - 1))
        drift = self._drift_of_event  # events of one mode share it, so that their order does not matter
        floor = np.minimum(drift.floor(threshold), self._cap[self.class_of[modes]])
        # what leaves the class: of a lot what is sold, of a purchase what is not made
        left = np.empty_like(dollars)
        left[order] = np.clip(self._highest[modes] - (running - running[starts][modes]) - floor, 0.0, dollars)
        made = np.where(self.is_sale, left, state.dollars - left)
        after = self._highest - totals(self.mode_of, left, self.count)
        cost = totals(self.mode_of, state.unit * made, self.count)
        cost += self._drift_of_mode.cost(after)
        cost += prices.short * self._constant_short + prices.long * self._constant_long
        cost[impossible] = IMPOSSIBLE
        return Response(made, after, cost, state.short, state.long, state.source)

    def columns(self, response: Response, modes: Ints) -> "Columns":
        """Return what the chosen modes cost before any price, and what they move."""
        place = np.full(self.count, -1, dtype=np.int64)
        place[modes] = np.arange(modes.size)
        among = place[self.mode_of] >= 0
        at, dollars, sale = place[self.mode_of[among]], response.dollars[among], self.is_sale[among]
        source = response.source[among]
        spread, holding, account = self.spread[source], self.holding[source], self.account[source]

        def total(weights: Floats) -> Floats:
            return totals(at, weights, modes.size)

        flow = dollars * np.where(sale, 1.0 - spread, -1.0 - spread)
        by_account = totals(at * self.accounts + account, flow, modes.size * self.accounts)
        drift = self.drift.of(self.class_of[modes]).cost(response.after[modes])
        rows = self.symbol_limits.most.size
        used = np.zeros((modes.size, rows + 1))
        for row, sign in self.symbol_limits.of_event if rows else ():
            np.add.at(used, (at, row[source]), dollars * sign[source])
        return Columns(
            total(dollars * (spread + np.where(sale, -holding, holding))) + drift,
            total(dollars * sale * response.short[among]) + self._constant_short[modes],
            total(dollars * sale * response.long[among]) + self._constant_long[modes],
            by_account.reshape(modes.size, self.accounts),
            total(dollars),
            used[:, :rows],
        )

    def _apply_limits(self, state: "_State") -> list[int]:
        """Hold events to the limits of their modes, cheapest first; return the modes whose limits cannot be met."""
        state.own()
        impossible: list[int] = []
        for limit in self._limits:
            if limit.at_most is not None:
                events, most = limit.at_most
                ordered = events[np.argsort(state.threshold[events], kind="stable")]
                before = np.cumsum(state.dollars[ordered]) - state.dollars[ordered]
                state.dollars[ordered] = np.clip(most - before, 0.0, state.dollars[ordered])
            if limit.at_least is not None and not _force(state, *limit.at_least, limit.spare):
                impossible.append(limit.mode)
        return impossible


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """What modes do: cost before any price, gains, change of each account's cash (modes x accounts), dollars traded.

    `limits` is what they use of each limit on a symbol (modes x limits).
    """

    cost: Floats
    short: Floats
    long: Floats
    cash: Floats
    traded: Floats
    limits: Floats


@dataclass(slots=True, eq=False)
class _State:
    """Events while limits are applied: threshold, dollars, cost a dollar, gains a dollar."""

    threshold: Floats
    dollars: Floats
    unit: Floats
    short: Floats
    long: Floats
    source: Ints

    def own(self) -> None:
        self.dollars, self.short, self.long = self.dollars.copy(), self.short.copy(), self.long.copy()
        self.source = self.source.copy()


def _force(state: _State, events: Ints, least: float, spare: int) -> bool:
    """Force the cheapest events up to `least` dollars; the rest of the last one goes to the spare event."""
    ordered = events[np.argsort(state.threshold[events], kind="stable")]
    running = np.cumsum(state.dollars[ordered])
    if not running.size or running[-1] < least - 1e-9:
        return False
    last = int(np.searchsorted(running, least - 1e-12))
    event, rest = ordered[last], running[last] - least
    if rest > 1e-12:
        for values in (state.threshold, state.unit, state.short, state.long):
            values[spare] = values[event]
        state.source[spare] = event
        state.dollars[spare] = rest
        state.dollars[event] -= rest
    state.threshold[ordered[: last + 1]] = FORCED
    return True


def _events(segments: Segments, option: Option, mode: int) -> Iterator[tuple[int, int, float, float, float]]:
    for number in option.segments:
        segment = segments.all[number]
        short, long = option.counted.get(number, segment.counted)
        part = option.in_window.get(number, 0.0)
        if part > 0:
            back = option.given_back
            yield mode, number, segment.dollars * part, short + back[0], long + back[1]
        if part < 1:
            yield mode, number, segment.dollars * (1.0 - part), short, long


def _limited(rows: Sequence[tuple[int, int, float, float, float]], option: Option, mode: int, start: int) -> _Limited:
    """Return the limits of an option on its events, those of window lots being the part in the window."""

    def found(limit: Limit | None) -> tuple[Ints, float] | None:
        if limit is None:
            return None
        wanted = set(limit.segments)
        events: dict[int, int] = {}
        for event in range(start, len(rows)):
            if rows[event][1] in wanted:
                events.setdefault(rows[event][1], event)
        return np.array(sorted(events.values()), dtype=np.int32), limit.dollars

    return _Limited(mode, found(option.at_least), found(option.at_most), len(rows))


def totals(places: NDArray[np.integer], amounts: Floats, count: int) -> Floats:
    """Return the sum of the amounts at each of `count` places."""
    return np.bincount(places, weights=amounts, minlength=count).astype(np.float64, copy=False)


def cash_drift(survey: Survey) -> Drift:
    """Return the drift of the class cash, which couples all accounts."""
    view, policy = survey.classes[CASH_CLASS], survey.case.policy
    return Drift(
        np.array([float(view.target_value)]) / UNIT,
        np.array([float(view.band)]) / UNIT,
        float(policy.drift_rate_inside),
        float(policy.drift_rate_outside),
    )
