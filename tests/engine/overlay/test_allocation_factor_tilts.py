"""Factor tilts within limits, and the switch between momentum and value by volatility."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.overlay.factor_tilts import (
    FACTOR_ETFS,
    Bound,
    Factor,
    TiltLimits,
    VolatilitySwitch,
    elevated,
    factor_mix,
    momentum_or_value,
    tilt_path,
)

AT_ONCE = VolatilitySwitch(above=25, below=20, average=1)


def test_tilts_within_the_limits_are_given_and_the_core_holds_the_rest() -> None:
    found = factor_mix({Factor.VALUE: 0.10, Factor.QUALITY: 0.15})
    assert found.tilts == {Factor.VALUE: 0.10, Factor.QUALITY: 0.15}
    assert found.core == pytest.approx(0.75)
    assert found.bounds == ()


def test_a_tilt_is_cut_to_its_limit_and_the_cut_is_told() -> None:
    found = factor_mix({Factor.MOMENTUM: 0.30, Factor.SIZE: 0.05})
    assert found.tilts == {Factor.MOMENTUM: 0.20, Factor.SIZE: 0.05}
    assert found.bounds == (Bound("momentum", 0.30, 0.20),)


def test_tilts_that_are_too_much_together_are_cut_in_proportion() -> None:
    asked = {Factor.VALUE: 0.2, Factor.MOMENTUM: 0.2, Factor.QUALITY: 0.1}
    found = factor_mix(asked, TiltLimits(each=0.2, together=0.25))
    assert list(found.tilts.values()) == pytest.approx([0.10, 0.10, 0.05])
    assert found.core == pytest.approx(0.75)
    assert [bound.limit for bound in found.bounds] == ["together"]


@given(st.dictionaries(st.sampled_from(Factor), st.floats(0, 2)), st.floats(0, 1), st.floats(0, 1))
def test_tilts_and_core_sum_to_one_and_no_limit_is_passed(
    asked: dict[Factor, float], each: float, together: float
) -> None:
    found = factor_mix(asked, TiltLimits(each, together))
    assert sum(found.tilts.values()) + found.core == pytest.approx(1)
    assert max(found.tilts.values(), default=0) <= each * (1 + 1e-12)
    assert sum(found.tilts.values()) <= together * (1 + 1e-12)
    assert all(0 <= found.tilts[factor] <= share for factor, share in asked.items())


def test_every_factor_has_a_fund() -> None:
    assert set(FACTOR_ETFS) == set(Factor)
    assert len(set(FACTOR_ETFS.values())) == len(Factor)


def test_elevated_begins_above_one_threshold_and_ends_below_another() -> None:
    levels = np.array([18.0, 26.0, 22.0, 20.0, 19.9, 24.0, 25.0, 25.1])
    assert elevated(levels, AT_ONCE).tolist() == [False, True, True, True, False, False, False, True]


def test_one_wild_day_is_no_regime() -> None:
    levels = np.array([15.0] * 5 + [45.0] + [15.0] * 5 + [30.0] * 6)
    found = elevated(levels)
    assert not found[:14].any()
    assert found[-1]


def test_a_day_without_a_level_is_passed_over() -> None:
    levels = np.array([np.nan, 26.0, np.nan, 27.0, np.nan, 10.0, 11.0])
    assert elevated(levels, AT_ONCE).tolist() == [False, True, True, True, True, False, False]


@given(st.lists(st.floats(5, 80), min_size=2, max_size=60), st.data())
def test_what_comes_later_changes_no_regime_before(levels: list[float], data: st.DataObject) -> None:
    row = data.draw(st.integers(1, len(levels)))
    known = elevated(np.array(levels[:row]))
    assert (elevated(np.array(levels))[:row] == known).all()
    assert (elevated(np.array(levels[:row] + [80.0] * 10))[:row] == known).all()


def test_momentum_is_held_while_calm_and_value_while_elevated() -> None:
    tilts = momentum_or_value(0.15, {Factor.QUALITY: 0.10, Factor.VALUE: 0.05})
    path = tilt_path(np.array([15.0, 30.0, 15.0]), tilts, switch=AT_ONCE)
    columns = [*Factor, "core"]
    calm, wild, again = (dict(zip(columns, row.tolist(), strict=True)) for row in path)
    assert calm == again
    assert calm[Factor.MOMENTUM] == pytest.approx(0.15)
    assert calm[Factor.VALUE] == pytest.approx(0.05)
    assert wild[Factor.MOMENTUM] == 0
    assert wild[Factor.VALUE] == pytest.approx(0.20)
    assert calm[Factor.QUALITY] == wild[Factor.QUALITY] == pytest.approx(0.10)
    assert path.sum(axis=1) == pytest.approx(np.ones(3))


@pytest.mark.parametrize("share", [-0.1, float("nan"), float("inf")])
def test_a_tilt_that_is_no_share_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="the tilt to low volatility is a share of stocks from 0 up"):
        factor_mix({Factor.LOW_VOLATILITY: share})


def test_limits_and_thresholds_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="tilt limits are between 0 and 1"):
        TiltLimits(each=1.2)
    with pytest.raises(ValueError, match="elevated ends below 30, which is above its start at 25"):
        VolatilitySwitch(above=25, below=30)
    with pytest.raises(ValueError, match="levels are averaged over 1 row or more, not 0"):
        VolatilitySwitch(average=0)
