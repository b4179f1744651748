"""The commands `plans`, `frontier` and `rules` on case files."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from engine.portfolio import PlanKind
from engine.rebalance.case import Case
from tests.builders import random_case
from tests.engine.rebalance.households import home, household, sharp, stock
from workflow.case_file import encode
from workflow.cli import run

D = Decimal


def written(case: Case, tmp_path: Path) -> Path:
    path = tmp_path / "case.json"
    path.write_bytes(encode(case))
    return path


def prices(tmp_path: Path, symbols: list[str], days: int = 400) -> Path:
    """Closes of made-up random walks, one a symbol."""
    draw = np.random.default_rng(7)
    closes = 100.0 * np.exp(np.cumsum(draw.normal(0.0, 0.01, (days, len(symbols))), axis=0))
    start = date(2024, 1, 1)
    lines = [",".join(["date", *symbols])]
    lines += [
        ",".join([(start + timedelta(days=i)).isoformat(), *(f"{x:.4f}" for x in row)]) for i, row in enumerate(closes)
    ]
    path = tmp_path / "prices.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def tilted() -> Case:
    return household(home(0), [stock(str(10_000 - 700 * i), "100", name=f"L{i}") for i in range(10)])


def test_every_kind_of_plan_is_shown_and_written_for_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(random_case(1), tmp_path)
    assert run(["plans", str(path), "-o", str(tmp_path / "out"), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["plan"] for row in rows] == [kind.value for kind in PlanKind]
    assert rows[0]["objective"] == min(row["objective"] for row in rows)
    for kind in PlanKind:
        case = tmp_path / "out" / f"case.{kind.value}.json"
        assert json.loads(case.read_bytes())["policy"]["plan"] == kind.value
        assert run(["check", str(case), str(case.with_suffix("")) + ".proposal.json"]) == 0


def test_the_table_of_plans_has_a_line_for_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plans", str(written(tilted(), tmp_path)), "--only", "full", "--only", "nothing"]) == 0
    told = capsys.readouterr().out
    assert "full" in told
    assert "nothing" in told
    assert "band_edge" not in told


def test_a_kind_that_no_rules_allow_is_told_and_all_of_them_need_a_person(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(household(home(0, withdraw=D(500)), [stock()]), tmp_path)
    assert run(["plans", str(path), "--only", "nothing", "--only", "full"]) == 0
    assert "nothing: infeasible: account A1 needs $500.00 more cash" in capsys.readouterr().err
    assert run(["plans", str(path), "--only", "nothing"]) == 3


def test_plans_state_their_tracking_error_when_there_are_prices(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = replace(tilted(), as_of=date(2025, 6, 30))
    arguments = ["plans", str(written(case, tmp_path)), "--prices", str(prices(tmp_path, ["STK", "BND"])), "--json"]
    assert run(arguments) == 0
    full, *_, nothing = json.loads(capsys.readouterr().out)
    assert 0 <= full["tracking_error"] < nothing["tracking_error"] < 0.2


def test_too_few_prices_are_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tilted(), tmp_path)
    assert run(["plans", str(path), "--prices", str(prices(tmp_path, ["STK", "BND"], days=20))]) == 2
    assert "too few closes for a tracking error" in capsys.readouterr().err


def test_a_frontier_is_told_point_by_point(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(household(home(0), tilted().lots, policy=sharp()), tmp_path)
    assert run(["frontier", str(path), "--points", "5", "--json"]) == 0
    points = json.loads(capsys.readouterr().out)
    assert len(points) == 5
    assert [p["tax_now"] for p in points] == sorted(p["tax_now"] for p in points)
    assert run(["frontier", str(path), "--points", "3"]) == 0
    assert "Tax now" in capsys.readouterr().out


def test_a_frontier_of_a_household_without_a_plan_needs_a_person(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(household(home(0, withdraw=D(500))), tmp_path)
    assert run(["frontier", str(path)]) == 3
    assert "no plan meets the rules" in capsys.readouterr().err


def test_what_rules_cost_is_said_in_sentences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(random_case(2), tmp_path)
    assert run(["rules", str(path)]) == 0
    assert "The limit of 10.0% of daily volume costs $" in capsys.readouterr().out
    assert run(["rules", str(path), "--json"]) == 0
    costs = json.loads(capsys.readouterr().out)
    assert costs[0]["rule"] == "adv_limit"
    assert costs[0]["cost"] > 0


def test_rules_that_cost_nothing_are_said_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", str(written(household(home(0), [stock()]), tmp_path))]) == 0
    assert "No rule costs $5 a year or more." in capsys.readouterr().out


def test_a_case_with_faults_is_refused_with_their_paths(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(household(home(0), [stock(), stock()]), tmp_path)
    assert run(["plans", str(path)]) == 2
    assert "lots[1]: lot 'L1' appears twice" in capsys.readouterr().err
