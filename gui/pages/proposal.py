"""The proposal page: a run's households, and for the one looked at everything that was decided and why."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QSplitter

from engine.money import ZERO
from exporters.run_report import HouseholdReport, RunReport
from gui.charts import AllocationChart
from gui.desk import Desk
from gui.figures import count, day, dollars, moment, plural
from gui.pages.page import Page
from gui.pages.proposal_columns import proposal_columns
from gui.pages.proposal_detail import ProposalDetail
from gui.pieces import Line, OrEmpty, button, column, label, set_tone
from gui.runs import OPEN_STATES, Runs
from gui.table import TableModel, TableView
from workflow.views import ProposalRow, RunSummary

NO_RUN = "No run yet. Select households on the dashboard (Ctrl+1) and propose (Ctrl+P)."
NO_HOUSEHOLD = "Select a household to see its trades, what was not done, its tax and its overlay."


class ProposalPage(Page):
    """Left the households of the run and the chart of the one selected, right its decisions."""

    TITLE = "Proposal"
    ICON = "proposal"
    TIP = "What a run proposes, what it left and why"

    def __init__(self, desk: Desk, runs: Runs) -> None:
        super().__init__(desk, runs)
        self.run_box = QComboBox()
        self.run_box.setToolTip("Choose a run")
        self.run_box.setAccessibleName("Run")
        self.run_box.setMinimumWidth(300)
        self.run_box.activated.connect(lambda _: runs.choose(self.run_box.currentData()))
        self.badge = label("", "badge")
        self.approve_button = button(
            "Approve", "Approve this run with name and reason  (Ctrl+Return)", runs.approve, primary=True
        )
        self.export_button = button(
            "Export…", "Write workbook, order files and client reports to a folder  (Ctrl+E)", runs.export
        )
        model: TableModel[ProposalRow] = TableModel(proposal_columns(), key=lambda r: r.household)
        self.table: TableView[ProposalRow] = TableView(model, "Households of the run")
        self.table.setSelectionMode(TableView.SelectionMode.SingleSelection)
        self.table.chosen.connect(self._show_household)
        self.chart = AllocationChart()
        self.chart_title = label("Allocation", "section")
        self.totals = Line("muted")
        self.detail = ProposalDetail()
        self.detail_area = OrEmpty(self.detail, NO_HOUSEHOLD)
        self._lay_out()
        runs.changed.connect(self._show)
        self._show()

    def refresh(self) -> None:
        """Read the runs again."""
        self.runs.refresh()

    def places(self) -> dict[str, str]:
        """Offer the households of the run to the command palette."""
        return {found.household: found.household for found in self.table.rows_model.rows}

    def go_to(self, place: str) -> None:
        """Look at one household of the run."""
        self.table.select_keys([place])
        self.table.setFocus()

    def _lay_out(self) -> None:
        self.header.line.insertWidget(1, self.run_box)
        self.header.line.insertWidget(2, self.badge)
        self.header.add(self.export_button, self.approve_button)
        left = QSplitter(Qt.Orientation.Vertical)
        left.addWidget(column(self.totals, self.table, gap=6))
        left.addWidget(column(self.chart_title, self.chart, gap=2))
        left.setSizes([430, 300])
        left.setChildrenCollapsible(False)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(left)
        split.addWidget(self.detail_area)
        split.setSizes([622, 690])
        split.setChildrenCollapsible(False)
        self.area = OrEmpty(split, NO_RUN)
        self.body.addWidget(self.area, 1)

    def _show(self) -> None:
        run = self.runs.current
        self._fill_run_box()
        self.area.show_content(run is not None)
        self.approve_button.setEnabled(self.runs.can_approve)
        self.export_button.setEnabled(self.runs.can_export)
        self.badge.setVisible(run is not None)
        self.header.note.setText("")
        if run is None:
            self.banner.say("")
        else:
            self._show_run(run)
        before = self.table.selected()
        self.table.rows_model.set_rows(run.rows if run else ())
        if run and run.rows and not (before and self.table.selected()):
            self.table.select_keys([run.rows[0].household])
        self._show_household()

    def _show_run(self, run: RunSummary) -> None:
        self.badge.setText(run.state.value)
        set_tone(self.badge, "warning" if run.state in OPEN_STATES else "positive")
        self.header.note.setText(f"As of {day(run.as_of)}")
        trades = sum(found.trades for found in run.rows)
        change = sum((found.tax_after - found.tax_before for found in run.rows), ZERO)
        left_out = f"; {plural(len(run.skipped), 'household')} left out (see the blotter)" if run.skipped else ""
        self.totals.setText(
            f"{plural(len(run.rows), 'household')}, {plural(trades, 'trade')}, "
            f"tax of the year changes by {dollars(change)}{left_out}"
        )

    def _fill_run_box(self) -> None:
        self.run_box.blockSignals(True)
        self.run_box.clear()
        for run in self.runs.runs:
            text = f"{run.run}   {moment(run.created_at)}   {count(len(run.rows))} households"
            self.run_box.addItem(text, run.run)
        if self.runs.current is not None:
            self.run_box.setCurrentIndex(self.run_box.findData(self.runs.current.run))
        self.run_box.setEnabled(bool(self.runs.runs))
        self.run_box.blockSignals(False)

    def _show_household(self) -> None:
        found = self._household()
        self.detail_area.show_content(
            found is not None, "Reading the run …" if self.runs.report is None else NO_HOUSEHOLD
        )
        self.chart.show_classes(found.proposal.classes if found else ())
        self.chart_title.setText(f"Allocation of {found.household}" if found else "Allocation")
        if found is not None:
            self.detail.show_household(found)

    def _household(self) -> HouseholdReport | None:
        report: RunReport | None = self.runs.report
        selected = self.table.selected()
        if report is None or not selected:
            return None
        name = selected[0].household
        return next((found for found in report.households if found.household == name), None)
