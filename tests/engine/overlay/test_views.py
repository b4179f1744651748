"""Manual views: signed, with a reason and an end."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from engine.overlay.views import ManualView, view_faults

VIEW = ManualView("gold", Decimal("0.5"), "A. Adviser", "Real rates fall", date(2026, 1, 5), date(2026, 6, 30))


def test_a_view_holds_on_its_first_and_last_day() -> None:
    days = [date(2026, 1, 4), VIEW.made, VIEW.expires, date(2026, 7, 1)]
    assert [VIEW.holds_on(day) for day in days] == [False, True, True, False]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"author": " "}, "author: a view needs its author"),
        ({"reason": ""}, "reason: a view needs its reason"),
        ({"asset_class": ""}, "asset_class: a view needs a class"),
        ({"stance": Decimal(2)}, "stance: 2 is not between -1 and 1, or is 0"),
        ({"stance": Decimal(0)}, "stance: 0 is not between -1 and 1, or is 0"),
        ({"expires": date(2026, 1, 4)}, "expires: 2026-01-04 is before the view was made, 2026-01-05"),
        ({"expires": date(2027, 1, 8)}, "expires: 2027-01-08 is more than a year after the view was made, 2026-01-05"),
    ],
)
def test_a_view_that_is_not_whole_is_refused(changes: dict[str, object], fault: str) -> None:
    assert view_faults(replace(VIEW, **changes)) == (fault,)  # type: ignore[arg-type]


def test_a_whole_view_has_no_fault() -> None:
    assert view_faults(VIEW) == ()
