"""Times the import of large lists of lots, from file to committed rows of a book: `python -m benchmarks.imports`.

Each file is made by seed and imported by a process of its own, whose largest memory is told. Read is opening,
recognising, parsing and checking the file; store is the transaction, from its first row to its commit; CPU is
the seconds of processor that both took, which a busy machine does not change.
"""

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from openpyxl import Workbook

from db import tables
from workflow.book import open_book
from workflow.import_files import import_files

TODAY = date(2026, 10, 30)
NOW = datetime(2026, 10, 30, 21, tzinfo=UTC)
HEADER = ("Account", "Symbol", "Date Acquired", "Quantity", "Cost Basis", "Market Value")
SYMBOLS = 400
LOTS_OF_AN_ACCOUNT = 500
SIZES = (("csv", 1_000_000), ("xlsx", 200_000))
AIM = 60
"""Seconds that each of the two is meant to take at most, and 1,000 MB."""


def lots(count: int, seed: int = 1) -> Iterator[tuple[str, str, str, str, str, str]]:
    """Yield the cells of `count` lots: accounts of 500 lots, 400 symbols, eleven years of purchases."""
    chance = random.Random(seed)  # noqa: S311 (a file to be measured, no secret)
    symbols = ["".join(chance.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=4)) for _ in range(SYMBOLS)]
    days = [(TODAY - timedelta(days=n)).isoformat() for n in range(1, 4000)]
    for number in range(count):
        cents = chance.randrange(1_000, 5_000_000)
        quantity = chance.randrange(1, 400_000) / 1000
        cells = (f"{cents // 100}.{cents % 100:02}", f"{cents * 13 // 1000}.{cents % 97:02}")
        account = f"{10_000_000 + number // LOTS_OF_AN_ACCOUNT}"
        yield account, chance.choice(symbols), chance.choice(days), f"{quantity}", *cells


def write_lots(file: Path, count: int) -> None:
    """Write a file of lots, a workbook or text by its name."""
    if file.suffix == ".xlsx":
        book = Workbook(write_only=True)
        sheet = book.create_sheet("Lots")
        sheet.append(HEADER)
        for account, symbol, day, *figures in lots(count):
            sheet.append((account, symbol, date.fromisoformat(day), *map(float, figures)))
        book.save(file)
        return
    with file.open("w", encoding="utf-8") as stream:
        stream.write(",".join(HEADER) + "\n")
        stream.writelines(",".join(cells) + "\n" for cells in lots(count))


def measure(file: Path) -> None:
    """Import a file into a book beside it and print a line: rows, seconds, rows a second, memory."""
    book = open_book(file.with_suffix(".plimsoll"), now=NOW)
    told: list[str] = []
    read: list[float] = []

    def progress(done: int, total: int, what: str) -> None:
        del done, total
        if what.startswith("Storing") and not read:
            read.append(time.perf_counter())
        told.append(what)

    started, used = time.perf_counter(), time.process_time()
    outcome = import_files(book, [file], today=TODAY, now=NOW, by="bench", progress=progress)
    ended = time.perf_counter()
    with book.reading() as session:
        stored = session.scalar(sa.select(sa.func.count()).select_from(tables.Lot)) or 0
    first = (read or [ended])[0]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    whole = ended - started
    print(
        f"{file.suffix[1:]:6}{stored:>12,}{first - started:>9.1f}{ended - first:>9.1f}{whole:>9.1f}"
        f"{time.process_time() - used:>9.1f}{stored / whole:>12,.0f}{peak:>9,.0f}{len(told):>8}"
    )
    if not outcome.written:
        raise SystemExit("the file was not imported: " + "; ".join(p.line() for p in outcome.files[0].problems[:3]))


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the files, import each in a process of its own, print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.imports", description="Times imports of many lots.")
    parser.add_argument("--rows", type=int, default=0, help="rows of each file (default: 1,000,000 csv, 200,000 xlsx)")
    parser.add_argument("--only", choices=[kind for kind, _ in SIZES], help="one kind of file")
    parser.add_argument("--file", type=Path, help="import this file into a book beside it")
    chosen = parser.parse_args(arguments)
    if chosen.file:
        measure(chosen.file)
        return
    titles = f"{'file':6}{'rows':>12}{'read s':>9}{'store s':>9}{'whole s':>9}"
    print(f"{titles}{'CPU s':>9}{'rows/s':>12}{'MB':>9}{'told':>8}", flush=True)
    for kind, count in SIZES:
        if chosen.only in {None, kind}:
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / f"lots-2026-10-30.{kind}"
                write_lots(file, chosen.rows or count)
                command = [sys.executable, "-m", "benchmarks.imports", "--file", str(file)]
                subprocess.run(command, check=True)  # noqa: S603 (our own module)
    print(f"Each is meant to take at most {AIM} s and 1,000 MB.")


if __name__ == "__main__":
    main()
