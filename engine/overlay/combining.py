"""One view of a class from its signals: by votes, by fixed weights or by z-scores; and which moves are too small."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Protocol

import numpy as np

from engine.overlay.limits import ZERO, Move, percent
from engine.overlay.policy import Combine, OverlayPolicy, SignalSetting
from engine.overlay.signals import SIGNALS
from engine.overlay.volatility_signals import past_z
from engine.overlay.voting import PLACES, combined_votes

FULL_VOTE = Decimal(2)
"""Standard deviations that are a full vote."""
HIGHEST_Z = 3.0
"""A z-score counts for no more than this, so that one wild value does not outvote the others."""


class ReadSignal(Protocol):
    """One signal of a class at each month end: its values (None = no reading) and its votes."""

    @property
    def setting(self) -> SignalSetting:
        """The signal."""

    @property
    def values(self) -> tuple[Decimal | None, ...]:
        """Its values, above zero bullish."""

    @property
    def votes(self) -> tuple[int, ...]:
        """Its votes: 1, -1, and 0 for none."""


def class_votes(signals: Sequence[ReadSignal], policy: OverlayPolicy) -> tuple[Decimal, ...]:
    """Return a class's combined vote at each month end, in [-1, 1]. A signal without a reading counts as zero.

    Hysteresis and ties are of votes; z-scores know neither.
    """
    weights = [signal.setting.weight for signal in signals]
    if policy.combine is Combine.WEIGHTED:
        return weighted([[Decimal(vote) for vote in signal.votes] for signal in signals], weights)
    if policy.combine is Combine.Z_SCORE:
        return weighted([_z_votes(signal) for signal in signals], weights)
    return combined_votes([signal.votes for signal in signals], policy)


def weighted(parts: Sequence[Sequence[Decimal]], weights: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Return the weighted mean of the parts at each month end, no further out than one."""
    total = sum(weights, ZERO)
    sums = (sum((w * part for w, part in zip(weights, row, strict=True)), ZERO) for row in zip(*parts, strict=True))
    return tuple(max(min(found / total, Decimal(1)), Decimal(-1)).quantize(PLACES).normalize() + 0 for found in sums)


def _z_votes(signal: ReadSignal) -> list[Decimal]:
    """Return the values as z-scores over their own past, in full votes."""
    values = np.array([np.nan if value is None else float(value) for value in signal.values])
    scores = values if SIGNALS[signal.setting.kind].is_z else past_z(values)
    clipped = np.clip(np.nan_to_num(scores, nan=0.0), -HIGHEST_Z, HIGHEST_Z)
    return [Decimal(f"{score:.6f}") / FULL_VOTE for score in clipped]


def worth_moving(before: Mapping[str, Decimal], move: Move, min_change: Decimal) -> Move:
    """Return the move, or no move where no target would change by `min_change` (a fraction of the portfolio).

    Trades too small to matter cost their spread all the same.
    """
    largest = max((abs(weight - before[name]) for name, weight in move.targets.items()), default=ZERO)
    if not 0 < largest < min_change:
        return move
    held = f"min_change {percent(min_change)}: the largest change would be {percent(largest)}, nothing moved"
    return Move(dict(before), ZERO, (*move.bound, held))
