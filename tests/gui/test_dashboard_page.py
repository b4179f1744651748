import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.desk import Desk
from gui.pages.dashboard import ALL, NO_HOUSEHOLDS, NONE_MATCH, DashboardPage
from gui.pages.dashboard_columns import INSIDE, OUTSIDE, drift_tone, household_columns
from gui.runs import Runs
from tests.gui.answers import ScriptedAsk
from tests.gui.hand_made import D, dashboard


@pytest.fixture
def page(desk: Desk, qtbot: QtBot) -> DashboardPage:
    made = DashboardPage(desk, Runs(desk))
    qtbot.addWidget(made)
    made.resize(1300, 700)
    made.show()
    made.show_dashboard(dashboard())
    return made


def shown(page: DashboardPage) -> list[str]:
    return [row.name for row in page.model.rows]


def test_figures_of_the_office_stand_at_the_top(page: DashboardPage) -> None:
    texts = {key: figure.figure.text() for key, figure in page.figures.items()}
    assert texts == {"value": "$3,000,000", "taxable": "60.0%", "short": "-$3,750", "long": "$9,300"}
    assert page.header.note.full == "As of 2026-10-30, prices of 2026-10-30"


def test_each_tile_counts_and_all_stands_last(page: DashboardPage) -> None:
    names = [tile.accessibleName() for tile in page.tiles.values()]
    assert names == ["Out of band: 1", "Harvest: 1", "Wash windows: 2", "Data problems: 1", "All: 3"]
    assert page.tiles[ALL].isChecked()


def test_tiles_combine_and_the_chips_say_which_are_on(page: DashboardPage, qtbot: QtBot) -> None:
    page.tiles["wash"].click()
    assert shown(page) == ["Alder", "Birch"]
    page.tiles["harvest"].click()
    assert shown(page) == ["Birch"]
    assert [*page.chips.texts] == ["Wash windows", "Harvest"]
    assert not page.tiles[ALL].isChecked()
    page.chips.removed.emit("wash")
    assert [*page.chips.texts] == ["Harvest"]
    page.tiles[ALL].click()
    assert shown(page) == ["Alder", "Birch", "Cedar"]
    assert [*page.chips.texts] == []
    assert page.tiles["harvest"].isChecked() is False


def test_filters_that_nothing_meets_say_so(page: DashboardPage) -> None:
    page.toggle("harvest")
    page.toggle("out_of_band")
    assert page.area.empty.isVisible()
    assert page.area.empty.text() == NONE_MATCH
    assert not page.propose_button.isEnabled()


def test_a_new_book_says_what_to_do_first(desk: Desk, qtbot: QtBot) -> None:
    made = DashboardPage(desk, Runs(desk))
    qtbot.addWidget(made)
    made.show()
    assert made.area.empty.text() == NO_HOUSEHOLDS


def test_typing_finds_households_and_models(page: DashboardPage) -> None:
    page.search.setText("inc")
    assert shown(page) == ["Cedar"]
    page.search.setText("ALD")
    assert shown(page) == ["Alder"]
    page.search.clear()
    assert len(shown(page)) == 3


def test_the_button_says_for_how_many_it_proposes(page: DashboardPage, qtbot: QtBot) -> None:
    assert page.propose_button.text() == "Propose for 3 households"
    page.table.select_keys(["Birch"])
    assert page.propose_button.text() == "Propose for 1 household"
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert page.said.text() == "3 selected, 3 of 3 shown"


def test_a_household_is_found_from_the_palette_whatever_the_filters_were(page: DashboardPage) -> None:
    page.toggle("harvest")
    assert page.places() == {"Alder": "Alder", "Birch": "Birch", "Cedar": "Cedar"}
    page.go_to("Cedar")
    assert [row.name for row in page.table.selected()] == ["Cedar"]
    assert page.filters == {}


def test_proposing_for_nobody_is_told_not_tried(page: DashboardPage, ask: ScriptedAsk) -> None:
    ask.expects_problems = True
    page.search.setText("nobody")
    page.propose()
    assert str(ask.problems[0]).startswith("There is no household to propose for")


@pytest.mark.parametrize(
    ("drift", "band", "role", "bold", "strength"),
    [
        ("0.04", "0.08", "over", False, INSIDE / 2),
        ("-0.08", "0.08", "under", False, INSIDE),
        ("-0.16", "0.08", "under", True, OUTSIDE),
        ("0.90", "0.08", "over", True, OUTSIDE),
        ("0.01", "0", "over", True, OUTSIDE),
    ],
)
def test_a_drift_is_coloured_by_side_and_by_its_band(
    drift: str, band: str, role: str, bold: bool, strength: float
) -> None:
    tone = drift_tone(D(drift), D(band))
    assert tone is not None
    assert (tone.ground, tone.bold) == (role, bold)
    assert tone.strength == pytest.approx(strength)


def test_no_drift_has_no_colour() -> None:
    assert drift_tone(D(0), D("0.01")) is None


def test_the_heat_map_writes_what_it_colours() -> None:
    columns = {column.title: column for column in household_columns(("us_equity", "us_bond"))}
    alder, birch, cedar = dashboard().households
    equity = columns["US equity"]
    assert (equity.text(alder), equity.text(cedar)) == ("+10.0%", "–")
    assert equity.tip is not None
    assert equity.tip(alder) == "Alder, US equity: drift +10.0%, band ±8.0%, outside the band"
    assert equity.tip(birch).endswith("inside the band")
    assert equity.tip(cedar) == "Cedar has no target for US equity"
    assert columns["Data"].text(cedar) == "blocked"
    assert columns["Data"].tip is not None
    assert "the lots of ITOT add up to 90" in columns["Data"].tip(cedar)
    assert columns["Cash need"].text(birch) == "500"
    assert columns["YTD ST"].text(birch) == "-1,250"
