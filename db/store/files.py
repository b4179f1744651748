"""Reads which files were imported, and which of them the present figures come from."""

import json
from collections.abc import Iterable

from sqlalchemy import Select, select, union
from sqlalchemy.orm import Session

from db import tables
from db.store.held import ImportedFile

_Rows = Iterable[tuple[tables.ImportFile, tables.ImportBatch]]


def _files() -> Select[tables.ImportFile, tables.ImportBatch]:
    """Return the query of all files with their import calls, in the order of import."""
    return (
        select(tables.ImportFile, tables.ImportBatch)
        .join(tables.ImportBatch, tables.ImportBatch.id == tables.ImportFile.batch_id)
        .order_by(tables.ImportFile.id)
    )


def list_files(session: Session) -> tuple[ImportedFile, ...]:
    """Return every imported file, in the order of import."""
    return _values(session.execute(_files()))


def files_of_run(session: Session, run: int) -> tuple[ImportedFile, ...]:
    """Return the files that a run (row id) names as its sources, in the order of import."""
    used = select(tables.RunSource.import_file_id).where(tables.RunSource.run_id == run)
    return _values(session.execute(_files().where(tables.ImportFile.id.in_(used))))


def source_files(session: Session) -> tuple[ImportedFile, ...]:
    """Return the files that the positions, lots, trades and prices now in the book come from."""
    used = union(
        select(tables.Position.import_file_id),
        select(tables.Lot.import_file_id),
        select(tables.Transaction.import_file_id),
        select(tables.Price.import_file_id).distinct(),
    ).subquery()
    return _values(session.execute(_files().where(tables.ImportFile.id.in_(select(used)))))


def _values(rows: _Rows) -> tuple[ImportedFile, ...]:
    """Turn rows into values."""
    return tuple(
        ImportedFile(
            id=file.id,
            batch=batch.id,
            name=file.name,
            sha256=file.sha256,
            importer=file.importer,
            as_of=file.as_of,
            imported_at=batch.at,
            imported_by=batch.by,
            records=json.loads(file.records),
        )
        for file, batch in rows
    )
