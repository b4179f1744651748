"""More than one year, counted from the day after purchase (IRC 1222; Rev. Rul. 66-7 and 70-598)."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.portfolio import Term
from engine.rebalance.audit_law import term_on, turns_long_term
from engine.tax.holding_period import days_to_long_term, first_long_term_day, lot_term, term
from tests.builders import lot

days = st.dates(date(1990, 1, 1), date(2080, 12, 31))

BOUNDARIES = [
    # acquired, last short-term day, first long-term day
    ("2021-06-15", "2022-06-15", "2022-06-16"),  # the anniversary itself is not more than a year
    ("2012-09-19", "2013-09-19", "2013-09-20"),
    ("2023-12-31", "2024-12-31", "2025-01-01"),  # last day of a month: first day of the 13th month after
    ("2021-06-30", "2022-06-30", "2022-07-01"),
    ("2021-07-31", "2022-07-31", "2022-08-01"),
    ("2021-01-30", "2022-01-30", "2022-01-31"),  # next to last day: the plain anniversary
    ("2021-11-30", "2022-11-30", "2022-12-01"),
    ("2024-02-29", "2025-02-28", "2025-03-01"),  # leap day bought
    ("2023-02-28", "2024-02-29", "2024-03-01"),  # common year's last day of February, leap year sold
    ("2022-02-28", "2023-02-28", "2023-03-01"),
    ("2024-02-28", "2025-02-28", "2025-03-01"),  # the 28th is not February's last day in a leap year
    ("2023-03-01", "2024-03-01", "2024-03-02"),  # a leap day inside the year adds none
    ("2024-01-01", "2025-01-01", "2025-01-02"),
]


@pytest.mark.parametrize(("acquired", "last_short", "first_long"), BOUNDARIES)
def test_a_lot_turns_long_term_on_the_day_that_the_law_says(acquired: str, last_short: str, first_long: str) -> None:
    bought, short, long = (date.fromisoformat(d) for d in (acquired, last_short, first_long))
    assert long - short == timedelta(days=1)
    assert first_long_term_day(bought) == turns_long_term(lot("L", "VTI", "1", "1", bought)) == long
    assert (term(bought, short), term(bought, long)) == (Term.SHORT, Term.LONG)


@pytest.mark.parametrize(
    ("acquired", "carried", "first_long"),
    [
        ("2025-03-10", 0, "2026-03-11"),
        ("2025-03-10", 9, "2026-03-02"),  # as if bought on 1 March 2025
        ("2025-03-10", 10, "2026-03-01"),  # as if bought on 28 February, the last day of its month
        ("2025-03-10", 365, "2025-03-11"),
        ("2025-03-10", 400, "2025-02-05"),  # as if bought on 4 February 2024
    ],
)
def test_days_carried_by_a_wash_sale_are_days_held(acquired: str, carried: int, first_long: str) -> None:
    assert first_long_term_day(date.fromisoformat(acquired), carried) == date.fromisoformat(first_long)


@given(days, st.integers(0, 2000))
def test_the_day_after_purchase_comes_round_a_year_later(acquired: date, carried: int) -> None:
    """The audit's own reading of the same law, by another road, agrees on every day."""
    bought = lot("L", "VTI", "1", "1", acquired, holding_days_carried=carried)
    turn = first_long_term_day(acquired, carried)
    assert turn == turns_long_term(bought)
    for day in (turn - timedelta(days=1), turn):
        assert lot_term(bought, day) is term_on(bought, day) is term(acquired, day, carried)


@given(days)
def test_a_year_is_365_or_366_days_and_one_more(acquired: date) -> None:
    held = (first_long_term_day(acquired) - acquired).days
    assert held in {366, 367}


@given(days, st.integers(0, 500), st.integers(1, 60))
def test_an_older_lot_is_never_later_to_turn_long_term(acquired: date, carried: int, more: int) -> None:
    turn = first_long_term_day(acquired, carried)
    assert first_long_term_day(acquired, carried + more) <= turn
    assert first_long_term_day(acquired - timedelta(days=more), carried) <= turn


def test_days_to_long_term_count_down_to_zero() -> None:
    bought = lot("L", "VTI", "1", "1", date(2024, 7, 10))
    assert days_to_long_term(bought, date(2025, 6, 30)) == 11
    assert days_to_long_term(bought, date(2025, 7, 10)) == 1
    assert days_to_long_term(bought, date(2025, 7, 11)) == 0
    assert days_to_long_term(bought, date(2026, 1, 1)) == 0


@pytest.mark.shared
def test_the_reference_table_of_boundaries(shared_folder: Path) -> None:
    file = shared_folder / "reference" / "tax_lots_vti.json"
    cases = json.loads(file.read_text(encoding="utf-8"))["holding_period_boundary"]["cases"]
    assert cases
    for case in cases:
        found = term(date.fromisoformat(case["buy"]), date.fromisoformat(case["sell"]))
        assert found.value == case["term"], case


@pytest.mark.shared
def test_every_lot_realized_in_the_reference_has_its_term(shared_folder: Path) -> None:
    methods = json.loads((shared_folder / "reference" / "tax_lots_vti.json").read_text(encoding="utf-8"))["methods"]
    rows = [row for method in methods.values() for row in method["realised_lots"]]
    assert len(rows) > 30
    for row in rows:
        found = term(date.fromisoformat(row["buy_date"]), date.fromisoformat(row["sell_date"]))
        assert found.value == row["term"], row
