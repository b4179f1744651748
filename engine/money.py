"""Decimal rules: cents, and splitting an amount so that the parts always sum to the whole."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """Round an amount of dollars to the cent, halves away from zero; nothing is never minus nothing."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP) + ZERO


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
    if whole <= 0 or any(w < 0 for w in weights):
        raise ValueError("weights must be >= 0 and not all zero")
    sign = -1 if total < 0 else 1
    units = int(abs(total) / CENT)
    exact = [Decimal(units) * w / whole for w in weights]
    floors = [int(x) for x in exact]
    order = sorted(range(len(weights)), key=lambda i: (floors[i] - exact[i], i))
    for i in order[: units - sum(floors)]:
        floors[i] += 1
    return tuple(sign * CENT * n for n in floors)
