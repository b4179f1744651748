"""Implied and shrunk returns, and views blended into them: identities, the library's own answer, what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.overlay.allocation import AllocationMethod, weights
from engine.overlay.black_litterman import View, black_litterman
from engine.overlay.expected_returns import implied_returns, shrunk_mean
from tests.engine.overlay.allocation_cases import THREE, Floats, covariances

SYMBOLS = ("STK", "INT", "BND")
STRATEGIC = np.array([0.4, 0.2, 0.4])
IMPLIED = implied_returns(THREE, STRATEGIC)


def posterior_mean(*views: View) -> Floats:
    return black_litterman(THREE, IMPLIED, views, symbols=SYMBOLS).mean


@given(covariances(), st.sampled_from((1.0, 2.5, 8.0)))
def test_the_best_mix_for_implied_returns_is_the_strategic_mix(covariance: Floats, risk_aversion: float) -> None:
    strategic = np.arange(1.0, len(covariance) + 1) / np.arange(1, len(covariance) + 1).sum()
    implied = implied_returns(covariance, strategic, risk_aversion=risk_aversion)
    # a mix of which some part lowers the risk has a negative return asked of that part, and is best all the same
    assert weights(AllocationMethod.MAX_SHARPE, covariance, mean=implied) == pytest.approx(strategic, abs=1e-8)


def test_without_views_or_confidence_the_returns_are_those_implied() -> None:
    assert posterior_mean() == pytest.approx(IMPLIED)
    assert posterior_mean(View("STK", 0.5, confidence=0.0)) == pytest.approx(IMPLIED)


def test_a_view_that_is_certain_comes_true() -> None:
    found = posterior_mean(View("STK", 0.09, confidence=1.0), View("INT", 0.02, over="BND", confidence=1.0))
    assert found[0] == pytest.approx(0.09)
    assert found[1] - found[2] == pytest.approx(0.02)


def test_confidence_moves_a_single_view_that_part_of_the_way() -> None:
    for confidence in (0.25, 0.5, 0.8):
        found = posterior_mean(View("STK", 0.12, confidence=confidence))
        assert found[0] == pytest.approx(IMPLIED[0] + confidence * (0.12 - IMPLIED[0]))


def test_a_view_without_confidence_is_believed_by_half() -> None:
    assert posterior_mean(View("STK", 0.12)) == pytest.approx(posterior_mean(View("STK", 0.12, confidence=0.5)))


def test_a_view_on_one_asset_moves_those_that_go_with_it() -> None:
    moved = posterior_mean(View("STK", IMPLIED[0] + 0.02)) - IMPLIED
    assert moved == pytest.approx(moved[0] * THREE[0] / THREE[0, 0])


def test_a_given_error_of_the_views_is_used_as_it_is() -> None:
    view = View("STK", 0.12, confidence=0.9)
    prior_variance = 0.05 * THREE[0, 0]
    found = black_litterman(THREE, IMPLIED, (view,), symbols=SYMBOLS, omega=np.array([[3 * prior_variance]]))
    assert found.mean[0] == pytest.approx(IMPLIED[0] + (0.12 - IMPLIED[0]) / 4)
    # the error of the mean is added to the covariance, and the view has taken a quarter of it away
    assert found.covariance[0, 0] == pytest.approx(THREE[0, 0] + prior_variance * 3 / 4)


def test_views_have_the_effect_that_the_allocation_library_gives_them() -> None:
    from skfolio.prior import BasePrior, BlackLitterman, ReturnDistribution  # type: ignore[import-untyped] # noqa: PLC0415

    class Given(BasePrior):  # type: ignore[misc]
        def __init__(self) -> None:
            pass

        def fit(self, returns: Floats, _y: object = None, **_more: object) -> "Given":
            self.return_distribution_ = ReturnDistribution(mu=IMPLIED, covariance=THREE, returns=returns)
            return self

    for confidences in ((0.3, 0.7), (None, None)):
        model = BlackLitterman(
            ["STK == 0.08", "INT - BND == 0.01"],
            groups=[list(SYMBOLS)],
            prior_estimator=Given(),
            view_confidences=None if confidences[0] is None else list(confidences),
        )
        expected = model.fit(np.zeros((2, 3))).return_distribution_
        views = (View("STK", 0.08, confidence=confidences[0]), View("INT", 0.01, "BND", confidences[1]))
        found = black_litterman(THREE, IMPLIED, views, symbols=SYMBOLS)
        assert found.mean == pytest.approx(expected.mu, abs=1e-14)
        assert found.covariance == pytest.approx(expected.covariance, abs=1e-14)


@pytest.mark.parametrize(
    ("views", "message"),
    [
        ((View("XYZ", 0.1),), "the view 'XYZ returns 10.00%' names XYZ, which is not in the mix"),
        ((View("STK", 0.1, over="ABC"),), "the view 'STK beats ABC by 10.00%' names ABC"),
        ((View("STK", 0.1, over="STK"),), "compares a symbol with itself"),
        ((View("STK", 0.1, confidence=1.2),), "the confidence of the view .* is not between 0 and 1"),
        ((View("STK", 0.1, confidence=1.0), View("STK", 0.2, confidence=1.0)), "views that are certain contradict"),
    ],
)
def test_views_that_cannot_be_held_are_refused(views: tuple[View, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        posterior_mean(*views)


def test_a_tau_or_an_omega_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="tau is above 0"):
        black_litterman(THREE, IMPLIED, (), symbols=SYMBOLS, tau=0)
    with pytest.raises(ValueError, match="omega is 2 x 2 for 1 views"):
        black_litterman(THREE, IMPLIED, (View("STK", 0.1),), symbols=SYMBOLS, omega=np.eye(2))
    with pytest.raises(ValueError, match=r"strategic weights sum to 1, not 0\.8"):
        implied_returns(THREE, 0.8 * STRATEGIC)
    with pytest.raises(ValueError, match="the risk aversion is above 0"):
        implied_returns(THREE, STRATEGIC, risk_aversion=0)


def test_means_are_drawn_to_a_common_level_the_more_the_less_is_known() -> None:
    means = np.array([0.10, 0.04, 0.02])
    shares = [shrunk_mean(means, THREE, years=years).shrinkage for years in (1, 10, 100, 10_000)]
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] < 0.01
    found = shrunk_mean(means, THREE, years=5)
    assert found.mean - found.level == pytest.approx((1 - found.shrinkage) * (means - found.level))


def test_the_level_is_what_the_mix_of_least_variance_returns() -> None:
    means = np.array([0.10, 0.04, 0.02])
    least = np.linalg.inv(THREE).sum(axis=0)
    assert shrunk_mean(means, THREE, years=5).level == pytest.approx(least @ means / least.sum())
    with pytest.raises(ValueError, match="means are estimated over some years, not 0"):
        shrunk_mean(means, THREE, years=0)
