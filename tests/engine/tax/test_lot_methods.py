"""Lot methods: which shares a sale takes, and at what basis."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.money import ZERO
from engine.portfolio import Lot
from engine.tax.lot_methods import LotMethod, LotPick, averaged, in_order, pick, pick_named

D = Decimal


def lot(name: str, acquired: str, shares: int, basis: int) -> Lot:
    return Lot(name, "J", "X", date.fromisoformat(acquired), D(shares), D(basis))


SOLD = date(2025, 6, 30)
PRICE = D(100)
OPEN = [
    # id, acquired, shares, basis: what each is on the day of sale at 100
    ("long_gain", "2020-01-06", 10, 400),
    ("long_small_gain", "2021-01-06", 10, 900),
    ("long_loss", "2022-01-06", 10, 1300),
    ("long_even", "2023-01-06", 10, 1000),
    ("short_big_loss", "2024-09-06", 10, 1400),
    ("short_loss", "2024-10-07", 10, 1200),
    ("short_even", "2024-11-06", 10, 1000),
    ("short_small_gain", "2025-01-06", 10, 950),
    ("short_gain", "2025-03-06", 10, 500),
]
LOTS = [lot(name, acquired, shares, basis) for name, acquired, shares, basis in OPEN]
ORDERS = {
    LotMethod.FIFO: [name for name, *_ in OPEN],
    LotMethod.LIFO: [name for name, *_ in reversed(OPEN)],
    LotMethod.HIFO: [
        "short_big_loss",
        "long_loss",
        "short_loss",
        "long_even",
        "short_even",
        "short_small_gain",
        "long_small_gain",
        "short_gain",
        "long_gain",
    ],
    LotMethod.LOWEST_COST: [
        "long_gain",
        "short_gain",
        "long_small_gain",
        "short_small_gain",
        "long_even",
        "short_even",
        "short_loss",
        "long_loss",
        "short_big_loss",
    ],
    LotMethod.MINIMUM_TAX: [
        "short_big_loss",
        "short_loss",
        "long_loss",
        "short_even",
        "long_even",
        "long_small_gain",
        "long_gain",
        "short_small_gain",
        "short_gain",
    ],
    LotMethod.MAXIMUM_LOSS: [
        "short_big_loss",
        "long_loss",
        "short_loss",
        "short_even",
        "long_even",
        "short_small_gain",
        "long_small_gain",
        "short_gain",
        "long_gain",
    ],
}


@pytest.mark.parametrize("method", ORDERS)
def test_each_method_sells_in_its_order(method: LotMethod) -> None:
    assert [x.id for x in in_order(LOTS, method, price=PRICE, sold=SOLD)] == ORDERS[method]


@pytest.mark.parametrize("method", [LotMethod.FIFO, LotMethod.LIFO, LotMethod.HIFO, LotMethod.LOWEST_COST])
def test_equal_lots_stay_in_the_order_given(method: LotMethod) -> None:
    twins = [lot(name, "2024-01-08", 10, 500) for name in ("b", "a")]
    assert [x.id for x in in_order(twins, method, price=PRICE, sold=SOLD)] == ["b", "a"]


def test_the_last_lot_is_sold_in_part_at_its_share_of_the_basis() -> None:
    lots = [lot("a", "2024-01-08", 3, 10), lot("b", "2024-01-09", 3, 10)]
    assert pick(lots, D(4), LotMethod.FIFO, price=PRICE, sold=SOLD) == (
        LotPick("a", D(3), D(10)),
        LotPick("b", D(1), D("3.33")),
    )


def test_average_cost_is_one_basis_for_all_shares_taken_first_in_first_out() -> None:
    lots = [lot("a", "2020-01-08", 10, 100), lot("b", "2025-01-09", 30, 700)]
    assert [x.cost_basis for x in averaged(lots)] == [D(200), D(600)]
    assert pick(lots, D(15), LotMethod.AVERAGE_COST, price=PRICE, sold=SOLD) == (
        LotPick("a", D(10), D(200)),
        LotPick("b", D(5), D(100)),
    )


def test_average_cost_loses_no_cent() -> None:
    lots = [lot(name, "2024-01-08", 1, basis) for name, basis in (("a", 3), ("b", 3), ("c", 4))]
    assert [x.cost_basis for x in averaged(lots)] == [D("3.34"), D("3.33"), D("3.33")]
    assert averaged([]) == ()


def test_each_lot_keeps_its_holding_period_when_costs_are_averaged() -> None:
    carried = replace(lot("a", "2024-01-08", 10, 100), holding_days_carried=12)
    assert averaged([carried]) == (carried,)


def test_selling_more_than_the_lots_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="91 shares sold, 90 held"):
        pick(LOTS, D(91), LotMethod.FIFO, price=PRICE, sold=SOLD)


def test_specific_lots_have_no_order_of_their_own() -> None:
    with pytest.raises(ValueError, match="named"):
        in_order(LOTS, LotMethod.SPECIFIC, price=PRICE, sold=SOLD)


def test_specific_lots_are_taken_as_named_in_the_order_of_the_lots() -> None:
    assert pick_named(LOTS, {"short_loss": D(10), "long_gain": D(4)}) == (
        LotPick("long_gain", D(4), D(160)),
        LotPick("short_loss", D(10), D(1200)),
    )


@pytest.mark.parametrize("named", [{"nothing": D(1)}, {"long_gain": D(11)}, {"long_gain": D(0)}])
def test_a_lot_that_cannot_be_sold_is_refused(named: dict[str, Decimal]) -> None:
    with pytest.raises(ValueError, match="cannot be sold"):
        pick_named(LOTS, named)


@given(
    st.lists(st.tuples(st.integers(1, 50), st.integers(1, 99_999)), min_size=1, max_size=8),
    st.sampled_from([method for method in LotMethod if method is not LotMethod.SPECIFIC]),
    st.data(),
)
def test_every_method_takes_the_shares_asked_for_and_all_shares_at_the_whole_basis(
    held: list[tuple[int, int]], method: LotMethod, data: st.DataObject
) -> None:
    lots: list[Lot] = [
        replace(lot(f"L{n}", f"20{20 + n}-03-02", shares, 0), cost_basis=D(basis) / 100)
        for n, (shares, basis) in enumerate(held)
    ]
    whole = sum(shares for shares, _ in held)
    asked = D(data.draw(st.integers(1, whole)))
    taken = pick(lots, asked, method, price=PRICE, sold=SOLD)
    assert sum((p.quantity for p in taken), ZERO) == asked
    everything = pick(lots, D(whole), method, price=PRICE, sold=SOLD)
    assert sum((p.basis for p in everything), ZERO) == sum((x.cost_basis for x in lots), ZERO)
    if len(lots) == 1:
        assert taken == pick(lots, asked, LotMethod.FIFO, price=PRICE, sold=SOLD)
