"""The one table of the program: a model over frozen rows, and its view.

Rows are sorted by their Python values, never by Qt, which mis-sorts Decimals and dates. What is selected
stays selected through sorting, filtering and new rows.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QAction,
    QBrush,
    QColor,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QKeySequence,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from gui import theme

Row = TypeVar("Row")
Index = QModelIndex | QPersistentModelIndex
ROW_HEIGHT = 26
MIN_WIDTH = 36
SHARED_WIDTH = 100
SELECTED_PART = 0.4


class Align(Enum):
    """Where a column's text stands; numbers stand right."""

    LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    CENTER = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Tone:
    """A colour by meaning: a role of the theme for the text, or mixed into the ground by `strength` (0 to 1)."""

    text: str = ""
    ground: str = ""
    strength: float = 1.0
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column: `value` sorts (None last), `text` shows; `tip` and `colour` where they mean something."""

    title: str
    value: Callable[[Row], Any]
    text: Callable[[Row], str]
    align: Align = Align.LEFT
    tip: Callable[[Row], str] | None = None
    colour: Callable[[Row], Tone | None] | None = None
    width: int = 0
    """Pixels; 0 shares what is left."""
    header_tip: str = ""


class TableModel(QAbstractTableModel, Generic[Row]):
    """Rows as a table. `key` names a row through sorting, filtering and refreshing."""

    def __init__(self, columns: Sequence[Column[Row]], key: Callable[[Row], Hashable]) -> None:
        super().__init__()
        self._columns = tuple(columns)
        self.key = key
        self._all: list[Row] = []
        self._shown: list[Row] = []
        self._keep: Callable[[Row], bool] | None = None
        self._sorted_by: tuple[int, Qt.SortOrder] | None = None
        self._cells: dict[tuple[int, int], Cell] = {}
        self._dressed_in: object = None

    @property
    def columns(self) -> tuple[Column[Row], ...]:
        """The columns, left to right."""
        return self._columns

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows shown, top to bottom."""
        return tuple(self._shown)

    @property
    def total(self) -> int:
        """How many rows there are, shown or not."""
        return len(self._all)

    def set_columns(self, columns: Sequence[Column[Row]]) -> None:
        """Replace the columns; the order of rows goes back to how they came."""
        self.beginResetModel()
        self._columns = tuple(columns)
        self._sorted_by = None
        self._rebuild()
        self.endResetModel()

    def set_rows(self, rows: Iterable[Row]) -> None:
        """Replace the rows, keeping filter and order."""
        self.beginResetModel()
        self._all = list(rows)
        self._rebuild()
        self.endResetModel()

    def set_filter(self, keep: Callable[[Row], bool] | None) -> None:
        """Show only rows that `keep` keeps; None shows all."""
        self.beginResetModel()
        self._keep = keep
        self._rebuild()
        self.endResetModel()

    def row_at(self, index: Index | int) -> Row:
        """Return the row shown at an index."""
        return self._shown[index if isinstance(index, int) else index.row()]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Count rows shown."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Count columns."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Look up what Qt asks for."""
        if not index.isValid():
            return None
        column = self._columns[index.column()]
        row = self._shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return column.align.value
        if role == Qt.ItemDataRole.ToolTipRole:
            return (column.tip(row) if column.tip else "") or None
        return _look(column.colour(row), role) if column.colour and role in _LOOKS else None

    def cell(self, row: int, column: int) -> "Cell":
        """Return what a cell looks like, worked out once for each theme."""
        look = theme.current()
        if look is not self._dressed_in:
            self._cells.clear()
            self._dressed_in = look
        found = self._cells.get((row, column))
        if found is None:
            found = _cell(self._columns[column], self._shown[row])
            self._cells[row, column] = found
        return found

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Look up a heading; it stands where its column's text stands."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return column.align.value
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.header_tip or None
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column's value; -1 goes back to how the rows came."""
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        keys = [self.key(self._shown[index.row()]) for index in before]
        self._sorted_by = (column, order) if 0 <= column < len(self._columns) else None
        self._rebuild()
        place = {self.key(row): number for number, row in enumerate(self._shown)}
        after = [self.index(place[key], index.column()) for key, index in zip(keys, before, strict=True)]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _rebuild(self) -> None:
        self._cells.clear()
        keep = self._keep
        self._shown = [row for row in self._all if keep(row)] if keep else list(self._all)
        if self._sorted_by is None:
            return
        number, order = self._sorted_by
        value = self._columns[number].value
        present = [row for row in self._shown if value(row) is not None]
        absent = [row for row in self._shown if value(row) is None]
        present.sort(key=value, reverse=order is Qt.SortOrder.DescendingOrder)
        self._shown = present + absent


_LOOKS = frozenset({Qt.ItemDataRole.ForegroundRole, Qt.ItemDataRole.BackgroundRole, Qt.ItemDataRole.FontRole})


