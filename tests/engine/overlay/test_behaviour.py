"""The guard: changes after a fall or a rise."""

import math
from datetime import date, timedelta

import pytest

from engine.overlay.behaviour import Caution, GuardSetting, ValueLine, cautions

START = date(2025, 1, 1)


def line(*values: float, name: str = "SPY") -> ValueLine:
    return ValueLine(name, tuple(START + timedelta(days=i) for i in range(len(values))), values)


def on(day: int) -> date:
    return START + timedelta(days=day)


def test_a_fall_from_the_high_is_told_with_its_numbers() -> None:
    (found,) = cautions([line(90, 100, 95, 88)], on(3))
    assert found == Caution("SPY", "drawdown", found.change, on(1), on(3))
    assert found.change == pytest.approx(-0.12)
    assert "fallen 12.0% from its high of 2025-01-02 to 2025-01-04" in found.sentence


def test_a_rise_from_the_low_is_told() -> None:
    (found,) = cautions([line(100, 100, 121)], on(2))
    assert (found.kind, found.since) == ("run_up", on(1) - timedelta(days=1))
    assert "chasing" in found.sentence


@pytest.mark.parametrize(("last", "kinds"), [(90.0, ["drawdown"]), (90.1, []), (110.0, [])])
def test_the_line_is_ten_percent_and_on_it_counts(last: float, kinds: list[str]) -> None:
    assert [each.kind for each in cautions([line(100, last)], on(1))] == kinds


def test_nothing_after_the_day_is_looked_at() -> None:
    assert cautions([line(100, 101, 50)], on(1)) == ()


def test_what_is_older_than_the_window_does_not_count_and_gaps_are_no_values() -> None:
    fallen = line(100, math.nan, 80)
    assert len(cautions([fallen], on(2))) == 1
    assert cautions([fallen], on(2), GuardSetting(window_days=1)) == ()
    assert cautions([line(math.nan)], on(5)) == ()


def test_the_largest_comes_first() -> None:
    found = cautions([line(100, 85, name="A"), line(100, 70, name="B")], on(1))
    assert [each.subject for each in found] == ["B", "A"]
