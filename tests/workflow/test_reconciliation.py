"""Statements rolled forward, closed lots against the replay, wash sales with reasons, splits from evidence."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from db import tables
from engine.portfolio import Action
from exporters.reconciliation_report import RealizedLine, Reconciliation, Verdict
from exporters.reconciliation_xlsx import reconciliation_xlsx
from importers import records as r
from importers.records import ActivityKind
from tests.workflow.frozen_rows import OLD, SPOUSE, rows_of
from tests.workflow.import_desk import (
    BOOK_NAME,
    DAY,
    OFFICE,
    ROTH,
    RULES,
    TAXABLE,
    Desk,
    account,
    cash,
    household,
    lot,
    position,
    price,
)
from workflow.cli import run
from workflow.ledger_comparison import compare_ledgers
from workflow.positions_rollforward import lots_against_positions, roll_cash, roll_positions
from workflow.reconciliation import reconcile_book
from workflow.reconciliation_rows import Earlier
from workflow.split_evidence import suggested_splits

D = Decimal


def trade(
    day: date, action: Action, quantity: str, amount: str, *, ref: r.AccountRef = TAXABLE, symbol: str = "VTI"
) -> r.TransactionRecord:
    return r.TransactionRecord(7, ref, day, action, symbol, D(quantity), D(amount))


def activity(
    day: date, kind: ActivityKind, *, quantity: str | None = None, amount: str | None = None, symbol: str = "VTI"
) -> r.ActivityRecord:
    shares, dollars = (D(text) if text else None for text in (quantity, amount))
    return r.ActivityRecord(8, TAXABLE, day, kind, symbol, "", shares, dollars)


def closed(
    sold: date, acquired: date | None, quantity: str, proceeds: str, basis: str, disallowed: str = "0"
) -> r.RealizedRecord:
    gain = D(proceeds) - D(basis)
    return r.RealizedRecord(9, TAXABLE, "VTI", acquired, sold, D(quantity), D(proceeds), D(basis), gain, D(disallowed))


def found(desk: Desk) -> Reconciliation:
    return reconcile_book(desk.book, as_of=DAY)


def statements(desk: Desk, before: tuple[r.Record, ...], after: tuple[r.Record, ...], *history: r.Record) -> None:
    """Import the office, a statement, the history since, and the statement of today."""
    desk.take(desk.file("office.xlsx", *OFFICE))
    desk.take(desk.file("before.csv", *before, as_of=OLD))
    if history:
        desk.take(desk.file("history.csv", *history, as_of=None))
    desk.take(desk.file("after.csv", *after))


MOVES = [
    ("12", [("buy", "5")], "17", "matches", ""),
    ("12", [("sell", "5")], "7", "matches", ""),
    ("12", [("buy", "5")], "18.5", "differs", "not explained by the history"),
    ("12", [("buy", "5")], "12", "differs", "not in the newest statement"),
    ("12", [], "15", "differs", "no history of this account"),
    ("12", [], "0", "differs", "all shares are gone"),
    ("0", [], "3", "differs", "nothing brought in"),
]


@pytest.mark.parametrize(("before", "trades", "after", "verdict", "reason"), MOVES)
def test_the_earlier_statement_and_the_trades_since_give_the_newest(
    before: str, trades: list[tuple[str, str]], after: str, verdict: str, reason: str
) -> None:
    history = [trade(date(2026, 10, 20), Action(action), quantity, "50") for action, quantity in trades]
    stated = [position(TAXABLE, "VTI", after)] if after != "0" else []
    rows = rows_of(*history, *stated, earlier=Earlier(OLD, {"VTI": D(before)}))
    (line,) = [one for one in roll_positions(rows) if one.symbol == "VTI"]
    assert (line.verdict, line.since, line.until) == (verdict, OLD, DAY)
    assert reason in line.reason
    if after != "0" and verdict == "differs":
        assert line.dollars == (line.difference or D(0)) * 10


def test_a_trade_of_the_day_of_the_earlier_statement_is_named(desk: Desk) -> None:
    first = (position(TAXABLE, "VTI", "12"), cash(TAXABLE))
    bought = trade(OLD, Action.BUY, "4", "40")
    statements(desk, first, (position(TAXABLE, "VTI", "16"), cash(TAXABLE, "460")), bought)
    report = found(desk)
    (line,) = [one for one in report.rolled if one.symbol == "VTI"]
    assert "the day of the earlier statement" in line.reason
    (money,) = [one for one in report.cash if one.since]
    assert money.reason == "the buy of VTI on 2026-09-30 for 40.00: settled after the earlier statement"


def test_an_account_without_an_earlier_statement_says_so(desk: Desk) -> None:
    desk.take(desk.file("office.xlsx", *OFFICE), desk.file("now.csv", position(TAXABLE, "VTI", "12"), cash(TAXABLE)))
    report = found(desk)
    assert [line.verdict for line in report.rolled] == [Verdict.NOT_COMPARED] * 2
    assert {line.reason for line in report.rolled} == {
        "no earlier statement of this account was imported",
        "no holdings of this account were imported",
    }
    assert all(line.difference is None for line in report.cash)


@pytest.mark.parametrize(
    ("stated", "reason"),
    [
        ("487", None),
        ("537", "the buy of VTI on 2026-10-20 for 50.00: cash settles later"),
        ("447", "the dividend"),
        ("400", "not explained by the history imported, which ends on 2026-10-21"),
    ],
)
def test_cash_is_rolled_forward_with_trades_and_activity(stated: str, reason: str | None) -> None:
    history = (
        trade(date(2026, 10, 20), Action.BUY, "5", "50"),
        activity(date(2026, 10, 21), ActivityKind.DIVIDEND, amount="40"),
        activity(date(2026, 10, 21), ActivityKind.FEE, amount="-3", symbol=""),
    )
    line = roll_cash(rows_of(*history, earlier=Earlier(cash_of=OLD, cash=D(500)), cash=stated))[0]
    assert (line.expected, line.stated) == (D(487), D(stated))
    assert line.verdict == ("matches" if reason is None else "differs")
    assert (reason or "") in line.reason


JANUARY, MARCH, SOLD = date(2026, 1, 5), date(2026, 3, 2), date(2026, 6, 1)
BOUGHT = trade(JANUARY, Action.BUY, "10", "1000")
SALE = trade(SOLD, Action.SELL, "10", "700")


def realized_of(*rows: r.Record) -> tuple[RealizedLine, ...]:
    return compare_ledgers(rows_of(*rows))[0]


def booked(desk: Desk, *rows: r.Record) -> Reconciliation:
    desk.take(desk.file("office.xlsx", *OFFICE), desk.file("history.csv", *rows, as_of=None))
    return found(desk)


def test_closed_lots_that_the_replay_confirms_match() -> None:
    (line,), wash = compare_ledgers(rows_of(BOUGHT, SALE, closed(SOLD, JANUARY, "10", "700", "1000")))
    assert (line.verdict, line.reason, line.our_gain) == (Verdict.MATCHES, "", D(-300))
    assert wash == ()


def test_the_lots_that_the_custodian_names_are_the_ones_compared() -> None:
    later = trade(MARCH, Action.BUY, "10", "1200")
    (line,) = realized_of(BOUGHT, later, SALE, closed(SOLD, MARCH, "10", "700", "1200"))
    assert (line.verdict, line.acquired, line.our_basis) == (Verdict.MATCHES, MARCH, D(1200))


def test_a_basis_that_differs_is_told_in_dollars() -> None:
    (line,) = realized_of(BOUGHT, SALE, closed(SOLD, JANUARY, "10", "700", "940"))
    assert (line.verdict, line.reason) == (Verdict.DIFFERS, "basis +60.00, gain -60.00")


def test_cents_are_rounding() -> None:
    (line,) = realized_of(BOUGHT, SALE, closed(SOLD, JANUARY, "10", "700", "999.97"))
    assert (line.verdict, line.reason) == (Verdict.MATCHES, "rounding")


def test_a_purchase_before_the_history_is_taken_from_the_custodian_and_says_so() -> None:
    (line,) = realized_of(SALE, closed(SOLD, JANUARY, "10", "700", "1000"))
    assert line.verdict is Verdict.MATCHES
    assert "the purchase was not imported" in line.reason


def test_a_closed_lot_without_its_trade_is_missing_history() -> None:
    (line,) = realized_of(closed(SOLD, JANUARY, "10", "700", "1000"))
    assert line.verdict is Verdict.NOT_COMPARED
    assert line.reason.startswith("missing history")


def test_a_split_in_the_history_is_replayed() -> None:
    split = activity(MARCH, ActivityKind.SPLIT, quantity="10")
    sale = trade(SOLD, Action.SELL, "20", "700")
    (line,) = realized_of(BOUGHT, split, sale, closed(SOLD, JANUARY, "20", "700", "1000"))
    assert (line.verdict, line.our_quantity) == (Verdict.MATCHES, D(20))


AGAIN = date(2026, 6, 10)
WASHED = [
    (trade(AGAIN, Action.BUY, "10", "690", ref=ROTH), "0", "an IRA or plan, which the custodian does not see"),
    (trade(AGAIN, Action.BUY, "10", "690", ref=SPOUSE), "0", "the account of John, which the custodian does not see"),
    (trade(AGAIN, Action.BUY, "10", "690", symbol="ITOT"), "0", "identity group US total; the custodian compares"),
    (trade(AGAIN, Action.BUY, "10", "690"), "0", "a purchase in the same account within 30 days"),
    (trade(AGAIN, Action.BUY, "10", "690"), "300", ""),
    (trade(AGAIN, Action.BUY, "10", "690"), "299.98", "rounding"),
    (trade(date(2026, 7, 2), Action.BUY, "10", "690"), "300", "window: the history shows no purchase within 30 days"),
    (trade(date(2026, 5, 31), Action.BUY, "1", "69", symbol="BND"), "300", "missing history: the window is"),
]


@pytest.mark.parametrize(("bought", "disallowed", "reason"), WASHED)
def test_wash_sales_are_compared_with_the_reason_for_each_difference(
    bought: r.TransactionRecord, disallowed: str, reason: str
) -> None:
    told = closed(SOLD, JANUARY, "10", "700", "1000", disallowed)
    rows = rows_of(BOUGHT, SALE, bought, told, groups=dict.fromkeys(("VTI", "ITOT"), "US total"))
    (line,) = compare_ledgers(rows)[1]
    assert reason in line.reason
    assert line.verdict == ("matches" if abs(line.difference) <= D("0.05") else "differs")


def test_a_split_is_suggested_with_its_evidence_and_never_applied(desk: Desk) -> None:
    rows = (
        *(position(TAXABLE, "VTI", "24", price="50"), lot(TAXABLE, "VTI", "12"), cash(TAXABLE)),
        *(price("VTI", 20, "101", "50"), price("VTI", 21, "50.2", "50.2"), price("VTI", 30, "50")),
    )
    desk.take(desk.file("office.xlsx", *OFFICE), desk.file("now.csv", *rows))
    (split,) = found(desk).splits
    assert (split.symbol, split.what, split.pieces, split.day) == ("VTI", "2:1 split", 2, date(2026, 10, 21))
    assert "the lots add up to 12, times 2:1" in split.evidence
    assert "while the adjusted close did not jump" in split.evidence
    assert [held.quantity for held in desk.household().lots] == [D(12)]


def test_a_crash_is_no_split() -> None:
    crash = (price("VTI", 20, "20", "20"), price("VTI", 21, "10", "10"))
    rows = rows_of(position(TAXABLE, "VTI", "12"), lot(TAXABLE, "VTI", "12"), *crash)
    lots = lots_against_positions(rows)
    assert [line.verdict for line in lots] == [Verdict.MATCHES]
    assert suggested_splits(rows, lots, ()) == ()


def test_a_symbol_that_turned_into_another_is_a_merger_suspected(desk: Desk) -> None:
    first = (position(TAXABLE, "VTI", "12"), cash(TAXABLE))
    statements(desk, first, (position(TAXABLE, "ITOT", "18"), cash(TAXABLE)))
    (merger,) = found(desk).splits
    assert merger.what == "merger or change of symbol, VTI into ITOT"
    assert "12 VTI are gone and 18 ITOT are there" in merger.evidence.replace(".00000000", "")


def test_coverage_tells_stale_accounts_and_short_histories(desk: Desk) -> None:
    office = (*RULES, household(), account(TAXABLE), account(ROTH, "roth_ira", row=4))
    held = desk.file("held.csv", position(TAXABLE, "VTI", "12"), cash(TAXABLE), as_of=date(2026, 10, 20))
    desk.take(desk.file("office.xlsx", *office), held)
    desk.take(desk.file("history.csv", trade(date(2026, 10, 15), Action.BUY, "5", "50"), as_of=None))
    report = found(desk)
    first, second = report.coverage
    assert (first.is_stale, first.days_old, first.covers_wash_window) == (True, 8, False)
    assert "history starts after 2026-09-30" in first.finding
    assert second.finding.startswith("no holdings imported")
    assert {line.household for line in report.blocks} == {"Abbott"}
    assert any("no holdings of schwab 12349999" in line.problem for line in report.blocks)


def test_an_account_that_cannot_be_replayed_stops_no_other() -> None:
    bad = trade(SOLD, Action.SELL, "99", "700", ref=SPOUSE)
    (line,) = realized_of(bad, BOUGHT, SALE, closed(SOLD, JANUARY, "10", "700", "1000"))
    assert line.verdict is Verdict.MATCHES


def test_the_workbook_has_a_sheet_for_each_comparison_and_is_the_same_each_time(desk: Desk) -> None:
    report = booked(desk, BOUGHT, SALE, closed(SOLD, JANUARY, "10", "700", "940"))
    content = reconciliation_xlsx(report)
    assert content == reconciliation_xlsx(report)
    assert load_workbook(BytesIO(content)).sheetnames == [
        "Summary",
        "Totals",
        "Lots vs positions",
        "Positions rolled forward",
        "Cash",
        "Realized vs ledger",
        "Wash sales",
        "Transfers and mergers",
        "Splits suspected",
        "To decide",
        "Coverage",
        "Blocks trading",
    ]


def test_the_command_writes_a_workbook_and_asks_for_a_person(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    booked(desk, BOUGHT, SALE, closed(SOLD, JANUARY, "10", "700", "940"))
    out = tmp_path / "report.xlsx"
    code = run(["reconcile", "--db", str(tmp_path / BOOK_NAME), "--out", str(out), "--as-of", "2026-10-30"])
    assert code == 3
    assert "basis +60.00" in capsys.readouterr().out
    assert out.stat().st_size > 5_000
    assert run(["reconcile", "--db", str(tmp_path / BOOK_NAME), "--json", "--as-of", "2026-10-30"]) == 3
    assert '"realized"' in capsys.readouterr().out


def test_totals_of_files_that_differ_are_told(desk: Desk) -> None:
    desk.take(desk.file("office.xlsx", *OFFICE))
    with desk.book.session() as session:
        number = session.query(tables.ImportFile).one().id
        row = {"severity": "warning", "code": "total_differs", "message": "Total: off by 3.00", "hint": "", "row": 0}
        where = {"file": "office.xlsx", "field": "", "account": "", "symbol": ""}
        session.add(tables.DataProblem(import_file_id=number, **row, **where))
    (line,) = found(desk).totals
    assert (line.verdict, line.finding) == (Verdict.DIFFERS, "Total: off by 3.00")
