from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from pytestqt.qtbot import QtBot

from engine.problems import Problem, Severity
from gui.desk import Desk
from gui.pages.import_files import NO_CHANGES, ImportPage
from gui.runs import Runs
from importers.base import Total
from tests.gui.hand_made import LOST_LOTS, UNKNOWN, D, file_outcome, import_outcome

LOTS, NOTES = Path("inbox/lots.csv"), Path("inbox/notes.txt")


@pytest.fixture
def page(desk: Desk, qtbot: QtBot) -> ImportPage:
    made = ImportPage(desk, Runs(desk))
    qtbot.addWidget(made)
    made.resize(1300, 700)
    made.show()
    return made


def preview(page: ImportPage, *paths_and_files: object, **changes: object) -> None:
    paths = tuple(item for item in paths_and_files if isinstance(item, Path))
    files = tuple(item for item in paths_and_files if not isinstance(item, Path))
    page.paths = paths
    page._show(paths, import_outcome(*files, **changes))  # type: ignore[arg-type]


def cells(page: ImportPage, row: int = 0) -> dict[str, str]:
    model = page.files.rows_model
    return {column.title: column.text(model.row_at(row)) for column in model.columns}


def test_the_page_says_what_to_do_before_any_file(page: ImportPage) -> None:
    assert page.file_area.empty.text().startswith("No files yet.")
    assert not page.import_button.isEnabled()
    assert page.import_button.text() == "Import"


def test_a_preview_says_for_each_file_what_it_is_and_what_it_holds(page: ImportPage) -> None:
    preview(page, LOTS, file_outcome("lots.csv"))
    assert cells(page) == {
        "File": "lots.csv", "Format": "Charles Schwab lot details", "As of": "2026-10-30", "Records": "31 lots",
        "Rows": "34", "Totals": "1 agree", "Problems": "none", "Before": "new",
    }  # fmt: skip
    assert page.said.full == "Preview: 31 lots added. Nothing is written yet."
    assert (page.import_button.isEnabled(), page.import_button.text()) == (True, "Import 1 file")


def test_every_row_of_a_file_is_accounted_for_by_kind(page: ImportPage) -> None:
    preview(page, LOTS, file_outcome("lots.csv"))
    model = page.row_kinds.rows_model
    row = {column.title: column.text(model.row_at(0)) for column in model.columns}
    assert (row["Record"], row["Header"], row["Total"], row["Problem"], row["All rows"]) == ("31", "2", "1", "0", "34")


def test_totals_that_do_not_agree_are_shown_with_the_difference(page: ImportPage) -> None:
    wrong = file_outcome("lots.csv", totals=(Total(34, "Market value", D("1234.56"), D("1234.50")),))
    preview(page, LOTS, wrong)
    model = page.totals.rows_model
    row = {column.title: column.text(model.row_at(0)) for column in model.columns}
    assert (row["Stated"], row["Found"], row["Difference"]) == ("1,234.56", "1,234.50", "-0.06")
    assert cells(page)["Totals"] == "1 off"


def test_a_file_that_nobody_reads_keeps_the_import_from_starting(page: ImportPage) -> None:
    preview(page, NOTES, LOTS, UNKNOWN, file_outcome("lots.csv"))
    assert cells(page)["Format"] == "not recognized"
    assert cells(page)["Problems"] == "1, worst fatal"
    assert not page.import_button.isEnabled()
    assert page.said.full.startswith("A file cannot be read.")
    format_column = page.files.rows_model.columns[1]
    assert format_column.tip is not None
    assert format_column.tip(page.files.rows_model.row_at(0)) == "schwab_lots: no header of lot details"


def test_problems_stand_with_the_gravest_first(page: ImportPage) -> None:
    info = Problem(Severity.INFO, "old", "the file was imported before", file="lots.csv")
    preview(page, LOTS, file_outcome("lots.csv", problems=(info,)), problems=(LOST_LOTS,))
    model = page.problems.rows_model
    assert [row[1].severity for row in model.rows] == [Severity.BLOCKING, Severity.INFO]
    first = {column.title: column.text(model.row_at(0)) for column in model.columns}
    assert first == {
        "Severity": "Blocking", "File": "positions.csv", "Row": "12", "Field": "Quantity", "Account": "A1",
        "Symbol": "ITOT", "What is wrong": "the lots of ITOT add up to 90, the position is 100",
        "What to do": "Import the lot details.",
    }  # fmt: skip
    assert page.tabs.tabText(0) == "Problems  2"


def test_an_import_that_changes_nothing_says_so(page: ImportPage) -> None:
    known = file_outcome("lots.csv", already_imported=True)
    page._imported((LOTS,), import_outcome(known, changes={}, dry_run=False, written=True))
    assert page.banner.text().startswith("Nothing changed")
    assert page.change_area.empty.text() == NO_CHANGES
    assert cells(page)["Before"] == "imported before"
    assert not page.import_button.isEnabled()


def test_an_import_says_what_it_wrote(page: ImportPage) -> None:
    page._imported((LOTS,), import_outcome(file_outcome("lots.csv"), dry_run=False, written=True))
    assert page.banner.text().startswith("Imported 1 file: 31 lots added.")
    model = page.changes.rows_model
    assert [[column.text(row) for column in model.columns] for row in model.rows] == [["Lots added", "31"]]


def test_files_taken_off_the_list_are_gone(page: ImportPage, qtbot: QtBot) -> None:
    preview(page, LOTS, file_outcome("lots.csv"))
    page.files.selectAll()
    assert page.remove_button.isEnabled()
    page.files.setFocus()
    qtbot.keyClick(page.files, Qt.Key.Key_Delete)
    assert (page.paths, page.files.rows_model.rows) == ((), ())


def test_dropped_files_are_taken(page: ImportPage, tmp_path: Path) -> None:
    taken: list[tuple[Path, ...]] = []
    page.drop.dropped.connect(taken.append)
    dropped = QMimeData()
    dropped.setUrls([QUrl.fromLocalFile(str(tmp_path / "lots.csv")), QUrl("https://example.com/lots.csv")])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPointF(5, 5).toPoint(), copy, dropped, left, none)
    page.drop.dragEnterEvent(enter)
    assert (enter.isAccepted(), page.drop.property("over")) == (True, "true")
    page.drop.dropEvent(QDropEvent(QPointF(5, 5), copy, dropped, left, none))
    assert taken == [(tmp_path / "lots.csv",)]
    assert page.drop.property("over") == "false"


def test_a_warning_does_not_keep_the_import_from_starting(page: ImportPage) -> None:
    warned = file_outcome("lots.csv", problems=(replace(LOST_LOTS, severity=Severity.WARNING),))
    preview(page, LOTS, warned)
    assert page.import_button.isEnabled()
    assert cells(page)["Problems"] == "1, worst warning"
