"""The kinds of plan: what each leaves alone, that each keeps the rules, and that its figures are the true ones."""

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.portfolio import PlanKind, Registration, Side, Term
from engine.rebalance.audit import audit_proposal, audit_trades
from engine.rebalance.case import Case
from engine.rebalance.compare import compare_plans, with_plan
from engine.rebalance.proposal import Proposal, Status
from tests.builders import account, dec, lot, random_case
from tests.engine.rebalance.households import BOND, EITHER, OTHER, STOCK, home, household, sharp, stock
from tests.engine.rebalance.solving import solved

D = Decimal
KINDS = list(PlanKind)
LOSS, GAIN = stock("130000"), stock("60000", name="L2")
HOUSEHOLDS = (1, 2, 5, 9)


def plan(case: Case, kind: PlanKind) -> Proposal:
    return solved(with_plan(case, kind))


def traded(proposal: Proposal, side: Side) -> dict[str, Decimal]:
    return {t.symbol: t.amount for t in proposal.trades if t.side is side}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", HOUSEHOLDS)
def test_every_kind_of_plan_keeps_every_rule_and_states_its_true_figures(seed: int, kind: PlanKind) -> None:
    case = with_plan(random_case(seed), kind)
    proposal = solved(case)
    assert audit_proposal(case, proposal) == ()
    assert proposal.bound <= proposal.objective


@pytest.mark.parametrize("seed", HOUSEHOLDS)
def test_no_kind_of_plan_is_better_than_the_full_one_is_proven_to_be(seed: int) -> None:
    case = random_case(seed)
    full = plan(case, PlanKind.FULL)
    for kind in KINDS:
        found = plan(case, kind)
        if found.status is not Status.INFEASIBLE:
            assert found.objective >= full.bound, kind


def test_the_plan_that_trades_nothing_trades_nothing() -> None:
    proposal = plan(household(home(50_000), [LOSS]), PlanKind.NOTHING)
    assert proposal.trades == ()
    assert proposal.status is Status.OPTIMAL
    assert "The plan that trades nothing finds nothing to do." in proposal.reasons


def test_harvesting_alone_replaces_each_loss_in_its_class_and_spends_no_other_cash() -> None:
    """$100,000 at a loss of $30,000 and $50,000 idle cash: the cash stays, though the bond class is empty."""
    proposal = plan(household(home(50_000), [LOSS, GAIN], buy_list=EITHER), PlanKind.HARVEST_ONLY)
    assert [s.id for t in proposal.trades for s in t.lots] == ["L1"]
    assert set(traded(proposal, Side.BUY)) == {"OTH"}
    assert abs(traded(proposal, Side.BUY)["OTH"] - traded(proposal, Side.SELL)["STK"]) <= STOCK.price
    assert abs(proposal.cash[0].after - 50_000) <= STOCK.price
    assert proposal.tax.harvested_loss == 30_000


def test_harvesting_alone_trades_no_ira() -> None:
    ira = account("IRA", Registration.TRADITIONAL_IRA, cash=D(20_000))
    held = replace(GAIN, id="I1", account="IRA")
    proposal = plan(household([home(0), ira], [LOSS, held], buy_list=EITHER), PlanKind.HARVEST_ONLY)
    assert {t.account for t in proposal.trades} == {"A1"}


def test_harvesting_and_rebalancing_realises_no_gain_but_rebalances_the_ira() -> None:
    ira = account("IRA", Registration.TRADITIONAL_IRA, cash=D(0))
    held = replace(GAIN, id="I1", account="IRA")
    proposal = plan(household([home(0), ira], [LOSS, GAIN, held], buy_list=EITHER), PlanKind.HARVEST_AND_REBALANCE)
    sold = {s.id: s for t in proposal.trades for s in t.lots}
    assert "L2" not in sold
    assert sold["L1"].term is Term.LONG
    assert "I1" in sold
    assert all(s.gain < 0 for s in sold.values() if s.term is not None)


