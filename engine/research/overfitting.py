"""The probability that the best policy in sample is below the middle out of sample: CSCV.

Bailey, Borwein, Lopez de Prado and Zhu (2014), The Probability of Backtest Overfitting: the time is cut into blocks,
every half of them is once the sample that chooses and once the one that is kept from the choice.
"""

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from engine.research.deflated_sharpe import NO_VARIATION
from engine.research.metrics import Floats

BLOCKS = 16
"""As the authors take: 12,870 ways to choose half of the blocks."""
MOST_BLOCKS = 20
LEAST_ROWS = 2
"""Returns in a block, below which half of the blocks may have no standard deviation."""
AT_ONCE = 2_000_000
"""Sharpe ratios worked on at the same time, to bound the memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Overfitting:
    """What choosing in sample did out of sample. One row for each way to split the blocks.

    `probability` is the share of splits whose chosen trial was at or below the middle out of sample, `loss` the share
    in which it earned nothing or less. `logits` are those of its relative rank; `inside` and `outside` its Sharpe
    ratios per period; `slope` how `outside` falls or rises with `inside`, NaN where `inside` does not vary.
    """

    probability: float
    loss: float
    slope: float
    trials: int
    blocks: int
    logits: Floats
    inside: Floats
    outside: Floats


def overfitting(excess: Floats, blocks: int = BLOCKS) -> Overfitting:
    """Return the probability of overfitting of trials whose returns over the risk-free rate are `excess`, [T, N].

    Blocks are as equal as T allows. A trial without variation ranks as a Sharpe ratio of zero.

    Raises ValueError for fewer than two trials, an odd number of blocks or one beyond 20, or too few rows for them.
    """
    rows, trials = excess.shape
    if trials < 2:
        raise ValueError("overfitting is measured over two trials or more")
    if blocks % 2 or not 2 <= blocks <= MOST_BLOCKS:
        raise ValueError(f"the blocks are to be even, from 2 to {MOST_BLOCKS}: {blocks}")
    if rows < LEAST_ROWS * blocks:
        raise ValueError(f"{rows} rows are too few for {blocks} blocks")
    halves = np.array(list(combinations(range(blocks), blocks // 2)))
    chosen = np.zeros((len(halves), blocks))
    chosen[np.arange(len(halves))[:, None], halves] = 1.0
    sums = _Sums(excess, blocks)
    step = max(1, AT_ONCE // trials)
    parts = [_judge(sums, chosen[start : start + step]) for start in range(0, len(chosen), step)]
    logits, inside, outside = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Overfitting(
        probability=float(np.mean(logits <= 0)),
        loss=float(np.mean(outside <= 0)),
        slope=_slope(inside, outside),
        trials=trials,
        blocks=blocks,
        logits=logits,
        inside=inside,
        outside=outside,
    )


class _Sums:
    """Counts, sums and sums of squares by block: all that the Sharpe ratio of any union of blocks needs."""

    def __init__(self, excess: Floats, blocks: int) -> None:
        scale = float(np.abs(excess).max(initial=0.0)) or 1.0
        edges = np.linspace(0, len(excess), blocks + 1).astype(int)
        scaled = excess / scale
        self.counts = np.diff(edges).astype(np.float64)
        self.first = np.add.reduceat(scaled, edges[:-1], axis=0)
        self.second = np.add.reduceat(scaled**2, edges[:-1], axis=0)

    def sharpe(self, chosen: Floats) -> Floats:
        """Return the Sharpe ratios per period, [way, trial], of the blocks marked 1 in each row of `chosen`."""
        count = (chosen @ self.counts)[:, None]
        mean = chosen @ self.first / count
        variance = np.maximum(chosen @ self.second / count - mean**2, 0.0) * count / (count - 1.0)
        deviation = np.sqrt(variance)
        ratios: Floats = np.divide(mean, deviation, out=np.zeros_like(mean), where=deviation > NO_VARIATION**0.5)
        return ratios


def _judge(sums: _Sums, chosen: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the logit of the chosen trial's rank out of sample, its ratio in sample and out, one for each way."""
    inside, outside = sums.sharpe(chosen), sums.sharpe(1.0 - chosen)
    ways = np.arange(len(chosen))
    best = inside.argmax(axis=1)
    reached = outside[ways, best][:, None]
    # ties share the middle of their ranks, so that trials that are all alike are no evidence either way
    below = (outside < reached).sum(axis=1)
    ranks = below + 0.5 * ((outside == reached).sum(axis=1) + 1)
    share = ranks / (outside.shape[1] + 1)
    return np.log(share / (1.0 - share)), inside[ways, best], reached[:, 0]


def _slope(inside: Floats, outside: Floats) -> float:
    centred = inside - inside.mean()
    spread = float(centred @ centred)
    return float(centred @ (outside - outside.mean()) / spread) if spread > 0 else math.nan
