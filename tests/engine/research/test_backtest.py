"""Backtests small enough to do by hand: drift, costs, lag, bands, uninvested money, missing closes."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from engine.errors import AppError
from engine.overlay.policy import Mode, When
from engine.overlay.price_history import price_history
from engine.research.backtest import BacktestSetting, run_backtest
from engine.research.trading_costs import CostModel, SymbolCost, flat_costs
from tests.engine.research.closes import walks, weekdays
from tests.engine.research.policies import BASE, halves, resetting, two_closes

START, END = date(2021, 1, 27), date(2021, 2, 3)
RISING = two_closes([100, 200, 200, 200, 400, 400], [100, 100, 100, 100, 100, 100])
SETTING = BacktestSetting(START, END)


def test_holdings_drift_between_trades() -> None:
    found = run_backtest(halves(rebalance=resetting(When.NEVER)), RISING, SETTING)
    assert found.equity == pytest.approx([1, 1.5, 1.5, 1.5, 2.5, 2.5])
    assert [rebalance.traded for rebalance in found.rebalances] == [START]


def test_weights_are_reset_at_the_month_end_and_earn_from_the_next_day() -> None:
    found = run_backtest(halves(), RISING, SETTING)
    assert found.equity == pytest.approx([1, 1.5, 1.5, 1.5, 2.25, 2.25])
    second = found.rebalances[1]
    assert (second.traded, second.decided) == (date(2021, 1, 29), date(2021, 1, 29))
    assert second.before == pytest.approx({"A": 2 / 3, "B": 1 / 3})
    assert second.one_way == pytest.approx(1 / 6)


def test_a_lag_trades_later_at_the_weights_that_were_decided() -> None:
    found = run_backtest(halves(), RISING, BacktestSetting(START, END, lag=1))
    assert [rebalance.traded for rebalance in found.rebalances] == [date(2021, 1, 28), date(2021, 2, 1)]
    assert [rebalance.decided for rebalance in found.rebalances] == [date(2021, 1, 27), date(2021, 1, 29)]
    assert found.equity == pytest.approx([1, 1, 1, 1, 1.5, 1.5])


def test_a_trade_on_the_last_day_is_left_out() -> None:
    found = run_backtest(halves(), RISING, BacktestSetting(START, date(2021, 1, 29)))
    assert len(found.rebalances) == 1


def test_costs_are_a_share_of_all_that_is_bought_and_sold_and_paid_out_of_the_portfolio() -> None:
    found = run_backtest(halves(), RISING, BacktestSetting(START, END, costs=flat_costs(100)))
    second = found.rebalances[1]
    # 1.5 after the first close; v is left when 1% of |v/2 - 1| + |v/2 - 0.5| is paid
    left = (1.5 - 0.01 * 0.5) / 1.0
    assert second.cost == pytest.approx(1 - left / 1.5)
    assert found.equity == pytest.approx([1, 1.5, left, left, 1.5 * left, 1.5 * left])


def test_the_first_purchase_costs_nothing_in_the_growth_when_it_is_made_on_the_first_day() -> None:
    flat = two_closes([100] * 6, [100] * 6)
    costs = flat_costs(10)
    at_once = run_backtest(halves(), flat, BacktestSetting(START, END, costs=costs))
    later = run_backtest(halves(), flat, BacktestSetting(START, END, lag=1, costs=costs))
    assert at_once.figures.growth == pytest.approx(1.0, abs=1e-14)
    assert at_once.rebalances[0].cost == pytest.approx(1 - 1 / 1.001)
    assert later.figures.growth == pytest.approx(1 / 1.001)


def test_each_symbol_has_its_costs_and_impact_grows_with_the_money_traded() -> None:
    flat = two_closes([100] * 6, [100] * 6)

    def cost(capital: float) -> float:
        model = CostModel(by_symbol={"B": SymbolCost(2, 1, impact_bp=10, adv=1e6)}, capital=capital)
        return run_backtest(halves(), flat, BacktestSetting(START, END, costs=model)).rebalances[0].cost

    assert cost(0.0) == pytest.approx(0.5 * 3e-4, rel=1e-3)
    assert cost(2e6) == pytest.approx(0.5 * 13e-4, rel=1e-3)
    assert cost(8e6) == pytest.approx(0.5 * 23e-4, rel=2e-3)


@pytest.mark.parametrize("capital", [1e11, 1e14, 1e18])
def test_costs_that_eat_the_portfolio_are_told(capital: float) -> None:
    model = CostModel(SymbolCost(impact_bp=100, adv=1e6), capital=capital)
    with pytest.raises(AppError, match="Trading on 2021-01-27 costs more than half of the portfolio"):
        run_backtest(halves(), RISING, BacktestSetting(START, END, costs=model))


@pytest.mark.parametrize(
    ("absolute", "relative", "traded"),
    [
        ("0.05", None, False),
        ("0.0499", None, True),
        (None, "0.10", False),
        (None, "0.0999", True),
        ("0.01", "0.10", False),
        ("0.0499", "0.0999", True),
        (None, None, True),
    ],
)
def test_weights_are_reset_only_when_strictly_outside_the_band(
    absolute: str | None, relative: str | None, traded: bool
) -> None:
    # 110 against 90: 0.55 and 0.45 of the whole, 0.05 from the half
    closes = two_closes([100, 110, 110, 110, 110, 110], [100, 90, 90, 90, 90, 90])
    found = run_backtest(halves(rebalance=resetting(When.MONTHLY, absolute, relative)), closes, SETTING)
    assert (len(found.rebalances) == 2) is traded


def test_a_reset_that_is_on_its_way_is_not_ordered_again() -> None:
    closes = two_closes([100, 100, 100, 200, 200, 200, 200, 200], [100] * 8)
    policy = halves(rebalance=resetting(When.DAILY, "0.05"))
    found = run_backtest(policy, closes, BacktestSetting(START, date(2021, 2, 5), lag=2))
    assert [closes.dates.index(rebalance.decided) for rebalance in found.rebalances] == [0, 3]
    assert [closes.dates.index(rebalance.traded) for rebalance in found.rebalances] == [2, 5]


def test_uninvested_money_earns_its_yield_by_the_calendar() -> None:
    policy = halves(mode=Mode.TIMING, signals=BASE.signals[:1])
    days = walks(("A", "B"), 300)
    falling = price_history(days.dates, ("A", "B"), np.linspace([100, 100], [50, 50], 300))
    found = run_backtest(policy, falling, BacktestSetting(days.dates[250], days.dates[299], cash_yield=0.05))
    years = (days.dates[299] - days.dates[250]).days / 365.25
    assert found.figures.growth == pytest.approx(1.05**years)
    assert found.rebalances[0].after == {"": 1.0}


def test_turnover_is_one_way_without_the_first_purchase() -> None:
    found = run_backtest(halves(), RISING, SETTING)
    assert found.figures.turnover_per_year == pytest.approx(1 / 6 * 365.25 / 7)


def test_days_without_a_close_are_valued_at_the_last_one_and_said() -> None:
    closes = two_closes([100, 110, float("nan"), float("nan"), 110, 110], [100] * 6)
    found = run_backtest(halves(rebalance=resetting(When.NEVER)), closes, SETTING)
    assert found.equity == pytest.approx([1, 1.05, 1.05, 1.05, 1.05, 1.05])
    assert found.warnings == ("A: 2 days without a close, from 2021-01-29, are valued at the last one",)


def test_a_symbol_that_is_to_be_held_before_its_first_close_is_told_with_its_first_day() -> None:
    closes = two_closes([float("nan"), 110, 110, 110, 110, 110], [100] * 6)
    with pytest.raises(AppError, match=r"A has no close on or before 2021-01-27.*Its first is on 2021-01-28"):
        run_backtest(halves(), closes, SETTING)


def test_prices_that_end_before_the_end_are_said() -> None:
    found = run_backtest(halves(), RISING, BacktestSetting(START, date(2021, 6, 30)))
    assert found.dates[-1] == END
    assert found.warnings == ("the prices end on 2021-02-03, before 2021-06-30: the backtest ends there",)


def test_a_benchmark_symbol_is_compared_with_and_the_strategic_mix_otherwise() -> None:
    closes = price_history(weekdays(START, 6), ("A", "B", "C"), np.column_stack((RISING.closes, np.arange(1, 7))))
    found = run_backtest(halves(), closes, BacktestSetting(START, END, benchmark="C"))
    assert found.benchmark_name == "C"
    assert found.benchmark_figures.growth == pytest.approx(6)
    found = run_backtest(halves(rebalance=resetting(When.NEVER)), closes, SETTING)
    assert found.benchmark_name == "strategic mix"
    assert found.benchmark_figures.growth == pytest.approx(2.25)
    assert found.figures.information_ratio > 0


def test_weights_that_leave_something_over_leave_it_uninvested() -> None:
    third = Decimal("0.333333")
    policy = halves()
    policy = type(policy)(
        universe={"a": "A", "b": "B"},
        strategic={"a": third, "b": third, "cash": Decimal("0.333334")},
        mode=Mode.STATIC,
    )
    found = run_backtest(policy, RISING, SETTING)
    assert found.rebalances[0].after[""] == pytest.approx(0.333334)
