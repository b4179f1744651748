"""The main job by hand: from the first start to files on disk."""

from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.portfolio import Side
from exporters.run_report import RunState
from gui.ask import Signature
from gui.main_window import MainWindow
from gui.pages.blotter import BlotterPage
from gui.pages.dashboard import DashboardPage
from gui.pages.import_files import ImportPage
from gui.pages.proposal import ProposalPage
from gui.selftest import open_offscreen
from tests.gui.answers import ScriptedAsk
from workflow.demo import demo_files

CTRL = Qt.KeyboardModifier.ControlModifier
SIGNED = Signature("Dana Whitfield", "reviewed with the investment committee")
Settle = Callable[[MainWindow], None]


class Hands:
    """Counts what the user does; after each action the work that it starts is awaited."""

    def __init__(self, qtbot: QtBot, window: MainWindow, settle: Settle) -> None:
        self._qtbot = qtbot
        self._window = window
        self._settle = settle
        self.actions = 0

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = CTRL) -> None:
        focused: QWidget | None = self._window.focusWidget()
        target = self._window if focused is None else focused
        self._qtbot.keyClick(target, key, modifier)
        self.actions += 1
        self._settle(self._window)


@pytest.fixture
def hands(qtbot: QtBot, window: MainWindow, settle: Settle) -> Hands:
    return Hands(qtbot, window, settle)


def test_from_the_first_start_through_the_demo_to_files_on_disk(
    window: MainWindow, ask: ScriptedAsk, hands: Hands, tmp_path: Path
) -> None:
    ask.answers = {"signature": SIGNED, "choose_folder": tmp_path / "out"}
    exported: list[Path] = []
    window.runs.exported.connect(exported.extend)
    hands.press(Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier)  # the demo has the focus
    hands.press(Qt.Key.Key_A)
    hands.press(Qt.Key.Key_P)
    page = window.current_page()
    assert isinstance(page, ProposalPage)
    assert len(page.table.rows_model.rows) + len(window.runs.runs[0].skipped) == 12
    hands.press(Qt.Key.Key_Return)
    assert page.badge.text() == RunState.APPROVED
    hands.press(Qt.Key.Key_E)
    assert page.banner.text() == f"Exported {len(exported)} files to {tmp_path / 'out'}."
    assert all(path.is_file() and path.stat().st_size > 0 for path in exported)
    kinds = [path.suffix for path in exported]
    assert kinds.count(".xlsx") == 1
    assert kinds.count(".pdf") == 12
    assert kinds.count(".csv") >= 2
    assert ask.asked[0][0] == "signature"
    assert "trades for" in ask.asked[0][1]


def test_the_window_and_the_workbook_show_the_same_orders(
    demo_window: MainWindow, ask: ScriptedAsk, settle: Settle, tmp_path: Path
) -> None:
    ask.answers = {"signature": SIGNED, "choose_folder": tmp_path}
    exported: list[Path] = []
    demo_window.runs.exported.connect(exported.extend)
    demo_window.go(BlotterPage)
    demo_window.runs.approve()
    settle(demo_window)
    demo_window.runs.export()
    settle(demo_window)
    blotter = demo_window.page(BlotterPage)
    assert isinstance(blotter, BlotterPage)
    assert blotter.export_button.text() == "Export again…"
    assert [line.by for line in blotter.approvals.rows_model.rows][-1] == SIGNED.by
    shown = [(row.order_id, row.security.symbol, row.side) for row in blotter.orders.rows_model.rows]
    workbook = load_workbook(next(path for path in exported if path.suffix == ".xlsx"), read_only=True)
    texts = [[str(cell) for cell in row] for row in workbook["Orders"].iter_rows(values_only=True)]
    written = {cell: row for row in texts for cell in row if cell in {order for order, _, _ in shown}}
    assert len(written) == len(shown)
    assert all(symbol in written[order] for order, symbol, _ in shown)
    assert {side for _, _, side in shown} == {Side.BUY, Side.SELL}
    workbook.close()


