"""Long work off the main thread: one Job class, a pool for reading, a single thread for writing to the book."""

from collections.abc import Callable
from enum import Enum, auto
from time import monotonic
from typing import Any

from PySide6.QtCore import QDeadlineTimer, QEventLoop, QObject, QRunnable, QThreadPool, QTimer, Signal, Slot

Work = Callable[[Callable[[int, int, str], None]], Any]
"""work(progress): calling progress(done, total, what) raises Cancelled once the user asked to stop."""

READERS = 2
STOP_MS = 10_000
REPORT_EVERY_S = 0.04


class Cancelled(Exception):  # noqa: N818 - not an error: the user asked for it
    """The user asked the work to stop."""


class _Kind(Enum):
    """What a worker tells the main thread."""

    PROGRESS = auto()
    SUCCESS = auto()
    FAILURE = auto()
    CANCELLED = auto()


class _Post(QObject):
    """Carries news from the workers to the main thread; outlives every job."""

    news = Signal(object, object, object)


class Job(QObject):
    """A piece of work and what becomes of it. It lives on the main thread, and so do its signals."""

    progressed = Signal(object, object, object)
    succeeded = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    finished = Signal()

    def __init__(self, title: str, work: Work, question: str = "", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self.question = question
        self._work = work
        self._stop = False
        self._reported = 0.0

    def cancel(self) -> None:
        """Ask the work to stop at its next report of progress."""
        self._stop = True

    @property
    def is_cancelled(self) -> bool:
        """Whether the user asked to stop."""
        return self._stop

    def run(self, post: _Post) -> None:
        """Do the work on the calling thread and post what became of it."""

        def progress(done: int, total: int, what: str = "") -> None:
            if self._stop:
                raise Cancelled
            now = monotonic()
            if done >= total or now - self._reported >= REPORT_EVERY_S:
                self._reported = now
                post.news.emit(self, _Kind.PROGRESS, (done, total, what))

        try:
            result = None if self._stop else self._work(progress)
        except Cancelled:
            post.news.emit(self, _Kind.CANCELLED, None)
        except Exception as error:  # noqa: BLE001 - handed over whole: the main thread tells the user
            post.news.emit(self, _Kind.FAILURE, error)
        else:
            post.news.emit(self, _Kind.CANCELLED if self._stop else _Kind.SUCCESS, result)


class _Run(QRunnable):
    """Carries a job onto a pool's thread."""

    def __init__(self, job: Job, post: _Post) -> None:
        super().__init__()
        self._job = job
        self._post = post

    def run(self) -> None:
        self._job.run(self._post)


class Jobs(QObject):
    """Starts jobs and hands their results over, except answers to a question that was asked again meanwhile."""

    started = Signal(object)
    ended = Signal(object)
    failed = Signal(object)
    """A failure that nobody else handles."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._readers = QThreadPool(self)
        self._readers.setMaxThreadCount(READERS)
        self._writer = QThreadPool(self)
        self._writer.setMaxThreadCount(1)
        self._post = _Post(self)
        self._post.news.connect(self._deliver)
        self._alive: list[Job] = []
        self._latest: dict[str, Job] = {}

    @property
    def busy(self) -> bool:
        """Whether any job runs or waits."""
        return bool(self._alive)

    def start(
        self,
        title: str,
        work: Work,
        then: Callable[[Any], None],
        *,
        writes: bool = False,
        question: str = "",
        failed: Callable[[Exception], None] | None = None,
    ) -> Job:
        """Run `work` and hand its result to `then` on the main thread.

        Work that writes goes through one thread, in order, and its result is never dropped. Of several jobs
        with the same `question` only the last one's answer is used. Without `failed`, a failure goes to the
        signal of that name.
        """
        job = Job(title, work, question, self)
        if question:
            older = self._latest.get(question)
            if older is not None:
                older.cancel()
            self._latest[question] = job
        job.succeeded.connect(then)
        job.failed.connect(failed or self.failed.emit)
        self._alive.append(job)
        self.started.emit(job)
        (self._writer if writes else self._readers).start(_Run(job, self._post))
        return job

    def cancel_all(self) -> None:
        """Ask every job to stop."""
        for job in self._alive:
            job.cancel()

    def close(self) -> None:
        """Stop everything and wait for the threads to end; results still under way are not handed over."""
        self.cancel_all()
        for pool in (self._readers, self._writer):
            pool.clear()
            pool.waitForDone(STOP_MS)
        self._alive.clear()
        self._latest.clear()

    def wait_idle(self, timeout_ms: int = 120_000) -> bool:
        """Turn the event loop until no job is left; False when the time is over first."""
        deadline = QDeadlineTimer(timeout_ms)
        while self.busy and not deadline.hasExpired():
            loop = QEventLoop()
            QTimer.singleShot(5, loop.quit)
            loop.exec()
        return not self.busy

    @Slot(object, object, object)
    def _deliver(self, job: Job, kind: _Kind, news: Any) -> None:
        if job not in self._alive:
            return
        if kind is _Kind.PROGRESS:
            job.progressed.emit(*news)
            return
        self._alive.remove(job)
        outdated = bool(job.question) and self._latest.get(job.question) is not job
        if not outdated:
            self._latest.pop(job.question, None)
        try:
            if kind is _Kind.CANCELLED or outdated:
                job.cancelled.emit()
            else:
                (job.succeeded if kind is _Kind.SUCCESS else job.failed).emit(news)
        finally:
            job.finished.emit()
            self.ended.emit(job)
            job.deleteLater()
