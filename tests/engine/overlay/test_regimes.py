"""Regime labels and the figures of returns under each."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from engine.overlay.macro_history import MacroSeries, Observation, macro_history, macro_series
from engine.overlay.price_history import price_history
from engine.overlay.regimes import UNKNOWN, regime_figures, regimes
from engine.overlay.signal_evidence import Evidence
from tests.engine.overlay.builders import month_end_days

MONTHS = month_end_days(date(2010, 1, 1), 40)
STOCKS = np.exp(np.cumsum([0.02, -0.01] * 20))


def level(name: str, yearly: Sequence[float]) -> MacroSeries:
    """Return a monthly level that grows by these rates a year, known at once."""
    values = 100 * np.cumprod([(1 + rate) ** (1 / 12) for rate in yearly])
    days = [date(2010 + i // 12, i % 12 + 1, 1) for i in range(len(values))]
    return macro_series(name, list(map(Observation, days, values.tolist())), lag_days=-5)


def evidence(*series: MacroSeries, bonds: Sequence[float] | None = None) -> Evidence:
    table = np.array([STOCKS, 1 / STOCKS if bonds is None else bonds]).T
    history = price_history(MONTHS, ("SPY", "IEF"), table)
    symbols = {"us_equity": "SPY", "us_bond": "IEF"}
    return Evidence(MONTHS, table[:, 0], "us_equity", symbols, table, history, macro_history(series))


@pytest.mark.parametrize(
    ("growth", "inflation", "label"),
    [
        (0.06, 0.06, "growth up, inflation up"),
        (0.06, 0.0, "growth up, inflation down"),
        (0.0, 0.06, "growth down, inflation up"),
        (0.0, 0.0, "growth down, inflation down"),
    ],
)
def test_the_quadrant_compares_growth_and_inflation_with_their_own_year(
    growth: float, inflation: float, label: str
) -> None:
    lines = level("INDPRO", [0.02] * 34 + [growth] * 6), level("CPI", [0.03] * 34 + [inflation] * 6)
    found = regimes(evidence(*lines), "IEF")
    assert found.quadrant[-1] == label
    assert found.quadrant[5] == UNKNOWN, "no year before"


def test_without_a_growth_series_the_quadrant_is_unknown() -> None:
    assert set(regimes(evidence(level("CPI", [0.03] * 40)), "IEF").quadrant) == {UNKNOWN}


def test_bonds_cushion_stocks_or_move_with_them() -> None:
    assert regimes(evidence(), "IEF").correlation[-1] == "bonds cushion stocks"
    together = regimes(evidence(bonds=(3 * STOCKS).tolist()), "IEF").correlation
    assert (together[-1], together[3]) == ("bonds move with stocks", UNKNOWN)


def test_without_a_vix_volatility_is_that_of_the_class() -> None:
    wild = np.exp(np.cumsum([0.01, -0.01] * 14 + [0.15, -0.15] * 6))
    calm = evidence()
    table = np.array([wild, wild]).T
    history = price_history(MONTHS, ("SPY", "IEF"), table)
    found = regimes(replace(calm, closes=wild, history=history), "IEF").volatility
    assert (found[5], found[20], found[-1]) == (UNKNOWN, "calm", "elevated")


def test_returns_are_summed_up_under_the_label_before_them() -> None:
    labels = ["a", "b", "a", "b", "a"]
    found = {one.label: one for one in regime_figures(labels, np.array([0.02, -0.01, 0.04, -0.03, np.nan]), 12)}
    assert list(found) == ["a", "b", "all"]
    assert (found["a"].periods, found["a"].share, found["a"].positive) == (2, 0.5, 1.0)
    assert found["a"].mean == pytest.approx(0.36)
    assert found["b"].worst == -0.03
    assert found["a"].sharpe == pytest.approx(0.36 / (np.std([0.02, 0.04], ddof=1) * np.sqrt(12)))


def test_labels_and_returns_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="2 labels for 1 returns"):
        regime_figures(["a", "b"], np.array([0.1]), 12)
    assert regime_figures([], np.array([]), 12) == ()
