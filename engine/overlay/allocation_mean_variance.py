"""Mean-variance weights under limits: caps and floors by asset, a risk-free rate, a return to reach. By skfolio."""

import warnings
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.overlay.allocation import checked_covariance

Floats = NDArray[np.float64]

TOLERANCES = (1e-10, 1e-8)
"""What the interior-point solver is to reach, or else; at its own settings weights are off by up to 1e-4."""
NOTHING = 1e-7
"""A weight below this is zero: what the solver leaves at a bound."""


class Objective(StrEnum):
    """What the weights are best at."""

    LEAST_VARIANCE = "least_variance"
    BEST_SHARPE = "best_sharpe"


@dataclass(frozen=True, slots=True)
class MixLimits:
    """Limits on a long-only mix that sums to 1. Weights and returns are fractions.

    `floors` and `caps` are by asset, in the order of the covariance, empty for none. `risk_free` and `least_return`
    (None = any) are in the period of the covariance.
    """

    floors: tuple[float, ...] = ()
    caps: tuple[float, ...] = ()
    risk_free: float = 0.0
    least_return: float | None = None


NO_LIMITS = MixLimits()


def mean_variance(
    objective: Objective, covariance: Floats, *, mean: Floats | None = None, limits: MixLimits = NO_LIMITS
) -> Floats:
    """Return the long-only weights, sum 1, that are best under the limits. Accurate to about 1e-5.

    Without limits `allocation.weights` gives the same faster and exactly. `mean` are expected returns, not in excess
    of anything: the risk-free rate is taken off here.

    Raises ValueError for what `allocation.weights` refuses, for limits of another length, and when no mix meets them.
    """
    matrix = checked_covariance(covariance)
    needs_mean = objective is Objective.BEST_SHARPE or limits.least_return is not None
    if mean is None and needs_mean:
        raise ValueError("a Sharpe ratio or a return to reach needs an expected return for each asset")
    means = np.zeros(len(matrix)) if mean is None else np.asarray(mean, dtype=np.float64)
    if means.shape != (len(matrix),) or not np.isfinite(means).all():
        raise ValueError(f"expected returns are {len(matrix)} numbers, as many as the covariance has assets")
    _check(limits, means, objective)
    found = _solve(objective, matrix, means, limits)
    found[found < NOTHING] = 0.0
    weights: Floats = found / found.sum()
    return weights


def _check(limits: MixLimits, means: Floats, objective: Objective) -> None:
    """Raise ValueError when no mix can meet the limits, saying which of them is in the way."""
    count = len(means)
    for what, values in (("floors", limits.floors), ("caps", limits.caps)):
        if values and (len(values) != count or not all(0 <= value <= 1 for value in values)):
            raise ValueError(f"{what} are {count} weights between 0 and 1, as many as the covariance has assets")
    floors, caps = np.array(limits.floors or (0.0,) * count), np.array(limits.caps or (1.0,) * count)
    if (floors > caps).any():
        raise ValueError(f"the floor of asset {int(np.flatnonzero(floors > caps)[0]) + 1} is above its cap")
    if floors.sum() > 1 or caps.sum() < 1:
        raise ValueError(f"no mix sums to 1: floors sum to {floors.sum():g}, caps to {caps.sum():g}")
    most = _highest_return(means, floors, caps)
    if limits.least_return is not None and most < limits.least_return:
        raise ValueError(f"no mix expects {limits.least_return:.4g}: the caps allow {most:.4g} at most")
    if objective is Objective.BEST_SHARPE and most <= limits.risk_free:
        raise ValueError(f"no mix expects more than the risk-free rate: the caps allow {most:.4g} at most")


def _highest_return(means: Floats, floors: Floats, caps: Floats) -> float:
    """Return what the mix expects that fills the assets of the highest returns to their caps."""
    left, total = 1 - floors.sum(), float(floors @ means)
    for asset in np.argsort(-means):
        more = min(left, caps[asset] - floors[asset])
        left, total = left - more, total + float(more * means[asset])
    return total


def _solve(objective: Objective, covariance: Floats, means: Floats, limits: MixLimits) -> Floats:
    from skfolio.exceptions import OptimizationError  # type: ignore[import-untyped]  # noqa: PLC0415 - takes seconds
    from skfolio.optimization import MeanRisk, ObjectiveFunction  # type: ignore[import-untyped]  # noqa: PLC0415

    goals = {
        Objective.LEAST_VARIANCE: ObjectiveFunction.MINIMIZE_RISK,
        Objective.BEST_SHARPE: ObjectiveFunction.MAXIMIZE_RATIO,
    }
    # on the scale of correlations a tolerance means the same for daily and for yearly figures
    scale = float(np.sqrt(np.diagonal(covariance)).mean())
    fault = ""
    for tolerance in TOLERANCES:
        model = MeanRisk(
            objective_function=goals[objective],
            prior_estimator=_given_moments(means / scale, covariance / scale**2),
            min_weights=np.array(limits.floors) if limits.floors else 0.0,
            max_weights=np.array(limits.caps) if limits.caps else 1.0,
            min_return=None if limits.least_return is None else limits.least_return / scale,
            risk_free_rate=limits.risk_free / scale,
            solver_params=dict.fromkeys(("tol_gap_abs", "tol_gap_rel", "tol_feas"), tolerance),
        )
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", UserWarning)  # how the library says that a tolerance was not reached
                model.fit(np.zeros((2, len(means))))
        except (OptimizationError, UserWarning) as error:
            fault = " ".join(str(error).split())
        else:
            return np.array(model.weights_, dtype=np.float64)
    raise ValueError(f"the solver found no mix within the limits: {fault}")


def _given_moments(means: Floats, covariance: Floats) -> Any:
    """Return a prior that has these moments, whatever the returns are."""
    from skfolio.prior import BasePrior, ReturnDistribution  # type: ignore[import-untyped]  # noqa: PLC0415

    class Given(BasePrior):  # type: ignore[misc]
        # the library copies its parts by the names of these arguments
        def __init__(self, means: Floats, covariance: Floats) -> None:
            self.means = means
            self.covariance = covariance

        def fit(self, returns: Floats, _y: object = None, **_more: object) -> Any:
            moments = ReturnDistribution(mu=self.means, covariance=self.covariance, returns=returns)
            self.return_distribution_ = moments
            return self

    return Given(means, covariance)
