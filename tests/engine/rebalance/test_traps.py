"""Traps that rebalancing programs are known to fall into, each as a household with its exact figures.

P1 to P14 and S number the probes of other programs; the list of what they teach is in test_traps_listed.py.
"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

import pytest

from benchmarks.scale_case import scale_case
from engine.portfolio import Account, Action, Lot, Policy, Side, TaxPosition, Term
from engine.rebalance.audit_figures import books
from engine.rebalance.case import Case
from engine.rebalance.proposal import DoNotBuy, Proposal, Status
from tests.builders import AS_OF, account, dec, tax
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
from tests.engine.rebalance.solving import bought, sold, solved
from workflow.case_file import decode_case, encode

D = Decimal
MONTH = timedelta(days=30)
IN_30_DAYS = AS_OF + MONTH
OLD = stock("130000", days=400, name="OLD")
"""A thousand shares at a long-term loss of $30 each."""
ONE_GROUP = (replace(STOCK, identity_group="INDEX"), replace(OTHER, identity_group="INDEX"), BOND)


def harvest(*lots: Lot, **changes: object) -> Case:
    """Return a household of stock alone that may hold OTH instead of STK."""
    values: dict[str, object] = {"targets": ALL_STOCK, "buy_list": EITHER, **changes}
    return household(home(), lots, **values)  # type: ignore[arg-type]


def under(case: Case, **changes: object) -> Case:
    """Return the case with changes to its policy."""
    return replace(case, policy=replace(case.policy, **changes))  # type: ignore[arg-type]


def outcome(proposal: Proposal) -> tuple[float, float, float]:
    """Return what counts long-term, the losses that count and those disallowed, in dollars."""
    return float(proposal.tax.long_term), float(proposal.tax.harvested_loss), float(proposal.tax.disallowed)


@cache
def scale(securities: int, lots: int) -> Case:
    """Return S(securities, lots): $5M, one class a security, fractional lots, five basis points."""
    return decode_case(encode(scale_case(securities, lots)), "scale")


def drift_off_by(dollars: int) -> Proposal:
    """Return the plan of a household of $100,000 that can trade nothing and holds so much too much stock."""
    shares = str(D(60_000 + dollars) / 100)
    locked = stock("1", shares, locked=True)
    targets = {"us_equity": "0.6", "cash": "0.4"}
    return solved(household(home(40_000 - dollars), locked, targets=targets, buy_list={}, policy=Policy()))


@pytest.mark.parametrize(("days", "is_bought"), [(28, False), (29, False), (30, False), (31, True)])
def test_the_thirtieth_day_after_a_loss_sale_is_blocked_and_the_next_is_not(days: int, is_bought: bool) -> None:
    """P1."""
    past = row(days, Action.SELL, loss_quantity=D(10))
    proposal = solved(household(home(100_000), history=(past,)))
    assert bought(proposal).get(("A1", "STK"), D(0)) == (600 if is_bought else 0)
    waits = [(s.symbol, s.until) for s in proposal.suppressed if s.reason_code == "wash_sale_recent_loss"]
    assert waits == ([] if is_bought else [("STK", ago(days) + MONTH)])
    assert proposal.do_not_buy == (() if is_bought else (DoNotBuy("STK", ago(days) + MONTH),))


def test_two_loss_lots_of_one_fund_are_harvested_in_one_order() -> None:
    """P2."""
    first, second = stock("65000", "500", days=900, name="L1"), stock("60000", "500", days=400, name="L2")
    proposal = solved(harvest(first, second))
    (sale,) = [t for t in proposal.trades if t.side is Side.SELL]
    assert sold(proposal) == {"L1": 500, "L2": 500}
    assert [s.gain for s in sale.lots] == [-15_000, -10_000]
    assert bought(proposal) == {("A1", "OTH"): 999}
    assert outcome(proposal) == (-25_000, 25_000, 0)
    assert proposal.breakdown.tax == -(dec("0.37") * 3000 + dec("0.12") * 22_000) == -3750
    assert proposal.breakdown.deferred == 2500


@pytest.mark.parametrize(
    ("restricted", "limits"),
    [
        (stock("65000", "500", locked=True, name="NOT"), {}),
        (stock("51000", "500", name="NOT"), {"harvest_min_loss": D(5000)}),
        (stock("49900", "500", days=350, name="NOT"), {"ripening_days": 30}),
    ],
    ids=["locked", "under the threshold", "ripening"],
)
def test_a_restricted_lot_does_not_stop_the_harvest_of_the_other(restricted: Lot, limits: dict[str, object]) -> None:
    """P3."""
    proposal = solved(under(harvest(stock("60000", "500", days=400, name="L2"), restricted), **limits))
    assert proposal.status is Status.OPTIMAL
    assert sold(proposal) == {"L2": 500}
    assert bought(proposal) == {("A1", "OTH"): 499}
    assert proposal.tax.long_term == -10_000


def test_a_lot_bought_ten_days_ago_takes_only_its_own_shares_from_the_harvest_of_the_other() -> None:
    """P3, with a lot inside the wash window."""
    new = stock("10000", "100", days=10, name="NEW", locked=True)
    proposal = solved(harvest(stock("60000", "500", days=400, name="L2"), new))
    assert sold(proposal) == {"L2": 500}
    assert outcome(proposal) == (-8000, 8000, 2000)


@pytest.mark.parametrize("buyer", [account("A2", cash=D(20_000)), replace(IRA, cash=D(20_000))], ids=["spouse", "IRA"])
@pytest.mark.parametrize("basis", ["102000", "190000"])
def test_no_account_buys_what_another_sells_at_a_loss_in_the_same_run(buyer: Account, basis: str) -> None:
    """P4: a small loss gives way to the purchase, for a large one the other account holds its cash."""
    spouse = replace(buyer, owner="spouse")
    case = household([home(), spouse], stock(basis, days=400), targets=ALL_STOCK, buy_list={"us_equity": ("STK",)})
    proposal = solved(replace(case, tax=tax(ytd_long_term=D(90_000))))
    if basis == "102000":
        assert bought(proposal) == {(spouse.id, "STK"): 199}
        assert sold(proposal) == {}
        assert proposal.do_not_buy == ()
    else:
        assert sold(proposal) == {"L1": 1000}
        assert bought(proposal) == {}
        assert proposal.do_not_buy == (DoNotBuy("STK", IN_30_DAYS),)
        assert proposal.tax.harvested_loss == 90_000
        (held,) = [s for s in proposal.suppressed if s.account == spouse.id]
        assert (held.symbol, held.reason_code, held.until) == ("STK", "wash_sale_same_proposal", IN_30_DAYS)


@pytest.mark.parametrize(
    ("acquired", "day", "term"),
    [
        (date(2024, 2, 28), date(2025, 2, 28), Term.SHORT),
        (date(2024, 2, 28), date(2025, 3, 1), Term.LONG),
        (date(2024, 2, 29), date(2025, 2, 28), Term.SHORT),
        (date(2024, 2, 29), date(2025, 3, 1), Term.LONG),
        (date(2023, 2, 28), date(2024, 2, 29), Term.SHORT),
        (date(2023, 2, 28), date(2024, 3, 1), Term.LONG),
        (date(2023, 3, 1), date(2024, 3, 1), Term.SHORT),
        (date(2023, 3, 1), date(2024, 3, 2), Term.LONG),
        (date(2023, 6, 30), date(2024, 6, 30), Term.SHORT),
        (date(2023, 6, 30), date(2024, 7, 1), Term.LONG),
    ],
)
def test_a_year_is_counted_by_its_anniversary_and_not_in_days(acquired: date, day: date, term: Term) -> None:
    """P5: ten shares without basis must be sold; the tax on $1,000 is $408 or $238."""
    lot = replace(stock("0", "10"), acquired=acquired)
    case = replace(household(home(withdraw=D(999)), lot, targets=ALL_STOCK), as_of=day)
    proposal = solved(case)
    (trade,) = proposal.trades
    assert [s.term for s in trade.lots] == [term]
    assert proposal.breakdown.tax == (408 if term is Term.SHORT else 238)


def test_the_seller_pays_the_half_spread_too() -> None:
    """P6: about $40,000 sold and as much bought at 25 basis points, and a ticket for each of the two orders."""
    wide = tuple(replace(s, half_spread_bp=D(25)) for s in (STOCK, BOND))
    case = household(home(1000, ticket_charge=D(5)), stock(), securities=wide)
    proposal = solved(case)
    amounts = {t.side: t.amount for t in proposal.trades}
    assert amounts == {Side.SELL: 39_400, Side.BUY: 40_150}
    assert proposal.breakdown.trading == dec("208.88"), "98.50 + 100.375 + 10"
    assert proposal.cash[0].after == dec("41.13"), "1,000 + 39,400 - 40,150 - 208.875"


def test_one_reinvested_share_costs_one_share_of_a_thousand() -> None:
    """P7."""
    drip = stock("100", "1", days=10, name="NEW", locked=True)
    proposal = solved(harvest(OLD, drip, history=(row(10, Action.REINVEST, "1", lot="NEW"),)))
    assert sold(proposal) == {"OLD": 1000}
    assert outcome(proposal) == (-29_970, 29_970, 30)
    assert bought(proposal) == {("A1", "OTH"): 999}, "and the household stays in its class"


def test_a_loss_is_not_harvested_into_a_fund_of_the_same_index() -> None:
    """P8: STK and OTH follow one index, so neither is bought; with a third fund the loss is taken."""
    case = harvest(OLD, securities=ONE_GROUP)
    assert bought(solved(case)) == {}
    third = replace(OTHER, symbol="THIRD")
    other = replace(case, securities=(*ONE_GROUP, third), buy_list={"us_equity": ("OTH", "THIRD")})
    proposal = solved(other)
    assert sold(proposal) == {"OLD": 1000}
    assert bought(proposal) == {("A1", "THIRD"): 999}
    assert proposal.do_not_buy == (DoNotBuy("INDEX", IN_30_DAYS),)


def test_the_penalty_on_drift_is_convex() -> None:
    """P9: every $2,000 further from the target costs at least as much as those before, on both sides."""
    costs = {off: drift_off_by(off).breakdown.drift for off in range(-16_000, 16_001, 2000)}
    assert costs[0] == costs[4000] == costs[-4000] == 0, "the inner half of both bands is free"
    steps = [costs[off + 2000] - costs[off] for off in range(-16_000, 16_000, 2000)]
    assert steps == sorted(steps)
    assert [costs[off] for off in (6000, 8000, 12_000, 16_000)] == [8, 24, 200, 520]
    assert all(costs[off] == costs[-off] for off in costs)


@pytest.mark.parametrize("least", ["100", "2500"])
def test_a_minimum_trade_leaves_the_harvest_and_its_replacement_whole(least: str) -> None:
    """P11."""
    proposal = solved(replace(harvest(OLD), accounts=(home(min_trade=dec(least)),)))
    assert sold(proposal) == {"OLD": 1000}
    assert bought(proposal) == {("A1", "OTH"): 999}


@pytest.mark.parametrize(
    ("limits", "stk"),
    [({}, 900), ({"class_cap": dec("0.5")}, 500), ({"max_position": dec("0.25")}, 250), ({"max_turnover": D(0)}, 0)],
)
def test_the_caps_that_a_user_sets_reach_the_plan(limits: dict[str, object], stk: int) -> None:
    """P12: $100,000 of cash and a target of 90 % stock."""
    case = household(home(100_000), targets={"us_equity": "0.9", "cash": "0.1"}, policy=sharp(**limits))
    proposal = solved(case)
    assert bought(proposal).get(("A1", "STK"), D(0)) == stk
    assert {s.reason_code for s in proposal.suppressed} == (
        set() if not limits else {"class_cap" if "class_cap" in limits else "position_cap" if stk else "turnover"}
    )


def test_rounding_sells_no_lot_twice_and_keeps_every_cent() -> None:
    """P13: fifty lots of fractions of shares; the account keeps whole shares and orders of $100 at least."""
    case = scale(10, 5)
    proposal = solved(case)
    held = {x.id: x.quantity for x in case.lots}
    assert len(sold(proposal)) >= 5
    assert all(0 < quantity <= held[name] for name, quantity in sold(proposal).items())
    assert all(t.amount >= 100 for t in proposal.trades)
    sign = {Side.SELL: 1, Side.BUY: -1}
    moved = sum(sign[t.side] * t.amount for t in proposal.trades)
    spent = sum(dec("0.0005") * t.amount for t in proposal.trades)
    (cash,) = proposal.cash
    assert cash.after == (cash.before + moved - spent).quantize(dec("0.01"))
    assert cash.after >= 0


def test_a_gain_one_day_from_long_term_waits_for_it() -> None:
    """P14: $10,000 of gain; a day later it costs $1,700 less."""
    lot = stock("90000", days=365)
    case = household(home(), lot, targets={"bond": "1"})
    now = solved(case)
    assert sold(now) == {"L1": 1000}
    assert now.breakdown.tax == 4080
    waiting = solved(under(case, ripening_days=1))
    assert waiting.trades == ()
    (held_back,) = [s for s in waiting.suppressed if s.symbol == "STK"]
    assert (held_back.reason_code, held_back.until) == ("ripening", AS_OF)
    tomorrow = solved(replace(under(case, ripening_days=1), as_of=AS_OF + timedelta(days=1)))
    assert sold(tomorrow) == {"L1": 1000}
    assert tomorrow.breakdown.tax == 2380


def test_the_tax_of_a_trade_is_that_of_the_lots_it_sells() -> None:
    """S: the first lot has the large gain, the second the small one, and only the second is sold."""
    first, second = stock("10000", "600", days=900, name="FIRST"), stock("38000", "400", days=800, name="SECOND")
    proposal = solved(household(home(), [first, second]))
    assert sold(proposal) == {"SECOND": 400}
    (sale,) = [t for t in proposal.trades if t.side is Side.SELL]
    assert [s.gain for s in sale.lots] == [2000] == [proposal.tax.long_term]
    assert proposal.breakdown.tax == 476
    assert "$2,000" in sale.reason


@pytest.mark.parametrize(("least", "is_sold"), [("0.2307", True), ("0.2308", False)])
def test_the_harvest_threshold_is_a_part_of_the_basis_whatever_the_tax_rate(least: str, is_sold: bool) -> None:
    """S: a loss of $30,000 on $130,000 is 23.077 %."""
    for rates in (tax(), TaxPosition(dec("0.2"), dec("0.15"), dec("0.3"))):
        case = replace(harvest(OLD), tax=rates)
        assert bool(sold(solved(under(case, harvest_min_loss_pct=dec(least))))) is is_sold


def test_a_floor_of_cash_holds_over_all_lots_together() -> None:
    """S: four losses that each leave the floor alone; with their replacements they keep it too."""
    lots = [stock("32500", "250", days=400 + i, name=f"L{i}") for i in range(4)]
    case = replace(harvest(*lots), accounts=(home(5000, cash_reserve=D(5000)),))
    proposal = solved(case)
    assert set(sold(proposal)) == {"L0", "L1", "L2", "L3"}
    assert 5000 <= proposal.cash[0].after < 5100


def test_a_harvest_is_of_the_whole_class_and_not_of_a_part() -> None:
    """S: all of the class is sold at a loss and all of it bought back as another fund."""
    proposal = solved(harvest(OLD))
    after = books(harvest(OLD), proposal.trades).after["us_equity"]
    assert sold(proposal) == {"OLD": 1000}
    assert after == 99_900
