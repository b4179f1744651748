"""The overlay on one day, from closes to targets."""

import math
from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from engine.errors import AppError
from engine.overlay.overlay import overlay_path, read_overlay, regime, require_signals
from engine.overlay.policy import Combine, Mode, SignalKind, SignalSetting
from engine.overlay.price_history import price_history
from engine.overlay.reading import OverlayReading, SignalReading
from tests.engine.overlay.builders import (
    MOMENTUM121,
    SMA10,
    history,
    month_end_days,
    monthly,
    policy,
    weekdays,
    weights,
)

SMA3 = SignalSetting(SignalKind.SMA, 3)
BALANCED = policy(weights(equity="0.6", bond="0.38", cash="0.02"), signals=(SMA3,))


def test_a_reading_worked_by_hand() -> None:
    table = monthly(date(2026, 1, 1), EQUITY=[100.0, 90.0, 110.0], BOND=[50.0, 52.0, 48.0])
    # equity: average 100, close 110; bond: average 50, close 48
    assert read_overlay(BALANCED, table, date(2026, 3, 31)) == OverlayReading(
        as_of=date(2026, 3, 31),
        signals=(
            SignalReading("sma", "equity", Decimal("0.1"), 1, date(2026, 3, 31), "3-month moving average"),
            SignalReading("sma", "bond", Decimal("-0.04"), -1, date(2026, 3, 31), "3-month moving average"),
        ),
        votes=weights(equity="1", bond="-1"),
        regime="mixed",
        tilts=weights(equity="0.1", bond="-0.1", cash="0"),
        targets=weights(equity="0.7", bond="0.28", cash="0.02"),
        warnings=(),
    )


def test_two_signals_are_read_for_each_class_and_vote_together() -> None:
    rising, falling = [100.0 + i for i in range(13)], [100.0 - i for i in range(13)]
    ruleset = replace(BALANCED, signals=(SMA10, MOMENTUM121))
    reading = read_overlay(ruleset, monthly(date(2025, 1, 1), EQUITY=rising, BOND=falling), date(2026, 1, 30))
    assert [(s.kind, s.asset_class, s.vote) for s in reading.signals] == [
        ("sma", "equity", 1),
        ("sma", "bond", -1),
        ("momentum", "equity", 1),
        ("momentum", "bond", -1),
    ]
    assert [s.value for s in reading.signals[2:]] == [Decimal("0.11"), Decimal("-0.11")]


def test_a_day_within_a_month_reads_the_month_end_before() -> None:
    days = weekdays(date(2026, 1, 1), date(2026, 4, 20))
    last_of = {(d.year, d.month): d for d in days}
    closes = [{1: 100.0, 2: 90.0, 3: 110.0, 4: 10.0}[d.month] if d == last_of[d.year, d.month] else 1.0 for d in days]
    reading = read_overlay(BALANCED, history(days, EQUITY=closes, BOND=closes), date(2026, 4, 20))
    assert {s.value for s in reading.signals} == {Decimal("0.1")}
    assert {s.data_as_of for s in reading.signals} == {date(2026, 3, 31)}


def test_a_class_without_enough_month_ends_has_no_vote_and_says_so() -> None:
    table = monthly(date(2026, 1, 1), EQUITY=[100.0, 90.0, 110.0], BOND=[math.nan, 52.0, 48.0])
    reading = read_overlay(BALANCED, table, date(2026, 3, 31))
    assert reading.signals[1] == SignalReading(
        "sma", "bond", Decimal(0), 0, date(2026, 3, 31), "3-month moving average"
    )
    assert reading.votes == weights(equity="1", bond="0")
    assert reading.targets == weights(equity="0.62", bond="0.38", cash="0")
    assert reading.warnings[0] == (
        "bond (BOND): the 3-month moving average needs 3 month-end closes in a row up to 2026-03-31, "
        "there are 2: no vote"
    )


def test_a_class_whose_closes_stopped_has_no_vote() -> None:
    table = monthly(date(2026, 1, 1), EQUITY=[1.0, 2.0, 3.0, 4.0], BOND=[4.0, 3.0, 2.0, math.nan])
    reading = read_overlay(BALANCED, table, date(2026, 4, 30))
    assert reading.signals[1].vote == 0
    assert reading.signals[1].data_as_of == date(2026, 3, 31)
    assert "there are 0: no vote" in reading.warnings[0]


def test_without_any_closes_the_strategic_weights_stand() -> None:
    empty = price_history((), (), np.empty((0, 0)))
    reading = read_overlay(BALANCED, empty, date(2026, 3, 31))
    assert reading.targets == BALANCED.strategic
    assert reading.regime == "unknown"
    assert {s.data_as_of for s in reading.signals} == {date(2026, 3, 31)}
    assert [w.split(":")[0] for w in reading.warnings] == [
        "there are no prices on or before 2026-03-31",
        "equity (EQUITY)",
        "bond (BOND)",
    ]


