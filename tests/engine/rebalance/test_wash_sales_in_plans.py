"""Wash sales inside a proposal: what the ledger would disallow brings no loss now, the rest counts in full."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.portfolio import Action, HistoryRow, Lot, Registration, WashSalePolicy
from engine.rebalance.case import Case
from engine.rebalance.eligibility import survey
from engine.rebalance.orders import UNIT
from engine.rebalance.program import build_program
from engine.rebalance.proposal import DoNotBuy, Proposal
from engine.rebalance.rounding import any_shares
from tests.builders import AS_OF, account, dec, tax
from tests.engine.rebalance.enumeration import Household
from tests.engine.rebalance.households import (
    ALL_STOCK,
    BOND,
    EITHER,
    IRA,
    OTHER,
    STOCK,
    ago,
    home,
    household,
    row,
    sharp,
    stock,
)
from tests.engine.rebalance.solving import bought, plan_of, sold, solved

D = Decimal
OLD = stock("130000", days=400, name="OLD")
"""A thousand shares at a long-term loss of $30 each."""


def new(days: int, quantity: str = "1", basis: str | None = None, **changes: object) -> Lot:
    """Return shares bought in the window at the price of today, not to be sold unless said."""
    at_price = str(Decimal(quantity) * 100)
    return stock(basis or at_price, quantity, days, **{"name": "NEW", "locked": True, **changes})


def harvest(*lots: Lot, history: Sequence[HistoryRow] = ()) -> Case:
    """Return a household that gains by selling STK at a loss and holding OTH instead."""
    accounts = [home(), account("A2", cash=D(0)), IRA]
    return household(accounts, lots, targets=ALL_STOCK, buy_list=EITHER, history=history)


def never(case: Case) -> Case:
    return replace(case, policy=sharp(wash_sales=WashSalePolicy.NEVER))


def outcome(proposal: Proposal) -> tuple[float, float, float]:
    """Return what counts long-term, what was harvested and what is disallowed, in whole dollars or not."""
    return float(proposal.tax.long_term), float(proposal.tax.harvested_loss), float(proposal.tax.disallowed)


def short_outcome(proposal: Proposal) -> tuple[float, float]:
    """Return what counts short-term and what is disallowed."""
    return float(proposal.tax.short_term), float(proposal.tax.disallowed)


def test_one_reinvested_share_does_not_spoil_a_thousand() -> None:
    proposal = solved(harvest(OLD, new(10), history=(row(10, Action.REINVEST, "1", lot="NEW"),)))
    assert sold(proposal) == {"OLD": 1000}
    assert outcome(proposal) == (-29_970, 29_970, 30)
    assert bought(proposal).keys() == {("A1", "OTH")}
    assert proposal.do_not_buy == (DoNotBuy("STK", AS_OF + timedelta(days=30)),)


@pytest.mark.parametrize(("days", "disallowed"), [(0, 300), (30, 300), (31, 0)])
@pytest.mark.parametrize("where", ["A1", "A2"])
def test_ten_shares_bought_through_day_30_replace_ten(days: int, disallowed: int, where: str) -> None:
    proposal = solved(harvest(OLD, new(days, "10", account=where)))
    assert outcome(proposal) == (-30_000 + disallowed, 30_000 - disallowed, disallowed)


def test_what_is_disallowed_does_not_count_for_deferred_tax_either() -> None:
    proposal = solved(harvest(OLD, new(10, "10")))
    assert proposal.breakdown.deferred == dec("2970.00"), "10 % of the 29,700 that count"
    assert proposal.breakdown.tax == dec("-1110.00") - dec("3204.00"), "3,000 x 37 %, 26,700 x 12 %"


def test_so_many_replacements_leave_nothing_to_gain() -> None:
    case = harvest(OLD, new(10, "1000"))
    assert solved(case).trades == ()
    few = solved(harvest(OLD, new(10, "500")))
    assert outcome(few) == (-15_000, 15_000, 15_000)


def test_the_replacement_is_sold_too_where_that_saves_the_loss() -> None:
    """A lot bought ten days ago that is sold in the same proposal is kept by nobody: all 30,000 count."""
    proposal = solved(harvest(OLD, new(10, "10", locked=False)))
    assert sold(proposal) == {"OLD": 1000, "NEW": 10}
    assert outcome(proposal) == (-30_000, 30_000, 0)


def test_losses_are_matched_oldest_purchase_first() -> None:
    """A hundred replacements: the older lot's loss of $10 a share goes first, that of $40 counts in full."""
    older = stock("55000", "500", days=900, name="OLDER")
    newer = stock("70000", "500", days=400, name="NEWER")
    proposal = solved(harvest(newer, older, new(10, "100")))
    assert sold(proposal) == {"OLDER": 500, "NEWER": 500}
    assert outcome(proposal) == (-24_000, 24_000, 1000)


