from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui import main as main_module
from gui import theme
from gui.main_window import NO_BOOK, MainWindow
from gui.pages.blotter import BlotterPage
from gui.pages.dashboard import DashboardPage
from gui.pages.import_files import ImportPage
from gui.pages.page import Page
from gui.pages.proposal import ProposalPage
from gui.settings import Settings
from gui.theme import ThemeChoice
from tests.gui.answers import ScriptedAsk

CTRL = Qt.KeyboardModifier.ControlModifier
Settle = Callable[[MainWindow], None]


def test_the_first_start_offers_the_demo_and_a_book_of_ones_own(window: MainWindow, qtbot: QtBot) -> None:
    assert window.stack.currentWidget() is window.welcome
    assert [choice.accessibleName() for choice in window.welcome.choices] == [
        "Open the demo office", "Start my own", "Open a book",
    ]  # fmt: skip
    qtbot.waitUntil(window.welcome.demo.hasFocus)
    assert window.where.full == NO_BOOK
    assert not window.rail.isVisible()
    assert not window.actions_by_name["Import files…"].isEnabled()


def test_a_book_of_ones_own_is_made_where_the_user_says(
    window: MainWindow, ask: ScriptedAsk, settle: Settle, tmp_path: Path, qtbot: QtBot
) -> None:
    ask.answers["save_as"] = tmp_path / "mine.plimsoll"
    window.welcome.own.click()
    settle(window)
    assert (tmp_path / "mine.plimsoll").is_file()
    assert isinstance(window.current_page(), DashboardPage)
    assert window.where.full == str(tmp_path / "mine.plimsoll")
    assert window.desk.settings.last_book == str(tmp_path / "mine.plimsoll")


def test_backing_out_of_the_start_changes_nothing(window: MainWindow, ask: ScriptedAsk) -> None:
    ask.answers = {"save_as": None, "open_book": None}
    window.welcome.own.click()
    window.welcome.existing.click()
    assert window.desk.book is None


def test_a_file_that_is_no_book_is_told_in_one_message(
    window: MainWindow, ask: ScriptedAsk, settle: Settle, tmp_path: Path
) -> None:
    ask.expects_problems = True
    letter = tmp_path / "letter.plimsoll"
    letter.write_text("Dear client, " * 400, encoding="utf-8")
    ask.answers["open_book"] = letter
    window.welcome.existing.click()
    settle(window)
    assert len(ask.problems) == 1
    assert "letter.plimsoll" in str(ask.problems[0])
    assert window.desk.book is None


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (Qt.Key.Key_1, DashboardPage),
        (Qt.Key.Key_2, ImportPage),
        (Qt.Key.Key_3, ProposalPage),
        (Qt.Key.Key_4, BlotterPage),
    ],
)
def test_each_page_has_its_key_and_its_place_on_the_rail(
    demo_window: MainWindow, qtbot: QtBot, key: Qt.Key, kind: type[Page]
) -> None:
    qtbot.keyClick(demo_window, key, CTRL)
    page = demo_window.current_page()
    assert isinstance(page, kind)
    button = demo_window.rail_buttons.checkedButton()
    assert button is not None
    assert (button.text(), button.toolTip()) == (kind.TITLE, f"{kind.TIP}  (Ctrl+{chr(key)})")


def test_every_command_with_a_key_has_one_of_its_own(window: MainWindow) -> None:
    keys = [action.shortcut().toString() for action in window.findChildren(QAction) if not action.shortcut().isEmpty()]
    mine = [key for key in keys if key not in {"Ctrl+C", "Ctrl+A", "Ctrl+F"}]
    assert len(mine) == len(set(mine))
    assert {"Ctrl+1", "Ctrl+4", "Ctrl+K", "Ctrl+I", "Ctrl+P", "Ctrl+Return", "Ctrl+E", "F5"} <= set(mine)


