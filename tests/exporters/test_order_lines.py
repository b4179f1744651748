from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.money import ZERO
from engine.portfolio import Action, HistoryRow, Side, Term
from engine.rebalance.proposal import Status
from exporters.order_lines import lines_of, run_orders
from exporters.wash_watch import WashState, WatchKind, watches
from tests.exporters.builders import ackerman, castellano, crowded, lindqvist, sample_run
from tests.exporters.office import AS_OF, RUN

D = Decimal


def test_proceeds_and_shares_of_the_lots_sum_to_their_order() -> None:
    orders = run_orders(sample_run(ackerman(), lindqvist(), crowded())).orders
    sells = [order for order in orders if order.side is Side.SELL]
    assert len(sells) > 60
    for order in sells:
        assert sum(lot.proceeds for lot in order.lots) == order.amount
        assert sum(lot.quantity for lot in order.lots) == order.quantity


def test_gain_of_every_taxable_lot_is_proceeds_less_basis() -> None:
    taxed = [x for order in run_orders(sample_run()).orders for x in order.lots if x.gain is not None]
    assert taxed
    assert all(lot.proceeds - lot.cost_basis == lot.gain for lot in taxed)


def test_basis_shown_is_within_a_cent_of_pro_rata() -> None:
    household = ackerman()
    known = {lot.id: lot for lot in household.case.lots}
    for order in lines_of(household):
        for line in order.lots:
            lot = known[line.lot_id]
            assert abs(line.cost_basis - lot.cost_basis * line.quantity / lot.quantity) <= D("0.01")


def test_gains_of_the_orders_sum_to_the_gains_of_the_proposal() -> None:
    household = ackerman()
    orders = lines_of(household)
    assert sum((o.short_term_gain or ZERO for o in orders), ZERO) == household.proposal.tax.short_term
    assert sum((o.long_term_gain or ZERO for o in orders), ZERO) == household.proposal.tax.long_term


def test_orders_sum_to_their_block_and_allocations_to_one_hundred_per_cent() -> None:
    run = run_orders(sample_run())
    assert [(b.custodian, b.security.symbol, b.side.value, b.accounts) for b in run.blocks] == [
        ("Fidelity", "BND", "buy", 2),
        ("Schwab", "VEA", "sell", 2),
        ("Schwab", "IEFA", "buy", 2),
    ]
    for block in run.blocks:
        parts = [a for a in run.allocations if a.block_id == block.block_id]
        assert block.quantity == sum(a.quantity for a in parts) == sum(o.quantity for o in block.orders)
        assert block.amount == sum(o.amount for o in block.orders)
        assert sum(a.share for a in parts) == 100
        assert {o.block_id for o in block.orders} == {block.block_id}


def test_an_order_alone_in_its_symbol_and_side_belongs_to_no_block() -> None:
    alone = [o for o in run_orders(sample_run()).orders if o.security.symbol == "VNQ"]
    assert [o.block_id for o in alone] == [""]


def test_the_same_symbol_and_side_at_two_custodians_is_two_orders_and_no_block() -> None:
    run = run_orders(sample_run(ackerman()))
    assert {o.account.custodian for o in run.orders if o.security.symbol == "VTI"} == {"Schwab", "Fidelity"}
    assert run.blocks == ()


def test_identifiers_come_from_the_run_and_do_not_depend_on_the_order_of_households() -> None:
    forward = run_orders(sample_run(ackerman(), lindqvist()))
    backward = run_orders(sample_run(lindqvist(), ackerman()))
    assert forward.orders == backward.orders
    assert [o.order_id for o in forward.orders] == [f"{RUN}-{i:04d}" for i in range(1, 10)]
    assert len({b.block_id for b in forward.blocks}) == len(forward.blocks)


def test_lots_carry_the_number_of_their_order() -> None:
    orders = run_orders(sample_run()).orders
    assert all(lot.order_id == order.order_id for order in orders for lot in order.lots)


def test_sells_of_an_account_come_before_its_buys() -> None:
    orders = run_orders(sample_run()).orders
    sides = [o.side for o in orders if o.account.key == "A1"]
    assert sides == [Side.SELL, Side.SELL, Side.BUY]


def test_accounts_that_realise_no_gains_show_none() -> None:
    orders = {(o.account.key, o.security.symbol): o for o in lines_of(ackerman())}
    in_the_ira = orders["A2", "VTI"]
    assert in_the_ira.gain is None
    assert [lot.gain for lot in in_the_ira.lots] == [None]
    assert in_the_ira.lots[0].cost_basis == D("10260.00")
    assert orders["A1", "VTI"].long_term_gain == D("13899.60")
    assert orders["A1", "VTI"].short_term_gain == 0


def test_infeasible_household_sends_no_order_and_says_what_was_held_back() -> None:
    household = ackerman()
    broken = replace(household, proposal=replace(household.proposal, status=Status.INFEASIBLE))
    run = run_orders(sample_run(broken))
    assert run.orders == ()
    assert len(run.held_back) == 6
    assert "nothing of this proposal is sent" in run.held_back[0].why


