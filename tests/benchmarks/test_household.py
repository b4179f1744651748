import json

import pytest

from benchmarks import household
from benchmarks.household_case import household_case


def test_the_exponent_of_a_power_law_is_its_power() -> None:
    assert household.exponent((x, 3 * x**1.7) for x in (200.0, 500.0, 5_000.0)) == pytest.approx(1.7)


def test_a_household_is_timed_and_audited_clean() -> None:
    timing = household.time_household(json.dumps(household_case(1, accounts=1, lots=40)).encode())
    assert timing.faults == ()
    assert min(timing.build, timing.solve, timing.audit) > 0
    assert timing.total == timing.build + timing.solve + timing.audit


def test_what_takes_long_is_timed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    content = json.dumps(household_case(1, accounts=1, lots=20)).encode()
    assert len(household.time_runs(content, 3)) == 3
    monkeypatch.setattr(household, "LONG_SECONDS", 0.0)
    assert len(household.time_runs(content, 3)) == 1


def test_a_household_has_one_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(household, "LOTS", (20, 40))
    assert household.main(["--accounts", "1", "--runs", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[1:3]] == [["1", "20"], ["1", "40"]]
    assert "power of" in lines[3]