def test_short_and_long_losses_are_disallowed_as_what_they_are() -> None:
    long, short = stock("55000", "500", days=900, name="LONG"), stock("70000", "500", days=100, name="SHORT")
    proposal = solved(harvest(long, short, new(10, "600")))
    assert proposal.tax.long_term == 0
    assert short_outcome(proposal) == (-16_000, 5000 + 4000)


def test_the_only_purchase_sold_in_part_is_not_its_own_replacement() -> None:
    """Rev. Rul. 56-602: half of the one lot, bought ten days ago, to raise cash; the loss counts."""
    case = household(home(withdraw=D(49_990)), stock("130000", days=10), securities=(STOCK,), targets=ALL_STOCK)
    proposal = solved(replace(case, policy=sharp(drift_rate_outside=D(9), drift_rate_inside=D(9))))
    assert sold(proposal) == {"L1": 500}
    assert short_outcome(proposal) == (-15_000, 0)


def test_with_other_shares_held_the_kept_half_replaces_the_sold_half() -> None:
    other = replace(stock("1", "1", days=900), id="KEPT", account="IRA")
    case = household(
        [home(withdraw=D(49_990)), IRA], [stock("130000", days=10), other], securities=(STOCK,), targets=ALL_STOCK
    )
    proposal = solved(replace(case, policy=sharp(drift_rate_outside=D(9), drift_rate_inside=D(9))))
    assert sold(proposal)["L1"] == 500
    assert short_outcome(proposal) == (0, 15_000)


def test_part_of_a_new_lot_has_replaced_an_earlier_loss_already() -> None:
    """Of 40 shares bought ten days ago 30 took an earlier loss; ten are left for this one."""
    history = (row(10, Action.BUY, "40", lot="NEW"), row(20, Action.SELL, "30", loss_quantity=D(30)))
    proposal = solved(harvest(OLD, new(10, "40"), history=history))
    assert outcome(proposal) == (-29_700, 29_700, 300)


@pytest.mark.parametrize("needed", [5500, 6500, 7500, 8500, 8990])
@pytest.mark.parametrize("deferred", ["0.1", "0.5"])
def test_of_a_partly_used_lot_the_used_shares_leave_first(needed: int, deferred: str) -> None:
    """40 new shares, 30 of them used up, and 50 old ones at a loss must raise cash: the program prices the true plan.

    With a high price on deferred tax a loss does harm, and the plan must not count on more of it washed than is.
    """
    history = (row(10, Action.BUY, "40", lot="NEW"), row(20, Action.SELL, "30", loss_quantity=D(30)))
    lots = (replace(OLD, quantity=D(50), cost_basis=D(6500)), new(10, "40", locked=False))
    case = harvest(*lots, history=history)
    rates = tax(deferred_tax_rate=dec(deferred))
    case = replace(case, tax=rates, accounts=(home(withdraw=D(needed)), *case.accounts[1:]))
    program = build_program(survey(case), any_shares(survey(case)), margin=0.0)
    best = program.milp.solve(absolute_gap=0.0).objective * UNIT
    proposal = solved(case)
    assert Household(case).objective(plan_of(proposal)) == pytest.approx(float(proposal.objective), abs=0.03)
    assert float(proposal.objective) == pytest.approx(best, abs=1.01)


