"""What holds for every household: random ones of three accounts, a dozen securities and forty lots."""

import random
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import TypeVar

import pytest

from engine.portfolio import Side
from engine.rebalance.case import Case
from engine.rebalance.proposal import Proposal, Status
from tests.builders import random_case
from tests.engine.rebalance.enumeration import Household
from tests.engine.rebalance.enumeration_rules import broken_rules
from tests.engine.rebalance.solving import filled, plan_of, solved

Row = TypeVar("Row")
SEEDS = (0, 1, 3, 5, 7, 12, 14, 18)
FRACTIONAL = (3, 8, 10)


def a_case(seed: int) -> Case:
    case = random_case(seed)
    if seed in FRACTIONAL:
        case = replace(case, accounts=tuple(replace(a, fractional=True) for a in case.accounts))
    return case


@cache
def proposed(seed: int) -> Proposal:
    return solved(a_case(seed))


every = pytest.mark.parametrize("seed", sorted({*SEEDS, *FRACTIONAL}))


@every
def test_the_plan_keeps_the_contract_in_its_plainest_reading(seed: int) -> None:
    case, proposal = a_case(seed), proposed(seed)
    home, plan = Household(case), plan_of(proposal)
    assert list(broken_rules(home, plan)) == []
    assert home.objective(plan) == pytest.approx(float(proposal.objective), abs=0.10)


@every
def test_the_gap_is_proven_and_small(seed: int) -> None:
    proposal = proposed(seed)
    value = Household(a_case(seed)).value
    assert proposal.status is Status.OPTIMAL
    assert 0 <= proposal.gap == proposal.objective - proposal.bound <= max(Decimal(25), Decimal(repr(value)) / 20_000)


@every
def test_no_cent_and_no_share_is_lost(seed: int) -> None:
    case, proposal = a_case(seed), proposed(seed)
    spread = {s.symbol: s.half_spread_bp / 10_000 for s in case.securities}
    cash = {a.id: a.cash for a in case.accounts}
    held: dict[str, Decimal] = defaultdict(Decimal)
    for lot in case.lots:
        held[lot.symbol] += lot.quantity
    for t in proposal.trades:
        ticket = next(a.ticket_charge for a in case.accounts if a.id == t.account)
        cash[t.account] += (t.amount if t.side is Side.SELL else -t.amount) - spread[t.symbol] * t.amount - ticket
        held[t.symbol] += t.quantity if t.side is Side.BUY else -t.quantity
    assert all(abs(c.after - cash[c.account]) <= Decimal("0.005") for c in proposal.cash)
    after: dict[str, Decimal] = defaultdict(Decimal)
    for lot in filled(case, proposal).lots:
        after[lot.symbol] += lot.quantity
    assert {s: n for s, n in held.items() if n} == dict(after)
    assert min(held.values()) >= 0


@pytest.mark.parametrize("seed", SEEDS[:5])
def test_rows_in_another_order_give_the_same_proposal(seed: int) -> None:
    case, shuffler = a_case(seed), random.Random(seed)  # noqa: S311 - repeatable test data

    def shuffled(rows: tuple[Row, ...]) -> tuple[Row, ...]:
        return tuple(shuffler.sample(rows, len(rows)))

    other = replace(
        case,
        securities=shuffled(case.securities),
        accounts=shuffled(case.accounts),
        lots=shuffled(case.lots),
        history=shuffled(case.history),
        targets=dict(reversed(case.targets.items())),
        buy_list={k: v[::-1] for k, v in reversed(case.buy_list.items())},
    )
    assert solved(other) == proposed(seed)


@pytest.mark.parametrize("seed", SEEDS[5:])
def test_two_runs_give_the_same_proposal(seed: int) -> None:
    assert solved(a_case(seed)) == proposed(seed)


@pytest.mark.parametrize("seed", [*SEEDS[:6], *FRACTIONAL])
def test_once_filled_there_is_nothing_left_to_do(seed: int) -> None:
    again = solved(filled(a_case(seed), proposed(seed)))
    assert again.trades == ()
    assert again.status is Status.OPTIMAL
