"""Brinson attribution: hand-worked effects, and sums that hold for any weights and returns."""

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.research.attribution import ClassPeriod, attribute, brinson
from engine.research.linking import Excess

Q1, Q2 = date(2024, 3, 31), date(2024, 6, 30)
ROWS = (
    ClassPeriod(Q1, "us_equity", 0.50, 0.40, 0.08, 0.06),
    ClassPeriod(Q1, "intl_equity", 0.20, 0.30, 0.01, 0.02),
    ClassPeriod(Q1, "us_bond", 0.30, 0.30, 0.01, 0.00),
    ClassPeriod(Q2, "us_equity", 0.30, 0.40, -0.05, -0.10),
    ClassPeriod(Q2, "intl_equity", 0.30, 0.30, -0.04, -0.04),
    ClassPeriod(Q2, "us_bond", 0.40, 0.30, 0.02, 0.03),
)
"""Benchmark 3 % and -4.3 %, portfolio 4.5 % and -1.9 %; below, allocation, selection and interaction."""
BY_HAND = (
    (Q1, "us_equity", 0.10 * 0.03, 0.40 * 0.02, 0.10 * 0.02),
    (Q1, "intl_equity", -0.10 * -0.01, 0.30 * -0.01, -0.10 * -0.01),
    (Q1, "us_bond", 0.0, 0.30 * 0.01, 0.0),
    (Q2, "us_equity", -0.10 * -0.057, 0.40 * 0.05, -0.10 * 0.05),
    (Q2, "intl_equity", 0.0, 0.0, 0.0),
    (Q2, "us_bond", 0.10 * 0.073, 0.30 * -0.01, 0.10 * -0.01),
)


@pytest.mark.parametrize(("period", "asset_class", "allocation", "selection", "interaction"), BY_HAND)
def test_effects_of_a_class_and_period_by_hand(
    period: date, asset_class: str, allocation: float, selection: float, interaction: float
) -> None:
    found = next(p for p in attribute(ROWS).periods if p.period == period)
    own = next(c.own for c in found.classes if c.asset_class == asset_class)
    assert (own.allocation, own.selection, own.interaction) == pytest.approx(
        (allocation, selection, interaction), abs=1e-15
    )


def test_periods_and_the_whole_time_by_hand() -> None:
    found = attribute(ROWS)
    assert [p.portfolio_return for p in found.periods] == pytest.approx([0.045, -0.019])
    assert [p.benchmark_return for p in found.periods] == pytest.approx([0.030, -0.043])
    assert found.portfolio_return == pytest.approx(1.045 * 0.981 - 1)
    assert found.benchmark_return == pytest.approx(1.03 * 0.957 - 1)
    assert found.excess == pytest.approx(1.045 * 0.981 - 1.03 * 0.957)
    assert found.total.total == pytest.approx(found.excess, abs=1e-15)


def test_linked_effects_of_a_quarter_by_hand() -> None:
    linked = attribute(ROWS).periods[0].classes[0].linked
    factor = math.log(1.045 / 1.03) / 0.015 / (math.log(1.025145 / 0.98571) / 0.039435)
    assert linked.allocation == pytest.approx(0.003 * factor, rel=1e-12)
    assert linked.total == pytest.approx(0.013 * factor, rel=1e-12)


def test_a_published_cell_of_the_allocation_effect() -> None:
    """Japan 51 % against 60.5 %, 11.48 % against 9.25 % overall: -0.21 % (CFA Program, regional attribution)."""
    rest = (0.0925 - 0.605 * 0.1148) / 0.395
    found = attribute(
        (
            ClassPeriod(Q1, "japan", 0.51, 0.605, 0.124, 0.1148),
            ClassPeriod(Q1, "rest", 0.49, 0.395, rest, rest),
        )
    )
    assert round(found.classes[0].linked.allocation, 4) == -0.0021


def test_a_class_that_one_side_does_not_hold_is_allocation() -> None:
    found = attribute(
        (
            ClassPeriod(Q1, "gold", 0.10, 0.00, 0.05, None),
            ClassPeriod(Q1, "us_equity", 0.90, 0.80, 0.02, 0.02),
            ClassPeriod(Q1, "us_bond", 0.00, 0.20, None, 0.01),
        )
    )
    benchmark = 0.8 * 0.02 + 0.2 * 0.01
    gold = found.classes[0].linked
    assert (gold.allocation, gold.selection, gold.interaction) == pytest.approx((0.1 * (0.05 - benchmark), 0.0, 0.0))
    assert found.classes[2].linked.selection == found.classes[2].linked.interaction == 0.0
    assert found.total.total == pytest.approx(0.023 - benchmark)


BAD = (
    ((), "nothing to attribute"),
    ((ROWS[0], ROWS[0]), "us_equity is twice in 2024-03-31"),
    ((ROWS[0],), "portfolio weights of 2024-03-31 sum to 0.500000"),
    ((ClassPeriod(Q1, "us_equity", 1.0, 1.0, None, 0.1),), "no portfolio return"),
    ((ClassPeriod(Q1, "us_equity", 1.0, 1.0, 0.1, None),), "no benchmark return"),
    ((ClassPeriod(Q1, "us_equity", 1.0, 1.0, -1.0, 0.1),), "cannot be linked"),
)


@pytest.mark.parametrize(("rows", "message"), BAD)
def test_what_cannot_be_attributed_is_refused(rows: tuple[ClassPeriod, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        attribute(rows)


SIZES = st.tuples(st.integers(1, 12), st.integers(1, 8), st.integers(0, 2**31))


def some_rows(periods: int, classes: int, seed: int) -> tuple[ClassPeriod, ...]:
    random = np.random.default_rng(seed)
    weights = random.dirichlet(np.ones(classes), (2, periods))
    returns = random.uniform(-0.5, 0.8, (2, periods, classes))
    return tuple(
        ClassPeriod(date(2020 + t, 12, 31), f"class {c}", *weights[:, t, c].tolist(), *returns[:, t, c].tolist())
        for t in range(periods)
        for c in range(classes)
    )


@pytest.mark.parametrize("kind", Excess)
@settings(max_examples=40, deadline=None)
@given(sizes=SIZES)
def test_every_way_of_adding_up_gives_the_excess(kind: Excess, sizes: tuple[int, int, int]) -> None:
    found = attribute(some_rows(*sizes), kind)
    expected = pytest.approx(found.excess, rel=1e-9, abs=1e-12)
    assert found.total.total == expected
    assert sum(c.linked.total for c in found.classes) == expected
    assert sum(p.linked.total for p in found.periods) == expected
    assert sum(c.linked.total for p in found.periods for c in p.classes) == expected


@settings(max_examples=40, deadline=None)
@given(sizes=SIZES)
def test_effects_of_a_period_sum_to_its_own_difference(sizes: tuple[int, int, int]) -> None:
    for period in attribute(some_rows(*sizes)).periods:
        assert period.own.total == pytest.approx(period.portfolio_return - period.benchmark_return, abs=1e-12)
        assert sum(c.own.allocation for c in period.classes) == pytest.approx(period.own.allocation, abs=1e-12)


def test_holding_the_benchmark_has_no_effect() -> None:
    weights, returns = np.array([[0.6, 0.4]]), np.array([[0.1, -0.1]])
    found = brinson((weights, weights), (returns, returns))
    assert not np.any(np.stack((found.allocation, found.selection, found.interaction)))
