"""Pictures of every page, light and dark, on the sample office; for the documentation, looked at by a person."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.errors import AppError
from gui.main_window import MainWindow
from gui.pages.blotter import BlotterPage
from gui.pages.dashboard import DashboardPage
from gui.pages.import_files import ImportPage
from gui.pages.proposal import ProposalPage
from gui.theme import ThemeChoice
from gui.unattended import failures, wait, window_for
from workflow.demo import demo_files


def make_screenshots(out: Path) -> list[Path]:
    """Write a PNG of each page in both themes into `out` and return their paths."""
    out.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    with TemporaryDirectory() as name, window_for(Path(name)) as window:
        made += _shots(window, out, "welcome")
        window.desk.open(Path(name) / "office.plimsoll")
        wait(window)
        _preview(window)
        wait(window)
        made += _shots(window, out, "import")
        window.welcome.open_demo()
        wait(window)
        for picture, prepare in _PICTURES:
            prepare(window)
            wait(window)
            made += _shots(window, out, picture)
        for error in failures(window):
            raise AppError("A picture could not be taken", detail=str(error))
    return made


def _shots(window: MainWindow, out: Path, picture: str) -> list[Path]:
    made = []
    for choice in (ThemeChoice.LIGHT, ThemeChoice.DARK):
        window.set_theme(choice)
        wait(window)
        if window.desk.book is not None:
            window.where.setText(Path(window.desk.book.where).name)  # its folder says nothing to a reader
        path = out / f"{picture}-{choice.value}.png"
        if not window.grab().save(str(path)):
            raise AppError("The picture cannot be written", detail=str(path))
        made.append(path)
    window.set_theme(ThemeChoice.LIGHT)
    return made


def _dashboard(window: MainWindow) -> None:
    window.go(DashboardPage)


def _filtered(window: MainWindow) -> None:
    page = window.page(DashboardPage)
    if isinstance(page, DashboardPage):
        page.toggle("out_of_band")
        page.toggle("wash")
        page.table.selectAll()


def _preview(window: MainWindow) -> None:
    window.go(ImportPage)
    page = window.page(ImportPage)
    if isinstance(page, ImportPage):
        with demo_files() as paths:
            page.add(paths)
            window.desk.jobs.wait_idle()
            page.files.clearSelection()


def _proposal(window: MainWindow) -> None:
    page = window.page(DashboardPage)
    if isinstance(page, DashboardPage):
        page.toggle("all")
        page.table.clearSelection()
    window.propose()
    wait(window)
    proposal = window.page(ProposalPage)
    if isinstance(proposal, ProposalPage):
        rows = proposal.table.rows_model.rows
        busiest = max(rows, key=lambda row: (row.suppressed > 0, row.harvested_loss > 0, row.trades))
        proposal.go_to(busiest.household)


def _tab(number: int) -> Callable[[MainWindow], None]:
    def prepare(window: MainWindow) -> None:
        page = window.page(ProposalPage)
        if isinstance(page, ProposalPage):
            page.detail.tabs.setCurrentIndex(number)
            page.detail.tax.why("after")

    return prepare


def _blotter(window: MainWindow) -> None:
    window.runs.approve()
    wait(window)
    window.go(BlotterPage)


_PICTURES: tuple[tuple[str, Callable[[MainWindow], None]], ...] = (
    ("dashboard", _dashboard),
    ("dashboard-filtered", _filtered),
    ("proposal", _proposal),
    ("proposal-not-done", _tab(1)),
    ("proposal-tax", _tab(2)),
    ("proposal-overlay", _tab(3)),
    ("blotter", _blotter),
)