def test_the_sample_office_fills_every_page(demo_window: MainWindow) -> None:
    texts = {kind: demo_window.page(kind) for kind in (DashboardPage, ProposalPage, BlotterPage)}
    dashboard, proposal, blotter = texts.values()
    assert isinstance(dashboard, DashboardPage)
    assert isinstance(proposal, ProposalPage)
    assert isinstance(blotter, BlotterPage)
    assert len(dashboard.model.rows) == 12
    assert proposal.table.rows_model.rows
    assert proposal.detail.report is not None
    assert len(blotter.orders.rows_model.rows) == sum(row.trades for row in proposal.table.rows_model.rows)


def test_the_palette_jumps_to_a_household(demo_window: MainWindow, qtbot: QtBot) -> None:
    name = demo_window.runs.runs[0].rows[-1].household
    qtbot.keyClick(demo_window, Qt.Key.Key_3, CTRL)
    palette = demo_window.open_palette()
    palette.line.setText(f"{name} proposal")
    palette.run_selected()
    page = demo_window.current_page()
    assert isinstance(page, ProposalPage)
    assert page.detail.name.text() == name


def test_the_palette_offers_only_what_can_be_done_now(window: MainWindow) -> None:
    titles = {entry.title for entry in window.entries()}
    assert {"Open the demo office", "Start a book…", "Quit"} <= titles
    assert not {"Approve", "Export…", "Dashboard"} & titles


def test_light_and_dark_change_at_once_and_are_remembered(window: MainWindow) -> None:
    window.toggle_theme()
    assert theme.current().name == "dark"
    assert window.desk.settings.theme is ThemeChoice.DARK
    window.toggle_theme()
    assert theme.current().name == "light"


def test_closing_the_book_goes_back_to_the_start(demo_window: MainWindow) -> None:
    where = demo_window.desk.settings.last_book
    demo_window.actions_by_name["Close the book"].trigger()
    assert demo_window.stack.currentWidget() is demo_window.welcome
    assert demo_window.desk.settings.last_book == ""
    assert demo_window.desk.settings.recent_books == (where,)
    assert demo_window.rail_buttons.checkedButton() is None
    assert demo_window.runs.runs == ()


def test_a_book_opened_before_opens_with_one_click(
    window: MainWindow, demo_book: Path, settle: Settle, qtbot: QtBot
) -> None:
    window.desk.settings.remember_book(str(demo_book))
    window.welcome.show_recent()
    layout = window.welcome.recent.layout()
    assert layout is not None
    item = layout.itemAt(1)
    assert item is not None
    qtbot.mouseClick(item.widget(), Qt.MouseButton.LeftButton)
    settle(window)
    assert window.desk.book is not None


def test_refreshing_reads_the_book_again(demo_window: MainWindow, qtbot: QtBot, settle: Settle) -> None:
    page = demo_window.page(DashboardPage)
    assert isinstance(page, DashboardPage)
    page.model.set_rows(())
    demo_window.go(DashboardPage)
    qtbot.keyClick(demo_window, Qt.Key.Key_F5)
    settle(demo_window)
    assert len(page.model.rows) == 12


def test_the_window_starts_with_the_book_asked_for(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, demo_book: Path, qtbot: QtBot, ask: ScriptedAsk
) -> None:
    made: list[MainWindow] = []
    build = main_module.make_window

    def keep(*args: object) -> MainWindow:
        window = build(ask, settings)
        qtbot.addWidget(window)
        made.append(window)
        return window

    def turn(*_: object) -> int:
        made[0].desk.jobs.wait_idle()
        return 0

    monkeypatch.setattr(main_module, "Settings", lambda: settings)
    monkeypatch.setattr(main_module, "make_window", keep)
    monkeypatch.setattr(QApplication, "exec", turn)
    monkeypatch.setattr("gui.faults.Faults.install", lambda _: None)
    assert main_module.run(str(demo_book)) == 0
    assert made[0].where.full == str(demo_book)
    made[0].close()
    assert settings.geometry is not None
