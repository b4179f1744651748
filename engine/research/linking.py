"""Links effects of single periods over time, so that they sum to the excess return of the whole time.

Carino (1999), Combining Attribution Effects Over Time, Journal of Performance Measurement 3(4), 5-14.
"""

from enum import StrEnum

import numpy as np

from engine.research.metrics import Floats


class Excess(StrEnum):
    """What linked effects sum to, for a portfolio that returned R and a benchmark that returned B."""

    ARITHMETIC = "arithmetic"
    """R - B, both compounded: Carino's own."""
    GEOMETRIC = "geometric"
    """(1 + R) / (1 + B) - 1: how much more the portfolio is worth than the benchmark."""


def compound(returns: Floats) -> float:
    """Return what returns of successive periods make together, a fraction."""
    return float(np.expm1(np.log1p(returns).sum()))


def excess_return(portfolio: float, benchmark: float, kind: Excess) -> float:
    """Return by how much `portfolio` was above `benchmark`, two returns over the same time."""
    difference = portfolio - benchmark
    return difference if kind is Excess.ARITHMETIC else difference / (1.0 + benchmark)


def linking_coefficients(portfolio: Floats, benchmark: Floats, kind: Excess = Excess.ARITHMETIC) -> Floats:
    """Return what to multiply each period's effects with, given both returns of each period.

    Effects that sum to portfolio[t] - benchmark[t] in every period then sum to the excess of the whole time: each
    period's difference becomes one of logarithms, which add up over time. Raises ValueError for a return of -100 %
    or less, after which there is nothing to link.
    """
    if portfolio.size and min(portfolio.min(), benchmark.min()) <= -1.0:
        raise ValueError("a return of -100 % or less cannot be linked")
    steps = _logarithmic(portfolio, benchmark)
    base = np.zeros(1) if kind is Excess.GEOMETRIC else np.array([compound(benchmark)])
    top = np.array([compound(portfolio)])
    if kind is Excess.GEOMETRIC:
        top = (top - compound(benchmark)) / (1.0 + compound(benchmark))
    coefficients: Floats = steps / _logarithmic(top, base)
    return coefficients


def _logarithmic(top: Floats, base: Floats) -> Floats:
    """Return (ln(1 + top) - ln(1 + base)) / (top - base), and its limit 1 / (1 + base) where they are equal."""
    relative = (top - base) / (1.0 + base)
    slope = np.divide(np.log1p(relative), relative, out=np.ones_like(relative), where=relative != 0.0)
    found: Floats = slope / (1.0 + base)
    return found
