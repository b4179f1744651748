"""Carino's linking: the linked effects of all periods sum to the excess of the whole time."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.research.linking import Excess, compound, excess_return, linking_coefficients

RETURNS = st.lists(st.tuples(*[st.floats(-0.6, 0.9)] * 2), min_size=1, max_size=24)


def test_two_periods_by_hand() -> None:
    portfolio, benchmark = np.array([0.10, 0.05]), np.array([0.05, 0.02])
    whole = math.log(1.155 / 1.071) / (1.155 - 1.071)
    expected = [math.log(1.10 / 1.05) / 0.05 / whole, math.log(1.05 / 1.02) / 0.03 / whole]
    assert linking_coefficients(portfolio, benchmark) == pytest.approx(expected, abs=1e-13)


def test_a_period_with_equal_returns_counts_with_the_limit() -> None:
    portfolio, benchmark = np.array([0.10, 0.05]), np.array([0.10, 0.02])
    whole = math.log(1.155 / 1.122) / (1.155 - 1.122)
    assert linking_coefficients(portfolio, benchmark)[0] == pytest.approx(1 / 1.10 / whole, abs=1e-13)


@pytest.mark.parametrize("kind", Excess)
def test_equal_returns_throughout_link_without_a_division_by_zero(kind: Excess) -> None:
    returns = np.array([0.10, -0.20])
    expected = [0.8, 1.1] if kind is Excess.ARITHMETIC else [1 / 1.1, 1 / 0.8]
    assert linking_coefficients(returns, returns, kind) == pytest.approx(expected)


def test_one_period_is_left_as_it_is() -> None:
    assert linking_coefficients(np.array([0.07]), np.array([0.03])) == pytest.approx([1.0])


def test_the_two_kinds_of_excess() -> None:
    assert excess_return(0.155, 0.071, Excess.ARITHMETIC) == pytest.approx(0.084)
    assert excess_return(0.155, 0.071, Excess.GEOMETRIC) == pytest.approx(1.155 / 1.071 - 1)


@pytest.mark.parametrize("kind", Excess)
@settings(max_examples=60, deadline=None)
@given(pairs=RETURNS)
def test_linked_differences_sum_to_the_excess(kind: Excess, pairs: list[tuple[float, float]]) -> None:
    portfolio, benchmark = np.array(pairs).T
    linked = (linking_coefficients(portfolio, benchmark, kind) * (portfolio - benchmark)).sum()
    expected = excess_return(compound(portfolio), compound(benchmark), kind)
    assert linked == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("portfolio", "benchmark"), [(-1.0, 0.1), (0.1, -1.2)])
def test_a_total_loss_cannot_be_linked(portfolio: float, benchmark: float) -> None:
    with pytest.raises(ValueError, match="cannot be linked"):
        linking_coefficients(np.array([portfolio]), np.array([benchmark]))
