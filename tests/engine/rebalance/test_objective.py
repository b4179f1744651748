"""Each part of what a proposal minimizes, worked out by hand; then the tax inside the program against Schedule D."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.portfolio import Policy, Registration, TaxPosition
from engine.rebalance.case import Case
from engine.rebalance.eligibility import survey
from engine.rebalance.orders import UNIT
from engine.rebalance.program import build_program
from engine.tax.schedule_d import tax_change
from tests.builders import account, dec, security, tax
from tests.engine.rebalance.households import BOND, BUY_LIST, IRA, STOCK, TARGETS, home, household, sharp, stock
from tests.engine.rebalance.solving import bought, sold, solved
from tests.engine.tax.test_schedule_d import positions

D = Decimal
FREE = replace(STOCK, half_spread_bp=D(0))


def idle(cash: int, shares: int, **changes: object) -> Case:
    """Return a household of $100 shares and cash that can buy and sell nothing: 60 % stock, 40 % cash is the target."""
    policy = Policy(**changes)  # type: ignore[arg-type]
    lots = [replace(stock(quantity=str(shares), basis="1"), locked=True)] if shares else []
    targets = {"us_equity": "0.6", "cash": "0.4"}
    return household(home(cash), lots, securities=(FREE,), targets=targets, buy_list={}, policy=policy)


@pytest.mark.parametrize(
    ("stock_shares", "drift"),
    [
        # V = 100,000; bands of 20 % of target: $12,000 for stock, $8,000 for cash; both are off by the same dollars
        (600, "0"),
        (560, "0"),  # $4,000: the inner half of each band is free
        (550, "4"),  # $5,000: 0.4 % of $1,000 over half the band of cash
        (530, "16"),  # $7,000: 0.4 % of (1,000 + 3,000)
        (520, "24"),  # $8,000: the edge of the band of cash
        (480, "200"),  # $12,000: 0.4 % of 6,000 and of 4,000, then 4 % of 4,000 over the band of cash
        (400, "840"),  # $20,000: 24 + 16 inside, 4 % of (8,000 + 12,000) outside
        (800, "840"),  # the other side costs the same
    ],
)
def test_drift_is_free_then_inside_then_outside_the_band(stock_shares: int, drift: str) -> None:
    case = idle(100_000 - 100 * stock_shares, stock_shares)
    proposal = solved(case)
    assert proposal.trades == ()
    assert proposal.breakdown.drift == proposal.objective == proposal.bound == dec(drift)


def test_the_absolute_band_rules_where_it_is_wider() -> None:
    """1 % of 100,000 = $1,000 against 20 % of a 2 % target: cash off by $2,000 costs 0.4 % x 500 + 4 % x 1,000."""
    case = replace(idle(4000, 960), targets={"us_equity": dec("0.98"), "cash": dec("0.02")})
    assert solved(case).breakdown.drift == dec("42.00")
    narrower = replace(case, policy=Policy(band_absolute=D(0)))
    assert solved(narrower).breakdown.drift == dec("64.80"), "band of $400: 0.4 % x 200 + 4 % x 1,600"


def test_a_class_without_a_target_is_off_by_all_it_is_worth() -> None:
    """$5,000 of an untargeted class: a band of 1 % = $1,000, so 0.4 % x 500 + 4 % x 4,000; cash is short by as much."""
    case = replace(idle(5000, 950), targets={"us_equity": dec("0.95")})
    assert solved(case).breakdown.drift == dec("162.00")


def test_what_is_withdrawn_is_not_in_the_value() -> None:
    """40,000 in cash, 10,000 of it to be paid out: V = 90,000, cash 30,000 = a third against 40 %."""
    case = idle(40_000, 600)
    case = replace(case, accounts=(home(40_000, withdraw=D(10_000)),))
    proposal = solved(case)
    weights = {c.asset_class: c for c in proposal.classes}
    assert weights["cash"].before == dec("0.33333333")
    assert weights["us_equity"].before == dec("0.66666667")
    assert proposal.breakdown.drift == dec("12.00"), "$6,000 off, half bands 5,400 and 3,600: 0.4 % x (600 + 2,400)"


def test_holding_costs_location_and_carry() -> None:
    securities = (replace(STOCK, carry_bp=D(3)), replace(BOND, carry_bp=D(10)))
    lots = [
        stock("1", "100", locked=True),
        replace(stock("1", "200", symbol="BND", name="B1", locked=True), account="A1"),
        replace(stock("1", "400", symbol="BND", name="B2", locked=True), account="IRA"),
    ]
    rates = {"bond": {"taxable": dec("0.012"), "roth_ira": dec("0.5")}, "cash": {"taxable": dec("0.9")}}
    case = household([home(500), IRA], lots, securities=securities, buy_list={}, policy=sharp(location_rate=rates))
    # 10,000 x 3 bp + 10,000 x (1.2 % + 10 bp) + 20,000 x 10 bp; cash is no holding
    assert solved(case).breakdown.holding == dec("3.00") + dec("130.00") + dec("20.00")


def test_trading_costs_the_half_spread_on_both_sides_and_a_ticket_an_order() -> None:
    securities = (replace(STOCK, half_spread_bp=D(5)), replace(BOND, half_spread_bp=D(20)))
    case = household(home(ticket_charge=dec("4.95")), stock(), securities=securities)
    proposal = solved(case)
    assert sold(proposal) == {"L1": 400}
    assert bought(proposal) == {("A1", "BND"): 797}, "40,000 - 20 - 4.95 pay for 797 at 50 with 20 bp and a ticket"
    assert proposal.breakdown.trading == dec("109.60"), "20.00 + 79.70 + 9.90"
    (cash,) = proposal.cash
    assert cash.after == 40_000 - 39_850 - dec("109.60")
    assert proposal.turnover == dec("0.39925"), "(40,000 + 39,850) / 2 of 100,000"


def test_a_ticket_is_paid_once_for_an_order_of_many_lots() -> None:
    lots = [replace(stock("10000", "100"), id=f"L{i}") for i in range(10)]
    proposal = solved(household(home(ticket_charge=D(10)), lots, securities=(FREE, replace(BOND, half_spread_bp=D(0)))))
    assert len(sold(proposal)) == 4
    assert proposal.breakdown.trading == 20


def test_a_ticket_that_costs_more_than_the_drift_stops_the_order() -> None:
    lots = [stock("61000", "610"), stock("39000", "780", symbol="BND", name="B")]
    case = household(home(), lots)
    assert solved(case).trades
    dear = replace(case, accounts=(home(ticket_charge=D(60)),))
    assert solved(dear).trades == ()


@pytest.mark.parametrize(
    ("position", "basis", "days", "tax_now", "deferred"),
    [
        # all 1,000 shares at $100 are sold for cash
        (tax(), "90000", 400, "2380.00", "-1000.00"),  # 10,000 x 23.8 %, less 10 % of it later
        (tax(), "90000", 200, "4080.00", "-1000.00"),
        (tax(), "104000", 400, "-1230.00", "400.00"),  # 3,000 x 37 % + 1,000 x 12 %; the basis is lower later
        (tax(ytd_short_term=D(4000)), "104000", 400, "-1632.00", "400.00"),  # wipes out a short-term gain
        (tax(ytd_long_term=D(4000)), "104000", 200, "-952.00", "400.00"),
        (tax(carryforward_long_term=D(10_000)), "90000", 400, "1950.00", "-1000.00"),  # 1,110 + 7,000 x 12 %
        (tax(deferred_tax_rate=D(0), ytd_loss_deduction_used=D(3000)), "104000", 400, "-480.00", "0.00"),
    ],
)
def test_tax_now_and_tax_later(position: TaxPosition, basis: str, days: int, tax_now: str, deferred: str) -> None:
    case = household(home(), stock(basis, days=days), securities=(FREE,), targets={"cash": "1"}, position=position)
    proposal = solved(replace(case, policy=sharp(drift_rate_outside=D(1), drift_rate_inside=D(1))))
    assert sold(proposal) == {"L1": 1000}
    assert proposal.breakdown.tax == proposal.tax.after - proposal.tax.before == dec(tax_now)
    assert proposal.breakdown.deferred == dec(deferred)
    assert proposal.objective == dec(tax_now) + dec(deferred)


def test_the_parts_sum_to_the_objective_to_the_cent() -> None:
    third = (
        replace(STOCK, price=dec("33.333333"), half_spread_bp=dec("1.7")),
        replace(BOND, price=dec("7.77"), carry_bp=dec("3.3")),
    )
    proposal = solved(household(home(7777), stock("41234.57"), securities=third))
    parts = proposal.breakdown
    assert parts.drift + parts.tax + parts.deferred + parts.trading + parts.holding == proposal.objective
    assert all(p == p.quantize(D("0.01")) for p in (parts.drift, parts.tax, parts.trading, parts.holding))
    assert proposal.gap == proposal.objective - proposal.bound


def test_what_is_kept_where_it_costs_less_is_moved() -> None:
    """Bonds cost 1.2 % a year in the taxable account and nothing in the IRA: the exposure changes places."""
    lots = [
        replace(stock("40000", "800", symbol="BND"), id="B"),
        replace(stock("60000", "600"), id="S", account="IRA"),
    ]
    case = household([home(), IRA], lots, policy=sharp(location_rate={"bond": {"taxable": dec("0.012")}}))
    proposal = solved(case)
    assert sold(proposal)["B"] >= 799
    assert bought(proposal).keys() == {("A1", "STK"), ("IRA", "BND")}
    assert proposal.breakdown.holding < 1


def forced(position: TaxPosition, gains: tuple[Decimal, Decimal, Decimal, Decimal]) -> Case:
    """Return a household that must sell everything: lots with these gains, short, short, long, long."""
    lots = [
        replace(stock(str(40_000 - gain), "400", days=days), id=f"L{i}")
        for i, (gain, days) in enumerate(zip(gains, (100, 100, 900, 900), strict=True))
    ]
    seller = home(0, withdraw=D(160_000))
    case = household(seller, lots, securities=(FREE,), buy_list={}, position=position)
    return replace(case, policy=Policy(drift_rate_inside=D(0), drift_rate_outside=D(0)))


some_gain = st.decimals("-20000", "20000", places=0)


@settings(max_examples=60, deadline=None)
@given(positions(), st.tuples(some_gain, some_gain, some_gain, some_gain), some_gain, some_gain)
def test_the_tax_inside_the_program_is_schedule_d(
    rates: TaxPosition, gains: tuple[Decimal, Decimal, Decimal, Decimal], ytd_short: Decimal, ytd_long: Decimal
) -> None:
    """Whatever the rates and the signs: the regions of the program price the year like the form does."""
    position = replace(rates, ytd_short_term=ytd_short, carryforward_long_term=max(D(0), -ytd_long))
    short, long = gains[0] + gains[1], gains[2] + gains[3]
    solution = build_program(survey(forced(position, gains))).milp.solve(absolute_gap=0.0)
    expected = tax_change(position, short, long) - position.deferred_tax_rate * (short + long)
    assert solution.objective * UNIT == pytest.approx(float(expected), abs=0.02)


@settings(max_examples=25, deadline=None)
@given(positions(), st.tuples(some_gain, some_gain, some_gain, some_gain))
def test_relaxed_the_program_never_asks_for_more_tax(
    position: TaxPosition, gains: tuple[Decimal, Decimal, Decimal, Decimal]
) -> None:
    program = build_program(survey(forced(position, gains))).milp
    relaxed, exact = program.solve(absolute_gap=0.0, relaxed=True), program.solve(absolute_gap=0.0)
    assert relaxed.objective <= exact.objective + 1e-6


def test_taxes_are_of_taxable_accounts_only() -> None:
    shelter = account("P", Registration.ROTH_IRA, cash=D(0))
    proposal = solved(household(shelter, replace(stock("1"), account="P")))
    assert sold(proposal) == {"L1": 400}
    assert proposal.breakdown.tax == proposal.breakdown.deferred == 0


def test_the_targets_of_the_example_are_reached() -> None:
    proposal = solved(household(home(100_000)))
    assert bought(proposal) == {("A1", "STK"): 600, ("A1", "BND"): 799}, "the spread leaves a share less"
    assert TARGETS == {"us_equity": "0.6", "bond": "0.4"}
    assert set(BUY_LIST) == set(TARGETS)
    assert security("X").half_spread_bp == 1
