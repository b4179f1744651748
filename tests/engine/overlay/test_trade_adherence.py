"""What became of approved orders: on time, late, partly, never, not known; and trades that nobody proposed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from engine.overlay.trade_adherence import Carried, Execution, Order, trade_adherence
from engine.portfolio import Side

D = Decimal
END = date(2026, 11, 30)
ORDER = Order("R-1", "Abbott", "A1", "VTI", Side.BUY, D(100), date(2026, 10, 30), END)
KNOWN = {"A1": END}


def fill(quantity: str, day: date, **changes: Any) -> Execution:
    return replace(Execution("Abbott", "A1", "VTI", Side.BUY, D(quantity), day), **changes)


def november(day: int) -> date:
    return date(2026, 11, day)


CASES: tuple[tuple[str, list[Execution], dict[str, date], Carried, int], ...] = (
    ("on the next trading day", [fill("100", november(2))], KNOWN, Carried.ON_TIME, 0),
    ("four days late", [fill("100", november(6))], KNOWN, Carried.LATE, 4),
    ("in two parts, the second late", [fill("60", november(2)), fill("40", november(4))], KNOWN, Carried.LATE, 2),
    ("all but a share", [fill("99", november(2))], KNOWN, Carried.ON_TIME, 0),
    ("half of it", [fill("50", november(2))], KNOWN, Carried.PARTLY, 0),
    ("never", [], KNOWN, Carried.SKIPPED, 0),
    ("trades of an account without imports", [], {}, Carried.UNKNOWN, 0),
    ("imports that end too early", [], {"A1": november(1)}, Carried.UNKNOWN, 0),
    ("another account", [fill("100", november(2), account="A2")], KNOWN, Carried.SKIPPED, 0),
    ("the other side", [fill("100", november(2), side=Side.SELL)], KNOWN, Carried.SKIPPED, 0),
    ("before it was approved", [fill("100", date(2026, 10, 29))], KNOWN, Carried.SKIPPED, 0),
)


@pytest.mark.parametrize(("fills", "known", "carried", "late"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_what_becomes_of_an_order(fills: list[Execution], known: dict[str, date], carried: Carried, late: int) -> None:
    ((record,),) = [each.records for each in trade_adherence([ORDER], fills, known, END)]
    assert (record.carried, record.late_days) == (carried, late)


def test_an_order_whose_days_are_not_over_is_open_and_not_judged() -> None:
    today = november(1)
    (found,) = trade_adherence([replace(ORDER, until=today)], [], {"A1": today}, today)
    assert (found.records[0].carried, found.score) == (Carried.OPEN, None)


def test_a_trade_after_the_next_run_fills_the_order_of_that_run() -> None:
    first = replace(ORDER, until=november(12))
    second = replace(ORDER, run="R-2", approved=november(13), quantity=D(50))
    (found,) = trade_adherence([second, first], [fill("50", november(13))], KNOWN, END)
    assert [(each.order.run, each.carried) for each in found.records] == [
        ("R-1", Carried.SKIPPED),
        ("R-2", Carried.ON_TIME),
    ]
    assert found.score == 50


def test_trades_that_nobody_proposed_are_named_and_cost_the_score() -> None:
    fills = [
        fill("130", november(2)),
        fill("7", november(3), symbol="QQQ"),
        fill("5", date(2026, 10, 1), symbol="QQQ"),
        fill("9", november(3), household="Others"),
    ]
    (found,) = trade_adherence([ORDER], fills[:3], KNOWN, END)
    assert [(each.symbol, each.quantity) for each in found.unasked] == [("VTI", D(30)), ("QQQ", D(7))]
    assert found.score == pytest.approx(D(100) / 3)
    assert [each.household for each in trade_adherence([ORDER], fills, KNOWN, END)] == ["Abbott"]


def test_the_score_is_the_mean_of_the_marks() -> None:
    late = replace(ORDER, symbol="BND")
    orders = [ORDER, late, replace(ORDER, symbol="GLD"), replace(ORDER, symbol="SHY", account="A9")]
    fills = [fill("100", november(2)), fill("100", november(9), symbol="BND")]
    (found,) = trade_adherence(orders, fills, KNOWN, END)
    assert found.counts == {
        Carried.ON_TIME: 1,
        Carried.LATE: 1,
        Carried.PARTLY: 0,
        Carried.SKIPPED: 1,
        Carried.OPEN: 0,
        Carried.UNKNOWN: 1,
    }
    assert found.late_days == 7
    assert found.score == pytest.approx(D(175) / 3)
