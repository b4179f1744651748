"""The two convex problems behind the risk-based allocations, each solved to the last digits in a few small systems."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

QUADRATIC = 0.95 * (3 - np.sqrt(5)) / 2
"""Newton decrement below which full steps converge quadratically (Spinu 2013)."""
CONVERGED = 1e-9
"""Largest relative change of a full Newton step after which the next would change nothing."""
MOST_STEPS = 200
"""Newton takes about 15, and 60 for budgets of a billionth; an asset enters once or twice."""
IMPROVES = 1e-12
"""An asset enters when it raises the objective by more than this per unit, on the scale of correlations."""


def risk_parity(covariance: Floats, budget: Floats) -> Floats:
    """Return the long-only weights, sum 1, whose risk contributions stand as the budgets do (all > 0, sum 1).

    They minimize x'Sx / 2 - sum b_i ln x_i, up to scale: Newton's method, damped while far away.
    Source: F. Spinu, An Algorithm for Computing Risk Parity Weights (2013), SSRN 2297383.
    """
    sigma = np.sqrt(np.diagonal(covariance))
    correlation = covariance / np.outer(sigma, sigma)
    x = np.full(len(sigma), 1 / np.sqrt(correlation.sum()))
    # the barrier of the smallest budget sets how far a step may be trusted
    trust = np.sqrt(budget.min())
    for _ in range(MOST_STEPS):
        gradient = correlation @ x - budget / x
        step = np.linalg.solve(correlation + np.diag(budget / x**2), gradient)
        decrement = np.sqrt(max(float(gradient @ step), 0.0)) / trust
        change = np.abs(step / x).max()
        x = x - (step if decrement <= QUADRATIC else step / (1 + change))
        if change <= CONVERGED:
            break
    unscaled = x / sigma
    weights: Floats = unscaled / unscaled.sum()
    return weights


def best_ratio(covariance: Floats, merit: Floats) -> Floats:
    """Return the long-only weights, sum 1, with the largest merit'w / sqrt(w'Sw); some merit must be above 0.

    Merit 1 is minimum variance, expected returns maximum Sharpe, volatilities maximum diversification (Choueifaty and
    Coignard 2008). The ratio does not know the scale of w, so the answer is that of the quadratic program
    min x'Sx / 2 - merit'x, x >= 0, scaled to sum 1. It is solved by its active set, the way non-negative least squares
    are (Lawson and Hanson 1974, chapter 23), which is exact after finitely many steps.
    """
    sigma = np.sqrt(np.diagonal(covariance))
    correlation = covariance / np.outer(sigma, sigma)
    scaled = merit / sigma
    x = _active_set(correlation, scaled / scaled.max()) / sigma
    weights: Floats = x / x.sum()
    return weights


def _active_set(matrix: Floats, linear: Floats) -> Floats:
    """Return the x >= 0 that minimizes x'Mx / 2 - linear'x."""
    held = np.zeros(len(linear), dtype=np.bool_)
    x = np.zeros(len(linear))
    for _ in range(MOST_STEPS * len(linear)):  # an asset may come and go, but each time the objective is better
        gain = np.where(held, 0.0, linear - matrix @ x)
        best = int(gain.argmax())
        if gain[best] <= IMPROVES * max(1.0, float(x.max())):
            break
        held[best] = True
        x = _settle(matrix, linear, x, held)
        if not held[best]:  # its gain was rounding, and every other gain is smaller
            break
    return x


def _settle(matrix: Floats, linear: Floats, start: Floats, held: NDArray[np.bool_]) -> Floats:
    """Return the best x on the assets held, dropping from `held` those that reach zero on the way there."""
    x = start
    while True:
        goal = np.zeros_like(x)
        goal[held] = np.linalg.solve(matrix[np.ix_(held, held)], linear[held])
        below = held & (goal < 0)
        if not below.any():
            return goal
        ratios = x[below] / (x[below] - goal[below])
        x = x + ratios.min() * (goal - x)
        x[np.flatnonzero(below)[ratios.argmin()]] = 0.0
        held &= x > 0
