"""Brinson attribution: how much of an excess return came from weights, how much from what was held in each class.

Allocation as Brinson and Fachler (1985), Measuring Non-US Equity Portfolio Performance, against the benchmark's
whole return; selection and interaction as Brinson, Hood and Beebower (1986), Determinants of Portfolio Performance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from engine.research.linking import Excess, compound, excess_return, linking_coefficients
from engine.research.metrics import Floats


@dataclass(frozen=True, slots=True)
class ClassPeriod:
    """One class in one period, which ends on `period`. Weights are of its beginning, fractions of each portfolio.

    A return may be None where the weight is zero: the other side's return stands for it, so that nothing of it is
    selection.
    """

    period: date
    asset_class: str
    portfolio_weight: float
    benchmark_weight: float
    portfolio_return: float | None
    benchmark_return: float | None


@dataclass(frozen=True, slots=True)
class Effects:
    """Parts of an excess return, fractions; their sum is `total`."""

    allocation: float
    selection: float
    interaction: float

    @property
    def total(self) -> float:
        """The sum of the three."""
        return self.allocation + self.selection + self.interaction


@dataclass(frozen=True, slots=True)
class ClassEffects:
    """A class over the whole time, linked."""

    asset_class: str
    linked: Effects


@dataclass(frozen=True, slots=True)
class CellEffects:
    """A class in one period: its own effects, and what they add to the whole time."""

    asset_class: str
    own: Effects
    linked: Effects


@dataclass(frozen=True, slots=True)
class PeriodEffects:
    """A period over all classes: both returns, its own effects, what they add to the whole time, and its classes."""

    period: date
    portfolio_return: float
    benchmark_return: float
    own: Effects
    linked: Effects
    classes: tuple[CellEffects, ...]


@dataclass(frozen=True, slots=True)
class Attribution:
    """The whole time. `total` sums to `excess`, and so do the linked effects of all periods and of all classes."""

    kind: Excess
    portfolio_return: float
    benchmark_return: float
    excess: float
    total: Effects
    classes: tuple[ClassEffects, ...]
    periods: tuple[PeriodEffects, ...]


@dataclass(frozen=True, slots=True, eq=False)
class BrinsonArrays:
    """The effects of each period (down) and class (across), and both returns of each period."""

    allocation: Floats
    selection: Floats
    interaction: Floats
    portfolio: Floats
    benchmark: Floats


def brinson(weights: tuple[Floats, Floats], returns: tuple[Floats, Floats]) -> BrinsonArrays:
    """Return the effects, given weights and returns of (portfolio, benchmark), periods down and classes across.

    allocation = (wp - wb) (rb - B), selection = wb (rp - rb), interaction = (wp - wb) (rp - rb), B being the
    benchmark's return in the period. Where both weights sum to the same, the effects sum to the excess return.
    """
    active, better = weights[0] - weights[1], returns[0] - returns[1]
    portfolio, benchmark = (np.einsum("tc,tc->t", w, r) for w, r in zip(weights, returns, strict=True))
    return BrinsonArrays(
        allocation=active * (returns[1] - benchmark[:, None]),
        selection=weights[1] * better,
        interaction=active * better,
        portfolio=portfolio,
        benchmark=benchmark,
    )


def attribute(rows: Sequence[ClassPeriod], kind: Excess = Excess.ARITHMETIC) -> Attribution:
    """Return the attribution of rows in any order, each class at most once a period; a class left out weighs nothing.

    Raises ValueError for no rows, a class twice in a period, weights of a period that do not sum to one, a weight
    without a return, or a portfolio or benchmark that loses everything.
    """
    periods = sorted({row.period for row in rows})
    classes = tuple(dict.fromkeys(row.asset_class for row in rows))
    if not rows:
        raise ValueError("there is nothing to attribute")
    weights, returns = _laid_out(rows, periods, classes)
    found = brinson(weights, returns)
    factors = linking_coefficients(found.portfolio, found.benchmark, kind)[:, None]
    own = np.stack((found.allocation, found.selection, found.interaction))
    linked = own * factors
    portfolio, benchmark = compound(found.portfolio), compound(found.benchmark)
    return Attribution(
        kind=kind,
        portfolio_return=portfolio,
        benchmark_return=benchmark,
        excess=excess_return(portfolio, benchmark, kind),
        total=_effects(linked.sum(axis=(1, 2))),
        classes=tuple(ClassEffects(name, _effects(linked[:, :, c].sum(axis=1))) for c, name in enumerate(classes)),
        periods=tuple(
            PeriodEffects(
                period=period,
                portfolio_return=float(found.portfolio[t]),
                benchmark_return=float(found.benchmark[t]),
                own=_effects(own[:, t].sum(axis=1)),
                linked=_effects(linked[:, t].sum(axis=1)),
                classes=tuple(
                    CellEffects(name, _effects(own[:, t, c]), _effects(linked[:, t, c]))
                    for c, name in enumerate(classes)
                ),
            )
            for t, period in enumerate(periods)
        ),
    )


WHOLE = 1e-6
"""How far the weights of a period may be from a sum of one."""


def _laid_out(
    rows: Sequence[ClassPeriod], periods: Sequence[date], classes: Sequence[str]
) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    shape = (len(periods), len(classes))
    weights, returns = (np.zeros(shape), np.zeros(shape)), (np.zeros(shape), np.zeros(shape))
    at = {period: t for t, period in enumerate(periods)}
    column = {name: c for c, name in enumerate(classes)}
    seen: set[tuple[date, str]] = set()
    for row in rows:
        if (row.period, row.asset_class) in seen:
            raise ValueError(f"{row.asset_class} is twice in {row.period}")
        seen.add((row.period, row.asset_class))
        cell = at[row.period], column[row.asset_class]
        weights[0][cell], weights[1][cell] = row.portfolio_weight, row.benchmark_weight
        returns[0][cell], returns[1][cell] = _returns(row)
    for side, name in zip(weights, ("portfolio", "benchmark"), strict=True):
        off = np.flatnonzero(np.abs(side.sum(axis=1) - 1.0) > WHOLE)
        if off.size:
            total = float(side[off[0]].sum())
            raise ValueError(f"the {name} weights of {periods[off[0]]} sum to {total:.6f}, not to 1")
    return weights, returns


def _returns(row: ClassPeriod) -> tuple[float, float]:
    given = (row.portfolio_return, row.benchmark_return)
    for weight, found, name in zip(
        (row.portfolio_weight, row.benchmark_weight), given, ("portfolio", "benchmark"), strict=True
    ):
        if weight and found is None:
            raise ValueError(f"{row.asset_class} has a {name} weight and no {name} return in {row.period}")
    known = [found for found in given if found is not None] or [0.0]
    portfolio, benchmark = (known[0] if found is None else found for found in given)
    return portfolio, benchmark


def _effects(three: Floats) -> Effects:
    allocation, selection, interaction = three.tolist()
    return Effects(allocation, selection, interaction)
