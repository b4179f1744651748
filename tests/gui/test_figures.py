from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from gui.figures import (
    ABSENT,
    class_title,
    day,
    dollars,
    dollars_and_cents,
    moment,
    money,
    percent,
    plural,
    price,
    quantity,
    signed_percent,
)

D = Decimal


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (money(D("1234567.005")), "1,234,567.01"),
        (money(D("-1234.5")), "-1,234.50"),
        (money(D("-0.001")), "0.00"),
        (money(D("1234.5"), 0), "1,235"),
        (dollars(D("-1234.4")), "-$1,234"),
        (dollars_and_cents(D("12.5")), "$12.50"),
        (percent(D("0.12345")), "12.3%"),
        (signed_percent(D("0.012")), "+1.2%"),
        (signed_percent(D("-0.012")), "-1.2%"),
        (signed_percent(D("0.0001")), "0.0%"),
        (quantity(D("1234.50000000")), "1,234.5"),
        (quantity(D("100")), "100"),
        (price(D("74.505")), "74.505"),
        (price(D("1234.5")), "1,234.50"),
        (day(date(2026, 10, 30)), "2026-10-30"),
        (plural(1, "household"), "1 household"),
        (plural(1200, "trade"), "1,200 trades"),
        (plural(0, "entry", "entries"), "0 entries"),
        (class_title("us_small"), "US small"),
        (class_title("real_estate"), "Real estate"),
        (class_title("tips"), "TIPS"),
    ],
)
def test_figures_read_as_in_american_business_print(text: str, expected: str) -> None:
    assert text == expected


def test_what_is_not_there_is_a_dash() -> None:
    figures = (money, dollars, dollars_and_cents, percent, signed_percent, quantity, price, day, moment)
    assert {figure(None) for figure in figures} == {ABSENT}


def test_a_stamp_is_written_to_the_minute_in_local_time() -> None:
    stamp = datetime(2026, 10, 30, 21, 30, 59, tzinfo=UTC)
    assert moment(stamp) == f"{stamp.astimezone():%Y-%m-%d %H:%M}"
