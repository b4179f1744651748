"""The audit catches each broken rule and each wrong figure: one hand-made fault a case, and none in a good plan."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from engine.portfolio import Action, HistoryRow, Policy, Registration, Side, Term, WashSalePolicy
from engine.rebalance.audit import audit_proposal, audit_trades
from engine.rebalance.case import Case
from engine.rebalance.proposal import LotSale, Status, Trade
from engine.rebalance.solve import solve
from tests.builders import AS_OF, account, case, lot, security

D = Decimal
OLD, NEW, RIPE = date(2023, 1, 5), AS_OF - timedelta(days=100), AS_OF - timedelta(days=355)
VTI = security("VTI", half_spread_bp=D(0), adv_shares=D(1000))
ITOT = security("ITOT", half_spread_bp=D(0))
BND = security("BND", "us_bond", half_spread_bp=D(0))
LOTS = (
    lot("GAIN", "VTI", "100", "8000", OLD),
    lot("YOUNG", "VTI", "50", "4000", NEW),
    lot("RIPE", "VTI", "20", "1000", RIPE),
    lot("LOSS", "BND", "100", "14000", OLD),
    lot("SMALL", "BND", "10", "1010", OLD),
    lot("HELD", "ITOT", "30.5", "3050", OLD, account="R1"),
    lot("LOCK", "ITOT", "10", "900", OLD, locked=True),
)
HOUSE = case(
    [VTI, ITOT, BND],
    [
        account(do_not_buy=("ITOT",), min_trade=D(250)),
        account("R1", Registration.ROTH_IRA, do_not_sell=("BND",), cash=D(5000)),
    ],
    LOTS,
    targets={"us_equity": "0.5", "us_bond": "0.4", "cash": "0.1"},
    buy_list={"us_equity": ("VTI", "ITOT"), "us_bond": ("BND",)},
    policy=Policy(harvest_min_loss=D(500), ripening_days=30, band_relative=D(1)),
)
TERMS = {"GAIN": Term.LONG, "YOUNG": Term.SHORT, "RIPE": Term.SHORT, "LOSS": Term.LONG, "SMALL": Term.LONG}


def sale(symbol: str, *parts: tuple[str, str], home: str = "A1", **changes: object) -> Trade:
    """Return a sale at 100 dollars of (lot, shares)."""
    lots = {x.id: x for x in LOTS}
    sold = []
    for name, shares in parts:
        gain = D(shares) * 100 - lots[name].cost_basis * D(shares) / lots[name].quantity
        sold.append(LotSale(name, D(shares), gain.quantize(D("0.01")), TERMS.get(name) if home == "A1" else None))
    total = sum((s.quantity for s in sold), D(0))
    made = Trade(home, symbol, Side.SELL, total, D(100), total * 100, tuple(sold), "Because.", "test")
    return replace(made, **changes)  # type: ignore[arg-type]


def purchase(symbol: str, shares: str, home: str = "R1", **changes: object) -> Trade:
    """Return a purchase at 100 dollars."""
    made = Trade(home, symbol, Side.BUY, D(shares), D(100), D(shares) * 100, (), "Because.", "test")
    return replace(made, **changes)  # type: ignore[arg-type]


def ruled(**changes: object) -> Case:
    return replace(HOUSE, policy=replace(HOUSE.policy, **changes))  # type: ignore[arg-type]


def past(symbol: str, days: int, *, loss: bool = False, home: str = "A1") -> Case:
    action = Action.SELL if loss else Action.BUY
    row = HistoryRow(home, symbol, AS_OF - timedelta(days=days), action, D(5), D(500), D(5) if loss else D(0))
    return replace(HOUSE, history=(row,))


GAIN = sale("VTI", ("GAIN", "10"))
LOSS = sale("BND", ("LOSS", "50"))
BUY = purchase("VTI", "10")

GOOD: list[tuple[str, Case, list[Trade]]] = [
    ("nothing", HOUSE, []),
    ("a gain, a loss and a purchase elsewhere", HOUSE, [GAIN, LOSS, purchase("ITOT", "20")]),
    ("the whole of a fractional position", HOUSE, [sale("ITOT", ("HELD", "30.5"), home="R1")]),
    ("a loss 31 days after a sheltered purchase", past("BND", 31, home="R1"), [LOSS]),
    ("a purchase 31 days after a loss", past("VTI", 31, loss=True), [BUY]),
]
BAD: list[tuple[str, Case, list[Trade]]] = [
    ("trades[0]: unknown account", HOUSE, [replace(BUY, account="X")]),
    ("trades[0]: unknown symbol", HOUSE, [replace(BUY, symbol="X")]),
    ("trades[0]: unknown lot", HOUSE, [replace(GAIN, lots=(LotSale("X", D(10), D(0), None),))]),
    ("orders", HOUSE, [BUY, BUY]),
    ("orders", HOUSE, [GAIN, purchase("VTI", "5", home="A1")]),
    ("orders", HOUSE, [purchase("VTI", "0")]),
    ("orders", HOUSE, [replace(BUY, price=D(99))]),
    ("orders", HOUSE, [replace(BUY, amount=D(999))]),
    ("min_trade", HOUSE, [sale("VTI", ("GAIN", "2"))]),
    ("lots", HOUSE, [replace(BUY, lots=GAIN.lots)]),
    ("lots", HOUSE, [replace(GAIN, quantity=D(9), amount=D(900))]),
    ("lots", HOUSE, [sale("VTI", ("GAIN", "60"), ("YOUNG", "60"))]),
    ("lots", HOUSE, [sale("VTI", ("LOSS", "10"))]),
    ("lots", HOUSE, [sale("VTI", ("GAIN", "11"), ("YOUNG", "-1"))]),
    ("lots", HOUSE, [replace(GAIN, lots=(replace(GAIN.lots[0], gain=D(1)),))]),
    ("lots", HOUSE, [replace(GAIN, lots=(replace(GAIN.lots[0], term=Term.SHORT),))]),
    ("locked", HOUSE, [sale("ITOT", ("LOCK", "10"))]),
    ("do_not_sell", HOUSE, [sale("BND", ("LOSS", "50"), home="R1")]),
    ("buy_list", replace(HOUSE, buy_list={"us_bond": ("BND",)}), [BUY]),
    ("do_not_buy", HOUSE, [purchase("ITOT", "5", home="A1")]),
    ("whole_shares", HOUSE, [purchase("VTI", "2.5")]),
    ("cash", HOUSE, [purchase("VTI", "60")]),
    ("adv_limit", ruled(adv_limit=D("0.005")), [BUY]),
    ("max_turnover", ruled(max_turnover=D("0.005")), [BUY]),
    ("max_turnover", ruled(max_turnover=D("0.1"), turnover_used=D("0.2")), [BUY]),
    ("class_cap", ruled(class_cap=D("0.5575")), [BUY]),
    ("class_cap", ruled(class_cap=D("0.2")), [BUY]),
    ("max_position", ruled(max_position=D("0.4")), [BUY]),
    ("max_net_gain", ruled(max_net_gain=D(100)), [GAIN]),
    ("max_short_term_gain", ruled(max_short_term_gain=D(50)), [sale("VTI", ("YOUNG", "10"))]),
    ("ripening", HOUSE, [sale("VTI", ("RIPE", "20"))]),
    ("harvest_threshold", HOUSE, [sale("BND", ("SMALL", "10"))]),
    ("wash_sale", HOUSE, [LOSS, purchase("BND", "5")]),
    ("wash_sale", past("VTI", 30, loss=True), [BUY]),
    ("wash_sale", past("BND", 30, home="R1"), [LOSS]),
    (
        "wash_sale",
        replace(past("BND", 30), policy=replace(HOUSE.policy, wash_sales=WashSalePolicy.NEVER)),
        [LOSS],
    ),
]


@pytest.mark.parametrize(("what", "house", "trades"), GOOD, ids=[what for what, *_ in GOOD])
def test_a_plan_that_keeps_every_rule_passes(what: str, house: Case, trades: list[Trade]) -> None:
    assert audit_trades(house, trades) == ()


@pytest.mark.parametrize(("rule", "house", "trades"), BAD, ids=[f"{i}-{rule}" for i, (rule, *_) in enumerate(BAD)])
def test_a_broken_rule_is_named(rule: str, house: Case, trades: list[Trade]) -> None:
    lines = audit_trades(house, trades)
    assert any(line.startswith(rule) for line in lines), lines


FIGURES = ["objective", "bound", "gap", "breakdown", "tax", "cash", "classes"]


@pytest.mark.parametrize("figure", FIGURES)
def test_a_wrong_figure_is_named(figure: str) -> None:
    proposal = solve(HOUSE, case_sha256="x")
    assert audit_proposal(HOUSE, proposal) == ()
    wrong = {
        "objective": replace(proposal, objective=proposal.objective + 1),
        "bound": replace(proposal, bound=proposal.objective + 1, gap=D(-1)),
        "gap": replace(proposal, gap=proposal.gap + 1),
        "breakdown": replace(proposal, breakdown=replace(proposal.breakdown, drift=proposal.breakdown.drift + 1)),
        "tax": replace(proposal, tax=replace(proposal.tax, long_term=proposal.tax.long_term + 1)),
        "cash": replace(proposal, cash=(replace(proposal.cash[0], after=D(1)), *proposal.cash[1:])),
        "classes": replace(proposal, classes=(replace(proposal.classes[0], after=D("0.99")), *proposal.classes[1:])),
    }[figure]
    assert audit_proposal(HOUSE, wrong)


def test_an_unknown_lot_stops_the_audit_before_any_figure() -> None:
    proposal = solve(HOUSE, case_sha256="x")
    wrong = replace(proposal, trades=(replace(GAIN, lots=(LotSale("X", D(10), D(0), None),)),))
    assert [line for line in audit_proposal(HOUSE, wrong) if "unknown lot" in line]


def test_infeasible_must_say_why_must_not_trade_and_must_be_so() -> None:
    short = replace(HOUSE, accounts=(replace(HOUSE.accounts[0], withdraw=D(10**6)), HOUSE.accounts[1]))
    proposal = solve(short, case_sha256="x")
    assert proposal.status is Status.INFEASIBLE
    assert audit_proposal(short, proposal) == ()
    assert any("must say" in b for b in audit_proposal(short, replace(proposal, reasons=())))
    assert any("must not trade" in b for b in audit_proposal(short, replace(proposal, trades=(GAIN,))))
    idle = replace(solve(HOUSE, case_sha256="x"), status=Status.INFEASIBLE, trades=(), reasons=("no",))
    assert any("doing nothing keeps every rule" in b for b in audit_proposal(HOUSE, idle))
