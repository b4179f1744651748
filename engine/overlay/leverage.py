"""Capped leverage: a mix scaled up to a target volatility, what it borrows, and what that costs."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NO_LEVERAGE = 1.0


@dataclass(frozen=True, slots=True)
class LeverageMonitor:
    """How levered a mix is. Exposures are multiples of equity; rates, costs and volatility are fractions a year."""

    gross_exposure: float
    cap: float
    headroom: float
    borrowed: float
    financing_cost: float
    volatility: float
    target_volatility: float
    loss_to_cap: float | None

    @property
    def capped(self) -> bool:
        """Whether the cap, not the target, sets the exposure."""
        return self.headroom <= 1e-9 and self.volatility < self.target_volatility * (1 - 1e-9)

    def sentence(self) -> str:
        """Return the state of leverage in sentences."""
        text = (
            f"Gross exposure {self.gross_exposure:.2f} of a cap of {self.cap:.2f}, headroom {self.headroom:.2f}; "
            f"financing costs {self.financing_cost:.2%} a year."
        )
        if self.loss_to_cap:
            text += f" A loss of {self.loss_to_cap:.1%} on the assets takes it to the cap."
        if self.capped:
            text += f" The cap holds volatility at {self.volatility:.1%}, short of {self.target_volatility:.1%}."
        return text


def scale_to_volatility(
    weights: Floats, covariance: Floats, *, target_volatility: float, cap: float = NO_LEVERAGE
) -> Floats:
    """Return the weights times one factor, so that the volatility is the target or the gross exposure is the cap.

    What the weights leave of 1 is cash, and below 0 borrowed. `covariance` and the target are of one period.
    Raises ValueError for a target or a cap not above 0.
    """
    if target_volatility <= 0 or cap <= 0:
        raise ValueError(f"target volatility and cap are above 0, not {target_volatility:g} and {cap:g}")
    volatility = float(np.sqrt(weights @ covariance @ weights))
    gross = float(np.abs(weights).sum())
    scaled: Floats = weights * min(target_volatility / volatility, cap / gross)
    return scaled


def monitor(
    weights: Floats, covariance: Floats, *, target_volatility: float, cap: float, financing_rate: float
) -> LeverageMonitor:
    """Return how levered the weights are under a cap; `covariance` is annual, as is the rate on what is borrowed.

    `loss_to_cap` is the loss of the assets, as a fraction, after which the exposure is at the cap when nothing is sold,
    because what is borrowed stays; None when nothing is borrowed.
    """
    gross, net = float(np.abs(weights).sum()), float(weights.sum())
    borrowed = max(net - 1, 0.0)
    return LeverageMonitor(
        gross_exposure=gross,
        cap=cap,
        headroom=0.0 if math.isclose(cap, gross) else cap - gross,
        borrowed=borrowed,
        financing_cost=borrowed * financing_rate,
        volatility=float(np.sqrt(weights @ covariance @ weights)),
        target_volatility=target_volatility,
        loss_to_cap=_loss_to_cap(gross, borrowed, cap),
    )


def _loss_to_cap(gross: float, borrowed: float, cap: float) -> float | None:
    """Solve g (1 - x) = cap (g (1 - x) - b) for the loss x."""
    if borrowed <= 0 or cap <= 1:
        return None
    return max(1 - cap * borrowed / ((cap - 1) * gross), 0.0)
