"""Overrides: when they hold, and what they cost or gained."""

import math
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from engine.overlay.override_effect import (
    DailyCloses,
    OverrideState,
    TiltOverride,
    override_effect,
    override_faults,
)

D = Decimal
MADE = date(2026, 3, 2)
OVERRIDE = TiltOverride("us_equity", D("-0.05"), "Lee", "election", MADE, MADE + timedelta(days=3))
DAYS = tuple(MADE + timedelta(days=i) for i in range(-1, 6))
CLOSES = (50.0, 100.0, 110.0, 110.0, 99.0, 200.0, 400.0)
PRICES = DailyCloses(DAYS, CLOSES)


def test_an_override_expires_by_itself() -> None:
    assert OVERRIDE.state_on(OVERRIDE.expires) is OverrideState.ACTIVE
    assert OVERRIDE.state_on(OVERRIDE.expires + timedelta(days=1)) is OverrideState.EXPIRED
    closed = replace(OVERRIDE, closed=MADE + timedelta(days=1))
    assert closed.state_on(MADE) is OverrideState.ACTIVE
    assert closed.state_on(OVERRIDE.expires) is OverrideState.CLOSED
    assert closed.until == MADE + timedelta(days=1)


def test_the_effect_is_the_tilt_beyond_the_model_times_the_returns_while_it_held() -> None:
    found = override_effect(OVERRIDE, PRICES, ((DAYS[0], D("0.05")),), DAYS[-1])
    assert found is not None
    # -10 points against the model, over +10 %, 0 %, -10 %; the doubling after the expiry does not count
    assert found.effect == D("0E-8")
    assert (found.days, found.until, found.class_return) == (3, OVERRIDE.expires, D("-0.01"))
    assert found.model_tilt == D("0.05")


def test_an_override_that_missed_a_rise_cost() -> None:
    found = override_effect(OVERRIDE, PRICES, (), MADE + timedelta(days=1))
    assert found is not None
    assert found.effect == D("-0.005")
    assert found.sentence.startswith("It cost 0.50% of the portfolio over 1 trading days")


def test_a_model_that_changes_its_tilt_is_followed_from_the_close_of_that_day() -> None:
    tilts = ((DAYS[0], D("0.05")), (MADE + timedelta(days=2), D("-0.05")))
    found = override_effect(OVERRIDE, PRICES, tilts, DAYS[-1])
    assert found is not None
    assert found.effect == D("-0.01")


def test_what_pays_for_the_tilt_counts_against_it() -> None:
    paid = replace(PRICES, funding=CLOSES)
    found = override_effect(OVERRIDE, paid, (), DAYS[-1])
    assert found is not None
    assert found.effect == 0


def test_days_without_a_close_are_stepped_over_and_no_two_closes_are_no_effect() -> None:
    gap = replace(PRICES, closes=(50.0, 100.0, math.nan, math.nan, 110.0, 1.0, 1.0))
    found = override_effect(OVERRIDE, gap, (), DAYS[-1])
    assert found is not None
    assert found.effect == D("-0.005")
    assert override_effect(OVERRIDE, PRICES, (), MADE) is None
    assert override_effect(OVERRIDE, DailyCloses((), ()), (), MADE) is None


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"author": " "}, "author"),
        ({"reason": ""}, "reason"),
        ({"tilt": D("1.2")}, "tilt"),
        ({"tilt": D("NaN")}, "tilt"),
        ({"expires": MADE}, "expires"),
        ({"expires": MADE + timedelta(days=400)}, "expires"),
    ],
)
def test_an_override_that_says_too_little_is_refused(change: dict[str, object], key: str) -> None:
    assert override_faults(OVERRIDE) == ()
    (fault,) = override_faults(replace(OVERRIDE, **change))  # type: ignore[arg-type]
    assert fault.startswith(f"{key}:")
