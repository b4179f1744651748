"""The list of what an optimizer must not get wrong, 1 to 12, each as a household with its exact figures."""

import os
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

import engine.rebalance.solve as under_test
from benchmarks.scale_case import scale_case
from engine.portfolio import Account, Action, Lot, PlanKind, Side
from engine.rebalance.audit import audit_proposal
from engine.rebalance.audit_figures import books
from engine.rebalance.case import Case
from engine.rebalance.proposal import DoNotBuy, Proposal, Status
from engine.rebalance.solve import solve
from engine.tax.wash_coverage import AccountRecords, coverage_gaps
from tests.builders import AS_OF, account, dec, random_case, tax
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
from tests.engine.rebalance.solving import bought, filled, sold, solved
from workflow.case_file import decode_case, encode

D = Decimal
THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
MONTH = timedelta(days=30)
OLD = stock("130000", days=400, name="OLD")
"""A thousand shares at a long-term loss of $30 each."""
SPOUSE = replace(account("B1", cash=D(0)), owner="spouse")


def harvest(*lots: Lot, accounts: Sequence[Account] = (), **changes: object) -> Case:
    """Return a household of stock alone that may hold OTH instead of STK."""
    values: dict[str, object] = {"targets": ALL_STOCK, "buy_list": EITHER, **changes}
    return household(accounts or [home(), SPOUSE, IRA], lots, **values)  # type: ignore[arg-type]


def outcome(proposal: Proposal) -> tuple[float, float, float]:
    """Return what counts long-term, the losses that count and those disallowed, in dollars."""
    return float(proposal.tax.long_term), float(proposal.tax.harvested_loss), float(proposal.tax.disallowed)


@pytest.mark.parametrize(("days", "disallowed"), [(0, 300), (29, 300), (30, 300), (31, 0)])
@pytest.mark.parametrize("buyer", ["A1", "B1"])
def test_ten_shares_bought_up_to_30_days_before_wash_ten_in_either_spouses_account(
    days: int, disallowed: int, buyer: str
) -> None:
    """1 and 7: the near side of the window."""
    new = stock("1000", "10", days=days, name="NEW", account=buyer, locked=True)
    proposal = solved(harvest(OLD, new))
    assert sold(proposal) == {"OLD": 1000}
    assert outcome(proposal) == (-30_000 + disallowed, 30_000 - disallowed, disallowed)


@pytest.mark.parametrize(("days", "is_sold"), [(10, False), (30, False), (31, True)])
def test_a_purchase_in_an_ira_up_to_30_days_before_stops_the_loss(days: int, is_sold: bool) -> None:
    """1 and 7: one share in the IRA, and the loss of a thousand would be at stake."""
    proposal = solved(harvest(OLD, history=(row(days, Action.BUY, "1", account="IRA"),)))
    assert sold(proposal) == ({"OLD": D(1000)} if is_sold else {})
    waits = [(s.reason_code, s.until) for s in proposal.suppressed if s.side is Side.SELL]
    assert waits == ([] if is_sold else [("wash_sale_ira_purchase", ago(days) + MONTH)])


@pytest.mark.parametrize(("days", "is_bought"), [(1, False), (30, False), (31, True)])
@pytest.mark.parametrize("buyer", ["B1", "IRA"])
def test_a_loss_of_one_spouse_stops_purchases_of_the_other_through_day_30(
    days: int, is_bought: bool, buyer: str
) -> None:
    """1 and 7: the far side of the window."""
    accounts = [replace(a, cash=D(50_000)) if a.id == buyer else a for a in (home(), SPOUSE, IRA)]
    past = row(days, Action.SELL, loss_quantity=D(10))
    proposal = solved(household(accounts, targets=ALL_STOCK, history=(past,)))
    assert bought(proposal) == ({(buyer, "STK"): D(499)} if is_bought else {})


