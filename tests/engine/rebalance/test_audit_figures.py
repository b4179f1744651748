"""Every figure of a proposal is held against its trades: a good proposal with one figure off by a dollar or a day."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from engine.portfolio import Side, Term
from engine.rebalance.audit import audit_proposal, audit_trades
from engine.rebalance.proposal import CashLine, DoNotBuy, LotSale, Proposal, Trade
from tests.builders import account, dec
from tests.engine.rebalance.households import EITHER, home, household, sharp, stock
from tests.engine.rebalance.solving import solved

D = Decimal
LOTS = (
    stock("103000", days=400, name="LOSS"),
    stock("100", "1", days=10, name="DRIP", locked=True),
    stock("9000", "100", symbol="OTH", name="YOUNG", days=200, account="A2"),
)
CASE = household(
    [home(10, min_trade=D(100)), account("A2", cash=D(5000), do_not_buy=("OTH",))],
    LOTS,
    targets={"us_equity": "0.9", "bond": "0.1"},
    buy_list=EITHER,
)
GOOD = solved(CASE)
LOSS_SALE = next(t for t in GOOD.trades if t.side is Side.SELL)
BOND_CLASS = GOOD.classes[0]
Change = Callable[[Proposal], Proposal]


def state(**changes: object) -> Change:
    return lambda p: replace(p, **changes)  # type: ignore[arg-type]


def shift(part: str, name: str) -> Change:
    """Return a change that adds a dollar to one figure of a part of the proposal."""

    def change(p: Proposal) -> Proposal:
        of = getattr(p, part)
        return replace(p, **{part: replace(of, **{name: getattr(of, name) + 1})})

    return change


def of_bonds(**changes: object) -> Change:
    return state(classes=(replace(BOND_CLASS, **changes), *GOOD.classes[1:]))  # type: ignore[arg-type]


def edit_sale(**changes: object) -> Change:
    """Return a change of the one lot of the sale at a loss."""
    lots = (replace(LOSS_SALE.lots[0], **changes),)  # type: ignore[arg-type]
    return state(trades=tuple(replace(t, lots=lots) if t == LOSS_SALE else t for t in GOOD.trades))


WRONG: list[tuple[str, Change]] = [
    *((f"figures: breakdown.{n} ", shift("breakdown", n)) for n in ("drift", "tax", "deferred", "trading", "holding")),
    *(
        (f"figures: tax.{n} ", shift("tax", n))
        for n in ("before", "after", "short_term", "long_term", "harvested_loss", "disallowed")
    ),
    ("figures: breakdown is", shift("breakdown", "holding")),
    ("figures: objective", state(objective=GOOD.objective + 1)),
    ("figures: objective", state(trades=())),
    ("figures: gap", state(gap=GOOD.gap + 1)),
    ("figures: bound", state(bound=GOOD.objective + 1, gap=D(-1))),
    ("figures: turnover", state(turnover=GOOD.turnover + dec("0.001"))),
    ("figures: cash of A1 is", state(cash=(replace(GOOD.cash[0], after=D(99)), GOOD.cash[1]))),
    ("figures: cash of A1 before", state(cash=(replace(GOOD.cash[0], before=D(99)), GOOD.cash[1]))),
    ("figures: cash does not list", state(cash=GOOD.cash[:1])),
    ("figures: cash does not list", state(cash=(*GOOD.cash, CashLine("A9", D(0), D(0))))),
    ("figures: bond before", of_bonds(before=D(1))),
    ("figures: bond after", of_bonds(after=D(1))),
    ("figures: the target of bond", of_bonds(target=D(1))),
    ("figures: class bond is not listed", state(classes=GOOD.classes[1:])),
    ("figures: do_not_buy", state(do_not_buy=())),
    ("figures: do_not_buy", state(do_not_buy=(DoNotBuy("STK", date(2025, 7, 29)),))),
    ("lots: gain -2999.00 of lot LOSS is not -3000", edit_sale(gain=dec("-2999.00"))),
    ("lots: lot LOSS is long, not short", edit_sale(term=Term.SHORT)),
    ("lots: lot LOSS is long, not None", edit_sale(term=None)),
    ("lots: the lots of STK in A1 do not add up to 1000 shares", edit_sale(quantity=D(999))),
]


def test_the_good_proposal_is_worth_breaking() -> None:
    assert LOSS_SALE.lots == (LotSale("LOSS", D(1000), D(-3000), Term.LONG),)
    assert GOOD.tax.disallowed == 3
    assert GOOD.do_not_buy == (DoNotBuy("STK", date(2025, 7, 30)),)
    assert {t.side for t in GOOD.trades} == set(Side)


@pytest.mark.parametrize(("says", "change"), WRONG, ids=[f"{i}-{says}" for i, (says, _) in enumerate(WRONG)])
def test_a_wrong_figure_is_named_with_the_true_one(says: str, change: Change) -> None:
    lines = audit_proposal(CASE, change(GOOD))
    assert any(line.startswith(says) for line in lines), lines


def test_gains_are_held_against_their_limits_unrounded_as_well() -> None:
    """A third of a lot sold for $33.333... more than its basis: the cents say 33.33, the limit is 33.33."""
    lot = replace(LOTS[2], quantity=D(3), cost_basis=D(200), id="THIRD")
    third = LotSale("THIRD", D(1), dec("33.33"), Term.SHORT)
    trade = Trade("A2", "OTH", Side.SELL, D(1), D(100), D(100), (third,), "By hand.", "by_hand")
    case = replace(CASE, lots=(lot,), policy=sharp(max_net_gain=dec("33.33")))
    assert audit_trades(case, [trade]) == ("max_net_gain: the plan adds $33.3333, at most $33.33",)
    assert audit_trades(replace(case, policy=sharp(max_net_gain=dec("33.34"))), [trade]) == ()


def test_every_breach_is_told_and_not_only_the_first() -> None:
    lines = audit_trades(replace(CASE, buy_list={}, policy=sharp(max_turnover=D(0))), GOOD.trades)
    assert {line.split(":")[0] for line in lines} == {"buy_list", "max_turnover"}
    assert all(line == " ".join(line.split()) for line in lines)


def test_an_infeasible_proposal_is_not_blamed_for_the_cash_it_cannot_raise() -> None:
    case = household(home(withdraw=D(500)))
    assert audit_proposal(case, solved(case)) == ()


def test_the_audit_loads_nothing_of_the_solver() -> None:
    """Beyond the nouns they share no module: each reads the law for itself."""
    script = "import sys, {}; print(*(m for m in sys.modules if m.startswith(('engine.', 'numpy', 'highspy'))))"
    loaded = []
    for name in ("engine.rebalance.audit", "engine.rebalance.program"):
        run = subprocess.run([sys.executable, "-c", script.format(name)], capture_output=True, text=True, check=True)
        loaded.append(set(run.stdout.split()))
    nouns = {"errors", "money", "portfolio", "rebalance", "rebalance.case", "rebalance.proposal"}
    assert {m.removeprefix("engine.") for m in loaded[0] & loaded[1]} <= nouns
    assert "engine.rebalance.audit_law" in loaded[0]
