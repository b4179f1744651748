"""From continuous dollars to orders: whole shares, fractions where they are allowed, every cent kept."""

from dataclasses import replace
from decimal import Decimal

import pytest

import engine.rebalance.whole_shares as under_test
from engine.portfolio import Lot, Side
from engine.rebalance.case import Case
from engine.rebalance.eligibility import survey
from engine.rebalance.milp import Patience
from engine.rebalance.orders import UNIT
from engine.rebalance.program import build_program
from engine.rebalance.rounding import fills_of
from engine.rebalance.whole_shares import any_whole_plan, whole_plan
from tests.builders import account, dec, tax
from tests.engine.rebalance.enumeration_rules import best_plan
from tests.engine.rebalance.households import (
    ALL_STOCK,
    BOND,
    BUY_LIST,
    OTHER,
    STOCK,
    home,
    household,
    sharp,
    stock,
)
from tests.engine.rebalance.solving import bought, sold, solved

D = Decimal
FREE = (replace(STOCK, half_spread_bp=D(0)), replace(BOND, half_spread_bp=D(0)))
ALL_CASH = {"cash": "1"}


def dripped(quantity: str) -> Case:
    """Return a household that wants none of its STK at $1,000, with a fraction from reinvested dividends."""
    lot = stock(str(1000 * dec(quantity)), quantity)
    return household(home(), lot, securities=(replace(STOCK, price=D(1000)), BOND), targets=ALL_CASH)


def test_orders_are_in_whole_shares() -> None:
    proposal = solved(household(home(100_050)))
    assert all(q == q.to_integral_value() for q in bought(proposal).values())


@pytest.mark.parametrize("quantity", ["10.5", "0.5", "12.00005", "7"])
def test_a_sale_that_closes_the_position_carries_its_fraction(quantity: str) -> None:
    proposal = solved(dripped(quantity))
    assert sold(proposal) == {"L1": dec(quantity)}


def test_a_sale_that_does_not_close_leaves_the_fraction() -> None:
    case = household(home(), stock("100050", "1000.5"))
    assert sold(solved(case)) == {"L1": 400}


def test_a_position_with_a_locked_lot_is_not_closed_and_sells_whole_shares() -> None:
    lots = [stock("1050", "10.5"), stock("50", "0.5", locked=True, name="LOCKED")]
    assert sold(solved(household(home(), lots, targets=ALL_CASH))) == {"L1": 10}


def test_a_whole_order_may_take_parts_of_shares_from_its_lots() -> None:
    lots = [stock("1250", "12.5"), stock("1350", "13.5", name="L2"), stock("99000", "990", name="L3", locked=True)]
    proposal = solved(household(home(), lots, targets=ALL_CASH))
    (trade,) = proposal.trades
    assert trade.quantity == 26
    assert sold(proposal) == {"L1": dec("12.5"), "L2": dec("13.5")}


def test_proceeds_and_gains_are_split_over_lots_to_the_cent() -> None:
    securities = (replace(FREE[0], price=dec("33.333333")), FREE[1])
    lots = [stock("100.01", "3.3333"), stock("99.99", "3.3333", name="L2"), stock("100", "3.3334", name="L3")]
    proposal = solved(household(home(), lots, securities=securities, targets=ALL_CASH))
    (trade,) = proposal.trades
    assert trade.amount == dec("333.33")
    assert sum((s.gain for s in trade.lots), D(0)) == trade.amount - dec("300.00")
    assert proposal.tax.long_term == dec("33.33")


@pytest.mark.parametrize(
    ("price", "places"), [("3.17", 4), ("431.07", 4), ("20000", 6), ("712345.67", 6), ("2000000", 8)]
)
def test_fractional_accounts_spend_their_cash_and_keep_their_floor(price: str, places: int) -> None:
    securities = (replace(STOCK, price=dec(price)), BOND)
    case = household(home(99_999, fractional=True, cash_reserve=dec("17.23")), securities=securities)
    proposal = solved(case)
    (cash,) = proposal.cash
    shares = bought(proposal)["A1", "STK"]
    assert shares == shares.quantize(D(1).scaleb(-places))
    assert dec("17.23") <= cash.after < dec("17.23") + 1


def test_a_fractional_account_raises_just_what_it_needs() -> None:
    case = household(home(withdraw=dec("1234.56"), fractional=True), stock("10000"), securities=FREE, targets=ALL_STOCK)
    proposal = solved(case)
    assert sold(proposal) == {"L1": dec("12.3456")}
    assert proposal.cash[0].after == dec("1234.56")


def test_a_fractional_order_is_not_rounded_under_its_minimum() -> None:
    case = household(home(251, fractional=True, min_trade=D(250)), securities=FREE, targets=ALL_STOCK)
    (trade,) = solved(case).trades
    assert trade.amount >= 250


@pytest.mark.parametrize(("quantity", "needed", "left"), [("1000000.5", "4000", "1"), ("123456.75", "12345", "0")])
def test_whole_shares_of_pennies_are_rounded_and_not_counted(quantity: str, needed: str, left: str) -> None:
    """Ten cents a share: a share more or less is nothing, the cash and the whole shares are."""
    cheap = (replace(STOCK, price=dec("0.1"), half_spread_bp=D(0)),)
    lot = stock("1", quantity)
    proposal = solved(household(home(withdraw=dec(needed)), lot, securities=cheap, targets=ALL_STOCK))
    (trade,) = proposal.trades
    assert trade.quantity == trade.quantity.to_integral_value()
    assert dec(needed) <= proposal.cash[0].after <= dec(needed) + dec(left) + dec("0.1")


