"""Synthetic closes of which something can be learned, and small networks to learn it."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from engine.overlay.learned_setting import LearnedSetting
from engine.overlay.policy import Mode, OverlayPolicy
from engine.research.metrics import Floats

LEARNERS = pytest.mark.parametrize("mode", [Mode.DIRECT_SHARPE, Mode.POLICY_GRADIENT])
HOLD = 21
SMALL = LearnedSetting(window=20, hidden=6, epochs=25, learning_rate=Decimal("0.03"), train_months=12, retrain_months=6)
POLICY = OverlayPolicy(
    universe={"momentum": "MOM", "value": "VAL", "bonds": "BOND"},
    strategic={"momentum": Decimal("0.4"), "value": Decimal("0.4"), "bonds": Decimal("0.2")},
    cash="BILL",
    mode=Mode.DIRECT_SHARPE,
    learned=SMALL,
)


def small(**changes: Any) -> LearnedSetting:
    values = {name: getattr(SMALL, name) for name in SMALL.__slots__}
    return LearnedSetting(**values | changes)


def taking_turns(count: int = 1500, seed: int = 1) -> Floats:
    """Two funds, one rising while the other falls, changing places every 84 rows: the last window tells which."""
    random = np.random.default_rng(seed)
    drift = np.where((np.arange(count) // 84) % 2 == 0, 0.004, -0.004)
    steps = random.standard_normal((count, 2)) * 0.006 + np.stack((drift, -drift), axis=1)
    closes: Floats = 100.0 * np.exp(np.cumsum(steps, axis=0))
    return closes


def one_ahead(count: int = 800, seed: int = 1) -> Floats:
    """Three funds, the second of which earns more than the others, always."""
    random = np.random.default_rng(seed)
    steps = random.standard_normal((count, 3)) * 0.008 + np.array([0.0, 0.0015, 0.0])
    closes: Floats = 100.0 * np.exp(np.cumsum(steps, axis=0))
    return closes