def test_a_new_lot_a_restricted_lot_and_one_reinvested_share_in_one_harvest() -> None:
    """2: of four lots two are harvested; ten new shares and one reinvested one wash eleven of the oldest."""
    lots = [
        stock("65000", "500", days=900, name="A"),
        stock("60000", "500", days=400, name="B"),
        stock("26000", "200", days=800, name="LOCKED", locked=True),
        stock("1000", "10", days=5, name="NEW", locked=True),
        stock("100", "1", days=20, name="DRIP", locked=True),
    ]
    rows = (row(5, Action.BUY, "10", lot="NEW"), row(20, Action.REINVEST, "1", lot="DRIP"))
    proposal = solved(harvest(*lots, history=rows))
    assert sold(proposal) == {"A": 500, "B": 500}
    assert outcome(proposal) == (-25_000 + 330, 25_000 - 330, 330)


@pytest.mark.parametrize(("least", "trades"), [("0", 2), ("2500", 0)])
def test_a_leg_that_is_too_small_does_not_leave_the_other(least: str, trades: int) -> None:
    """3 and 5: $2,000 of stock at a loss of $200; without its replacement the sale costs more than it saves."""
    rest = stock("98000", "980", days=900, symbol="KEEP", name="REST", locked=True)
    keep = replace(STOCK, symbol="KEEP")
    lot = stock("2200", "20", days=400)
    case = harvest(lot, rest, accounts=[home(min_trade=dec(least))], securities=(STOCK, OTHER, BOND, keep))
    proposal = solved(case)
    assert len(proposal.trades) == trades
    assert proposal.tax.harvested_loss == (200 if trades else 0)


def test_each_sale_states_the_gain_and_the_term_of_the_lots_it_sells() -> None:
    """4."""
    lots = [
        stock("40000", "500", days=900, name="LONG"),
        stock("45000", "500", days=100, name="SHORT"),
        stock("1", "100", days=900, name="CHEAP", locked=True),
    ]
    proposal = solved(household(home(withdraw=D(99_980)), lots, targets=ALL_STOCK))
    (sale,) = proposal.trades
    assert {(s.id, float(s.gain)) for s in sale.lots} == {("LONG", 10_000.0), ("SHORT", 5000.0)}
    assert (float(proposal.tax.short_term), float(proposal.tax.long_term)) == (5000, 10_000)
    assert proposal.breakdown.tax == dec("0.408") * 5000 + dec("0.238") * 10_000
    assert proposal.breakdown.trading == 10


@pytest.mark.parametrize("seed", range(20 if THOROUGH else 3))
def test_each_account_keeps_its_floor_and_no_lot_is_oversold_after_rounding(seed: int) -> None:
    """5: shares at $700 to $4,000 in accounts that keep whole ones, with a floor of cents."""
    case = random_case(seed, accounts=3, lots_each=3)
    dear = tuple(replace(s, price=s.price * 9 + dec("0.37")) for s in case.securities)
    floors = tuple(replace(a, cash_reserve=dec("137.41"), withdraw=D(0)) for a in case.accounts)
    case = replace(case, securities=dear, accounts=floors)
    proposal = solved(case)
    held = {x.id: x.quantity for x in case.lots}
    assert all(sold(proposal)[name] <= held[name] for name in sold(proposal))
    assert all(c.after >= dec("137.41") for c in proposal.cash)
    exact = books(case, proposal.trades).cash
    assert all(abs(exact[c.account] - c.after) <= dec("0.005") for c in proposal.cash)


@pytest.mark.parametrize("limit", [1e-9, 0.01])
def test_out_of_time_is_feasible_with_its_gap_and_never_optimal(limit: float) -> None:
    """6."""
    case = random_case(9)
    proposal = solve(case, case_sha256="", time_limit=limit)
    assert audit_proposal(case, proposal) == ()
    assert proposal.status is Status.FEASIBLE
    assert proposal.gap == proposal.objective - proposal.bound > 0
    assert proposal.trades or any("time limit" in reason for reason in proposal.reasons)


