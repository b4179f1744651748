"""The self-test of an installation: the window opens without a screen and does the main job on the sample office."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.errors import AppError
from gui.main_window import MainWindow
from gui.unattended import failures, wait, window_for

WRITTEN = frozenset({".pdf", ".xlsx", ".csv"})
"""Kinds of files that an export writes."""


def self_test() -> int:
    """Open the window, import the sample office, propose, approve, export. Returns 0; AppError says what failed."""
    with TemporaryDirectory() as name, window_for(Path(name)) as window:
        _step(window, "open the sample office", window.welcome.open_demo, lambda: window.desk.book is not None)
        _visit_pages(window)
        _step(window, "propose", window.propose, lambda: window.runs.can_approve)
        _step(window, "approve the run", window.runs.approve, lambda: window.runs.can_export)
        written: list[Path] = []
        window.runs.exported.connect(written.extend)
        _step(window, "export the run", window.runs.export, lambda: _kinds(written) >= WRITTEN)
    return 0


def open_offscreen() -> None:
    """Open the window without a screen on a new book and visit every page. Raises AppError when that fails."""
    with TemporaryDirectory() as name, window_for(Path(name)) as window:
        book = Path(name) / "self-test.plimsoll"
        _step(window, "open a new book", lambda: window.desk.open(book), lambda: window.desk.book is not None)
        _visit_pages(window)


def _step(window: MainWindow, what: str, start: Callable[[], object], done: Callable[[], bool]) -> None:
    start()
    wait(window)
    errors = failures(window)
    if errors or not done():
        raise AppError(f"The window could not {what}", detail="; ".join(str(error) for error in errors))


def _visit_pages(window: MainWindow) -> None:
    for page in window.pages:
        window.go(type(page))
        wait(window)
        if window.current_page() is not page:
            raise AppError(f"The window could not show the page {page.TITLE}")


def _kinds(paths: list[Path]) -> set[str]:
    return {path.suffix for path in paths if path.is_file() and path.stat().st_size > 0}
