"""What is said when a custodian takes no lot instruction and would sell other lots."""

from decimal import Decimal

import pytest

from engine.portfolio import Account, LotMethod, Registration, Side
from engine.rebalance.eligibility import survey
from engine.rebalance.figures import Fill
from engine.rebalance.lot_method_warnings import lot_method_warnings
from tests.engine.rebalance.households import IRA, home, household, stock

D = Decimal


def warned(account: Account, *, lots: tuple[tuple[str, str], ...] = (("NEW", "100"),)) -> tuple[str, ...]:
    """The warnings of a plan that sells from OLD (long, gain of 50 a share) and NEW (short, loss of 20 a share)."""
    held = [
        stock("5000", "100", name="OLD", account=account.id),
        stock("12000", "100", days=100, name="NEW", account=account.id),
    ]
    view = survey(household([account], held))
    (position,) = (p for p in view.positions if p.lots)
    views = {v.lot.id: v for v in position.lots}
    sold = tuple((views[name], D(shares)) for name, shares in lots)
    other = next(p for p in view.positions if not p.lots)
    fills = (
        Fill(position, Side.SELL, sum((n for _, n in sold), D(0)), sold),
        Fill(other, Side.BUY, D(10)),
    )
    return lot_method_warnings(view, fills)


def test_first_in_first_out_sells_the_gain_instead_of_the_loss() -> None:
    (line,) = warned(home(lot_method=LotMethod.FIFO))
    assert line == (
        "A1 takes no lot instruction: selling STK by first in, first out realizes +$0 short-term and +$5,000 long-term "
        "instead of -$2,000 short-term and +$0 long-term: more tax by $1,930, before wash sales."
    )


def test_a_method_that_saves_tax_says_so() -> None:
    (line,) = warned(home(lot_method=LotMethod.HIFO), lots=(("OLD", "100"),))
    assert "less tax by $1,930" in line


@pytest.mark.parametrize(
    "account",
    [
        home(),
        home(lot_method=LotMethod.SPECIFIC),
        home(lot_method=LotMethod.HIFO),
        Account("A1", "c", Registration.ROTH_IRA, D(0), lot_method=LotMethod.FIFO),
        IRA,
    ],
)
def test_nothing_is_said_where_the_lots_are_sold_as_chosen(account: Account) -> None:
    assert warned(account) == ()


def test_the_same_tax_is_said_too() -> None:
    """1,500 long-term, or 2,500 long-term less 1,000 short-term, which nets to the same."""
    (line,) = warned(home(lot_method=LotMethod.AVERAGE_COST), lots=(("OLD", "50"), ("NEW", "50")))
    assert "by average cost realizes +$0 short-term and +$1,500 long-term" in line
    assert "the same tax" in line
