import json
from collections import Counter

import pytest

from benchmarks.household_case import household_case
from benchmarks.office import MIX, SYMBOLS, Cost, case_bytes, main, office, report
from workflow.solve_cases import BatchOptions, Fault, Solved, solve_many


def test_the_office_is_2000_households_5000_accounts_250000_lots() -> None:
    shapes = office()
    assert (len(shapes), sum(s.accounts for s in shapes), sum(s.lots for s in shapes)) == (2_000, 5_000, 250_000)
    assert set(Counter(s.accounts for s in shapes)) == set(MIX)
    assert {s.symbols for s in shapes} == set(range(SYMBOLS[0], SYMBOLS[1] + 1))
    assert min(s.lots for s in shapes) > 0
    assert len({s.seed for s in shapes}) == len(shapes)


def test_the_same_seed_gives_the_same_office() -> None:
    assert office(40) == office(40)
    assert office(40) != office(40, seed=12)
    assert case_bytes(office(40)[3]) == case_bytes(office(40)[3])


def test_a_case_has_the_size_of_its_household() -> None:
    shape = office(20)[0]
    document = json.loads(case_bytes(shape)[1])
    sizes = (len(document["accounts"]), len(document["lots"]), len(document["securities"]))
    assert sizes == (shape.accounts, shape.lots, shape.symbols)


def test_a_household_is_worth_about_what_was_asked_for() -> None:
    case = household_case(5, value=4_000_000)
    prices = {s["symbol"]: s["price"] for s in case["securities"]}
    assert sum(lot["quantity"] * prices[lot["symbol"]] for lot in case["lots"]) == pytest.approx(4_000_000, rel=0.3)


def test_the_report_counts_what_was_solved_and_what_was_not() -> None:
    solved = next(solve_many([case_bytes(office(20)[0])], BatchOptions()))
    failed = Solved("H2", None, "no plan", Fault.BUG)
    lines = report([solved, failed], Cost(2.0, 0.1, 3.9, 50, 60))
    assert "(1.0 cases a second)" in lines[0]
    assert lines[-1].split() == ["audited", "clean", "1", "of", "2"]
    assert any(line.split() == ["optimal", "100.0%"] for line in lines)


def test_a_small_office_is_solved_and_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--households", "2", "--workers", "1"]) == 0
    assert capsys.readouterr().out.startswith("2 households, 5 accounts, 250 lots")
