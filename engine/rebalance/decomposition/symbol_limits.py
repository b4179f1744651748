"""Limits on one symbol over all accounts, as rows that events use: daily volume, and the size of a position."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from engine.rebalance.decomposition.segments import Segment, Segments
from engine.rebalance.eligibility import Survey, shares_left
from engine.rebalance.milp import Floats, Ints
from engine.rebalance.orders import UNIT

NO_ROW = -1


@dataclass(frozen=True, slots=True, eq=False)
class SymbolLimits:
    """Dollars that each row allows (`most`, UNIT), and for each kind of limit the row and sign of every event.

    Volume counts what is bought and what is sold; a position counts purchases less sales.
    """

    most: Floats
    of_event: tuple[tuple[Ints, Floats], ...]

    @classmethod
    def of(cls, survey: Survey, segments: Segments, event_segment: Ints) -> "SymbolLimits":
        """Return the limits that the segments could exceed."""
        by_symbol: dict[str, list[Segment]] = {}
        for segment in segments.all:
            by_symbol.setdefault(segment.position.security.symbol, []).append(segment)
        most: list[float] = []
        volume, position = (
            _rows(by_symbol, limits, most) for limits in (_volume(survey, by_symbol), _position(survey, by_symbol))
        )
        symbols = [segment.position.security.symbol for segment in segments.all]
        signs = np.array([1.0 if segment.lot is None else -1.0 for segment in segments.all])
        kinds: list[tuple[Ints, Floats]] = []
        for rows, sign in ((volume, np.ones(len(symbols))), (position, signs)):
            if rows:
                row = np.array([rows.get(symbol, NO_ROW) for symbol in symbols], dtype=np.int32)
                kinds.append((row[event_segment], sign[event_segment]))
        return cls(np.array(most), tuple(kinds))


def _rows(
    by_symbol: dict[str, list[Segment]], limits: Iterable[tuple[str, float, bool]], most: list[float]
) -> dict[str, int]:
    """Number the limits that can be exceeded; `True` = sales count as well as purchases."""
    rows: dict[str, int] = {}
    for symbol, limit, with_sales in limits:
        reach = sum(s.dollars for s in by_symbol[symbol] if with_sales or s.lot is None)
        if reach > limit:
            rows[symbol] = len(most)
            most.append(limit)
    return rows


def _volume(survey: Survey, by_symbol: dict[str, list[Segment]]) -> Iterable[tuple[str, float, bool]]:
    if survey.lifted:
        return
    for symbol, segments in by_symbol.items():
        security = segments[0].position.security
        shares = shares_left(survey, security)
        if shares is not None:
            yield symbol, float(shares * security.price) / UNIT, True


def _position(survey: Survey, by_symbol: dict[str, list[Segment]]) -> Iterable[tuple[str, float, bool]]:
    """Yield the room of each symbol that is under its cap; one above it may be sold, which needs no row."""
    cap = survey.case.policy.max_position
    if cap is None or survey.lifted:
        return
    held: dict[str, Decimal] = {}
    for position in survey.positions:
        symbol = position.security.symbol
        held[symbol] = held.get(symbol, Decimal(0)) + position.value
    for symbol in by_symbol:
        room = cap * survey.value - held[symbol]
        if room >= 0:
            yield symbol, float(room) / UNIT, False
