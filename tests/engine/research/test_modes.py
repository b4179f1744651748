"""What each mode holds, and that none of them ever looks ahead."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from engine.errors import AppError
from engine.overlay.overlay import overlay_path
from engine.overlay.policy import Combine, Mode, OverlayPolicy, SignalKind, SignalSetting, When, validate
from engine.overlay.price_history import PriceHistory, price_history
from engine.research.backtest import BacktestSetting, plan, run_backtest
from engine.research.market import market, symbols_of
from engine.research.schedule import month_end_rows
from engine.research.trading_costs import flat_costs
from tests.engine.research.closes import walks
from tests.engine.research.policies import BASE, MOMENTUM, SMA10, SYMBOLS, resetting

HISTORY = walks(SYMBOLS, 3 * 261)
FIRST, LAST = 2 * 261, 3 * 261 - 1
SETTING = BacktestSetting(HISTORY.dates[FIRST], HISTORY.dates[LAST])
VARIANTS: dict[str, dict[str, Any]] = {
    "static": {"mode": Mode.STATIC},
    "static daily with a band": {"mode": Mode.STATIC, "rebalance": resetting(When.DAILY, "0.01")},
    "timing": {"mode": Mode.TIMING, "signals": (SMA10,)},
    "timing quarterly": {"mode": Mode.TIMING, "rebalance": resetting(When.QUARTERLY)},
    "overlay by vote": {"mode": Mode.OVERLAY, "max_turnover_quarter": Decimal("0.05")},
    "overlay by average": {"mode": Mode.OVERLAY, "combine": Combine.AVERAGE, "hysteresis": Decimal("0.02")},
    "overlay by one": {"mode": Mode.OVERLAY, "combine": Combine.SINGLE, "signals": (MOMENTUM, SMA10)},
    "dual momentum": {"mode": Mode.DUAL_MOMENTUM, "risk_on": ("momentum", "INTL"), "risk_off": "bonds"},
    "risk parity": {"mode": Mode.RISK_PARITY},
    "risk parity, limited": {
        "mode": Mode.RISK_PARITY,
        "class_cap": Decimal("0.35"),
        "max_turnover_quarter": Decimal("0.02"),
    },
    "minimum variance": {"mode": Mode.MIN_VARIANCE, "class_cap": Decimal("0.4")},
    "maximum Sharpe": {"mode": Mode.MAX_SHARPE},
    "inverse volatility": {"mode": Mode.INVERSE_VOLATILITY},
    "volatility target": {"mode": Mode.VOLATILITY_TARGET, "target_volatility": Decimal("0.05")},
    "factor tilt": {
        "mode": Mode.FACTOR_TILT,
        "max_turnover_quarter": Decimal("0.15"),
        "elevated_above": Decimal(11),
        "elevated_below": Decimal(9),
    },
}


def variant(name: str) -> OverlayPolicy:
    return replace(BASE, **VARIANTS[name])


def shaken(history: PriceHistory, row: int) -> PriceHistory:
    """Return the history with every close after `row` another one."""
    closes = history.closes.copy()
    closes[row + 1 :] *= np.exp(np.random.default_rng(row).standard_normal(closes[row + 1 :].shape) * 0.2)
    return price_history(history.dates, history.symbols, closes)


def weights_of(name: str, history: PriceHistory = HISTORY) -> np.ndarray[Any, np.dtype[np.float64]]:
    return plan(variant(name), market(history), FIRST, LAST).targets


@pytest.mark.parametrize("name", VARIANTS)
def test_no_decision_changes_when_the_future_does(name: str) -> None:
    policy, data = variant(name), market(HISTORY)
    for row, shift in ((FIRST + 37, 0), (FIRST + 100, 7), (LAST - 30, 0)):
        other = market(shaken(HISTORY, row))
        told, again = (plan(policy, closes, FIRST, LAST, shift) for closes in (data, other))
        made = told.rows <= row
        assert np.array_equal(told.rows, again.rows)
        assert np.array_equal(told.targets[made], again.targets[made])


@pytest.mark.parametrize("name", ["static daily with a band", "overlay by vote", "volatility target"])
@pytest.mark.parametrize("lag", [0, 1, 3])
def test_no_trade_and_no_value_changes_when_the_future_does(name: str, lag: int) -> None:
    row = FIRST + 100
    setting = replace(SETTING, lag=lag, costs=flat_costs(10))
    one, two = (run_backtest(variant(name), history, setting) for history in (HISTORY, shaken(HISTORY, row)))
    day = HISTORY.dates[row]
    assert [r for r in one.rebalances if r.traded <= day] == [r for r in two.rebalances if r.traded <= day]
    assert np.array_equal(one.equity[: row - FIRST + 1], two.equity[: row - FIRST + 1])
    assert one.equity[-1] != two.equity[-1]


@pytest.mark.parametrize("name", [name for name in VARIANTS if "static" not in name])
def test_a_shaken_past_does_change_decisions(name: str) -> None:
    other = shaken(HISTORY, 100)
    assert not np.array_equal(weights_of(name), weights_of(name, other))


@pytest.mark.parametrize("name", VARIANTS)
def test_weights_are_never_negative_and_sum_to_one(name: str) -> None:
    weights = weights_of(name)
    assert weights.min() >= -1e-12
    assert weights.sum(axis=1) == pytest.approx(1.0)
    assert validate(variant(name)) == ()


@pytest.mark.parametrize("name", ["timing", "overlay by vote", "overlay by average", "overlay by one"])
def test_a_backtest_holds_what_the_overlay_says_on_the_day(name: str) -> None:
    policy = variant(name)
    for rebalance in run_backtest(policy, HISTORY, SETTING).rebalances[1::4]:
        targets = overlay_path(policy, HISTORY, rebalance.decided).steps[-1].targets
        expected = {policy.universe.get(key, policy.cash): float(value) for key, value in targets.items() if value}
        assert rebalance.after == pytest.approx(expected)


def test_limits_hold_in_every_month_of_an_allocation() -> None:
    weights = weights_of("risk parity, limited")
    assert weights[:, :4].max() <= 0.35 + 1e-9
    assert weights[:, 4:].max() == 0
    moves = 0.5 * np.abs(np.diff(weights, axis=0)).sum(axis=1)
    assert max(moves[i : i + 3].sum() for i in range(len(moves))) <= 0.02 + 1e-9
    assert weights_of("minimum variance")[:, :4].max() <= 0.4 + 1e-9


def test_what_held_the_weights_back_is_said_with_the_trades() -> None:
    found = run_backtest(variant("overlay by vote"), HISTORY, SETTING)
    assert any("max_turnover_quarter 5.00%" in line for rebalance in found.rebalances for line in rebalance.bound)


def test_classes_that_do_not_move_have_no_covariance_to_allocate_by() -> None:
    still = price_history(HISTORY.dates, SYMBOLS, np.full(HISTORY.closes.shape, 100.0))
    with pytest.raises(AppError, match="Mode risk_parity finds no weights on"):
        run_backtest(variant("risk parity"), still, SETTING)


def test_risk_parity_gives_the_calmer_class_more() -> None:
    weights = weights_of("risk parity").mean(axis=0)
    assert weights[0] < weights[1] < weights[2] < weights[3]
    assert weights_of("minimum variance")[:, 3].min() > weights_of("risk parity")[:, 3].max() - 0.4


def test_dual_momentum_holds_the_best_while_its_first_beats_the_hurdle() -> None:
    policy = variant("dual momentum")
    data = market(HISTORY)
    found = plan(policy, data, FIRST, LAST)
    ends = [i for i, day in enumerate(HISTORY.dates[:-1]) if HISTORY.dates[i + 1].month != day.month]
    for row, weights in list(zip(found.rows, found.targets, strict=True))[1:]:
        at = ends.index(int(row))
        gains = HISTORY.closes[ends[at - 1]] / HISTORY.closes[ends[at - 12]] - 1
        best = "BOND" if gains[0] <= gains[4] else max((gains[0], "MOM"), (gains[2], "INTL"))[1]
        assert weights[data.column(best)] == 1.0


def test_the_volatility_target_never_borrows_and_leaves_the_rest_in_cash() -> None:
    weights = weights_of("volatility target")
    assert weights[:, :4].sum(axis=1).max() <= 1.0
    assert weights[:, 4].min() > 0
    calm = replace(variant("volatility target"), target_volatility=Decimal(1))
    assert plan(calm, market(HISTORY), FIRST, LAST).targets[:, 4].max() == 0


def test_the_factor_tilt_goes_from_momentum_to_value_when_volatility_is_high() -> None:
    closes = HISTORY.closes.copy()
    turbulent = np.random.default_rng(5).standard_normal((60, 5)) * 0.04
    closes[FIRST + 100 :] *= np.exp(np.cumsum(np.pad(turbulent, ((0, LAST - FIRST - 159), (0, 0))), axis=0))
    policy = variant("factor tilt")
    found = plan(
        replace(policy, max_turnover_quarter=None), market(price_history(HISTORY.dates, SYMBOLS, closes)), FIRST, LAST
    )
    late = found.targets[np.searchsorted(found.rows, FIRST + 155)]
    assert late[:2] == pytest.approx([0.2, 0.4])
    assert found.targets[0, :2] == pytest.approx([0.4, 0.2])
    assert set(np.round(found.targets[:, 0], 6)) == {0.2, 0.4}


def test_month_ends_without_a_reading_are_said() -> None:
    found = run_backtest(variant("timing"), HISTORY, replace(SETTING, start=HISTORY.dates[150]))
    assert found.warnings[0].startswith("momentum (MOM): the 10-month moving average has no reading at 3 of ")
    assert found.rebalances[0].after == {"BILL": 1.0}


def test_a_month_without_a_close_gives_no_reading_of_it() -> None:
    closes = HISTORY.closes.copy()
    ends = month_end_rows(market(HISTORY).days).rows
    closes[ends[4] + 1 : ends[5] + 1, 0] = np.nan
    found = market(price_history(HISTORY.dates, SYMBOLS, closes)).closes_at(ends, ("MOM", "VAL"))
    assert np.flatnonzero(np.isnan(found[:, 0])).tolist() == [5]
    assert not np.isnan(found[:, 1]).any()


def test_a_signal_mode_that_has_no_month_end_yet_is_told() -> None:
    with pytest.raises(AppError, match="Mode timing has no month end to read on or before 2000-01-03"):
        run_backtest(variant("timing"), HISTORY, replace(SETTING, start=date(2000, 1, 3)))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"mode": Mode.DUAL_MOMENTUM, "risk_on": ()}, "risk_on: mode dual_momentum needs at least one name"),
        ({"mode": Mode.DUAL_MOMENTUM, "risk_off": ""}, "risk_off: mode dual_momentum needs a name"),
        ({"mode": Mode.FACTOR_TILT, "risk_off": "gold"}, "risk_on, risk_off: gold is no class of strategic"),
        ({"window_months": 0}, "window_months: 0 is not between 1 and 120"),
        ({"ewma_decay": Decimal(1)}, "ewma_decay: 1 is not between 0 and 1 (both excluded)"),
        ({"elevated_below": Decimal(30)}, "elevated_below: 30 is not between 0 and elevated_above"),
        ({"target_volatility": Decimal(0)}, "target_volatility: 0 is not between 0 (excluded) and 1"),
        ({"mode": Mode.VOLATILITY_TARGET, "strategic": {}}, "strategic: the weights sum to 0, not to 1"),
    ],
)
def test_what_a_mode_needs_is_told_when_it_is_missing(changes: dict[str, Any], fault: str) -> None:
    assert validate(replace(BASE, **changes)) == (fault,)


def test_a_policy_reads_the_symbols_of_its_mode_only() -> None:
    assert symbols_of(BASE) == SYMBOLS[:4]
    assert symbols_of(replace(BASE, mode=Mode.TIMING)) == SYMBOLS
    lists = replace(BASE, mode=Mode.DUAL_MOMENTUM, universe={}, strategic={}, risk_on=("SPY",), risk_off="AGG")
    assert symbols_of(lists) == ("SPY", "AGG", "BILL")
    twelve = replace(lists, signals=(SignalSetting(SignalKind.SMA, 10),))
    assert validate(twelve) == ()
