"""Times the import of large lists of lots, from file to committed rows of a book: `python -m benchmarks.imports`.

Each file is made by seed and imported by a process of its own, whose largest memory is told. Read is opening,
recognising, parsing and checking the file; store is the transaction, from its first row to its commit; CPU is
the seconds of processor that both took, which a busy machine changes least. The same file is then imported again
and the import is taken back. `--months` measures an office instead: positions and lots of 5,000 accounts, then those
of the next month.
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
from workflow.book import Book, open_book
from workflow.import_files import import_files
from workflow.undo_import import undo_import

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
    whole = ended - started
    print(
        f"{file.suffix[1:]:6}{stored:>12,}{first - started:>9.1f}{ended - first:>9.1f}{whole:>9.1f}"
        f"{time.process_time() - used:>9.1f}{stored / whole:>12,.0f}{peak():>9,.0f}{len(told):>8}"
    )
    if outcome.batch is None:
        raise SystemExit("the file was not imported: " + "; ".join(p.line() for p in outcome.files[0].problems[:3]))
    import_timed(book, [file], "the same file again")
    undo_timed(book, outcome.batch)


def peak() -> float:
    """Return the largest memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def import_timed(book: Book, files: Sequence[Path], what: str) -> int:
    """Import files, print a line, and return the batch, 0 where nothing was written."""
    started, used = time.perf_counter(), time.process_time()
    outcome = import_files(book, files, today=TODAY, now=NOW, by="bench")
    changes = ", ".join(f"{name} {count:,}" for name, count in outcome.changes.items()) or "nothing changed"
    print(
        f"{what}  {time.perf_counter() - started:.1f} s, {time.process_time() - used:.1f} CPU s, {peak():,.0f} MB",
        end="",
    )
    print(f"  ({changes})", flush=True)
    return outcome.batch or 0


def undo_timed(book: Book, batch: int) -> None:
    """Take an import back and print a line."""
    started, used = time.perf_counter(), time.process_time()
    count = undo_import(book, batch, by="bench", now=NOW)
    print(f"taken back  {time.perf_counter() - started:.1f} s, {time.process_time() - used:.1f} CPU s", end="")
    print(f", {peak():,.0f} MB  ({count:,} rows)", flush=True)


def write_months(folder: Path, count: int) -> tuple[list[Path], list[Path]]:
    """Write positions and lots of a month, and of the next: of a hundred lots 3 sold, 2 changed, 4 bought."""
    chance = random.Random(3)  # noqa: S311 (files to be measured, no secret)
    symbols = ["".join(chance.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=4)) for _ in range(SYMBOLS)]
    first: list[Lot] = []
    for number in range(count):
        held = symbols[7 * (number // 50) % SYMBOLS :][:20] or symbols[:20]
        day = (date(2026, 9, 30) - timedelta(days=chance.randrange(3000))).isoformat()
        first.append((f"{10_000_000 + number // 50}", chance.choice(held), day, *_figures(chance)))
    second: list[Lot] = []
    for lot in first:
        fate = chance.random()
        if fate >= 0.03:
            second.append((*lot[:3], lot[3] * 2, *lot[4:]) if fate < 0.05 else lot)
        if fate > 0.96:
            second.append((*lot[:2], "2026-10-15", *_figures(chance)))
    return _month(folder, "2026-09-30", first), _month(folder, "2026-10-30", second)


Lot = tuple[str, str, str, int, int]
"""Account, symbol, day, thousandths of shares, cents of basis."""


def _figures(chance: random.Random) -> tuple[int, int]:
    return chance.randrange(1, 400_000), chance.randrange(1_000, 5_000_000)


def _month(folder: Path, day: str, rows: Sequence[Lot]) -> list[Path]:
    """Write the two files of a month."""
    files = [folder / f"positions-{day}.csv", folder / f"lots-{day}.csv"]
    sums: dict[tuple[str, str], list[int]] = {}
    with files[1].open("w", encoding="utf-8") as stream:
        stream.write("Account,Symbol,Date Acquired,Quantity,Cost Basis\n")
        for account, symbol, bought, shares, cents in rows:
            stream.write(f"{account},{symbol},{bought},{shares / 1000},{cents / 100}\n")
            held = sums.setdefault((account, symbol), [0, 0])
            held[0] += shares
            held[1] += cents
    with files[0].open("w", encoding="utf-8") as stream:
        stream.write("Account,Symbol,Quantity,Market Value,Cost Basis\n")
        for (account, symbol), (shares, cents) in sums.items():
            stream.write(f"{account},{symbol},{shares / 1000},{cents * 1.25 / 100:.2f},{cents / 100}\n")
    return files


def measure_months(folder: Path, count: int) -> None:
    """Import an office's files of two months one after the other, and take the second back."""
    book = open_book(folder / "office.plimsoll", now=NOW)
    first, second = write_months(folder, count)
    import_timed(book, first, "first month")
    undo_timed(book, import_timed(book, second, "next month"))


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the files, import each in a process of its own, print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.imports", description="Times imports of many lots.")
    parser.add_argument("--rows", type=int, default=0, help="rows of each file (default: 1,000,000 csv, 200,000 xlsx)")
    parser.add_argument("--only", choices=[kind for kind, _ in SIZES], help="one kind of file")
    parser.add_argument("--file", type=Path, help="import this file into a book beside it")
    parser.add_argument("--months", action="store_true", help="two months of an office (--rows: 250,000 lots)")
    chosen = parser.parse_args(arguments)
    if chosen.months:
        with tempfile.TemporaryDirectory() as folder:
            measure_months(Path(folder), chosen.rows or 250_000)
        return
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
