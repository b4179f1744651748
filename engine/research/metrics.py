"""Figures of a return series: growth, volatility, Sharpe, Sortino, tracking error, capture. Fractions, not percents.

A figure that the data cannot give (no variation, no benchmark month up) is NaN.
"""

import math
from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TRADING_DAYS = 252
MONTHS = 12
DAYS_PER_YEAR = 365.25
LONGEST_DAILY_GAP = 15
"""Calendar days: rows that are further apart on average are months."""


def periods_per_year(dates: Sequence[date]) -> int:
    """Return how many rows make a year: 252 for daily rows, 12 for monthly ones."""
    if len(dates) < 2:
        return TRADING_DAYS
    return MONTHS if (dates[-1] - dates[0]).days / (len(dates) - 1) > LONGEST_DAILY_GAP else TRADING_DAYS


def simple_returns(values: Floats) -> Floats:
    """Return value(t) / value(t-1) - 1 along the first axis, one row fewer than `values`."""
    returns: Floats = values[1:] / values[:-1] - 1.0
    return returns


def growth(values: Floats) -> float:
    """Return what one dollar at the first value became at the last."""
    return float(values[-1] / values[0])


def cagr(values: Floats, dates: Sequence[date]) -> float:
    """Return the growth per year of 365.25 days between the first and the last date."""
    days = (dates[-1] - dates[0]).days
    return math.pow(growth(values), DAYS_PER_YEAR / days) - 1.0 if days else math.nan


def annual_return(returns: Floats, periods: int) -> float:
    """Return the compound return per year, a year being `periods` returns."""
    if not returns.size:
        return math.nan
    return float(np.prod(1.0 + returns) ** (periods / returns.size) - 1.0)


def volatility(returns: Floats, periods: int) -> float:
    """Return the sample standard deviation (n - 1) times the square root of the periods in a year."""
    return float(returns.std(ddof=1) * math.sqrt(periods)) if returns.size > 1 else math.nan


def sharpe(returns: Floats, periods: int, risk_free: Floats | None = None) -> float:
    """Return the mean return over `risk_free` (none = 0) by its standard deviation, a year. Sharpe (1994)."""
    excess = returns if risk_free is None else returns - risk_free
    return _ratio(float(excess.mean()) * periods, volatility(excess, periods)) if excess.size else math.nan


def sortino(returns: Floats, periods: int) -> float:
    """Return the mean return by the root mean square of the negative returns over all periods, a year.

    Sortino and Price (1994), with a minimum acceptable return of zero.
    """
    if not returns.size:
        return math.nan
    downside = math.sqrt(float(np.mean(np.minimum(returns, 0.0) ** 2))) * math.sqrt(periods)
    return _ratio(float(returns.mean()) * periods, downside)


def tracking_error(returns: Floats, benchmark: Floats, periods: int) -> float:
    """Return the standard deviation of the difference to the benchmark's returns, a year."""
    return volatility(returns - benchmark, periods)


def information_ratio(returns: Floats, benchmark: Floats, periods: int) -> float:
    """Return the mean difference to the benchmark by the tracking error, a year. Grinold and Kahn (2000)."""
    return sharpe(returns, periods, benchmark)


def beta(returns: Floats, benchmark: Floats) -> float:
    """Return the slope of the returns on those of the benchmark."""
    if returns.size < 2:
        return math.nan
    covariance = np.cov(returns, benchmark, ddof=1)
    return _ratio(float(covariance[0, 1]), float(covariance[1, 1]))


def capture(returns: Floats, benchmark: Floats, periods: int, *, up: bool) -> float:
    """Return the compound return a year over that of the benchmark, in its periods above (`up`) or below zero."""
    chosen = benchmark > 0 if up else benchmark < 0
    return _ratio(annual_return(returns[chosen], periods), annual_return(benchmark[chosen], periods))


def calendar_years(values: Floats, dates: Sequence[date]) -> dict[int, float]:
    """Return the return of each calendar year, from the last value of the year before (or the first of all)."""
    years = np.array([day.year for day in dates])
    last = np.flatnonzero(np.append(years[1:] != years[:-1], True))
    base = np.concatenate(([0], last[:-1]))
    return {
        int(years[end]): float(values[end] / values[start] - 1.0)
        for start, end in zip(base, last, strict=True)
        if end > start
    }


def _ratio(top: float, bottom: float) -> float:
    return top / bottom if bottom and math.isfinite(bottom) else math.nan
