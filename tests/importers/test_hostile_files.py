"""Files made to harm, and thousands spoiled by chance: refused with one line, or read; quickly, in little memory."""

import os
import resource
import sys
import time
import zipfile
from concurrent.futures import ProcessPoolExecutor
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path

import pytest
from openpyxl import Workbook

from engine.problems import Problem
from importers.generic_table import GenericTable
from importers.loading import load
from importers.registry import recognise, refusal
from tests.importers.mutations import LONGEST, Tally, try_files
from tests.importers.telling import TODAY

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
FILES = 50_000 if THOROUGH else 120
SLICE = 1_000
MOST_MB = 500
TABLE = b"Account,Symbol,Date Acquired,Quantity,Cost Basis\n12345678,VTI,2020-01-02,10,1000\n"
SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def packed(sheet: bytes) -> bytes:
    """A small workbook with a sheet of these bytes in place of its own."""
    plain, stream = BytesIO(), BytesIO()
    Workbook().save(plain)
    with zipfile.ZipFile(plain) as book, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in book.namelist():
            archive.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else book.read(name))
    return stream.getvalue()


def inline(text: str, reference: str = "A1") -> bytes:
    row = f'<row r="1"><c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c></row>'
    return f"{SHEET}{row}</sheetData></worksheet>".encode()


def wide_row(columns: int) -> bytes:
    book = Workbook()
    book.worksheets[0].append(["x"] * columns)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


