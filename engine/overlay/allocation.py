"""Risk-based allocations from a covariance: long-only weights that sum to one, and what each asset adds to the risk."""

from collections.abc import Callable
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from engine.overlay.allocation_hrp import hierarchical_risk_parity
from engine.overlay.allocation_risk import best_ratio, risk_parity

Floats = NDArray[np.float64]


class AllocationMethod(StrEnum):
    """How weights follow from the covariance of the assets."""

    ERC = "erc"
    RISK_BUDGET = "risk_budget"
    MIN_VARIANCE = "min_variance"
    MAX_SHARPE = "max_sharpe"
    INVERSE_VOLATILITY = "inverse_volatility"
    MAX_DIVERSIFICATION = "max_diversification"
    HRP = "hrp"


SYMMETRIC = 1e-8
"""Largest difference of two mirrored entries, as a share of the largest entry: rounding in a file, not an error."""
SINGULAR = 1e-12
"""Smallest over largest eigenvalue of the correlations; below it the covariance does not tell the assets apart."""


def weights(
    method: AllocationMethod, covariance: Floats, *, mean: Floats | None = None, budget: Floats | None = None
) -> Floats:
    """Return weights >= 0 that sum to 1, in the order of the covariance.

    `mean` are expected returns over the risk-free rate, in the period of the covariance (only max_sharpe reads them);
    `budget` are shares of risk > 0, scaled to sum 1 here (only risk_budget reads them). Scaling the covariance or the
    mean changes nothing. Accurate to about 1e-10.

    - erc, risk_budget: w_i (S w)_i in proportion to the budget; Newton on the convex form of Spinu (2013).
    - min_variance, max_sharpe, max_diversification: one quadratic program, solved exactly by exchanging assets.
    - inverse_volatility: 1 / sigma.
    - hrp: Lopez de Prado (2016), as stated there. Its bisection reads the order of the columns, so unlike the
      others it may answer otherwise when columns change places.

    Raises ValueError, one line, for a covariance that is not square, finite, symmetric and positive definite, for a
    mean or budget that is missing, not finite or of another length, and for max_sharpe when no mean is above 0.
    """
    matrix = checked_covariance(covariance)
    means, budgets = _given("expected returns", mean, len(matrix)), _given("budgets", budget, len(matrix))
    found: Floats = _METHODS[method](matrix[None], None if means is None else means[None], budgets)[0]
    return found


def many_weights(
    method: AllocationMethod, covariances: Floats, *, means: Floats | None = None, budget: Floats | None = None
) -> Floats:
    """Return the weights [K, N] of a stack of covariances [K, N, N], each as `weights` gives it, and much faster.

    `means` [K, N] has a row for each covariance; the budget is of all of them. Raises ValueError as `weights` does
    when any of them is no covariance.
    """
    matrices = checked_covariances(covariances)
    given = _given("budgets", budget, matrices.shape[-1])
    if means is not None and (np.shape(means) != matrices.shape[:2] or not np.isfinite(means).all()):
        raise ValueError("expected returns are numbers, a row for each covariance and a column for each asset")
    return _METHODS[method](matrices, means, given)


def risk_contributions(weights: Floats, covariance: Floats) -> Floats:
    """Return w_i (S w)_i / sqrt(w'S w): what each asset adds to the volatility, in its unit; they sum to it."""
    marginal = covariance @ weights
    contributions: Floats = weights * marginal / np.sqrt(weights @ marginal)
    return contributions


def checked_covariance(covariance: Floats) -> Floats:
    """Return the covariance made exactly symmetric. Raises ValueError for what is no covariance of distinct assets."""
    matrix = np.asarray(covariance, dtype=np.float64)
    if matrix.ndim != 2:
        raise ValueError(f"a covariance is square, this one is {' x '.join(map(str, matrix.shape))}")
    checked: Floats = checked_covariances(matrix[None])[0]
    return checked


