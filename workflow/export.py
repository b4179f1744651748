"""Writes a run's files: workbook, order files, client reports. Only an approved run is exported."""

from datetime import datetime
from pathlib import Path

from engine.errors import AppError
from exporters.order_terms import AT_MARKET, OrderTerms
from exporters.run_files import write_run
from exporters.run_report import RunState
from workflow.approve import move_on
from workflow.book import Book
from workflow.runs import run_report
from workflow.views import Progress

_NOT_YET = frozenset({RunState.DRAFT, RunState.REVIEW})


def export_run(
    book: Book,
    run: str,
    out: Path,
    *,
    now: datetime,
    by: str = "",
    progress: Progress | None = None,
    terms: OrderTerms = AT_MARKET,
) -> tuple[Path, ...]:
    """Write the files of an approved run into `out` and return their paths; the run is then Exported.

    `by` empty = who approved it; `terms` are those of all its orders and go into the log. A run that was exported
    before is written again as it is.
    Raises AppError for a run that is not approved, and for a folder or file that cannot be written.
    """
    report = run_report(book, run)
    if report.state in _NOT_YET:
        raise AppError(f"run {run} is {report.state}, not approved", hint=f"Approve it first: plimsoll approve {run}.")
    files = write_run(report, out, progress, terms)
    if report.state is RunState.APPROVED:
        how = "" if terms == AT_MARKET else f", orders {terms.sentence()}"
        move_on(book, run, by=by or report.approvals[-1].by, reason=f"exported to {out.name}{how}", now=now)
    return files
