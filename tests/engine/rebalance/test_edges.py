"""Nothing held, nothing to hold, huge, tiny, and no time: always a proposal that says what it is."""

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.errors import AppError
from engine.portfolio import Policy
from engine.rebalance.audit import audit_proposal
from engine.rebalance.best_plan import bound_of
from engine.rebalance.case import Case
from engine.rebalance.milp import Outcome
from engine.rebalance.orders import UNIT
from engine.rebalance.program import build_program
from engine.rebalance.proposal import Status
from engine.rebalance.solve import engine_version, prepare, solve
from tests.builders import account, dec, random_case
from tests.engine.rebalance.enumeration import Household
from tests.engine.rebalance.households import ALL_STOCK, BOND, EITHER, STOCK, home, household, sharp, stock
from tests.engine.rebalance.solving import bought, plan_of, solved

D = Decimal


@pytest.mark.parametrize(
    ("what", "case"),
    [
        ("nothing at all", household(home(), securities=(), buy_list={})),
        ("no lots and no cash", household(home())),
        ("all of it paid out", household(home(1000, withdraw=D(1000)))),
        ("no targets and nothing held", replace(household(home()), targets={})),
        ("nobody sells what it wants", household(home(1000), securities=(), buy_list={"us_equity": ("STK",)})),
        ("targets of classes without a security", household(home(), targets={"gold": "0.5", "cash": "0.5"})),
        ("a lot of no value to speak of", household(home(), stock("0", "0.00000001"))),
    ],
)
def test_a_household_with_nothing_to_do_says_so(what: str, case: Case) -> None:
    proposal = solved(case)
    assert proposal.status is Status.OPTIMAL, what
    assert proposal.trades == ()
    assert proposal.reasons


def test_targets_need_not_hold_cash_nor_add_up() -> None:
    proposal = solved(household(home(100_000), targets={"us_equity": "0.6"}))
    assert bought(proposal) == {("A1", "STK"): 600}
    assert proposal.warnings == ("targets add up to 0.6000, not 1",)


def test_a_class_held_without_a_target_is_sold_for_those_with_one() -> None:
    proposal = solved(household(home(), stock("50000", "1000", symbol="BND"), targets=ALL_STOCK, buy_list=EITHER))
    assert {t.symbol for t in proposal.trades} == {"BND", *{s for _, s in bought(proposal)}}


def test_a_lot_without_basis_is_all_gain() -> None:
    proposal = solved(household(home(withdraw=D(999)), stock("0", "10"), targets=ALL_STOCK))
    (trade,) = proposal.trades
    assert trade.lots[0].gain == trade.amount == proposal.tax.long_term == 1000


@pytest.mark.parametrize(("price", "cash"), [("0.0001", "50000"), ("0.01", "123.45"), ("999999.123456", "98765432109")])
def test_prices_and_sums_of_any_size(price: str, cash: str) -> None:
    securities = (replace(STOCK, price=dec(price)), replace(BOND, price=dec(price)))
    case = household(account(cash=dec(cash)), securities=securities)
    proposal = solved(case)
    value = float(dec(cash))
    assert proposal.status is Status.OPTIMAL
    assert Household(case).objective(plan_of(proposal)) == pytest.approx(float(proposal.objective), abs=0.02, rel=1e-9)
    assert proposal.gap <= max(Decimal(25), Decimal(repr(value)) / 20_000)


def test_a_case_with_faults_names_them_all() -> None:
    case = household(home(), stock("-5", "-1"), securities=(replace(STOCK, price=D(0)),))
    with pytest.raises(AppError) as caught:
        prepare(case, case_sha256="")
    line = str(caught.value)
    assert line.startswith("the case has 3 fault(s): securities[0].price")
    assert "lots[0].quantity" in line
    assert "lots[0].cost_basis" in line
    assert "\n" not in line


def test_a_proposal_names_its_case_and_its_engine() -> None:
    proposal = solve(household(home()), case_sha256="abc")
    assert proposal.case_sha256 == "abc"
    assert proposal.engine_version == engine_version() != ""


@pytest.mark.parametrize("limit", [1e-9, 0.02])
@pytest.mark.parametrize("seed", [9, 21])
def test_out_of_time_is_never_called_optimal(seed: int, limit: float) -> None:
    case = random_case(seed)
    proposal = solve(case, case_sha256="", time_limit=limit)
    assert audit_proposal(case, proposal) == ()
    assert proposal.status is Status.FEASIBLE
    assert proposal.gap == proposal.objective - proposal.bound > 1
    if not proposal.trades:
        assert "time limit" in proposal.reasons[0]


def test_out_of_time_the_cash_is_raised_all_the_same() -> None:
    case = random_case(53)
    assert any(a.cash < a.cash_reserve + a.withdraw for a in case.accounts)
    proposal = solve(case, case_sha256="", time_limit=1e-9)
    assert audit_proposal(case, proposal) == ()
    assert proposal.status is Status.FEASIBLE
    assert proposal.trades


def test_a_limit_that_is_not_reached_changes_nothing() -> None:
    case = household(home(100_000))
    assert solve(case, case_sha256="", time_limit=60) == solve(case, case_sha256="")


def test_a_plan_that_hardly_pays_is_not_made() -> None:
    """Below ten dollars, or a tenth of a basis point of the value, the same day's second run would trade again."""
    assert solved(household(home(100), stock(), targets=ALL_STOCK)).trades == (), "twice 4 % of 100: $8"
    assert solved(household(home(400), stock(), targets=ALL_STOCK)).trades


def test_doing_nothing_is_best_when_whole_shares_are_too_large() -> None:
    dear = (replace(STOCK, price=D(50_000)),)
    proposal = solved(household(home(24_000), securities=dear, targets=ALL_STOCK))
    assert proposal.trades == ()
    assert "A plan in fractions of shares could be better by up to" in proposal.reasons[-1]
    assert proposal.status is Status.OPTIMAL


def test_negative_cash_in_one_account_is_not_lent_by_another() -> None:
    accounts = [home(-100), account("A2", cash=D(50_000))]
    proposal = solved(household(accounts, stock("10000", "100")))
    assert min(c.after for c in proposal.cash) >= 0


def test_without_drift_rates_nothing_moves() -> None:
    policy = Policy(drift_rate_inside=D(0), drift_rate_outside=D(0))
    assert solved(household(home(100_000), policy=policy)).trades == ()
    assert solved(household(home(100_000), policy=sharp())).trades


def test_a_plan_found_before_any_bound_is_held_against_the_relaxed_program() -> None:
    program = build_program(prepare(household(home(100_000)), case_sha256="").survey)
    found = program.milp.solve(absolute_gap=0.0)
    early = replace(found, outcome=Outcome.LIMIT, bound=-float("inf"))
    bound = bound_of(program, early)
    assert bound <= D(repr(found.objective * UNIT))
    assert bound > 0
