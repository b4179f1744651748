"""One household of a run: its trades with their lots, what was not done, tax with its trail, overlay, notes."""

from collections.abc import Iterator
from decimal import Decimal
from functools import partial

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QSplitter, QTabWidget, QTreeView, QVBoxLayout, QWidget

from engine.trail import Trail
from exporters.run_report import HouseholdReport
from gui.figures import count, dollars, dollars_and_cents, money, percent, plural, quantity
from gui.pages.proposal_columns import (
    LotRow,
    NoteRow,
    SuppressedRow,
    TiltRow,
    TradeRow,
    lot_columns,
    lot_rows,
    note_columns,
    note_rows,
    signal_columns,
    suppressed_columns,
    suppressed_rows,
    tilt_columns,
    tilt_rows,
    trade_columns,
    trade_rows,
)
from gui.pieces import Figure, Line, OrEmpty, Tile, column, label, row
from gui.table import Align, TableModel, TableView

NO_TRADES = "Nothing to trade: nothing would gain more than it costs."
NO_LOTS = "The selected trade sells no lots."
NO_OVERLAY = "No overlay: this household follows its strategic weights."


class ProposalDetail(QWidget):
    """What was decided for one household."""

    def __init__(self) -> None:
        super().__init__()
        self.report: HouseholdReport | None = None
        self.name = label("", "figure")
        self.note = Line("muted")
        self.figures = {
            "tax": Figure("Tax before → after", "Tax of the year without and with these trades"),
            "harvested": Figure("Harvested", "Losses that count, in dollars"),
            "drift": Figure("Largest drift before → after", "The class furthest from its target"),
            "turnover": Figure("Turnover", "Bought and sold, one way, as a share of the household's value"),
            "gap": Figure("Above the bound", "At most this far from the proven best, in dollars"),
        }
        self._make_tables()
        self.tax = TaxTab()
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        for title, widget in (
            ("Trades", self._trades_tab()),
            ("Not done", self.suppressed_area),
            ("Tax", self.tax),
            ("Overlay", self._overlay_tab()),
            ("Notes", self.note_area),
        ):
            self.tabs.addTab(widget, title)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 0, 0, 0)
        layout.addLayout(row(self.name, self.note))
        layout.addLayout(row(*self.figures.values(), None, gap=24))
        layout.addWidget(self.tabs, 1)

    def show_household(self, report: HouseholdReport) -> None:
        """Show a household; the tab that is open stays open."""
        self.report = report
        self._show_figures(report)
        trades, left, notes = trade_rows(report), suppressed_rows(report), note_rows(report)
        self.trades.clearSelection()
        self.trades.rows_model.set_rows(trades)
        self.trade_area.show_content(bool(trades), _why_nothing(report))
        self._show_lots()
        self.suppressed.rows_model.set_rows(left)
        self.suppressed_area.show_content(bool(left))
        self.tax.show_household(report)
        self.signals.rows_model.set_rows(report.overlay.signals if report.overlay else ())
        self.tilts.rows_model.set_rows(tilt_rows(report))
        self.overlay_area.show_content(report.overlay is not None)
        if report.overlay is not None:
            self.regime.setText(f"Regime: {report.overlay.regime}. Signals as of {report.overlay.as_of}.")
        self.notes.rows_model.set_rows(notes)
        self.note_area.show_content(bool(notes))
        for number, (title, size) in enumerate(
            (("Trades", len(trades)), ("Not done", len(left)), ("Tax", 0), ("Overlay", 0), ("Notes", len(notes)))
        ):
            self.tabs.setTabText(number, f"{title}  {count(size)}" if size else title)

    def _make_tables(self) -> None:
        self.trades: TableView[TradeRow] = TableView(TableModel(trade_columns(), key=lambda r: r.number), "Trades")
        self.lots: TableView[LotRow] = TableView(TableModel(lot_columns(), key=lambda r: r.number), "Lots sold")
        self.suppressed: TableView[SuppressedRow] = TableView(
            TableModel(suppressed_columns(), key=lambda r: r.number), "Trades not done"
        )
        self.signals = TableView(TableModel(signal_columns(), key=lambda r: (r.asset_class, r.kind)), "Signals")
        self.tilts: TableView[TiltRow] = TableView(TableModel(tilt_columns(), key=lambda r: r.asset_class), "Tilts")
        self.notes: TableView[NoteRow] = TableView(TableModel(note_columns(), key=lambda r: r.number), "Notes")
        self.trade_area = OrEmpty(self.trades, NO_TRADES)
        self.lot_area = OrEmpty(self.lots, NO_LOTS)
        self.suppressed_area = OrEmpty(self.suppressed, "No rule stood in the way of a trade.")
        self.note_area = OrEmpty(self.notes, "No warnings.")
        self.lot_title = label("Lots sold", "section")
        self.reason = label("", "muted")
        self.reason.setWordWrap(True)
        self.regime = label("", "muted")
        self.trades.chosen.connect(self._show_lots)

    def _trades_tab(self) -> QWidget:
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.trade_area)
        split.addWidget(column(self.reason, self.lot_title, self.lot_area, gap=4))
        split.setSizes([330, 230])
        split.setChildrenCollapsible(False)
        return split

    def _overlay_tab(self) -> QWidget:
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(column(label("Weights by class", "section"), self.tilts, gap=4))
        split.addWidget(column(label("Signals", "section"), self.signals, gap=4))
        split.setChildrenCollapsible(False)
        self.overlay_area = OrEmpty(column(self.regime, split, gap=6), NO_OVERLAY)
        return self.overlay_area

    def _show_figures(self, report: HouseholdReport) -> None:
        proposal = report.proposal
        tax = proposal.tax
        drifts = [(abs(w.before - w.target), abs(w.after - w.target)) for w in proposal.classes]
        before = max((drift for drift, _ in drifts), default=Decimal(0))
        after = max((drift for _, drift in drifts), default=Decimal(0))
        self.name.setText(report.household)
        self.note.setText(
            f"{', '.join(report.people)}; model {report.model}; {plural(len(report.accounts), 'account')}; "
            f"{proposal.status.value}"
        )
        self.figures["tax"].show_text(f"{dollars(tax.before)} → {dollars(tax.after)}")
        self.figures["harvested"].show_text(dollars(tax.harvested_loss))
        self.figures["drift"].show_text(f"{percent(before)} → {percent(after)}")
        self.figures["turnover"].show_text(percent(proposal.turnover))
        self.figures["gap"].show_text(dollars_and_cents(proposal.gap))

    def _show_lots(self) -> None:
        if self.report is None:
            return
        chosen = self.trades.selected()
        rows = lot_rows(self.report, chosen or self.trades.rows_model.rows)
        self.lots.rows_model.set_rows(rows)
        self.lot_area.show_content(bool(rows), NO_LOTS if chosen else "No lots are sold.")
        self.reason.setText("\n".join(found.trade.reason for found in chosen))
        self.reason.setVisible(bool(chosen))
        of_what = ", ".join(f"{r.trade.side.value} {r.trade.symbol}" for r in chosen) if chosen else "all trades"
        self.lot_title.setText(f"Lots sold: {of_what}")


