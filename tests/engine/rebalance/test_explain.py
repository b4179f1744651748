"""Why each trade is made, why others are not, and why nothing is: the code and the sentence with its numbers."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.portfolio import Action, Registration, Side
from engine.rebalance.case import Case
from engine.rebalance.proposal import Suppressed
from engine.rebalance.trails import proposal_trails
from engine.trail import Trail
from tests.builders import AS_OF, account, dec, security, tax
from tests.engine.rebalance.households import (
    ALL_STOCK,
    BOND,
    EITHER,
    IRA,
    OTHER,
    STOCK,
    home,
    household,
    row,
    sharp,
    stock,
)
from tests.engine.rebalance.solving import solved

D = Decimal
LOSS = stock("103000", days=400)
BONDS_COST = sharp(location_rate={"bond": {"taxable": dec("0.012")}})
SWAP = household(
    [home(), IRA],
    [stock("40000", "800", symbol="BND", name="B"), replace(stock("60000", "600"), account="IRA", id="S")],
    policy=BONDS_COST,
)
OVERWEIGHT = (
    "US equity is 100.0% of the household against a target of 60.0%, outside its band of 0.0%; "
    "after the trades 60.0%. It realizes no gain."
)
HARVEST = (
    "Takes a loss of $3,000 ($0 of it short-term); OTH keeps the US equity exposure. "
    "STK is not to be bought in any account through 2025-07-30."
)

TRADES: list[tuple[Case, str, Side, str, str]] = [
    (household(home(100_000)), "STK", Side.BUY, "rebalance_underweight", "US equity"),
    (
        household(home(), stock()),
        "STK",
        Side.SELL,
        "rebalance_overweight",
        OVERWEIGHT,
    ),
    (household(home(), stock("90000")), "STK", Side.SELL, "rebalance_overweight", "It realizes a long-term gain of $"),
    (household(home(), stock("98000", days=99)), "STK", Side.SELL, "rebalance_overweight", "a short-term gain of $"),
    (
        household(IRA, replace(stock("1"), account="IRA")),
        "STK",
        Side.SELL,
        "rebalance_overweight",
        "No tax: the account is tax-advantaged.",
    ),
    (
        household(home(withdraw=D(5000)), stock(), targets=ALL_STOCK),
        "STK",
        Side.SELL,
        "raise_cash",
        "Raises cash: the account needs $5,000 more than it has.",
    ),
    (
        household(home(), LOSS, targets=ALL_STOCK, buy_list=EITHER),
        "STK",
        Side.SELL,
        "harvest_loss",
        HARVEST,
    ),
    (
        household(home(), LOSS, targets=ALL_STOCK, buy_list=EITHER),
        "OTH",
        Side.BUY,
        "harvest_replacement",
        "Keeps the US equity exposure of STK, sold at a loss.",
    ),
    (SWAP, "BND", Side.SELL, "reduce_cost", "of BND is kept in the account where it costs less to hold."),
    (SWAP, "STK", Side.SELL, "reduce_cost", "The US equity exposure of STK is kept in another account."),
    (SWAP, "BND", Side.BUY, "reduce_cost", "Holds bond where it costs less after tax and fees; sold elsewhere."),
]


@pytest.mark.parametrize(
    ("case", "symbol", "side", "code", "says"), TRADES, ids=[f"{i}-{t[3]}" for i, t in enumerate(TRADES)]
)
def test_a_trade_says_why(case: Case, symbol: str, side: Side, code: str, says: str) -> None:
    trade = next(t for t in solved(case).trades if (t.symbol, t.side) == (symbol, side))
    assert trade.reason_code == code
    assert says in trade.reason


def test_a_purchase_that_brings_no_class_back_invests_cash() -> None:
    """Stock is inside its band, cash is far outside: the purchase is for the cash."""
    policy = sharp(band_relative=dec("0.2"), drift_rate_outside=D(1))
    lots = [stock("57000", "570"), stock("38000", "760", symbol="BND", name="B")]
    proposal = solved(household(home(10_000), lots, policy=policy))
    assert {t.reason_code for t in proposal.trades} == {"invest_cash"}
    assert proposal.trades[0].reason == "Invests cash: it is 9.5% of the household against a target of 0.0%."


def test_a_sale_that_only_pays_says_so() -> None:
    """Stock is near its target and is sold for bonds, which are far below theirs; gold, far above, is locked."""
    gold = security("GLD", "gold")
    lots = [
        stock("62000", "620"),
        stock("20000", "400", symbol="BND", name="B"),
        stock("18000", "180", symbol="GLD", name="G", locked=True),
    ]
    targets = {"us_equity": "0.6", "bond": "0.3", "gold": "0.1"}
    policy = sharp(band_relative=dec("0.2"), drift_rate_inside=D(0), drift_rate_outside=D(1))
    case = household(home(), lots, securities=(STOCK, BOND, gold), targets=targets, policy=policy)
    trades = {t.symbol: t for t in solved(case).trades}
    assert {s: t.reason_code for s, t in trades.items()} == {"STK": "fund_purchases", "BND": "rebalance_underweight"}
    assert trades["STK"].reason == "Pays for the purchases of this account. It realizes no gain."


def test_a_sale_of_losses_and_gains_names_both() -> None:
    lots = [LOSS, stock("49000", "500", days=99, name="GAIN"), replace(stock("300000"), id="BIG", account="A2")]
    case = household(
        [home(withdraw=D(149_000)), account("A2", cash=D(0), do_not_sell=("STK",))], lots, targets=ALL_STOCK
    )
    (sale,) = solved(case).trades
    assert sale.reason_code == "raise_cash"
    taken = household(home(), [LOSS, stock("49000", "500", days=99, name="GAIN")], targets={"bond": "1"})
    sale = next(t for t in solved(taken).trades if t.symbol == "STK")
    assert sale.reason.startswith("Takes a loss of $3,000 ($0 of it short-term) and a gain of $1,000 in other lots")


@pytest.mark.parametrize(
    ("case", "says"),
    [
        (household(home(), stock(), targets=ALL_STOCK), "Every asset class is inside its band."),
        (household(home(), stock(), targets=ALL_STOCK), "No lot of a taxable account is at a loss."),
        (
            household(home(), stock(locked=True), targets={"bond": "1"}),
            "Outside their bands: bond, US equity; no trade that the rules allow is worth its cost.",
        ),
        (
            household(home(), replace(LOSS, locked=True), targets=ALL_STOCK),
            "Lots at a loss: 1; a rule or threshold holds each of them back.",
        ),
        (
            household(home(), stock("100001"), targets=ALL_STOCK, buy_list=EITHER),
            "Taking the losses there are would cost more in trading and later tax than it saves.",
        ),
    ],
)
def test_nothing_to_do_says_why(case: Case, says: str) -> None:
    proposal = solved(case)
    assert proposal.trades == ()
    assert says in proposal.reasons
    assert proposal.reasons[-1].startswith("No plan could be better than doing nothing by more than $")


def only(rows: tuple[Suppressed, ...], code: str) -> Suppressed:
    (found,) = [s for s in rows if s.reason_code == code]
    return found


def test_what_was_not_done_says_how_much_which_rule_and_until_when() -> None:
    case = household(home(), stock("98000", days=350), policy=sharp(ripening_days=30))
    found = only(solved(case).suppressed, "ripening")
    assert (found.account, found.symbol, found.side) == ("A1", "STK", Side.SELL)
    assert found.reason.startswith("Selling about $")
    assert "lot L1 turns long-term on 2025-07-16 (16 days); selling now would make $2,000.00" in found.reason
    assert found.until == AS_OF + timedelta(days=15)


def test_a_rule_without_an_end_has_no_last_day() -> None:
    case = household(home(100_000, do_not_buy=("STK",)))
    found = only(solved(case).suppressed, "do_not_buy")
    assert found.until is None
    assert found.reason.endswith("STK is on the do-not-buy list of this account.")


def test_of_two_rules_in_the_way_the_heavier_lots_rule_is_told() -> None:
    lots = [stock("30000", "300", locked=True), stock("69000", "700", days=350, name="RIPE")]
    rows = solved(household(home(), lots, policy=sharp(ripening_days=30))).suppressed
    assert [s.reason_code for s in rows if s.side is Side.SELL] == ["ripening"]


def test_a_loss_taken_here_explains_the_purchase_not_made_there() -> None:
    """A1 harvests STK at a large loss; the IRA would buy STK, the only fund on its list, and may not."""
    lots = [stock("180000", days=400)]
    accounts = [home(), account("P", Registration.ROTH_IRA, cash=D(20_000), do_not_buy=("OTH",))]
    position = tax(ytd_short_term=D(90_000))
    proposal = solved(household(accounts, lots, targets=ALL_STOCK, buy_list=EITHER, position=position))
    assert {t.reason_code for t in proposal.trades} == {"harvest_loss", "harvest_replacement"}


def test_nothing_is_suppressed_where_nothing_is_in_the_way() -> None:
    assert solved(household(home(100_000))).suppressed == ()


def test_rows_that_would_be_under_a_minimum_are_left_out() -> None:
    lots = [stock("60000", "600"), stock("39000", "780", symbol="BND", name="B")]
    case = household(home(1000, do_not_buy=("BND",), min_trade=D(2000)), lots)
    assert solved(case).suppressed == ()


@pytest.mark.parametrize("limit", ["class_cap", "max_position"])
def test_a_cap_that_leaves_room_is_not_in_the_way(limit: str) -> None:
    assert solved(household(home(100_000), policy=sharp(**{limit: dec("0.95")}))).suppressed == ()


def test_the_daily_volume_is_in_the_way_of_sales_as_well() -> None:
    thin = (replace(STOCK, adv_shares=D(1000)), OTHER, BOND)
    case = household(home(), stock(), securities=thin, policy=sharp(adv_limit=dec("0.1")))
    found = only(solved(case).suppressed, "adv_limit")
    assert found.side is Side.SELL
    assert "the limit of 10% of the daily volume is reached" in found.reason


def test_the_trails_lead_from_each_tax_figure_to_the_lots() -> None:
    lots = [LOSS, stock("100", "1", days=10, name="DRIP", locked=True)]
    case = household(home(ticket_charge=D(5)), lots, targets=ALL_STOCK, buy_list=EITHER)
    case = replace(case, history=(row(10, Action.REINVEST, "1", lot="DRIP"),))
    proposal = solved(case)
    tax_trail, counted, taken, later, costs = proposal_trails(case, proposal)
    assert tax_trail.value == pytest.approx(proposal.breakdown.tax, abs=D("0.01"))
    assert counted.value == -2997
    assert [(t.label, t.value) for t in counted.inputs] == [
        ("L1: STK, 1000 shares, long-term", D(-3000)),
        ("Losses that wash sales disallow for now", D(3)),
    ]
    assert sum(t.value for t in counted.inputs) == counted.value
    assert taken.value == 2997
    assert later.value == -later.inputs[0].value * later.inputs[1].value
    assert sum(t.value for t in costs.inputs) == pytest.approx(costs.value, abs=D("0.01"))
    assert all(_labelled(t) for t in (tax_trail, counted, taken, later, costs))


def _labelled(trail: Trail) -> bool:
    return bool(trail.label) and trail.unit in {"usd", "fraction", "shares"} and all(map(_labelled, trail.inputs))


def test_a_class_is_named_in_words() -> None:
    securities = (security("EEM", "em_equity"), security("TIP", "tips", "50"))
    case = household(
        home(100_000),
        securities=securities,
        targets={"em_equity": "0.5", "tips": "0.5"},
        buy_list={"em_equity": ("EEM",), "tips": ("TIP",)},
    )
    reasons = {t.symbol: t.reason for t in solved(case).trades}
    assert reasons["EEM"].startswith("Emerging-market equity is 0.0% of the household")
    assert reasons["TIP"].startswith("TIPS is 0.0% of the household")