def checked_covariances(covariances: Floats) -> Floats:
    """Return a stack of covariances made exactly symmetric. Raises ValueError as for one."""
    stack = np.asarray(covariances, dtype=np.float64)
    if stack.ndim != 3 or stack.shape[1] != stack.shape[2] or not stack.shape[1]:
        raise ValueError(f"a covariance is square, this one is {' x '.join(map(str, stack.shape[1:]))}")
    _all(np.isfinite(stack), "row {0}, column {1} of the covariance is not a number")
    mirrored = np.swapaxes(stack, 1, 2)
    largest = np.abs(stack).max(axis=(1, 2), keepdims=True)
    _all(np.abs(stack - mirrored) <= SYMMETRIC * largest, "the covariance is not symmetric: row {0}, "
         "column {1} differs from row {1}, column {0}")  # fmt: skip
    variances = np.diagonal(stack, axis1=1, axis2=2)
    _all(variances > 0, "the variance of asset {0} is not above 0")
    sigma = np.sqrt(variances)
    eigenvalues = np.linalg.eigvalsh(stack / (sigma[:, :, None] * sigma[:, None, :]))
    flat = np.flatnonzero(eigenvalues[:, 0] <= SINGULAR * eigenvalues[:, -1])
    if flat.size:
        raise ValueError(
            "the covariance is not positive definite: its correlations have an eigenvalue of "
            f"{eigenvalues[flat[0], 0]:.2g}"
        )
    symmetric: Floats = (stack + mirrored) / 2
    return symmetric


def _all(right: NDArray[np.bool_], message: str) -> None:
    """Raise ValueError for the first entry of a stack that is not right; the message gets its places, from 1."""
    if not right.all():
        raise ValueError(message.format(*(int(place) + 1 for place in np.argwhere(~right)[0][1:])))


def _given(what: str, values: Floats | None, count: int) -> Floats | None:
    if values is None:
        return None
    array = np.asarray(values, dtype=np.float64)
    if array.shape != (count,):
        raise ValueError(f"{what} for {array.size} assets, the covariance has {count}")
    _all(np.isfinite(array)[None], f"entry {{0}} of the {what} is not a number")
    return array


def _equal(covariances: Floats, _means: Floats | None, _budget: Floats | None) -> Floats:
    count = covariances.shape[-1]
    return risk_parity(covariances, np.full(count, 1 / count))


def _budgeted(covariances: Floats, _means: Floats | None, budget: Floats | None) -> Floats:
    if budget is None:
        raise ValueError("risk_budget needs a budget for each asset")
    _all((budget > 0)[None], "the risk budget of asset {0} is not above 0; leave an asset without a budget out")
    return risk_parity(covariances, budget / budget.sum())


def _least_variance(covariances: Floats, _means: Floats | None, _budget: Floats | None) -> Floats:
    return best_ratio(covariances, np.ones(covariances.shape[:2]))


def _best_sharpe(covariances: Floats, means: Floats | None, _budget: Floats | None) -> Floats:
    if means is None:
        raise ValueError("max_sharpe needs an expected return for each asset")
    if (means.max(axis=1) <= 0).any():
        raise ValueError("max_sharpe has no answer: no asset has an expected return above 0")
    return best_ratio(covariances, means)


def _most_diversified(covariances: Floats, _means: Floats | None, _budget: Floats | None) -> Floats:
    return best_ratio(covariances, np.sqrt(np.diagonal(covariances, axis1=1, axis2=2)))


def _inverse_volatility(covariances: Floats, _means: Floats | None, _budget: Floats | None) -> Floats:
    inverse: Floats = 1 / np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    mix: Floats = inverse / inverse.sum(axis=1, keepdims=True)
    return mix


def _hierarchical(covariances: Floats, _means: Floats | None, _budget: Floats | None) -> Floats:
    return hierarchical_risk_parity(covariances)


_METHODS: dict[AllocationMethod, Callable[[Floats, Floats | None, Floats | None], Floats]] = {
    AllocationMethod.ERC: _equal,
    AllocationMethod.RISK_BUDGET: _budgeted,
    AllocationMethod.MIN_VARIANCE: _least_variance,
    AllocationMethod.MAX_SHARPE: _best_sharpe,
    AllocationMethod.INVERSE_VOLATILITY: _inverse_volatility,
    AllocationMethod.MAX_DIVERSIFICATION: _most_diversified,
    AllocationMethod.HRP: _hierarchical,
}
