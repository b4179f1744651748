from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from db import store
from engine.portfolio import Action
from engine.problems import Problem, Severity
from importers import records as r
from tests.workflow.import_desk import (
    DAY,
    HOLDINGS,
    LOTS,
    OFFICE,
    ROTH,
    TAXABLE,
    Desk,
    cash,
    codes,
    lot,
    position,
    price,
    trade,
)

D = Decimal


def test_a_newer_statement_takes_the_place_of_the_older_one(desk: Desk) -> None:
    week_ago = date(2026, 10, 23)
    older = (position(TAXABLE, "VTI", "12"), position(TAXABLE, "ITOT", "3"), cash(TAXABLE))
    lots = (lot(TAXABLE, "VTI", "12"), lot(TAXABLE, "ITOT", "3"))
    desk.take(
        desk.file("office.xlsx", *OFFICE),
        desk.file("old.csv", *older, as_of=week_ago),
        desk.file("old lots.csv", *lots, as_of=week_ago),
    )
    outcome = desk.take(
        desk.file("new.csv", position(TAXABLE, "VTI", "15"), cash(TAXABLE, "70")),
        desk.file("new lots.csv", *(lots[0], lot(TAXABLE, "VTI", "3", acquired=date(2026, 10, 26)))),
    )
    assert outcome.changes == {
        "positions changed": 1,
        "positions closed": 1,
        "lots closed": 1,
        "accounts changed": 1,
        "lots added": 1,
    }
    held = desk.household()
    assert [(p.symbol, p.quantity, p.as_of) for p in held.positions] == [("VTI", D(15), DAY)]
    assert [(x.id, x.quantity) for x in held.lots] == [("A1/VTI-20240301-1", D(12)), ("A1/VTI-20261026-1", D(3))]
    assert held.accounts[0].cash == D(70)


def test_an_older_statement_is_not_applied_and_says_so(desk: Desk) -> None:
    desk.take(desk.file("office.xlsx", *OFFICE), desk.file("positions.csv", *HOLDINGS), desk.file("lots.csv", *LOTS))
    before = desk.household()
    week_ago = date(2026, 10, 23)
    outcome = desk.take(
        desk.file("older.csv", position(TAXABLE, "VTI", "1"), cash(TAXABLE), as_of=week_ago),
        desk.file("older lots.csv", lot(TAXABLE, "VTI", "1"), lot(TAXABLE, "ITOT", "1"), as_of=week_ago),
    )
    assert outcome.changes == {}
    assert [codes(file.problems) for file in outcome.files] == [["older_holdings"], ["older_lots", "older_lots"]]
    assert desk.household() == before


def test_within_a_call_the_newest_statement_wins(desk: Desk) -> None:
    new = desk.file("new.csv", position(TAXABLE, "VTI", "15"), cash(TAXABLE))
    old = desk.file("old.csv", position(TAXABLE, "VTI", "12"), cash(TAXABLE), as_of=date(2026, 10, 23))
    desk.take(desk.file("office.xlsx", *OFFICE), new, old)
    assert desk.household().positions[0].quantity == D(15)


def test_two_files_that_state_one_account_on_one_day_are_a_warning(desk: Desk) -> None:
    files = (desk.file("a.csv", *HOLDINGS), desk.file("b.csv", position(TAXABLE, "VTI", "2"), cash(TAXABLE)))
    outcome = desk.take(desk.file("office.xlsx", *OFFICE), *files)
    assert codes(outcome.files[2].problems) == ["stated_twice"]
    assert desk.household().positions[0].quantity == D(2)


def test_lots_of_what_a_bad_row_hides_are_not_closed(desk: Desk) -> None:
    desk.take(
        desk.file("office.xlsx", *OFFICE),
        desk.file("old.csv", *HOLDINGS, as_of=date(2026, 10, 23)),
        desk.file("old lots.csv", *LOTS, as_of=date(2026, 10, 23)),
    )
    unread = Problem(Severity.BLOCKING, "bad_value", "VTI: quantity is not a number", row=5, symbol="VTI")
    outcome = desk.take(desk.file("new.csv", cash(TAXABLE), problems=[unread]))
    assert "lots closed" not in outcome.changes
    assert "lots_without_position" in codes(outcome.problems)
    held = desk.household()
    assert len([x for x in held.lots if x.account == "A1"]) == 2


def test_rows_of_one_symbol_are_added_up(desk: Desk) -> None:
    rows = (position(TAXABLE, "VTI", "5"), position(TAXABLE, "VTI", "7"), position(TAXABLE, "ITOT", "0"))
    desk.take(desk.file("office.xlsx", *OFFICE), desk.file("positions.csv", *rows))
    assert [(p.symbol, p.quantity, p.market_value) for p in desk.household().positions] == [("VTI", D(12), D(120))]
    assert desk.household().accounts[0].cash == 0


def test_equal_trades_are_distinct_and_counted_once_over_files(desk: Desk) -> None:
    buy, sell = trade(TAXABLE, Action.BUY), trade(TAXABLE, Action.SELL, day=21)
    desk.take(desk.file("office.xlsx", *OFFICE), desk.file("october.csv", buy, buy, sell))
    assert len(desk.household().history) == 3
    outcome = desk.take(desk.file("october and more.csv", buy, buy, buy, trade(TAXABLE, Action.BUY, day=29)))
    assert outcome.changes == {"transactions added": 2}
    assert len(desk.household().history) == 5


