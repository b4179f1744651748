"""Mean-variance under limits: the exact answers where there are any, the reference, and what no mix can meet."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.overlay.allocation import AllocationMethod, weights
from engine.overlay.allocation_mean_variance import MixLimits, Objective, mean_variance
from tests.engine.overlay.allocation_cases import THREE, reference

MEANS = np.array([0.07, 0.06, 0.03])
CAP25 = (0.25,) * 8


@pytest.mark.parametrize(
    ("objective", "method"),
    [
        (Objective.LEAST_VARIANCE, AllocationMethod.MIN_VARIANCE),
        (Objective.BEST_SHARPE, AllocationMethod.MAX_SHARPE),
    ],
)
@pytest.mark.parametrize("period", [1, 252])
def test_without_limits_it_is_the_exact_answer(objective: Objective, method: AllocationMethod, period: int) -> None:
    found = mean_variance(objective, THREE / period, mean=MEANS / period)
    assert found == pytest.approx(weights(method, THREE, mean=MEANS), abs=5e-6)


def test_a_risk_free_rate_is_taken_off_the_returns() -> None:
    found = mean_variance(Objective.BEST_SHARPE, THREE, mean=MEANS, limits=MixLimits(risk_free=0.02))
    assert found == pytest.approx(weights(AllocationMethod.MAX_SHARPE, THREE, mean=MEANS - 0.02), abs=5e-6)


def test_caps_and_floors_hold_and_what_they_leave_is_best() -> None:
    limits = MixLimits(floors=(0.1, 0.0, 0.0), caps=(1.0, 1.0, 0.5))
    found = mean_variance(Objective.LEAST_VARIANCE, THREE, limits=limits)
    # bonds at their cap, the riskier stocks at their floor, the others hold the rest
    assert found == pytest.approx([0.1, 0.4, 0.5], abs=5e-6)


def test_the_return_to_reach_is_reached() -> None:
    found = mean_variance(Objective.LEAST_VARIANCE, THREE, mean=MEANS, limits=MixLimits(least_return=0.05))
    assert found @ MEANS == pytest.approx(0.05, abs=1e-7)


@pytest.mark.parametrize(
    ("objective", "mean", "limits", "message"),
    [
        (Objective.BEST_SHARPE, None, MixLimits(), "needs an expected return for each asset"),
        (Objective.LEAST_VARIANCE, None, MixLimits(least_return=0.1), "needs an expected return for each asset"),
        (Objective.BEST_SHARPE, MEANS[:2], MixLimits(), "expected returns are 3 numbers"),
        (Objective.BEST_SHARPE, MEANS, MixLimits(caps=(0.5, 0.5)), "caps are 3 weights between 0 and 1"),
        (Objective.BEST_SHARPE, MEANS, MixLimits(caps=(0.3, 0.3, 0.3)), "no mix sums to 1: .* caps to 0.9"),
        (Objective.BEST_SHARPE, MEANS, MixLimits(floors=(0.6, 0.6, 0)), "no mix sums to 1: floors sum to 1.2"),
        (Objective.BEST_SHARPE, MEANS, MixLimits((0.6, 0, 0), (0.5, 1, 1)), "the floor of asset 1 is above its cap"),
        (Objective.BEST_SHARPE, MEANS, MixLimits(risk_free=0.08), "no mix expects more than the risk-free rate"),
        (
            Objective.LEAST_VARIANCE,
            MEANS,
            MixLimits(caps=(0.5, 1, 1), least_return=0.066),
            "no mix expects 0.066: the caps allow 0.065 at most",
        ),
    ],
)
def test_what_no_mix_can_meet_is_said_in_one_line(
    objective: Objective, mean: Any, limits: MixLimits, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        mean_variance(objective, THREE, mean=mean, limits=limits)


@pytest.mark.shared
def test_mixes_under_limits_are_those_of_the_reference(shared_folder: Path) -> None:
    known = reference(shared_folder)
    text = (shared_folder / "reference" / "optimizer_weights_etf8.json").read_text(encoding="utf-8")
    goal = json.loads(text)["sets"]["etf8_daily_2008_2022"]["checks"]["mv_target_return_value"]
    asked = {
        "min_var_cap25": (Objective.LEAST_VARIANCE, MixLimits(caps=CAP25)),
        "max_sharpe_cap25_rf0": (Objective.BEST_SHARPE, MixLimits(caps=CAP25)),
        "max_sharpe_long_only_rf2pct": (Objective.BEST_SHARPE, MixLimits(risk_free=0.02)),
        "mv_target_return": (Objective.LEAST_VARIANCE, MixLimits(least_return=goal)),
    }
    for name, (objective, limits) in asked.items():
        found = mean_variance(objective, known.covariance, mean=known.mean, limits=limits)
        assert found == pytest.approx(known.weights[name], abs=5e-6), name
