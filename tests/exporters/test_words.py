from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from exporters.words import (
    class_name,
    class_phrase,
    counted,
    custodian_name,
    dollars,
    flat,
    listed,
    long_date,
    masked,
    percent,
    price,
    registration_name,
    shares,
    short_date,
    stamp,
)

D = Decimal


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (dollars(D("1234567.5")), "$1,234,568"),
        (dollars(D("-1234.5")), "-$1,235"),
        (dollars(D("-0.4")), "$0"),
        (dollars(D("12.345"), places=2), "$12.35"),
        (dollars(D(5), signed=True), "+$5"),
        (dollars(D(0), signed=True), "$0"),
        (percent(D("0.12345")), "12.3%"),
        (percent(D("-0.0004")), "0.0%"),
        (percent(D("0.04"), signed=True), "+4.0%"),
        (percent(D("0.408"), places=2), "40.80%"),
        (shares(D("1200.000")), "1,200"),
        (shares(D("0.12345678")), "0.12345678"),
        (shares(D("1E+3")), "1,000"),
        (price(D("73.6")), "$73.60"),
        (price(D("52.315")), "$52.315"),
        (price(D("1E+2")), "$100.00"),
        (long_date(date(2026, 2, 3)), "February 3, 2026"),
        (short_date(date(2026, 12, 31)), "Dec 31, 2026"),
        (stamp(datetime(2026, 10, 30, 20, 15, 7, tzinfo=UTC)), "2026-10-30T20:15:07Z"),
        (stamp(datetime(2026, 10, 30, 22, 0, tzinfo=timezone(timedelta(hours=2)))), "2026-10-30T20:00:00Z"),
        (class_name("us_small"), "US small-cap equity"),
        (class_name("private_reit_fund"), "Private REIT fund"),
        (class_name("etf"), "ETF"),
        (class_name(""), ""),
        (class_phrase("us_bond"), "US bonds"),
        (class_phrase("real_estate"), "real estate"),
        (registration_name("401k"), "401(k)"),
        (registration_name("trust"), "Trust"),
        (masked("00812345"), "ending 2345"),
        (masked("123"), "123"),
        (masked("...307"), "ending 307"),
        (masked("****4321"), "ending 4321"),
        (masked(""), ""),
        (custodian_name("schwab"), "Schwab"),
        (custodian_name("E*TRADE"), "E*TRADE"),
        (listed([]), ""),
        (listed(["a"]), "a"),
        (listed(["a", "b"]), "a and b"),
        (listed(["a", "b", "c"]), "a, b and c"),
        (counted(0, "trade"), "no trades"),
        (counted(1, "trade"), "1 trade"),
        (counted(1200, "box", "boxes"), "1,200 boxes"),
        (flat(" a\n\tb\x07 "), "a b"),
    ],
)
def test_figures_and_names_read_as_people_write_them(shown: str, expected: str) -> None:
    assert shown == expected
