"""The same policy reset monthly, quarterly and once a year."""

from dataclasses import replace
from datetime import date

import pytest

from engine.overlay.policy import Mode, When
from engine.research.backtest import BacktestSetting, run_backtest
from engine.research.frequency import compare_frequencies
from engine.research.metrics import TRADING_DAYS
from engine.research.trading_costs import CostModel, flat_costs
from tests.engine.research.closes import walks
from tests.engine.research.policies import BASE, SYMBOLS, halves, resetting, two_closes

HISTORY = walks(SYMBOLS, 6 * TRADING_DAYS)
SETTING = BacktestSetting(date(2001, 6, 29), date(2005, 6, 30), lag=1, costs=flat_costs(10))
TIMING = replace(BASE, mode=Mode.TIMING)


def test_resetting_less_often_trades_less_and_strays_further() -> None:
    monthly, quarterly, annual = compare_frequencies(TIMING, HISTORY, SETTING).lines
    assert [one.when for one in (monthly, quarterly, annual)] == ["monthly", "quarterly", "annual"]
    assert monthly.resets > quarterly.resets > annual.resets
    assert monthly.turnover > quarterly.turnover > annual.turnover > 0
    assert monthly.cost > quarterly.cost > annual.cost > 0
    assert monthly.average_drift < quarterly.average_drift < annual.average_drift
    assert monthly.tracking_error < quarterly.tracking_error < annual.tracking_error


def test_each_line_is_the_backtest_at_that_frequency() -> None:
    found = compare_frequencies(TIMING, HISTORY, SETTING, (When.QUARTERLY,)).lines[0]
    run = run_backtest(replace(TIMING, rebalance=resetting(When.QUARTERLY)), HISTORY, SETTING)
    assert (found.cagr, found.turnover) == (run.figures.cagr, run.figures.turnover_per_year)
    assert found.cost == pytest.approx(2 * 0.001 * found.turnover, rel=1e-3)


def test_monthly_without_costs_is_the_target_itself() -> None:
    found = compare_frequencies(TIMING, HISTORY, replace(SETTING, costs=CostModel()), (When.MONTHLY,)).lines[0]
    assert found.tracking_error == pytest.approx(0.0, abs=1e-12)
    assert found.cost == 0.0


def test_drift_by_hand() -> None:
    """Halves of A and B on January 27; A doubles on the 29th, which ends the month, and is held as it is."""
    history = two_closes([100.0, 100.0, 200.0, 200.0], [100.0] * 4)
    setting = BacktestSetting(date(2021, 1, 27), date(2021, 2, 1))
    never, monthly = compare_frequencies(halves(), history, setting, (When.NEVER, When.MONTHLY)).lines
    assert never.largest_drift == pytest.approx(2 / 3 - 1 / 2)
    assert never.average_drift == pytest.approx((2 / 3 - 1 / 2) / 3)
    assert monthly.largest_drift == 0.0
