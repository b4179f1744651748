"""Many covariances at once: the same answers as one by one, and the same as slower ways of solving."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.overlay import allocation_risk
from engine.overlay.allocation import AllocationMethod, checked_covariances, many_weights, weights
from engine.overlay.allocation_hrp import leaves
from engine.overlay.covariance import CovarianceEstimate, covariance
from engine.overlay.expected_returns import many_shrunk_means, shrunk_mean
from tests.engine.overlay.allocation_cases import THREE, Floats, covariances

methods = pytest.mark.parametrize("method", AllocationMethod)


def stack(count: int = 40, assets: int = 7, seed: int = 3) -> tuple[Floats, Floats]:
    """Return covariances of one common factor and means of both signs, the first of each above 0."""
    rng = np.random.default_rng(seed)
    loads = rng.normal(size=(count, assets, 2))
    own = rng.uniform(0.02, 1.0, (count, assets, 1)) * np.eye(assets)
    means = rng.normal(size=(count, assets))
    means[:, 0] = np.abs(means[:, 0]) + 0.01
    return loads @ np.swapaxes(loads, 1, 2) + own, means


@methods
def test_a_stack_has_the_weights_that_each_of_its_covariances_has_alone(method: AllocationMethod) -> None:
    matrices, means = stack()
    budget = np.arange(1.0, 8)
    together = many_weights(method, matrices, means=means, budget=budget)
    alone = [weights(method, one, mean=mean, budget=budget) for one, mean in zip(matrices, means, strict=True)]
    assert together == pytest.approx(np.array(alone), abs=1e-14)


@methods
def test_no_covariance_has_no_weights(method: AllocationMethod) -> None:
    found = many_weights(method, np.empty((0, 4, 4)), means=np.empty((0, 4)), budget=np.ones(4))
    assert found.shape == (0, 4)


@given(matrix=covariances(least=1), seed=st.integers(0, 1000))
def test_exchanging_assets_finds_what_entering_them_one_at_a_time_finds(matrix: Floats, seed: int) -> None:
    merit = np.random.default_rng(seed).normal(size=len(matrix))
    sigma = np.sqrt(np.diagonal(matrix))
    correlations = matrix / np.outer(sigma, sigma)
    found, settled = allocation_risk.exchanged(correlations[None], merit[None])
    assert settled.all()
    assert found[0] == pytest.approx(allocation_risk.one_at_a_time(correlations, merit), abs=1e-9)


@pytest.mark.parametrize("apart", [1e-3, 1e-6, 1e-9])
def test_assets_that_are_nearly_the_same_are_solved_too(apart: float) -> None:
    rng = np.random.default_rng(5)
    loads = rng.normal(size=(50, 8, 1)) ** 2 + 0.5
    matrices = loads @ np.swapaxes(loads, 1, 2) + apart * rng.uniform(0.5, 1.5, (50, 8, 1)) * np.eye(8)
    found = many_weights(AllocationMethod.MIN_VARIANCE, matrices)
    assert found.min() >= 0
    marginal = (matrices @ found[:, :, None])[:, :, 0]
    variance = (found * marginal).sum(axis=1, keepdims=True)
    # no asset has less covariance with the best mix than the mix has variance
    assert (marginal / variance).min() >= 1 - 1e-6


def test_what_exchanging_does_not_settle_is_solved_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    matrices, means = stack(assets=12)
    settled = many_weights(AllocationMethod.MAX_SHARPE, matrices, means=means)
    monkeypatch.setattr(allocation_risk, "ENOUGH_EXCHANGES", 1)
    assert many_weights(AllocationMethod.MAX_SHARPE, matrices, means=means) == pytest.approx(settled, abs=1e-12)
    monkeypatch.setattr(allocation_risk, "ENOUGH_EXCHANGES", 60)
    monkeypatch.setattr(allocation_risk, "PATIENCE", 0)
    assert many_weights(AllocationMethod.MAX_SHARPE, matrices, means=means) == pytest.approx(settled, abs=1e-12)


@pytest.mark.parametrize("assets", [2, 3, 8, 25])
def test_leaves_stand_in_the_order_of_scipy(assets: int) -> None:
    from scipy.cluster.hierarchy import leaves_list, linkage  # type: ignore[import-untyped]  # noqa: PLC0415 - slow
    from scipy.spatial.distance import squareform  # type: ignore[import-untyped]  # noqa: PLC0415 - slow

    points = np.random.default_rng(assets).integers(0, 6, (60, assets, 3))  # many distances are equal
    distances = np.sqrt(((points[:, :, None] - points[:, None]) ** 2).sum(axis=3))
    theirs = [leaves_list(linkage(squareform(one), "single")).tolist() for one in distances]
    assert leaves(distances).tolist() == theirs


@pytest.mark.parametrize("estimate", CovarianceEstimate)
def test_windows_given_at_once_have_the_covariances_that_each_has_alone(estimate: CovarianceEstimate) -> None:
    windows = 0.01 * np.random.default_rng(7).normal(size=(6, 60, 4))
    together = covariance(estimate, windows, periods_per_year=252)
    assert together == pytest.approx(np.array([covariance(estimate, one, periods_per_year=252) for one in windows]))


def test_means_given_at_once_are_drawn_as_each_is_alone() -> None:
    matrices, means = stack()
    drawn, levels, shares = many_shrunk_means(means, matrices, years=3)
    for k, (mean, matrix) in enumerate(zip(means, matrices, strict=True)):
        alone = shrunk_mean(mean, matrix, years=3)
        assert drawn[k] == pytest.approx(alone.mean)
        assert (levels[k], shares[k]) == pytest.approx((alone.level, alone.shrinkage))


def test_one_bad_covariance_in_a_stack_is_refused_with_its_reason() -> None:
    twins = np.array([THREE, np.full((3, 3), 0.04)])
    with pytest.raises(ValueError, match="not positive definite"):
        checked_covariances(twins)
    with pytest.raises(ValueError, match="a row for each covariance"):
        many_weights(AllocationMethod.MAX_SHARPE, np.array([THREE, THREE]), means=np.ones((1, 3)))
