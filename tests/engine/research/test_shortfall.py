"""Implementation shortfall: published examples, both sides, and the paper portfolio as the proof."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.portfolio import Side
from engine.research.shortfall import Fill, Order, shortfall, shortfall_report

D = Decimal


def order(**changes: Any) -> Order:
    usual: dict[str, Any] = {
        "order": "1",
        "symbol": "SPY",
        "side": Side.BUY,
        "quantity": D(1000),
        "decision_price": D("40.00"),
        "arrival_price": D("40.04"),
        "fills": (Fill(D(700), D("40.05"), D(17)),),
        "end_price": D("40.08"),
    }
    return Order(**usual | changes)


def test_a_published_example_of_19_basis_points() -> None:
    """1,000 shares decided at 40.00, 700 done at 40.05, 17 dollars of commission, given up at 40.08."""
    found = shortfall(order()).shortfall
    assert [found.delay, found.execution, found.opportunity, found.fees] == [D(28), D(7), D(24), D(17)]
    assert found.total == 76
    assert found.basis_points(found.total) == 19
    assert [found.basis_points(part) for part in (found.fees, found.execution, found.delay, found.opportunity)] == [
        D("4.25"),
        D("1.75"),
        D(7),
        D(6),
    ]


def test_a_published_example_with_half_of_the_order_unfilled() -> None:
    """8,000 shares decided at 75, arrival 75.75, 4,000 done at 77 for 1,500, the rest given up at 79."""
    found = shortfall(
        order(
            quantity=D(8000),
            decision_price=D(75),
            arrival_price=D("75.75"),
            fills=(Fill(D(4000), D(77), D(1500)),),
            end_price=D(79),
        )
    ).shortfall
    assert [found.delay, found.execution, found.opportunity, found.fees] == [D(3000), D(5000), D(16000), D(1500)]
    assert found.basis_points(found.total) == 425


PART = (Fill(D(400), D("40.10")), Fill(D(600), D("40.20"), D(1)))
CHEAPER: dict[str, Any] = {"arrival_price": D("39.90"), "fills": (Fill(D(1000), D("39.80")),)}
HALF_A_SHARE: dict[str, Any] = {"quantity": D("0.5"), "fills": (Fill(D("0.5"), D("40.24")),)}
CASES: tuple[tuple[str, dict[str, Any], tuple[str, str, str, str]], ...] = (
    ("a sale gains where the price rises", {"side": Side.SELL}, ("-28", "-7", "-24", "-42")),
    ("a buy that got cheaper gains", CHEAPER, ("-100", "-100", "0", "-200")),
    ("an order that was never done is all opportunity", {"fills": (), "fees": D(2)}, ("0", "0", "80", "82")),
    ("several fills add up", {"fills": PART}, ("40", "120", "0", "161")),
    ("fractions of shares are shares", HALF_A_SHARE, ("0.02", "0.1", "0", "0.12")),
)
"""What it shows, what is changed; delay, execution, opportunity, total."""


@pytest.mark.parametrize(("what", "changes", "expected"), CASES)
def test_parts_by_hand(what: str, changes: dict[str, Any], expected: tuple[str, ...]) -> None:
    found = shortfall(order(**changes)).shortfall
    assert [found.delay, found.execution, found.opportunity, found.total] == [*map(D, expected)], what


def test_the_average_price_is_of_the_shares_done() -> None:
    fills = (Fill(D(400), D("40.10")), Fill(D(600), D("40.20")))
    assert shortfall(order(fills=fills)).average_price == D("40.16")
    assert shortfall(order(fills=())).average_price is None


def test_the_total_is_the_sum_of_the_orders() -> None:
    found = shortfall_report([order(), order(order="2", side=Side.SELL, fills=(Fill(D(1000), D("39.96")),))])
    assert found.total.total == 76 + 40
    assert found.total.decided == 80_000
    assert found.total.basis_points(found.total.total) == D("14.5")


BAD = (
    ({"quantity": D(0)}, "above zero"),
    ({"decision_price": D(0)}, "above zero"),
    ({"quantity": D(600)}, "700 shares are done of 600 ordered"),
    ({"end_price": None}, "300 shares were not done and there is no end price"),
)


@pytest.mark.parametrize(("changes", "message"), BAD)
def test_an_order_that_cannot_be_measured_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        shortfall(order(**changes))


def test_no_orders_are_refused() -> None:
    with pytest.raises(ValueError, match="no orders"):
        shortfall_report([])


PRICES = st.decimals(1, 500, places=4)
SHARES = st.integers(1, 10_000).map(D)


@settings(max_examples=60, deadline=None)
@given(
    side=st.sampled_from(Side),
    prices=st.tuples(PRICES, PRICES, PRICES),
    fills=st.lists(st.tuples(SHARES, PRICES, st.decimals(0, 20, places=2)), max_size=5),
    unfilled=SHARES,
)
def test_the_shortfall_is_what_the_paper_portfolio_made_and_the_real_one_did_not(
    side: Side, prices: tuple[D, D, D], fills: list[tuple[D, D, D]], unfilled: D
) -> None:
    decision, arrival, end = prices
    done = tuple(Fill(*fill) for fill in fills)
    shares = sum((fill.quantity for fill in done), D(0))
    found = shortfall(
        order(
            side=side,
            quantity=shares + unfilled,
            decision_price=decision,
            arrival_price=arrival,
            end_price=end,
            fills=done,
        )
    ).shortfall
    sign = 1 if side is Side.BUY else -1
    paper = sign * (shares + unfilled) * (end - decision)
    real = sum((sign * fill.quantity * (end - fill.price) - fill.fees for fill in done), D(0))
    assert found.total == paper - real
