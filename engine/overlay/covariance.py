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
    """Return the annual covariance of simple returns [..., T, N], a row a period and a column an asset.

    Windows of the same length may be given at once, each its own covariance [..., N, N].
    """
    return _ESTIMATES[estimate](returns, periods_per_year)


def sample_covariance(returns: Floats, *, periods_per_year: float = DAYS) -> Floats:
    """Return the covariance about the mean, with one degree of freedom less than rows, times the periods per year.

    `returns` [..., T, N] are simple returns, a row a period. Raises ValueError for fewer than two rows or a return that
    is not a number.
    """
    centered = _centered(returns)
    found: Floats = _products(centered) * (periods_per_year / (centered.shape[-2] - 1))
    return found


class Shrunk(NamedTuple):
    """A covariance drawn toward one of equal variances and no correlation, and how far: 0 not at all, 1 all the way."""

    covariance: Floats
    shrinkage: float


def ledoit_wolf(returns: Floats, *, periods_per_year: float = DAYS) -> Shrunk:
    """Return the annual covariance of returns [T, N] drawn toward a simple one by the share that loses least.

    The simple one is the mean variance times the identity. With S about the mean over T rows, m its mean variance and
    N assets: shrinkage = min(b, d) / d, where d = |S - mI|^2 and b = the mean over rows of |x x' - S|^2, over T.
    Source: O. Ledoit and M. Wolf, A Well-Conditioned Estimator for Large-Dimensional Covariance Matrices, Journal of
    Multivariate Analysis 88 (2004). Raises ValueError as the sample covariance does.
    """
    found, shrinkage = _ledoit_wolf(_checked(returns)[None], periods_per_year)
    return Shrunk(found[0], float(shrinkage[0]))


def _ledoit_wolf(returns: Floats, periods_per_year: float) -> tuple[Floats, Floats]:
    """Return the covariances of windows [..., T, N], and their shrinkages [...]."""
    centered = _centered(returns)
    rows, assets = centered.shape[-2:]
    sample = _products(centered) / rows
    level = np.trace(sample, axis1=-2, axis2=-1) / assets
    target = level[..., None, None] * np.eye(assets)
    distance = np.sum((sample - target) ** 2, axis=(-2, -1))
    # the sum over rows of |x x' - S|^2, without a matrix for each row
    fourth = np.sum(np.sum(centered**2, axis=-1) ** 2, axis=-1)
    noise = (fourth / rows - np.sum(sample**2, axis=(-2, -1))) / rows
    apart = distance > 0
    shrinkage = np.where(apart, np.minimum(noise, distance) / np.where(apart, distance, 1.0), 0.0)
    share = shrinkage[..., None, None]
    return periods_per_year * ((1 - share) * sample + share * target), shrinkage


def ewma_covariance(returns: Floats, *, decay: float = DAILY_DECAY, periods_per_year: float = DAYS) -> Floats:
    """Return the annual covariance about zero in which a period weighs `decay` times the next one.

    The weights sum to one over the rows there are. Raises ValueError for a decay not between 0 and 1, or returns as
    the sample covariance does.
    """
    checked = _checked(returns)
    if not 0 < decay < 1:
        raise ValueError(f"the decay is between 0 and 1, not {decay:g}")
    weights = decay ** np.arange(checked.shape[-2] - 1, -1, -1, dtype=np.float64)
    found: Floats = _turned(checked * weights[:, None]) @ checked * (periods_per_year / weights.sum())
    return found


def _centered(returns: Floats) -> Floats:
    checked = _checked(returns)
    centered: Floats = checked - checked.mean(axis=-2, keepdims=True)
    return centered


def _products(centered: Floats) -> Floats:
    products: Floats = _turned(centered) @ centered
    return products


def _turned(rows: Floats) -> Floats:
    return np.swapaxes(rows, -2, -1)


def _checked(returns: Floats) -> Floats:
    array = np.asarray(returns, dtype=np.float64)
    if array.ndim < 2 or array.shape[-2] < 2:
        raise ValueError(f"a covariance needs two rows of returns or more, got {' x '.join(map(str, array.shape))}")
    if not np.isfinite(array).all():
        *_, row, column = np.argwhere(~np.isfinite(array))[0]
        raise ValueError(f"row {row + 1}, column {column + 1} of the returns is not a number")
    return array


_ESTIMATES: dict[CovarianceEstimate, Callable[[Floats, float], Floats]] = {
    CovarianceEstimate.SAMPLE: lambda returns, year: sample_covariance(returns, periods_per_year=year),
    CovarianceEstimate.LEDOIT_WOLF: lambda returns, year: _ledoit_wolf(returns, year)[0],
    CovarianceEstimate.EWMA: lambda returns, year: ewma_covariance(returns, periods_per_year=year),
}
