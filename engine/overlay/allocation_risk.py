"""The two convex problems behind the risk-based allocations, solved to the last digits for a stack of covariances."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Held = NDArray[np.bool_]

QUADRATIC = 0.95 * (3 - np.sqrt(5)) / 2
"""Newton decrement below which full steps converge quadratically (Spinu 2013)."""
CONVERGED = 1e-9
"""Largest relative change of a full Newton step after which the next would change nothing."""
MOST_STEPS = 200
"""Newton takes about 15, and 60 for budgets of a billionth; an asset enters once or twice."""
IMPROVES = 1e-12
"""An asset enters when it raises the objective by more than this per unit, on the scale of correlations."""
PATIENCE = 3
"""How often all wrong assets change sides at once without fewer being wrong, before one at a time does."""
ENOUGH_EXCHANGES = 60
"""Exchanges take 2 to 5 in practice; a covariance that rounding keeps from settling is solved step by step."""


def risk_parity(covariances: Floats, budget: Floats) -> Floats:
    """Return, for covariances [K, N, N], long-only weights [K, N] whose risk contributions stand as the budgets do.

    The budgets are above 0 and sum to 1, as the weights do. These minimize x'Sx / 2 - sum b_i ln x_i, up to scale:
    Newton's method, damped while far away. Source: F. Spinu, An Algorithm for Computing Risk Parity Weights (2013),
    SSRN 2297383.
    """
    sigma, correlations = _standardized(covariances)
    x = np.repeat(1 / np.sqrt(correlations.sum(axis=(1, 2)))[:, None], len(budget), axis=1)
    # the barrier of the smallest budget sets how far a step may be trusted
    trust = np.sqrt(budget.min())
    open_ones = np.arange(len(x))
    for _ in range(MOST_STEPS):
        now, matrices = x[open_ones], correlations[open_ones]
        gradient = _times(matrices, now) - budget / now
        step = _solved(matrices + _diagonals(budget / now**2), gradient)
        decrement = np.sqrt(np.maximum((gradient * step).sum(axis=1), 0.0)) / trust
        change = np.abs(step / now).max(axis=1)
        damping = np.where(decrement <= QUADRATIC, 1.0, 1 + change)
        x[open_ones] = now - step / damping[:, None]
        open_ones = open_ones[change > CONVERGED]
        if not open_ones.size:
            break
    return _scaled(x / sigma)


def best_ratio(covariances: Floats, merits: Floats) -> Floats:
    """Return, for covariances [K, N, N], the long-only weights [K, N], sum 1, with the largest merit'w / sqrt(w'Sw).

    Merit 1 is minimum variance, expected returns maximum Sharpe, volatilities maximum diversification (Choueifaty and
    Coignard 2008); some merit of each row must be above 0. The ratio does not know the scale of w, so the answer is
    that of the quadratic program min x'Sx / 2 - merit'x, x >= 0, scaled to sum 1: exact after finitely many steps.
    """
    sigma, correlations = _standardized(covariances)
    scaled = merits / sigma
    scaled = scaled / scaled.max(axis=1, keepdims=True)
    x, settled = exchanged(correlations, scaled)
    for k in np.flatnonzero(~settled).tolist():
        x[k] = one_at_a_time(correlations[k], scaled[k])
    return _scaled(x / sigma)


def exchanged(matrices: Floats, linear: Floats) -> tuple[Floats, Held]:
    """Return the x >= 0 [K, N] that minimize x'Mx / 2 - linear'x, and for which of them that was reached.

    All assets with a negative holding go out and all whose gain is above 0 come in; when that has not helped
    `PATIENCE` times, only the last of them changes sides, which cannot go in circles (Murty 1974). Source: J. Judice
    and F. Pires, A Block Principal Pivoting Algorithm for Large-Scale Strictly Monotone Linear Complementarity
    Problems, Computers and Operations Research 21 (1994).
    """
    count, assets = linear.shape
    held = np.ones((count, assets), dtype=np.bool_)
    x = np.zeros((count, assets))
    fewest, patience = np.full(count, assets + 1), np.full(count, PATIENCE)
    open_ones = np.arange(count)
    for _ in range(ENOUGH_EXCHANGES):
        x[open_ones], wrong = _exchange(matrices[open_ones], linear[open_ones], held[open_ones])
        open_ones, wrong = open_ones[wrong.any(axis=1)], wrong[wrong.any(axis=1)]
        if not open_ones.size:
            break
        wrongs = wrong.sum(axis=1)
        better = wrongs < fewest[open_ones]
        patience[open_ones] = np.where(better, PATIENCE, patience[open_ones] - 1)
        fewest[open_ones] = np.minimum(fewest[open_ones], wrongs)
        last = np.zeros_like(wrong)
        last[np.arange(len(wrong)), assets - 1 - wrong[:, ::-1].argmax(axis=1)] = True
        held[open_ones] ^= np.where((patience[open_ones] >= 0)[:, None], wrong, last)
    settled = np.ones(count, dtype=np.bool_)
    settled[open_ones] = False
    return x, settled


def _exchange(matrices: Floats, linear: Floats, held: Held) -> tuple[Floats, Held]:
    """Return the best x on the assets held, and which assets are on the wrong side."""
    both = held[:, :, None] & held[:, None, :]
    x = _solved(np.where(both, matrices, 0.0) + _diagonals(~held), np.where(held, linear, 0.0))
    gain = linear - _times(matrices, x)
    least = IMPROVES * np.maximum(1.0, x.max(axis=1, keepdims=True))
    wrong: Held = np.where(held, x < 0, gain > least)
    return x, wrong


def one_at_a_time(matrix: Floats, linear: Floats) -> Floats:
    """Return the x >= 0 that minimizes x'Mx / 2 - linear'x by its active set, for one matrix.

    The way non-negative least squares are solved (Lawson and Hanson 1974, chapter 23): each step improves.
    """
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


def _settle(matrix: Floats, linear: Floats, start: Floats, held: Held) -> Floats:
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


def _standardized(covariances: Floats) -> tuple[Floats, Floats]:
    """Return volatilities and correlations."""
    sigma = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    return sigma, covariances / (sigma[:, :, None] * sigma[:, None, :])


def _times(matrices: Floats, vectors: Floats) -> Floats:
    product: Floats = (matrices @ vectors[..., None])[..., 0]
    return product


def _solved(matrices: Floats, vectors: Floats) -> Floats:
    return np.asarray(np.linalg.solve(matrices, vectors[..., None])[..., 0], dtype=np.float64)


def _diagonals(values: Floats | Held) -> Floats:
    """Return a diagonal matrix for each row."""
    found: Floats = np.zeros((*values.shape, values.shape[1]))
    places = np.arange(values.shape[1])
    found[:, places, places] = values
    return found


def _scaled(x: Floats) -> Floats:
    return np.asarray(x / x.sum(axis=1, keepdims=True), dtype=np.float64)
