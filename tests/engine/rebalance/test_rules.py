"""Each rule of the contract on a household whose best plan without the rule would break it."""

from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from engine.portfolio import Action, Registration, WashSalePolicy
from engine.rebalance.audit import audit_trades
from engine.rebalance.case import Case
from tests.builders import account, dec, security, tax
from tests.engine.rebalance.enumeration import Household, Plan
from tests.engine.rebalance.enumeration_rules import broken_rules
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
CASH = home(100_000)
LOSS = stock("103000", days=400)
HARVEST = household(home(), LOSS, targets=ALL_STOCK, buy_list=EITHER)
GAIN = household(home(), stock("99000"))
DRIP = stock("103", "1", days=10, name="DRIP")
VOLUME = (replace(STOCK, adv_shares=D(1000)), OTHER, BOND)
ONE_GROUP = (replace(STOCK, identity_group="G"), replace(OTHER, identity_group="G"), BOND)
IN_IRA = replace(IRA, cash=D(50_000))


def under(case: Case, **changes: object) -> Case:
    return replace(case, policy=replace(case.policy, **changes))  # type: ignore[arg-type]


def at_home(case: Case, **changes: object) -> Case:
    return replace(case, accounts=tuple(replace(a, **changes) for a in case.accounts))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Rule:
    name: str
    without: Case
    within: Case
    breach: str
    """How the audit's line begins."""
    code: str = ""
    """What the suppressed trade says, where there is one."""


def rules() -> list[Rule]:
    cash, full = household(CASH), household(home(), stock())
    paid, ripe, small_loss = (
        at_home(cash, withdraw=D(9000)),
        household(home(), stock("99000", days=350)),
        "harvest_threshold:",
    )
    thin = replace(cash, securities=VOLUME)
    two = household([CASH, account("A2", cash=D(100_000))])
    cap = household(CASH, targets={"us_equity": "0.9", "bond": "0.1"})
    above = household(
        home(100_000), stock(quantity="2000", basis="200000"), targets={"us_equity": "0.9", "bond": "0.1"}
    )
    small = household(home(1000), [stock("60000", "600"), stock("40000", "800", symbol="BND", name="L2")])
    short = household(home(), stock("99000", days=200))
    drip = household(home(), [LOSS, DRIP], targets=ALL_STOCK, buy_list=EITHER)
    both = household([home(), IN_IRA], LOSS, targets=ALL_STOCK, buy_list={"us_equity": ("OTH",)})
    return [
        Rule("the reserve stays", cash, at_home(cash, cash_reserve=D(20_000)), "cash:"),
        Rule("what is withdrawn stays", cash, at_home(cash, withdraw=D(20_000)), "cash:"),
        Rule("both stay", paid, at_home(paid, cash_reserve=D(99)), "cash:"),
        Rule("no small order", small, at_home(small, min_trade=D(2500)), "min_trade:"),
        Rule("buys from the list only", cash, replace(cash, buy_list={"bond": ("BND",)}), "buy_list:"),
        Rule("do not buy", cash, at_home(cash, do_not_buy=("STK",)), "do_not_buy:", "do_not_buy"),
        Rule("do not sell", full, at_home(full, do_not_sell=("STK",)), "do_not_sell:", "do_not_sell"),
        Rule("locked", full, replace(full, lots=(stock(locked=True),)), "locked:", "locked"),
        Rule("whole shares", at_home(cash, fractional=True, cash=D("99999.37")), cash, "whole_shares:"),
        Rule("turnover", full, under(full, max_turnover=dec("0.1")), "max_turnover:", "turnover"),
        Rule(
            "turnover of before counts",
            under(full, max_turnover=dec("0.5")),
            under(full, max_turnover=dec("0.5"), turnover_used=dec("0.4")),
            "max_turnover:",
            "turnover",
        ),
        Rule("daily volume", cash, under(thin, adv_limit=dec("0.1")), "adv_limit:", "adv_limit"),
        Rule(
            "daily volume over all accounts",
            two,
            under(replace(two, securities=VOLUME), adv_limit=D(1)),
            "adv_limit:",
            "adv_limit",
        ),
        Rule("class cap", cap, under(cap, class_cap=dec("0.5")), "class_cap:", "class_cap"),
        Rule("a class above its cap", above, under(above, class_cap=dec("0.6")), "class_cap:", "class_cap"),
        Rule("position cap", cash, under(cash, max_position=dec("0.3")), "max_position:", "position_cap"),
        Rule("net gain", GAIN, under(GAIN, max_net_gain=D(100)), "max_net_gain:", "gains_budget"),
        Rule(
            "net gain counts the year so far, carryforwards left out",
            under(GAIN, max_net_gain=D(5000)),
            replace(
                under(GAIN, max_net_gain=D(5000)),
                tax=tax(ytd_short_term=D(3000), ytd_long_term=D(1900), carryforward_long_term=D(4000)),
            ),
            "max_net_gain:",
            "gains_budget",
        ),
        Rule(
            "a year above its limit allows no more gain",
            GAIN,
            replace(under(GAIN, max_net_gain=D(5000)), tax=tax(ytd_long_term=D(9000))),
            "max_net_gain:",
            "gains_budget",
        ),
        Rule("short-term gain", short, under(short, max_short_term_gain=D(99)), "max_short_term_gain:", "gains_budget"),
        Rule("ripening", ripe, under(ripe, ripening_days=30), "ripening:", "ripening"),
        Rule("loss under the dollars", HARVEST, under(HARVEST, harvest_min_loss=D(3001)), small_loss, small_loss[:-1]),
        Rule(
            "under the fraction", HARVEST, under(HARVEST, harvest_min_loss_pct=dec("0.03")), small_loss, small_loss[:-1]
        ),
        Rule(
            "no purchase within 30 days of a loss",
            cash,
            replace(cash, history=(row(30, Action.SELL, loss_quantity=D(1)),)),
            "wash_sale:",
            "wash_sale_recent_loss",
        ),
        Rule(
            "no loss that a purchase in an IRA would destroy",
            replace(HARVEST, accounts=(home(), IRA)),
            replace(HARVEST, accounts=(home(), IRA), history=(row(30, Action.REINVEST, "0.1", account="IRA"),)),
            "wash_sale:",
            "wash_sale_ira_purchase",
        ),
        Rule(
            "never a loss of a group just bought",
            drip,
            under(drip, wash_sales=WashSalePolicy.NEVER),
            "wash_sale:",
            "wash_sale_recent_purchase",
        ),
        Rule("no loss into the same group", HARVEST, replace(HARVEST, securities=ONE_GROUP), "wash_sale:"),
        Rule("no loss here and purchase there", both, replace(both, securities=ONE_GROUP), "wash_sale:"),
    ]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_a_rule_is_kept_where_the_best_plan_without_it_breaks_it(rule: Rule) -> None:
    loose, tight = solved(rule.without), solved(rule.within)
    assert any(line.startswith(rule.breach) for line in audit_trades(rule.within, loose.trades)), "it would not bind"
    assert list(broken_rules(Household(rule.within), plan_of(loose)))
    assert not list(broken_rules(Household(rule.within), plan_of(tight)))
    assert not rule.code or rule.code in {s.reason_code for s in tight.suppressed}


