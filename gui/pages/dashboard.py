"""The first page: what needs attention, and where each household stands against its model."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from gui.desk import Desk
from gui.figures import count, day, dollars, percent, plural
from gui.pages.dashboard_columns import household_columns
from gui.pages.page import Page
from gui.pieces import Chips, Figure, OrEmpty, Tile, button, label, row
from gui.runs import Runs
from gui.table import TableModel, TableView
from workflow.book import Book
from workflow.dashboard import dashboard
from workflow.views import Dashboard, HouseholdRow, Progress
from workflow.views import Tile as Counter

ALL = "all"
"""The tile that takes every filter off."""
NO_HOUSEHOLDS = (
    "No households yet. Import the office workbook and your custodians' files (Ctrl+I), "
    "then every household stands here with its drift."
)
NONE_MATCH = "No household matches these filters. Take one off, or choose All."


class DashboardPage(Page):
    """Tiles that filter, the heat map of drift, and Propose for what is selected."""

    TITLE = "Dashboard"
    ICON = "dashboard"
    TIP = "Where every household stands"

    def __init__(self, desk: Desk, runs: Runs) -> None:
        super().__init__(desk, runs)
        self.shown: Dashboard | None = None
        self.filters: dict[str, str] = {}
        self.tiles: dict[str, Tile] = {}
        self.figures = {
            "value": Figure("Assets", "Value of all accounts, in dollars"),
            "taxable": Figure("Taxable share", "Taxable accounts as a share of all assets"),
            "short": Figure("YTD short-term", "Net short-term gains (+) and losses (-) realized this year"),
            "long": Figure("YTD long-term", "Net long-term gains (+) and losses (-) realized this year"),
        }
        self.header.line.setSpacing(26)
        self.header.add(*self.figures.values())
        self.tile_line = QHBoxLayout()
        self.tile_line.setSpacing(8)
        self.chips = Chips("All households. Choose tiles to filter; they combine.")
        self.chips.removed.connect(self._drop_filter)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find a household or model  (Ctrl+F)")
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(270)
        self.search.textChanged.connect(self._filter)
        self.model: TableModel[HouseholdRow] = TableModel(household_columns(()), key=lambda r: r.name)
        self.table: TableView[HouseholdRow] = TableView(self.model, "Households by asset class")
        self.table.chosen.connect(self._say_selection)
        self.area = OrEmpty(self.table, NO_HOUSEHOLDS)
        self.said = label("", "muted")
        self.propose_button = button(
            "Propose", "Propose trades for the selected households, all shown when none is  (Ctrl+P)",
            self.propose, primary=True,
        )  # fmt: skip
        self._lay_out()
        self._add_keys()
        desk.book_opened.connect(self._start_over)
        desk.book_changed.connect(self.refresh)

    def refresh(self) -> None:
        """Read the dashboard again."""
        today = self.desk.today()

        def work(book: Book, _: Progress) -> Dashboard:
            return dashboard(book, today=today)

        self.desk.read("Reading the dashboard", work, self.show_dashboard, question="dashboard")

    def show_dashboard(self, found: Dashboard) -> None:
        """Show tiles, figures and households."""
        before = self.shown
        self.shown = found
        share = found.taxable_value / found.value if found.value else None
        self.figures["value"].show_text(dollars(found.value))
        self.figures["taxable"].show_text(percent(share))
        self.figures["short"].show_text(dollars(found.ytd_short_term))
        self.figures["long"].show_text(dollars(found.ytd_long_term))
        self.header.note.setText(f"As of {day(found.as_of)}, prices of {day(found.prices_as_of)}")
        self._show_tiles(found)
        if before is None or before.classes != found.classes:
            self.model.set_columns(household_columns(found.classes))
            self.table.fit_columns()
        self.model.set_rows(found.households)
        self._filter()
        if before is None and self.isVisible():
            self.table.setFocus()

    def propose(self) -> None:
        """Propose for the selected households, for all shown when none is selected."""
        self.runs.propose([found.name for found in self.table.selected() or self.model.rows])

    def places(self) -> dict[str, str]:
        """Offer every household to the command palette."""
        return {found.name: found.name for found in self.shown.households} if self.shown else {}

    def go_to(self, place: str) -> None:
        """Show one household, whatever the filters were."""
        self.search.clear()
        self._set_filters({})
        self.table.select_keys([place])
        self.table.setFocus()

    def toggle(self, key: str) -> None:
        """Put a tile's filter on or off; All takes every filter off."""
        if key == ALL:
            self._set_filters({})
        elif key in self.filters:
            self._drop_filter(key)
        else:
            self._set_filters({**self.filters, key: self._titles().get(key, key)})

    def showEvent(self, event: QShowEvent) -> None:
        """Give the keys to the table."""
        super().showEvent(event)
        self.table.setFocus()

    def _start_over(self) -> None:
        self.shown = None
        self.model.set_rows(())
        self.search.clear()
        self._set_filters({})
        self.refresh()

    def _lay_out(self) -> None:
        self.body.addLayout(self.tile_line)
        self.body.addLayout(row(self.chips, None, self.search))
        self.body.addWidget(self.area, 1)
        select = button("Select all", "Select every household shown  (Ctrl+A)", self.table.selectAll)
        self.body.addLayout(row(_legend(), None, self.said, select, self.propose_button))

    def _add_keys(self) -> None:
        for keys, run in (("Ctrl+A", self.table.selectAll), ("Ctrl+F", self.search.setFocus)):
            action = QAction(self)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(lambda _=False, run=run: run())
            self.addAction(action)

    def _titles(self) -> dict[str, str]:
        return {tile.key: tile.title for tile in self.shown.tiles} if self.shown else {}

    def _show_tiles(self, found: Dashboard) -> None:
        for tile in (*found.tiles, Counter(ALL, "All", len(found.households), "Take every filter off")):
            if tile.key not in self.tiles:
                made = Tile(tile.key)
                made.clicked.connect(partial(self.toggle, tile.key))
                self.tiles[tile.key] = made
                self.tile_line.addWidget(made)
            self.tiles[tile.key].show_count(count(tile.count), tile.title, tile.tip)
        self._mark_tiles()

    def _mark_tiles(self) -> None:
        for key, tile in self.tiles.items():
            tile.setChecked(key in self.filters or (key == ALL and not self.filters))

    def _drop_filter(self, key: str) -> None:
        self._set_filters({other: text for other, text in self.filters.items() if other != key})

    def _set_filters(self, filters: dict[str, str]) -> None:
        self.filters = filters
        self.chips.show_chips(filters)
        self._mark_tiles()
        self._filter()

    def _filter(self) -> None:
        wanted = frozenset(self.filters)
        typed = self.search.text().strip().casefold()

        def keep(found: HouseholdRow) -> bool:
            return wanted <= found.tags and (typed in found.name.casefold() or typed in found.model.casefold())

        self.model.set_filter(keep if wanted or typed else None)
        self.area.show_content(bool(self.model.rows), NONE_MATCH if self.model.total else NO_HOUSEHOLDS)
        self._say_selection()

    def _say_selection(self) -> None:
        shown, chosen = len(self.model.rows), len(self.table.selected())
        self.said.setText(f"{count(chosen)} selected, {count(shown)} of {count(self.model.total)} shown")
        self.propose_button.setText(f"Propose for {plural(chosen or shown, 'household')}")
        self.propose_button.setEnabled(shown > 0)


def _legend() -> QWidget:
    text = QLabel(
        "Drift = weight minus target. <b>Bold</b>: outside the band. Blue: over the target; orange: under it."
    )
    text.setProperty("role", "muted")
    return text
