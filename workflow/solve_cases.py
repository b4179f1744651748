"""Solves cases, one or many over all cores; a failure in one stops no other."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from joblib import Parallel, delayed

from engine.errors import AppError
from engine.rebalance.audit import audit_proposal
from engine.rebalance.proposal import Proposal
from engine.rebalance.solve import solve
from workflow.case_file import decode_case, sha256

INLINE = 2
"""Up to so many cases are solved in this process: starting others would take longer."""


@dataclass(frozen=True, slots=True)
class Solved:
    """The proposal of one case, or in one line why there is none."""

    name: str
    proposal: Proposal | None
    error: str = ""


def solve_one(name: str, content: bytes, time_limit: float | None) -> Solved:
    """Solve the case in `content` and audit the answer; any failure is told, not raised."""
    try:
        case = decode_case(content, name)
        proposal = solve(case, case_sha256=sha256(content), time_limit=time_limit)
    except AppError as error:
        return Solved(name, None, str(error))
    except Exception as error:  # noqa: BLE001 - one household's bug must not stop the others, and is told
        return Solved(name, None, f"{name}: the solver failed ({type(error).__name__}: {error})")
    breaches = audit_proposal(case, proposal)
    if breaches:
        return Solved(name, None, f"{name}: the proposal fails its audit: {'; '.join(breaches)}")
    return Solved(name, proposal)


def solve_many(
    cases: Sequence[tuple[str, bytes]], *, time_limit: float | None, workers: int | None = None
) -> Iterator[Solved]:
    """Yield the answers in the order of the cases, each as soon as it and those before it are there."""
    count = min(workers or os.cpu_count() or 1, len(cases))
    if count <= 1 or len(cases) <= INLINE:
        yield from (solve_one(name, content, time_limit) for name, content in cases)
        return
    work = (delayed(solve_one)(name, content, time_limit) for name, content in cases)
    answers: Iterable[Solved] = Parallel(n_jobs=count, return_as="generator")(work)
    yield from answers
