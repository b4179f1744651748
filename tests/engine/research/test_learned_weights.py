"""Learned modes without the optional extra: what is told, when networks are fitted, what they are shown beside."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from engine.errors import AppError
from engine.overlay.learned_setting import LearnedSetting
from engine.overlay.policy import LEARNED, Mode, OverlayPolicy, validate
from engine.research import learned_weights
from engine.research.backtest import BacktestSetting, plan, run_backtest
from engine.research.baselines import baseline_policies, net_figures, run_baselines
from engine.research.market import market
from engine.research.metrics import sharpe, simple_returns
from engine.research.policy_search import policy_hash
from engine.research.schedule import month_end_rows
from engine.research.trading_costs import flat_costs
from tests.engine.research.closes import walks
from tests.engine.research.policies import BASE, SYMBOLS

HISTORY = walks(SYMBOLS, 3 * 261)
FIRST, LAST = 2 * 261, 3 * 261 - 1
SETTING = BacktestSetting(HISTORY.dates[FIRST], HISTORY.dates[LAST], 1, flat_costs(10))


@pytest.fixture
def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The optional extra is not there, installed or not."""
    monkeypatch.setattr(learned_weights, "find_spec", lambda name: None)


@pytest.mark.parametrize("mode", sorted(LEARNED))
def test_without_the_extra_a_learned_mode_says_in_one_line_how_to_install_it(mode: Mode, no_torch: None) -> None:
    with pytest.raises(AppError) as told:
        plan(replace(BASE, mode=mode), market(HISTORY), FIRST, LAST)
    assert str(told.value) == (
        "Learned allocations need PyTorch, which is not installed. Install the extra: "
        "python -m pip install torch==2.13.0, or `make test-learned` in a checkout."
    )
    assert "\n" not in str(told.value)


def test_every_other_mode_runs_without_the_extra(no_torch: None) -> None:
    for mode in set(Mode) - LEARNED:
        assert len(plan(replace(BASE, mode=mode), market(HISTORY), FIRST, LAST).targets) > 10


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"window": 1}, "learned.window: 1 is not between 4 and 250"),
        ({"seed": -1}, "learned.seed: -1 is not between 0 and"),
        ({"epochs": 0}, "learned.epochs: 0 is not"),
        ({"learning_rate": Decimal(0)}, "learned.learning_rate: 0 is not above 0"),
        ({"learning_rate": Decimal("NaN")}, "learned.learning_rate: NaN"),
        ({"cost_bp": Decimal(-1)}, "learned.cost_bp: -1 is not"),
        ({"train_months": 5}, "learned.train_months: 5 is not"),
    ],
)
def test_a_setting_that_does_not_hold_is_told_with_its_key(change: dict[str, Any], words: str) -> None:
    faults = validate(replace(BASE, learned=LearnedSetting(**change)))
    assert [words in fault for fault in faults] == [True]


def test_a_policy_without_a_network_keeps_its_hash_and_each_seed_has_its_own() -> None:
    learned = replace(BASE, mode=Mode.DIRECT_SHARPE, learned=LearnedSetting())
    hashes = {policy_hash(replace(learned, learned=LearnedSetting(seed=seed))) for seed in range(3)}
    assert len(hashes) == 3
    assert policy_hash(OverlayPolicy(universe={"a": "A"})) == "c2fec7ba1cf6d42a"


def test_fits_wait_until_every_fund_has_enough_months() -> None:
    closes = HISTORY.closes.copy()
    closes[:100, 0] = np.nan
    late = market(replace(HISTORY, closes=closes))
    policy = replace(BASE, learned=LearnedSetting(train_months=12, retrain_months=3))
    rows = learned_weights.fit_rows(late, policy)
    assert f"{late.dates[rows[0]]:%Y-%m}" == "2001-05"
    assert np.diff(rows).min() > 60


def test_the_simple_mixes_are_five_net_of_the_same_costs_under_the_same_limits() -> None:
    policy = replace(BASE, mode=Mode.DIRECT_SHARPE, class_cap=Decimal("0.4"), learned=LearnedSetting())
    mixes = baseline_policies(policy)
    assert [name for name, _ in mixes] == [
        "strategic mix",
        "equal weights",
        "strategic mix, volatility at most 10%",
        "inverse volatility",
        "equal risk contributions",
    ]
    assert all(mix.class_cap == Decimal("0.4") and mix.learned is None for _, mix in mixes)
    found = run_baselines(policy, HISTORY, SETTING)
    assert all(sum(each.cost for each in mix.backtest.rebalances) > 0 for mix in found)
    assert run_baselines(BASE, HISTORY, SETTING) == ()


def test_inverse_volatility_weighs_each_fund_by_one_over_its_deviation() -> None:
    data = market(HISTORY)
    policy = replace(BASE, mode=Mode.INVERSE_VOLATILITY, window_months=6)
    told = plan(policy, data, FIRST, LAST)
    ends = month_end_rows(data.days).rows
    number = int(np.flatnonzero(ends == told.rows[4])[0])
    closes = HISTORY.closes[ends[number - 6] : ends[number] + 1, :4]
    inverse = 1.0 / simple_returns(closes).std(axis=0)
    np.testing.assert_allclose(told.targets[4, :4], inverse / inverse.sum(), rtol=1e-12)


def test_figures_after_a_day_count_returns_and_turnover_after_it_only() -> None:
    found = run_backtest(replace(BASE, mode=Mode.INVERSE_VOLATILITY), HISTORY, SETTING)
    returns, after = simple_returns(found.equity), found.dates[100]
    free = np.full(returns.size, 1e-5)
    told = net_figures(found, free, after)
    assert told.sharpe == pytest.approx(sharpe(returns[100:], 252, free[100:]), rel=1e-12)
    later = [each.one_way for each in found.rebalances if each.traded > after]
    assert told.turnover == pytest.approx(sum(later) * 252 / (returns.size - 100), rel=1e-12)
    whole = net_figures(found, free)
    assert whole.turnover == pytest.approx(sum(e.one_way for e in found.rebalances[1:]) * 252 / returns.size, rel=1e-12)
