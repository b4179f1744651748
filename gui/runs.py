"""The runs of the open book: which one is looked at, its report, and the steps it takes to the export."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.errors import AppError
from exporters.order_lines import RunOrders, run_orders
from exporters.run_report import RunReport, RunState
from gui.desk import Desk
from gui.figures import plural
from workflow.approve import approve
from workflow.book import Book
from workflow.export import export_run
from workflow.propose import propose
from workflow.runs import list_runs, run_report
from workflow.views import Progress, RunSummary

OPEN_STATES = frozenset({RunState.DRAFT, RunState.REVIEW})
"""States from which a run can be approved."""


class Runs(QObject):
    """Runs as the pages see them. `current` is the one looked at, `report` its contents once read."""

    changed = Signal()
    """The list, the choice or the report changed."""
    proposed = Signal()
    """A new run was made and is now looked at."""
    exported = Signal(object)
    """Files of the current run were written: a tuple of paths."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._wanted = ""
        self.runs: tuple[RunSummary, ...] = ()
        self.current: RunSummary | None = None
        self.report: RunReport | None = None
        self.orders: RunOrders | None = None
        desk.book_opened.connect(self._start_over)
        desk.book_changed.connect(self.refresh)

    @property
    def can_approve(self) -> bool:
        """Whether the current run waits for an approval."""
        return self.current is not None and self.current.state in OPEN_STATES

    @property
    def can_export(self) -> bool:
        """Whether the current run may be exported, for the first time or again."""
        return self.current is not None and self.current.state not in OPEN_STATES

    def refresh(self) -> None:
        """Read the runs again, and the one looked at."""
        wanted = self._wanted

        def work(book: Book, _: Progress) -> _Found:
            runs = list_runs(book)
            chosen = _pick(runs, wanted)
            report = run_report(book, chosen.run) if chosen else None
            return _Found(runs, report, run_orders(report) if report else None)

        self._desk.read("Reading runs", work, self._take, question="runs")

    def choose(self, run: str) -> None:
        """Look at another run."""
        if self.current is not None and self.current.run == run:
            return
        self._wanted = run
        self.current = _pick(self.runs, run)
        self.report, self.orders = None, None
        self.changed.emit()
        self.refresh()

    def propose(self, households: Sequence[str]) -> None:
        """Propose trades for households by name, and look at the run that this makes."""
        names = tuple(households)
        if not names:
            self._desk.ask.problem(
                AppError("There is no household to propose for", hint="Import files first, or clear the filters.")
            )
            return
        now, by = self._desk.now(), self._desk.settings.user_name

        def work(book: Book, progress: Progress) -> RunSummary:
            return propose(book, households=names, as_of=None, now=now, by=by, progress=progress)

        def made(summary: RunSummary) -> None:
            self._wanted = summary.run
            self.proposed.emit()

        self._desk.write(f"Proposing for {plural(len(names), 'household')}", work, made)

    def approve(self) -> None:
        """Ask who approves and why, then approve the current run."""
        run = self.current
        if run is None or not self.can_approve:
            return
        trades = sum(row.trades for row in run.rows)
        text = (
            f"Approve {run.run} as of {run.as_of}: {plural(trades, 'trade')} "
            f"for {plural(len(run.rows), 'household')}. Name, time and reason go into the record."
        )
        signed = self._desk.ask.signature("Approve", text, self._desk.settings.user_name)
        if signed is None:
            return
        self._desk.settings.remember_user_name(signed.by)
        now = self._desk.now()

        def work(book: Book, _: Progress) -> RunState:
            return approve(book, run.run, by=signed.by, reason=signed.reason, now=now)

        self._desk.write(f"Approving {run.run}", work, lambda _: None)

    def export(self) -> None:
        """Ask for a folder, then write the workbook, the order files and the client reports."""
        run = self.current
        if run is None or not self.can_export:
            return
        folder = self._desk.ask.choose_folder("Export to folder", self._desk.settings.folder("export"))
        if folder is None:
            return
        self._desk.settings.remember_folder("export", folder)
        now, by = self._desk.now(), self._desk.settings.user_name

        def work(book: Book, progress: Progress) -> tuple[Path, ...]:
            return export_run(book, run.run, folder, by=by, now=now, progress=progress)

        self._desk.write(f"Exporting {run.run}", work, self.exported.emit)

    def _start_over(self) -> None:
        self._wanted = ""
        self.runs, self.current, self.report, self.orders = (), None, None, None
        self.changed.emit()
        self.refresh()

    def _take(self, found: "_Found") -> None:
        self.runs, self.report, self.orders = found.runs, found.report, found.orders
        self.current = _pick(self.runs, self.report.run) if self.report else None
        self._wanted = self.current.run if self.current else ""
        self.changed.emit()


@dataclass(frozen=True, slots=True)
class _Found:
    """What reading the runs gives."""

    runs: tuple[RunSummary, ...]
    report: RunReport | None
    orders: RunOrders | None


def _pick(runs: Sequence[RunSummary], wanted: str) -> RunSummary | None:
    named = next((run for run in runs if run.run == wanted), None)
    return named or max(runs, key=lambda run: run.created_at, default=None)
