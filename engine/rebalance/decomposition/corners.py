"""The tax of the year as the corners of its linear regions: Schedule D over all results that a plan can reach."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.rebalance.decomposition.segments import Segment
from engine.rebalance.eligibility import Survey
from engine.rebalance.milp import Floats
from engine.rebalance.orders import UNIT
from engine.tax.schedule_d import deduction_room, tax_of_year, year_so_far

Point = tuple[float, float]
HalfPlane = tuple[float, float, float]
"""a, b, c of a x short + b x long <= c."""


@dataclass(frozen=True, slots=True, eq=False)
class Corners:
    """Realised (short, long) at each corner and the tax there above the tax so far, less the deferred part.

    `regions` are the numbers of the corners of each region, in which the tax is linear. Dollars in UNIT.
    """

    short: Floats
    long: Floats
    tax: Floats
    regions: tuple[tuple[int, ...], ...]

    def best(self, short_price: float, long_price: float) -> float:
        """Return the least tax where a dollar of short-term gain is worth `short_price`, of long-term `long_price`."""
        return float((self.tax - short_price * self.short - long_price * self.long).min())


def corners_of(survey: Survey, segments: Sequence[Segment]) -> Corners:
    """Return the corners of the tax within what the segments can realise and the policy allows."""
    tax, policy = survey.case.tax, survey.case.policy
    start = year_so_far(tax)
    short0, long0 = float(start.short_term) / UNIT, float(start.long_term) / UNIT
    box = _reach(segments)
    limits: list[HalfPlane] = []
    if policy.max_net_gain is not None and not survey.lifted:
        left = max(0.0, float(policy.max_net_gain - tax.ytd_short_term - tax.ytd_long_term) / UNIT)
        limits.append((1.0, 1.0, short0 + long0 + left))
    if policy.max_short_term_gain is not None and not survey.lifted:
        left = max(0.0, float(policy.max_short_term_gain - tax.ytd_short_term) / UNIT)
        limits.append((1.0, 0.0, short0 + left))
    low, high = (short0 + box[0][0], long0 + box[1][0]), (short0 + box[0][1], long0 + box[1][1])
    whole = [low, (high[0], low[1]), high, (low[0], high[1])]
    deferred, before = float(tax.deferred_tax_rate), float(tax_of_year(start, tax)) / UNIT
    points: dict[Point, int] = {}
    taxes: list[float] = []
    regions: list[tuple[int, ...]] = []
    for halves, short_rate, long_rate, fixed in _regions(survey):
        corners: list[int] = []
        here = list(limits)
        if policy.max_tax is not None and not survey.lifted:
            here.append((short_rate, long_rate, float(policy.max_tax) / UNIT + before - fixed))
        for short, long in _clipped(whole, (*halves, *here)):
            tax_here = short_rate * short + long_rate * long + fixed - before
            key = (round(short - short0, 10), round(long - long0, 10))
            if key not in points:
                points[key] = len(points)
                taxes.append(tax_here - deferred * sum(key))
            corners.append(points[key])
        if corners:
            regions.append(tuple(sorted(set(corners))))
    places = np.array(list(points), dtype=np.float64).reshape(-1, 2)
    return Corners(places[:, 0].copy(), places[:, 1].copy(), np.array(taxes), tuple(regions))


def _reach(segments: Sequence[Segment]) -> tuple[Point, Point]:
    """Return the least and the most short- and long-term gain of selling."""
    gains = np.array([(s.dollars * s.short, s.dollars * s.long) for s in segments]).reshape(-1, 2)
    lows, highs = np.minimum(gains, 0.0).sum(axis=0), np.maximum(gains, 0.0).sum(axis=0)
    return (float(lows[0]), float(highs[0])), (float(lows[1]), float(highs[1]))


def _regions(survey: Survey) -> tuple[tuple[tuple[HalfPlane, ...], float, float, float], ...]:
    """Return each region of Schedule D, its rates on (short, long) and what is added."""
    tax = survey.case.tax
    short, long = float(tax.short_term_rate), float(tax.long_term_rate)
    ordinary, carry = float(tax.ordinary_rate), float(tax.loss_carry_rate)
    room = float(deduction_room(tax)) / UNIT
    gain_net = (-1.0, -1.0, 0.0)
    return (
        (((-1.0, 0.0, 0.0), (0.0, -1.0, 0.0)), short, long, 0.0),
        (((1.0, 0.0, 0.0), (0.0, -1.0, 0.0), gain_net), long, long, 0.0),
        (((-1.0, 0.0, 0.0), (0.0, 1.0, 0.0), gain_net), short, short, 0.0),
        (((1.0, 1.0, 0.0), (-1.0, -1.0, room)), ordinary, ordinary, 0.0),
        (((1.0, 1.0, -room),), carry, carry, -(ordinary - carry) * room),
    )


def _clipped(polygon: Sequence[Point], halves: Sequence[HalfPlane]) -> Sequence[Point]:
    """Return the part of a convex polygon that lies in every half-plane (Sutherland and Hodgman 1974)."""
    for a, b, c in halves:
        kept: list[Point] = []
        for here, there in zip(polygon, [*polygon[1:], *polygon[:1]], strict=True):
            out_here, out_there = a * here[0] + b * here[1] - c, a * there[0] + b * there[1] - c
            if out_here <= 1e-12:
                kept.append(here)
            if (out_here < -1e-12 and out_there > 1e-12) or (out_here > 1e-12 and out_there < -1e-12):
                part = out_here / (out_here - out_there)
                kept.append((here[0] + part * (there[0] - here[0]), here[1] + part * (there[1] - here[1])))
        polygon = kept
        if not polygon:
            break
    return polygon