def test_no_cash_moves_between_accounts() -> None:
    rich = account("A2", cash=D(50_000), do_not_buy=("STK", "OTH", "BND"))
    proposal = solved(household([home(1000), rich]))
    assert {t.account for t in proposal.trades} == {"A1"}
    assert {c.account: c.after for c in proposal.cash}["A2"] == 50_000


def test_a_symbol_is_never_bought_and_sold_in_one_account() -> None:
    """Realizing the gain and buying back would pay here: deferred tax saved 30 %, tax now 12 %."""
    case = household(home(), stock("80000"), targets=ALL_STOCK, buy_list={"us_equity": ("STK",)})
    case = replace(case, tax=tax(deferred_tax_rate=dec("0.3"), ytd_short_term=D(-90_000)))
    proposal = solved(case)
    assert proposal.trades == ()
    priced = Household(case)
    both = Plan({("A1", "STK"): 999.0}, {"L1": 1000.0})
    assert priced.objective(both) < float(proposal.objective) - 1000
    assert list(broken_rules(priced, both)) == ["both sides"]


def test_the_same_gain_is_realized_where_another_fund_keeps_the_exposure() -> None:
    case = household(home(), stock("80000"), targets=ALL_STOCK, buy_list=EITHER)
    proposal = solved(replace(case, tax=tax(deferred_tax_rate=dec("0.3"), ytd_short_term=D(-90_000))))
    assert sold(proposal) == {"L1": 1000}
    assert bought(proposal) == {("A1", "OTH"): 999}


def test_an_order_that_closes_the_position_may_be_small() -> None:
    lots = [stock("60000", "600"), stock("300", "6", symbol="BND", name="SMALL")]
    case = household(home(min_trade=D(2500)), lots, targets={"us_equity": "0.99", "cash": "0.01"})
    assert sold(solved(case)) == {"SMALL": 6}
    locked = replace(case, lots=(*lots, stock("50", "1", symbol="BND", name="LOCKED", locked=True)))
    assert solved(locked).trades == ()


