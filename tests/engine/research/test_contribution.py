"""What an overlay added: the parts sum to its excess, and agree with the backtest that they come from."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from engine.errors import AppError
from engine.overlay.policy import Mode, OverlayPolicy, When
from engine.research.backtest import BacktestSetting, run_backtest
from engine.research.contribution import Against, OverlayContribution, TaxedGrowth, holdings, overlay_contribution
from engine.research.linking import Excess
from engine.research.market import market
from engine.research.metrics import TRADING_DAYS
from engine.research.trading_costs import CostModel, SymbolCost, flat_costs
from tests.engine.research.closes import walks
from tests.engine.research.policies import BASE, SYMBOLS, halves, resetting, two_closes

HISTORY = walks(SYMBOLS, 5 * TRADING_DAYS)
START, END = date(2001, 6, 29), date(2004, 3, 31)
IMPACT = CostModel(SymbolCost(3.0, 1.0, 20.0, 5e7), {"BOND": SymbolCost(1.0)}, 2e7)
MODES = (Mode.TIMING, Mode.OVERLAY, Mode.DUAL_MOMENTUM)


def policy(**changes: Any) -> OverlayPolicy:
    usual: dict[str, Any] = {name: getattr(BASE, name) for name in BASE.__dataclass_fields__}
    return OverlayPolicy(**usual | {"mode": Mode.TIMING} | changes)


def contribution(mode: Mode = Mode.TIMING, kind: Excess = Excess.ARITHMETIC, **setting: Any) -> OverlayContribution:
    return overlay_contribution(
        policy(mode=mode), HISTORY, BacktestSetting(START, END, **{"costs": IMPACT} | setting), kind=kind
    )


@pytest.mark.parametrize("lag", [0, 1])
@pytest.mark.parametrize("mode", MODES)
def test_holdings_compound_to_the_equity_of_the_backtest(mode: Mode, lag: int) -> None:
    setting = BacktestSetting(START, END, lag, IMPACT, 0.02)
    found = run_backtest(policy(mode=mode), HISTORY, setting)
    line = holdings(found, market(HISTORY, 0.02), IMPACT)
    assert np.cumprod(1.0 + line.net) == pytest.approx(found.equity[1:], rel=1e-12)
    assert line.weights.sum(axis=1) == pytest.approx(1.0)


@pytest.mark.parametrize("kind", Excess)
@pytest.mark.parametrize("mode", MODES)
def test_classes_and_costs_sum_to_the_excess_of_each_stretch(mode: Mode, kind: Excess) -> None:
    found = contribution(mode, kind, lag=1)
    for one in (found.total, *found.years):
        assert one.gross + one.cost == pytest.approx(one.net, rel=1e-9, abs=1e-13)
        assert sum(each.net for each in one.classes) == pytest.approx(one.net, rel=1e-9, abs=1e-13)
        assert one.cost <= 0
    assert found.total.cost < 0


def test_the_whole_time_and_the_years_agree_with_the_backtest() -> None:
    found = contribution()
    run = run_backtest(policy(), HISTORY, BacktestSetting(START, END, costs=IMPACT))
    assert found.total.policy_return == pytest.approx(run.figures.growth - 1)
    assert found.total.strategic_return == pytest.approx(run.benchmark_figures.growth - 1)
    assert [one.policy_return for one in found.years] == pytest.approx(list(run.figures.calendar_years.values()))
    assert [one.end.year for one in found.years] == [2001, 2002, 2003, 2004]
    assert found.strategic_name == "strategic mix"


def test_holding_the_strategic_mix_adds_nothing_and_costs_what_it_trades() -> None:
    found = contribution(Mode.STATIC)
    assert found.total.gross == pytest.approx(0.0, abs=1e-12)
    assert found.total.net == pytest.approx(found.total.cost, abs=1e-12)
    free = contribution(Mode.STATIC, costs=CostModel())
    assert (free.total.net, free.total.cost) == pytest.approx((0.0, 0.0), abs=1e-12)


def test_one_month_by_hand() -> None:
    """Half in A, half in B: after the month end A doubles, then B gains half; nothing is reset meanwhile."""
    history = two_closes([100.0, 100.0, 100.0, 200.0, 200.0], [100.0] * 4 + [150.0], date(2021, 1, 27))
    setting = BacktestSetting(date(2021, 1, 27), date(2021, 2, 2), costs=flat_costs(0))
    found = overlay_contribution(halves(rebalance=resetting(When.NEVER)), history, setting).total
    assert found.policy_return == pytest.approx(0.75)
    assert found.strategic_return == pytest.approx(0.5 * (2 + 1) - 1 + 0.25)
    assert found.net == pytest.approx(0.0)


def test_a_class_is_told_with_its_etf_and_average_weights() -> None:
    found = {one.asset_class: one for one in contribution().total.classes}
    assert found["momentum"].symbol == "MOM"
    assert found["cash"].symbol == "BILL"
    assert sum(one.weight for one in found.values()) == pytest.approx(1.0)
    assert found["momentum"].strategic_weight == pytest.approx(0.3, abs=0.01)
    assert found["cash"].strategic_weight == 0.0


def test_against_cash_the_sum_is_the_same_and_cash_itself_adds_nothing() -> None:
    usual = contribution().total
    setting = BacktestSetting(START, END, costs=IMPACT)
    found = overlay_contribution(policy(), HISTORY, setting, against=Against.CASH).total
    assert (found.gross, found.cost, found.net) == pytest.approx((usual.gross, usual.cost, usual.net))
    cash = next(one for one in found.classes if one.symbol == "BILL")
    assert cash.gross == 0.0
    assert next(one for one in usual.classes if one.symbol == "BILL").gross != 0.0


def test_tax_is_what_is_left_of_the_excess_after_it() -> None:
    setting = BacktestSetting(START, END)
    run = run_backtest(policy(), HISTORY, setting)
    taxed = TaxedGrowth(run.dates, run.equity**0.8, run.benchmark**0.9)
    found = overlay_contribution(policy(), HISTORY, setting, taxed)
    after = run.equity[-1] ** 0.8 - run.benchmark[-1] ** 0.9
    assert found.total.net_of_tax == pytest.approx(after)
    assert found.total.tax == pytest.approx(after - found.total.net)
    assert all(one.net_of_tax is not None for one in found.years)
    assert contribution().total.net_of_tax is None


def test_values_after_tax_must_reach_over_the_whole_time() -> None:
    short = TaxedGrowth(HISTORY.dates[:600], np.ones(600), np.ones(600))
    with pytest.raises(AppError, match=r"do not reach from 2001-06-29 .* They run from 2000-01-03"):
        overlay_contribution(policy(), HISTORY, BacktestSetting(START, END), short)