def _look(tone: Tone | None, role: int) -> QColor | QFont | None:
    if tone is None:
        return None
    if role == Qt.ItemDataRole.ForegroundRole:
        return theme.current().colour(tone.text) if tone.text else None
    if role == Qt.ItemDataRole.BackgroundRole:
        return theme.current().mix(tone.ground, tone.strength) if tone.ground else None
    if not tone.bold:
        return None
    font = QFont()
    font.setBold(True)
    return font


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell looks like."""

    text: str
    align: Qt.AlignmentFlag
    text_colour: QColor | None
    ground: QColor | None
    bold: bool


def _cell(column: Column[Row], row: Row) -> Cell:
    tone = column.colour(row) if column.colour else None
    look = theme.current()
    return Cell(
        column.text(row),
        column.align.value,
        look.colour(tone.text) if tone and tone.text else None,
        look.mix(tone.ground, tone.strength) if tone and tone.ground else None,
        bold=bool(tone and tone.bold),
    )


class CellDelegate(QStyledItemDelegate):
    """Dresses a cell in one call; keeps the colour of a coloured cell visible when its row is selected.

    Qt's own way asks the model for nine roles a cell. Each is a call into Python that waits for its turn while a
    worker computes; a page of cells would take a quarter of a second.
    """

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Set what is drawn, from the model's cell."""
        model = index.model()
        if not isinstance(model, TableModel):
            super().initStyleOption(option, index)
            return
        cell = model.cell(index.row(), index.column())
        option.index = index  # type: ignore[assignment]
        option.text = cell.text
        option.features |= QStyleOptionViewItem.ViewItemFeature.HasDisplay
        option.displayAlignment = cell.align
        if cell.bold:
            option.font.setBold(True)
        if cell.text_colour is not None:
            option.palette.setBrush(QPalette.ColorRole.Text, cell.text_colour)
        if cell.ground is None:
            return
        ground = cell.ground
        if option.state & QStyle.StateFlag.State_Selected:
            option.state &= ~QStyle.StateFlag.State_Selected
            ground = theme.blend(ground, option.palette.color(QPalette.ColorRole.Highlight), SELECTED_PART)
        option.backgroundBrush = QBrush(ground)


class TableView(QTableView, Generic[Row]):
    """The view of a TableModel: whole rows, sorting by heading, Ctrl+C copies rows with headings."""

    chosen = Signal()
    """The selection changed."""

    def __init__(self, model: TableModel[Row], name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows_model = model
        self._kept: set[Hashable] = set()
        self.setAccessibleName(name)
        self.setObjectName(name)
        self.setModel(model)
        self.setItemDelegate(CellDelegate(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.horizontalHeader().setSortIndicatorClearable(True)
        self.setSortingEnabled(True)
        self.fit_columns()
        model.modelAboutToBeReset.connect(self._remember)
        model.modelReset.connect(self._restore)
        self.selectionModel().selectionChanged.connect(self.chosen)
        self._offer_copy()

    def fit_columns(self) -> None:
        """Give each column its width, no less than its heading needs; those without one share the rest."""
        header = self.horizontalHeader()
        header.setMinimumSectionSize(MIN_WIDTH)
        font = header.font()
        font.setBold(True)
        metrics = QFontMetrics(font)
        for number, column in enumerate(self.rows_model.columns):
            if column.width:
                header.resizeSection(number, max(column.width, metrics.horizontalAdvance(column.title) + 16))
        self._share_the_rest()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width among the columns without one of their own."""
        super().resizeEvent(event)
        self._share_the_rest()

    def selected(self) -> tuple[Row, ...]:
        """Return the selected rows, top to bottom."""
        numbers = sorted(index.row() for index in self.selectionModel().selectedRows())
        return tuple(self.rows_model.row_at(number) for number in numbers)

    def select_keys(self, keys: Iterable[Hashable]) -> None:
        """Select exactly the rows with these keys, as far as they are shown."""
        wanted = set(keys)
        self.selectionModel().select(
            self._span(wanted),
            QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows,
        )
        rows = self.selectionModel().selectedRows()
        if rows:
            self.selectionModel().setCurrentIndex(rows[0], QItemSelectionModel.SelectionFlag.NoUpdate)
            self.scrollTo(rows[0])

    def copied_text(self) -> str:
        """Return the selected rows, all when none is, as tab-separated text with headings."""
        rows = self.selected() or self.rows_model.rows
        columns = self.rows_model.columns
        lines = [[column.title for column in columns]]
        lines += [[column.text(row) for column in columns] for row in rows]
        return "\n".join("\t".join(" ".join(cell.split()) for cell in line) for line in lines)

    def copy(self) -> None:
        """Put the selected rows with their headings on the clipboard."""
        QGuiApplication.clipboard().setText(self.copied_text())

    def sizeHint(self) -> QSize:
        """Ask for little; the layout gives more."""
        return QSize(320, 160)

    def _share_the_rest(self) -> None:
        header = self.horizontalHeader()
        columns = self.rows_model.columns
        sharing = [number for number, column in enumerate(columns) if not column.width]
        taken = sum(header.sectionSize(number) for number, column in enumerate(columns) if column.width)
        for number in sharing:
            header.resizeSection(number, max(SHARED_WIDTH, (self.viewport().width() - taken) // len(sharing)))

    def _offer_copy(self) -> None:
        action = QAction("Copy rows with headings", self)
        action.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(self.copy)
        self.addAction(action)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def _span(self, wanted: set[Hashable]) -> QItemSelection:
        model = self.rows_model
        last = max(0, model.columnCount() - 1)
        span = QItemSelection()
        for number, row in enumerate(model.rows):
            if model.key(row) in wanted:
                span.select(model.index(number, 0), model.index(number, last))
        return span

    def _remember(self) -> None:
        self._kept = {self.rows_model.key(row) for row in self.selected()}

    def _restore(self) -> None:
        if self._kept:
            self.select_keys(self._kept)
        self.chosen.emit()
