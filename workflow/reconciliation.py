"""The reconciliation of a book: every comparison in one value, found anew from the book as it stands."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import store, tables
from engine.problems import Problem, Severity
from exporters.reconciliation_report import DecisionLine, Reconciliation, TotalLine, Verdict
from workflow.adjustments import ADJUSTMENT
from workflow.book import Book
from workflow.coverage import block_lines, coverage_lines
from workflow.file_totals import totals_of
from workflow.import_files import APPLIED
from workflow.ledger_comparison import compare_ledgers
from workflow.moved_shares import moved_shares
from workflow.positions_rollforward import lots_against_positions, roll_cash, roll_positions
from workflow.readiness import STALE_AFTER_DAYS
from workflow.reconciliation_rows import read_rows
from workflow.split_evidence import suggested_splits

TOTAL_DIFFERS = "total_differs"
ROUNDING = Decimal("0.05")
"""By how much a total may miss where the reading found nothing wrong with it."""
TO_DECIDE = ("check_digit", "cusip_differs", "ambiguous_account")
"""Problems whose rows were kept, or wait, until a person has said what is right."""


def reconcile_book(book: Book, *, as_of: date, stale_after: int = STALE_AFTER_DAYS) -> Reconciliation:
    """Compare what the book holds on a day; holdings more than `stale_after` trading days old are stale."""
    with book.reading() as session:
        rows = read_rows(session)
        totals = _totals(session)
        households = store.load_households(session, None, as_of=as_of)
        nobodys = _nobodys_problems(session)
        decisions = _decisions(session)
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
        moved=moved_shares(rows, lots),
        decisions=decisions,
    )


def _totals(session: Session) -> tuple[TotalLine, ...]:
    """Return what each imported file states about itself, against its rows as they were read."""
    file, batch, problem = tables.ImportFile, tables.ImportBatch, tables.DataProblem
    told: dict[int, list[str]] = {}
    query = select(problem.import_file_id, problem.message).where(problem.code == TOTAL_DIFFERS).order_by(problem.id)
    for number, message in session.execute(query):
        if number is not None:
            told.setdefault(number, []).append(message)
    applied = (batch.status == APPLIED, file.importer != ADJUSTMENT)
    files = session.scalars(select(file).join(batch, batch.id == file.batch_id).where(*applied).order_by(file.id))
    return tuple(line for one in files for line in _of_file(one, told.get(one.id, [])))


def _of_file(file: tables.ImportFile, told: list[str]) -> Iterator[TotalLine]:
    counts: dict[str, int] = json.loads(file.records)
    verdict, finding = Verdict.NOT_COMPARED, "the file states no totals"
    line = TotalLine(
        file.name, file.importer, file.as_of, sum(counts.values()), None, "", None, None, None, verdict, finding
    )
    totals = totals_of(file.totals)
    for total in totals:
        named = next((message for message in told if message.startswith(f"{total.what}:")), "")
        yield replace(
            line,
            row=total.row,
            what=total.what,
            stated=total.stated,
            found=total.found,
            difference=total.difference,
            verdict=Verdict.DIFFERS if named or abs(total.difference) > ROUNDING else Verdict.MATCHES,
            finding=named or ("rounding" if 0 < abs(total.difference) <= ROUNDING else ""),
        )
    if not totals and told:
        yield replace(line, verdict=Verdict.DIFFERS, finding="; ".join(told))
    elif not totals:
        incomplete = "parts of this file could not be placed; import it again"
        yield line if file.complete else replace(line, finding=incomplete)


def _decisions(session: Session) -> tuple[DecisionLine, ...]:
    """Return what stands in files and only a person can decide."""
    table = tables.DataProblem
    rows = session.scalars(select(table).where(table.code.in_(TO_DECIDE)).order_by(table.id))
    return tuple(DecisionLine(p.account, p.symbol, p.file, p.row, p.message, p.hint) for p in rows)


def _nobodys_problems(session: Session) -> tuple[Problem, ...]:
    """Return the blocking problems that stand and belong to no household."""
    table = tables.DataProblem
    blocking = table.severity.in_((Severity.BLOCKING, Severity.FATAL))
    found = session.scalars(select(table).where(table.household_id.is_(None), blocking).order_by(table.id))
    return tuple(
        Problem(p.severity, p.code, p.message, p.hint, p.file, p.row, p.field, p.account, p.symbol) for p in found
    )
