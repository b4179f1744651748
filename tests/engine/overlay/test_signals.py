"""Signals, each against figures worked by hand."""

import math
from decimal import Decimal

import numpy as np
import pytest

from engine.overlay.policy import SignalKind, SignalSetting
from engine.overlay.signals import SIGNALS, label_of, read_signal

NAN = math.nan


def read(closes: list[float], kind: SignalKind, months: int | None = None, skip: int = 0) -> list[str | None]:
    values = read_signal(np.array(closes), SignalSetting(kind, months, skip))
    return [None if value is None else str(value.normalize()) for value in values]


@pytest.mark.parametrize(
    ("closes", "months", "expected", "why"),
    [
        ([100, 110, 90], 3, [None, None, "-0.1"], "average 100, close 10 % below it"),
        ([100, 110, 120], 3, [None, None, "0.0909090909"], "average 110, close 120"),
        ([100, 110, 120, 80], 2, [None, "0.0476190476", "0.0434782609", "-0.2"], "the window moves on"),
        ([80.0, 90.0], 3, [None, None], "too few closes"),
        ([], 3, [], "no closes at all"),
        ([100, NAN, 110, 90], 2, [None, None, None, "-0.1"], "a gap stops the windows that it is in"),
        ([50, 60], 1, ["0", "0"], "an average of one month is the close itself"),
    ],
)
def test_the_moving_average_counts_the_current_month_in(
    closes: list[float], months: int, expected: list[str | None], why: str
) -> None:
    assert read(closes, SignalKind.SMA, months) == expected, why


@pytest.mark.parametrize("price", [100.1, 0.1, 33.333333, 1234.5678])
def test_a_price_that_never_moves_is_exactly_on_its_average(price: float) -> None:
    assert read([price] * 11, SignalKind.SMA, 10)[-1] == "0"


@pytest.mark.parametrize(
    ("closes", "months", "skip", "expected", "why"),
    [
        ([100, 130, 110, 120], 3, 1, [None, None, None, "0.1"], "from the first to the third close"),
        ([100, 130, 110, 120], 3, 0, [None, None, None, "0.2"], "nothing left out"),
        ([100, 130, 110, 120], 3, 2, [None, None, None, "0.3"], "two months left out"),
        ([100, 80, 60, 90], 2, 1, [None, None, "-0.2", "-0.25"], "the window moves on"),
        ([100, 80, 60], 3, 1, [None, None, None], "three months of return need four closes"),
        ([NAN, 80, 60, 90], 2, 1, [None, None, None, "-0.25"], "a gap at the start"),
        ([100, 80, 60, NAN], 2, 1, [None, None, "-0.2", None], "no close in the month itself"),
        ([100, NAN, 60, 90], 3, 1, [None, None, None, "-0.4"], "a gap that neither end touches"),
    ],
)
def test_momentum_runs_from_its_first_month_to_the_month_before_those_left_out(
    closes: list[float], months: int, skip: int, expected: list[str | None], why: str
) -> None:
    assert read(closes, SignalKind.MOMENTUM, months, skip) == expected, why


def test_twelve_one_momentum_is_the_return_from_twelve_months_ago_to_one_month_ago() -> None:
    closes = [100.0] + [50.0] * 10 + [125.0, 10.0]
    assert read(closes, SignalKind.MOMENTUM, 12, 1)[-1] == "0.25"


@pytest.mark.parametrize("kind", [kind for kind, rule in SIGNALS.items() if rule.from_closes])
@pytest.mark.parametrize("skip", [0, 1])
def test_no_signal_looks_ahead(kind: SignalKind, skip: int) -> None:
    setting = SignalSetting(kind, 4, skip if kind is SignalKind.MOMENTUM else 0)
    closes = np.random.default_rng(7).lognormal(4, 0.1, 40)
    whole = read_signal(closes, setting)
    for end in range(1, 40):
        later = closes.copy()
        later[end:] *= 3
        assert read_signal(later, setting)[:end] == whole[:end]
        assert read_signal(closes[:end], setting) == whole[:end]


@pytest.mark.parametrize("kind", [kind for kind, rule in SIGNALS.items() if rule.from_closes])
def test_a_signal_reads_as_soon_as_it_has_the_closes_it_asks_for(kind: SignalKind) -> None:
    closes_needed = SIGNALS[kind].closes_needed
    assert closes_needed is not None
    needs = closes_needed(5)
    closes = np.linspace(100, 120, needs)
    assert read_signal(closes, SignalSetting(kind, 5))[-1] is not None
    assert read_signal(closes[1:], SignalSetting(kind, 5))[-1] is None


def test_values_are_decimals_without_a_negative_zero() -> None:
    value = read_signal(np.array([3.0, 3.0 - 1e-15]), SignalSetting(SignalKind.SMA, 2))[-1]
    assert str(value) == "0E-10"
    assert value == Decimal(0)


def test_a_signal_is_called_by_its_length() -> None:
    assert label_of(SignalSetting(SignalKind.SMA)) == "10-month moving average"
    assert label_of(SignalSetting(SignalKind.SMA, 6)) == "6-month moving average"
    assert label_of(SignalSetting(SignalKind.MOMENTUM, 12, 1)) == "12-1 momentum"
    assert label_of(SignalSetting(SignalKind.MOMENTUM)) == "12-0 momentum"


def test_every_signal_names_its_source() -> None:
    assert all(rule.source for rule in SIGNALS.values())