def test_the_main_job_takes_at_most_eight_actions(
    window: MainWindow, ask: ScriptedAsk, hands: Hands, tmp_path: Path
) -> None:
    """Open, choose files, import, dashboard, select all, propose (and look), approve, export."""
    with demo_files() as paths:
        ask.answers = {
            "save_as": tmp_path / "mine.plimsoll", "choose_files": paths, "signature": SIGNED,
            "choose_folder": tmp_path / "out",
        }  # fmt: skip
        hands.press(Qt.Key.Key_N)
        hands.press(Qt.Key.Key_I)
        page = window.current_page()
        assert isinstance(page, ImportPage)
        assert len(page.files.rows_model.rows) == len(paths)
        assert page.outcome is not None
        assert not page.outcome.written
        hands.press(Qt.Key.Key_Return)
    assert page.outcome.written
    assert page.banner.text().startswith("Imported")
    hands.press(Qt.Key.Key_1)
    dashboard = window.current_page()
    assert isinstance(dashboard, DashboardPage)
    assert len(dashboard.model.rows) == 12
    hands.press(Qt.Key.Key_A)
    assert len(dashboard.table.selected()) == 12
    hands.press(Qt.Key.Key_P)
    hands.press(Qt.Key.Key_Return)
    hands.press(Qt.Key.Key_E)
    assert hands.actions <= 8
    assert window.runs.current is not None
    assert window.runs.current.state is RunState.EXPORTED
    assert list((tmp_path / "out").rglob("*.pdf"))


def test_importing_the_same_files_again_says_that_nothing_changes(demo_window: MainWindow, settle: Settle) -> None:
    page = demo_window.page(ImportPage)
    assert isinstance(page, ImportPage)
    demo_window.go(ImportPage)
    with demo_files() as paths:
        page.add(paths)
        settle(demo_window)
        assert "nothing would change" in page.said.full
        demo_window.confirm()
        settle(demo_window)
    assert page.banner.text().startswith("Nothing")


def test_a_file_that_nobody_reads_is_told_and_nothing_can_be_imported(
    demo_window: MainWindow, settle: Settle, tmp_path: Path
) -> None:
    page = demo_window.page(ImportPage)
    assert isinstance(page, ImportPage)
    noise = tmp_path / "noise.csv"
    noise.write_bytes(bytes(range(256)) * 40)
    demo_window.go(ImportPage)
    page.add((noise,))
    settle(demo_window)
    assert page.said.full.startswith("A file cannot be read.")
    assert not page.import_button.isEnabled()
    assert page.problems.rows_model.rows


def test_a_file_can_be_read_as_the_user_says(demo_window: MainWindow, ask: ScriptedAsk, settle: Settle) -> None:
    page = demo_window.page(ImportPage)
    assert isinstance(page, ImportPage)
    demo_window.go(ImportPage)
    with demo_files() as paths:
        lots = next(path for path in paths if "Lot-Details" in path.name)
        page.add((lots,))
        settle(demo_window)
        title = page.files.rows_model.rows[0].outcome.title
        ask.answers["choose"] = title
        page.files.selectAll()
        page.read_as_button.click()
        settle(demo_window)
    assert page.formats == {lots: page.files.rows_model.rows[0].outcome.importer}


def test_an_approval_needs_a_signature(demo_window: MainWindow, ask: ScriptedAsk, settle: Settle) -> None:
    ask.answers["signature"] = None
    demo_window.go(ProposalPage)
    demo_window.confirm()
    settle(demo_window)
    assert demo_window.runs.can_approve
    demo_window.runs.export()
    assert [question for question, _ in ask.asked] == ["signature"]


def test_the_office_workbook_is_written_from_the_import_page(
    demo_window: MainWindow, ask: ScriptedAsk, settle: Settle, tmp_path: Path
) -> None:
    page = demo_window.page(ImportPage)
    assert isinstance(page, ImportPage)
    ask.answers["save_as"] = tmp_path / "office.xlsx"
    page.save_template()
    settle(demo_window)
    assert (tmp_path / "office.xlsx").is_file()
    assert page.banner.text().startswith("Wrote")


def test_the_self_test_opens_every_page_of_a_new_book(qapp: object) -> None:
    assert open_offscreen() is None  # type: ignore[func-returns-value]
