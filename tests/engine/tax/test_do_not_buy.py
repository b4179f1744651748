"""The wash calendar: rows of the do-not-buy list and of purchases to wait for, with their days (IRC 1091(a))."""

from datetime import timedelta
from decimal import Decimal

import pytest

from engine.portfolio import Action
from engine.tax.do_not_buy import (
    LossSale,
    LossSource,
    do_not_buy,
    do_not_sell_at_a_loss,
    past_losses,
    proposed_losses,
)
from engine.tax.pretrade import analyse_sales
from tests.engine.tax.test_pretrade import DAY, OLD, ago, bought, household, lot, sale

D = Decimal


def test_each_loss_sale_has_a_row_with_its_days_and_dollars() -> None:
    rows = (
        bought(30, "10", action=Action.SELL, loss_quantity=D(4)),
        bought(30, "10", action=Action.SELL, loss_quantity=D(2)),
        bought(12, "5", account="S", symbol="Y", action=Action.SELL, loss_quantity=D(5)),
        bought(3, "5", account="IRA", action=Action.SELL, loss_quantity=D(5)),
        bought(3, "5", action=Action.SELL),
    )
    facts = household(OLD, history=rows)
    told = [LossSale("J", "X", ago(30), D(6), D("12.50")), LossSale("J", "X", ago(30), D(1), None)]
    later, earlier = do_not_buy(facts, past_losses(facts, told))
    assert (later.identity_group, later.symbols, later.account, later.symbol) == ("G", ("X", "Y"), "S", "Y")
    assert (later.until, later.free_from) == (ago(12) + timedelta(30), ago(12) + timedelta(31))
    assert (later.shares, later.loss, later.source) == (D(5), None, LossSource.MADE)
    assert (earlier.until, earlier.shares, earlier.loss) == (DAY, D(6), D("12.50"))


@pytest.mark.parametrize(("days", "listed"), [(0, 1), (30, 1), (31, 0), (-1, 0)])
def test_a_loss_is_listed_through_day_30(days: int, listed: int) -> None:
    assert len(do_not_buy(household(OLD), [LossSale("J", "UNKNOWN", ago(days), D(1), None)])) == listed


def test_the_losses_of_a_plan_are_listed_too() -> None:
    facts = household(OLD, lot("WIN", 400, "10", "10", symbol="Z"))
    plan = analyse_sales(facts, [sale(), sale("10", symbol="Z")])
    (row,) = do_not_buy(facts, proposed_losses(plan))
    assert (row.source, row.until, row.shares, row.loss) == (
        LossSource.PROPOSED,
        DAY + timedelta(30),
        D(100),
        D(200),
    )


def test_recent_purchases_of_what_a_taxable_account_holds_are_listed() -> None:
    lots = (
        OLD,
        lot("ROTH", 30, "7", "70", account="ROTH"),
        lot("TOLD", 8, "3", "30"),
        lot("SAME", 9, "2", "20"),
        lot("OUT", 31, "1", "10"),
        lot("ELSEWHERE", 3, "1", "10", account="IRA", symbol="Z"),
    )
    history = (bought(8, "5", lot="TOLD"), bought(9, "2"), bought(2, "2", action=Action.SELL), bought(40, "2"))
    rows = do_not_sell_at_a_loss(household(*lots, history=history))
    assert [(r.bought, r.lot, r.shares, r.permanent) for r in rows] == [
        (ago(8), "TOLD", D(5), False),
        (ago(9), "", D(2), False),
        (ago(30), "ROTH", D(7), True),
    ]
    assert (rows[2].until, rows[2].free_from, rows[2].symbols) == (DAY, DAY + timedelta(1), ("X", "Y"))