def test_a_class_without_a_buy_list_can_only_be_sold() -> None:
    case = household(home(50_000), stock("50000", "1000", symbol="BND"), buy_list={"us_equity": ("STK",)})
    more = replace(case, targets={"bond": D(1)})
    assert solved(more).trades == ()
    assert set(sold(solved(replace(case, targets={"us_equity": D(1)})))) == {"L1"}


@pytest.mark.parametrize(
    ("days", "ripening", "is_sold"),
    [
        (350, 30, False),  # turns long-term in 16 days
        (350, 16, False),  # at most as_of + ripening_days: the 16th day counts
        (350, 15, True),
        (366, 30, True),  # long-term already
        (200, 30, True),
        (350, None, True),
    ],
)
def test_a_gain_waits_when_its_first_long_term_day_is_near(days: int, ripening: int | None, is_sold: bool) -> None:
    case = under(household(home(), stock("99900", days=days)), ripening_days=ripening)
    proposal = solved(case)
    assert bool(sold(proposal)) is is_sold
    if not is_sold:
        (row_of,) = [s for s in proposal.suppressed if s.reason_code == "ripening"]
        assert row_of.until == ago(-15), "the last blocked day"


@pytest.mark.parametrize(
    ("what", "case"),
    [
        ("a loss does not wait", household(home(), stock("101000", days=350))),
        ("nor does a lot without gain", household(home(), stock("100000", days=350))),
        ("nor does an IRA", household(IRA, replace(stock("50000", days=350), account="IRA"))),
    ],
)
def test_only_a_short_term_gain_of_a_taxable_account_waits(what: str, case: Case) -> None:
    assert sold(solved(under(case, ripening_days=30))), what


@pytest.mark.parametrize(
    ("what", "case", "is_sold"),
    [
        ("the class is over its band", household(home(), LOSS, targets={"us_equity": "0.4", "bond": "0.6"}), True),
        ("the class is on target", HARVEST, False),
        ("the class is above target, inside its band", replace(HARVEST, targets={"us_equity": dec("0.9")}), False),
        ("at the edge of the band", replace(HARVEST, targets={"us_equity": dec("0.8")}), False),
        ("over the edge", replace(HARVEST, targets={"us_equity": dec("0.79")}), True),
        ("the account must raise cash", household(home(withdraw=D(5000)), LOSS, targets=ALL_STOCK), True),
        ("the account has just enough", at_home(HARVEST, cash=D(5000), withdraw=D(5000)), False),
        (
            "another account must raise cash",
            replace(
                HARVEST,
                accounts=(home(10), account("A2", cash=D(-1))),
                lots=(LOSS, replace(stock("100", "1"), id="L2", account="A2")),
            ),
            False,
        ),
    ],
)
def test_a_small_loss_is_taken_only_over_the_band_or_to_raise_cash(what: str, case: Case, is_sold: bool) -> None:
    banded = under(case, harvest_min_loss=D(5000), band_relative=dec("0.25"))
    assert ("L1" in sold(solved(banded))) is is_sold, what


@pytest.mark.parametrize(
    ("dollars", "fraction", "is_sold"),
    [
        ("3000", None, True),
        ("3000.01", None, False),
        (None, "0.0291", True),
        (None, "0.0292", False),
        ("1", "0.5", False),
    ],
)
def test_both_thresholds_must_be_reached(dollars: str | None, fraction: str | None, is_sold: bool) -> None:
    """The loss is $3,000 on a basis of $103,000: 2.913 %. Under either threshold it stays."""
    limits = {
        "harvest_min_loss": None if dollars is None else dec(dollars),
        "harvest_min_loss_pct": None if fraction is None else dec(fraction),
    }
    assert bool(sold(solved(under(HARVEST, **limits)))) is is_sold


def test_a_position_above_its_cap_may_be_held_and_is_not_bought() -> None:
    case = household(home(10_000), stock(quantity="1000"), targets=ALL_STOCK, buy_list=EITHER)
    proposal = solved(under(case, max_position=dec("0.5")))
    assert bought(proposal) == {("A1", "OTH"): 99}
    assert sold(proposal) == {}


