"""The deflated Sharpe ratio against the figures that its authors print, and what must hold for any of them."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.research.deflated_sharpe import (
    SharpeMoments,
    deflated_sharpe,
    expected_maximum_sharpe,
    independent_trials,
    minimum_backtest_years,
    minimum_track_record,
    probabilistic_sharpe,
    sharpe_moments,
)

HEDGE_FUND = SharpeMoments(24, 0.458, -2.448, 10.164)
"""Bailey and Lopez de Prado (2012), July version, page 10: two years of months, 0.458 a month, 1.59 a year."""
FIVE_YEARS = SharpeMoments(1250, 2.5 / math.sqrt(250), -3.0, 10.0)
"""Bailey and Lopez de Prado (2014), numerical example, pages 9 and 10: 2.5 a year over five years of 250 days, 100
trials whose ratios a year vary by 1/2."""
VARIANCE = 0.5 / 250


def test_a_skewed_hedge_fund_is_less_sure_than_a_normal_one() -> None:
    # the same page: 0.982 were it normal, 0.913 as it is, 0.953 had it lasted three years
    assert probabilistic_sharpe(SharpeMoments(24, 0.458)) == pytest.approx(0.982, abs=5e-4)
    assert probabilistic_sharpe(HEDGE_FUND) == pytest.approx(0.913, abs=5e-4)
    assert probabilistic_sharpe(replace(HEDGE_FUND, count=36)) == pytest.approx(0.953, abs=6e-4)


def test_the_published_example_of_the_deflated_sharpe_ratio_is_met() -> None:
    # Bailey and Lopez de Prado (2014): SR0 = 0.1132, DSR = 0.9004; with 46 trials 0.9505
    assert expected_maximum_sharpe(100, VARIANCE) == pytest.approx(0.1132, abs=5e-5)
    assert deflated_sharpe(FIVE_YEARS, 100, VARIANCE) == pytest.approx(0.9004, abs=5e-5)
    assert deflated_sharpe(FIVE_YEARS, 46, VARIANCE) == pytest.approx(0.9505, abs=5e-5)


def test_normal_returns_would_have_borne_eighty_eight_trials() -> None:
    # Bailey and Lopez de Prado (2014), the same example with skew 0 and kurtosis 3
    normal = SharpeMoments(1250, 2.5 / math.sqrt(250))
    assert deflated_sharpe(normal, 88, VARIANCE) == pytest.approx(0.9505, abs=5e-5)


@pytest.mark.parametrize(("periods", "years"), [(252, 2.73), (52, 2.83), (12, 3.24)])
def test_the_record_that_two_a_year_needs_against_one_is_as_published(periods: int, years: float) -> None:
    # Bailey and Lopez de Prado (2012), minimum track record length: normal returns, 95 percent
    moments = SharpeMoments(2, 2.0 / math.sqrt(periods))
    assert minimum_track_record(moments, 1.0 / math.sqrt(periods)) / periods == pytest.approx(years, abs=5e-3)


def test_fat_tails_ask_for_a_longer_record_as_published() -> None:
    # the same section: months with skew -0.72 and kurtosis 5.78 need 4.99 years
    moments = SharpeMoments(2, 2.0 / math.sqrt(12), -0.72, 5.78)
    assert minimum_track_record(moments, 1.0 / math.sqrt(12)) / 12 == pytest.approx(4.99, abs=5e-3)


def test_five_years_bear_some_forty_five_trials() -> None:
    # Bailey, Borwein, Lopez de Prado and Zhu (2014): ten trials reach 1.57; with five years no more than 45
    assert expected_maximum_sharpe(10, 1.0) == pytest.approx(1.57, abs=5e-3)
    assert minimum_backtest_years(45) < 5.0 + 0.02
    assert minimum_backtest_years(46) > 5.0


@pytest.mark.parametrize("trials", [2, 10, 45, 100, 1000])
def test_the_expected_best_is_near_the_integral_that_it_approximates(trials: int) -> None:
    """Of so many standard normals the highest is x with density N phi(x) Phi(x)^(N - 1): integrated numerically."""
    x = np.linspace(-10, 10, 20_001)
    below = np.array([0.5 * math.erfc(-each / math.sqrt(2)) for each in x])
    density = trials * np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi) * below ** (trials - 1)
    exact = float(((x * density)[1:] + (x * density)[:-1]).sum() / 2 * (x[1] - x[0]))
    # the authors' approximation is for many trials: 8 percent off for two, below 3 percent from ten on
    assert expected_maximum_sharpe(trials, 1.0) == pytest.approx(exact, rel=0.08 if trials < 10 else 0.03)


def test_the_expected_best_of_many_is_what_chance_gives() -> None:
    drawn = np.random.default_rng(3).standard_normal((4000, 100)).max(axis=1).mean()
    assert expected_maximum_sharpe(100, 1.0) == pytest.approx(drawn, abs=0.04)


def test_the_moments_of_five_returns_are_as_worked_by_hand() -> None:
    # 1, 2, 3, 4, 10 %: mean 4, squares 9 4 1 0 36, cubes -27 -8 -1 0 216, fourths 81 16 1 0 1296
    moments = sharpe_moments(np.array([0.01, 0.02, 0.03, 0.04, 0.10]))
    assert moments.count == 5
    assert moments.sharpe == pytest.approx(4 / math.sqrt(12.5))
    assert moments.skew == pytest.approx(36 / 10**1.5)
    assert moments.kurtosis == pytest.approx(278.8 / 100)


def test_at_its_minimum_record_a_ratio_is_just_sure_enough() -> None:
    needed = minimum_track_record(HEDGE_FUND, 0.1)
    again = SharpeMoments(math.ceil(needed), HEDGE_FUND.sharpe, HEDGE_FUND.skew, HEDGE_FUND.kurtosis)
    assert probabilistic_sharpe(again, 0.1) >= 0.95
    assert probabilistic_sharpe(HEDGE_FUND, 0.1) < 0.95


def test_a_ratio_below_its_threshold_is_never_sure() -> None:
    assert minimum_track_record(HEDGE_FUND, 0.5) == math.inf


def test_returns_that_do_not_vary_have_no_ratio() -> None:
    moments = sharpe_moments(np.full(40, 0.001))
    assert math.isnan(probabilistic_sharpe(moments))
    assert math.isnan(minimum_track_record(moments))


def test_alike_trials_count_as_fewer() -> None:
    # appendix A.3: 0.4 + 0.6 * 100
    assert independent_trials(100, 0.4) == pytest.approx(60.4)
    assert independent_trials(100, -0.2) == 100


@settings(max_examples=30, deadline=None)
@given(
    st.integers(20, 5000),
    st.floats(-0.3, 0.3),
    st.floats(-2.0, 2.0),
    st.floats(0.0, 8.0),
    st.integers(1, 400),
    st.integers(1, 400),
)
def test_more_trials_never_make_a_policy_surer(
    count: int, sharpe: float, skew: float, fatter: float, few: int, more: int
) -> None:
    moments = SharpeMoments(count, sharpe, skew, 1.0 + skew**2 + fatter)
    fewer, many = sorted((few, few + more))
    assert deflated_sharpe(moments, many) <= deflated_sharpe(moments, fewer)
    assert 0.0 <= deflated_sharpe(moments, many) <= probabilistic_sharpe(moments) <= 1.0
