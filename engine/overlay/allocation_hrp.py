"""Hierarchical risk parity: assets sorted by likeness, then the capital halved along the order, by risk."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


def hierarchical_risk_parity(covariances: Floats) -> Floats:
    """Return, for covariances [K, N, N], long-only weights [K, N], sum 1, in three steps: tree, order, bisection.

    Distance sqrt((1 - correlation) / 2), single linkage, and halves of the ordered list weighed by the variance of
    their inverse-variance mix. Source: M. Lopez de Prado, Building Diversified Portfolios that Outperform Out of
    Sample, Journal of Portfolio Management 42 (2016).
    """
    count, assets = covariances.shape[:2]
    orders = leaves(_distances(covariances))
    each = np.arange(count)[:, None]
    sorted_ones = covariances[each[:, :, None], orders[:, :, None], orders[:, None, :]]
    shares = np.ones((count, assets))
    _halve(sorted_ones, 0, assets, shares)
    weights = np.empty_like(shares)
    weights[each, orders] = shares
    return weights


def leaves(distances: Floats) -> Places:
    """Return, for distances [K, N, N], the order [K, N] of the assets as leaves of their trees of single linkage.

    Of two branches the one made first comes first, and a single asset before any branch. The links are those of a
    shortest spanning tree (Gower and Ross 1969), found from asset to nearest asset (Prim 1957); links of one length
    are made in the order in which they were found.
    """
    count, assets = distances.shape[:2]
    each = np.arange(count)
    froms, tos = _links(distances)
    branch = np.tile(np.arange(assets), (count, 1))
    place, size = np.zeros((count, assets), dtype=np.intp), np.ones((count, 2 * assets - 1), dtype=np.intp)
    for made in range(assets - 1):
        ends = branch[each, froms[:, made]], branch[each, tos[:, made]]
        first, second = np.minimum(*ends), np.maximum(*ends)
        in_second = branch == second[:, None]
        place += np.where(in_second, size[each, first][:, None], 0)
        size[:, assets + made] = size[each, first] + size[each, second]
        branch[in_second | (branch == first[:, None])] = assets + made
    return np.argsort(place, axis=1)


def _links(distances: Floats) -> tuple[Places, Places]:
    """Return both ends [K, N - 1] of the links that join the assets, the shortest first.

    Each step goes on from the asset joined last, which links the same groups at the same lengths as the spanning tree.
    """
    count, assets = distances.shape[:2]
    each = np.arange(count)
    at = np.zeros(count, dtype=np.intp)
    nearest, joined = np.full((count, assets), np.inf), np.zeros((count, assets), dtype=np.bool_)
    froms, tos = np.empty((count, assets - 1), dtype=np.intp), np.empty((count, assets - 1), dtype=np.intp)
    lengths = np.empty((count, assets - 1))
    for made in range(assets - 1):
        joined[each, at] = True
        nearest = np.minimum(nearest, distances[each, at])
        ahead = np.where(joined, np.inf, nearest)
        froms[:, made], at = at, ahead.argmin(axis=1)
        tos[:, made], lengths[:, made] = at, ahead[each, at]
    order = np.argsort(lengths, axis=1, kind="stable")
    return np.take_along_axis(froms, order, 1), np.take_along_axis(tos, order, 1)


def _distances(covariances: Floats) -> Floats:
    sigma = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    correlations = np.clip(covariances / (sigma[:, :, None] * sigma[:, None, :]), -1, 1)
    distances: Floats = np.sqrt((1 - correlations) / 2)
    return distances


def _halve(covariances: Floats, start: int, end: int, shares: Floats) -> None:
    """Scale the shares of both halves of the list from `start` to before `end`, and so on within each."""
    if end - start == 1:
        return
    middle = start + (end - start) // 2
    left, right = _variances(covariances, start, middle), _variances(covariances, middle, end)
    share = (right / (left + right))[:, None]
    shares[:, start:middle] *= share
    shares[:, middle:end] *= 1 - share
    _halve(covariances, start, middle, shares)
    _halve(covariances, middle, end, shares)


def _variances(covariances: Floats, start: int, end: int) -> Floats:
    """Return the variances of the inverse-variance mixes of the assets from `start` to before `end`."""
    blocks = covariances[:, start:end, start:end]
    inverse = 1 / np.diagonal(blocks, axis1=1, axis2=2)
    mixes = inverse / inverse.sum(axis=1, keepdims=True)
    variances: Floats = (mixes * (blocks @ mixes[:, :, None])[:, :, 0]).sum(axis=1)
    return variances
