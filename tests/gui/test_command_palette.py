from functools import partial

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.command_palette import CommandPalette, Entry, rank

DONE: list[str] = []
ENTRIES = tuple(
    Entry(title, group, key, partial(DONE.append, title))
    for title, group, key in (
        ("Export…", "Command", "Ctrl+E"),
        ("Propose for the selected households", "Command", "Ctrl+P"),
        ("Alder", "Dashboard", ""),
        ("Alder", "Proposal", ""),
    )
)


@pytest.fixture
def palette(qtbot: QtBot) -> CommandPalette:
    DONE.clear()
    made = CommandPalette(ENTRIES)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(made)
    made.show()
    return made


def found(palette: CommandPalette) -> list[str]:
    return [f"{entry.title} {entry.group}" for entry in palette.model.rows]


@pytest.mark.parametrize(
    ("typed", "first", "count"),
    [
        ("", "Export… Command", 4),
        ("alder prop", "Alder Proposal", 1),
        ("propose", "Propose for the selected households Command", 1),
        ("pfs", "Propose for the selected households Command", 1),
        ("exp", "Export… Command", 1),
    ],
)
def test_letters_find_entries(palette: CommandPalette, typed: str, first: str, count: int) -> None:
    palette.line.setText(typed)
    assert found(palette)[0] == first
    assert len(found(palette)) == count


def test_what_starts_with_the_letters_comes_first() -> None:
    entry = ENTRIES[0]
    assert rank("export", entry) == 0
    assert (rank("command", entry) or 0) > 0
    assert rank("xyz", entry) is None


def test_arrows_choose_and_enter_runs(palette: CommandPalette, qtbot: QtBot) -> None:
    qtbot.keyClick(palette.line, Qt.Key.Key_Down)
    assert palette.table.selected()[0].title == "Propose for the selected households"
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert DONE == ["Propose for the selected households"]
    assert not palette.isVisible()


def test_enter_with_nothing_found_only_closes(palette: CommandPalette, qtbot: QtBot) -> None:
    qtbot.keyClicks(palette.line, "qqqq")
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert DONE == []
    assert not palette.isVisible()


def test_a_click_runs(palette: CommandPalette, qtbot: QtBot) -> None:
    place = palette.table.visualRect(palette.model.index(2, 0)).center()
    qtbot.mouseClick(palette.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert DONE == ["Alder"]
