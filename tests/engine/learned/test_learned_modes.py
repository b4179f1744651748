"""Learned modes in a backtest: walked forward, under the policy's limits, and never looking ahead."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

pytest.importorskip("torch")

from engine.learned.allocation import KEPT
from engine.overlay.policy import Mode
from engine.overlay.price_history import price_history
from engine.research.backtest import BacktestSetting, plan, run_backtest
from engine.research.learned_weights import fit_rows
from engine.research.market import market
from engine.research.trading_costs import flat_costs
from engine.research.tranches import run_tranches
from tests.engine.learned.markets import LEARNERS, POLICY, small
from tests.engine.research.closes import walks
from tests.engine.research.test_modes import shaken

HISTORY = walks(("MOM", "VAL", "BOND", "BILL"), 3 * 261)
FIRST, LAST = 300, 3 * 261 - 1
FAST = small(epochs=4)


@LEARNERS
def test_no_weight_changes_when_the_future_does(mode: Mode) -> None:
    policy, data = replace(POLICY, mode=mode, learned=FAST), market(HISTORY)
    told = plan(policy, data, FIRST, LAST)
    fits = fit_rows(data, policy).tolist()
    # in the middle between fits, on the very row of a fit, and the day before one
    for row in (FIRST + 60, fits[1], fits[2] - 1):
        again = plan(policy, market(shaken(HISTORY, row)), FIRST, LAST)
        made = told.rows <= row
        assert made.sum() > 1
        assert np.array_equal(told.targets[made], again.targets[made])
        assert not np.array_equal(told.targets[~made], again.targets[~made])


@LEARNERS
def test_no_weight_changes_when_the_future_is_not_there(mode: Mode) -> None:
    policy, data = replace(POLICY, mode=mode, learned=FAST), market(HISTORY)
    told = plan(policy, data, FIRST, LAST)
    row = int(told.rows[6])
    short = market(walks(("MOM", "VAL", "BOND", "BILL"), row + 1))
    np.testing.assert_array_equal(plan(policy, short, FIRST, row).targets, told.targets[:6])


@LEARNERS
def test_a_backtest_is_the_same_in_two_runs(mode: Mode) -> None:
    policy = replace(POLICY, mode=mode, learned=FAST)
    setting = BacktestSetting(HISTORY.dates[FIRST], HISTORY.dates[LAST], 1, flat_costs(10))
    lines = []
    for _ in range(2):
        KEPT.clear()
        lines.append(run_backtest(policy, HISTORY, setting).equity)
    assert np.array_equal(lines[0], lines[1])


def test_networks_are_fitted_on_the_first_month_end_with_enough_months_and_then_at_intervals() -> None:
    data = market(HISTORY)
    KEPT.clear()
    plan(replace(POLICY, learned=FAST), data, FIRST, LAST)
    rows = fit_rows(data, POLICY)
    assert [f"{data.dates[row]:%Y-%m}" for row in rows] == ["2001-01", "2001-07", "2002-01", "2002-07", "2003-01"]
    assert len(KEPT) == len(rows)


def test_tranches_share_the_fits_of_the_month_ends() -> None:
    policy = replace(POLICY, learned=FAST)
    setting = BacktestSetting(HISTORY.dates[FIRST + 30], HISTORY.dates[LAST], 1)
    run_backtest(policy, HISTORY, setting)
    fits = len(KEPT)
    run_tranches(policy, HISTORY, setting, 5)
    assert len(KEPT) == fits


@LEARNERS
def test_limits_of_the_policy_hold_learned_weights_back(mode: Mode) -> None:
    cap, most = Decimal("0.36"), Decimal("0.02")
    policy = replace(POLICY, mode=mode, learned=small(), class_cap=cap, max_turnover_quarter=most)
    targets = plan(policy, market(HISTORY), FIRST, LAST).targets
    assert targets[:, :3].max() <= float(cap) + 1e-9
    moves = 0.5 * np.abs(np.diff(targets, axis=0)).sum(axis=1)
    assert np.convolve(moves, np.ones(3), "valid").max() <= float(most) + 1e-9


def test_before_the_first_fit_there_is_cash_and_a_warning() -> None:
    policy = replace(POLICY, learned=FAST)
    setting = BacktestSetting(HISTORY.dates[200], HISTORY.dates[400])
    found = run_backtest(policy, HISTORY, setting)
    assert found.rebalances[0].after == {"BILL": 1.0}
    assert any("the network has no reading" in warning for warning in found.warnings)


@LEARNERS
def test_monthly_closes_are_learned_from_month_by_month(mode: Mode) -> None:
    days = market(HISTORY).dates
    ends = [row for row, day in enumerate(days[:-1]) if day.month != days[row + 1].month]
    months = price_history([days[row] for row in ends], HISTORY.symbols, HISTORY.closes[ends])
    setting = small(epochs=2, window=4, train_months=29)
    data = market(months)
    told = plan(replace(POLICY, mode=mode, learned=setting), data, 30, len(ends) - 1)
    np.testing.assert_allclose(told.targets[:, :3].sum(axis=1), 1.0, atol=1e-12)
    assert told.warnings == ()