def test_pennies_are_closed_with_their_fraction() -> None:
    cheap = (replace(STOCK, price=dec("0.1")),)
    proposal = solved(household(home(), stock("1000", "10000.25"), securities=cheap, targets=ALL_CASH))
    assert sold(proposal) == {"L1": dec("10000.25")}
    part = [stock("1000", "10000.25"), stock("0", "0.5", locked=True, name="LOCKED")]
    assert sold(solved(household(home(), part, securities=cheap, targets=ALL_CASH))) == {"L1": 10_000}


def test_an_order_of_less_than_the_smallest_part_of_a_share_is_none() -> None:
    view = survey(household(home(100, fractional=True), securities=(replace(STOCK, price=D(9000)), BOND)))
    assert fills_of(view, {("A1", "STK", Side.BUY): (0.00005,)}, whole_lots=True) == ()
    (fill,) = fills_of(view, {("A1", "STK", Side.BUY): (0.00015,)}, whole_lots=True)
    assert fill.quantity == dec("0.0001")


def test_every_dollar_may_be_needed() -> None:
    """Ten shares at $100 without costs, and exactly $1,000 to pay out."""
    case = household(home(withdraw=D(1000)), stock("900", "10"), securities=FREE, targets=ALL_STOCK)
    proposal = solved(case)
    assert sold(proposal) == {"L1": 10}
    assert proposal.cash[0].after == 1000


def test_every_dollar_of_turnover_may_be_used() -> None:
    case = household(home(10_000), securities=FREE, targets=ALL_STOCK, policy=sharp(max_turnover=dec("0.25")))
    assert bought(solved(case)) == {("A1", "STK"): 50}


def test_with_dear_shares_the_best_whole_plan_is_not_near_the_continuous_one() -> None:
    """Shares at $4,000 and $7,000: the continuous plan splits, the whole one chooses."""
    securities = (replace(STOCK, price=D(7000)), replace(OTHER, price=D(4000)), replace(BOND, price=D(4000)))
    case = household(home(8100), securities=securities, targets=ALL_STOCK, buy_list={"us_equity": ("STK", "OTH")})
    proposal = solved(case)
    assert bought(proposal) == {("A1", "OTH"): 2}
    best = best_plan(case)
    assert best is not None
    assert best[0] == pytest.approx(float(proposal.objective), abs=0.02)


def test_parts_of_lots_are_whole_shares_where_that_costs_little() -> None:
    lots = [stock("50000", "500", name=f"L{i}") for i in range(2)]
    proposal = solved(household(home(17), lots))
    assert all(q == q.to_integral_value() for q in sold(proposal).values())


def test_parts_of_lots_are_fractions_where_whole_ones_would_cost() -> None:
    """One share of either lot: a gain of $1,000 in one, a loss in the other; a limit of 0 gain needs the right mix."""
    dear = tuple(replace(s, price=D(4000)) for s in FREE)
    lots = [stock("9000", "3", name="GAIN", days=900), stock("18000", "3", name="LOSS", days=900)]
    case = household(home(withdraw=D(8000)), lots, securities=dear, targets=ALL_STOCK)
    proposal = solved(replace(case, tax=tax(deferred_tax_rate=dec("0.9")), policy=sharp(max_net_gain=D(0))))
    assert sum(sold(proposal).values()) == 2
    assert 0 <= -(proposal.tax.short_term + proposal.tax.long_term) < 10
    assert sold(proposal)["GAIN"] != sold(proposal)["GAIN"].to_integral_value()


def many(count: int) -> list[Lot]:
    return [replace(stock("100", "1.0001"), id=f"L{i:02}") for i in range(count)]


def test_no_lot_is_oversold_and_the_lots_sum_to_the_order() -> None:
    lots = many(40)
    proposal = solved(household(home(withdraw=D(1730)), lots, securities=FREE, targets=ALL_STOCK))
    (trade,) = proposal.trades
    assert sum(s.quantity for s in trade.lots) == trade.quantity == 18
    assert all(0 < q <= dec("1.0001") for q in sold(proposal).values())


def test_a_plan_that_the_audit_refuses_is_a_bug_and_not_a_proposal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "audit_trades", lambda case, trades: ("cash: something is off",))
    view = survey(household(home(100_000)))
    program = build_program(view)
    shares = program.shares(program.milp.solve(absolute_gap=0.0))
    with pytest.raises(RuntimeError, match="breaks a rule: cash: something is off"):
        whole_plan(view, shares, D(0), Patience())
    with pytest.raises(RuntimeError, match="breaks a rule: cash: something is off"):
        any_whole_plan(view, 1.0 / UNIT)
    assert whole_plan(view, shares, D(0), Patience(0.0)) is None


def test_without_time_there_is_no_plan_and_no_error() -> None:
    view = survey(household(home(100_000)))
    program = build_program(view)
    shares = program.shares(program.milp.solve(absolute_gap=0.0))
    assert whole_plan(view, shares, D(0), Patience(-1.0)) is None


def test_among_too_many_orders_only_shares_near_the_continuous_ones_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "MOST_ORDERS", 1)
    dear = tuple(replace(s, price=D(30_000)) for s in (*FREE, OTHER))
    case = household([home(50_000), account("A2", cash=D(50_000))], securities=dear, buy_list=BUY_LIST)
    assert sum(bought(solved(case)).values()) >= 1
