"""The location score against hand-worked holdings, and the drag of a class against its formula."""

from decimal import Decimal

import pytest

from engine.portfolio import Registration, TaxPosition
from engine.rebalance.case import Case
from engine.rebalance.location import ClassOutlook, drag_rates, location_score
from engine.rebalance.tracking_error import values_after, values_held
from tests.builders import account, dec, lot, random_case
from tests.engine.rebalance.households import BOND, STOCK, ago, home, household, sharp, stock
from tests.engine.rebalance.solving import solved

D = Decimal
RATES = {"bond": {"taxable": dec("0.012"), "roth_ira": dec("0.001")}, "us_equity": {"taxable": dec("0.003")}}
ROTH = account("ROTH", Registration.ROTH_IRA, cash=D(0))


def wrong_way_round() -> Case:
    """$40,000 of bonds in the taxable account and $40,000 of stock in the Roth."""
    lots = [lot("B1", "BND", "800", "40000", ago(900)), stock("40000", "400", name="S1", account="ROTH")]
    return household([home(0), ROTH], lots, securities=(STOCK, BOND), policy=sharp(location_rate=RATES))


def test_the_score_is_zero_for_the_dearest_way_and_a_hundred_for_the_cheapest() -> None:
    """Bonds taxable 480, stock in the Roth 0; the other way round stock taxable 120, bonds in the Roth 40."""
    score = location_score(wrong_way_round())
    assert (score.cost, score.least, score.most, score.score) == (D(480), D(160), D(480), 0)
    assert score.by_class == {"bond": D(480), "us_equity": D(0)}
    swapped = location_score(wrong_way_round(), rates={"us_equity": {"roth_ira": dec("0.01")}})
    assert (swapped.cost, swapped.least, swapped.score) == (D(400), D(0), 0)


def test_the_optimiser_moves_bonds_to_where_they_cost_less() -> None:
    case = wrong_way_round()
    proposal = solved(case)
    before, after = location_score(case), location_score(case, proposal.trades)
    assert after.cost < before.cost
    assert before.score == 0
    assert after.score > 60


@pytest.mark.parametrize("seed", range(6))
def test_the_cost_lies_between_the_least_and_the_most(seed: int) -> None:
    case = random_case(seed)
    score = location_score(case, solved(case).trades)
    assert score.least <= score.cost <= score.most
    assert 0 <= score.score <= 100
    assert sum(score.by_class.values()) == pytest.approx(score.cost, abs=D("0.1"))


def test_without_rates_every_way_costs_nothing() -> None:
    score = location_score(household([home(0), ROTH], stock()))
    assert score.cost == score.least == score.most == 0
    assert score.score == 100


def test_a_household_of_cash_alone_has_no_location_cost() -> None:
    assert location_score(household(home(100), policy=sharp(location_rate=RATES))).cost == 0


def test_the_drag_of_a_class_is_the_tax_on_its_income_and_on_what_it_turns_over() -> None:
    """Ordinary 37 %, short 40.8 %, long 23.8 %. Interest of 4 %, or 4 % growth turned over whole: 4 % x 40.8 %."""
    tax = TaxPosition(dec("0.408"), dec("0.238"), dec("0.37"), D(3000), dec("0.12"), dec("0.1"))
    rates = drag_rates(
        {
            "bond": ClassOutlook(income=dec("0.04")),
            "us_equity": ClassOutlook(income=dec("0.015"), qualified=D(1), growth=dec("0.055")),
            "tilt": ClassOutlook(growth=dec("0.04"), turnover=D(1)),
        },
        tax,
    )
    assert rates["bond"] == {"taxable": dec("0.0163"), "roth_ira": dec("0.0071"), "hsa": dec("0.0071")}
    assert rates["us_equity"] == {"taxable": dec("0.0036"), "roth_ira": D(0), "hsa": D(0)}
    assert rates["tilt"]["taxable"] == dec("0.0163")
    assert min(rates, key=lambda name: rates[name]["taxable"]) == "us_equity"


def test_values_after_trades_are_those_of_the_books() -> None:
    case = random_case(3)
    proposal = solved(case)
    after = values_after(case, proposal.trades)
    assert sum(values_held(case, proposal.trades).values()) == sum(after.values())
    value = sum(x.quantity * next(s.price for s in case.securities if s.symbol == x.symbol) for x in case.lots)
    bought = sum(t.quantity * t.price * (1 if t.side == "buy" else -1) for t in proposal.trades)
    assert sum(after.values()) == value + bought


def test_what_turns_over_is_bought_in_the_ira_before_the_taxable_account() -> None:
    """$30,000 of cash in each account and stock to buy: without the drag either would do."""
    ira = account("IRA", Registration.TRADITIONAL_IRA, cash=D(30_000))
    held = [stock("60000", "600"), lot("B1", "BND", "600", "30000", ago(900), account="IRA")]
    tax = household([home(0)]).tax
    rates = drag_rates({"us_equity": ClassOutlook(growth=dec("0.05"), turnover=D(1))}, tax)
    targets = {"us_equity": "0.6", "bond": "0.2", "cash": "0.2"}
    case = household([home(30_000), ira], held, policy=sharp(location_rate=rates), targets=targets)
    bought = {t.account for t in solved(case).trades if t.symbol == "STK" and t.side == "buy"}
    assert bought == {"IRA"}
