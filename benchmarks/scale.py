"""Times `plimsoll solve` on the scale series and prints a table: `make bench`, or `python -m benchmarks.scale`.

Each size is a case file given to the command itself; read, build, solve and audit are what --timings says, whole is the
process with the start of Python.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.scale_case import SIZES, scale_case

PARTS = ("read_s", "build_s", "solve_s", "audit_s")
AIMS = {(50, 20): 0.05, (200, 20): 0.3, (500, 20): 1.0}
"""Seconds from case to audited proposal that the sizes are meant to take, on two cores."""
COMMAND = "import sys; from workflow.cli import main; sys.exit(main())"


@dataclass(frozen=True, slots=True)
class Timing:
    """One solve. Seconds; `gap` and `allowed` are dollars: how far from the proven bound it is and may be."""

    parts: dict[str, float]
    whole: float
    status: str
    orders: int
    gap: float
    allowed: float


def time_solve(case: Path, time_limit: float) -> Timing:
    """Solve one case file by the command. Raises RuntimeError with what the command said when it fails."""
    out = case.with_suffix(".proposal.json")
    arguments = ["solve", str(case), "-o", str(out), "--time-limit", str(time_limit), "--timings"]
    started = time.perf_counter()
    answer = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", COMMAND, *arguments], capture_output=True, text=True, check=False
    )
    whole = time.perf_counter() - started
    lines = [line for line in answer.stderr.splitlines() if line.startswith("{")]
    if answer.returncode not in (0, 3) or not lines:
        raise RuntimeError(answer.stderr.strip() or f"exit code {answer.returncode}")
    proposal = json.loads(out.read_text(encoding="utf-8"))
    document = json.loads(case.read_text(encoding="utf-8"))
    prices = {security["symbol"]: security["price"] for security in document["securities"]}
    value = sum(account["cash"] for account in document["accounts"])
    value += sum(lot["quantity"] * prices[lot["symbol"]] for lot in document["lots"])
    return Timing(
        parts=json.loads(lines[-1]),
        whole=whole,
        status=proposal["status"],
        orders=len(proposal["trades"]),
        gap=proposal["gap"],
        allowed=max(25.0, value * 0.5e-4),
    )


def row(size: tuple[int, int], timing: Timing) -> str:
    """Return one line of the table."""
    parts = [f"{timing.parts[name]:8.3f}" for name in PARTS]
    total = sum(timing.parts[name] for name in PARTS)
    aim = f"{AIMS[size]:6.2f}" if size in AIMS else "     -"
    lots = size[0] * size[1]
    figures = f"{total:8.3f} {aim} {timing.whole:8.2f} {timing.orders:7,} {timing.gap:10,.2f} {timing.allowed:10,.2f}"
    return f"{f'{size[0]}x{size[1]}':>7} {lots:7,} {' '.join(parts)} {figures}  {timing.status}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the sizes that were asked for; the exit code is 1 when a solve fails."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description="Time the optimiser.")
    parser.add_argument("--largest", default="50x5", help="securities x lots to stop at, up to 500x20 (default 50x5)")
    parser.add_argument("--time-limit", type=float, default=60.0, help="seconds for each solve (default 60)")
    parser.add_argument("--keep", type=Path, help="folder to leave the case and proposal files in")
    chosen = parser.parse_args(arguments)
    names = [f"{n}x{m}" for n, m in SIZES]
    if chosen.largest not in names:
        parser.error(f"--largest is one of {', '.join(names)}")
    print(
        f"{'size':>7} {'lots':>7} {'read':>8} {'build':>8} {'solve':>8} {'audit':>8} {'total':>8} {'aim':>6} ", end=""
    )
    print(f"{'whole':>8} {'orders':>7} {'gap $':>10} {'allowed $':>10}  status")
    with tempfile.TemporaryDirectory() as scratch:
        folder: Path = chosen.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for size in SIZES[: names.index(chosen.largest) + 1]:
            case = folder / f"scale_{size[0]}_{size[1]}.json"
            case.write_text(json.dumps(scale_case(*size)), encoding="utf-8")
            try:
                print(row(size, time_solve(case, chosen.time_limit)), flush=True)
            except RuntimeError as failure:
                print(f"{size[0]}x{size[1]}: {failure}", file=sys.stderr)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
