"""Times `plimsoll ledger --json` on 1,000 to 1,000,000 trades: `make bench`, or `python -m benchmarks.ledger`.

Each size is a CSV file given to the command itself: whole, user and MB are its seconds, seconds of the processor and
largest memory. Read, replay and write are the parts of its work, in another process.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ledger_history import history_lines

SIZES = (1_000, 10_000, 100_000, 1_000_000)
TITLES = ("read", "replay", "write", "whole", "user", "lines", "washes", "MB")
AIM_SECONDS, AIM_MEGABYTES, AIM_TRADES = 5.0, 500, 100_000
"""What 100,000 trades are meant to take, read and written."""
COMMAND = "import sys; from workflow.cli import main; sys.exit(main())"
PARTS = """
import gc, sys, time
from pathlib import Path
from engine.tax.ledger.replay import replay
from workflow.case_file import encode
from workflow.ledger_file import ledger_document, read_trades
gc.disable()  # as the command does
started = time.perf_counter()
trades = read_trades(Path(sys.argv[1]))
read = time.perf_counter()
ledger = replay(trades.rows)
replayed = time.perf_counter()
Path(sys.argv[2]).write_bytes(encode(ledger_document(ledger)))
written = time.perf_counter()
assert ledger.is_complete, ledger.problems[:3]
print(read - started, replayed - read, written - replayed, len(ledger.realized), len(ledger.wash_sales))
"""


@dataclass(frozen=True, slots=True)
class Timing:
    """One run: seconds to read, replay, write, altogether and of the processor, counts, and megabytes at the most."""

    read: float
    replayed: float
    written: float
    whole: float
    user: float
    realized: int
    washes: int
    megabytes: float


def time_ledger(trades: Path) -> Timing:
    """Run one file. Raises RuntimeError with what the process said when it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    started = time.perf_counter()
    _run(COMMAND, "ledger", str(trades), "--json")
    whole = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = _run(PARTS, str(trades), str(trades.with_suffix(".json"))).split()
    # the largest child so far: sizes run from small to large
    megabytes = used.ru_maxrss / 1024
    user = used.ru_utime - before
    return Timing(
        float(words[0]), float(words[1]), float(words[2]), whole, user, int(words[3]), int(words[4]), megabytes
    )


def _run(code: str, *arguments: str) -> bytes:
    answer = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, check=False)  # noqa: S603
    if answer.returncode:
        raise RuntimeError(answer.stderr.decode().strip())
    return answer.stdout


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the sizes that were asked for; the exit code is 1 when one fails or misses the aim."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ledger", description="Time the ledger.")
    parser.add_argument("--largest", type=int, default=100_000, help="trades to stop at (default 100,000)")
    chosen = parser.parse_args(arguments)
    print(f"{'trades':>10} " + " ".join(f"{title:>8}" for title in TITLES))
    missed = False
    with tempfile.TemporaryDirectory() as scratch:
        for size in (s for s in SIZES if s <= chosen.largest):
            trades = Path(scratch) / f"trades_{size}.csv"
            trades.write_text("\n".join(history_lines(size)), encoding="utf-8")
            try:
                t = time_ledger(trades)
            except RuntimeError as failure:
                print(f"{size:,}: {failure}", file=sys.stderr)
                return 1
            figures = f"{t.read:8.2f} {t.replayed:8.2f} {t.written:8.2f} {t.whole:8.2f} {t.user:8.2f}"
            print(f"{size:10,} {figures} {t.realized:8,} {t.washes:8,} {t.megabytes:8.0f}", flush=True)
            missed |= size == AIM_TRADES and (t.whole > AIM_SECONDS or t.megabytes > AIM_MEGABYTES)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
