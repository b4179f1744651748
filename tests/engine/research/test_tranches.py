"""The luck of the day of the month."""

from dataclasses import replace

import numpy as np
import pytest

from engine.errors import AppError
from engine.overlay.policy import Mode
from engine.overlay.price_history import price_history
from engine.research.backtest import run_backtest
from engine.research.trading_costs import flat_costs
from engine.research.tranches import run_tranches
from tests.engine.research.policies import BASE
from tests.engine.research.test_modes import HISTORY, SETTING, variant

COSTLY = replace(SETTING, lag=1, costs=flat_costs(10))


def test_the_first_tranche_is_the_backtest_itself() -> None:
    policy = variant("overlay by vote")
    alone, found = run_backtest(policy, HISTORY, COSTLY), run_tranches(policy, HISTORY, COSTLY)
    assert len(found.cagr) == 21
    assert found.equity[0] == pytest.approx(alone.equity, abs=1e-14)
    assert found.cagr[0] == pytest.approx(alone.figures.cagr)


def test_the_band_holds_every_tranche_and_the_pool_is_their_mean() -> None:
    found = run_tranches(variant("timing"), HISTORY, COSTLY)
    assert found.lowest < found.median < found.highest
    assert found.pooled == pytest.approx(found.equity.mean(axis=0))
    assert found.pooled[0] == 1.0
    assert len(set(np.round(found.cagr, 12))) > 10


def test_a_mix_that_is_never_reset_has_no_luck() -> None:
    policy = replace(BASE, mode=Mode.STATIC, rebalance=replace(BASE.rebalance, when=BASE.rebalance.when.NEVER))
    found = run_tranches(policy, HISTORY, COSTLY, count=5)
    assert found.lowest == pytest.approx(found.highest, abs=1e-12)


def test_monthly_prices_have_no_days_of_the_month() -> None:
    ends = [i for i, day in enumerate(HISTORY.dates[:-1]) if HISTORY.dates[i + 1].month != day.month]
    monthly = price_history([HISTORY.dates[i] for i in ends], HISTORY.symbols, HISTORY.closes[ends])
    with pytest.raises(AppError, match="Tranches need daily prices"):
        run_tranches(BASE, monthly, SETTING)


def test_each_tranche_trades_on_its_own_days() -> None:
    found = run_tranches(BASE, HISTORY, SETTING, count=3)
    apart = np.abs(found.equity[0] - found.equity[2])
    assert apart[0] == 0
    assert apart.max() > 0
