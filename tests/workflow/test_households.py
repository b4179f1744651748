"""The list of households and the dashboard on the sample office: figures that agree with one another."""

from datetime import date
from decimal import Decimal

import pytest

from engine.trading_days import trading_days_between
from tests.workflow.conftest import NOW
from workflow.book import Book
from workflow.dashboard import TILES, dashboard
from workflow.households import list_households
from workflow.propose import propose
from workflow.views import HouseholdRow

TODAY = date(2026, 10, 30)


@pytest.fixture
def rows(sample: Book) -> dict[str, HouseholdRow]:
    return {r.name: r for r in list_households(sample, today=TODAY)}


def test_every_household_of_the_office_is_listed(rows: dict[str, HouseholdRow]) -> None:
    assert len(rows) == 12
    assert [name for name, row in rows.items() if row.blocked] == ["Grantham-Silva"]


def test_drift_sums_to_what_the_targets_leave_over(rows: dict[str, HouseholdRow]) -> None:
    for row in rows.values():
        if not row.blocked:
            assert abs(sum(row.drift.values(), Decimal(0))) < Decimal("0.0001"), row.name
            assert row.worst_drift in row.drift.values()


def test_cash_needed_is_what_the_story_asks_for(rows: dict[str, HouseholdRow]) -> None:
    needing = {name: row.cash_needed for name, row in rows.items() if "needs_cash" in row.tags}
    assert list(needing) == ["Delacroix-Penn"]
    assert needing["Delacroix-Penn"] > 0


def test_a_blocked_household_still_shows_its_value_and_why(rows: dict[str, HouseholdRow]) -> None:
    row = rows["Grantham-Silva"]
    assert row.value > 0
    assert any("NQZS" in p.message for p in row.problems)
    assert row.tags == {"problems"}


def test_tiles_count_the_rows_that_carry_their_tag(sample: Book) -> None:
    board = dashboard(sample, today=TODAY)
    assert [t.key for t in board.tiles] == [key for key, _, _ in TILES]
    for tile in board.tiles:
        assert tile.count == sum(1 for r in board.households if tile.key in r.tags)
    assert board.value == sum(r.value for r in board.households)
    assert board.classes[-1] == "cash"
    assert board.prices_as_of == TODAY


def test_drift_on_the_dashboard_is_the_drift_before_the_trades(sample: Book, rows: dict[str, HouseholdRow]) -> None:
    run = propose(sample, households=["Almeida-Frost"], as_of=None, now=NOW, by="t")
    assert abs(run.rows[0].worst_drift_before - rows["Almeida-Frost"].worst_drift) < Decimal("0.00001")


@pytest.mark.parametrize(
    ("earlier", "later", "days"),
    [
        (date(2026, 10, 30), date(2026, 10, 30), 0),
        (date(2026, 10, 30), date(2026, 11, 2), 1),
        (date(2026, 10, 23), date(2026, 10, 30), 5),
        (date(2026, 10, 31), date(2026, 10, 30), 0),
        (date(2026, 11, 25), date(2026, 11, 30), 2),
    ],
)
def test_staleness_is_counted_in_trading_days(earlier: date, later: date, days: int) -> None:
    assert trading_days_between(earlier, later) == days
