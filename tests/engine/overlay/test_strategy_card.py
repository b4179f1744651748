"""The strategy card: rules in words, expectations, reviews; and the fraction that starts small."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from engine.overlay.freeze import sign
from engine.overlay.limits import Tilt, started_small
from engine.overlay.policy import Combine, Mode, OverlayPolicy, SignalKind, SignalSetting, Tie, When, validate
from engine.overlay.strategy_card import expectations_of, logic_in_words, months_after, review_calendar, strategy_card
from engine.overlay.targets import target_path

D = Decimal
POLICY = OverlayPolicy(
    universe={"us_equity": "SPY", "us_bond": "AGG"},
    strategic={"us_equity": D("0.60"), "us_bond": D("0.40")},
    signals=(SignalSetting(SignalKind.SMA),),
    name="Core",
)


@pytest.mark.parametrize("mode", Mode)
def test_every_mode_has_words(mode: Mode) -> None:
    lines = list(logic_in_words(replace(POLICY, mode=mode, risk_on=("A", "B"), risk_off="C")))
    assert len(lines) >= 2
    assert not any("{" in line for line in lines)


@pytest.mark.parametrize("combine", Combine)
@pytest.mark.parametrize("tie", Tie)
def test_every_way_of_combining_has_words(combine: Combine, tie: Tie) -> None:
    lines = list(logic_in_words(replace(POLICY, combine=combine, tie=tie)))
    assert "10-month moving average" in lines[1]


@pytest.mark.parametrize("when", When)
def test_every_time_of_resetting_has_words(when: When) -> None:
    policy = replace(POLICY, rebalance=replace(POLICY.rebalance, when=when), overlay_fraction=D("0.5"))
    assert list(logic_in_words(policy))[-2].startswith("Start small: 50.00%")


def test_the_process_is_reviewed_each_quarter_and_results_after_three_and_five_years() -> None:
    found = review_calendar(date(2026, 1, 31))
    assert len(found) == 20
    assert [each.day for each in found[:3]] == [date(2026, 4, 28), date(2026, 7, 28), date(2026, 10, 28)]
    assert [each.day.year for each in found if each.kind == "results"] == [2029, 2031]
    assert months_after(date(2026, 12, 15), 1) == date(2027, 1, 15)


def test_a_backtest_says_what_to_expect_and_what_it_lacks_is_left_out() -> None:
    found = expectations_of({"cagr": 0.0712, "sharpe": 0.61, "tracking_error": None, "odd": 1.0}, "backtest")
    assert [(each.label, each.value) for each in found] == [("Growth a year", "7.1%"), ("Sharpe ratio", "0.61")]


def test_the_card_has_the_classes_by_weight() -> None:
    signature = sign(POLICY, None, by="Dana", at=datetime(2026, 1, 6, tzinfo=UTC))
    found = strategy_card(POLICY, signature, mode=("paper", date(2026, 1, 6)))
    assert found.strategic[0] == ("us_equity", "60.00%", "SPY")
    assert ("Largest class", "no limit") in found.parameters


@pytest.mark.parametrize(("fraction", "tilt"), [("0", "0"), ("0.5", "0.05"), ("1", "0.10"), ("0.333333", "0.033333")])
def test_the_overlay_fraction_scales_the_tilts(fraction: str, tilt: str) -> None:
    policy = replace(POLICY, overlay_fraction=D(fraction))
    (step,) = target_path(policy, [{"us_equity": D(1), "us_bond": D(-1)}])
    assert step.targets == {"us_equity": D("0.60") + D(tilt), "us_bond": D("0.40") - D(tilt)}
    assert any("overlay_fraction" in line for line in step.bound) == (D(fraction) < 1)


def test_timing_moves_the_fraction_only() -> None:
    policy = replace(POLICY, mode=Mode.TIMING, overlay_fraction=D("0.25"))
    (step,) = target_path(policy, [{"us_equity": D(-1), "us_bond": D(1)}])
    assert step.targets == {"us_equity": D("0.45"), "us_bond": D("0.40"), "cash": D("0.15")}


def test_scaled_tilts_still_sum_to_zero_in_whole_millionths() -> None:
    tilts = {"a": D("0.050000"), "b": D("0.033333"), "c": D("-0.083333")}
    found = started_small(Tilt(tilts, ()), D("0.37"))
    assert sum(found.tilts.values()) == 0
    assert all(round(value, 6) == value for value in found.tilts.values())


def test_a_fraction_where_there_are_no_tilts_is_a_fault() -> None:
    assert validate(replace(POLICY, overlay_fraction=D("1.1"))) == ("overlay_fraction: 1.1 is not between 0 and 1",)
    (fault,) = validate(replace(POLICY, mode=Mode.RISK_PARITY, overlay_fraction=D("0.5")))
    assert fault.startswith("overlay_fraction: mode risk_parity")