def test_a_household_that_cannot_is_infeasible_and_says_what_is_in_the_way() -> None:
    """6."""
    proposal = solved(household(home(withdraw=D(5000)), stock(locked=True)))
    assert proposal.status is Status.INFEASIBLE
    assert proposal.trades == ()
    assert "account A1 needs $5,000.00 more cash" in proposal.reasons[0]
    assert "lot L1 is locked" in proposal.reasons[0]


def test_a_failure_of_the_engine_is_an_error_and_never_an_empty_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """6."""

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the solver broke")

    monkeypatch.setattr(under_test, "planned", broken)
    with pytest.raises(RuntimeError, match="the solver broke"):
        solve(household(home(100_000)), case_sha256="")


@pytest.mark.parametrize(
    ("case", "says"),
    [
        (household(home(), stock(), targets=ALL_STOCK), "Every asset class is inside its band."),
        (household(home(), stock(locked=True), targets={"bond": "1"}), "no trade that the rules allow"),
        (household(home(100_000), buy_list={}), "no trade that the rules allow"),
        (household(home(100_000), policy=sharp(plan=PlanKind.NOTHING)), "trades nothing"),
    ],
    ids=["on target", "locked", "nothing to buy", "asked for nothing"],
)
def test_a_plan_without_trades_says_why(case: Case, says: str) -> None:
    """6."""
    proposal = solved(case)
    assert proposal.trades == ()
    assert any(says in reason for reason in proposal.reasons), proposal.reasons


def test_each_harvest_names_the_group_it_must_not_buy_and_until_when() -> None:
    """8: the group as declared, by trade and for the household."""
    index = (replace(STOCK, identity_group="LARGE CAP INDEX"), OTHER, BOND)
    proposal = solved(harvest(OLD, securities=index))
    (sale,) = [t for t in proposal.trades if t.side is Side.SELL]
    assert "LARGE CAP INDEX is not to be bought in any account through 2025-07-30." in sale.reason
    assert proposal.do_not_buy == (DoNotBuy("LARGE CAP INDEX", AS_OF + MONTH),)


def test_records_that_start_too_late_are_said_with_their_first_day() -> None:
    """8: a history from June 1 on does not show May 31, the first day of the window."""
    late = AccountRecords("A1", "Joint 1", AS_OF, ago(29), lots_known=False)
    (gap,) = coverage_gaps([late], AS_OF, oldest=AS_OF)
    assert gap.what == "the activity of Joint 1 starts on 2025-06-01"
    assert gap.serious
    assert coverage_gaps([replace(late, trades_from=ago(30))], AS_OF, oldest=AS_OF) == ()


def test_a_loss_split_over_fractions_keeps_every_cent() -> None:
    """9: three lots of thirds of shares sold in one order of ten; gains and basis sum to the amount."""
    lots = [stock(basis, "3.3333", days=400 + i, name=f"L{i}") for i, basis in enumerate(("500.01", "499.99"))]
    lots.append(stock("500.02", "3.3334", days=402, name="L2"))
    proposal = solved(harvest(*lots, accounts=[home()]))
    (sale,) = [t for t in proposal.trades if t.side is Side.SELL]
    assert sale.amount == 1000
    assert sum(s.gain for s in sale.lots) == 1000 - dec("1500.02")
    assert proposal.tax.harvested_loss == dec("500.02")


def test_what_was_done_is_not_done_again() -> None:
    """9: a rebalance with a harvest, a purchase and a sale at a gain, filled the same day."""
    lots = [OLD, stock("40000", "500", days=900, name="GAIN", account="B1")]
    case = harvest(*lots, targets={"us_equity": "0.6", "bond": "0.4"})
    first = solved(case)
    assert len(first.trades) >= 3
    again = solved(filled(case, first))
    assert again.trades == ()
    assert again.reasons


