"""Decimal rules: cents, and splitting an amount so that the parts always sum to the whole."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from operator import sub

ZERO = Decimal(0)
CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """Round an amount of dollars to the cent, halves away from zero; nothing is never minus nothing."""
    return amount.quantize(CENT, ROUND_HALF_UP) + ZERO


def allocate(total: Decimal, weights: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Split `total` dollars (whole cents) over `weights` so that the parts sum to it to the cent.

    Largest remainder: each part is rounded down, the cents left over go to the largest remainders,
    ties to the earlier part. Negative totals are split like their positive twin. Weights are >= 0 and
    not all zero.

    Raises ValueError for a total that is not whole cents or weights that sum to zero.
    """
    if total != cents(total):
        raise ValueError(f"{total} is not a whole number of cents")
    whole = sum(weights, ZERO)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights must be >= 0 and not all zero")
    if total < 0:
        return tuple(-part for part in allocate(-total, weights))
    exact = [total * w / whole for w in weights]
    parts = [x.quantize(CENT, ROUND_DOWN) for x in exact]
    left = total - sum(parts, ZERO)
    if left:
        remainders = list(map(sub, exact, parts))
        order = sorted(range(len(parts)), key=remainders.__getitem__, reverse=True)
        for i in order[: int(left / CENT)]:
            parts[i] += CENT
    return tuple(parts)