HOSTILE = {
    "a workbook of blanks that unpacks to 200 times and more": (
        packed(SHEET.encode() + b" " * 60_000_000 + b"</sheetData></worksheet>"),
        "unpacks to more than 250 times its size",
    ),
    "a cell of 10 MB in a workbook": (packed(inline(os.urandom(5_000_000).hex())), "a cell of 10,000,000 characters"),
    "a cell of 10 MB": (TABLE + b"12345678," + b"x" * 10_000_000 + b",2020-01-02,1,1\n", "400,000 characters"),
    "a first cell of 10 MB": (b"x" * 10_000_000 + b",b\n1,2\n", "line 1 is more than 400,000 characters"),
    "100,000 columns": (b"x," * 100_000 + b"\n" + b"1," * 100_000, "more than 2,000 columns"),
    "100,000 columns far below": (TABLE * 5000 + b"x," * 100_000, "line 10,001 has more than 2,000 columns"),
    "3,000 columns in a workbook": (wide_row(3_000), "columns, more than 2,000"),
    "entities in a document": (
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><FlexQueryResponse>&b;</FlexQueryResponse>',
        "declares a document type or entities",
    ),
    "NUL bytes": (b"\x00" * 100_000 + b"a,b\n1,2\n", "empty"),
    "NUL bytes in between": (b"ab\x00\x00\x00\x00" * 20_000, "neither text nor an Excel workbook"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_made_to_harm_is_refused_with_one_line_before_it_costs_anything(tmp_path: Path, what: str) -> None:
    content, said = HOSTILE[what]
    file = tmp_path / "hostile.csv"
    file.write_bytes(content)
    started = time.process_time()
    problem = load(file)
    assert time.process_time() - started < 2
    assert isinstance(problem, Problem)
    assert said in problem.message
    assert problem.hint
    assert "\n" not in problem.line()
    importer, claims = recognise(file)
    if importer is None:
        assert "\n" not in refusal(file, claims).line()
    assert not GenericTable().read(file, today=TODAY).records


def test_a_file_of_two_gigabytes_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "huge.csv"
    with file.open("wb") as stream:
        stream.truncate(2 * 1024**3)
    problem = load(file)
    assert isinstance(problem, Problem)
    assert "2,147,483,648 bytes, more than 200,000,000" in problem.message


def test_a_quote_that_never_ends_costs_its_own_line_only(tmp_path: Path) -> None:
    file = tmp_path / "lots-2026-01-31.csv"
    lines = TABLE.decode().splitlines()
    file.write_text("\n".join([lines[0], '12345678,"VTI,2020-01-02,10,1000', *[lines[1]] * 50_000]) + "\n")
    started = time.process_time()
    result = GenericTable().read(file, today=TODAY)
    assert len(result.records) == 50_000
    assert [problem.row for problem in result.problems if problem.row] == [2, 2, 2]
    assert time.process_time() - started < 10, "two seconds on an idle machine"


def test_formulas_in_text_are_never_worked_out(tmp_path: Path) -> None:
    file = tmp_path / "lots-2026-01-31.csv"
    file.write_bytes(TABLE + b"12345678,VTI,2020-01-02,=1+1,1000\n12345678,VTI,=TODAY(),10,1000\n")
    result = GenericTable().read(file, today=TODAY)
    assert [record.row for record in result.records] == [2]
    assert [(p.row, p.code) for p in result.problems if p.row] == [(3, "not_a_quantity"), (4, "not_a_acquired")]


def test_formulas_in_a_workbook_are_read_as_the_value_that_excel_saved(tmp_path: Path) -> None:
    row = '<row r="1"><c r="A1"><f>1+1</f><v>7</v></c><c r="B1" t="str"><f>WEBSERVICE("x")</f><v>saved</v></c></row>'
    file = tmp_path / "formulas.xlsx"
    file.write_bytes(packed(f"{SHEET}{row}</sheetData></worksheet>".encode()))
    source = load(file)
    assert not isinstance(source, Problem)
    assert source.grids[0].rows[0] == ("7", "saved")


@pytest.mark.parametrize("columns", [200, 1_999])
def test_a_wide_table_of_words_is_judged_by_a_few_cells(tmp_path: Path, columns: int) -> None:
    file = tmp_path / "words.csv"
    file.write_text("\n".join(",".join(f"word{row}x{at}" for at in range(columns)) for row in range(60)))
    started = time.process_time()
    importer, claims = recognise(file)
    assert importer is None
    assert time.process_time() - started < LONGEST
    assert "\n" not in refusal(file, claims).line()
    assert time.process_time() - started < 2 * LONGEST


@pytest.mark.parametrize("sign", ["9", "x", "A ", "1,"])
def test_long_cells_cost_recognition_no_more_than_short_ones(tmp_path: Path, sign: str) -> None:
    file = tmp_path / "long.csv"
    file.write_text("\n".join(",".join(f'"{sign * (19_000 // len(sign))}"' for _ in range(20)) for _ in range(20)))
    started = time.process_time()
    importer, claims = recognise(file)
    assert importer is None
    assert "\n" not in refusal(file, claims).line()
    assert time.process_time() - started < LONGEST


def try_apart(folder: Path, seeds: range) -> tuple[Tally, float]:
    """Try spoiled files in a process of their own; the second figure is the most memory it took, in MB."""
    tally = try_files(folder, seeds)
    return tally, peak_mb()


def peak_mb() -> float:
    """The most memory that this process held, in MB. Linux counts its parent's in `ru_maxrss`."""
    status = Path("/proc/self/status")
    if status.exists():
        said = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(said.split()[1]) / 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


@pytest.mark.parametrize("first", range(0, FILES, SLICE))
def test_spoiled_files_are_read_or_refused_in_time_and_in_little_memory(tmp_path: Path, first: int) -> None:
    seeds = range(first, min(first + SLICE, FILES))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        tally, peak = apart.submit(try_apart, tmp_path, seeds).result()
    print(f"{tally.files:,} files, {tally.claimed:,} claimed, {tally.records:,} records, {tally.problems:,} problems")
    print(f"{tally.opened:,} of {tally.workbooks:,} workbooks opened, slowest {tally.slowest:.2f} s, {peak:,.0f} MB")
    assert not tally.faults, "\n".join(tally.faults[:20])
    assert tally.opened > tally.workbooks // 2, "spoiled workbooks that nobody opens try nothing"
    assert peak < MOST_MB