@pytest.mark.parametrize(
    ("year", "saved"),
    [
        ({"ytd_short_term": D(30_000)}, "12240.00"),  # 40.8 % of 30,000
        ({"ytd_long_term": D(30_000)}, "7140.00"),  # 23.8 %
        ({"ytd_long_term": D(30_000), "carryforward_long_term": D(30_000)}, "4350.00"),  # as below: nothing to offset
        ({}, "4350.00"),  # 37 % of 3,000 and 12 % of 27,000
        ({"ytd_loss_deduction_used": D(3000)}, "3600.00"),  # 12 % of all of it
        ({"ytd_long_term": D(-30_000)}, "3600.00"),
    ],
)
def test_a_loss_is_worth_what_the_year_makes_of_it(year: dict[str, Decimal], saved: str) -> None:
    """10: the same loss of $30,000 each time."""
    proposal = solved(replace(harvest(OLD), tax=tax(**year)))
    assert outcome(proposal) == (-30_000, 30_000, 0)
    assert proposal.breakdown.tax == -dec(saved)
    assert proposal.breakdown.deferred == 3000


def test_a_loss_worth_only_its_carry_value_is_left_where_that_is_less_than_the_later_tax() -> None:
    """10: no gains and the $3,000 used; carried at 8 %, the loss is worth less than the 10 % of a lower basis."""
    position = tax(ytd_loss_deduction_used=D(3000), loss_carry_rate=dec("0.08"))
    assert solved(replace(harvest(OLD), tax=position)).trades == ()


@pytest.mark.parametrize("seed", [*range(20 if THOROUGH else 4), -1])
def test_drift_is_never_raised_but_for_tax_and_holding_costs_that_are_shown(seed: int) -> None:
    """11."""
    case = decode_case(encode(scale_case(10, 5)), "scale") if seed < 0 else random_case(seed)
    proposal = solved(case)
    if proposal.status is Status.INFEASIBLE or any(a.cash < a.cash_reserve + a.withdraw for a in case.accounts):
        return
    before, after = books(case, ()), proposal.breakdown
    raised = after.drift - before.drift
    assert raised <= (before.holding - after.holding) - after.tax - after.deferred - after.trading + dec("0.05")
    stated = {c.asset_class: c.after for c in proposal.classes}
    value = before.value
    true = books(case, proposal.trades).after
    assert all(abs(stated[name] - true[name] / value) < dec("0.0000001") for name in stated)


def test_taxes_may_pay_for_drift_and_the_weights_say_so() -> None:
    """11: with no other fund to buy, a loss of $30,000 is worth a year without the class."""
    case = replace(harvest(OLD, buy_list={"us_equity": ("STK",)}), tax=tax(ytd_short_term=D(90_000)))
    proposal = solved(replace(case, policy=sharp(drift_rate_outside=dec("0.01"), drift_rate_inside=dec("0.01"))))
    assert sold(proposal) == {"OLD": 1000}
    assert proposal.breakdown.tax == dec("-12240.00")
    weights = {c.asset_class: (c.before, c.after) for c in proposal.classes}
    assert [float(weight) for weight in weights["us_equity"]] == [1, 0]
    assert proposal.breakdown.drift == dec("1999.90"), "1 % of 100,000 of stock and of 99,990 of cash"


def test_the_scale_series_ends_in_time_with_its_gap() -> None:
    """12: 500 funds of 20 lots in about a second; 50 funds when tests are run in passing."""
    case = decode_case(encode(scale_case(500 if THOROUGH else 50, 20)), "scale")
    solve(case, case_sha256="")
    start = time.perf_counter()
    proposal = solve(case, case_sha256="")
    seconds = time.perf_counter() - start
    assert proposal.status is Status.OPTIMAL
    assert 0 <= proposal.gap == proposal.objective - proposal.bound <= 25
    assert seconds < (3 if THOROUGH else 1)