def test_cash_alone_invests_where_there_is_cash_and_sells_only_what_is_needed_where_there_is_not() -> None:
    needs = home(0, withdraw=D(5_000))
    rich = account("A2", cash=D(30_000))
    proposal = plan(household([needs, rich], [LOSS, GAIN], buy_list=EITHER), PlanKind.CASH_ONLY)
    assert {(t.account, t.side) for t in proposal.trades} == {("A1", Side.SELL), ("A2", Side.BUY)}
    raised = next(line.after for line in proposal.cash if line.account == "A1")
    assert 5_000 <= raised <= 5_000 + STOCK.price + 1


def test_cash_alone_with_neither_cash_nor_need_does_nothing() -> None:
    assert plan(household(home(0), [LOSS, GAIN]), PlanKind.CASH_ONLY).trades == ()


def test_the_plan_to_the_band_edge_trades_only_the_classes_outside_and_stops_at_the_edge() -> None:
    """Stock 80 %, bond 20 %, targets 60/40, bands 12 % and 8 %: bond has to come to 32 %, so 12 % are moved."""
    policy = sharp(band_relative=dec("0.2"), band_absolute=dec("0.01"), drift_rate_inside=dec("0.004"))
    lots = [stock("80000", "800"), lot("B1", "BND", "400", "20000", STOCK_DAY)]
    case = household(home(0), lots, policy=policy)
    edge, full = plan(case, PlanKind.BAND_EDGE), plan(case, PlanKind.FULL)
    after = {c.asset_class: (c.after, c.target, c.band) for c in edge.classes}
    assert all(abs(now - target) <= band + dec("0.0002") for now, target, band in after.values())
    assert len(edge.trades) <= len(full.trades)
    assert edge.turnover <= full.turnover
    assert dec("0.12") <= edge.turnover <= dec("0.121")


STOCK_DAY = LOSS.acquired


def test_to_the_band_edge_a_household_inside_its_bands_trades_nothing() -> None:
    policy = sharp(band_relative=dec("0.2"), band_absolute=dec("0.01"), drift_rate_inside=dec("0.004"))
    lots = [stock("130000", "650"), lot("B1", "BND", "700", "35000", STOCK_DAY)]
    assert plan(household(home(0), lots, policy=policy, buy_list=EITHER), PlanKind.BAND_EDGE).trades == ()


BREACHES = [
    (PlanKind.NOTHING, "plan: nothing is traded"),
    (PlanKind.CASH_ONLY, "plan: A1 needs no cash and sells STK"),
    (PlanKind.HARVEST_ONLY, "plan: lot L2 is not at a loss and is sold"),
    (PlanKind.HARVEST_AND_REBALANCE, "plan: lot L2 is not at a loss and is sold"),
]


@pytest.mark.parametrize(("kind", "says"), BREACHES)
def test_the_audit_knows_what_each_kind_of_plan_leaves_alone(kind: PlanKind, says: str) -> None:
    case = household(home(0), [GAIN])
    proposal = solved(case)
    assert any(s.id == "L2" for t in proposal.trades for s in t.lots)
    assert audit_trades(case, proposal.trades) == ()
    assert any(line.startswith(says) for line in audit_trades(with_plan(case, kind), proposal.trades))


def test_the_audit_refuses_a_replacement_larger_than_what_was_sold() -> None:
    case = household(home(50_000), [LOSS], buy_list=EITHER, securities=(STOCK, OTHER, BOND))
    proposal = solved(with_plan(case, PlanKind.HARVEST_ONLY))
    bigger = tuple(
        replace(t, quantity=t.quantity + 100, amount=t.amount + 100 * t.price) if t.side is Side.BUY else t
        for t in proposal.trades
    )
    lines = audit_trades(with_plan(case, PlanKind.HARVEST_ONLY), bigger)
    assert any("to replace" in line for line in lines)


def test_plans_are_compared_in_their_order_with_their_figures() -> None:
    case = household(home(50_000), [LOSS, GAIN], buy_list=EITHER)
    rows = list(compare_plans(case, case_sha256=dict.fromkeys(PlanKind, "0" * 64)))
    assert [row.kind for row in rows] == KINDS
    for row in rows:
        assert row.tax_now == row.proposal.breakdown.tax
        assert row.off_target == sum((abs(c.after - c.target) for c in row.proposal.classes), D(0)) / 2
    assert rows[0].proposal.objective == min(row.proposal.objective for row in rows)
    assert rows[-1].tax_now == rows[-1].tax_deferred == 0
