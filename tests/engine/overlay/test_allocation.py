"""Risk-based allocations: what holds for every covariance, answers known by hand, the reference, what is refused."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.overlay.allocation import AllocationMethod, risk_contributions, weights
from tests.engine.overlay.allocation_cases import THREE, VOLATILITIES, Floats, covariances, reference

ASKED = {
    "erc": AllocationMethod.ERC,
    "risk_budget_1_to_n": AllocationMethod.RISK_BUDGET,
    "min_var_long_only": AllocationMethod.MIN_VARIANCE,
    "max_sharpe_long_only_rf0": AllocationMethod.MAX_SHARPE,
    "inverse_vol": AllocationMethod.INVERSE_VOLATILITY,
    "max_diversification": AllocationMethod.MAX_DIVERSIFICATION,
    "hrp": AllocationMethod.HRP,
}
methods = pytest.mark.parametrize("method", AllocationMethod)


def one_to_n(count: int) -> Floats:
    return np.arange(1.0, count + 1)


def any_mean(covariance: Floats) -> Floats:
    """Return expected returns of both signs, the first above 0."""
    signs = np.where(np.arange(len(covariance)) % 3 == 1, -1.0, 1.0)
    mean: Floats = signs * (0.5 + np.arange(len(covariance)) % 4) * np.sqrt(np.diagonal(covariance))
    return mean


def solved(method: AllocationMethod, covariance: Floats) -> Floats:
    return weights(method, covariance, mean=any_mean(covariance), budget=one_to_n(len(covariance)))


@given(covariance=covariances(least=1))
def test_weights_are_not_negative_and_sum_to_one(covariance: Floats) -> None:
    for method in AllocationMethod:
        found = solved(method, covariance)
        assert found.min() >= 0, method
        assert found.sum() == pytest.approx(1, abs=1e-12), method


@given(covariance=covariances(), scale=st.sampled_from((1e-6, 1 / 252, 252.0, 1e4)))
def test_the_unit_of_the_covariance_changes_nothing(covariance: Floats, scale: float) -> None:
    mean, budget = any_mean(covariance), one_to_n(len(covariance))
    for method in AllocationMethod:
        scaled = weights(method, scale * covariance, mean=7 * mean, budget=3 * budget)
        assert scaled == pytest.approx(weights(method, covariance, mean=mean, budget=budget), abs=1e-9), method


@given(covariance=covariances(), seed=st.integers(0, 100))
def test_assets_in_another_order_have_the_same_weights(covariance: Floats, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(covariance))
    mean, budget = any_mean(covariance), one_to_n(len(covariance))
    for method in set(AllocationMethod) - {AllocationMethod.HRP}:
        moved = weights(method, covariance[np.ix_(order, order)], mean=mean[order], budget=budget[order])
        assert moved == pytest.approx(weights(method, covariance, mean=mean, budget=budget)[order], abs=1e-9), method


@given(covariance=covariances())
def test_equal_risk_contributions_are_equal_and_budgets_are_met(covariance: Floats) -> None:
    count = len(covariance)
    equal = risk_contributions(weights(AllocationMethod.ERC, covariance), covariance)
    assert equal == pytest.approx(np.full(count, equal.sum() / count), rel=1e-9)
    budget = one_to_n(count)
    met = risk_contributions(weights(AllocationMethod.RISK_BUDGET, covariance, budget=budget), covariance)
    assert met / met.sum() == pytest.approx(budget / budget.sum(), rel=1e-9)


@pytest.mark.parametrize(
    ("method", "merit"),
    [
        (AllocationMethod.MIN_VARIANCE, lambda covariance: np.ones(len(covariance))),
        (AllocationMethod.MAX_SHARPE, any_mean),
        (AllocationMethod.MAX_DIVERSIFICATION, lambda covariance: np.sqrt(np.diagonal(covariance))),
    ],
)
@given(data=st.data(), covariance=covariances())
def test_no_other_mix_has_a_better_ratio(
    method: AllocationMethod, merit: Callable[[Floats], Floats], data: st.DataObject, covariance: Floats
) -> None:
    worth = np.asarray(merit(covariance))
    found = solved(method, covariance)

    def ratio(mix: Floats) -> float:
        return float(worth @ mix / np.sqrt(mix @ covariance @ mix))

    asset, share = data.draw(st.integers(0, len(covariance) - 1)), data.draw(st.sampled_from((1e-4, 0.01, 0.3, 1.0)))
    other = (1 - share) * found + share * np.eye(len(covariance))[asset]
    assert ratio(other) <= ratio(found) * (1 + 1e-12)
    # at the best mix no asset's merit per unit of its risk is above the mix's
    slack = worth / ratio(found) - covariance @ found / np.sqrt(found @ covariance @ found)
    assert (slack / np.sqrt(np.diagonal(covariance))).max() <= 1e-9


def test_without_correlation_equal_risk_is_inverse_volatility_and_least_variance_inverse_variance() -> None:
    alone = np.diag(VOLATILITIES**2)
    inverse = 1 / VOLATILITIES
    assert weights(AllocationMethod.ERC, alone) == pytest.approx(inverse / inverse.sum())
    assert weights(AllocationMethod.INVERSE_VOLATILITY, THREE) == pytest.approx(inverse / inverse.sum())
    assert weights(AllocationMethod.MIN_VARIANCE, alone) == pytest.approx(inverse**2 / (inverse**2).sum())
    assert weights(AllocationMethod.MAX_DIVERSIFICATION, alone) == pytest.approx(inverse / inverse.sum())
    assert weights(AllocationMethod.HRP, alone) == pytest.approx(inverse**2 / (inverse**2).sum())


def test_two_assets_have_the_weights_of_the_textbook() -> None:
    pair = np.array([[0.04, 0.006], [0.006, 0.01]])
    assert weights(AllocationMethod.ERC, pair) == pytest.approx([1 / 3, 2 / 3])
    assert weights(AllocationMethod.MIN_VARIANCE, pair) == pytest.approx([0.004 / 0.038, 0.034 / 0.038])
    best = weights(AllocationMethod.MAX_SHARPE, pair, mean=np.array([0.06, 0.03]))
    assert best == pytest.approx([0.00042 / 0.00126, 0.00084 / 0.00126])


def test_risk_contributions_sum_to_the_volatility() -> None:
    mix = np.array([0.5, 0.2, 0.3])
    assert risk_contributions(mix, THREE).sum() == pytest.approx(np.sqrt(mix @ THREE @ mix))


def test_tiny_budgets_are_met_to_the_last_digits() -> None:
    budget = np.array([1e-6, 1e-3, 1 - 1e-3 - 1e-6])
    met = risk_contributions(weights(AllocationMethod.RISK_BUDGET, THREE, budget=budget), THREE)
    assert met / met.sum() == pytest.approx(budget, abs=1e-11)


def altered(row: int, column: int, value: float) -> Floats:
    matrix = THREE.copy()
    matrix[row, column] = value
    return matrix


TWINS = np.array([[0.04, 0.04], [0.04, 0.04]])


@pytest.mark.parametrize(
    ("covariance", "message"),
    [
        (THREE[:2], "a covariance is square, this one is 2 x 3"),
        (np.zeros((0, 0)), "a covariance is square, this one is 0 x 0"),
        (altered(1, 2, float("nan")), "row 2, column 3 of the covariance is not a number"),
        (altered(2, 0, float("inf")), "row 3, column 1 of the covariance is not a number"),
        (altered(0, 1, 0.02), "the covariance is not symmetric: row 1, column 2 differs from row 2, column 1"),
        (altered(1, 1, 0.0), "the variance of asset 2 is not above 0"),
        (TWINS, "the covariance is not positive definite: its correlations have an eigenvalue of 0"),
        (np.array([[0.04, 0.05], [0.05, 0.04]]), "the covariance is not positive definite"),
    ],
)
@methods
def test_what_is_no_covariance_is_refused_in_one_line(
    method: AllocationMethod, covariance: Floats, message: str
) -> None:
    with pytest.raises(ValueError, match="variance") as caught:
        weights(method, covariance, mean=np.ones(3), budget=np.ones(3))
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("method", "mean", "budget", "message"),
    [
        (AllocationMethod.MAX_SHARPE, None, None, "max_sharpe needs an expected return for each asset"),
        (AllocationMethod.MAX_SHARPE, [0.1, 0.2], None, "expected returns for 2 assets, the covariance has 3"),
        (AllocationMethod.MAX_SHARPE, [0.1, np.nan, 0], None, "entry 2 of the expected returns is not a number"),
        (AllocationMethod.MAX_SHARPE, [0.0, -0.1, 0], None, "max_sharpe has no answer: no asset has an expected"),
        (AllocationMethod.RISK_BUDGET, None, None, "risk_budget needs a budget for each asset"),
        (AllocationMethod.RISK_BUDGET, None, [1, 2], "budgets for 2 assets, the covariance has 3"),
        (AllocationMethod.RISK_BUDGET, None, [1, 0, 2], "the risk budget of asset 2 is not above 0"),
    ],
)
def test_a_mean_or_budget_that_does_not_fit_is_refused_in_one_line(
    method: AllocationMethod, mean: list[float] | None, budget: list[float] | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        weights(
            method,
            THREE,
            mean=None if mean is None else np.array(mean),
            budget=None if budget is None else np.array(budget, dtype=np.float64),
        )


@pytest.mark.shared
@pytest.mark.parametrize(("name", "method"), ASKED.items())
def test_the_weights_are_those_of_the_reference(shared_folder: Path, name: str, method: AllocationMethod) -> None:
    known = reference(shared_folder)
    found = weights(method, known.covariance, mean=known.mean, budget=one_to_n(8))
    assert found == pytest.approx(known.weights[name], abs=1e-11)


@pytest.mark.shared
def test_the_risk_contributions_are_those_of_the_reference(shared_folder: Path) -> None:
    known = reference(shared_folder)
    found = risk_contributions(weights(AllocationMethod.ERC, known.covariance), known.covariance)
    assert found == pytest.approx(known.contributions, abs=1e-12)
