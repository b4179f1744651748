"""Macro series as a day knows them: periods, publication lags, revisions, and values too old to speak."""

from datetime import date, timedelta

import numpy as np
import pytest

from engine.overlay.macro_history import (
    MacroRole,
    Observation,
    Step,
    macro_history,
    macro_series,
    period_end,
)


def monthly(name: str, count: int = 24, **options: object) -> object:
    days = [date(2020 + i // 12, i % 12 + 1, 1) for i in range(count)]
    return macro_series(name, [Observation(day, float(i)) for i, day in enumerate(days)], **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "step", "end"),
    [
        (date(2024, 2, 14), Step.DAILY, date(2024, 2, 14)),
        (date(2024, 2, 1), Step.MONTHLY, date(2024, 2, 29)),
        (date(2024, 2, 29), Step.MONTHLY, date(2024, 2, 29)),
        (date(2024, 12, 1), Step.MONTHLY, date(2024, 12, 31)),
        (date(2024, 1, 1), Step.QUARTERLY, date(2024, 3, 31)),
        (date(2024, 3, 31), Step.QUARTERLY, date(2024, 3, 31)),
        (date(2024, 10, 1), Step.QUARTERLY, date(2024, 12, 31)),
        (date(2024, 1, 1), Step.ANNUAL, date(2024, 12, 31)),
    ],
)
def test_a_value_is_of_its_whole_period(day: date, step: Step, end: date) -> None:
    assert period_end(day, step) == end


def test_prices_of_a_month_are_known_twenty_days_after_it() -> None:
    series = macro_series("CPIAUCSL", [Observation(date(2020, m, 1), float(m)) for m in range(1, 7)])
    assert series.known_on(date(2020, 3, 19)).values.tolist() == [1.0]
    assert series.known_on(date(2020, 3, 20)).values.tolist() == [1.0, 2.0]
    assert series.known_on(date(2020, 2, 19)).values.tolist() == []


def test_a_daily_rate_is_known_the_next_day() -> None:
    days = [date(2024, 5, 1) + timedelta(days=i) for i in range(5)]
    series = macro_series("DGS10", [Observation(day, 4.0 + i) for i, day in enumerate(days)])
    assert series.step is Step.DAILY
    assert series.known_on(days[2]).periods[-1].item() == days[1]


@pytest.mark.parametrize(("name", "lag"), [("CAPE", 30), ("cpiaucsl", 20), ("FEDFUNDS", 1), ("SOMETHING", 30)])
def test_the_lag_is_that_of_the_series_or_of_its_spacing(name: str, lag: int) -> None:
    assert monthly(name).lag_days == lag  # type: ignore[attr-defined]
    assert monthly(name, lag_days=3).lag_days == 3  # type: ignore[attr-defined]


def test_a_revision_is_seen_from_its_publication_on() -> None:
    quarter = date(2020, 3, 31)
    series = macro_series(
        "GDPC1",
        [
            Observation(quarter, 100.0, date(2020, 4, 29)),
            Observation(quarter, 101.0, date(2020, 5, 28)),
            Observation(date(2020, 6, 30), 90.0, date(2020, 7, 30)),
            Observation(date(2020, 9, 30), 98.0, date(2020, 10, 29)),
        ],
    )
    seen = [series.known_on(day).values.tolist() for day in (date(2020, 4, 28), date(2020, 5, 27), date(2020, 5, 28))]
    assert seen == [[], [100.0], [101.0]]
    assert series.known_on(date(2020, 12, 31)).values.tolist() == [101.0, 90.0, 98.0]


def test_a_value_that_failed_to_come_makes_the_last_one_old() -> None:
    series = monthly("CPI")
    known = series.known_on(date(2030, 1, 1))  # type: ignore[attr-defined]
    assert series.is_old(known, date(2030, 1, 1))  # type: ignore[attr-defined]
    assert not series.is_old(known, date(2022, 2, 28))  # type: ignore[attr-defined]


def test_a_role_takes_the_preferred_series_or_the_one_that_is_named() -> None:
    history = macro_history([monthly("CPI"), monthly("CPIAUCSL"), monthly("MINE")])  # type: ignore[list-item]
    assert history.of(MacroRole.CPI).name == "CPIAUCSL"  # type: ignore[union-attr]
    assert history.of(MacroRole.CPI, "mine").name == "MINE"  # type: ignore[union-attr]
    assert history.of(MacroRole.CAPE) is None


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([Observation(date(2020, 1, 1), 1.0), Observation(date(2020, 1, 1), 2.0)], "two values of one period"),
        ([Observation(date(2020, 1, 1), np.nan)], "no number"),
    ],
)
def test_a_series_that_cannot_be_is_refused(values: list[Observation], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        macro_series("CPI", values)


def test_a_name_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="CPI is there twice"):
        macro_history([monthly("CPI"), monthly("cpi")])  # type: ignore[list-item]
