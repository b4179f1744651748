"""Spoils files by seed: bytes, rows, columns, encodings, cells; and reads what comes of it with the clock running."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from importers.base import ImportResult
from importers.registry import IMPORTERS, by_name, recognise, refusal
from tests.importers.telling import LAYOUT_FOLDERS, TODAY, fixture_files
from tests.importers.workbook_mutations import spoil_workbook

SPITE = (
    *("", "0", "-0", "-1", "NaN", "inf", "1e999", "1e-999", "9" * 60, "(1,2,3)", "$", "%", "--", "#REF!", "#DIV/0!"),
    *("0000-00-00", "13/45/2026", "02/29/2025", "01/01/0001", "12/31/9999", "1900-02-29", "45999", "various"),
    *(
        "=1+1",
        "=cmd|' /C calc'!A0",
        "@SUM(A1)",
        '"',
        "'",
        ",",
        ";",
        "\t",
        "\r",
        "Total",
        "Cash",
        "\u202e",
        "\U0001f600",
    ),
    *("x" * 5000, "\x00", "Account Total", "01/01/2020 as of 12/31/2019", "<OFX>", "&amp;", "<!ENTITY a 'b'>", "٣٤"),
)
CODECS = ("utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-8-sig", "utf-7", "cp037")
LONGEST = 2.0
"""Seconds of this process that one importer may take over a file of a few kilobytes."""

Change = Callable[[random.Random, bytes], bytes]


def _bytes(chance: random.Random, content: bytes) -> bytes:
    spoiled = bytearray(content)
    for _ in range(chance.randint(1, 12)):
        if spoiled:
            spoiled[chance.randrange(len(spoiled))] ^= 1 << chance.randrange(8)
    return bytes(spoiled)


def _cut(chance: random.Random, content: bytes) -> bytes:
    start, end = sorted((chance.randint(0, len(content)), chance.randint(0, len(content))))
    return chance.choice((content[:start], content[end:], content[:start] + content[end:]))


def _rows(chance: random.Random, content: bytes) -> bytes:
    lines = content.split(b"\n")
    at = chance.randrange(len(lines))
    again = lines[at : at + chance.randint(1, 5)] * chance.randint(1, 20)
    where = chance.randrange(len(lines) + 1)
    lines[where:where] = again
    if chance.random() < 0.3:
        chance.shuffle(lines)
    return b"\n".join(lines)


def _columns(chance: random.Random, content: bytes) -> bytes:
    mark = max((b",", b"\t", b";", b"|"), key=content.count)
    one, other = chance.randrange(12), chance.randrange(12)
    drop = chance.random() < 0.3
    lines = []
    for line in content.split(b"\n"):
        cells = line.split(mark)
        if max(one, other) < len(cells):
            cells[one], cells[other] = cells[other], cells[one]
            if drop:
                del cells[one]
        lines.append(mark.join(cells))
    return b"\n".join(lines)


def _codec(chance: random.Random, content: bytes) -> bytes:
    return content.decode("utf-8", errors="replace").encode(chance.choice(CODECS), errors="replace")


def _cells(chance: random.Random, content: bytes) -> bytes:
    mark = max((b",", b"\t", b";", b"|", b">"), key=content.count)
    cells = content.split(mark)
    for _ in range(chance.randint(1, 8)):
        cells[chance.randrange(len(cells))] = chance.choice(SPITE).encode()
    return mark.join(cells)


def _put_in(chance: random.Random, content: bytes) -> bytes:
    at = chance.randint(0, len(content))
    return content[:at] + chance.choice(SPITE).encode() * chance.choice((1, 1, 1, 40)) + content[at:]


def _another(chance: random.Random, content: bytes) -> bytes:
    return content + chance.choice(TEXTS)[1]


CHANGES: Sequence[Change] = (_bytes, _cut, _rows, _columns, _codec, _cells, _cells, _put_in, _another)
TEXTS = [
    (file.parent.name, file.read_bytes(), file.suffix)
    for file in fixture_files(*LAYOUT_FOLDERS, "generic_table")
    if file.suffix not in {".xls", ".xlsx"}
]
WORKBOOKS = [
    (file.parent.name, file.read_bytes(), file.suffix)
    for file in fixture_files(*LAYOUT_FOLDERS, "generic_table")
    if file.suffix == ".xlsx"
]
OLD_WORKBOOKS = [
    (file.parent.name, file.read_bytes(), file.suffix)
    for file in fixture_files(*LAYOUT_FOLDERS, "generic_table")
    if file.suffix == ".xls"
]


@dataclass(slots=True)
class Tally:
    """What became of spoiled files. `opened` are workbooks whose sheets were read; `slowest` is in seconds."""

    files: int = 0
    workbooks: int = 0
    opened: int = 0
    claimed: int = 0
    records: int = 0
    problems: int = 0
    slowest: float = 0
    faults: list[str] = field(default_factory=list)


def spoil(chance: random.Random) -> tuple[str, bytes, str]:
    """Return the folder of a fixture, its content with some changes, its suffix.

    One in six is a workbook, of which nine in ten are spoiled from within and stay archives; one in 500 is an old one.
    """
    kind = chance.random()
    if kind < 0.002:
        folder, content, suffix = chance.choice(OLD_WORKBOOKS)
        return folder, _bytes(chance, content), suffix
    folder, content, suffix = chance.choice(WORKBOOKS if kind < 1 / 6 else TEXTS)
    if suffix == ".xlsx" and chance.random() < 0.9:
        return folder, spoil_workbook(chance, content, SPITE), suffix
    for _ in range(chance.randint(1, 4)):
        content = chance.choice(CHANGES)(chance, content)
    return folder, content, suffix


def try_files(folder: Path, seeds: range) -> Tally:
    """Spoil a file for each seed and have it read: by whom it belongs to, by its own importer, and by any other one."""
    tally = Tally()
    for seed in seeds:
        chance = random.Random(seed)  # noqa: S311 (spoiled files, no secrets)
        name, content, suffix = spoil(chance)
        file = folder / f"spoiled{suffix}"
        file.write_bytes(content)
        tally.files += 1
        tally.workbooks += suffix == ".xlsx"
        try:
            _try_file(file, name, chance, tally, seed)
        except Exception as error:  # noqa: BLE001 (whatever is raised is what is looked for)
            tally.faults.append(f"seed {seed}, {name}: {type(error).__name__}: {error}"[:300])
    return tally


def _try_file(file: Path, name: str, chance: random.Random, tally: Tally, seed: int) -> None:
    started = time.process_time()
    found, claims = recognise(file)
    if found is None and "\n" in refusal(file, claims).line():
        tally.faults.append(f"seed {seed}, {name}: a refusal of several lines")
    _time(tally, started, f"seed {seed}, {name}: recognise")
    tally.claimed += found is not None
    tally.opened += file.suffix == ".xlsx" and len(claims) > 1
    for reader in {
        reader.name: reader for reader in (found, by_name(name), chance.choice(IMPORTERS)) if reader
    }.values():
        started = time.process_time()
        result = reader.read(file, today=TODAY)
        _time(tally, started, f"seed {seed}, {name}: {reader.name}")
        tally.records += len(result.records)
        tally.problems += len(result.problems)
        tally.faults += [f"seed {seed}, {name}, {reader.name}: {fault}" for fault in _faults(result)]


def _time(tally: Tally, started: float, what: str) -> None:
    seconds = time.process_time() - started
    tally.slowest = max(tally.slowest, seconds)
    if seconds > LONGEST:
        tally.faults.append(f"{what} took {seconds:.1f} s")


def _faults(result: ImportResult) -> list[str]:
    """Say what is wrong with a result as such: rows out of the file, nothing said, lines that break."""
    last = len(result.rows)
    faults = []
    if not (result.records or result.problems or result.rows):
        faults.append("nothing is said")
    if any(not 0 <= p.row <= last for p in result.problems) or any(not 1 <= r.row <= last for r in result.records):
        faults.append("a row that the file does not have")
    if any("\n" in p.line() for p in result.problems):
        faults.append("a problem of several lines")
    return faults
