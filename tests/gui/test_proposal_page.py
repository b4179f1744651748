from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from exporters.run_report import RunState
from gui.desk import Desk
from gui.pages.proposal import NO_RUN, ProposalPage
from gui.pages.proposal_columns import lot_rows, trade_rows
from gui.runs import Runs
from gui.table import TableView
from tests.gui.hand_made import household_report, run_report, show_run


@pytest.fixture
def page(desk: Desk, qtbot: QtBot) -> ProposalPage:
    made = ProposalPage(desk, Runs(desk))
    qtbot.addWidget(made)
    made.resize(1300, 760)
    made.show()
    return made


def table_of(view: TableView[Any]) -> list[dict[str, str]]:
    model = view.rows_model
    return [{column.title: column.text(row) for column in model.columns} for row in model.rows]


def test_without_a_run_the_page_says_how_to_make_one(page: ProposalPage) -> None:
    assert page.area.empty.text() == NO_RUN
    assert not page.approve_button.isEnabled()
    assert not page.export_button.isEnabled()


def test_a_run_shows_its_households_and_looks_at_the_first(page: ProposalPage) -> None:
    show_run(page.runs, run_report())
    first = table_of(page.table)[0]
    assert first == {
        "Household": "Alder", "Status": "Optimal", "Trades": "3", "Tax": "1,000 → 840", "Harvested": "900",
        "Drift": "+18.0% → +2.0%", "Gap": "0.50",
    }  # fmt: skip
    assert page.detail.name.text() == "Alder"
    assert page.totals.full.startswith("2 households, 3 trades, tax of the year changes by -$320; 1 household left out")


@pytest.mark.parametrize(
    ("state", "approve", "export", "tone"),
    [
        (RunState.DRAFT, True, False, "warning"),
        (RunState.REVIEW, True, False, "warning"),
        (RunState.APPROVED, False, True, "positive"),
        (RunState.EXPORTED, False, True, "positive"),
    ],
)
def test_the_state_of_the_run_decides_what_can_be_done(
    page: ProposalPage, state: RunState, approve: bool, export: bool, tone: str
) -> None:
    show_run(page.runs, run_report(state=state))
    assert (page.approve_button.isEnabled(), page.export_button.isEnabled()) == (approve, export)
    assert (page.badge.text(), page.badge.property("tone")) == (state.value, tone)


def test_trades_name_the_account_and_the_gain_only_where_it_is_taxed(page: ProposalPage) -> None:
    show_run(page.runs, run_report())
    trades = table_of(page.detail.trades)
    assert [(row["Side"], row["Symbol"], row["Shares"], row["Gain"], row["Lots"]) for row in trades] == [
        ("Sell", "ITOT", "70", "-400.00", "2"),
        ("Sell", "BND", "10.125", "", "1"),
        ("Buy", "BND", "100", "", ""),
    ]
    assert trades[0]["Account"] == "Joint (ending 5678)"
    assert (trades[1]["Price"], trades[0]["Amount"]) == ("74.505", "10,500.00")


def choose(page: ProposalPage, place: int) -> None:
    trades = page.detail.trades
    trades.select_keys([trades.rows_model.row_at(place).number])


def test_the_lots_of_the_selected_trade_stand_under_it_with_its_reason(page: ProposalPage) -> None:
    show_run(page.runs, run_report())
    assert len(table_of(page.detail.lots)) == 3
    choose(page, 0)
    lots = table_of(page.detail.lots)
    assert lots[0] == {
        "Lot": "L1", "Symbol": "ITOT", "Acquired": "2026-08-01", "Days": "100", "Sold": "60", "Of lot": "60",
        "Basis sold": "9,900.00", "Gain": "-900.00", "Term": "short-term",
    }  # fmt: skip
    assert lots[1]["Basis sold"] == "1,000.00"
    assert page.detail.lot_title.text() == "Lots sold: sell ITOT"
    assert page.detail.reason.text() == "US equity is over."
    choose(page, 2)
    assert page.detail.lot_area.currentIndex() == 1  # the sentence in place of lots


