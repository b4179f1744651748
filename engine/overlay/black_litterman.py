"""Black and Litterman: expected returns that blend what a strategic mix implies with views, each as far as believed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TAU = 0.05
"""Variance of the implied returns as a share of that of returns: about one over the years behind them."""


@dataclass(frozen=True, slots=True)
class View:
    """What an adviser expects: `symbol` returns `value`, or beats `over` by it.

    `value` is a fraction in the period of the covariance, an excess return when it stands alone. `confidence` is from
    0 (as if not held) to 1 (as if certain), by Idzorek; None believes it as much as the implied returns.
    """

    symbol: str
    value: float
    over: str = ""
    confidence: float | None = None

    def sentence(self) -> str:
        """Return the view as a sentence."""
        believed = "" if self.confidence is None else f", confidence {self.confidence:.0%}"
        return f"{self.symbol} {f'beats {self.over} by' if self.over else 'returns'} {self.value:.2%}{believed}"


class Posterior(NamedTuple):
    """Expected excess returns and covariance after the views, in the period of the covariance given."""

    mean: Floats
    covariance: Floats


def black_litterman(
    covariance: Floats,
    prior: Floats,
    views: Sequence[View],
    *,
    symbols: Sequence[str],
    tau: float = TAU,
    omega: Floats | None = None,
) -> Posterior:
    """Return the returns and the covariance after the views; `symbols` name the assets in the covariance's order.

    The error of view p is its own when `omega`, the covariance of the views' errors, is given. Otherwise it is
    a * tau * p'Sp, where a is 1/confidence - 1, or 1 without one: T. Idzorek, A Step-by-Step Guide to the
    Black-Litterman Model (2005), in the closed form of J. Walters, The Black-Litterman Model in Detail (2014).
    Without views the mean is the prior. Feed the mean to `allocation.weights` with max_sharpe.

    Raises ValueError for an unknown symbol, a confidence outside 0 to 1, a tau not above 0, an omega of another shape,
    and views that are certain and contradict or repeat one another.
    """
    if tau <= 0:
        raise ValueError(f"tau is above 0, not {tau:g}")
    _check(views, symbols, omega)
    held = [view for view in views if omega is not None or view.confidence != 0]
    if not held:
        return Posterior(np.array(prior, dtype=np.float64), (1 + tau) * covariance)
    picks = np.array([_pick(view, symbols) for view in held])
    loads = tau * covariance @ picks.T
    errors = _errors(held, np.diagonal(picks @ loads)) if omega is None else omega
    surprise = np.array([view.value for view in held]) - picks @ prior
    spread = picks @ loads + errors
    size = np.sqrt(np.diagonal(spread))
    if np.linalg.eigvalsh(spread / np.outer(size, size))[0] < 1e-12:
        raise ValueError(
            "views that are certain contradict or repeat one another; give one of them a confidence below 1"
        )
    mean = prior + loads @ np.linalg.solve(spread, surprise)
    return Posterior(mean, (1 + tau) * covariance - loads @ np.linalg.solve(spread, loads.T))


def _check(views: Sequence[View], symbols: Sequence[str], omega: Floats | None) -> None:
    for view in views:
        unknown = [name for name in (view.symbol, view.over) if name and name not in symbols]
        if unknown or view.symbol == view.over:
            fault = f"names {unknown[0]}, which is not in the mix" if unknown else "compares a symbol with itself"
            raise ValueError(f"the view {view.sentence()!r} {fault}")
        if view.confidence is not None and not 0 <= view.confidence <= 1:
            raise ValueError(f"the confidence of the view {view.sentence()!r} is not between 0 and 1")
    if omega is not None and omega.shape != (len(views), len(views)):
        raise ValueError(f"omega is {' x '.join(map(str, omega.shape))} for {len(views)} views")


def _pick(view: View, symbols: Sequence[str]) -> list[float]:
    return [float(symbol == view.symbol) - float(symbol == view.over) for symbol in symbols]


def _errors(views: Sequence[View], variances: Floats) -> Floats:
    """Return the covariance of the views' errors: each its own, as far as it is not believed."""
    doubt = [1.0 if view.confidence is None else 1 / view.confidence - 1 for view in views]
    return np.diag(np.array(doubt) * variances)
