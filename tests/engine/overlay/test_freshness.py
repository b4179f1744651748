"""Warnings about closes that are missing, old or standing still."""

import math
from datetime import date

import pytest

from engine.overlay.freshness import freshness_warnings
from tests.engine.overlay.builders import history, monthly, weekdays

NAN = math.nan
DAYS = weekdays(date(2026, 9, 1), date(2026, 10, 30))
MOVING = [100.0 + i for i in range(len(DAYS))]
CLASSES = {"us_equity": "SPY", "gold": "GLD"}


def stopping(rows: int) -> list[float]:
    return [value if i < len(DAYS) - rows else NAN for i, value in enumerate(MOVING)]


def still(rows: int) -> list[float]:
    return [*MOVING[: len(DAYS) - rows], *[50.0] * rows]


@pytest.mark.parametrize(
    ("gold", "as_of", "expected"),
    [
        (MOVING, date(2026, 10, 30), ()),
        (MOVING, date(2026, 11, 6), ()),
        (MOVING, date(2026, 11, 7), ("prices end on 2026-10-30, 8 days before 2026-11-07",)),
        (stopping(5), date(2026, 10, 30), ()),
        (stopping(6), date(2026, 10, 30), ("gold (GLD): closes end on 2026-10-22, others go on to 2026-10-30",)),
        (still(9), date(2026, 10, 30), ()),
        (still(10), date(2026, 10, 30), ("gold (GLD): the close has not changed in the last 10 rows",)),
        (
            still(len(DAYS)),
            date(2026, 10, 30),
            (f"gold (GLD): the close has not changed in the last {len(DAYS)} rows",),
        ),
        ([NAN] * len(DAYS), date(2026, 10, 30), ()),
        (MOVING, date(2026, 8, 31), ("there are no prices on or before 2026-08-31",)),
    ],
)
def test_daily_closes_that_a_person_should_look_at_are_named(
    gold: list[float], as_of: date, expected: tuple[str, ...]
) -> None:
    assert freshness_warnings(history(DAYS, SPY=MOVING, GLD=gold), CLASSES, as_of) == expected


def test_monthly_closes_are_old_after_a_month_and_still_after_three() -> None:
    table = monthly(date(2026, 1, 1), SPY=[1.0, 2.0, 3.0, 4.0, 5.0], GLD=[1.0, 2.0, 3.0, 3.0, 3.0])
    assert freshness_warnings(table, {"us_equity": "SPY"}, date(2026, 7, 3)) == ()
    assert freshness_warnings(table, CLASSES, date(2026, 7, 4)) == (
        "prices end on 2026-05-29, 36 days before 2026-07-04",
        "gold (GLD): the close has not changed in the last 3 rows",
    )


def test_what_comes_after_the_day_is_not_seen() -> None:
    later = [*MOVING[:-12], *[50.0] * 12]
    assert freshness_warnings(history(DAYS, SPY=later), {"us_equity": "SPY"}, DAYS[-13]) == ()
