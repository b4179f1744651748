"""Where a rule cannot be met: status infeasible, nothing traded, and the rule in words."""

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.portfolio import Action
from engine.rebalance.case import Case
from engine.rebalance.proposal import Status
from tests.builders import account, dec
from tests.engine.rebalance.households import BOND, IRA, OTHER, STOCK, home, household, row, sharp, stock
from tests.engine.rebalance.solving import sold, solved

D = Decimal
NEEDS = home(100, cash_reserve=D(50), withdraw=D(20_000))
THIN = (replace(STOCK, adv_shares=D(1000)), OTHER, BOND)
HALF_LOCKED = [stock("9000", "250"), stock("30000", "750", locked=True, name="L2")]
GAIN, SHORT, RIPE, LOSS = stock("50000"), stock("50000", days=100), stock("50000", days=350), stock("130000")


def limited(lots: object = GAIN, **limits: object) -> Case:
    return household(NEEDS, lots, policy=sharp(**limits))  # type: ignore[arg-type]


def blocked(**changes: object) -> Case:
    return household(replace(NEEDS, **changes), GAIN)  # type: ignore[arg-type]


CASES: list[tuple[Case, str]] = [
    (
        household(NEEDS),
        "needs $19,950.00 more cash (has $100.00, keeps $50.00, pays out $20,000.00) and all it can sell is",
    ),
    (household(NEEDS, stock("100", "100")), "all it can sell is worth $10,000.00 before costs"),
    (household(home(-300)), "has -$300.00, keeps $0.00"),
    (limited(max_turnover=dec("0.01")), "it could without the turnover limit"),
    (limited(max_turnover=dec("0.2"), turnover_used=dec("0.19")), "it could without the turnover limit"),
    (limited(max_net_gain=D(100)), "it could without the limit on the year's net gain"),
    (limited(SHORT, max_short_term_gain=D(100)), "it could without the limit on the year's short-term gain"),
    (household(NEEDS, GAIN, securities=THIN, policy=sharp(adv_limit=dec("0.1"))), "without the limit on daily volume"),
    (limited(RIPE, ripening_days=30), "it could without the wait for lots about to turn long-term"),
    (limited(max_net_gain=D(100), max_turnover=dec("0.01")), "without the turnover limit and the limit on the"),
    (blocked(do_not_sell=("STK",)), "can sell $0.00; not sold because STK is on the do-not-sell list of this account"),
    (household(NEEDS, replace(GAIN, locked=True)), "not sold because lot L1 is locked"),
    (
        household([NEEDS, IRA], LOSS, history=(row(10, Action.BUY, account="IRA"),)),
        "not sold because an IRA or other tax-advantaged account of the household bought STK in the last 30 days",
    ),
    (household(replace(NEEDS, min_trade=D(30_000)), HALF_LOCKED), "it could without the minimum size of an order"),
]


@pytest.mark.parametrize(("case", "says"), CASES, ids=[says[-40:] for _, says in CASES])
def test_the_rule_that_cannot_be_met_is_named(case: Case, says: str) -> None:
    proposal = solved(case)
    assert proposal.status is Status.INFEASIBLE
    assert proposal.trades == ()
    assert any(says in reason for reason in proposal.reasons), proposal.reasons
    assert all(c.before == c.after for c in proposal.cash)
    assert proposal.turnover == proposal.gap == 0


def test_each_account_that_is_short_is_named() -> None:
    proposal = solved(household([home(-1), account("A2", cash=D(-2)), account("A3", cash=D(9))]))
    assert [r.split(" needs")[0] for r in proposal.reasons] == ["account A1", "account A2"]


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        ({"max_turnover": dec("0.11")}, "within the turnover limit"),
        (
            {"max_turnover": dec("0.11"), "max_net_gain": D(11_000)},
            "turnover limit and the limit on the year's net gain",
        ),
    ],
)
def test_accounts_that_could_alone_but_not_together_are_named_together(limits: dict[str, object], says: str) -> None:
    accounts = [home(withdraw=D(20_000)), account("A2", cash=D(0), withdraw=D(20_000))]
    lots = [GAIN, replace(GAIN, id="L2", account="A2")]
    proposal = solved(household(accounts, lots, policy=sharp(**limits)))
    assert proposal.status is Status.INFEASIBLE
    assert proposal.reasons[0].startswith("the cash needed in A1, A2 cannot be raised together within the turnover")
    assert says in proposal.reasons[0]
    assert solved(household(accounts, lots)).trades


@pytest.mark.parametrize(
    ("limits", "says"),
    [({"max_turnover": dec("0.03")}, "without the turnover limit"), ({"max_net_gain": D(1600)}, "net gain")],
)
def test_what_is_possible_in_fractions_only_is_said_so(limits: dict[str, object], says: str) -> None:
    """$3,000 are needed, a share is $8,000 at a gain of half."""
    dear = (replace(STOCK, price=D(8000)),)
    seller = home(withdraw=D(3000))
    case = household(seller, stock("40000", "10"), securities=dear, policy=sharp(**limits))
    proposal = solved(case)
    assert proposal.status is Status.INFEASIBLE
    assert "trades whole shares" in proposal.reasons[0]
    assert says in proposal.reasons[0]
    fractional = replace(case, accounts=(replace(seller, fractional=True),))
    assert sold(solved(fractional))["L1"] < 1


def test_whole_shares_of_two_accounts_may_not_fit_together() -> None:
    dear = (replace(STOCK, price=D(8000)),)
    accounts = [home(withdraw=D(3000)), account("A2", cash=D(0), withdraw=D(3000))]
    lots = [stock("80000", "10"), replace(stock("80000", "10"), id="L2", account="A2")]
    proposal = solved(household(accounts, lots, securities=dear, policy=sharp(max_turnover=dec("0.03"))))
    assert proposal.status is Status.INFEASIBLE
    assert "cannot be raised together in whole shares" in " ".join(proposal.reasons) or "whole" in proposal.reasons[0]


def test_an_account_that_starts_below_its_floor_is_brought_to_it() -> None:
    proposal = solved(household(home(-500, cash_reserve=D(1000)), GAIN))
    assert proposal.status is Status.OPTIMAL
    assert proposal.cash[0].before == -500
    assert proposal.cash[0].after >= 1000
    assert {t.reason_code for t in proposal.trades if t.symbol == "STK"} == {"raise_cash"}
