"""How far figures may be luck: the stationary bootstrap of returns, alone and beside a benchmark.

Politis and Romano (1994), The Stationary Bootstrap: blocks of random length keep what follows what. The block length
is by Politis and White (2004) as corrected by Patton, Politis and White (2009), unless one is given.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.research.metrics import Floats
from engine.research.schedule import Rows

SAMPLES = 2_000
LEVEL = 0.90
AT_ONCE = 2_000_000
"""Resampled returns worked on at the same time, to bound the memory."""
LEAST_LAGS = 5
LEAST_RETURNS = 20
NEXT_TO_NOTHING = 1e-12


@dataclass(frozen=True, slots=True)
class Resampling:
    """How returns are drawn anew. `block_length` is the mean one in returns, None = estimated from the returns."""

    samples: int = SAMPLES
    level: float = LEVEL
    seed: int = 0
    block_length: float | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and where `level` of its resamples fall, the middle ones. `above_zero` is the share above zero.

    `figure` is cagr, sharpe or max_drawdown; `versus` names what was subtracted, "" for the figure itself.
    """

    figure: str
    versus: str
    estimate: float
    low: float
    high: float
    above_zero: float


@dataclass(frozen=True, slots=True)
class Intervals:
    """All intervals of one resampling, and the block length that it used."""

    rows: tuple[Interval, ...]
    block_length: float
    resampling: Resampling


def block_length(returns: Floats) -> float:
    """Return the mean block length, in returns, that estimates the variance of a mean best; at least 1.

    Politis and White (2004), section 3, with the constant of the correction, D = 2 g(0)^2. The bandwidth is twice
    the first lag from which five autocorrelations in a row are within 2 sqrt(log10(n) / n), as in Patton's code.
    """
    count = returns.size
    if count < LEAST_RETURNS:
        return 1.0
    centred = returns - returns.mean()
    run = max(LEAST_LAGS, math.ceil(math.log10(count)))
    longest = math.ceil(math.sqrt(count)) + run
    lags = np.arange(min(longest, count - 1) + 1)
    covariance = np.array([float(centred[lag:] @ centred[: count - lag]) / count for lag in lags])
    if covariance[0] <= NEXT_TO_NOTHING * float(np.abs(returns).max(initial=0.0)) ** 2:
        return 1.0
    width = _bandwidth(covariance / covariance[0], 2.0 * math.sqrt(math.log10(count) / count), run)
    lags = lags[: width + 1]
    window = np.minimum(1.0, 2.0 * (1.0 - lags / width))
    kept = 2.0 * window * covariance[: width + 1]
    weighted = float(lags @ kept)
    spectrum = float(kept.sum()) - float(covariance[0])
    if abs(spectrum) <= NEXT_TO_NOTHING * float(covariance[0]):
        return _most(count)
    best = math.cbrt((weighted / spectrum) ** 2 * count)
    return min(max(best, 1.0), _most(count))


def resampled_rows(count: int, samples: int, length: float, random: np.random.Generator) -> Rows:
    """Return `samples` lines of `count` rows: blocks from random starts, of geometric length with mean `length`.

    A block that reaches the last row goes on with the first.
    """
    places = np.arange(count)
    new = random.random((samples, count)) < 1.0 / length
    new[:, 0] = True
    starts = random.integers(0, count, size=(samples, count))
    began = np.maximum.accumulate(np.where(new, places, 0), axis=1)
    rows: Rows = (np.take_along_axis(starts, began, axis=1) + places - began) % count
    return rows


