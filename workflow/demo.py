"""The main job on the sample office that ships: import, propose, approve, write every file."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import as_file, files
from pathlib import Path

from db import store
from db.store.office import Office
from workflow.approve import approve
from workflow.book import Book, open_book
from workflow.export import export_run
from workflow.import_files import import_files
from workflow.propose import propose
from workflow.runs import list_runs
from workflow.views import ImportOutcome, Progress, RunSummary

AS_OF = date(2026, 10, 30)
"""The day of the sample office."""
FIRM = "Harbour Line Advisory (sample office)"
BOOK_NAME = "sample-office.plimsoll"
READABLE = frozenset({".csv", ".xlsx"})


@dataclass(frozen=True, slots=True)
class DemoOutcome:
    """What the demo made: the import, the run, and the files it wrote."""

    imported: ImportOutcome
    run: RunSummary
    files: tuple[Path, ...]
    book: str


@contextmanager
def demo_files() -> Iterator[tuple[Path, ...]]:
    """Give the sample office's files as paths, also from a zipped installation."""
    with ExitStack() as stack:
        folder = files("resources") / "demo"
        names = sorted(f.name for f in folder.iterdir() if Path(f.name).suffix.lower() in READABLE)
        yield tuple(stack.enter_context(as_file(folder / name)) for name in names)


def load_demo(book: Book, *, now: datetime, by: str = "demo", progress: Progress | None = None) -> ImportOutcome:
    """Import the sample office into a book and mark the book as synthetic."""
    with demo_files() as paths:
        outcome = import_files(book, paths, today=AS_OF, now=now, by=by, progress=progress)
    with book.session() as session:
        store.save_office(session, Office(FIRM, synthetic=True))
    return outcome


def make_demo(out: Path, where: str | Path | None, *, now: datetime, progress: Progress | None = None) -> DemoOutcome:
    """Do the main job on the sample office and write its files into `out`.

    Without `where` the book is a new file in `out`, in place of the one of an earlier demo.
    """
    out.mkdir(parents=True, exist_ok=True)
    if where is None:
        where = out / BOOK_NAME
        for suffix in ("", "-wal", "-shm"):
            Path(f"{where}{suffix}").unlink(missing_ok=True)
    book = open_book(where, now=now)
    try:
        imported = load_demo(book, now=now, progress=progress)
        run = propose(book, households=None, as_of=AS_OF, now=now, by="demo", progress=progress)
        approve(book, run.run, by="demo", reason="sample run", now=now)
        written = export_run(book, run.run, out, now=now, by="demo", progress=progress)
        exported = next(r for r in list_runs(book) if r.run == run.run)
        return DemoOutcome(imported, exported, written, book.where)
    finally:
        book.close()
