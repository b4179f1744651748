"""Capped leverage with its monitor, and the volatility target."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.overlay.covariance import ewma_covariance
from engine.overlay.leverage import monitor, scale_to_volatility
from engine.overlay.volatility_target import LEAST_ROWS, ewma_volatility, exposures, managed_weights
from tests.engine.overlay.allocation_cases import THREE, Floats

MIX = np.array([0.2, 0.1, 0.7])
VOLATILITY = float(np.sqrt(MIX @ THREE @ MIX))


def returns_of(seed: int, rows: int = 80) -> Floats:
    return np.asarray(np.random.default_rng(seed).normal(0.0003, 0.01, rows))


def test_a_mix_is_scaled_to_the_target_when_the_cap_allows_it() -> None:
    scaled = scale_to_volatility(MIX, THREE, target_volatility=1.5 * VOLATILITY, cap=2.0)
    assert scaled == pytest.approx(1.5 * MIX)


def test_the_cap_holds_when_the_target_asks_for_more() -> None:
    scaled = scale_to_volatility(MIX, THREE, target_volatility=3 * VOLATILITY, cap=2.0)
    assert scaled == pytest.approx(2 * MIX)
    assert scale_to_volatility(MIX, THREE, target_volatility=3 * VOLATILITY) == pytest.approx(MIX)


def test_the_monitor_says_exposure_headroom_and_what_borrowing_costs() -> None:
    found = monitor(1.5 * MIX, THREE, target_volatility=1.5 * VOLATILITY, cap=2.0, financing_rate=0.05)
    assert found.gross_exposure == pytest.approx(1.5)
    assert found.headroom == pytest.approx(0.5)
    assert found.borrowed == pytest.approx(0.5)
    assert found.financing_cost == pytest.approx(0.025)
    assert not found.capped
    assert found.sentence() == (
        "Gross exposure 1.50 of a cap of 2.00, headroom 0.50; financing costs 2.50% a year. "
        "A loss of 33.3% on the assets takes it to the cap."
    )


def test_the_loss_to_the_cap_is_the_one_that_takes_the_exposure_there() -> None:
    found = monitor(1.5 * MIX, THREE, target_volatility=VOLATILITY, cap=2.0, financing_rate=0.05)
    assert found.loss_to_cap is not None
    assets = 1.5 * (1 - found.loss_to_cap)
    assert assets / (assets - 0.5) == pytest.approx(2.0)


def test_the_monitor_says_when_the_cap_and_not_the_target_binds() -> None:
    found = monitor(1.2 * MIX, THREE, target_volatility=2 * VOLATILITY, cap=1.2, financing_rate=0.04)
    assert found.capped
    assert found.headroom == pytest.approx(0)
    assert found.loss_to_cap == pytest.approx(0)
    assert f"The cap holds volatility at {1.2 * VOLATILITY:.1%}, short of {2 * VOLATILITY:.1%}." in found.sentence()


def test_a_mix_that_borrows_nothing_costs_nothing() -> None:
    found = monitor(0.6 * MIX, THREE, target_volatility=VOLATILITY, cap=1.0, financing_rate=0.05)
    assert (found.borrowed, found.financing_cost, found.loss_to_cap) == (0, 0, None)


@pytest.mark.parametrize(("target", "cap"), [(0.0, 1.0), (0.1, 0.0), (-0.1, 1.0)])
def test_a_target_or_a_cap_of_nothing_is_refused(target: float, cap: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        scale_to_volatility(MIX, THREE, target_volatility=target, cap=cap)
    with pytest.raises(ValueError, match="above 0"):
        exposures(np.array([0.1]), target=target, cap=cap)


def test_ewma_volatility_is_the_root_of_the_ewma_variance_of_what_is_known() -> None:
    returns = returns_of(1)
    found = ewma_volatility(returns)
    assert np.isnan(found[: LEAST_ROWS - 1]).all()
    for row in (LEAST_ROWS - 1, 50, 79):
        assert found[row] == pytest.approx(np.sqrt(ewma_covariance(returns[: row + 1, None])[0, 0]))


@given(st.integers(0, 500), st.integers(LEAST_ROWS, 79))
def test_what_comes_later_changes_no_exposure_before(seed: int, row: int) -> None:
    returns = returns_of(seed)
    shifted = returns.copy()
    shifted[row:] = 5 * shifted[row:] - 0.02
    before, after = (exposures(ewma_volatility(path), target=0.1, least_change=0.05) for path in (returns, shifted))
    assert before[:row] == pytest.approx(after[:row], nan_ok=True)


def test_exposure_is_target_over_volatility_and_by_default_never_above_one() -> None:
    volatility = np.array([np.nan, 0.20, 0.10, 0.05, 0.0])
    assert exposures(volatility, target=0.1) == pytest.approx(np.array([np.nan, 0.5, 1, 1, 1]), nan_ok=True)
    assert exposures(volatility, target=0.1, cap=1.5)[1:] == pytest.approx([0.5, 1, 1.5, 1.5])


def test_exposure_stays_while_it_would_change_by_little() -> None:
    volatility = np.array([0.200, 0.205, 0.210, 0.250, 0.245])
    assert exposures(volatility, target=0.1, least_change=0.05) == pytest.approx([0.5, 0.5, 0.5, 0.4, 0.4])


def test_what_is_not_held_in_the_mix_is_cash() -> None:
    weights, cash = managed_weights(MIX, 0.6)
    assert weights == pytest.approx(0.6 * MIX)
    assert cash == pytest.approx(0.4)
    assert managed_weights(MIX, 1.25)[1] == pytest.approx(-0.25)


def test_a_decay_or_a_return_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="the decay is between 0 and 1, not 1"):
        ewma_volatility(returns_of(1), decay=1.0)
    with pytest.raises(ValueError, match="row 3 of the returns is not a number"):
        ewma_volatility(np.array([0.1, 0.2, np.nan]))
