"""Hierarchical risk parity: assets sorted by likeness, then the capital halved along the order, by risk."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def hierarchical_risk_parity(covariance: Floats) -> Floats:
    """Return long-only weights, sum 1, in three steps: tree, order, bisection.

    Distance sqrt((1 - correlation) / 2), single linkage, and halves of the ordered list weighed by the variance of
    their inverse-variance mix. Source: M. Lopez de Prado, Building Diversified Portfolios that Outperform Out of
    Sample, Journal of Portfolio Management 42 (2016).
    """
    weights = np.ones(len(covariance))
    if len(covariance) > 1:
        _halve(covariance, _order(covariance), weights)
    return weights


def _order(covariance: Floats) -> list[int]:
    """Return the assets in the order of the leaves of their tree."""
    from scipy.cluster.hierarchy import leaves_list, linkage  # type: ignore[import-untyped]  # noqa: PLC0415 - slow
    from scipy.spatial.distance import squareform  # type: ignore[import-untyped]  # noqa: PLC0415 - slow

    sigma = np.sqrt(np.diagonal(covariance))
    correlation = np.clip(covariance / np.outer(sigma, sigma), -1, 1)
    distance = np.sqrt((1 - correlation) / 2)
    np.fill_diagonal(distance, 0)
    return [int(leaf) for leaf in leaves_list(linkage(squareform(distance, checks=False), "single"))]


def _halve(covariance: Floats, order: list[int], weights: Floats) -> None:
    """Scale the weights of both halves of the list, and so on within each."""
    if len(order) == 1:
        return
    left, right = order[: len(order) // 2], order[len(order) // 2 :]
    left_variance, right_variance = _variance(covariance, left), _variance(covariance, right)
    share = right_variance / (left_variance + right_variance)
    weights[left] *= share
    weights[right] *= 1 - share
    _halve(covariance, left, weights)
    _halve(covariance, right, weights)


def _variance(covariance: Floats, members: list[int]) -> float:
    """Return the variance of the inverse-variance mix of the members."""
    block = covariance[np.ix_(members, members)]
    inverse = 1 / np.diagonal(block)
    mix = inverse / inverse.sum()
    return float(mix @ block @ mix)
