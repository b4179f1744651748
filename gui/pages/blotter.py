"""The blotter: every run with its state, and the orders of the run looked at over all its households."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QSplitter, QTabWidget

from engine.money import ZERO
from engine.portfolio import Side
from exporters.order_lines import Block, OrderLine
from exporters.run_report import ApprovalLine, RunState, Skipped
from gui.desk import Desk
from gui.figures import count, dollars, plural
from gui.pages.blotter_columns import (
    approval_columns,
    block_columns,
    matches,
    order_columns,
    run_columns,
    skipped_columns,
)
from gui.pages.page import Page
from gui.pieces import Line, OrEmpty, beside, button, column
from gui.runs import Runs
from gui.table import TableModel, TableView
from workflow.views import RunSummary

NO_RUNS = "No runs yet. Select households on the dashboard (Ctrl+1) and propose (Ctrl+P)."
NO_ORDERS = "This run has no orders."


class BlotterPage(Page):
    """Runs above, the orders, blocks, approvals and left-out households of one of them below."""

    TITLE = "Blotter"
    ICON = "blotter"
    TIP = "Runs, approvals and orders"

    def __init__(self, desk: Desk, runs: Runs) -> None:
        super().__init__(desk, runs)
        self.run_table: TableView[RunSummary] = TableView(TableModel(run_columns(), key=lambda r: r.run), "Runs")
        self.run_table.setSelectionMode(TableView.SelectionMode.SingleSelection)
        self.orders: TableView[OrderLine] = TableView(TableModel(order_columns(), key=lambda r: r.order_id), "Orders")
        self.blocks: TableView[Block] = TableView(TableModel(block_columns(), key=lambda r: r.block_id), "Blocks")
        self.approvals: TableView[ApprovalLine] = TableView(
            TableModel(approval_columns(), key=lambda r: (r.at, r.to_state)), "Approvals"
        )
        self.skipped: TableView[Skipped] = TableView(
            TableModel(skipped_columns(), key=lambda r: r.household), "Left out"
        )
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find in orders  (Ctrl+F)")
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(260)
        self.search.textChanged.connect(self._filter)
        self.said = Line("muted")
        self.approve_button = button(
            "Approve", "Approve the selected run with name and reason  (Ctrl+Return)", runs.approve, primary=True
        )
        self.export_button = button(
            "Export…", "Write workbook, order files and client reports to a folder  (Ctrl+E)", runs.export
        )
        self._lay_out()
        self._showing = False
        self.run_table.chosen.connect(self._choose)
        find = QShortcut(QKeySequence("Ctrl+F"), self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self.search.setFocus)
        runs.changed.connect(self._show)
        self._show()

    def refresh(self) -> None:
        """Read the runs again."""
        self.runs.refresh()

    def _lay_out(self) -> None:
        self.header.add(self.export_button, self.approve_button)
        self.order_area = OrEmpty(self.orders, NO_ORDERS)
        self.block_area = OrEmpty(self.blocks, NO_ORDERS)
        self.approval_area = OrEmpty(self.approvals, "Nobody has approved this run yet.")
        self.skipped_area = OrEmpty(self.skipped, "No household was left out of this run.")
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        for title, area in (
            ("Orders", column(beside(self.said, self.search), self.order_area, gap=6)),
            ("Blocks", self.block_area),
            ("Approvals", self.approval_area),
            ("Left out", self.skipped_area),
        ):
            self.tabs.addTab(area, title)
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.run_table)
        split.addWidget(self.tabs)
        split.setSizes([150, 560])
        split.setChildrenCollapsible(False)
        self.area = OrEmpty(split, NO_RUNS)
        self.body.addWidget(self.area, 1)

    def _choose(self) -> None:
        chosen = self.run_table.selected()
        if chosen and not self._showing:
            self.runs.choose(chosen[0].run)

    def _show(self) -> None:
        runs, report = self.runs, self.runs.report
        self._showing = True
        self.run_table.rows_model.set_rows(runs.runs)
        self.run_table.select_keys([runs.current.run] if runs.current else [])
        self._showing = False
        self.area.show_content(bool(runs.runs))
        self.approve_button.setEnabled(runs.can_approve)
        self.export_button.setEnabled(runs.can_export)
        again = runs.current is not None and any(
            line.to_state is RunState.EXPORTED for line in (report.approvals if report else ())
        )
        self.export_button.setText("Export again…" if again else "Export…")
        orders = runs.orders.orders if runs.orders else ()
        blocks = runs.orders.blocks if runs.orders else ()
        approvals = report.approvals if report else ()
        skipped = report.skipped if report else ()
        self.orders.rows_model.set_rows(orders)
        self.blocks.rows_model.set_rows(blocks)
        self.approvals.rows_model.set_rows(approvals)
        self.skipped.rows_model.set_rows(skipped)
        self.block_area.show_content(bool(blocks), NO_ORDERS if report else "Reading the run …")
        self.approval_area.show_content(bool(approvals))
        self.skipped_area.show_content(bool(skipped))
        for number, (title, size) in enumerate(
            (
                ("Orders", len(orders)),
                ("Blocks", len(blocks)),
                ("Approvals", len(approvals)),
                ("Left out", len(skipped)),
            )
        ):
            self.tabs.setTabText(number, f"{title}  {count(size)}" if size else title)
        self._filter()

    def _filter(self) -> None:
        typed = self.search.text().strip().casefold()
        self.orders.rows_model.set_filter((lambda order: matches(order, typed)) if typed else None)
        rows = self.orders.rows_model.rows
        total = self.orders.rows_model.total
        self.order_area.show_content(bool(rows), "No order matches." if total else NO_ORDERS)
        bought = sum((order.amount for order in rows if order.side is Side.BUY), ZERO)
        sold = sum((order.amount for order in rows if order.side is Side.SELL), ZERO)
        self.said.setText(
            f"{plural(len(rows), 'order')} of {count(total)}: buys {dollars(bought)}, sells {dollars(sold)}"
        )
