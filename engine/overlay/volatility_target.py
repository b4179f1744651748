"""Volatility targeting: less of a mix while it swings widely, all of it while it is calm, by default never more."""

import numpy as np
from numpy.typing import NDArray

from engine.overlay.covariance import DAILY_DECAY, DAYS

Floats = NDArray[np.float64]

FULLY_INVESTED = 1.0
LEAST_ROWS = 20
"""Returns without which there is no estimate: a month of days."""


def ewma_volatility(
    returns: Floats, *, decay: float = DAILY_DECAY, periods_per_year: float = DAYS, least_rows: int = LEAST_ROWS
) -> Floats:
    """Return the annual volatility at each row, from that row and those before; NaN for the first `least_rows` - 1.

    The root of the mean square of `returns` [T], a period weighing `decay` times the next one (RiskMetrics Technical
    Document, 1996), the weights summing to one over the rows there are. Raises ValueError for a decay not between 0
    and 1, and for a return that is not a number.
    """
    if not 0 < decay < 1:
        raise ValueError(f"the decay is between 0 and 1, not {decay:g}")
    bad = np.flatnonzero(~np.isfinite(returns))
    if len(bad):
        raise ValueError(f"row {bad[0] + 1} of the returns is not a number")
    squares, weight, found = 0.0, 0.0, np.full(len(returns), np.nan)
    for row, value in enumerate(returns.tolist()):
        squares, weight = decay * squares + value * value, decay * weight + 1
        if row + 1 >= least_rows:
            found[row] = squares / weight
    volatility: Floats = np.sqrt(found * periods_per_year)
    return volatility


def exposures(volatility: Floats, *, target: float, cap: float = FULLY_INVESTED, least_change: float = 0.0) -> Floats:
    """Return the share of equity to hold in the mix after each row: target / volatility, the cap at most.

    The rest is cash, and above 1 borrowed. The share held stays while the new one differs by less than `least_change`.
    NaN until there is a volatility. Source: A. Moreira and T. Muir, Volatility-Managed Portfolios, Journal of Finance
    72 (2017), here by volatility, not variance, and under a cap. Raises ValueError for a target or cap not above 0.
    """
    if target <= 0 or cap <= 0:
        raise ValueError(f"target and cap are above 0, not {target:g} and {cap:g}")
    wanted = np.minimum(cap, target / np.maximum(volatility, np.finfo(np.float64).tiny))
    held = np.nan
    for row, share in enumerate(wanted.tolist()):
        if np.isnan(held) or abs(share - held) >= least_change:
            held = share
        wanted[row] = held
    return wanted


def managed_weights(mix: Floats, exposure: float) -> tuple[Floats, float]:
    """Return the weights of the mix at an exposure, and that of cash, below 0 when borrowed."""
    scaled: Floats = mix * exposure
    return scaled, 1 - float(scaled.sum())