@pytest.mark.parametrize(("days", "is_sold"), [(0, False), (30, False), (31, True)])
def test_the_policy_never_waits_through_day_30(days: int, is_sold: bool) -> None:
    proposal = solved(never(harvest(OLD, new(days))))
    assert bool(sold(proposal)) is is_sold
    waits = [s for s in proposal.suppressed if s.reason_code == "wash_sale_recent_purchase"]
    assert [s.until for s in waits] == ([] if is_sold else [ago(days) + timedelta(days=30)])


def test_the_policy_never_holds_for_the_only_purchase_as_well() -> None:
    case = harvest(stock("130000", days=10))
    assert sold(solved(case))
    assert sold(solved(never(case))) == {}


def test_the_policy_never_sees_shares_that_are_used_up_or_gone() -> None:
    for history in (
        (row(10, Action.BUY, "5", lot="GONE"),),
        (row(10, Action.BUY, "5", lot="GONE"), row(12, Action.SELL, "5", loss_quantity=D(5))),
    ):
        assert sold(solved(never(harvest(OLD, history=history)))) == {}


@pytest.mark.parametrize("kind", [k for k in Registration if not k.is_taxable])
@pytest.mark.parametrize(("days", "is_sold"), [(0, False), (30, False), (31, True)])
def test_a_purchase_in_a_tax_advantaged_account_blocks_the_whole_loss(
    kind: Registration, days: int, is_sold: bool
) -> None:
    case = harvest(OLD, history=(row(days, Action.REINVEST, "0.001", account="IRA"),))
    case = replace(case, accounts=(home(), replace(IRA, registration=kind)))
    proposal = solved(case)
    assert bool(sold(proposal)) is is_sold
    waits = [s for s in proposal.suppressed if s.reason_code == "wash_sale_ira_purchase"]
    assert [s.until for s in waits] == ([] if is_sold else [ago(days) + timedelta(days=30)])


@pytest.mark.parametrize(("days", "is_bought"), [(1, False), (30, False), (31, True)])
@pytest.mark.parametrize("buyer", ["A1", "IRA"])
def test_after_a_loss_the_group_is_bought_in_no_account_through_day_30(days: int, is_bought: bool, buyer: str) -> None:
    accounts = [home(10_000 if buyer == "A1" else 0), replace(IRA, cash=D(10_000 if buyer == "IRA" else 0))]
    past = row(days, Action.SELL, account="A1", symbol="OTH", loss_quantity=D(10))
    group = (replace(STOCK, identity_group="G"), replace(OTHER, identity_group="G"), BOND)
    case = household(accounts, securities=group, targets=ALL_STOCK, history=(past,))
    proposal = solved(case)
    assert bool(bought(proposal)) is is_bought
    waits = {(s.account, s.symbol, s.until) for s in proposal.suppressed if s.reason_code == "wash_sale_recent_loss"}
    assert waits == (set() if is_bought else {(buyer, "STK", ago(days) + timedelta(days=30))})
    expected = () if days > 30 else (DoNotBuy("G", ago(days) + timedelta(days=30)),)
    assert proposal.do_not_buy == expected


def test_a_gain_of_a_group_just_lost_may_be_sold_and_a_gain_may_be_bought_back_elsewhere() -> None:
    gain = replace(stock("99990", days=900), id="GAIN")
    case = household(home(), gain, history=(row(5, Action.SELL, loss_quantity=D(10)),))
    assert sold(solved(case)) == {"GAIN": 400}


def test_a_loss_in_an_ira_is_no_loss() -> None:
    shelter = replace(IRA, cash=D(0))
    case = household(shelter, replace(OLD, account="IRA"), buy_list=EITHER)
    case = replace(case, history=(row(5, Action.BUY, account="IRA"),))
    proposal = solved(case)
    assert sold(proposal) == {"OLD": 400}
    assert proposal.do_not_buy == ()


def test_one_direction_for_the_household_even_where_both_would_pay() -> None:
    """A1 would harvest STK, the IRA would buy it with its cash: in one proposal only one of them happens."""
    accounts = [home(), replace(IRA, cash=D(20_000))]
    case = household(accounts, OLD, targets=ALL_STOCK, buy_list={"us_equity": ("STK",)})
    proposal = solved(case)
    assert bool(sold(proposal)) != bool(bought(proposal))
    assert bought(proposal) == {("IRA", "STK"): 199}
