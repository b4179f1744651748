"""How a learned allocation is fitted: the keys under `learned` of a policy. No PyTorch here."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class LearnedSetting:
    """The seed, the network and the calendar of its fits.

    The network reads `window` rows and has `hidden` units. It is trained for `epochs` steps at `learning_rate`, every
    change of weights costing `cost_bp` basis points of what is traded. It is first fitted after `train_months` of
    closes, and again every `retrain_months` on all closes up to then. The window of 50 rows, the new fit every two
    years and 100 epochs are those of Zhang, Zohren and Roberts (2020), Deep Learning for Portfolio Optimization.
    """

    seed: int = 0
    window: int = 50
    hidden: int = 32
    epochs: int = 100
    learning_rate: Decimal = Decimal("0.01")
    cost_bp: Decimal = Decimal(10)
    train_months: int = 60
    retrain_months: int = 24


BOUNDS: tuple[tuple[str, int, int], ...] = (
    ("seed", 0, 2**31 - 1),
    ("window", 4, 250),
    ("hidden", 1, 256),
    ("epochs", 1, 1000),
    ("cost_bp", 0, 5000),
    ("train_months", 6, 480),
    ("retrain_months", 1, 480),
)
"""The least and the most of each number."""


def learned_faults(setting: LearnedSetting) -> tuple[str, ...]:
    """Return what is wrong with a setting, one line each, beginning with its key; empty when it holds."""
    found = [
        f"{name}: {getattr(setting, name)} is not between {low:,} and {high:,}"
        for name, low, high in BOUNDS
        if not low <= getattr(setting, name) <= high
    ]
    if not (setting.learning_rate.is_finite() and 0 < setting.learning_rate <= 1):
        found.append(f"learning_rate: {setting.learning_rate} is not above 0 and at most 1")
    return tuple(found)
