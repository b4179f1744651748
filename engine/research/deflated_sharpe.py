"""How sure a Sharpe ratio is: probabilistic and deflated Sharpe, the best of many trials by luck, the record needed.

D. Bailey and M. Lopez de Prado, The Sharpe Ratio Efficient Frontier, Journal of Risk 15 (2), 2012, and The Deflated
Sharpe Ratio, Journal of Portfolio Management 40 (5), 2014. Sharpe ratios here are per period, not a year: divide one
of a year by the square root of the periods in it.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from engine.research.metrics import Floats

NORMAL = NormalDist()
EULER_MASCHERONI = 0.5772156649015329
CONFIDENCE = 0.95
NO_VARIATION = 1e-14
"""A standard deviation below this share of the largest return is rounding, not risk."""


@dataclass(frozen=True, slots=True)
class SharpeMoments:
    """A Sharpe ratio per period and what its error depends on. `kurtosis` is 3 for a normal; NaN where there is none.

    `count` is the number of returns.
    """

    count: int
    sharpe: float
    skew: float = 0.0
    kurtosis: float = 3.0

    @property
    def variance(self) -> float:
        """The variance of the estimated Sharpe ratio: Mertens (2002), as in Bailey and Lopez de Prado (2012)."""
        if self.count < 2:
            return math.nan
        spread = 1.0 - self.skew * self.sharpe + (self.kurtosis - 1.0) / 4.0 * self.sharpe**2
        # of any distribution kurtosis >= 1 + skew squared, so this is below zero by rounding only
        return max(spread, 0.0) / (self.count - 1)


def sharpe_moments(excess: Floats) -> SharpeMoments:
    """Return the moments of returns over the risk-free rate, [T]. Standard deviation by n - 1, the others by n."""
    centred = excess - excess.mean() if excess.size else excess
    deviation = float(excess.std(ddof=1)) if excess.size > 1 else 0.0
    if deviation <= NO_VARIATION * float(np.abs(excess).max(initial=0.0)):
        return SharpeMoments(excess.size, math.nan, math.nan, math.nan)
    second = float(np.mean(centred**2))
    return SharpeMoments(
        count=excess.size,
        sharpe=float(excess.mean()) / deviation,
        skew=float(np.mean(centred**3)) / second**1.5,
        kurtosis=float(np.mean(centred**4)) / second**2,
    )


def probabilistic_sharpe(moments: SharpeMoments, threshold: float = 0.0) -> float:
    """Return the probability that the true Sharpe ratio is above `threshold`, both per period; NaN where unknown."""
    error = math.sqrt(moments.variance) if moments.variance >= 0 else math.nan
    if math.isnan(error) or math.isnan(threshold):
        return math.nan
    distance = moments.sharpe - threshold
    if not error:
        return 0.5 if not distance else float(distance > 0)
    return NORMAL.cdf(distance / error)


def expected_maximum_sharpe(trials: float, variance: float) -> float:
    """Return the highest Sharpe ratio to expect of `trials` that are worth nothing and vary by `variance`.

    Bailey and Lopez de Prado (2014), equation 1 with a mean of zero. One trial, or none, is no choice: zero.
    """
    if trials <= 1.0:
        return 0.0
    highest = (1.0 - EULER_MASCHERONI) * NORMAL.inv_cdf(1.0 - 1.0 / trials)
    highest += EULER_MASCHERONI * NORMAL.inv_cdf(1.0 - 1.0 / (trials * math.e))
    return math.sqrt(variance) * max(highest, 0.0)


def deflated_sharpe(moments: SharpeMoments, trials: float, variance: float | None = None) -> float:
    """Return the probability that the true Sharpe ratio is above what the best of `trials` reaches by luck.

    `variance` is that of the trials' Sharpe ratios, per period. None, for trials that were counted but not kept, is
    the variance that the estimate would have if there were nothing to find, 1 / (count - 1).
    """
    if variance is None:
        variance = 1.0 / (moments.count - 1) if moments.count > 1 else math.nan
    return probabilistic_sharpe(moments, expected_maximum_sharpe(trials, variance))


def independent_trials(count: int, correlation: float) -> float:
    """Return how many independent trials `count` of them with that mean correlation stand for.

    Bailey and Lopez de Prado (2014), appendix A.3, equation 9: correlation + (1 - correlation) * count. A negative
    correlation counts as none: there are never more independent trials than trials.
    """
    shared = min(max(correlation, 0.0), 1.0)
    return shared + (1.0 - shared) * count


def minimum_track_record(moments: SharpeMoments, threshold: float = 0.0, confidence: float = CONFIDENCE) -> float:
    """Return the number of returns needed to be `confidence` sure that the true Sharpe ratio is above `threshold`.

    Infinite where the ratio is not above it. Bailey and Lopez de Prado (2012), equation 13 of the July 2012 version.
    """
    if math.isnan(moments.sharpe):
        return math.nan
    distance = moments.sharpe - threshold
    if distance <= 0:
        return math.inf
    spread = moments.variance * (moments.count - 1)
    return 1.0 + spread * (NORMAL.inv_cdf(confidence) / distance) ** 2


def minimum_backtest_years(trials: float, sharpe_a_year: float = 1.0) -> float:
    """Return the years of data below which the best of `trials` worth nothing is expected to reach `sharpe_a_year`.

    Bailey, Borwein, Lopez de Prado and Zhu, Pseudo-Mathematics and Financial Charlatanism, Notices of the AMS 61 (5),
    2014, theorem 2.
    """
    return (expected_maximum_sharpe(trials, 1.0) / sharpe_a_year) ** 2


def sharpe_ratios(excess: Floats) -> Floats:
    """Return the Sharpe ratio per period of each column of [T, N], zero for one without variation."""
    if len(excess) < 2:
        return np.zeros(excess.shape[1])
    deviation = excess.std(axis=0, ddof=1)
    real = deviation > NO_VARIATION * np.abs(excess).max(axis=0, initial=0.0)
    ratios: Floats = np.divide(excess.mean(axis=0), deviation, out=np.zeros(excess.shape[1]), where=real)
    return ratios
