"""Factor tilts over factor ETFs: a part of stocks in each factor, within limits, momentum or value by volatility."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Factor(StrEnum):
    """What a stock has that others lack, and that has been paid for."""

    VALUE = "value"
    MOMENTUM = "momentum"
    QUALITY = "quality"
    SIZE = "size"
    LOW_VOLATILITY = "low_volatility"


FACTOR_ETFS: Mapping[Factor, str] = MappingProxyType(
    {
        Factor.VALUE: "VLUE",
        Factor.MOMENTUM: "MTUM",
        Factor.QUALITY: "QUAL",
        Factor.SIZE: "SIZE",
        Factor.LOW_VOLATILITY: "USMV",
    }
)
"""The iShares MSCI USA factor funds (prospectuses); an office may name its own."""


@dataclass(frozen=True, slots=True)
class TiltLimits:
    """The largest share of stocks in one factor and in all of them together, fractions."""

    each: float = 0.20
    together: float = 0.50

    def __post_init__(self) -> None:
        """Raise ValueError for limits that are no fractions."""
        if not 0 <= self.each <= 1 or not 0 <= self.together <= 1:
            raise ValueError(f"tilt limits are between 0 and 1, not {self.each:g} and {self.together:g}")


DEFAULT_LIMITS = TiltLimits()


class Bound(NamedTuple):
    """A limit that bound: its name, the share asked for and the share given."""

    limit: str
    asked: float
    given: float


@dataclass(frozen=True, slots=True)
class FactorMix:
    """The shares of stocks in each factor and in the core fund, which sum to 1, and the limits that bound."""

    tilts: Mapping[Factor, float]
    core: float
    bounds: tuple[Bound, ...]


def factor_mix(asked: Mapping[Factor, float], limits: TiltLimits = DEFAULT_LIMITS) -> FactorMix:
    """Return the tilts asked for within the limits: each cut to its own, then all in proportion to that together.

    Raises ValueError for a tilt that is negative or no number: factor funds are held, not sold short.
    """
    for factor, share in asked.items():
        if not share >= 0 or not np.isfinite(share):
            raise ValueError(f"the tilt to {factor.replace('_', ' ')} is a share of stocks from 0 up, not {share:g}")
    cut = {factor: min(share, limits.each) for factor, share in asked.items()}
    bounds = [Bound(factor.value, share, cut[factor]) for factor, share in asked.items() if share > cut[factor]]
    total = sum(cut.values())
    if total > limits.together:
        bounds.append(Bound("together", total, limits.together))
        cut = {factor: share * limits.together / total for factor, share in cut.items()}
    return FactorMix(cut, max(1 - sum(cut.values()), 0.0), tuple(bounds))


@dataclass(frozen=True, slots=True)
class VolatilitySwitch:
    """When volatility counts as elevated: from `above` until it is `below` again, in the unit of the levels.

    `average` rows are averaged first, so that one wild day is no regime. The defaults are for the VIX in points, whose
    mean since 1990 is about 20; a switch from momentum to value at 25 is a rule to be tested, not a finding.
    """

    above: float = 25.0
    below: float = 20.0
    average: int = 5

    def __post_init__(self) -> None:
        """Raise ValueError for thresholds in the wrong order or an average over no rows."""
        if not self.below <= self.above:
            raise ValueError(f"elevated ends below {self.below:g}, which is above its start at {self.above:g}")
        if self.average < 1:
            raise ValueError(f"levels are averaged over 1 row or more, not {self.average}")


DEFAULT_SWITCH = VolatilitySwitch()


def elevated(levels: Floats, switch: VolatilitySwitch = DEFAULT_SWITCH) -> Flags:
    """Return whether volatility is elevated after each row, from that row and those before; calm until known.

    `levels` [T] are of the VIX or of realized volatility. A missing level, NaN, is passed over: what is averaged are
    the last levels there are.
    """
    known: list[float] = []
    state, found = False, np.zeros(len(levels), dtype=np.bool_)
    for row, level in enumerate(levels.tolist()):
        if not np.isnan(level):
            known = [*known[-(switch.average - 1) :], level] if switch.average > 1 else [level]
            mean = sum(known) / len(known)
            state = len(known) == switch.average and (mean >= switch.below if state else mean > switch.above)
        found[row] = state
    return found


@dataclass(frozen=True, slots=True)
class RegimeTilts:
    """The tilts asked for while volatility is calm and while it is elevated, shares of stocks."""

    calm: Mapping[Factor, float]
    elevated: Mapping[Factor, float]

    def of(self, *, is_elevated: bool) -> Mapping[Factor, float]:
        """Return the tilts of a regime."""
        return self.elevated if is_elevated else self.calm


def momentum_or_value(share: float, steady: Mapping[Factor, float] | None = None) -> RegimeTilts:
    """Return tilts that hold `share` of stocks in momentum while calm and in value while elevated, beside steady ones.

    Momentum falls hardest in the rebounds that follow panics: K. Daniel and T. Moskowitz, Momentum Crashes, Journal of
    Financial Economics 122 (2016).
    """
    base = dict(steady or {})

    def plus(factor: Factor) -> Mapping[Factor, float]:
        return base | {factor: base.get(factor, 0.0) + share}

    return RegimeTilts(plus(Factor.MOMENTUM), plus(Factor.VALUE))


def tilt_path(
    levels: Floats,
    tilts: RegimeTilts,
    *,
    switch: VolatilitySwitch = DEFAULT_SWITCH,
    limits: TiltLimits = DEFAULT_LIMITS,
) -> Floats:
    """Return the shares of stocks after each row, a column for each Factor in order and the last for the core fund."""
    rows = []
    for is_elevated in (False, True):
        mix = factor_mix(tilts.of(is_elevated=is_elevated), limits)
        rows.append([*(mix.tilts.get(factor, 0.0) for factor in Factor), mix.core])
    path: Floats = np.array(rows)[elevated(levels, switch).astype(np.intp)]
    return path
