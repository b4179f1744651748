"""One function over many items, on all cores or on a cluster; what kills a worker costs its own item, no other.

joblib stops a whole batch when a worker dies and does not say on which item. Items start in their order, so the one
that did it is among the first without an answer: those run again one at a time, and the rest goes on.
"""

from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Generic, TypeVar

from workflow.cluster import Cluster

Item = TypeVar("Item")
Answer = TypeVar("Answer")

Finished = Callable[[int], None]
"""Told the index of each item as soon as it is answered, in any order."""


@dataclass(frozen=True, slots=True)
class Lost:
    """An item without an answer, for its worker ended or could not run it: why, in a few words."""

    why: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a batch runs: so many processes of this machine (None = all cores), or a cluster."""

    workers: int | None = None
    cluster: Cluster | None = None

    def size(self) -> int:
        """Return how many items run at once."""
        if self.cluster is not None:
            return self.cluster.threads()
        from joblib import cpu_count  # noqa: PLC0415 - joblib takes a quarter of a second to load

        return self.workers or int(cpu_count())

    def backend(self) -> AbstractContextManager[Any]:
        """Return the context in which joblib uses this place."""
        if self.cluster is None:
            return nullcontext()
        from joblib import parallel_config  # noqa: PLC0415

        named: AbstractContextManager[Any] = parallel_config(backend="dask", client=self.cluster.client)
        return named

    def ended(self) -> str:
        """Return why nothing can run here any more; empty while it can."""
        return "" if self.cluster is None or self.cluster.connected() else "the connection to the cluster was lost"


def run_batch(
    function: Callable[[Item], Answer], items: Sequence[Item], place: Place, finished: Finished | None = None
) -> Generator[Answer | Lost, None, None]:
    """Yield the answer to each item, in the order of the items; `function` and its answers must pickle."""
    with ExitStack() as stack:
        stack.enter_context(place.backend())
        batch = _Batch(function, items, place, finished)
        stack.callback(batch.stop)
        for index in range(len(items)):
            batch.answer_up_to(index)
            yield batch.answers.pop(index)


class _Batch(Generic[Item, Answer]):
    """The answers that are there, not yielded yet, and what runs."""

    def __init__(
        self,
        function: Callable[[Item], Answer],
        items: Sequence[Item],
        place: Place,
        finished: Finished | None,
    ) -> None:
        self.function, self.items, self.place, self.finished = function, items, place, finished
        self.answers: dict[int, Answer | Lost] = {}
        self.open = list(range(len(items)))
        self.size = max(2, place.size())  # with one, joblib would run it in this process
        self.stopped = False
        self.running = self._start(tuple(self.open))

    def _start(self, indices: Sequence[int]) -> Generator[tuple[int, Answer | Lost], None, None]:
        from joblib import Parallel, delayed  # noqa: PLC0415

        # one item at a time, twice as many under way as run at once: who killed a worker is then among the first
        parallel = Parallel(n_jobs=self.size, return_as="generator_unordered", batch_size=1, pre_dispatch="2*n_jobs")
        going = takewhile(lambda _: not self.stopped, indices)
        started: Generator[tuple[int, Answer | Lost], None, None] = parallel(
            delayed(_numbered)(self.function, index, self.items[index]) for index in going
        )
        return started

    def stop(self) -> None:
        """Start no other item and let those under way end: workers that are killed at work can tear the pool."""
        self.stopped = True
        with suppress(Exception):  # nobody waits for these answers, nor for what went wrong with them
            deque(self.running, maxlen=0)

    def _keep(self, index: int, answer: Answer | Lost) -> None:
        self.answers[index] = answer
        self.open.remove(index)
        if self.finished is not None:
            self.finished(index)

    def answer_up_to(self, index: int) -> None:
        """Run until this item has its answer."""
        while index not in self.answers:
            try:
                self._keep(*next(self.running))
            except Exception:  # noqa: BLE001 - whatever stopped the batch is found below, item by item
                self._go_on()

    def _go_on(self) -> None:
        """After a worker's end: run those that were under way one at a time, then start the rest anew."""
        for index in self.open[: 2 * self.size]:
            self._keep(index, self._alone(index))
        self.running = self._start(tuple(self.open))

    def _alone(self, index: int) -> Answer | Lost:
        if ended := self.place.ended():
            return Lost(ended)
        try:
            return next(self._start((index,)))[1]
        except Exception as error:  # noqa: BLE001 - this item's own end, told as its answer
            return Lost(self.place.ended() or _why(error))


def _numbered(function: Callable[[Item], Answer], index: int, item: Item) -> tuple[int, Answer | Lost]:
    try:
        return index, function(item)
    except Exception as error:  # noqa: BLE001 - raised here it would stop the whole batch
        return index, Lost(_why(error))


def _why(error: Exception) -> str:
    if type(error).__name__ in {"TerminatedWorkerError", "BrokenProcessPool", "KilledWorker"}:
        return "the process that solved it was ended from outside or crashed, as when memory runs out"
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
