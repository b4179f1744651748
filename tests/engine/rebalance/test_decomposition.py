"""The search by class against the whole program: its bound is never above it, and where it can be exact it is.

`HYPOTHESIS_PROFILE=thorough` tries several hundred households.
"""

import json
import os
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from benchmarks.household_case import household_case
from benchmarks.scale_case import scale_case
from engine.portfolio import Action, HistoryRow, Policy
from engine.rebalance.audit import audit_proposal, audit_trades
from engine.rebalance.best_plan import enough
from engine.rebalance.case import Case
from engine.rebalance.decomposition import modes
from engine.rebalance.decomposition.corners import corners_of
from engine.rebalance.decomposition.modes import modes_of
from engine.rebalance.decomposition.response import Drift
from engine.rebalance.decomposition.search import outlook
from engine.rebalance.decomposition.segments import segments_of
from engine.rebalance.draft import draft_plan
from engine.rebalance.eligibility import Survey, survey
from engine.rebalance.milp import Outcome
from engine.rebalance.orders import UNIT
from engine.rebalance.program import build_program, solver_gap
from engine.rebalance.proposal import Status
from engine.rebalance.solve import solve
from engine.rebalance.whole_shares import trades_of
from engine.tax.schedule_d import tax_of_year, year_so_far
from tests.builders import random_case
from tests.engine.rebalance.households import ALL_STOCK, home, household, sharp, stock
from workflow.case_file import decode_case

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
SEEDS = range(300 if THOROUGH else 9)
CENT = 0.011


def office_case(seed: int) -> Case:
    """Return a random household of up to 5 accounts, 40 symbols and some 400 lots."""
    shape = ((3, 6, 2), (2, 4, 2), (4, 5, 3), (5, 8, 4))[seed % 4 if THOROUGH else seed % 3]
    return random_case(seed, accounts=shape[0], lots_each=shape[1], symbols_each=shape[2])


def in_fractions(case: Case) -> Case:
    """Return the case without anything that only whole orders know: shares, minimums, tickets."""
    none = Decimal(0)
    free = tuple(replace(a, fractional=True, min_trade=none, ticket_charge=none) for a in case.accounts)
    return replace(case, accounts=free)


def proven(view: Survey) -> float | None:
    """Return the optimum of the whole program in dollars; None when there is no plan."""
    solution = build_program(view).milp.solve(absolute_gap=0.01 / UNIT)
    return None if solution.outcome is Outcome.INFEASIBLE else solution.objective * UNIT


@pytest.mark.parametrize("seed", SEEDS)
def test_a_plan_is_within_reach_of_the_bound_and_the_bound_below_the_optimum(seed: int) -> None:
    case = office_case(seed)
    proposal, best = solve(case, case_sha256=""), proven(survey(case))
    assert audit_proposal(case, proposal) == ()
    if best is None or proposal.status is Status.INFEASIBLE:
        assert proposal.status is Status.INFEASIBLE
        return
    assert float(proposal.bound) <= best + CENT
    step = sum(float(t.price) / 2 * 0.05 for t in proposal.trades)
    assert float(proposal.objective) <= best + float(enough(survey(case))) + step


@pytest.mark.parametrize("seed", range(100, 107))
def test_in_fractions_of_shares_the_search_finds_what_the_program_finds(seed: int) -> None:
    case = in_fractions(random_case(seed, lots_each=3))
    view = survey(case)
    seen, best = outlook(view, gap=1.0 / UNIT), proven(view)
    assert seen is not None
    if best is None:
        assert seen.short_of_cash or seen.bound > 1.0
        return
    assert seen.bound * UNIT <= best + CENT
    gap = float(enough(view))
    assert seen.objective * UNIT >= best - gap, "the search knows fewer rules than the program, never more"
    assert seen.bound * UNIT >= best - 4 * gap


def test_the_scale_series_is_solved_to_a_few_dollars() -> None:
    case = decode_case(json.dumps(scale_case(50, 20)).encode(), "scale")
    proposal = solve(case, case_sha256="")
    assert proposal.status is Status.OPTIMAL
    assert proposal.gap <= 25
    assert float(proposal.objective) == pytest.approx(-4957.51, abs=25)
    assert audit_proposal(case, proposal) == ()


@pytest.mark.parametrize("seed", range(12))
def test_the_tax_at_every_corner_is_schedule_d(seed: int) -> None:
    case = random_case(seed)
    view = survey(case)
    corners = corners_of(view, segments_of(view).all)
    start, tax = year_so_far(case.tax), case.tax
    for short, long, cost in zip(corners.short, corners.long, corners.tax, strict=True):
        gains = Decimal(repr(float(short))) * 1000, Decimal(repr(float(long))) * 1000
        change = tax_of_year(start.plus(*gains), tax) - tax_of_year(start, tax) - tax.deferred_tax_rate * sum(gains)
        assert float(cost) * UNIT == pytest.approx(float(change), abs=0.01)
    assert len(corners.tax) >= 3
    assert {number for region in corners.regions for number in region} == set(range(len(corners.tax)))


