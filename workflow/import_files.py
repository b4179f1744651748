"""Imports custodian files, spreadsheets, price tables and office workbooks: all of a call, or nothing of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TypedDict, Unpack

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import audit_log, tables
from db.journal import Journal
from db.store.problems import book_problems
from engine.problems import Problem, Severity
from importers.column_map import read_map
from workflow.book import Book
from workflow.file_totals import totals_text
from workflow.identifiers import keep_identifiers
from workflow.intake.apply import STEPS, apply
from workflow.intake.arrivals import Arrival
from workflow.intake.intake import Intake
from workflow.intake.read import read_files
from workflow.intake.standing import keep_book_problems, keep_file_problems
from workflow.mapping import kept_maps, remember_map
from workflow.symbol_changes import list_changes, read_as_one
from workflow.views import FileOutcome, ImportOutcome, Progress

APPLIED, UNDONE = "applied", "undone"
"""What became of an import call."""


class ImportOptions(TypedDict, total=False):
    """What may be said of an import call.

    `formats` names importers by path, `column_map` is the TOML file that explains a spreadsheet; a `dry_run`
    writes nothing; `progress` is told what is being done and may raise to cancel.
    """

    formats: Mapping[Path, str] | None
    column_map: Path | None
    dry_run: bool
    progress: Progress | None


def import_files(
    book: Book,
    paths: Sequence[Path],
    *,
    today: date,
    now: datetime,
    by: str,
    **options: Unpack[ImportOptions],
) -> ImportOutcome:
    """Read all files and write what they say in one transaction; a dry run says what would be written.

    Nothing is written when a file is fatal, or when all were imported before. A file is known by its content
    (and its column map). A cancelled call leaves the book as before.

    Raises AppError for a format or a column map that does not exist, and when the book cannot be written.
    """
    dry_run = options.get("dry_run", False)
    tell = options.get("progress") or _silent
    with book.reading() as session:
        kept = kept_maps(session)
        changes, own = list_changes(session), set(session.scalars(select(tables.Security.symbol)))
    arrivals = read_files(
        paths,
        today=today,
        formats=options.get("formats") or {},
        column_map=options.get("column_map"),
        progress=tell,
        steps=len(STEPS) + 1,
        kept_maps=kept,
    )
    arrivals = read_as_one(arrivals, changes, own, today)
    if any(arrival.is_fatal for arrival in arrivals):
        files = tuple(arrival.outcome(already_imported=False, problems=arrival.problems) for arrival in arrivals)
        return ImportOutcome(files, (), None, written=False, dry_run=dry_run, changes={})
    with book.session() as session:
        call = _Call(session, arrivals, today, now, by)
        outcome = call.run(dry_run=dry_run, progress=tell)
        if not outcome.written:
            session.rollback()
        else:
            _remember(session, paths, arrivals, options.get("column_map"))
    return outcome


def _remember(session: Session, paths: Sequence[Path], arrivals: Sequence[Arrival], column_map: Path | None) -> None:
    """Keep a column map that read a file, for the next file with that header."""
    for path, arrival in zip(paths, arrivals, strict=True):
        if column_map is not None and arrival.map_sha256:
            remember_map(session, path, read_map(column_map))


def _silent(done: int, total: int, what: str) -> None:
    """Take a report of progress that nobody asked for."""
    del done, total, what


@dataclass(frozen=True, slots=True)
class _Call:
    """One import call inside its transaction."""

    session: Session
    arrivals: tuple[Arrival, ...]
    today: date
    now: datetime
    by: str

    def run(self, *, dry_run: bool, progress: Progress) -> ImportOutcome:
        """Write the files that are new, and return what was done; the caller ends the transaction."""
        before = [_imported_before(self.session, arrival) for arrival in self.arrivals]
        new = self._new(before)
        if not new:
            return self._nothing_new(before, dry_run=dry_run)
        batch = tables.ImportBatch(status=APPLIED, by=self.by, at=self.now)
        self.session.add(batch)
        self.session.flush()
        journal = Journal(self.session, batch.id)
        rows = [self._file_row(batch.id, self.arrivals[number]) for number in new]
        self.session.add_all(rows)
        self.session.flush()
        total = len(self.arrivals) + len(STEPS) + 1
        intake = apply(
            self.session,
            tuple(self.arrivals[number] for number in new),
            tuple(row.id for row in rows),
            today=self.today,
            report=lambda done, what: progress(len(self.arrivals) + done, total, what),
        )
        keep_identifiers(intake)
        changes = {what: count for what, count in intake.changes.items() if count}
        if not changes and all(before[number] is not None for number in new):
            return self._outcome(new, before, intake, book_problems(self.session), None, dry_run=dry_run)
        for at, row in enumerate(rows):
            row.complete = at not in intake.incomplete
        keep_file_problems(intake)
        problems = keep_book_problems(intake)
        journal.close()
        self._log(batch.id, new, changes)
        progress(total, total, "Stored")
        return self._outcome(new, before, intake, problems, None if dry_run else batch.id, dry_run=dry_run)

    def _new(self, before: Sequence[tables.ImportFile | None]) -> list[int]:
        """Return the numbers of the files to be applied: new content, or not wholly applied before."""
        seen: set[tuple[str, str, str]] = set()
        new: list[int] = []
        for number, (arrival, file) in enumerate(zip(self.arrivals, before, strict=True)):
            key = (arrival.sha256, arrival.result.importer, arrival.map_sha256)
            if key not in seen and (file is None or not file.complete):
                new.append(number)
            seen.add(key)
        return new

    def _file_row(self, batch: int, arrival: Arrival) -> tables.ImportFile:
        """Return the row of a file."""
        return tables.ImportFile(
            batch_id=batch,
            name=arrival.name,
            sha256=arrival.sha256,
            importer=arrival.result.importer,
            column_map_sha256=arrival.map_sha256,
            as_of=arrival.result.as_of,
            complete=True,
            records=json.dumps(arrival.counts(), sort_keys=True),
            totals=totals_text(arrival.result.totals),
        )

    def _nothing_new(self, before: Sequence[tables.ImportFile | None], *, dry_run: bool) -> ImportOutcome:
        """Return the outcome of a call whose files were all imported before."""
        files = tuple(
            arrival.outcome(already_imported=True, problems=(_known(arrival, file),))
            for arrival, file in zip(self.arrivals, before, strict=True)
        )
        return ImportOutcome(files, book_problems(self.session), None, written=False, dry_run=dry_run, changes={})

    def _outcome(
        self,
        new: Sequence[int],
        before: Sequence[tables.ImportFile | None],
        intake: Intake,
        problems: tuple[Problem, ...],
        batch: int | None,
        *,
        dry_run: bool,
    ) -> ImportOutcome:
        """Return the outcome of a call of which at least one file was applied."""
        files: list[FileOutcome] = []
        for number, (arrival, file) in enumerate(zip(self.arrivals, before, strict=True)):
            if number not in new:
                files.append(arrival.outcome(already_imported=True, problems=(_known(arrival, file),)))
                continue
            at = new.index(number)
            met = (*arrival.problems, *intake.problems[at], *intake.passing[at])
            files.append(arrival.outcome(already_imported=file is not None, problems=met))
        changes = {what: count for what, count in intake.changes.items() if count}
        written = batch is not None and not dry_run
        return ImportOutcome(tuple(files), problems, batch, written=written, dry_run=dry_run, changes=changes)

    def _log(self, batch: int, new: Sequence[int], changes: Mapping[str, int]) -> None:
        """Add to the audit log what was imported: a line for each file, one for what it changed."""
        for arrival in (self.arrivals[number] for number in new):
            details = {"batch": str(batch), "sha256": arrival.sha256, "format": arrival.result.importer}
            details |= {what: str(count) for what, count in arrival.counts().items()}
            audit_log.append(
                self.session, at=self.now, by=self.by, action="import file", subject=arrival.name, details=details
            )
        audit_log.append(
            self.session,
            at=self.now,
            by=self.by,
            action="import",
            subject=f"batch {batch}",
            details={what: str(count) for what, count in changes.items()},
        )


def _imported_before(session: Session, arrival: Arrival) -> tables.ImportFile | None:
    """Return the newest import of the same content, read in the same way."""
    file = tables.ImportFile
    return session.scalar(
        select(file)
        .join(tables.ImportBatch, tables.ImportBatch.id == file.batch_id)
        .where(
            tables.ImportBatch.status == APPLIED,
            file.sha256 == arrival.sha256,
            file.importer == arrival.result.importer,
            file.column_map_sha256 == arrival.map_sha256,
        )
        .order_by(file.id.desc())
        .limit(1)
    )


def _known(arrival: Arrival, file: tables.ImportFile | None) -> Problem:
    """Return the note that a file changes nothing."""
    message = "the file was imported before; nothing was changed"
    if file is None:
        message = "the file is named twice in this call; it was taken once"
    elif file.name != arrival.name:
        message = f"the file was imported before as {file.name}; nothing was changed"
    return Problem(Severity.INFO, "already_imported", message, file=arrival.name)
