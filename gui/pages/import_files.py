"""The import page: choose or drop files, look at what they say and what is wrong with them, then import."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QTabWidget

from engine.problems import Problem, Severity
from gui.desk import BookWork, Desk
from gui.figures import count, plural
from gui.pages.import_columns import (
    FileRow,
    TotalRow,
    change_columns,
    file_columns,
    problem_columns,
    row_kind_columns,
    total_columns,
)
from gui.pages.page import Page
from gui.pieces import Line, OrEmpty, button, label, row
from gui.runs import Runs
from gui.table import TableModel, TableView
from importers.registry import IMPORTERS
from workflow.book import Book
from workflow.import_files import import_files
from workflow.template import write_template
from workflow.views import ImportOutcome, Progress

WORKBOOKS = "Excel workbooks (*.xlsx)"


class DropZone(QFrame):
    """Where files are dropped."""

    dropped = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("drop")
        self.setAcceptDrops(True)
        line = QHBoxLayout(self)
        line.setContentsMargins(16, 14, 16, 14)
        said = label("Drop custodian files, spreadsheets or the office workbook here, or choose them (Ctrl+I).")
        said.setAlignment(Qt.AlignmentFlag.AlignCenter)
        line.addWidget(said)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files, nothing else."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()
            self._light_up("true")

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Go back to the quiet look."""
        super().dragLeaveEvent(event)
        self._light_up("false")

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand over the local files that were dropped."""
        self._light_up("false")
        names = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        self.dropped.emit(tuple(Path(name) for name in names))

    def _light_up(self, over: str) -> None:
        self.setProperty("over", over)
        self.style().unpolish(self)
        self.style().polish(self)


class ImportPage(Page):
    """Files, a preview of each, and the one button that writes them to the book."""

    TITLE = "Import"
    ICON = "import"
    TIP = "Read custodian files and the office workbook"

    def __init__(self, desk: Desk, runs: Runs) -> None:
        super().__init__(desk, runs)
        self.paths: tuple[Path, ...] = ()
        self.formats: dict[Path, str] = {}
        self.outcome: ImportOutcome | None = None
        self.files: TableView[FileRow] = TableView(TableModel(file_columns(), key=lambda r: r.path), "Files")
        self.problems: TableView[tuple[int, Problem]] = TableView(
            TableModel(problem_columns(), key=lambda r: r[0]), "Problems"
        )
        self.totals: TableView[TotalRow] = TableView(
            TableModel(total_columns(), key=lambda r: r.number), "Totals stated and found"
        )
        self.row_kinds: TableView[FileRow] = TableView(
            TableModel(row_kind_columns(), key=lambda r: r.path), "Rows by kind"
        )
        self.changes: TableView[tuple[str, int]] = TableView(
            TableModel(change_columns(), key=lambda r: r[0]), "Changes to the book"
        )
        self.drop = DropZone()
        self.drop.dropped.connect(self.add)
        self.said = Line("muted")
        self._make_buttons()
        self._lay_out()
        self.files.chosen.connect(self._say)
        desk.book_opened.connect(self.clear)
        self._show((), None)

    def choose(self) -> None:
        """Ask for files and preview them."""
        folder = self.desk.settings.folder("import")
        self.add(self.desk.ask.choose_files("Import files", folder))

    def add(self, paths: Iterable[Path]) -> None:
        """Add files to the preview."""
        new = tuple(path for path in paths if path not in self.paths)
        if not new:
            return
        self.desk.settings.remember_folder("import", new[0].parent)
        if self.outcome is not None and self.outcome.written:
            self.paths, self.formats = (), {}
        self.paths += new
        self.preview()

    def clear(self) -> None:
        """Start over with no files."""
        self.paths, self.formats = (), {}
        self.banner.say("")
        self._show((), None)

    def remove_selected(self) -> None:
        """Take the selected files out of the preview."""
        gone = {found.path for found in self.files.selected()}
        self.paths = tuple(path for path in self.paths if path not in gone)
        if self.paths:
            self.preview()
        else:
            self.clear()

    def read_as(self) -> None:
        """Ask which format the selected file has, and preview again."""
        selected = self.files.selected()
        titles = {importer.title: importer.name for importer in IMPORTERS}
        if not selected:
            return
        title = self.desk.ask.choose("Read as", f"Format of {selected[0].outcome.file}:", tuple(titles))
        if title is not None:
            self.formats[selected[0].path] = titles[title]
            self.preview()

    def preview(self) -> None:
        """Read the files without writing anything."""
        self.banner.say("")
        self.said.setText("Reading the files …")
        then = partial(self._show, self.paths)
        self.desk.read("Reading files", self._work(dry_run=True), then, question="preview")

    def commit(self) -> None:
        """Write the previewed files to the book, all or nothing."""
        if self.import_button.isEnabled():
            self.import_button.setEnabled(False)
            then = partial(self._imported, self.paths)
            self.desk.write("Importing", self._work(dry_run=False), then, failed=self._failed)

    def save_template(self) -> None:
        """Write an empty office workbook to fill in."""
        suggestion = self.desk.settings.folder("import") / "office.xlsx"
        path = self.desk.ask.save_as("Save an empty office workbook", suggestion, WORKBOOKS)
        if path is not None:
            self.desk.jobs.start(
                "Writing the workbook",
                lambda _: write_template(path),
                lambda _: self.banner.say(f"Wrote {path}. Fill it in, then import it here.", "positive"),
            )

    def _work(self, *, dry_run: bool) -> BookWork:
        paths, formats = self.paths, dict(self.formats)
        today, now, by = self.desk.today(), self.desk.now(), self.desk.settings.user_name

        def work(book: Book, progress: Progress) -> ImportOutcome:
            return import_files(
                book, paths, today=today, now=now, by=by, formats=formats, dry_run=dry_run, progress=progress
            )

        return work

    def _failed(self, error: Exception) -> None:
        self._say()
        self.desk.faults.show_error(error)

    def _imported(self, paths: tuple[Path, ...], outcome: ImportOutcome) -> None:
        self._show(paths, outcome)
        if not outcome.written:
            self.banner.say("Nothing was written. See the problems below.", "negative")
        elif not outcome.changes:
            self.banner.say("Nothing changed: the book already holds everything these files say.")
        else:
            changes = ", ".join(f"{count(number)} {what}" for what, number in outcome.changes.items())
            self.banner.say(
                f"Imported {plural(len(outcome.files), 'file')}: {changes}. "
                "The dashboard (Ctrl+1) shows the households.",
                "positive",
            )

    def _show(self, paths: tuple[Path, ...], outcome: ImportOutcome | None) -> None:
        self.outcome = outcome
        files = outcome.files if outcome else ()
        rows = [FileRow(path, found) for path, found in zip(paths, files, strict=True)]
        self.files.rows_model.set_rows(rows)
        self.row_kinds.rows_model.set_rows(rows)
        problems = [problem for found in files for problem in found.problems]
        problems += outcome.problems if outcome else ()
        problems.sort(key=lambda problem: -SEVERITIES.index(problem.severity))
        self.problems.rows_model.set_rows(enumerate(problems))
        totals = [(found.file, total) for found in files for total in found.totals]
        self.totals.rows_model.set_rows(TotalRow(number, name, total) for number, (name, total) in enumerate(totals))
        self.file_area.show_content(bool(rows))
        self.problem_area.show_content(bool(problems), "No problems." if rows else NO_FILES)
        self.total_area.show_content(bool(totals), "These files state no totals." if rows else NO_FILES)
        self.row_area.show_content(bool(rows))
        changes = outcome.changes if outcome else {}
        self.changes.rows_model.set_rows(changes.items())
        self.change_area.show_content(bool(changes), NO_CHANGES if rows else NO_FILES)
        for number, (title, size) in enumerate(
            (("Problems", len(problems)), ("Totals", len(totals)), ("Rows", len(rows)), ("Changes", len(changes)))
        ):
            self.tabs.setTabText(number, f"{title}  {count(size)}" if size else title)
        self._say()

    def _say(self) -> None:
        outcome = self.outcome
        selected = bool(self.files.selected())
        self.read_as_button.setEnabled(selected)
        self.remove_button.setEnabled(selected)
        self.clear_button.setEnabled(bool(self.paths))
        ready = outcome is not None and outcome.dry_run and not _is_fatal(outcome)
        self.import_button.setEnabled(ready)
        self.import_button.setText(f"Import {plural(len(self.paths), 'file')}" if self.paths else "Import")
        self.said.setText(_summary(outcome))

    def _make_buttons(self) -> None:
        self.choose_button = button("Choose files…", "Choose files to import  (Ctrl+I)", self.choose)
        self.template_button = button(
            "Office workbook…", "Save an empty office workbook to fill in: households, accounts, models",
            self.save_template,
        )  # fmt: skip
        self.import_button = button(
            "Import", "Write these files to the book, all or nothing  (Ctrl+Return)", self.commit, primary=True
        )
        self.clear_button = button("Clear", "Take all files off the list", self.clear)
        self.remove_button = button("Remove", "Take the selected files off the list  (Del)", self.remove_selected)
        self.read_as_button = button("Read as…", "Say which format the selected file has", self.read_as)
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.files)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self.remove_selected)

    def _lay_out(self) -> None:
        self.header.add(self.template_button, self.choose_button)
        self.file_area = OrEmpty(self.files, NO_FILES)
        self.problem_area = OrEmpty(self.problems, NO_FILES)
        self.total_area = OrEmpty(self.totals, NO_FILES)
        self.row_area = OrEmpty(self.row_kinds, NO_FILES)
        self.change_area = OrEmpty(self.changes, NO_FILES)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        for title, area in (
            ("Problems", self.problem_area), ("Totals", self.total_area), ("Rows", self.row_area),
            ("Changes", self.change_area),
        ):  # fmt: skip
            self.tabs.addTab(area, title)
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.file_area)
        split.addWidget(self.tabs)
        split.setSizes([330, 300])
        split.setChildrenCollapsible(False)
        self.body.addWidget(self.drop)
        self.body.addWidget(split, 1)
        self.body.addLayout(
            row(self.said, self.read_as_button, self.remove_button, self.clear_button, self.import_button)
        )


SEVERITIES = (Severity.INFO, Severity.WARNING, Severity.BLOCKING, Severity.FATAL)
NO_CHANGES = "Nothing changes: the book already holds everything these files say."
NO_FILES = (
    "No files yet. Each file is read first without writing anything: you see which format it has, "
    "what it holds, and what is wrong with it."
)


def _is_fatal(outcome: ImportOutcome) -> bool:
    problems = [*outcome.problems, *(problem for found in outcome.files for problem in found.problems)]
    return any(problem.severity is Severity.FATAL for problem in problems)


def _summary(outcome: ImportOutcome | None) -> str:
    if outcome is None:
        return ""
    if _is_fatal(outcome):
        return "A file cannot be read. Remove it, or say how to read it; until then nothing can be imported."
    old = sum(found.already_imported for found in outcome.files)
    known = f", {plural(old, 'file')} imported before" if old else ""
    changes = ", ".join(f"{count(number)} {what}" for what, number in outcome.changes.items())
    if outcome.written:
        return f"Imported{known}."
    return f"Preview{known}: {changes or 'nothing would change'}. Nothing is written yet."