def test_run_without_trades_has_no_orders() -> None:
    run = run_orders(sample_run(castellano()))
    assert (run.orders, run.blocks, run.allocations, run.custodians) == ((), (), (), ())


def test_security_without_facts_is_named_by_its_symbol() -> None:
    bare = replace(ackerman(), securities=())
    assert {(o.security.symbol, o.security.name) for o in lines_of(bare)} >= {("VTI", "VTI")}


def test_closing_a_position_is_marked() -> None:
    marks = {(o.account.key, o.security.symbol): o.closes_position for o in lines_of(ackerman())}
    assert marks["A1", "VEA"]
    assert not marks["A1", "VTI"]
    assert not marks["A1", "IEFA"]


def test_cost_is_the_half_spread_and_the_ticket() -> None:
    costs = {(o.account.key, o.security.symbol): o.cost for o in lines_of(lindqvist())}
    assert costs["L1", "IEFA"] == D("8.66")
    assert costs["L2", "BND"] == D("3.68")


def test_terms_split_the_gain_of_an_order() -> None:
    order = next(o for o in lines_of(ackerman()) if o.security.symbol == "VEA")
    by_term = {term: sum(x.gain or ZERO for x in order.lots if x.term is term) for term in Term}
    assert (order.short_term_gain, order.long_term_gain) == (by_term[Term.SHORT], by_term[Term.LONG])
    assert order.gain == sum(by_term.values())


@pytest.mark.parametrize(("days", "state"), [(0, "possible"), (30, "possible"), (31, "watch"), (-1, "watch")])
def test_a_purchase_within_thirty_days_puts_a_loss_in_question(days: int, state: str) -> None:
    household = ackerman()
    row = HistoryRow("A2", "VEA", AS_OF - timedelta(days=days), Action.BUY, D(1))
    case = replace(household.case, history=(row,))
    order = next(o for o in lines_of(replace(household, case=case)) if o.security.symbol == "VEA")
    assert order.wash.value == state


def test_the_purchase_of_the_lot_itself_is_not_its_own_replacement() -> None:
    household = ackerman()
    row = HistoryRow("A1", "VEA", AS_OF - timedelta(days=3), Action.BUY, D(410), lot="A1-VEA-3")
    order = next(
        o
        for o in lines_of(replace(household, case=replace(household.case, history=(row,))))
        if o.security.symbol == "VEA"
    )
    assert {x.lot_id: x.wash for x in order.lots} == {
        "A1-VEA-1": WashState.POSSIBLE,
        "A1-VEA-2": WashState.POSSIBLE,
        "A1-VEA-3": WashState.WATCH,
    }


def test_buying_back_what_was_sold_at_a_loss_is_marked() -> None:
    household = ackerman()
    trades = tuple(replace(t, symbol="VWO") if t.symbol == "VNQ" else t for t in household.proposal.trades)
    bought_back = replace(household, proposal=replace(household.proposal, trades=trades))
    states = {(o.account.key, o.security.symbol): o.wash for o in lines_of(bought_back)}
    assert states["A3", "VWO"] is WashState.POSSIBLE
    assert states["A2", "BND"] is WashState.NONE


def test_watch_list_names_losses_now_losses_before_and_purchases_with_their_windows() -> None:
    found = watches(ackerman())
    assert [(w.kind, w.identity_group, w.closes.isoformat()) for w in found] == [
        (WatchKind.LOSS_NOW, "Developed ex-US FTSE", "2026-11-29"),
        (WatchKind.LOSS_BEFORE, "VWO", "2026-11-08"),
        (WatchKind.PURCHASE, "BND", "2026-11-17"),
        (WatchKind.PURCHASE, "VB", "2026-11-24"),
    ]
    loss = found[0]
    assert (loss.account, loss.quantity, loss.substitutes) == ("A1", D(2410), ("IEFA",))
    assert loss.opens == AS_OF - timedelta(days=30)
    assert found[1].elsewhere == ("A3",)


def test_a_loss_that_the_proposal_already_names_is_listed_once() -> None:
    household = ackerman()
    entry = replace(household.proposal.do_not_buy[0], identity_group="VWO", until=AS_OF + timedelta(days=9))
    proposal = replace(household.proposal, do_not_buy=(entry,))
    found = [w for w in watches(replace(household, proposal=proposal)) if w.identity_group == "VWO"]
    assert [(w.kind, w.account, w.quantity) for w in found] == [(WatchKind.LOSS_BEFORE, "A1", D(90))]


def test_a_loss_that_only_the_proposal_knows_is_listed_without_shares() -> None:
    household = ackerman()
    entry = replace(household.proposal.do_not_buy[0], identity_group="SCHP", until=AS_OF + timedelta(days=3))
    proposal = replace(household.proposal, do_not_buy=(entry,))
    found = [w for w in watches(replace(household, proposal=proposal)) if w.identity_group == "SCHP"]
    assert [(w.kind, w.account, w.quantity, w.closes) for w in found] == [
        (WatchKind.LOSS_BEFORE, "", None, AS_OF + timedelta(days=3))
    ]
