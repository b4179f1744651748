"""Expected returns that a mean-variance mix can bear: implied by a strategic mix, or drawn toward a common level."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RISK_AVERSION = 2.5
"""Excess return asked for a unit of variance: a Sharpe ratio of 0.4 at 16 % volatility (He and Litterman 1999)."""


def implied_returns(covariance: Floats, strategic: Floats, *, risk_aversion: float = RISK_AVERSION) -> Floats:
    """Return the excess returns for which the strategic weights are the best mix: risk aversion x S w.

    In the period of the covariance. Source: F. Black and R. Litterman, Global Portfolio Optimization, Financial
    Analysts Journal 48 (1992). Raises ValueError for weights that do not sum to 1, or a risk aversion not above 0.
    """
    if abs(float(strategic.sum()) - 1) > 1e-6:
        raise ValueError(f"strategic weights sum to 1, not {float(strategic.sum()):.6g}")
    if risk_aversion <= 0:
        raise ValueError(f"the risk aversion is above 0, not {risk_aversion:g}")
    implied: Floats = risk_aversion * covariance @ strategic
    return implied


class ShrunkMean(NamedTuple):
    """Expected returns drawn toward a common level, that level, and how far: 0 not at all, 1 all the way."""

    mean: Floats
    level: float
    shrinkage: float


def shrunk_mean(mean: Floats, covariance: Floats, *, years: float) -> ShrunkMean:
    """Return the Bayes-Stein means: averages drawn toward that of the minimum-variance mix, short sales allowed.

    `mean` and `covariance` are annual and estimated over `years`. Few years or means that differ by less than their
    error draw them far. Source: P. Jorion, Bayes-Stein Estimation for Portfolio Analysis, Journal of Financial and
    Quantitative Analysis 21 (1986). Raises ValueError for years not above 0.
    """
    if years <= 0:
        raise ValueError(f"means are estimated over some years, not {years:g}")
    drawn, level, shrinkage = many_shrunk_means(mean[None], covariance[None], years=years)
    return ShrunkMean(drawn[0], float(level[0]), float(shrinkage[0]))


def many_shrunk_means(means: Floats, covariances: Floats, *, years: float) -> tuple[Floats, Floats, Floats]:
    """Return the shrunk means [K, N] of means [K, N] and covariances [K, N, N], their levels and shrinkages [K]."""
    ones = np.ones((*means.shape, 1))
    least = np.linalg.solve(covariances, ones)[..., 0]
    level = (least * means).sum(axis=1) / least.sum(axis=1)
    distance = means - level[:, None]
    evidence = years * (distance * np.linalg.solve(covariances, distance[..., None])[..., 0]).sum(axis=1)
    shrinkage = (means.shape[1] + 2) / (means.shape[1] + 2 + evidence)
    share = shrinkage[:, None]
    return (1 - share) * means + share * level[:, None], level, shrinkage
