"""Average basis of fund shares, single-category method (Reg. 1.1012-1(e))."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.portfolio import Lot
from engine.tax.average_cost import (
    Averageable,
    after_change,
    average_sale,
    averaged,
    may_be_averaged,
    may_revoke,
    pooled,
    washed_into,
)
from engine.tax.lot_methods import LotMethod, pick

D = Decimal


def lot(name: str, acquired: str, shares: str, basis: str, account: str = "J") -> Lot:
    return Lot(name, account, "FUND", date.fromisoformat(acquired), D(shares), D(basis))


NEW = (lot("a", "2015-03-02", "10", "100"), lot("b", "2024-03-04", "30", "500"))


def bases(lots: tuple[Lot, ...]) -> dict[str, Decimal]:
    return {x.id: x.cost_basis for x in lots}


def test_fund_shares_and_plan_shares_from_2011_on_may_be_averaged() -> None:
    old, new = lot("o", "2010-12-31", "1", "1"), lot("n", "2011-01-01", "1", "1")
    assert [may_be_averaged(x, Averageable.FUND) for x in (old, new)] == [True, True]
    assert [may_be_averaged(x, Averageable.PLAN) for x in (old, new)] == [False, True]
    assert not may_be_averaged(new, Averageable.OTHER)


def test_there_is_one_category_of_long_and_short_term_shares() -> None:
    assert bases(averaged(NEW)) == {"a": D(150), "b": D(450)}
    assert averaged(()) == ()


def test_shares_from_before_2012_are_a_pool_of_their_own_unless_one_account_is_elected() -> None:
    old = (lot("x", "2011-12-31", "10", "20"), lot("y", "2005-05-05", "10", "40"), lot("z", "2012-01-01", "10", "90"))
    assert bases(pooled((*NEW, *old))) == {"a": D(138), "b": D(414), "x": D(30), "y": D(30), "z": D(138)}
    assert set(bases(pooled((*NEW, *old), one_account=True)).values()) == {
        D("107.14"),
        D("107.15"),
        D("321.43"),
    }


def test_each_account_averages_for_itself() -> None:
    assert bases(pooled((*NEW, lot("k", "2024-03-04", "10", "10", account="K"))))["k"] == D(10)


def test_the_first_shares_in_are_sold_first_at_the_average() -> None:
    done = average_sale(NEW, D(20))
    assert [(x.id, x.quantity, x.cost_basis) for x in done.sold] == [("a", D(10), D(150)), ("b", D(10), D(150))]
    assert [(x.id, x.quantity, x.cost_basis) for x in done.kept] == [("b", D(20), D(300))]
    assert [x.id for x in average_sale(NEW, D(10)).kept] == ["b"]
    with pytest.raises(ValueError, match="41 shares sold, 40 held"):
        average_sale(NEW, D(41))


def test_the_lot_method_takes_the_same_shares_and_pools() -> None:
    mixed = (*NEW, lot("x", "2011-12-30", "10", "20"))
    picks = pick(mixed, D(25), LotMethod.AVERAGE_COST, price=D(9), sold=date(2025, 1, 6))
    sold = average_sale(mixed, D(25)).sold
    assert [(p.lot, p.quantity, p.basis) for p in picks] == [(x.id, x.quantity, x.cost_basis) for x in sold]


def test_a_washed_loss_goes_into_the_pool() -> None:
    """IRC 1091(d)."""
    assert bases(averaged(washed_into(NEW, "b", D(40)))) == {"a": D(160), "b": D(480)}


def test_a_change_of_method_keeps_the_average_of_what_is_held() -> None:
    """Reg. 1.1012-1(e)(9)(iv): prospective."""
    later = lot("later", "2024-06-03", "10", "990")
    assert bases(after_change((later, *NEW), date(2024, 6, 1))) == {"later": D(990), "a": D(150), "b": D(450)}
    assert bases(after_change(NEW, date(2015, 3, 2)))["b"] == D(500)


@pytest.mark.parametrize(
    ("elected", "sale", "day", "may"),
    [
        ("2024-03-04", None, "2025-03-04", True),
        ("2024-03-04", None, "2025-03-05", False),
        ("2024-02-29", None, "2025-03-01", True),
        ("2024-03-04", "2024-05-06", "2024-05-05", True),
        ("2024-03-04", "2024-05-06", "2024-05-06", False),
    ],
)
def test_an_election_can_be_revoked_within_a_year_and_before_the_first_sale(
    elected: str, sale: str | None, day: str, may: bool
) -> None:
    """Reg. 1.1012-1(e)(9)(iii)."""
    first = date.fromisoformat(sale) if sale else None
    assert may_revoke(date.fromisoformat(elected), first, date.fromisoformat(day)) is may


some_lots = st.lists(
    st.tuples(st.dates(date(2009, 1, 1), date(2015, 1, 1)), st.integers(1, 5_000), st.integers(0, 90_000)),
    min_size=1,
    max_size=6,
)


@given(some_lots, st.integers(1, 1_000))
def test_no_cent_and_no_share_is_lost(facts: list[tuple[date, int, int]], thousandth: int) -> None:
    lots = [Lot(str(i), "J", "F", day, D(n) / 1000, D(cost) / 100) for i, (day, n, cost) in enumerate(facts)]
    held = sum((x.quantity for x in lots), D(0))
    done = average_sale(lots, held * thousandth / 1000)
    both = (*done.sold, *done.kept)
    assert sum(x.quantity for x in both) == held
    assert sum(x.cost_basis for x in both) == sum(x.cost_basis for x in lots)
