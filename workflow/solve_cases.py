"""Solves cases, one or many over all cores or a cluster; a failure in one stops no other."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from engine.errors import AppError
from engine.rebalance.audit import audit_proposal
from engine.rebalance.proposal import Proposal
from engine.rebalance.solve import solve
from workflow.batch import Lost, Place, run_batch
from workflow.case_file import decode_case, sha256, unknown_keys
from workflow.cluster import connected
from workflow.views import Progress

INLINE = 2
"""Up to so many cases are solved in this process: starting others would take longer."""
REPORT = "Please report it with the case file"


class Fault(StrEnum):
    """Why there is no proposal: the case is wrong, the program is, or the solve was cut off."""

    CASE = "case"
    BUG = "bug"
    CUT_OFF = "cut off"


@dataclass(frozen=True, slots=True)
class Solved:
    """The proposal of one case, or in one line why there is none and what to do."""

    name: str
    proposal: Proposal | None
    error: str = ""
    fault: Fault | None = None
    notes: tuple[str, ...] = ()
    cpu_seconds: float = field(default=0.0, compare=False)
    """What decoding, solving and auditing took of the processor."""

    def line(self) -> str:
        """Return the error with the name of its case, once."""
        return self.error if self.name in self.error else f"{self.name}: {self.error}"


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """How a batch runs: seconds for each case, processes (None = all cores), address of a Dask cluster."""

    time_limit: float | None = None
    workers: int | None = None
    cluster: str | None = None
    name_unknown_keys: bool = False


def solve_one(name: str, content: bytes, time_limit: float | None = None, *, notes: bool = False) -> Solved:
    """Solve the case in `content` and audit the answer; any failure is told, not raised."""
    try:
        case = decode_case(content, name)
        unknown = unknown_keys(content) if notes else ()
        proposal = solve(case, case_sha256=sha256(content), time_limit=time_limit)
        breaches = audit_proposal(case, proposal)
    except AppError as error:
        return Solved(name, None, str(error), Fault.CASE)
    except Exception as error:  # noqa: BLE001 - one household's bug must not stop the others, and is told
        return Solved(name, None, f"the solver failed ({type(error).__name__}: {error}). {REPORT}", Fault.BUG)
    if breaches:
        told = "; ".join(breaches)
        return Solved(name, None, f"the proposal fails its audit: {told}. {REPORT}", Fault.BUG, unknown)
    return Solved(name, proposal, notes=unknown)


def solve_many(
    cases: Sequence[tuple[str, bytes]], options: BatchOptions, *, progress: Progress | None = None
) -> Iterator[Solved]:
    """Yield the answers in the order of the cases, each as soon as it and those before it are there.

    Raises AppError, before any answer, when the cluster cannot be used.
    """
    done = 0

    def finished(index: int) -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, len(cases), cases[index][0])

    task = _Task(options.time_limit, options.name_unknown_keys)
    if options.cluster is None and (options.workers == 1 or len(cases) <= INLINE):
        for index, case in enumerate(cases):
            answer = task(case)
            finished(index)
            yield answer
        return
    with connected(options.cluster) as cluster:
        answers = run_batch(task, cases, Place(options.workers, cluster), finished)
        for (name, _), found in zip(cases, answers, strict=True):
            yield _lost(name, found) if isinstance(found, Lost) else found


@dataclass(frozen=True, slots=True)
class _Task:
    """What a worker does with one case: it needs the engine and the case's bytes, no book."""

    time_limit: float | None
    notes: bool

    def __call__(self, case: tuple[str, bytes]) -> Solved:
        started = time.thread_time()
        answer = solve_one(*case, self.time_limit, notes=self.notes)
        return replace(answer, cpu_seconds=time.thread_time() - started)


def _lost(name: str, lost: Lost) -> Solved:
    return Solved(name, None, f"not solved: {lost.why}. Solve it again on its own; the others are done", Fault.CUT_OFF)
