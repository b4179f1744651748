"""What a rule costs is the plan without it against the plan with it; rules that collide are the smallest such set."""

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.portfolio import PlanKind, WashSalePolicy
from engine.rebalance.case import Case
from engine.rebalance.rule_costs import rule_costs
from engine.rebalance.rules import rules_of, without
from tests.builders import account, dec, random_case
from tests.engine.rebalance.households import home, household, sharp, stock
from tests.engine.rebalance.solving import solved

D = Decimal
GAIN = stock("90000")
COLLIDE = "these cannot be kept together: "


def kept_cash(reserve: int) -> Case:
    """$100,000 of stock without gain and $60,000 cash, of which some must stay."""
    return household(home(60_000, cash_reserve=D(reserve)), stock())


def test_a_cash_floor_costs_what_the_cash_would_earn_in_its_class() -> None:
    """With the floor the 64,000 of bonds are bought by selling stock for 4,000 more, and cash stays 30,000 off."""
    costs = rule_costs(kept_cash(30_000))
    assert [c.rule.code for c in costs] == ["cash_floor"]
    with_floor, free = solved(kept_cash(30_000)), solved(kept_cash(0))
    assert costs[0].dollars == pytest.approx(with_floor.objective - free.objective, abs=D(3))
    assert costs[0].sentence == f"The cash floor of $30,000 in account A1 costs ${costs[0].dollars:,.0f} a year."


def test_a_rule_that_does_not_bind_costs_nothing() -> None:
    case = household(home(60_000), stock(), policy=sharp(max_turnover=D(1), max_position=D(1), class_cap=D(1)))
    assert rule_costs(case) == ()


@pytest.mark.parametrize("seed", [0, 2, 5, 7])
def test_costs_are_those_of_proven_plans_dearest_first(seed: int) -> None:
    case = random_case(seed)
    costs = rule_costs(case)
    assert costs
    assert [c.dollars for c in costs] == sorted((c.dollars for c in costs), reverse=True)
    dearest = costs[0]
    freed = solved(dearest.rule.lift(case))
    assert freed.objective <= solved(case).objective - dearest.dollars + freed.gap + 5


def test_a_household_without_any_plan_has_no_costs_to_state() -> None:
    assert rule_costs(household(home(0, withdraw=D(500)))) == ()


def test_rules_are_lifted_one_at_a_time_and_together() -> None:
    policy = sharp(
        max_turnover=dec("0.1"),
        harvest_min_loss=D(500),
        ripening_days=30,
        wash_sales=WashSalePolicy.NEVER,
        plan=PlanKind.HARVEST_ONLY,
    )
    held = [GAIN, stock(name="L2", locked=True)]
    case = household(home(0, do_not_sell=("STK",), min_trade=D(100), withdraw=D(9)), held, policy=policy)
    rules = rules_of(case)
    codes = [rule.code for rule in rules]
    assert codes == [
        "max_turnover",
        "ripening_days",
        "harvest_threshold",
        "wash_sales",
        "plan",
        "withdraw",
        "min_trade",
        "do_not_sell",
        "locked",
        "whole_shares",
    ]
    bare = without(case, rules)
    assert [r.code for r in rules_of(bare)] == []
    alone = rules[codes.index("wash_sales")].lift(case)
    assert alone == replace(case, policy=replace(policy, wash_sales=WashSalePolicy.PRICE))


NEEDS = home(100, withdraw=D(20_000))
COLLISIONS = [
    (
        household(NEEDS, GAIN, policy=sharp(max_turnover=dec("0.01"))),
        "the turnover limit of 1.0% and the payment of $20,000 out of account A1",
    ),
    (
        household(NEEDS, stock("50000"), policy=sharp(max_net_gain=D(100), max_turnover=dec("0.5"))),
        "the limit of $100 on the year's net gain and the payment of $20,000 out of account A1",
    ),
    (
        household(replace(NEEDS, do_not_sell=("STK",)), GAIN),
        "the payment of $20,000 out of account A1 and the do-not-sell list of account A1 (STK)",
    ),
    (
        household(NEEDS, GAIN, policy=sharp(plan=PlanKind.NOTHING)),
        "the limits of the plan that trades nothing and the payment of $20,000 out of account A1",
    ),
]


@pytest.mark.parametrize(("case", "says"), COLLISIONS)
def test_rules_that_collide_are_named_and_no_others(case: Case, says: str) -> None:
    reasons = solved(case).reasons
    assert f"{COLLIDE}{says}; without any one of them there is a plan" in reasons


def test_two_payments_can_collide_with_one_limit() -> None:
    accounts = [home(withdraw=D(20_000)), account("A2", cash=D(0), withdraw=D(20_000))]
    lots = [GAIN, replace(GAIN, id="L2", account="A2")]
    reasons = solved(household(accounts, lots, policy=sharp(max_turnover=dec("0.11")))).reasons
    expected = (
        "the turnover limit of 11.0%, the payment of $20,000 out of account A1 "
        "and the payment of $20,000 out of account A2"
    )
    assert any(expected in reason for reason in reasons), reasons


def test_what_nothing_can_raise_names_no_rules() -> None:
    assert not any(reason.startswith(COLLIDE) for reason in solved(household(home(-300))).reasons)
