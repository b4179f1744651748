import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import scale
from benchmarks.scale_case import scale_case

TIMING = scale.Timing(dict.fromkeys(scale.PARTS, 0.25), 2.0, 60.0, "optimal", 7, -100.0, -101.0, 1.0, 250.0)


@pytest.fixture
def case(tmp_path: Path) -> Path:
    path = tmp_path / "case.json"
    path.write_text(json.dumps(scale_case(10, 5)), encoding="utf-8")
    return path


def test_the_solve_lies_within_what_is_allowed_of_highs_alone(case: Path) -> None:
    timing, plain = scale.time_solve(case, 60), scale.time_plain(case, 60)
    assert timing.status == "optimal"
    assert timing.bound <= plain.objective + 0.01
    assert timing.objective <= plain.objective + timing.allowed
    assert timing.megabytes > 1


def test_a_case_that_is_none_is_told(tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{", encoding="utf-8")
    with pytest.raises(RuntimeError, match=r"bad\.json"):
        scale.time_solve(bad, 1)


def test_each_time_is_the_median_and_memory_the_most() -> None:
    runs = [replace(TIMING, whole=whole, megabytes=60 + whole) for whole in (3.0, 1.0, 9.0)]
    found = scale.median(runs)
    assert (found.whole, found.megabytes) == (3.0, 69.0)


def test_the_ratio_is_to_build_and_solve_and_a_cut_off_is_marked() -> None:
    line = scale.row((50, 20), TIMING, scale.Plain(5.0, float("inf"), -200.0), 5.0)
    assert ">5.00" in line
    assert ">10.0" in line
    assert "none found" in line
    assert " 0.05 " in line


def test_titles_stand_over_their_columns() -> None:
    line = scale.row((50, 20), TIMING, scale.Plain(5.0, -99.0, -200.0), 60.0)
    assert len(scale.header()) == len(line.removesuffix("optimal") + "status")
