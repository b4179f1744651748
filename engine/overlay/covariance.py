"""Covariances from returns: sample, shrunk by Ledoit and Wolf, exponentially weighted; all annual."""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DAYS = 252
"""Trading days a year; months are 12."""
DAILY_DECAY = 0.94
"""Weight of yesterday's estimate for daily returns; 0.97 for monthly ones (RiskMetrics Technical Document, 1996)."""


class CovarianceEstimate(StrEnum):
    """How the covariance is estimated from returns."""

    SAMPLE = "sample"
    LEDOIT_WOLF = "ledoit_wolf"
    EWMA = "ewma"


def covariance(estimate: CovarianceEstimate, returns: Floats, *, periods_per_year: float = DAYS) -> Floats:
    """Return the annual covariance of simple returns, a row a period and a column an asset."""
    return _ESTIMATES[estimate](returns, periods_per_year)


def sample_covariance(returns: Floats, *, periods_per_year: float = DAYS) -> Floats:
    """Return the covariance about the mean, with one degree of freedom less than rows, times the periods per year.

    `returns` [T, N] are simple returns, a row a period. Raises ValueError for fewer than two rows or a return that is
    not a number.
    """
    centered = _checked(returns) - np.mean(returns, axis=0)
    found: Floats = centered.T @ centered * (periods_per_year / (len(centered) - 1))
    return found


class Shrunk(NamedTuple):
    """A covariance drawn toward one of equal variances and no correlation, and how far: 0 not at all, 1 all the way."""

    covariance: Floats
    shrinkage: float


def ledoit_wolf(returns: Floats, *, periods_per_year: float = DAYS) -> Shrunk:
    """Return the annual covariance shrunk toward the mean variance times the identity, by the share that loses least.

    With S about the mean over T rows, m its mean variance and N assets: shrinkage = min(b, d) / d, where
    d = |S - mI|^2 and b = the mean over rows of |x x' - S|^2, over T. Source: O. Ledoit and M. Wolf, A Well-Conditioned
    Estimator for Large-Dimensional Covariance Matrices, Journal of Multivariate Analysis 88 (2004).
    Raises ValueError as the sample covariance does.
    """
    centered = _checked(returns) - np.mean(returns, axis=0)
    rows, assets = centered.shape
    sample = centered.T @ centered / rows
    level = np.trace(sample) / assets
    target = level * np.eye(assets)
    distance = float(np.sum((sample - target) ** 2))
    # the sum over rows of |x x' - S|^2, without a matrix for each row
    noise = float(np.sum(np.sum(centered**2, axis=1) ** 2) / rows - np.sum(sample**2)) / rows
    shrinkage = min(noise, distance) / distance if distance > 0 else 0.0
    return Shrunk(periods_per_year * ((1 - shrinkage) * sample + shrinkage * target), shrinkage)


def ewma_covariance(returns: Floats, *, decay: float = DAILY_DECAY, periods_per_year: float = DAYS) -> Floats:
    """Return the annual covariance about zero in which a period weighs `decay` times the next one.

    The weights sum to one over the rows there are. Raises ValueError for a decay not between 0 and 1, or returns as
    the sample covariance does.
    """
    checked = _checked(returns)
    if not 0 < decay < 1:
        raise ValueError(f"the decay is between 0 and 1, not {decay:g}")
    weights = decay ** np.arange(len(checked) - 1, -1, -1, dtype=np.float64)
    found: Floats = (checked * weights[:, None]).T @ checked * (periods_per_year / weights.sum())
    return found


def _checked(returns: Floats) -> Floats:
    array = np.asarray(returns, dtype=np.float64)
    if array.ndim != 2 or len(array) < 2:
        raise ValueError(f"a covariance needs two rows of returns or more, got {' x '.join(map(str, array.shape))}")
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        raise ValueError(f"row {bad[0][0] + 1}, column {bad[0][1] + 1} of the returns is not a number")
    return array


_ESTIMATES: dict[CovarianceEstimate, Callable[[Floats, float], Floats]] = {
    CovarianceEstimate.SAMPLE: lambda returns, year: sample_covariance(returns, periods_per_year=year),
    CovarianceEstimate.LEDOIT_WOLF: lambda returns, year: ledoit_wolf(returns, periods_per_year=year).covariance,
    CovarianceEstimate.EWMA: lambda returns, year: ewma_covariance(returns, periods_per_year=year),
}
