"""What a network reads and is paid by: windows of scaled returns and prices, and what each fund grew by afterwards."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import AppError

Floats = NDArray[np.float64]

LEAST_SAMPLES = 24
"""Fewer decisions to learn from are none."""
DECISIONS_A_HOLD = 3
"""How many decisions are sampled within the time that one is held: more of them overlap and teach the same."""
STILL = 1e-12
"""A fund whose returns vary by less does not move."""


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Decisions of the past, the oldest first. `windows` are [S, window, N, 2], `growth` [S, N].

    `growth` is the last close of the time held over its first. The decision before sample i, which is given up for
    it, is sample i - `step`.
    """

    windows: Floats
    growth: Floats
    step: int


def spread(closes: Floats) -> Floats:
    """Return the standard deviation of each fund's returns, which its windows are scaled by."""
    found: Floats = (closes[1:] / closes[:-1] - 1.0).std(axis=0)
    if found.min() <= STILL:
        raise AppError("A fund that does not move cannot be learned from", hint="Leave it out of the universe.")
    return found


def window_of(closes: Floats, scale: Floats) -> Floats:
    """Return one window, [window, N, 2], of window + 1 closes: returns, and prices against the latest one, scaled.

    Prices and returns side by side are the features of Zhang, Zohren and Roberts (2020), section 3.
    """
    returns: Floats = (closes[1:] / closes[:-1] - 1.0) / scale
    levels: Floats = np.log(closes[1:] / closes[-1]) / (scale * np.sqrt(len(returns)))
    return np.stack((returns, levels), axis=-1)


def samples(closes: Floats, window: int, hold: int) -> Samples:
    """Return the decisions that closes, [T, N], let one learn from; the last is held up to the last close exactly.

    A decision is held for `hold` rows, so none reaches beyond the closes that are given. Raises AppError for too few
    rows or a fund that does not move.
    """
    stride = max(1, hold // DECISIONS_A_HOLD)
    step = max(1, hold // stride)
    held = step * stride
    rows = np.arange(len(closes) - 1 - held, window - 1, -stride)[::-1]
    if len(rows) < LEAST_SAMPLES:
        raise AppError(
            f"{len(closes):,} rows of prices are too few to fit a network on",
            hint="Give more history, more train_months or a shorter window.",
        )
    scale = spread(closes)
    windows = np.stack([window_of(closes[row - window : row + 1], scale) for row in rows])
    return Samples(windows, closes[rows + held] / closes[rows], step)