def test_a_later_file_may_say_more_of_a_trade(desk: Desk) -> None:
    buy = trade(TAXABLE, Action.BUY)
    desk.take(desk.file("office.xlsx", *OFFICE), desk.file("a.csv", buy))
    outcome = desk.take(desk.file("b.csv", replace(buy, lot_id="L7")))
    assert outcome.changes == {"transactions changed": 1}
    assert desk.household().history[0].lot == "A1/L7"


def test_realized_losses_reach_the_history(desk: Desk) -> None:
    gain = r.RealizedRecord(4, TAXABLE, "VTI", None, date(2026, 10, 20), D(5), D(50), D(80), D(-30))
    files = (desk.file("office.xlsx", *OFFICE), desk.file("gains.csv", gain, gain))
    assert desk.take(*files).changes["realized gains added"] == 2
    assert [(row.quantity, row.loss_quantity) for row in desk.household().history] == [(D(10), D(10))]
    assert desk.take(desk.file("gains 2.csv", gain, gain, note="again")).changes == {}


def test_prices_of_two_files_are_joined_and_corrected_later(desk: Desk) -> None:
    plain = desk.file("close.csv", price("VTI", 29, "10"), price("VTI", 30, "11"))
    adjusted = desk.file("adjusted.csv", price("VTI", 29, None, "9.5"), price("BND", 30, None, "70.123456789"))
    outcome = desk.take(desk.file("office.xlsx", *OFFICE), plain, adjusted)
    assert outcome.changes["prices added"] == 3
    assert codes(outcome.files[2].problems) == ["rounded"]
    outcome = desk.take(desk.file("close 2.csv", price("VTI", 29, "10.25"), price("VTI", 30, "11")))
    assert outcome.changes == {"prices changed": 1}
    with desk.book.reading() as session:
        closes = store.load_adjusted_closes(session, ["VTI", "BND"], until=DAY)
        assert closes.values.tolist()[0][0] == 9.5
        assert closes.values.tolist()[1][1] == 70.123457
        assert store.load_securities(session, ["VTI"], as_of=date(2026, 10, 29))["VTI"].close == D("10.25")


def test_macro_series_are_kept(desk: Desk) -> None:
    points = [r.MacroRecord(2, "T10Y2Y", date(2026, 10, day), D(value)) for day, value in ((1, "-0.5"), (2, "0.25"))]
    assert desk.take(desk.file("macro.csv", *points)).changes == {"macro series added": 1, "macro values added": 2}
    outcome = desk.take(desk.file("macro 2.csv", points[0], replace(points[1], value=D("0.3"))))
    assert outcome.changes == {"macro values changed": 1}


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (price("VTI", 29, "0"), "close"),
        (price("VTI", 29, "-4"), "close"),
        (price("VTI", 29, "NaN"), "close"),
        (price("VTI", 29, None, "0.0000001"), "adjusted"),
        (price("VTI", 31, "10"), "date"),
        (trade(TAXABLE, Action.BUY, day=31), "date"),
        (trade(TAXABLE, Action.BUY, "0"), "quantity"),
        (trade(TAXABLE, Action.BUY, "1E+12"), "quantity"),
        (lot(TAXABLE, "VTI", "5", acquired=date(2026, 11, 1)), "acquired"),
        (lot(TAXABLE, "VTI", "-5"), "quantity"),
        (lot(TAXABLE, "VTI", "5", basis="-1"), "cost_basis"),
        (lot(TAXABLE, "VTI", "Infinity"), "quantity"),
        (position(TAXABLE, "VTI", "5", price="0"), "price"),
    ],
)
def test_a_row_that_cannot_be_true_is_left_out_and_says_where(desk: Desk, record: r.Record, field: str) -> None:
    outcome = desk.take(desk.file("office.xlsx", *OFFICE), desk.file("bad.csv", record))
    (problem,) = [p for p in outcome.files[1].problems if p.severity is Severity.BLOCKING]
    assert (problem.file, problem.row, problem.field, problem.symbol) == ("bad.csv", record.row, field, "VTI")
    assert problem.hint
    with desk.book.reading() as session:
        assert store.source_files(session) == ()


def test_two_lots_of_one_id_are_a_problem(desk: Desk) -> None:
    rows = (lot(TAXABLE, "VTI", "5", lot_id="L1"), replace(lot(TAXABLE, "VTI", "7", lot_id="L1"), row=7))
    other = lot(TAXABLE, "BND", "1", lot_id="L1")
    holdings = (position(TAXABLE, "VTI", "12"), position(TAXABLE, "BND", "1"), cash(ROTH))
    outcome = desk.take(
        desk.file("office.xlsx", *OFFICE), desk.file("positions.csv", *holdings), desk.file("lots.csv", *rows, other)
    )
    assert [(p.code, p.row, p.field) for p in outcome.files[2].problems] == [
        ("double_lot", 7, "lot_id"),
        ("double_lot", 6, "lot_id"),
    ]
    assert codes(outcome.problems) == ["lots_differ", "lots_missing"]


def test_two_prices_of_one_day_are_a_problem(desk: Desk) -> None:
    file = desk.file("prices.csv", price("VTI", 30, "10"), price("VTI", 30, "11", row=9), price("VTI", 30, "10"))
    outcome = desk.take(desk.file("office.xlsx", *OFFICE), file)
    assert [(p.code, p.row, p.symbol) for p in outcome.files[1].problems] == [("double_price", 9, "VTI")]
