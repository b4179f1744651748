"""Where the figures come from: import calls, their files, and the problems found in them and across them."""

from datetime import date, datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Id
from db.types import closed_set
from engine.problems import Severity


class ImportBatch(Base):
    """One import call: all of its files in one transaction. `status` is applied, or undone when it was taken back."""

    __tablename__ = "import_batches"

    id: Mapped[Id]
    status: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]


class ImportFile(Base):
    """A file that was imported. `records` is a JSON object of counts by kind.

    `totals` is a JSON list of what the file states about itself: row, what, stated and found (decimals as text).

    `complete` is false when something in it could not be placed (an ambiguous account, an unknown model):
    such a file may be imported again. `column_map_sha256` is empty where no column map was given.
    """

    __tablename__ = "import_files"

    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batches.id"))
    name: Mapped[str]
    sha256: Mapped[str] = mapped_column(index=True)
    importer: Mapped[str]
    column_map_sha256: Mapped[str] = mapped_column(default="")
    as_of: Mapped[date | None]
    complete: Mapped[bool]
    records: Mapped[str]
    totals: Mapped[str] = mapped_column(default="[]", server_default="[]")


class ImportChange(Base):
    """A row that an import added (`before` empty), changed or removed: `key` and `before` are JSON objects."""

    __tablename__ = "import_changes"

    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batches.id"), index=True)
    table: Mapped[str]
    key: Mapped[str]
    before: Mapped[str | None]


class DataProblem(Base):
    """A problem that still stands. With a file it is a problem of that file, else one of the book as a whole."""

    __tablename__ = "data_problems"

    id: Mapped[Id]
    import_file_id: Mapped[int | None] = mapped_column(ForeignKey("import_files.id"), index=True)
    household_id: Mapped[int | None] = mapped_column(ForeignKey("households.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    severity: Mapped[Severity] = mapped_column(closed_set(Severity))
    code: Mapped[str]
    message: Mapped[str]
    hint: Mapped[str]
    file: Mapped[str]
    row: Mapped[int]
    field: Mapped[str]
    account: Mapped[str]
    symbol: Mapped[str]
