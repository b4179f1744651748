"""The same case has the same answer: in another process, in another order of rows, and nothing is left once it is done.

`HYPOTHESIS_PROFILE=thorough` tries several hundred households.
"""

import os
import random
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from engine.portfolio import PlanKind
from engine.rebalance.case import Case
from engine.rebalance.case_faults import case_faults
from engine.rebalance.proposal import Proposal, Status
from engine.rebalance.solve import solve
from tests.builders import random_case
from tests.engine.rebalance.degenerate import degenerate_case
from tests.engine.rebalance.solving import filled, solved
from workflow.case_file import decode_case, encode, sha256

Row = TypeVar("Row")
THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
SEEDS = range(200, 500 if THOROUGH else 203)
ODD_SEEDS = range(3000, 3300 if THOROUGH else 3008)
FILLED_SEEDS = range(600, 900 if THOROUGH else 620)
TOP = Path(__file__).resolve().parents[3]
ALONE = "from workflow.cli import main; main()"


def a_case(seed: int) -> Case:
    """Return a household of one to three accounts, each limit set at times; a larger one where there is time."""
    accounts, symbols = (1 + seed % 3, 1 + seed % 2) if THOROUGH else (1 + seed % 2, 1)
    return random_case(seed, accounts=accounts, lots_each=2 + seed % 3, symbols_each=symbols)


def shuffled(case: Case, seed: int) -> Case:
    """Return the case with every row, target and list in another order."""
    r = random.Random(f"shuffle {seed}")  # noqa: S311 - repeatable test data

    def mixed(rows: Sequence[Row]) -> tuple[Row, ...]:
        return tuple(r.sample(list(rows), len(rows)))

    lists = {name: mixed(symbols) for name, symbols in mixed(list(case.buy_list.items()))}
    accounts = [replace(a, do_not_buy=mixed(a.do_not_buy), do_not_sell=mixed(a.do_not_sell)) for a in case.accounts]
    rates = case.policy.location_rate
    return replace(
        case,
        securities=mixed(case.securities),
        accounts=mixed(accounts),
        lots=mixed(case.lots),
        history=mixed(case.history),
        targets=dict(mixed(list(case.targets.items()))),
        buy_list=lists,
        policy=replace(case.policy, location_rate=None if rates is None else dict(mixed(list(rates.items())))),
    )


def without_words(proposal: Proposal) -> Proposal:
    """Return the proposal without warnings and reasons, which name rows in the order of the case."""
    return replace(proposal, warnings=(), reasons=())


def solving(path: Path, seed: str) -> subprocess.Popen[bytes]:
    """Start `plimsoll solve` in a process of its own, with its own order of hashes."""
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    command = [sys.executable, "-c", ALONE, "solve", str(path)]
    return subprocess.Popen(command, env=environment, cwd=TOP, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)


def test_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    path.write_bytes(encode(random_case(5)))
    with solving(path, "1") as one, solving(path, "2") as two:
        (first, _), (second, _) = one.communicate(timeout=60), two.communicate(timeout=60)
    assert first == second
    assert (one.returncode, two.returncode) == (0, 0)
    content = path.read_bytes()
    assert first == encode(solve(decode_case(content, "case.json"), case_sha256=sha256(content)))
    assert b'"trades": [' in first


@pytest.mark.parametrize("seed", SEEDS)
def test_rows_in_any_order_give_the_same_proposal(seed: int) -> None:
    case = a_case(seed)
    assert encode(solved(shuffled(case, seed))) == encode(solved(case))


@pytest.mark.parametrize("seed", ODD_SEEDS)
def test_odd_households_give_the_same_proposal_in_any_order(seed: int) -> None:
    case = degenerate_case(seed)
    other = shuffled(case, seed)
    assert len(case_faults(other)) == len(case_faults(case))
    if not case_faults(case):
        assert without_words(solved(other)) == without_words(solved(case))


@pytest.mark.parametrize("seed", FILLED_SEEDS)
def test_a_proposal_that_is_filled_leaves_nothing_to_trade(seed: int) -> None:
    case = a_case(seed)
    first = solved(case)
    if first.status is Status.INFEASIBLE:
        assert solved(filled(case, first)).status is Status.INFEASIBLE
        return
    again = solved(filled(case, first))
    assert again.trades == ()
    assert again.reasons


@pytest.mark.parametrize("kind", [k for k in PlanKind if k is not PlanKind.FULL])
def test_every_kind_of_plan_leaves_nothing_of_its_kind_to_do(kind: PlanKind) -> None:
    case = a_case(604)
    case = replace(case, policy=replace(case.policy, plan=kind))
    first = solved(case)
    assert first.status is not Status.INFEASIBLE
    assert solved(filled(case, first)).trades == ()