def bootstrap(
    returns: Floats,
    periods: int,
    resampling: Resampling | None = None,
    *,
    benchmark: Floats | None = None,
    risk_free: Floats | None = None,
    versus: str = "benchmark",
) -> Intervals:
    """Return intervals of CAGR, Sharpe ratio (over `risk_free`) and deepest drawdown of `returns`, [T].

    With a `benchmark`, [T], also those of the differences to it, drawn from the same days. `periods` is the number of
    returns in a year. The same seed gives the same intervals. Raises ValueError for fewer than 20 returns.
    """
    if returns.size < LEAST_RETURNS:
        raise ValueError(f"a bootstrap needs {LEAST_RETURNS} returns: {returns.size}")
    drawing = resampling or Resampling()
    length = drawing.block_length or block_length(returns if benchmark is None else returns - benchmark)
    free = np.zeros_like(returns) if risk_free is None else risk_free
    columns = np.stack([returns, free] if benchmark is None else [returns, free, benchmark])
    observed = _figures(columns[:, None, :], periods)
    drawn = _drawn(columns, periods, drawing, length)
    rows = [_interval(name, "", observed[name][0], drawn[name][0], drawing.level) for name in observed]
    if benchmark is not None:
        rows += [
            _interval(name, versus, both[0] - both[1], drawn[name][0] - drawn[name][1], drawing.level)
            for name, both in observed.items()
        ]
    return Intervals(tuple(rows), length, drawing)


def _drawn(columns: Floats, periods: int, drawing: Resampling, length: float) -> dict[str, Floats]:
    """Return each figure of each resample, [policy or benchmark, sample]."""
    count = columns.shape[1]
    random = np.random.default_rng(drawing.seed)
    step = max(1, AT_ONCE // count)
    parts = []
    for start in range(0, drawing.samples, step):
        rows = resampled_rows(count, min(step, drawing.samples - start), length, random)
        parts.append(_figures(columns[:, rows], periods))
    return {name: np.concatenate([part[name] for part in parts], axis=1) for name in parts[0]}


def _figures(columns: Floats, periods: int) -> dict[str, Floats]:
    """Return the figures of lines of returns: `columns` are policy, risk-free rate and perhaps benchmark, [., B, T]."""
    free, lines = columns[1], columns[::2]
    return {name: np.stack([figure(line, free, periods) for line in lines]) for name, figure in _FIGURES.items()}


def _cagr(returns: Floats, _free: Floats, periods: int) -> Floats:
    return np.asarray(np.prod(1.0 + returns, axis=-1) ** (periods / returns.shape[-1]) - 1.0)


def _sharpe(returns: Floats, free: Floats, periods: int) -> Floats:
    excess = returns - free
    deviation = excess.std(axis=-1, ddof=1)
    mean = excess.mean(axis=-1)
    ratio = np.divide(mean, deviation, out=np.zeros_like(mean), where=deviation > NEXT_TO_NOTHING)
    return np.asarray(ratio * math.sqrt(periods))


def _max_drawdown(returns: Floats, _free: Floats, _periods: int) -> Floats:
    """Return the deepest fall from a high, the start being the first one; zero or negative."""
    values = np.cumprod(1.0 + returns, axis=-1)
    highs = np.maximum(np.maximum.accumulate(values, axis=-1), 1.0)
    return np.asarray(np.minimum((values / highs - 1.0).min(axis=-1), 0.0))


_FIGURES: dict[str, Callable[[Floats, Floats, int], Floats]] = {
    "cagr": _cagr,
    "sharpe": _sharpe,
    "max_drawdown": _max_drawdown,
}


def _interval(name: str, versus: str, estimate: Floats, drawn: Floats, level: float) -> Interval:
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(drawn, [tail, 1.0 - tail])
    return Interval(name, versus, float(estimate[0]), float(low), float(high), float(np.mean(drawn > 0)))


def _bandwidth(correlations: Floats, band: float, run: int) -> int:
    """Return how many lags count: twice the first of `run` lags in a row within `band`, else twice the last outside."""
    longest = correlations.size - 1
    outside = np.flatnonzero(np.abs(correlations[1:]) >= band) + 1
    last = 0
    for lag in [*outside.tolist(), longest + 1]:
        if lag - last > run:
            return min(2 * (last + 1), longest)
        last = lag
    return min(2 * int(outside[-1]), longest) if outside.size else min(2, longest)


def _most(count: int) -> float:
    """Return the longest mean block that Politis and White allow."""
    return float(math.ceil(min(3.0 * math.sqrt(count), count / 3.0)))
