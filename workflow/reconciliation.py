"""The reconciliation of a book: every comparison in one value, found anew from the book as it stands."""

import json
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import store, tables
from engine.problems import Problem, Severity
from exporters.reconciliation_report import Reconciliation, TotalLine, Verdict
from workflow.book import Book
from workflow.coverage import block_lines, coverage_lines
from workflow.import_files import APPLIED
from workflow.ledger_comparison import compare_ledgers
from workflow.positions_rollforward import lots_against_positions, roll_cash, roll_positions
from workflow.readiness import STALE_AFTER_WEEKDAYS
from workflow.reconciliation_rows import read_rows
from workflow.split_evidence import suggested_splits

TOTAL_DIFFERS = "total_differs"


def reconcile_book(book: Book, *, as_of: date, stale_after: int = STALE_AFTER_WEEKDAYS) -> Reconciliation:
    """Compare what the book holds on a day; holdings more than `stale_after` weekdays old are stale."""
    with book.reading() as session:
        rows = read_rows(session)
        totals = _totals(session)
        households = store.load_households(session, None, as_of=as_of)
        nobodys = _nobodys_problems(session)
    lots = lots_against_positions(rows)
    rolled = roll_positions(rows)
    realized, wash = compare_ledgers(rows)
    coverage = coverage_lines(rows, as_of, stale_after=stale_after)
    return Reconciliation(
        book=book.where,
        as_of=as_of,
        totals=totals,
        lots=lots,
        rolled=rolled,
        cash=roll_cash(rows),
        realized=realized,
        wash=wash,
        splits=suggested_splits(rows, lots, rolled),
        coverage=coverage,
        blocks=block_lines(households, nobodys, stale=coverage),
    )


def _totals(session: Session) -> tuple[TotalLine, ...]:
    """Return each imported file with what its own totals did not add up to."""
    file, batch, problem = tables.ImportFile, tables.ImportBatch, tables.DataProblem
    told: dict[int, list[str]] = {}
    query = select(problem.import_file_id, problem.message).where(problem.code == TOTAL_DIFFERS).order_by(problem.id)
    for number, message in session.execute(query):
        if number is not None:
            told.setdefault(number, []).append(message)
    files = session.scalars(
        select(file).join(batch, batch.id == file.batch_id).where(batch.status == APPLIED).order_by(file.id)
    )
    return tuple(_total(one, told.get(one.id, [])) for one in files)


def _total(file: tables.ImportFile, told: list[str]) -> TotalLine:
    counts: dict[str, int] = json.loads(file.records)
    verdict, finding = Verdict.MATCHES, ""
    if told:
        verdict, finding = Verdict.DIFFERS, "; ".join(told)
    elif not file.complete:
        verdict, finding = Verdict.NOT_COMPARED, "parts of this file could not be placed; import it again"
    return TotalLine(file.name, file.importer, file.as_of, sum(counts.values()), verdict, finding)


def _nobodys_problems(session: Session) -> tuple[Problem, ...]:
    """Return the blocking problems that stand and belong to no household."""
    table = tables.DataProblem
    blocking = table.severity.in_((Severity.BLOCKING, Severity.FATAL))
    found = session.scalars(select(table).where(table.household_id.is_(None), blocking).order_by(table.id))
    return tuple(
        Problem(p.severity, p.code, p.message, p.hint, p.file, p.row, p.field, p.account, p.symbol) for p in found
    )