@pytest.mark.parametrize("kept", ["0", "40", "100", "400"])
def test_wash_patterns_lose_the_oldest_shares_first_and_no_more_than_were_bought(kept: str) -> None:
    """Loss lots of 100 and 300 shares against shares bought ten days ago: priced as the program prices them."""
    lots = [stock("15000", "100", days=900), stock("36000", "300", days=500, name="L2")]
    history: list[HistoryRow] = []
    if kept != "0":
        bought = stock(str(100 * int(kept)), kept, days=10, name="L3")
        lots.append(bought)
        row = HistoryRow("A1", "STK", bought.acquired, Action.BUY, bought.quantity, bought.cost_basis, lot="L3")
        history.append(row)
    case = household(home(fractional=True), lots, targets={"bond": "1"}, policy=sharp(), history=history)
    view = survey(case)
    seen, best = outlook(view, gap=0.01 / UNIT), proven(view)
    assert seen is not None
    assert best is not None
    assert seen.bound * UNIT == pytest.approx(best, abs=0.5)
    assert seen.objective * UNIT == pytest.approx(best, abs=0.5)


def test_a_group_is_either_bought_or_sold_at_a_loss() -> None:
    view = survey(household(home(100_000), [stock("150000"), stock("90000", name="L2")], targets=ALL_STOCK))
    segments = segments_of(view)
    ways = set()
    for mode in modes_of(view, segments):
        open_now = [segments.all[i] for option in mode.options for i in option.segments]
        of_stock = [s for s in open_now if s.position.security.symbol == "STK"]
        buys = any(s.lot is None for s in of_stock)
        losses = any(s.lot is not None and s.lot.is_loss for s in of_stock)
        assert not (buys and losses)
        ways.add((buys, losses))
    assert {(True, False), (False, True)} <= ways


def test_a_drafted_plan_is_whole_and_keeps_every_rule() -> None:
    made = 0
    for seed in range(20):
        view = survey(random_case(seed, accounts=2, lots_each=3))
        seen = outlook(view, gap=solver_gap(view))
        plan = draft_plan(view, seen.shares) if seen is not None and seen.shares else None
        if plan is None:
            continue
        made += 1
        assert audit_trades(view.case, trades_of(plan.fills)) == ()
        for fill in plan.fills:
            closes = fill.quantity == fill.position.quantity
            assert closes or fill.position.is_stepped or fill.quantity == fill.quantity.to_integral_value()
    assert made >= 8


def test_more_withdrawn_than_there_is_has_no_outlook() -> None:
    assert outlook(survey(household(home(withdraw=Decimal(10**6)), stock())), gap=1.0) is None


def test_cash_that_no_sale_can_raise_is_seen() -> None:
    locked = stock(locked=True)
    seen = outlook(survey(household(home(withdraw=Decimal(50_000)), locked, targets=ALL_STOCK)), gap=1.0)
    assert seen is None or seen.short_of_cash


def test_the_same_case_has_the_same_outlook() -> None:
    view = survey(random_case(5))
    first, again = outlook(view, gap=0.001), outlook(view, gap=0.001)
    assert first is not None
    assert again is not None
    assert (first.bound, first.shares) == (again.bound, again.shares)


def test_drift_is_priced_as_the_contract_says() -> None:
    policy = Policy(band_relative=Decimal("0.2"), band_absolute=Decimal(0))
    view = survey(household(home(), stock(), targets={"us_equity": "0.5", "bond": "0.5"}, policy=policy))
    value = float(view.value) / UNIT
    of_class = view.classes["us_equity"]
    away = np.array([0.0, 0.04, 0.07, 0.2]) * value
    target, band = float(of_class.target_value) / UNIT, float(of_class.band) / UNIT
    inside, outside = float(policy.drift_rate_inside), float(policy.drift_rate_outside)
    expected = [inside * max(0.0, min(a, band) - band / 2) + outside * max(0.0, a - band) for a in away]
    drift = Drift(np.full(4, target), np.full(4, band), inside, outside)
    assert drift.cost(target + away) == pytest.approx(expected)


@pytest.mark.parametrize("most", [64, 6, 2])
def test_fewer_modes_only_lower_the_bound(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """One account with 150 lots in 24 symbols, some of them bought in the window: more patterns than modes."""
    case = decode_case(json.dumps(household_case(3, accounts=1, lots=150)).encode(), "case")
    view = survey(case)
    monkeypatch.setattr(modes, "MOST_MODES", most)
    found, best = outlook(view, gap=solver_gap(view)), proven(view)
    assert found is not None
    assert best is not None
    assert found.bound * UNIT <= best + CENT
    assert found.bound * UNIT >= best - (25 if most > 6 else 500)
    counts = Counter(mode.asset_class for mode in modes_of(view, segments_of(view)))
    assert max(counts.values()) <= most
