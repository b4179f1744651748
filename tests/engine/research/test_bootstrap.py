"""The stationary bootstrap: block lengths against theory and skfolio, coverage, and the same answer for a seed."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.research import metrics
from engine.research.bootstrap import Resampling, block_length, bootstrap, resampled_rows
from engine.research.drawdowns import max_drawdown
from engine.research.metrics import Floats

FEW = Resampling(samples=200, seed=5)


def autoregressive(count: int, weight: float, seed: int) -> Floats:
    steps = np.random.default_rng(seed).standard_normal(count + 200)
    series = np.zeros_like(steps)
    for t in range(1, len(steps)):
        series[t] = weight * series[t - 1] + steps[t]
    return series[200:] * 0.01


def returns(count: int = 400, seed: int = 1, mean: float = 0.0004) -> Floats:
    return np.random.default_rng(seed).standard_normal(count) * 0.01 + mean


@pytest.mark.parametrize("weight", [0.3, 0.6])
def test_blocks_of_an_autoregression_are_as_long_as_theory_says(weight: float) -> None:
    # Patton, Politis and White (2009): (G^2 / g(0)^2)^(1/3) n^(1/3), where G / g(0) = 2 r / (1 - r^2) for an AR(1)
    theory = (2 * weight / (1 - weight**2)) ** (2 / 3) * 4000 ** (1 / 3)
    found = np.mean([block_length(autoregressive(4000, weight, seed)) for seed in range(30)])
    assert found == pytest.approx(theory, rel=0.15)


def test_returns_without_memory_are_drawn_almost_one_by_one() -> None:
    assert np.median([block_length(returns(2000, seed)) for seed in range(30)]) < 5


@pytest.mark.parametrize("weight", [0.0, 0.2, 0.5, 0.8])
def test_block_lengths_are_those_of_skfolio(weight: float) -> None:
    from skfolio.utils.bootstrap import optimal_block_size  # type: ignore[import-untyped]  # noqa: PLC0415 - slow

    for seed in range(5):
        series = autoregressive(1000, weight, seed)
        assert block_length(series) == pytest.approx(max(1.0, float(optimal_block_size(series))), rel=0.02)


@pytest.mark.parametrize("length", [1.0, 4.0, 25.0])
def test_blocks_are_as_long_as_asked_on_average(length: float) -> None:
    rows = resampled_rows(500, 200, length, np.random.default_rng(2))
    broken = (np.diff(rows, axis=1) % 500 != 1).mean()
    # a new block goes on with the next row by chance once in 500 times
    assert broken == pytest.approx(1 / length * (1 - 1 / 500), rel=0.05)
    assert np.bincount(rows.ravel(), minlength=500).min() > 0


def test_the_estimates_are_the_figures_of_the_returns() -> None:
    mine, other, cash = returns(), returns(seed=2), np.full(400, 0.0001)
    found = {(row.figure, row.versus): row for row in bootstrap(mine, 252, FEW, benchmark=other, risk_free=cash).rows}
    values = np.concatenate(([1.0], np.cumprod(1 + mine)))
    assert found["cagr", ""].estimate == pytest.approx(metrics.annual_return(mine, 252))
    assert found["sharpe", ""].estimate == pytest.approx(metrics.sharpe(mine, 252, cash))
    assert found["max_drawdown", ""].estimate == pytest.approx(max_drawdown(values))
    against = metrics.annual_return(mine, 252) - metrics.annual_return(other, 252)
    assert found["cagr", "benchmark"].estimate == pytest.approx(against)
    for row in found.values():
        assert row.low < row.high


def test_a_benchmark_that_is_the_policy_itself_leaves_no_difference() -> None:
    mine = returns()
    rows = bootstrap(mine, 252, FEW, benchmark=mine, versus="strategic mix").rows
    for row in rows[3:]:
        assert (row.versus, row.estimate, row.low, row.high) == ("strategic mix", 0.0, 0.0, 0.0)


def test_nine_intervals_in_ten_hold_the_true_sharpe_ratio() -> None:
    true = 0.05 * math.sqrt(252)
    held = []
    for seed in range(60):
        mine = returns(500, seed, mean=0.0005)
        row = next(r for r in bootstrap(mine, 252, Resampling(120, 0.90, seed)).rows if r.figure == "sharpe")
        held.append(row.low <= true <= row.high)
    assert 0.80 <= np.mean(held) <= 0.97


def test_a_chain_of_falls_is_kept_together_by_blocks() -> None:
    # twenty falls in a row: drawn one by one they are spread, drawn in blocks they make a deep drawdown
    mine = np.full(400, 0.001)
    mine[100:120] = -0.02
    one, blocks = (bootstrap(mine, 252, Resampling(300, seed=1, block_length=b)).rows[2] for b in (1.0, 60.0))
    assert blocks.low < one.low - 0.05


def test_the_same_seed_gives_the_same_intervals_and_another_does_not() -> None:
    mine = returns()
    assert bootstrap(mine, 252, FEW) == bootstrap(mine, 252, FEW)
    assert bootstrap(mine, 252, FEW).rows != bootstrap(mine, 252, Resampling(200, seed=6)).rows


def test_a_dozen_returns_are_too_few() -> None:
    with pytest.raises(ValueError, match="20 returns: 12"):
        bootstrap(returns(12), 252)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(20, 300), st.floats(0.5, 0.99))
def test_a_wider_level_is_a_wider_interval(seed: int, count: int, level: float) -> None:
    mine = returns(count, seed)
    narrow, wide = (bootstrap(mine, 252, Resampling(100, share, seed)).rows for share in (level * 0.9, level))
    for inner, outer in zip(narrow, wide, strict=True):
        assert outer.low <= inner.low <= inner.high <= outer.high
        assert 0.0 <= outer.above_zero <= 1.0
