"""What all pages share: the open book, the clock, the jobs, the questions, the settings."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from gui.ask import Ask
from gui.faults import Faults
from gui.jobs import Job, Jobs
from gui.settings import Settings
from workflow.book import Book, open_book
from workflow.demo import load_demo
from workflow.views import ImportOutcome, Progress

BookWork = Callable[[Book, Progress], Any]
"""work(book, progress), done off the main thread."""


class Desk(QObject):
    """The adviser's desk: one book at a time. Pages read and write through it, never by themselves."""

    book_opened = Signal()
    """Another book lies open, or none."""
    book_changed = Signal()
    """What is in the book changed: read it again."""

    def __init__(self, ask: Ask, settings: Settings, now: Callable[[], datetime]) -> None:
        super().__init__()
        self.ask = ask
        self.settings = settings
        self.now = now
        self.jobs = Jobs(self)
        self.faults = Faults(ask, settings.log_file, now)
        self.jobs.failed.connect(self.faults.show_error)
        self.book: Book | None = None

    def today(self) -> date:
        """The date on the adviser's calendar."""
        return self.now().astimezone().date()

    def open(self, where: str | Path, then: Callable[[], None] | None = None) -> Job:
        """Open a book, creating or migrating it, in place of the one that is open."""
        now = self.now()

        def opened(book: Book) -> None:
            self._take(book, where)
            if then is not None:
                then()

        return self.jobs.start("Opening the book", lambda _: open_book(where, now=now), opened, writes=True)

    def open_demo(self) -> Job:
        """Open the demo office, writing it first where it is not there yet."""
        where = self.settings.demo_book
        now = self.now()

        def work(progress: Progress) -> tuple[Book, ImportOutcome]:
            where.parent.mkdir(parents=True, exist_ok=True)
            book = open_book(where, now=now)
            return book, load_demo(book, now=now, progress=progress)

        return self.jobs.start("Opening the demo office", work, lambda made: self._take(made[0], where), writes=True)

    def read(self, title: str, work: BookWork, then: Callable[[Any], None], *, question: str = "") -> Job | None:
        """Read from the book off the main thread; None when no book is open."""
        book = self.book
        if book is None:
            return None
        return self.jobs.start(title, lambda progress: work(book, progress), then, question=question)

    def write(
        self,
        title: str,
        work: BookWork,
        then: Callable[[Any], None],
        *,
        failed: Callable[[Exception], None] | None = None,
    ) -> Job | None:
        """Change the book off the main thread, then have every page read it again."""
        book = self.book
        if book is None:
            return None

        def written(result: Any) -> None:
            then(result)
            self.book_changed.emit()

        return self.jobs.start(title, lambda progress: work(book, progress), written, writes=True, failed=failed)

    def close_book(self) -> None:
        """Lay the book away and go back to the start."""
        if self.book is not None:
            self.book.close()
        self.book = None
        self.settings.forget_last_book()
        self.book_opened.emit()

    def close(self) -> None:
        """Stop all work and let go of the book, for the end of the program."""
        self.jobs.close()
        if self.book is not None:
            self.book.close()
            self.book = None

    def _take(self, book: Book, where: str | Path) -> None:
        if self.book is not None:
            self.book.close()
        self.book = book
        if "://" not in str(where):  # an address may hold a password
            self.settings.remember_book(str(where))
        self.book_opened.emit()
