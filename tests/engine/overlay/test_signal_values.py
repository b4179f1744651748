"""Signals beyond the moving average and momentum, each against figures worked by hand."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from engine.overlay.macro_history import NO_MACRO, MacroHistory, Observation, macro_history, macro_series
from engine.overlay.policy import SignalKind, SignalSetting
from engine.overlay.price_history import price_history
from engine.overlay.signal_evidence import Evidence
from engine.overlay.signals import SIGNALS, label_of, missing_series, read_evidence, read_signal
from engine.overlay.views import ManualView
from tests.engine.overlay.builders import month_end_days

NAN = math.nan
MONTHS = month_end_days(date(2010, 1, 1), 36)
VIEW = ManualView("us_equity", Decimal("-0.5"), "A. Adviser", "Margins", MONTHS[2], MONTHS[4])


def over_months(closes: Sequence[float], macro: MacroHistory = NO_MACRO, **peers: Sequence[float]) -> Evidence:
    """Return evidence on us_equity from month-end closes; other classes are `peers`."""
    columns = {"us_equity": closes, **peers}
    days = MONTHS[: len(closes)]
    table = np.array(list(columns.values()), dtype=np.float64).T
    history = price_history(days, tuple(name.upper() for name in columns), table)
    return Evidence(days, table[:, 0], "us_equity", {name: name.upper() for name in columns}, table, history, macro)


def last(evidence: Evidence, setting: SignalSetting) -> float | None:
    value = read_evidence(evidence, setting)[-1]
    return None if value is None else float(value)


def series(name: str, values: Sequence[float], first: date = date(2010, 1, 1)) -> MacroHistory:
    """Return a monthly series that is known at once."""
    days = [
        date(first.year + (first.month - 1 + i) // 12, (first.month - 1 + i) % 12 + 1, 1) for i in range(len(values))
    ]
    return macro_history([macro_series(name, list(map(Observation, days, values)), lag_days=-5)])


def test_a_crossover_compares_two_averages() -> None:
    closes = np.array([100.0, 90.0, 110.0, 130.0])
    values = read_signal(closes, SignalSetting(SignalKind.CROSSOVER, 4, fast=2))
    assert values[:3] == (None, None, None)
    assert float(values[3] or 0) == pytest.approx(120 / 107.5 - 1)


def test_13612w_weighs_four_returns() -> None:
    closes = np.arange(100.0, 113.0)
    expected = (12 * (112 / 111 - 1) + 4 * (112 / 109 - 1) + 2 * (112 / 106 - 1) + (112 / 100 - 1)) / 4
    assert float(read_signal(closes, SignalSetting(SignalKind.MOMENTUM_13612W))[-1] or 0) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("own", "peers", "expected", "why"),
    [
        ([100, 120], {"a": [100, 110], "b": [100, 90]}, 1.0, "the best of three"),
        ([100, 100], {"a": [100, 110], "b": [100, 90]}, 0.0, "in the middle"),
        ([100, 80], {"a": [100, 110], "b": [100, 90]}, -1.0, "the worst"),
        ([100, 100], {"a": [100, 110], "b": [NAN, 90]}, -1.0, "a class without a return does not count"),
        ([100, 100], {"a": [NAN, 110], "b": [NAN, 90]}, None, "alone there is no rank"),
        ([NAN, 100], {"a": [100, 110], "b": [100, 90]}, None, "no return of its own"),
    ],
)
def test_relative_strength_is_the_rank_among_the_universe(
    own: list[float], peers: dict[str, list[float]], expected: float | None, why: str
) -> None:
    assert last(over_months(own, NO_MACRO, **peers), SignalSetting(SignalKind.RELATIVE_STRENGTH, 1)) == expected, why


def test_relative_strength_can_ask_for_the_best_third() -> None:
    best_third = SignalSetting(SignalKind.RELATIVE_STRENGTH, 1, threshold=Decimal("0.33"))
    middle = over_months([100, 105], a=[100, 110], b=[100, 90], c=[100, 100])
    assert last(middle, best_third) == pytest.approx(1 / 3 - 0.33, abs=1e-9)


@pytest.mark.parametrize(
    ("closes", "expected"), [([100] * 12 + [95], 0.05), ([100] * 12 + [85], -0.05), ([100] * 10, None)]
)
def test_a_fall_from_the_high_beyond_the_threshold_is_bearish(closes: list[float], expected: float | None) -> None:
    found = last(over_months(closes), SignalSetting(SignalKind.DRAWDOWN))
    assert found == (None if expected is None else pytest.approx(expected))


def test_volatility_is_judged_by_a_line_or_by_its_own_past() -> None:
    closes = np.exp(np.cumsum([0.01, -0.01] * 15 + [0.10, -0.10] * 3))
    evidence = over_months(closes.tolist())
    by_line = SignalSetting(SignalKind.VOLATILITY, 6, threshold=Decimal("0.20"))
    expected = 0.20 - np.std([0.1, -0.1] * 3, ddof=1) * math.sqrt(12)
    assert last(evidence, by_line) == pytest.approx(expected)
    assert (last(evidence, SignalSetting(SignalKind.VOLATILITY, 6)) or 0) < 0
    assert (last(evidence, SignalSetting(SignalKind.VOLATILITY_Z, 6)) or 0) < -2
    assert read_evidence(evidence, SignalSetting(SignalKind.VOLATILITY_Z, 6))[20] is None, "too little past"


def test_bonds_that_move_against_stocks_are_bullish() -> None:
    stocks = np.exp(np.cumsum([0.01, -0.02, 0.03] * 6))
    setting = SignalSetting(SignalKind.STOCK_BOND_CORRELATION, 12)
    assert last(over_months(stocks.tolist(), us_bond=(1 / stocks).tolist()), setting) == pytest.approx(1.0)
    assert last(over_months(stocks.tolist(), us_bond=(2 * stocks).tolist()), setting) == pytest.approx(-1.0)
    assert last(over_months(stocks.tolist()), setting) is None, "there are no bonds"
    assert last(over_months(stocks.tolist(), us_bond=[1.0] * 18), setting) is None, "bonds that never move"


def test_the_vix_is_elevated_above_25_until_below_20() -> None:
    days = [date(2010, 1, 4) + timedelta(days=i) for i in range(120)]
    levels = [15.0] * 30 + [40.0] * 25 + [22.0] * 30 + [15.0] * 35
    macro = macro_history([macro_series("VIX", list(map(Observation, days, levels)))])
    evidence = replace(over_months([100.0] * 4, macro), days=(days[29], days[50], days[80], days[119]))
    assert read_evidence(evidence, SignalSetting(SignalKind.VIX_REGIME)) == tuple(map(Decimal, (1, -1, -1, 1)))


def test_cape_is_judged_by_a_line_or_by_its_long_run_mean() -> None:
    values = [20.0] * 119 + [30.0]
    macro = series("CAPE", values, date(2001, 1, 1))
    evidence = replace(over_months([100.0], macro), days=(date(2010, 12, 31),))
    assert last(evidence, SignalSetting(SignalKind.CAPE, threshold=Decimal(22))) == pytest.approx(1 - 30 / 22)
    assert last(evidence, SignalSetting(SignalKind.CAPE)) == pytest.approx(1 - 30 / np.mean(values))
    assert last(evidence, SignalSetting(SignalKind.CAPE_Z)) == pytest.approx(
        -(30 - np.mean(values)) / np.std(values, ddof=1)
    )
    early = replace(evidence, days=(date(2009, 12, 31),))
    assert last(early, SignalSetting(SignalKind.CAPE)) is None, "less than ten years"


@pytest.mark.parametrize("names", [("T10Y3M",), ("DGS10", "DTB3")])
def test_the_slope_is_read_from_its_series_or_from_two_yields(names: tuple[str, ...]) -> None:
    days = [date(2010, 1, 4) + timedelta(days=i) for i in range(20)]
    levels = {"T10Y3M": -0.5, "DGS10": 3.0, "DTB3": 3.5}
    macro = macro_history(macro_series(name, [Observation(day, levels[name]) for day in days]) for name in names)
    evidence = replace(over_months([100.0], macro), days=(days[-1],))
    assert last(evidence, SignalSetting(SignalKind.YIELD_CURVE)) == -0.005
    assert last(evidence, SignalSetting(SignalKind.YIELD_CURVE_2Y)) is None
    assert last(evidence, SignalSetting(SignalKind.YIELD_CURVE, inverse=True)) == 0.005


def test_falling_inflation_is_bullish_and_a_month_that_never_came_is_left_out() -> None:
    levels = [100 * 1.04 ** (i / 12) for i in range(24)] + [100 * 1.04**2 * 1.01 ** (i / 12) for i in range(12)]
    macro = series("CPI", levels)
    evidence = over_months([100.0] * 36, macro)
    assert (last(evidence, SignalSetting(SignalKind.INFLATION_TREND)) or 0) > 0.01
    known = macro.series["CPI"]
    holes = replace(known, periods=np.delete(known.periods, 30), published=np.delete(known.published, 30))
    gone = macro_history([replace(holes, values=np.delete(known.values, 30))])
    assert (last(replace(evidence, macro=gone), SignalSetting(SignalKind.INFLATION_TREND)) or 0) > 0.01


@pytest.mark.parametrize(("kind", "name"), [(SignalKind.RATE_TREND, "DGS10"), (SignalKind.CREDIT_SPREAD, "BAA10Y")])
def test_a_rate_below_its_average_of_the_year_is_bullish(kind: SignalKind, name: str) -> None:
    falling = over_months([100.0] * 15, series(name, [4.0] * 14 + [2.8]))
    assert last(falling, SignalSetting(kind)) == pytest.approx((4.0 * 11 + 2.8) / 12 / 100 - 0.028)
    rising = over_months([100.0] * 15, series(name, [4.0] * 14 + [5.2]))
    assert (last(rising, SignalSetting(kind)) or 0) < 0


def test_a_credit_spread_can_be_judged_by_a_line() -> None:
    evidence = over_months([100.0] * 3, series("BAA10Y", [2.0, 2.0, 3.5]))
    assert last(evidence, SignalSetting(SignalKind.CREDIT_SPREAD, threshold=Decimal("0.03"))) == pytest.approx(-0.005)


def test_a_series_that_ended_has_no_reading() -> None:
    evidence = over_months([100.0] * 36, series("DGS10", [4.0] * 12))
    values = read_evidence(evidence, SignalSetting(SignalKind.RATE_TREND))
    assert values[11] is not None
    assert values[-1] is None


def test_a_view_is_held_from_the_day_it_is_made_to_its_end() -> None:
    values = read_evidence(over_months([100.0] * 6), SignalSetting(SignalKind.VIEW, view=VIEW))
    assert values == (None, None, Decimal("-0.5"), Decimal("-0.5"), Decimal("-0.5"), None)
    other = replace(VIEW, asset_class="us_bond")
    assert set(read_evidence(over_months([100.0] * 6), SignalSetting(SignalKind.VIEW, view=other))) == {None}


def test_a_signal_without_its_series_says_which_would_do() -> None:
    assert missing_series(SignalSetting(SignalKind.YIELD_CURVE), NO_MACRO) == (
        "needs the macro series T10Y3M, or DGS10/GS10/TNX and DGS3MO/DTB3/TB3MS/IRX, which is not there"
    )
    named = SignalSetting(SignalKind.CAPE, series="MINE")
    assert missing_series(named, NO_MACRO) == "needs the macro series MINE, which is not there"
    assert missing_series(SignalSetting(SignalKind.SMA), NO_MACRO) == ""


@pytest.mark.parametrize("kind", list(SIGNALS))
def test_every_signal_has_a_label_a_source_and_a_reading_of_nothing(kind: SignalKind) -> None:
    setting = SignalSetting(kind, view=VIEW if kind is SignalKind.VIEW else None)
    assert label_of(setting)
    assert "{" not in label_of(setting)
    assert SIGNALS[kind].source
    assert read_signal(np.array([100.0, 101.0]), setting) == (None, None)
