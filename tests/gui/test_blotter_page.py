from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from exporters.run_report import ApprovalLine, RunState
from gui.desk import Desk
from gui.pages.blotter import NO_RUNS, BlotterPage
from gui.runs import Runs
from tests.gui.hand_made import NOW, run_report, show_run


@pytest.fixture
def page(desk: Desk, qtbot: QtBot) -> BlotterPage:
    made = BlotterPage(desk, Runs(desk))
    qtbot.addWidget(made)
    made.resize(1300, 700)
    made.show()
    return made


def test_without_runs_the_page_says_how_to_make_one(page: BlotterPage) -> None:
    assert page.area.empty.text() == NO_RUNS


def test_orders_of_the_run_stand_over_all_households(page: BlotterPage) -> None:
    show_run(page.runs, run_report())
    model = page.orders.rows_model
    rows = [{column.title: column.text(row) for column in model.columns} for row in model.rows]
    assert [(row["Custodian"], row["Side"], row["Symbol"]) for row in rows] == [
        ("fidelity", "Sell", "BND"), ("schwab", "Sell", "ITOT"), ("schwab", "Buy", "BND"),
    ]  # fmt: skip
    assert (rows[1]["Gain"], rows[2]["Gain"]) == ("-400.00", "")
    assert page.said.full == "3 orders of 3: buys $7,451, sells $11,254"
    assert [page.tabs.tabText(number) for number in range(4)] == ["Orders  3", "Blocks", "Approvals", "Left out  1"]


def test_typing_finds_orders_by_what_names_them(page: BlotterPage) -> None:
    show_run(page.runs, run_report())
    for typed, found in (("itot", 1), ("SCHWAB", 2), ("joint", 2), ("alder", 3), ("zzz", 0)):
        page.search.setText(typed)
        assert len(page.orders.rows_model.rows) == found
    assert page.order_area.empty.text() == "No order matches."


def test_the_chosen_run_is_the_one_looked_at(page: BlotterPage) -> None:
    show_run(page.runs, run_report("R-2"), run_report("R-1"))
    assert [run.run for run in page.run_table.selected()] == ["R-2"]
    page.run_table.select_keys(["R-1"])
    assert page.runs.current is not None
    assert page.runs.current.run == "R-1"


def test_an_exported_run_offers_to_export_again(page: BlotterPage) -> None:
    report = run_report(state=RunState.EXPORTED)
    moved = ApprovalLine(NOW, "Dana", RunState.APPROVED, RunState.EXPORTED, "exported")
    show_run(page.runs, replace(report, approvals=(*report.approvals, moved)))
    assert (page.export_button.text(), page.export_button.isEnabled()) == ("Export again…", True)
    assert [page.approvals.rows_model.columns[3].text(row) for row in page.approvals.rows_model.rows][-1] == "Exported"
