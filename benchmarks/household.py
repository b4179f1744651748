"""Times households of 1 to 8 accounts and 200 to 5,000 lots: `make bench ARGS=household`.

In one process, from the decoded case to the audited proposal, each the median of the runs; then how time grows with
lots: the exponent b of seconds = a * lots^b, fitted by least squares.
"""

import argparse
import json
import math
import resource
import statistics
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.household_case import household_case
from engine.rebalance.audit import audit_proposal
from engine.rebalance.proposal import Proposal
from engine.rebalance.solve import prepare, solve_prepared
from workflow.case_file import decode_case

ACCOUNTS = (1, 2, 3, 5, 8)
LOTS = (200, 500, 1_000, 2_000, 5_000)
TYPICAL = (3, 200)
AIM_SECONDS = 0.03
"""What a household of 3 accounts and 200 lots is meant to take."""
LONG_SECONDS = 2.0
"""What takes longer is timed once: the clock's own noise is small beside it."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds to build, solve and audit, the proposal, and the rules that it breaks."""

    build: float
    solve: float
    audit: float
    proposal: Proposal
    faults: tuple[str, ...]

    @property
    def total(self) -> float:
        """Seconds altogether."""
        return self.build + self.solve + self.audit


def time_household(content: bytes, time_limit: float | None = None) -> Timing:
    """Solve one household in this process."""
    case = decode_case(content, "household")
    started = time.perf_counter()
    prepared = prepare(case, case_sha256="")
    built = time.perf_counter()
    proposal = solve_prepared(prepared, time_limit=time_limit)
    solved = time.perf_counter()
    faults = audit_proposal(case, proposal)
    return Timing(built - started, solved - built, time.perf_counter() - solved, proposal, faults)


def time_runs(content: bytes, runs: int, time_limit: float | None = None) -> list[Timing]:
    """Solve one household so many times; once when it takes long."""
    found = [time_household(content, time_limit)]
    while len(found) < runs and found[0].total < LONG_SECONDS:
        found.append(time_household(content, time_limit))
    return found


def exponent(points: Iterable[tuple[float, float]]) -> float:
    """Return b of y = a * x^b through the points, by least squares of the logarithms; all are above zero."""
    logs = [(math.log(x), math.log(y)) for x, y in points]
    return statistics.linear_regression([x for x, _ in logs], [y for _, y in logs]).slope


def line(accounts: int, lots: int, runs: Sequence[Timing]) -> str:
    """Return one line of the table."""
    build, solve, audit, total = (
        statistics.median(values) for values in zip(*((t.build, t.solve, t.audit, t.total) for t in runs), strict=True)
    )
    p = runs[-1].proposal
    aim = f"{AIM_SECONDS:6.2f}" if (accounts, lots) == TYPICAL else "     -"
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = f"{build:7.3f} {solve:7.3f} {audit:7.3f} {total:7.3f} {aim} {megabytes:5.0f}"
    clean = "clean" if not runs[-1].faults else f"{len(runs[-1].faults)} faults"
    return f"{accounts:8} {lots:6,} {seconds} {len(p.trades):6,} {p.bound:13,.2f} {p.gap:8,.2f} {clean:>8}  {p.status}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Time the households that were asked for; the exit code is 1 when a proposal breaks a rule."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.household", description="Time households.")
    parser.add_argument("--accounts", type=int, default=ACCOUNTS[-1], help="accounts to stop at (default 8)")
    parser.add_argument("--largest", type=int, default=LOTS[-1], help="lots to stop at (default 5,000)")
    parser.add_argument("--runs", type=int, default=3, help="solves of each under 2 s, for the median (default 3)")
    parser.add_argument("--time-limit", type=float, default=60.0, help="seconds for each solve (default 60)")
    parser.add_argument("--seed", type=int, default=1, help="of the generator (default 1)")
    chosen = parser.parse_args(arguments)
    titles = f"{'build':>7} {'solve':>7} {'audit':>7} {'total':>7} {'aim':>6} {'MB':>5} {'orders':>6}"
    print(f"accounts   lots {titles} {'bound $':>13} {'gap $':>8} {'audit':>8}  status", flush=True)
    clean = True
    for accounts in (a for a in ACCOUNTS if a <= chosen.accounts):
        points = []
        for lots in (n for n in LOTS if n <= chosen.largest):
            content = json.dumps(household_case(chosen.seed, accounts=accounts, lots=lots)).encode()
            runs = time_runs(content, chosen.runs, chosen.time_limit)
            print(line(accounts, lots, runs), flush=True)
            points.append((float(lots), statistics.median(t.total for t in runs)))
            clean &= not runs[-1].faults
        if len(points) > 1:
            print(f"{accounts:8} accounts: seconds grow as lots to the power of {exponent(points):.2f}", flush=True)
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
