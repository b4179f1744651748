"""The search keeps every trial, chooses in sample only, and the discounts are what the runs say."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from engine.errors import AppError
from engine.overlay.policy import Mode, OverlayPolicy, SignalKind, SignalSetting
from engine.overlay.price_history import price_history
from engine.research.backtest import BacktestSetting, run_backtest
from engine.research.discounts import discounts, publication_discounts, scaled_costs, timing_discounts
from engine.research.metrics import sharpe, simple_returns
from engine.research.policy_search import (
    Candidate,
    count_of,
    draw,
    merged,
    policy_hash,
    search,
    sharpe_variance,
)
from engine.research.trading_costs import CostModel, SymbolCost, flat_costs
from engine.research.tranches import run_tranches
from tests.engine.research.closes import walks
from tests.engine.research.policies import BASE, SYMBOLS

HISTORY = walks(SYMBOLS, 900)
SETTING = BacktestSetting(date(2001, 6, 29), date(2003, 5, 30), lag=1, costs=flat_costs(5))
INSIDE_TO = date(2002, 9, 30)


def timing(months: int) -> OverlayPolicy:
    return replace(BASE, mode=Mode.TIMING, signals=(SignalSetting(SignalKind.SMA, months),))


def tried(*months: int) -> list[Candidate]:
    return [Candidate(timing(m), (("signals[0].months", str(m)),)) for m in months]


def test_every_policy_is_a_trial_with_figures_in_sample_and_out() -> None:
    found = search(tried(4, 6, 10), HISTORY, SETTING, INSIDE_TO)
    assert [trial.parameters[0][1] for trial in found.trials] == ["4", "6", "10"]
    assert found.returns.shape == (len(found.dates), 3)
    assert {trial.inside_to for trial in found.trials} == {INSIDE_TO}
    alone = run_backtest(timing(6), HISTORY, SETTING)
    returns = simple_returns(alone.equity)
    assert found.returns[:, 1].tolist() == returns.tolist()
    row = found.trials[1]
    assert row.outside.sharpe == pytest.approx(sharpe(returns[found.split :], 252, found.free[found.split :]))
    assert row.whole.max_drawdown == pytest.approx(alone.figures.max_drawdown)


def test_the_best_is_chosen_in_sample_only() -> None:
    found = search(tried(3, 4, 6, 8, 10), HISTORY, SETTING, INSIDE_TO)
    assert found.trials[found.best].inside.sharpe == max(trial.inside.sharpe for trial in found.trials)
    later = np.array([day > INSIDE_TO for day in HISTORY.dates])
    closes = HISTORY.closes.copy()
    closes[later] *= np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.02, closes[later].shape), axis=0))
    changed = search(tried(3, 4, 6, 8, 10), price_history(HISTORY.dates, SYMBOLS, closes), SETTING, INSIDE_TO)
    assert changed.best == found.best
    assert [t.inside for t in changed.trials] == [t.inside for t in found.trials]
    assert [t.outside for t in changed.trials] != [t.outside for t in found.trials]


def test_the_same_policy_is_run_once() -> None:
    found = search([*tried(4), Candidate(replace(timing(4), name="again")), *tried(6)], HISTORY, SETTING, INSIDE_TO)
    assert count_of(found.trials) == len(found.trials) == 2


def test_a_candidate_that_cannot_be_run_is_told_and_is_no_trial() -> None:
    late = np.where(np.arange(900) < 600, np.nan, 50.0)[:, None]
    history = price_history(HISTORY.dates, (*SYMBOLS, "LATE"), np.hstack((HISTORY.closes, late)))
    early = replace(BASE, universe=BASE.universe | {"bonds": "LATE"})
    found = search([*tried(4), Candidate(early, (("universe.bonds", "LATE"),))], history, SETTING, INSIDE_TO)
    assert len(found.trials) == 1
    assert found.failed[0].parameters == (("universe.bonds", "LATE"),)
    assert "LATE has no close" in found.failed[0].reason


def test_the_mix_pays_the_same_costs() -> None:
    free = replace(SETTING, costs=CostModel())
    paid, unpaid = (search(tried(4), HISTORY, each, INSIDE_TO).mix for each in (SETTING, free))
    assert np.prod(1 + paid) < np.prod(1 + unpaid)


def test_cash_is_the_etf_that_stands_for_it() -> None:
    found = search(tried(4), HISTORY, SETTING, INSIDE_TO)
    start = HISTORY.dates.index(SETTING.start)
    assert found.free[0] == pytest.approx(HISTORY.closes[start + 1, 4] / HISTORY.closes[start, 4] - 1)


@pytest.mark.parametrize(("day", "words"), [(date(2001, 7, 2), "in sample"), (date(2003, 5, 29), "out of sample")])
def test_a_split_that_leaves_nothing_is_said(day: date, words: str) -> None:
    with pytest.raises(AppError, match=f"12 returns are {words}"):
        search(tried(4), HISTORY, SETTING, day)


def test_a_hash_knows_what_decides_and_not_how_it_is_written() -> None:
    assert policy_hash(BASE) == policy_hash(replace(BASE, name="other"))
    assert policy_hash(BASE) != policy_hash(replace(BASE, lots=True))  # its figures are net of tax
    assert policy_hash(BASE) == policy_hash(replace(BASE, overlay_band=Decimal("0.1")))
    assert policy_hash(BASE) != policy_hash(replace(BASE, overlay_band=Decimal("0.11")))
    assert len(policy_hash(BASE)) == 16


def test_a_budget_draws_without_repeating_and_the_same_for_a_seed() -> None:
    drawn = draw(10_000, 50, seed=4)
    assert len(set(drawn)) == 50
    assert drawn == draw(10_000, 50, seed=4) != draw(10_000, 50, seed=5)
    assert draw(6, 50, seed=4) == tuple(range(6))


@pytest.mark.parametrize(("size", "budget", "words"), [(5, 0, "at least one"), (10**8, 5, "100,000,000 points")])
def test_a_search_without_bounds_is_refused(size: int, budget: int, words: str) -> None:
    with pytest.raises(AppError, match=words):
        draw(size, budget, 0)


def test_a_log_keeps_each_policy_once_and_counts_them() -> None:
    first = search(tried(4, 6), HISTORY, SETTING, INSIDE_TO).trials
    second = search(tried(6, 8), HISTORY, SETTING, INSIDE_TO).trials
    log = merged(first, second)
    assert [trial.parameters[0][1] for trial in log] == ["4", "6", "8"]
    assert count_of(log) == 3


def test_the_variance_of_sharpe_ratios_is_per_period() -> None:
    # 0.5 and 0.9 a year vary by 0.08
    assert sharpe_variance([0.5, 0.9], 252) == pytest.approx(0.08 / 252)
    assert sharpe_variance([0.5], 252) is None


def test_a_gain_of_two_percent_is_worth_148_and_84_basis_points() -> None:
    # McLean and Pontiff (2016): 26 percent lower out of sample, 58 percent after publication
    rows = publication_discounts(0.02)
    assert [row.after for row in rows] == pytest.approx([0.0148, 0.0084])
    assert [row.after for row in publication_discounts(-0.01)] == [-0.01, -0.01]


def test_costs_twice_as_high_take_twice_as_much() -> None:
    rows = {row.what: row for row in discounts(timing(4), HISTORY, SETTING)}
    once, twice = rows["Costs at 1x"], rows["Costs at 2x"]
    assert once.before == twice.before
    assert once.after == run_backtest(timing(4), HISTORY, SETTING).figures.cagr
    assert twice.change == pytest.approx(2 * once.change, rel=0.02)
    assert once.change < 0


def test_timing_luck_runs_from_the_month_end_to_the_unluckiest_day() -> None:
    band = run_tranches(timing(4), HISTORY, SETTING)
    median, lowest = timing_discounts(band)
    assert median.before == lowest.before == pytest.approx(run_backtest(timing(4), HISTORY, SETTING).figures.cagr)
    assert (median.after, lowest.after) == (band.median, band.lowest)


def test_every_row_of_the_table_names_its_source() -> None:
    rows = discounts(timing(4), HISTORY, SETTING)
    assert [bool(row.source) for row in rows] == [True] * 6


def test_every_cost_is_scaled() -> None:
    model = CostModel(SymbolCost(1, 2, 3, 1e6), {"A": SymbolCost(4, 5, 6)}, 5e5)
    assert scaled_costs(model, 2) == CostModel(SymbolCost(2, 4, 6, 1e6), {"A": SymbolCost(8, 10, 12)}, 5e5)
