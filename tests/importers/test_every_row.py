"""Every physical row of every fixture is accounted for once, and what was read is what the golden files say."""

from collections import Counter
from pathlib import Path

import pytest

from engine.problems import Severity
from importers.base import ImportResult, RowKind
from importers.loading import Source, load
from importers.registry import recognise
from importers.text_files import decode, rows_of
from tests.conftest import Golden
from tests.importers.telling import FIXTURES, LAYOUT_FOLDERS, TODAY, fixture_files, told

NEEDS_A_MAP = {"mapped_lots.csv"}
OURS = [file for file in fixture_files(*LAYOUT_FOLDERS, "generic_table") if file.name not in NEEDS_A_MAP]
SAMPLES = (
    "schwab/All-Accounts-Positions-2020-11-15.CSV",
    "schwab/Joint Tenant-Positions-2026-05-03-131725.csv",
    "schwab/lots_2020-09-25_SCHA.csv",
    "schwab/lots_2020-10-25_IAU.csv",
    "fidelity/Portfolio_Positions_2021_trailing_comma.csv",
    "fidelity/Portfolio_Positions_May-30-2026.csv",
)


def read(file: Path) -> ImportResult:
    importer, claims = recognise(file)
    assert importer is not None, claims
    return importer.read(file, today=TODAY)


def lines_of(file: Path) -> int:
    if file.suffix in {".xls", ".xlsx"}:
        source = load(file)
        assert isinstance(source, Source)
        return sum(len(grid.rows) for grid in source.grids)
    return len(rows_of(decode(file.read_bytes())))


@pytest.mark.parametrize("file", OURS, ids=lambda file: file.name)
def test_what_was_read_is_what_the_golden_file_says(file: Path, golden: Golden) -> None:
    result = read(file)
    golden(f"importers/{file.parent.name}/{file.stem}.txt", told(result))
    assert result.rows


@pytest.mark.parametrize("file", OURS, ids=lambda file: file.name)
def test_every_row_of_a_fixture_is_accounted_for_once(file: Path) -> None:
    result = read(file)
    assert sum(Counter(result.rows).values()) == lines_of(file)
    if file.parent.name == "office_workbook":
        return  # its rows are counted on each sheet
    assert {record.row for record in result.records} <= {
        number for number, kind in enumerate(result.rows, start=1) if kind in {RowKind.RECORD, RowKind.PROBLEM}
    }


@pytest.mark.parametrize("file", OURS, ids=lambda file: file.name)
def test_a_row_that_became_a_problem_has_a_problem(file: Path) -> None:
    result = read(file)
    told_of = {problem.row for problem in result.problems}
    assert {n for n, kind in enumerate(result.rows, start=1) if kind is RowKind.PROBLEM} <= told_of


@pytest.mark.parametrize("file", OURS, ids=lambda file: file.name)
def test_a_total_that_differs_is_told_with_the_difference(file: Path) -> None:
    assert_totals_told(read(file))


def assert_totals_told(result: ImportResult) -> None:
    told_of = [problem for problem in result.problems if problem.code == "total_differs"]
    off = [total for total in result.totals if abs(total.difference) >= 1e-4]
    assert len(told_of) == len(off)
    for total, problem in zip(off, told_of, strict=True):
        assert problem.row == total.row
        assert f"{total.difference:+,.2f}" in problem.message


def test_each_layout_has_fixtures_and_claims_only_its_own() -> None:
    for folder in LAYOUT_FOLDERS:
        files = fixture_files(folder)
        assert files
        assert {read(file).importer for file in files} == {folder}
    assert (FIXTURES / "generic_table").is_dir()


@pytest.mark.shared
@pytest.mark.parametrize("name", SAMPLES)
def test_every_row_of_a_sample_is_accounted_for_and_totals_are_told(shared_folder: Path, name: str) -> None:
    file = shared_folder / "samples" / name
    result = read(file)
    assert len(result.rows) == lines_of(file)
    assert result.records
    assert RowKind.PROBLEM not in result.rows
    assert_totals_told(result)
    if "fidelity" not in name:
        assert result.totals


@pytest.mark.shared
def test_the_samples_whose_own_totals_are_off_say_by_how_much(shared_folder: Path) -> None:
    said = {
        name: [p.message for p in read(shared_folder / "samples" / name).problems if p.code == "total_differs"]
        for name in SAMPLES
    }
    assert [message.rpartition(" of ")[2] for message in said[SAMPLES[0]]] == ["+1,253.00", "-747.00"]
    assert [message.rpartition(" of ")[2] for message in said[SAMPLES[1]]] == ["+1.00"]
    assert [message.rpartition(" of ")[2] for message in said[SAMPLES[2]]] == ["+20.00", "+1,462.90", "+1,451.20"]
    assert not said[SAMPLES[3]]


@pytest.mark.shared
def test_each_sample_is_read_by_one_importer_with_a_fate_for_each_row(shared_folder: Path) -> None:
    files = [file for file in sorted((shared_folder / "samples").rglob("*.*")) if file.suffix != ".md"]
    assert len(files) >= 25
    for file in files:
        source = load(file)
        assert isinstance(source, Source), file.name
        result = read(file)
        if not result.rows:  # refused whole, as prices whose file does not name their symbol
            assert [problem.severity for problem in result.problems] == [Severity.FATAL], file.name
            continue
        assert len(result.rows) == sum(len(grid.rows) for grid in source.grids), file.name
        told_of = {problem.row for problem in result.problems}
        assert {n for n, kind in enumerate(result.rows, start=1) if kind is RowKind.PROBLEM} <= told_of, file.name
