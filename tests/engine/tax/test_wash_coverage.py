"""What the records of a household do not cover, and whether that matters."""

from datetime import date, timedelta

import pytest

from engine.tax.wash_coverage import AccountRecords, coverage_gaps

DAY = date(2025, 6, 30)
OLDEST = date(2025, 6, 23)
FIRST = DAY - timedelta(days=30)


@pytest.mark.parametrize(
    ("holdings", "trades", "lots", "what", "serious"),
    [
        (None, FIRST, True, "no holdings of S 1 have been imported", True),
        (OLDEST - timedelta(1), FIRST, True, "the holdings of S 1 are of 2025-06-22", True),
        (DAY, None, False, "no activity of S 1 has been imported", True),
        (DAY, None, True, "not what was bought and sold again", False),
        (DAY, FIRST + timedelta(1), False, "the activity of S 1 starts on 2025-06-01", True),
        (OLDEST, FIRST + timedelta(1), True, "the activity of S 1 starts on 2025-06-01", False),
    ],
)
def test_a_gap_says_what_is_missing(
    holdings: date | None, trades: date | None, lots: bool, what: str, serious: bool
) -> None:
    (gap,) = coverage_gaps([AccountRecords("A1", "S 1", holdings, trades, lots)], DAY, oldest=OLDEST)
    assert what in gap.what
    assert (gap.serious, gap.account, bool(gap.hint)) == (serious, "A1", True)


def test_activity_that_reaches_back_30_days_covers_an_account() -> None:
    assert coverage_gaps([AccountRecords("A1", "S 1", DAY, FIRST, lots_known=False)], DAY, oldest=OLDEST) == ()
