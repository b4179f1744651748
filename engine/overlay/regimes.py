"""Labels of what the world is like at each decision, and what given returns were under each of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from engine.overlay.factor_tilts import VolatilitySwitch, elevated
from engine.overlay.macro_history import Floats, Known, MacroRole
from engine.overlay.macro_signals import PERCENT, YEAR, below_average, year_on_year
from engine.overlay.policy import SignalKind, SignalSetting
from engine.overlay.signal_evidence import Evidence, at_each_decision
from engine.overlay.volatility_signals import realized_volatility, rolling_correlation, vix_regime

UNKNOWN = "unknown"
CORRELATION_MONTHS = 12
AT_ONCE = VolatilitySwitch(average=1)
"""Realized volatility is an average already, of a month of days or a year of months."""


class Quadrant(StrEnum):
    """Growth and inflation, each above or below its own average of the last twelve months as known on the day.

    The four boxes of Bridgewater's All Weather (2012); Ilmanen, Maloney and Ross (2014) test them.
    """

    GROWTH_UP_INFLATION_UP = "growth up, inflation up"
    GROWTH_UP_INFLATION_DOWN = "growth up, inflation down"
    GROWTH_DOWN_INFLATION_UP = "growth down, inflation up"
    GROWTH_DOWN_INFLATION_DOWN = "growth down, inflation down"


class VolatilityRegime(StrEnum):
    """Whether volatility is elevated: above 25 points until below 20, by the VIX or else realized."""

    CALM = "calm"
    ELEVATED = "elevated"


class CorrelationRegime(StrEnum):
    """Whether bonds moved against stocks over the last twelve months, or with them."""

    CUSHION = "bonds cushion stocks"
    TOGETHER = "bonds move with stocks"


@dataclass(frozen=True, slots=True)
class Regimes:
    """The labels at each decision, `unknown` where what they need is missing or old."""

    quadrant: tuple[str, ...]
    volatility: tuple[str, ...]
    correlation: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegimeFigures:
    """What returns were under one label: how many periods and their share of all, then figures a year.

    `mean` and `volatility` are fractions a year, `sharpe` their ratio (against zero), `worst` the lowest return of one
    period and `positive` the share of periods above zero. NaN where one period is too few.
    """

    label: str
    periods: int
    share: float
    mean: float
    volatility: float
    sharpe: float
    worst: float
    positive: float


def regimes(evidence: Evidence, bonds: str) -> Regimes:
    """Return the labels at each decision of a class of stocks; `bonds` is the symbol to correlate its returns with."""
    return Regimes(quadrants(evidence), volatility_regimes(evidence), correlation_regimes(evidence, bonds))


def quadrants(evidence: Evidence) -> tuple[str, ...]:
    """Return the growth and inflation quadrant at each decision, from the changes over a year of both series."""

    def above(known: Known) -> float:
        return -below_average(year_on_year(known), YEAR)

    growth = at_each_decision(evidence, MacroRole.GROWTH, "", above)
    inflation = at_each_decision(evidence, MacroRole.CPI, "", above)
    both = zip(growth.tolist(), inflation.tolist(), strict=True)
    return tuple(UNKNOWN if np.isnan(g + i) else _QUADRANTS[g > 0, i > 0].value for g, i in both)


def volatility_regimes(evidence: Evidence) -> tuple[str, ...]:
    """Return the volatility regime at each decision: by the VIX where it is known, or else by realized volatility."""
    by_vix = vix_regime(evidence, SignalSetting(SignalKind.VIX_REGIME))
    points = realized_volatility(evidence, YEAR if evidence.is_monthly else 1) * PERCENT
    realized = np.where(np.isnan(points), np.nan, np.where(elevated(points, AT_ONCE), -1.0, 1.0))
    found = np.where(np.isnan(by_vix), realized, by_vix).tolist()
    labels = {1.0: VolatilityRegime.CALM.value, -1.0: VolatilityRegime.ELEVATED.value}
    return tuple(labels.get(one, UNKNOWN) for one in found)


def correlation_regimes(evidence: Evidence, bonds: str) -> tuple[str, ...]:
    """Return at each decision whether the returns of the last twelve months moved with those of the bonds."""
    found = rolling_correlation(evidence, bonds, CORRELATION_MONTHS).tolist()
    return tuple(
        UNKNOWN if np.isnan(one) else (CorrelationRegime.TOGETHER if one > 0 else CorrelationRegime.CUSHION).value
        for one in found
    )


def regime_figures(labels: Sequence[str], returns: Floats, per_year: float) -> tuple[RegimeFigures, ...]:
    """Return the figures of the returns under each label, in order of the labels' names, and of all of them last.

    `returns[i]` is of the period after `labels[i]` was known: a label and the return that led to it say nothing about
    each other. Periods without a return, NaN, are left out; `per_year` is the number of periods in a year.

    Raises ValueError where there are not as many labels as returns.
    """
    if len(labels) != len(returns):
        raise ValueError(f"{len(labels)} labels for {len(returns)} returns")
    known = ~np.isnan(returns)
    names = np.array(labels, dtype=object)
    parts = {label: returns[known & (names == label)] for label in sorted(set(labels))}
    total = int(known.sum())
    rows = [_figures(label, part, total, per_year) for label, part in parts.items() if part.size]
    return (*rows, _figures("all", returns[known], total, per_year)) if total else ()


def _figures(label: str, returns: Floats, total: int, per_year: float) -> RegimeFigures:
    mean = float(returns.mean()) * per_year
    volatility = float(returns.std(ddof=1) * np.sqrt(per_year)) if returns.size > 1 else np.nan
    return RegimeFigures(
        label=label,
        periods=returns.size,
        share=returns.size / total,
        mean=mean,
        volatility=volatility,
        sharpe=mean / volatility if volatility > 0 else np.nan,
        worst=float(returns.min()),
        positive=float((returns > 0).mean()),
    )


_QUADRANTS: Mapping[tuple[bool, bool], Quadrant] = {
    (True, True): Quadrant.GROWTH_UP_INFLATION_UP,
    (True, False): Quadrant.GROWTH_UP_INFLATION_DOWN,
    (False, True): Quadrant.GROWTH_DOWN_INFLATION_UP,
    (False, False): Quadrant.GROWTH_DOWN_INFLATION_DOWN,
}
"""The quadrant by whether growth, then inflation, is above its average."""