class TaxTab(QWidget):
    """The tax figures; each answers “why?” in the tree below."""

    KEYS = {  # noqa: RUF012 - fixed captions
        "before": "Tax before",
        "after": "Tax after",
        "short_term": "Short-term net",
        "long_term": "Long-term net",
        "harvested_loss": "Harvested losses",
        "disallowed": "Disallowed by wash sales",
    }

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, Decimal] = {}
        self.tiles: dict[str, Tile] = {}
        line = QHBoxLayout()
        for key in self.KEYS:
            tile = Tile(key)
            tile.setCheckable(False)
            tile.clicked.connect(partial(self.why, key))
            self.tiles[key] = tile
            line.addWidget(tile)
        self.model = QStandardItemModel()
        self.tree = QTreeView()
        self.tree.setModel(self.model)
        self.tree.setAccessibleName("Where the tax figures come from")
        self.tree.setAlternatingRowColors(True)
        self.tree.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        self.tree.setUniformRowHeights(True)
        self.area = OrEmpty(self.tree, "No trail is kept for this run.")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addLayout(line)
        layout.addWidget(label("Why? Where each figure comes from", "section"))
        layout.addWidget(self.area, 1)

    def show_household(self, report: HouseholdReport) -> None:
        """Show a household's tax figures and their trail."""
        tax = report.proposal.tax
        self.values = {key: getattr(tax, key) for key in self.KEYS}
        for key, caption in self.KEYS.items():
            self.tiles[key].show_count(
                dollars_and_cents(self.values[key]), caption, "Why? Show where this figure comes from"
            )
        self.model.clear()
        self.model.setHorizontalHeaderLabels(["Figure", "Value", "Rule"])
        self.model.setHeaderData(1, Qt.Orientation.Horizontal, Align.RIGHT.value, Qt.ItemDataRole.TextAlignmentRole)
        for trail in (*report.tax_trail, *report.overlay_trail):
            self.model.appendRow(_items(trail))
        header = self.tree.header()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setStretchLastSection(False)
        header.resizeSection(1, 120)
        header.resizeSection(2, 200)
        self.tree.expandToDepth(0)
        self.area.show_content(bool(report.tax_trail or report.overlay_trail))

    def why(self, key: str) -> None:
        """Open the trail of one figure."""
        wanted = self.values.get(key)
        for index in _indexes(self.model):
            value = self.model.itemFromIndex(index).data(Qt.ItemDataRole.UserRole)
            if value == wanted:
                self.tree.expand(index)
                self.tree.setCurrentIndex(index)
                self.tree.scrollTo(index)
                self.tree.setFocus()
                return


def _items(trail: Trail) -> list[QStandardItem]:
    figure, value, rule = QStandardItem(trail.label), QStandardItem(_value_text(trail)), QStandardItem(trail.source)
    figure.setData(trail.value, Qt.ItemDataRole.UserRole)
    figure.setToolTip(trail.label)
    rule.setToolTip(trail.source)
    value.setTextAlignment(Align.RIGHT.value)
    for part in trail.inputs:
        figure.appendRow(_items(part))
    return [figure, value, rule]


def _value_text(trail: Trail) -> str:
    if trail.unit == "fraction":
        return percent(trail.value, 2)
    return quantity(trail.value) if trail.unit == "shares" else money(trail.value)


def _indexes(model: QStandardItemModel, under: QModelIndex | None = None) -> Iterator[QModelIndex]:
    parent = under or QModelIndex()
    for number in range(model.rowCount(parent)):
        index = model.index(number, 0, parent)
        yield index
        yield from _indexes(model, index)


def _why_nothing(report: HouseholdReport) -> str:
    return "\n".join((NO_TRADES, *report.proposal.reasons)) if report.proposal.reasons else NO_TRADES
