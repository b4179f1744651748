"""The thin layer over the solver: columns, rows, limits, and every way a solve can end."""

import pytest

from engine.rebalance.eligibility import survey
from engine.rebalance.milp import INF, Milp, Outcome, Patience
from engine.rebalance.program import build_program
from tests.builders import random_case


def knapsack() -> Milp:
    """Return: at most 10 in weight of 3 x value 5, 4 x value 6, 5 x value 8, each once. Best: the last two, 14."""
    program = Milp()
    items = program.add(3, upper=1.0, cost=[-5.0, -6.0, -8.0], integer=True)
    program.row([(items, [3.0, 4.0, 5.0])], upper=10.0)
    return program


def test_a_whole_number_program_is_solved_and_its_bound_is_proven() -> None:
    solution = knapsack().solve(absolute_gap=0.0)
    assert solution.outcome is Outcome.PROVEN
    assert (solution.objective, solution.bound) == (-14.0, -14.0)
    assert list(solution.values) == [0.0, 1.0, 1.0]
    assert solution.seconds >= 0


def test_relaxed_it_is_a_lower_bound() -> None:
    relaxed = knapsack().solve(absolute_gap=0.0, relaxed=True)
    assert relaxed.objective == relaxed.bound == pytest.approx(-16.0), "5/3 and 8/5 a pound first, half of the last"


def test_a_column_named_twice_in_a_row_counts_twice() -> None:
    program = Milp()
    x = program.add_one(cost=1.0)
    program.row([(x, 1.0), (x, 2.0)], lower=6.0)
    assert program.solve(absolute_gap=0.0).objective == pytest.approx(2.0)


def test_the_constant_is_in_the_objective_and_the_bound() -> None:
    program = knapsack()
    program.constant = 100.0
    solution = program.solve(absolute_gap=0.0)
    assert solution.objective == solution.bound == 86.0


def test_upper_bounds_are_found_by_column() -> None:
    program = Milp()
    program.add(2, upper=[3.0, 4.0])
    last = program.add_one(upper=5.0)
    assert [program.upper_of(c) for c in (0, 1, last)] == [3.0, 4.0, 5.0]
    with pytest.raises(IndexError):
        program.upper_of(3)


def test_no_point_is_infeasible() -> None:
    program = Milp()
    x = program.add_one(upper=1.0)
    program.row([(x, 1.0)], lower=2.0)
    solution = program.solve(absolute_gap=0.0)
    assert solution.outcome is Outcome.INFEASIBLE
    assert not solution.found


def test_a_row_without_columns_can_be_out_of_reach() -> None:
    program = Milp()
    program.add_one(upper=1.0)
    program.row([], lower=2.0)
    assert program.solve(absolute_gap=0.0).outcome is Outcome.INFEASIBLE


def test_a_program_without_an_end_is_a_bug() -> None:
    program = Milp()
    x = program.add_one(lower=-INF, cost=1.0)
    program.row([(x, 1.0)], upper=2.0)
    with pytest.raises(RuntimeError, match="HiGHS ended with"):
        program.solve(absolute_gap=0.0)


def test_a_branch_limit_ends_in_the_same_place_each_time() -> None:
    program = build_program(survey(random_case(7))).milp
    first, second = (program.solve(absolute_gap=0.0, node_limit=1) for _ in range(2))
    assert first.outcome is Outcome.LIMIT
    assert (first.objective, first.bound) == (second.objective, second.bound)
    assert list(first.values) == list(second.values)


def test_a_time_limit_leaves_a_bound_below_the_objective() -> None:
    solution = build_program(survey(random_case(6))).milp.solve(absolute_gap=0.0, time_limit=1e-9)
    assert solution.outcome is Outcome.LIMIT
    assert solution.bound < solution.objective


def test_patience_runs_out_only_where_it_is_limited() -> None:
    patience, endless = Patience(1.0), Patience()
    assert not patience.over
    patience.spend(0.5)
    assert (patience.left, patience.over) == (0.5, False)
    patience.spend(0.6)
    endless.spend(1e9)
    assert patience.over
    assert not endless.over
