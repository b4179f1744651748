"""Terms of orders: limits by side, sub-penny rules, funds at their net asset value, hours, what is refused."""

import csv
import io
from dataclasses import replace
from datetime import time
from decimal import Decimal

import pytest

from engine.errors import AppError
from engine.portfolio import Side
from exporters.blotter_orders import order_sheets
from exporters.order_lines import RunOrders, run_orders
from exporters.order_terms import AT_MARKET, OrderTerms, OrderType, order_terms
from exporters.orders_csv import orders_csv
from tests.exporters.builders import sample_run

D = Decimal
TEN = OrderTerms(D(10), (time(10), time(15, 30)))


@pytest.mark.parametrize(
    ("side", "price", "bp", "limit"),
    [
        (Side.BUY, "100", "10", "100.10"),
        (Side.SELL, "100", "10", "99.90"),
        # 50.05005 and 49.94995: never beyond ten basis points, so down to the cent for a purchase, up for a sale
        (Side.BUY, "50.0000", "10", "50.05"),
        (Side.BUY, "49.99", "10", "50.03"),
        (Side.SELL, "49.99", "10", "49.95"),
        (Side.BUY, "0.8123", "25", "0.8143"),
        (Side.SELL, "0.8123", "25", "0.8103"),
        (Side.BUY, "100", "0", "100.00"),
    ],
)
def test_a_limit_is_no_further_from_the_price_than_its_offset(side: Side, price: str, bp: str, limit: str) -> None:
    found = OrderTerms(D(bp)).limit_of(side, D(price), "etf")
    assert found == D(limit)
    assert abs(found / D(price) - 1) * 10_000 <= D(bp)


def test_a_fund_at_its_net_asset_value_takes_no_limit_and_no_hours() -> None:
    assert TEN.type_of("fund") is OrderType.MARKET
    assert TEN.limit_of(Side.BUY, D(20), "fund") is None
    assert TEN.hours_of("fund") == ""
    assert TEN.hours_of("etf") == "Work between 10:00 and 15:30 New York time."


def placed(terms: OrderTerms) -> tuple[RunOrders, list[dict[str, str]]]:
    report = sample_run()
    run = run_orders(report, terms)
    return run, list(csv.DictReader(io.StringIO(orders_csv(report, run), newline="")))


def test_every_order_of_a_file_has_the_limit_of_its_side() -> None:
    _, rows = placed(TEN)
    assert rows
    for row in rows:
        assert row["order_type"] == "LIMIT"
        above = D(row["limit_price"]) >= D(row["est_price"])
        assert above == (row["side"] == "BUY")
        assert row["notes"].endswith("Work between 10:00 and 15:30 New York time.")


def test_orders_at_market_have_no_limit_and_are_what_they_were() -> None:
    run, rows = placed(AT_MARKET)
    assert {(row["order_type"], row["limit_price"]) for row in rows} == {("MARKET", "")}
    assert run == run_orders(sample_run())


def test_the_blotter_names_the_limit_and_the_hours() -> None:
    report = sample_run()
    limited, plain = (str(order_sheets(report, run_orders(report, terms))[0].rows[0]) for terms in (TEN, AT_MARKET))
    assert ", limit " in limited
    assert "New York time" in limited
    assert ", market, day" in plain


def test_terms_are_read_as_a_person_writes_them() -> None:
    assert order_terms(D("7.5"), "10:00-15:30") == replace(TEN, limit_bp=D("7.5"))
    assert order_terms(None) == AT_MARKET
    assert TEN.sentence() == "limit 10 bp, 10:00 to 15:30"
    assert AT_MARKET.sentence() == "at market"


@pytest.mark.parametrize(
    ("limit", "window", "words"),
    [
        ("-1", "", "-1 basis points"),
        ("1001", "", "1001 basis points"),
        ("5", "10-", "are no hours"),
        ("5", "morning", "are no hours"),
        ("5", "15:30-10:00", "is not within the session"),
        ("5", "09:00-10:00", "is not within the session"),
        ("5", "10:00-16:01", "is not within the session"),
    ],
)
def test_terms_that_cannot_be_kept_are_one_line(limit: str, window: str, words: str) -> None:
    with pytest.raises(AppError, match=words):
        order_terms(D(limit), window)
