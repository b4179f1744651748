"""The 61 days of qualified dividends (IRC 1(h)(11)(B)(iii), 246(c))."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from engine.portfolio import Lot
from engine.tax.qualified_dividends import Dividend, days_held_around, first_safe_sale_day, lost_qualifications

D = Decimal
EX = date(2025, 6, 16)
COMMON = Dividend("X", EX, D("0.50"))
PREFERRED = Dividend("X", EX, D("0.50"), preferred=True)


def day(offset: int) -> date:
    return EX + timedelta(days=offset)


@pytest.mark.parametrize(
    ("dividend", "acquired", "safe"),
    [
        (COMMON, -400, 0),
        (COMMON, -61, 0),
        (COMMON, -60, 1),
        (COMMON, -30, 31),
        (COMMON, -1, 60),
        (COMMON, 0, None),
        (PREFERRED, -91, 0),
        (PREFERRED, -90, 1),
        (PREFERRED, -1, 90),
    ],
)
def test_the_first_safe_day_has_just_enough_days(dividend: Dividend, acquired: int, safe: int | None) -> None:
    found = first_safe_sale_day(day(acquired), dividend)
    assert found == (None if safe is None else day(safe))
    if found is not None:
        enough = 91 if dividend.preferred else 61
        assert days_held_around(day(acquired), found, dividend) == enough
        assert days_held_around(day(acquired), found - timedelta(1), dividend) == enough - 1


@pytest.mark.parametrize(
    ("bought", "sold", "held", "qualified"),
    [("2025-07-08", "2025-08-11", 34, False), ("2025-07-15", "2025-09-16", 61, True)],
)
def test_pub_550_examples_of_the_121_days(bought: str, sold: str, held: int, qualified: bool) -> None:
    """Pub. 550, Holding period: ex-dividend date 16 July; bought 8 or 15 July, sold 11 August or 16 September."""
    dividend = Dividend("XYZ", date(2025, 7, 16), D("0.10"))
    first, last = date.fromisoformat(bought), date.fromisoformat(sold)
    assert days_held_around(first, last, dividend) == held
    safe = first_safe_sale_day(first, dividend)
    assert safe is not None
    assert (last >= safe) is qualified


def test_days_outside_the_period_do_not_count() -> None:
    assert days_held_around(day(-400), day(400), COMMON) == 121
    assert days_held_around(day(70), day(400), COMMON) == 0
    assert days_held_around(day(-400), day(-100), COMMON) == 0


def test_a_sale_names_the_dividends_that_it_makes_ordinary() -> None:
    lots = [
        (Lot("NEW", "J", "X", day(-10), D(100), D(1), holding_days_carried=90), D(40)),
        (Lot("OLD", "J", "X", day(-400), D(100), D(1)), D(10)),
        (Lot("OTHER", "J", "Y", day(-10), D(100), D(1)), D(10)),
    ]
    coming = Dividend("X", day(30), D(1))
    (lost,) = lost_qualifications(lots, day(20), [coming, COMMON])
    assert (lost.lot, lost.amount, lost.days_held, lost.first_safe_day) == ("NEW", D("20.00"), 30, day(51))
    assert lost.sentence == (
        f"Selling 40 X of lot NEW before {day(51)} makes the dividend of {EX} ($20.00) ordinary income: "
        "held 30 days of its period (IRC 1(h)(11)(B)(iii))."
    )
    assert lost_qualifications(lots, day(51), [COMMON]) == ()
    assert lost_qualifications([(Lot("L", "J", "X", day(0), D(1), D(1)), D(1))], day(5), [COMMON]) == ()
