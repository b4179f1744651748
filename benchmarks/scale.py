"""Times `plimsoll solve` on the scale series and prints a table: `make bench`, or `python -m benchmarks.scale`.

Each size is a case file given to the command itself; read, build, solve and audit are what --timings says, whole is the
process with the start of Python, MB its largest memory, each the median of the runs. Plain is HiGHS alone on the whole
mixed-integer program of the same case, to the same gap, in a process of its own; ratio is its time to ours.
"""

import argparse
import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.scale_case import SIZES, scale_case

PARTS = ("read_s", "build_s", "solve_s", "audit_s")
AIMS = {(50, 20): 0.05, (200, 20): 0.3, (500, 20): 1.0}
"""Seconds from case to audited proposal that the sizes are meant to take, on two cores."""
COMMAND = """
import resource, sys
from workflow.cli import run
code = run()
print("MB", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, file=sys.stderr)
sys.exit(code)
"""
PLAIN = """
import sys, time
from pathlib import Path
from engine.rebalance.orders import UNIT
from engine.rebalance.program import build_program, solver_gap
from engine.rebalance.solve import prepare
from workflow.case_file import decode_case
view = prepare(decode_case(Path(sys.argv[1]).read_bytes(), sys.argv[1]), case_sha256="").survey
started = time.perf_counter()
found = build_program(view).milp.solve(absolute_gap=solver_gap(view), time_limit=float(sys.argv[2]))
print(time.perf_counter() - started, found.objective * UNIT, found.bound * UNIT)
"""
TITLES = ("read", "build", "solve", "audit", "total", "aim", "whole", "MB")


@dataclass(frozen=True, slots=True)
class Timing:
    """One solve. Seconds; `objective`, `bound`, `gap` and `allowed` (how large the gap may be) are dollars."""

    parts: dict[str, float]
    whole: float
    megabytes: float
    status: str
    orders: int
    objective: float
    bound: float
    gap: float
    allowed: float

    @property
    def total(self) -> float:
        """Seconds from the case file to the audited proposal."""
        return sum(self.parts.values())


@dataclass(frozen=True, slots=True)
class Plain:
    """HiGHS alone on the whole program: seconds, objective and bound in dollars; infinite when it found none."""

    seconds: float
    objective: float
    bound: float


def time_solve(case: Path, time_limit: float) -> Timing:
    """Solve one case file by the command. Raises RuntimeError with what the command said when it fails."""
    out = case.with_suffix(".proposal.json")
    arguments = ["solve", str(case), "-o", str(out), "--time-limit", str(time_limit), "--timings"]
    started = time.perf_counter()
    answer = _python(COMMAND, *arguments)
    whole = time.perf_counter() - started
    lines = [line for line in answer.stderr.splitlines() if line.startswith("{")]
    if answer.returncode not in (0, 3) or not lines:
        raise RuntimeError(answer.stderr.strip() or f"exit code {answer.returncode}")
    proposal = json.loads(out.read_text(encoding="utf-8"))
    return Timing(
        parts=json.loads(lines[-1]),
        whole=whole,
        megabytes=float(answer.stderr.split()[-1]),
        status=proposal["status"],
        orders=len(proposal["trades"]),
        objective=proposal["objective"],
        bound=proposal["bound"],
        gap=proposal["gap"],
        allowed=_allowed(json.loads(case.read_text(encoding="utf-8"))),
    )


def _allowed(document: dict[str, Any]) -> float:
    """Return half a basis point of the value, at least 25 dollars."""
    prices = {security["symbol"]: security["price"] for security in document["securities"]}
    value = sum(account["cash"] for account in document["accounts"])
    value += sum(lot["quantity"] * prices[lot["symbol"]] for lot in document["lots"])
    return max(25.0, float(value) * 0.5e-4)


def time_plain(case: Path, time_limit: float) -> Plain:
    """Give the whole program of a case to HiGHS alone. Raises RuntimeError with what it said when it fails."""
    answer = _python(PLAIN, str(case), str(time_limit))
    if answer.returncode:
        raise RuntimeError(answer.stderr.strip())
    return Plain(*map(float, answer.stdout.split()))


def _python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )


def median(timings: Sequence[Timing]) -> Timing:
    """Return the last run with the median of each time and memory."""
    parts = {name: statistics.median(t.parts[name] for t in timings) for name in PARTS}
    whole = statistics.median(t.whole for t in timings)
    return replace(timings[-1], parts=parts, whole=whole, megabytes=max(t.megabytes for t in timings))


def header() -> str:
    """Return the titles of the table."""
    titles = " ".join(f"{title:>7}" for title in TITLES)
    money = f"{'objective $':>13} {'bound $':>13} {'gap $':>8} {'allowed':>8}"
    return f"{'size':>7} {'lots':>7} {titles} {'orders':>6} {money} {'plain':>8} {'ratio':>8} {'plain $':>13}  status"


def row(size: tuple[int, int], timing: Timing, plain: Plain | None, plain_limit: float) -> str:
    """Return one line of the table; > before a time says that HiGHS alone was cut off."""
    parts = " ".join(f"{timing.parts[name]:7.3f}" for name in PARTS)
    aim = f"{AIMS[size]:7.2f}" if size in AIMS else "      -"
    seconds = f"{timing.total:7.3f} {aim} {timing.whole:7.2f} {timing.megabytes:7.0f} {timing.orders:6,}"
    money = f"{timing.objective:13,.2f} {timing.bound:13,.2f} {timing.gap:8,.2f} {timing.allowed:8,.2f}"
    against = f"{'-':>8} {'-':>8} {'-':>13}"
    if plain is not None:
        cut = ">" if plain.seconds >= plain_limit else ""
        ratio = plain.seconds / (timing.parts["build_s"] + timing.parts["solve_s"])
        best = f"{plain.objective:,.2f}" if math.isfinite(plain.objective) else "none found"
        against = f"{f'{cut}{plain.seconds:.2f}':>8} {f'{cut}{ratio:,.1f}':>8} {best:>13}"
    return f"{f'{size[0]}x{size[1]}':>7} {size[0] * size[1]:7,} {parts} {seconds} {money} {against}  {timing.status}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the sizes that were asked for; the exit code is 1 when a solve fails."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description="Time the optimiser.")
    parser.add_argument("--largest", default="50x5", help="securities x lots to stop at, up to 500x20 (default 50x5)")
    parser.add_argument("--time-limit", type=float, default=60.0, help="seconds for each solve (default 60)")
    parser.add_argument("--runs", type=int, default=3, help="solves of each size, for the median (default 3)")
    parser.add_argument("--plain-limit", type=float, default=60.0, help="seconds for HiGHS alone; 0 leaves it out")
    parser.add_argument("--keep", type=Path, help="folder to leave the case and proposal files in")
    chosen = parser.parse_args(arguments)
    names = [f"{n}x{m}" for n, m in SIZES]
    if chosen.largest not in names:
        parser.error(f"--largest is one of {', '.join(names)}")
    print(header(), flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder: Path = chosen.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for size in SIZES[: names.index(chosen.largest) + 1]:
            case = folder / f"scale_{size[0]}_{size[1]}.json"
            case.write_text(json.dumps(scale_case(*size)), encoding="utf-8")
            try:
                timing = median([time_solve(case, chosen.time_limit) for _ in range(max(1, chosen.runs))])
                plain = time_plain(case, chosen.plain_limit) if chosen.plain_limit > 0 else None
                print(row(size, timing, plain, chosen.plain_limit), flush=True)
            except RuntimeError as failure:
                print(f"{size[0]}x{size[1]}: {failure}", file=sys.stderr)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