def test_a_symbol_may_be_bought_to_its_cap_where_another_account_makes_room() -> None:
    """$60,000 of STK over a cap of $55,000: the IRA may buy only as much as brings it to the cap by sales elsewhere."""
    lots = [replace(stock("50000", "600"), account="IRA"), replace(stock("50000", "1000", symbol="BND"), id="B")]
    case = household([home(), IRA], lots, targets={"us_equity": "0.5", "bond": "0.5"})
    rates = {"us_equity": {"traditional_ira": dec("0.05")}}
    proposal = solved(under(case, max_position=dec("0.5"), location_rate=rates))
    held = Household(case).shares_after(plan_of(proposal))
    assert bought(proposal)
    assert held["A1", "STK"] + held["IRA", "STK"] <= 550


@pytest.mark.parametrize("limit", ["max_turnover", "class_cap", "max_position", "adv_limit"])
def test_a_limit_of_zero_leaves_nothing_to_buy(limit: str) -> None:
    case = replace(household(CASH), securities=tuple(replace(s, adv_shares=D(1000)) for s in (STOCK, BOND)))
    assert solved(under(case, **{limit: D(0)})).trades == ()


@pytest.mark.parametrize(
    ("limit", "days"), [("max_net_gain", 900), ("max_net_gain", 200), ("max_short_term_gain", 200)]
)
def test_a_gain_limit_of_zero_still_lets_losses_make_room(limit: str, days: int) -> None:
    gain, loss = stock("49000", "500", days=days), stock("51000", "500", days=200, name="L2")
    case = under(household(home(), [gain, loss], targets={"bond": "1"}), **{limit: D(0)})
    assert sold(solved(case)) == {"L1": 500, "L2": 500}
    assert "L1" not in sold(solved(replace(case, lots=(gain,))))


def test_class_caps_do_not_bind_cash() -> None:
    case = under(household(home(), stock(), targets={"cash": "1"}), class_cap=dec("0.2"))
    proposal = solved(case)
    assert sold(proposal) == {"L1": 1000}
    assert next(c.after for c in proposal.classes if c.asset_class == "cash") > dec("0.99")


def test_trades_of_the_day_count_against_the_daily_volume() -> None:
    case = under(replace(household(CASH), securities=VOLUME), adv_limit=dec("0.1"))
    assert bought(solved(case))["A1", "STK"] == 100
    later = replace(case, history=(row(0, Action.BUY, "40"), row(1, Action.BUY, "40")))
    assert bought(solved(later))["A1", "STK"] == 60


def test_any_limit_left_open_is_no_limit() -> None:
    plain = solved(household(CASH))
    open_ended = under(household(CASH, securities=VOLUME), adv_limit=None, max_turnover=None, class_cap=None)
    assert solved(open_ended).trades == plain.trades
    unknown_volume = under(household(CASH), adv_limit=dec("0.0001"))
    assert solved(unknown_volume).trades == plain.trades


def test_only_securities_of_the_class_are_bought_for_it() -> None:
    case = household(CASH, buy_list={"us_equity": ("BND", "GHOST"), "bond": ("BND",)})
    proposal = solved(case)
    assert {symbol for _, symbol in bought(proposal)} == {"BND"}
    assert len(proposal.warnings) == 2


def test_an_ira_realizes_no_gains() -> None:
    kinds = [k for k in Registration if not k.is_taxable]
    for kind in kinds:
        shelter = account("P", kind, cash=D(0))
        case = under(household(shelter, replace(stock("1"), account="P")), max_net_gain=D(0), max_short_term_gain=D(0))
        proposal = solved(case)
        assert sold(proposal) == {"L1": 400}
        assert proposal.tax.short_term == proposal.tax.long_term == 0
        assert {s.term for t in proposal.trades for s in t.lots} == {None}


def test_securities_of_one_group_at_different_prices_are_matched_by_shares() -> None:
    """Ten shares of the dear one, bought ten days ago, replace ten of the thousand sold of the cheap one."""
    securities = (replace(STOCK, identity_group="G"), security("DEAR", price="900", identity_group="G"), OTHER, BOND)
    lots = [stock("130000", days=400), stock("9000", "10", days=10, symbol="DEAR", name="NEW", locked=True)]
    case = household(home(), lots, securities=securities, targets=ALL_STOCK, buy_list=EITHER)
    proposal = solved(case)
    assert sold(proposal)["L1"] == 1000
    assert proposal.tax.disallowed == 300, "10 shares at a loss of $30 each"
    assert proposal.tax.long_term == -29_700
    assert proposal.tax.harvested_loss == 29_700


def test_sharp_is_sharp() -> None:
    """The rules above bind because a dollar off target costs four cents, inside the band and out."""
    assert sharp().drift_rate_inside == sharp().drift_rate_outside == dec("0.04")