def test_what_was_not_done_says_why_and_until_when(page: ProposalPage) -> None:
    show_run(page.runs, run_report())
    assert table_of(page.detail.suppressed) == [
        {
            "Account": "Joint (ending 5678)", "Side": "Sell", "Symbol": "BND", "Rule": "Wash IRA",
            "Blocked until": "2026-11-19", "Why it was not done": "An IRA bought BND on 2026-10-20.",
        }
    ]  # fmt: skip
    assert page.detail.tabs.tabText(1) == "Not done  1"


def test_a_tax_figure_answers_why_with_its_trail(page: ProposalPage) -> None:
    show_run(page.runs, run_report())
    tax = page.detail.tax
    page.detail.tabs.setCurrentWidget(tax)
    assert tax.tiles["after"].accessibleName() == "Tax after: $840.00"
    tax.tiles["after"].click()
    index = tax.tree.currentIndex()
    assert (index.data(), index.siblingAtColumn(1).data(), index.siblingAtColumn(2).data()) == (
        "Tax of the year after", "840.00", "IRC 1222",
    )  # fmt: skip
    assert tax.tree.isExpanded(index)
    rate = tax.model.index(0, 0, index)
    assert (rate.data(), rate.siblingAtColumn(1).data()) == ("Short-term rate", "40.00%")
    assert tax.model.index(1, 1).data() == "70"


def test_a_tax_figure_without_a_trail_leaves_the_tree_as_it_is(page: ProposalPage) -> None:
    show_run(page.runs, run_report())
    page.detail.tax.why("disallowed")
    assert not page.detail.tax.tree.currentIndex().isValid()


def test_the_overlay_shows_votes_tilts_and_signals(page: ProposalPage) -> None:
    show_run(page.runs, run_report())
    tilts, signals = table_of(page.detail.tilts), table_of(page.detail.signals)
    assert tilts[0] == {"Class": "US equity", "Strategic": "47.0%", "Vote": "1.00", "Tilt": "+3.0%", "Target": "50.0%"}
    assert (tilts[2]["Vote"], tilts[2]["Tilt"]) == ("", "0.0%")
    assert (signals[0]["Signal"], signals[0]["Vote"], signals[1]["Vote"]) == ("Moving average", "Bullish", "Bearish")
    assert page.detail.regime.text() == "Regime: mixed. Signals as of 2026-10-30."


def test_notes_stand_with_the_gravest_first(page: ProposalPage) -> None:
    show_run(page.runs, run_report())
    assert [row["Kind"] for row in table_of(page.detail.notes)] == ["Data", "Warning", "Reason", "Do not buy"]


def test_a_household_with_nothing_to_do_says_why(page: ProposalPage) -> None:
    show_run(page.runs, run_report())
    page.go_to("Birch")
    assert page.places() == {"Alder": "Alder", "Birch": "Birch"}
    assert page.detail.name.text() == "Birch"
    assert page.detail.trade_area.empty.text().endswith("Every class is inside its band.")
    assert page.detail.overlay_area.currentIndex() == 1
    assert page.detail.tax.area.currentIndex() == 1


def test_the_chart_shows_the_household_looked_at_with_cash_last(page: ProposalPage) -> None:
    show_run(page.runs, run_report())
    assert [weight.asset_class for weight in page.chart.classes] == ["us_bond", "us_equity", "cash"]
    assert page.chart_title.text() == "Allocation of Alder"


def test_choosing_another_run_asks_for_it(page: ProposalPage, qtbot: QtBot) -> None:
    show_run(page.runs, run_report("R-2"), run_report("R-1"))
    assert page.run_box.count() == 2
    page.run_box.setFocus()
    qtbot.keyClick(page.run_box, Qt.Key.Key_Down)
    assert page.runs.current is not None
    assert page.runs.current.run == "R-1"
    assert page.detail_area.empty.text() == "Reading the run …"


def test_lots_that_the_case_does_not_know_are_still_listed() -> None:
    report = household_report()
    bare = household_report(case=replace(report.case, lots=()))
    rows = lot_rows(bare, trade_rows(bare))
    assert [(row.sale.id, row.lot) for row in rows] == [("L1", None), ("L2", None), ("L3", None)]