def test_hysteresis_keeps_a_class_that_hugs_its_average_where_it_is() -> None:
    closes = [90.0, 95.0, 110.0, *[100.0, 101.0] * 12]
    table = monthly(date(2024, 1, 1), EQUITY=closes, BOND=closes)
    days = month_end_days(date(2024, 1, 1), len(closes))

    def votes(hysteresis: str) -> set[Decimal]:
        path = overlay_path(replace(BALANCED, hysteresis=Decimal(hysteresis)), table, days[-1])
        return {step.votes["equity"] for step in path.steps[8:]}

    assert votes("0") == {Decimal(1), Decimal(-1)}
    assert len(votes("0.05")) == 1


def test_no_decision_changes_when_later_prices_do() -> None:
    random = np.random.default_rng(11)
    days = weekdays(date(2024, 1, 1), date(2026, 6, 30))
    closes = 100 * np.exp(np.cumsum(random.normal(0, 0.01, (len(days), 2)), axis=0))
    ruleset = replace(BALANCED, max_turnover_quarter=Decimal("0.05"), hysteresis=Decimal("0.01"))
    table = price_history(days, ("EQUITY", "BOND"), closes)
    for as_of in (date(2024, 7, 31), date(2025, 3, 14), date(2026, 1, 30)):
        rows = table.known_on(as_of)
        shifted = closes.copy()
        shifted[rows:] *= 5
        reading = read_overlay(ruleset, table, as_of)
        assert read_overlay(ruleset, price_history(days, ("EQUITY", "BOND"), shifted), as_of) == reading
        assert read_overlay(ruleset, price_history(days[:rows], ("EQUITY", "BOND"), closes[:rows]), as_of) == reading


def test_a_reading_is_the_last_month_of_the_path() -> None:
    random = np.random.default_rng(3)
    closes = list(100 * np.exp(np.cumsum(random.normal(0, 0.04, 60))))
    table = monthly(date(2020, 1, 1), EQUITY=closes, BOND=closes[::-1])
    ruleset = replace(BALANCED, max_turnover_quarter=Decimal("0.05"))
    days = month_end_days(date(2020, 1, 1), 60)
    path = overlay_path(ruleset, table, days[-1])
    for i, day in enumerate(days):
        assert read_overlay(ruleset, table, day).targets == path.steps[i].targets


def test_static_needs_no_signal() -> None:
    ruleset = replace(BALANCED, mode=Mode.STATIC, signals=())
    reading = read_overlay(ruleset, monthly(EQUITY=[1.0], BOND=[1.0]), date(2020, 1, 31))
    assert reading.targets == BALANCED.strategic
    assert (reading.signals, reading.votes, reading.regime, reading.warnings) == ((), {}, "unknown", ())


def test_timing_goes_to_cash_that_the_strategic_weights_do_not_name() -> None:
    ruleset = policy(weights(equity="0.5", bond="0.5"), mode=Mode.TIMING, signals=(SMA3,), combine=Combine.SINGLE)
    table = monthly(date(2026, 1, 1), EQUITY=[100.0, 90.0, 110.0], BOND=[50.0, 52.0, 48.0])
    reading = read_overlay(ruleset, table, date(2026, 3, 31))
    assert reading.targets == weights(equity="0.5", bond="0", cash="0.5")
    assert reading.tilts == weights(equity="0", bond="-0.5", cash="0.5")


@pytest.mark.parametrize("mode", sorted(set(Mode) - {Mode.STATIC, Mode.TIMING, Mode.OVERLAY}))
def test_a_mode_that_is_not_there_yet_says_which_are(mode: Mode) -> None:
    with pytest.raises(AppError) as caught:
        read_overlay(replace(BALANCED, mode=mode), monthly(EQUITY=[1.0]), date(2020, 1, 31))
    assert str(caught.value) == (
        f"Mode {mode} is not available yet in this version: mode. "
        "Available for the targets of a day: overlay, static, timing."
    )


@pytest.mark.parametrize("kind", [SignalKind.YIELD_CURVE, SignalKind.CAPE, SignalKind.VOLATILITY])
def test_a_signal_that_month_end_closes_do_not_give_is_refused_where_there_is_nothing_else(kind: SignalKind) -> None:
    with pytest.raises(AppError) as caught:
        require_signals(replace(BALANCED, signals=(SMA3, SignalSetting(kind))))
    assert str(caught.value) == (
        f"Signal {kind} cannot be read from month-end closes alone: signals[1].kind. "
        "Available here: crossover, momentum, momentum_13612w, sma."
    )


@pytest.mark.parametrize(
    ("votes", "label"),
    [
        ({"a": "1", "b": "1", "c": "-1"}, "risk-on"),
        ({"a": "-1", "b": "-1", "c": "1"}, "risk-off"),
        ({"a": "1", "b": "-1"}, "mixed"),
        ({"a": "1", "b": "0", "c": "0"}, "mixed"),
        ({"a": "0", "b": "0"}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_the_regime_counts_bullish_and_bearish_classes(votes: dict[str, str], label: str) -> None:
    assert regime(weights(**votes)) == label
