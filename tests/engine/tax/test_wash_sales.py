"""What the last 30 days forbid before a trade: IRC 1091, Reg. 1.1091-1, Rev. Rul. 56-602 and 2008-5.

Each case is put to the solver's reading and to the audit's own one.
"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.portfolio import Action, HistoryRow, Lot, Registration
from engine.rebalance.audit_law import wash_facts
from engine.rebalance.case import Case
from engine.tax.wash_sales import GroupWindow, group_windows
from tests.builders import AS_OF, account, case, dec, lot, security

TAXABLE, IRA = account("A1"), account("IRA", Registration.TRADITIONAL_IRA)
SPOUSE = replace(account("A2"), owner="spouse")
VTI = security("VTI", identity_group="Total market")
ITOT = security("ITOT", identity_group="Total market", price="120")
BND = security("BND", "us_bond", "70")


def ago(days: int) -> date:
    return AS_OF - timedelta(days=days)


def held(name: str, days: int, quantity: str = "100", **changes: object) -> Lot:
    return lot(name, str(changes.pop("symbol", "VTI")), quantity, "20000", ago(days), **changes)


def bought(days: int, quantity: str = "10", **changes: object) -> HistoryRow:
    values: dict[str, object] = {"account": "A1", "symbol": "VTI", "action": Action.BUY, "date": ago(days), **changes}
    return HistoryRow(quantity=Decimal(quantity), **values)  # type: ignore[arg-type]


def lost(days: int, quantity: str = "10", **changes: object) -> HistoryRow:
    return bought(days, quantity, action=Action.SELL, loss_quantity=Decimal(quantity), **changes)


def household(*lots: Lot, history: tuple[HistoryRow, ...] = ()) -> Case:
    return case([VTI, ITOT, BND], [TAXABLE, SPOUSE, IRA], lots, history=history)


def window(found: Case, group: str = "Total market") -> GroupWindow:
    """Return the window of a group, once the audit has come to the same."""
    windows = group_windows(found.as_of, found.securities, found.accounts, found.lots, found.history)
    facts = wash_facts(found)
    for name in {*windows, *facts}:
        mine, other = windows.get(name, GroupWindow(name)), facts[name]
        assert (mine.no_purchase_until, mine.no_loss_until, mine.washed_until) == (
            other.no_purchase_until,
            other.no_loss_until,
            other.washed_until,
        )
        assert sorted((p.lot or "", p.shares) for p in mine.purchases) == sorted(
            (name or "", shares) for name, shares in other.replacements
        )
    return windows.get(group, GroupWindow(group))


def free(found: Case) -> dict[str | None, Decimal]:
    """Return the shares that can replace a loss, by open lot."""
    return {p.lot: p.shares for p in window(found).purchases}


@pytest.mark.parametrize(("days", "blocked"), [(0, True), (1, True), (29, True), (30, True), (31, False), (45, False)])
def test_no_purchase_of_a_group_sold_at_a_loss_through_day_30(days: int, blocked: bool) -> None:
    found = window(household(held("OLD", 400), history=(lost(days),)))
    assert found.no_purchase_until == (ago(days) + timedelta(days=30) if blocked else None)


def test_the_last_loss_sale_counts_for_purchases() -> None:
    found = window(household(history=(lost(20), lost(5), lost(12))))
    assert found.no_purchase_until == ago(5) + timedelta(days=30)


def test_a_sale_at_a_gain_blocks_nothing() -> None:
    assert window(household(held("OLD", 400), history=(bought(3, action=Action.SELL),))) == GroupWindow("Total market")


@pytest.mark.parametrize("symbol", ["VTI", "ITOT"])
@pytest.mark.parametrize("where", ["A1", "A2"])
def test_a_loss_in_any_account_and_symbol_of_the_group_counts(where: str, symbol: str) -> None:
    found = household(held("OLD", 400), history=(lost(5, account=where, symbol=symbol),))
    assert window(found).no_purchase_until == ago(-25)
    assert window(found, "BND") == GroupWindow("BND")


def test_a_symbol_that_is_no_security_any_more_is_its_own_group() -> None:
    found = household(history=(lost(5, symbol="GONE"),))
    assert window(found, "GONE").no_purchase_until == ago(-25)


@pytest.mark.parametrize("kind", [k for k in Registration if not k.is_taxable])
@pytest.mark.parametrize(("days", "blocked"), [(0, True), (30, True), (31, False)])
@pytest.mark.parametrize("as_row", [True, False])
def test_a_tax_advantaged_purchase_blocks_every_loss_sale_through_day_30(
    kind: Registration, days: int, blocked: bool, as_row: bool
) -> None:
    history = (bought(days, "1", account="P", symbol="ITOT", action=Action.REINVEST),) if as_row else ()
    lots = () if as_row else (held("NEW", days, "1", account="P", symbol="ITOT"),)
    found = case([VTI, ITOT], [TAXABLE, account("P", kind)], [held("OLD", 400), *lots], history=history)
    assert window(found).no_loss_until == (ago(days) + timedelta(days=30) if blocked else None)
    assert window(found).washed_until is None
    assert free(found) == {}


@pytest.mark.parametrize(("days", "inside"), [(0, True), (30, True), (31, False)])
@pytest.mark.parametrize("action", [Action.BUY, Action.REINVEST])
def test_shares_bought_in_a_taxable_account_replace_through_day_30(days: int, inside: bool, action: Action) -> None:
    found = household(held("OLD", 400), held("NEW", days, "3"), history=(bought(days, "3", lot="NEW", action=action),))
    assert free(found) == ({"NEW": dec(3)} if inside else {})
    assert window(found).washed_until == (ago(days) + timedelta(days=30) if inside else None)


def test_a_lot_bought_in_the_window_counts_without_a_row_in_the_history() -> None:
    assert free(household(held("OLD", 400), held("NEW", 12, "7"))) == {"NEW": dec(7)}


def test_a_lot_and_its_row_are_one_purchase_named_or_not() -> None:
    for name in ("NEW", None):
        found = household(held("OLD", 400), held("NEW", 12, "7"), history=(bought(12, "7", lot=name),))
        assert free(found) == {"NEW": dec(7)}


def test_one_reinvested_share_does_not_spoil_a_thousand() -> None:
    found = household(held("OLD", 400, "1000"), held("DRIP", 10, "1"), history=(bought(10, "1", lot="DRIP"),))
    assert free(found) == {"DRIP": dec(1)}
    assert window(found).no_loss_until is None


def test_the_only_purchase_does_not_replace_its_own_shares() -> None:
    """Rev. Rul. 56-602: one purchase in the window, part of it sold, nothing else held."""
    found = household(held("NEW", 10), history=(bought(10, "100", lot="NEW"),))
    assert free(found) == {}
    assert window(found).washed_until == ago(-20), "the policy `never` still sees the purchase"


@pytest.mark.parametrize(
    ("what", "others", "history"),
    [
        ("an older lot of the group", (held("OLD", 400, "1", symbol="ITOT"),), ()),
        ("an older lot of another owner", (held("OLD", 400, "1", account="A2"),), ()),
        ("an older lot in an IRA", (held("OLD", 400, "1", account="IRA"),), ()),
        ("another purchase sold since", (), (bought(5, "2", account="A2"),)),
    ],
)
def test_with_other_shares_of_the_group_the_kept_shares_of_a_purchase_do_replace(
    what: str, others: tuple[Lot, ...], history: tuple[HistoryRow, ...]
) -> None:
    found = free(household(held("NEW", 10), *others, history=(bought(10, "100", lot="NEW"), *history)))
    assert found["NEW"] == 100, what


def test_the_only_purchase_stays_the_only_one_when_some_of_it_was_sold_at_a_gain() -> None:
    found = household(
        held("NEW", 10, "60"), history=(bought(10, "100", lot="NEW"), bought(4, "40", action=Action.SELL, lot="NEW"))
    )
    assert free(found) == {}


def test_shares_bought_in_the_window_and_sold_since_still_replace() -> None:
    """The statute has no test of being held still: the cautious reading."""
    found = household(
        held("OLD", 400),
        held("NEW", 10, "60"),
        history=(bought(10, "100", lot="NEW"), bought(4, "40", action=Action.SELL, lot="NEW")),
    )
    assert free(found) == {"NEW": dec(60), None: dec(40)}
    gone = household(held("OLD", 400), history=(bought(10, "25", lot="SOLD"),))
    assert free(gone) == {None: dec(25)}


def test_shares_that_were_sold_at_a_loss_themselves_replace_nothing() -> None:
    found = household(
        held("OLD", 400), held("NEW", 20, "60"), history=(bought(20, "100", lot="NEW"), lost(4, "40", lot="NEW"))
    )
    assert free(found) == {"NEW": dec(60)}


@pytest.mark.parametrize(
    ("what", "history", "left"),
    [
        ("a later loss than the purchase", (lost(5, "30"),), "70"),
        ("an earlier loss than the purchase", (lost(25, "30"),), "70"),
        ("day 30 between them", (lost(40, "30"),), "70"),
        ("day 31 between them", (lost(41, "30"),), "100"),
        ("two losses", (lost(25, "30"), lost(5, "30")), "40"),
        ("a larger loss than there are shares", (lost(5, "300"),), ""),
        ("a loss in the spouse's account", (lost(5, "30", account="A2", symbol="ITOT"),), "70"),
        ("a loss in an IRA is no loss", (lost(5, "30", account="IRA"),), "100"),
    ],
)
def test_each_share_replaces_once(what: str, history: tuple[HistoryRow, ...], left: str) -> None:
    found = household(held("OLD", 400), held("NEW", 10), history=(bought(10, "100", lot="NEW"), *history))
    assert free(found) == ({"NEW": dec(left)} if left else {}), what


def test_a_loss_uses_the_earliest_purchases_first() -> None:
    lots = (held("OLD", 400), held("FIRST", 20, "10"), held("SECOND", 10, "10"))
    assert free(household(*lots, history=(lost(5, "15"),))) == {"SECOND": dec(5)}


def test_an_earlier_purchase_in_an_ira_is_used_before_a_later_one_in_a_taxable_account() -> None:
    """The IRA bought 45 days ago and took the loss of day 40; the purchase of day 20 is still free."""
    lots = (held("OLD", 400), held("ROTH", 45, "10", account="IRA"), held("NEW", 20, "10"))
    assert free(household(*lots, history=(lost(40, "10"),))) == {"NEW": dec(10)}


def test_a_lot_that_carries_days_has_replaced_a_loss_already() -> None:
    lots = (held("OLD", 400), held("USED", 10, "40", holding_days_carried=200), held("FREE", 10, "60"))
    assert free(household(*lots, history=(bought(10, "100", lot="USED"), lost(5, "40")))) == {"FREE": dec(60)}


def test_a_row_inside_the_window_is_no_purchase_of_an_older_lot() -> None:
    """The row names a lot of 2023: what it bought is not in that lot, so it counts as sold since."""
    found = household(held("OLD", 400), history=(bought(10, "3", lot="OLD", action=Action.REINVEST),))
    assert free(found) == {None: dec(3)}


def test_purchases_of_one_day_share_the_lots_of_that_day() -> None:
    lots = (held("OLD", 400), held("X", 10, "5"))
    rows = (bought(10, "4", lot="X"), bought(10, "6", lot="X"), lost(2, "5", lot="X"))
    assert free(household(*lots, history=rows)) == {"X": dec(5)}


def test_a_purchase_named_by_a_lot_that_is_gone_is_not_found_in_its_neighbour() -> None:
    rows = (bought(10, "10", lot="GONE"), lost(2, "10", lot="GONE"), bought(10, "5", lot="X"))
    found = household(held("OLD", 400), held("X", 10, "5"), history=rows)
    assert free(found) == {}, "the loss of GONE used the shares of X, and GONE's own replace nothing"
    assert window(found).no_purchase_until == ago(-28)


def test_a_purchase_that_a_wash_sale_has_split_in_two_lots_is_still_one_purchase() -> None:
    lots = (held("USED", 10, "40", holding_days_carried=200), held("FREE", 10, "60"))
    row = bought(10, "100", lot="USED")
    assert free(household(*lots, history=(row,))) == {}
    assert free(household(held("OLD", 400), *lots, history=(row,))) == {"FREE": dec(60)}


def test_two_purchases_of_one_day_are_two_purchases() -> None:
    lots = (held("X", 10, "5"), held("Y", 10, "7"))
    rows = (bought(10, "5", lot="X"), bought(10, "7", lot="Y"))
    assert free(household(*lots, history=rows)) == {"X": dec(5), "Y": dec(7)}


some_day = st.sampled_from([0, 1, 10, 10, 20, 30, 31, 40, 61, 400])
some_account = st.sampled_from(["A1", "A1", "A2", "IRA"])
some_symbol = st.sampled_from(["VTI", "VTI", "ITOT"])
some_shares = st.sampled_from(["1", "2.5", "10", "40"])
some_lot = st.sampled_from(["L0", "L1", "L2", "GONE", None])


@st.composite
def households(draw: st.DrawFn) -> Case:
    lots = [
        held(f"L{i}", draw(some_day), draw(some_shares), account=draw(some_account), symbol=draw(some_symbol))
        for i in range(draw(st.integers(0, 3)))
    ]
    lots = [replace(x, holding_days_carried=draw(st.sampled_from([0, 0, 0, 50]))) for x in lots]
    rows = [
        draw(st.sampled_from([bought, bought, lost]))(
            draw(some_day),
            draw(some_shares),
            account=draw(some_account),
            symbol=draw(some_symbol),
            lot=draw(some_lot),
        )
        for _ in range(draw(st.integers(0, 4)))
    ]
    return household(*lots, history=tuple(rows))


@given(households())
def test_the_audit_reads_every_history_alike(found: Case) -> None:
    shares = sum(free(found).values())
    traded = sum(r.quantity for r in found.history) + sum(x.quantity for x in found.lots)
    assert 0 <= shares <= traded


@given(households(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(found: Case, shuffler: Random) -> None:
    lots, rows = list(found.lots), list(found.history)
    shuffler.shuffle(lots)
    shuffler.shuffle(rows)
    windows = group_windows(found.as_of, found.securities, found.accounts, found.lots, found.history)
    assert group_windows(found.as_of, found.securities, found.accounts, lots, rows) == windows
