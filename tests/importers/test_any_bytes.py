"""Whatever the bytes, a file is read, or refused with problems that have a line each; nothing is ever raised."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.problems import Problem
from importers.base import ImportResult
from importers.column_map import ColumnMap, Shape, TableKind
from importers.generic_table import GenericTable
from importers.loading import load
from importers.office_writer import write_office
from importers.registry import IMPORTERS, recognise, refusal
from tests.importers.office_rows import office_rows
from tests.importers.telling import LAYOUT_FOLDERS, TODAY, fixture_files

TEXTS = [f.read_bytes() for f in fixture_files(*LAYOUT_FOLDERS, "generic_table") if f.suffix != ".xls"]
OLD_EXCEL = next(f.read_bytes() for f in fixture_files("generic_table") if f.suffix == ".xls")
SPITE = (
    b"\x00",
    b'"',
    b"\n",
    b"\r\n\r\n",
    b",,,,",
    b";",
    b"\xff\xfe",
    b"NaN",
    b"-",
    b"1e999",
    b"99/99/9999",
    b"Total",
    b"=cmd|' /C calc'!A0",
    b"\xf0\x9f\x98\x80",
    b"9" * 50,
)
KILLERS = ((0, b"\xd0\xcf\x11\xe0" + b"\xff" * 40), (3293, b"\xfe\xff\xff\x7f"), (3737, b"\xfe\xff\xff\x7f"))
"""Place and value: one makes the native reader give up, one panic, one ask for more memory than there is."""
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
MAPS = (
    ColumnMap(TableKind.LOTS, columns={"symbol": "Symbol", "quantity": "Quantity", "acquired": "Open Date"}),
    ColumnMap(TableKind.MACRO, Shape.WIDE, columns={"date": "date"}),
)


@st.composite
def spoiled(draw: st.DrawFn, whole: list[bytes]) -> bytes:
    """Draw one of the files with some bytes cut out, doubled, overwritten or put in."""
    content = draw(st.sampled_from(whole))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, max(len(content) - 1, 0)))
        length = draw(st.integers(0, 80))
        piece = draw(st.sampled_from([*SPITE, b"", content[start : start + length] * 2]) | st.binary(max_size=6))
        content = content[:start] + piece + content[start + length :]
    return content


def read_by_all(file: Path) -> list[ImportResult]:
    importer, claims = recognise(file)
    if importer is None:
        assert refusal(file, claims).line()
    readers = (*IMPORTERS, *(GenericTable(columns) for columns in MAPS))
    return [reader.read(file, today=TODAY) for reader in readers]


def assert_told(results: list[ImportResult]) -> None:
    for result in results:
        assert result.records or result.problems or result.rows
        assert not [p for p in result.problems if "\n" in p.line() or p.row > len(result.rows)]
        assert all(record.row <= len(result.rows) for record in result.records)


@QUICK
@given(spoiled(TEXTS))
def test_spoiled_text_is_read_or_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "spoiled.csv"
    file.write_bytes(content)
    results = read_by_all(file)
    assert_told(results)
    assert len({len(result.rows) for result in results} - {0}) <= 1


@QUICK
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "any.csv"
    file.write_bytes(content)
    assert_told(read_by_all(file))


def test_a_spoiled_old_workbook_is_refused_even_where_it_kills_its_reader(tmp_path: Path) -> None:
    file = tmp_path / "spoiled.xls"
    for at, value in KILLERS:
        file.write_bytes(OLD_EXCEL[:at] + value + OLD_EXCEL[at + len(value) :])
        source = load(file)
        assert isinstance(source, Problem), at
        assert "damaged" in source.message


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    file = tmp_path_factory.mktemp("office") / "office.xlsx"
    write_office(file, office_rows())
    return file.read_bytes()


@settings(parent=QUICK, max_examples=25)
@given(data=st.data())
def test_a_spoiled_workbook_is_read_or_refused(tmp_path: Path, workbook: bytes, data: st.DataObject) -> None:
    file = tmp_path / "spoiled.xlsx"
    file.write_bytes(data.draw(spoiled([workbook])))
    assert_told(read_by_all(file))


def test_a_file_cut_off_anywhere_is_read_or_refused(tmp_path: Path) -> None:
    file = tmp_path / "cut.csv"
    for content in TEXTS:
        for share in (3, 5, 9):
            file.write_bytes(content[: len(content) * share // 10])
            assert_told(read_by_all(file))


def test_a_clock_that_stands_at_the_first_day_makes_all_dates_fatal_not_errors(tmp_path: Path) -> None:
    file = tmp_path / "early.csv"
    for content in TEXTS:
        file.write_bytes(content)
        for reader in IMPORTERS:
            # an office workbook has dates to come only
            assert reader.read(file, today=date.min).problems or reader.name == "office_workbook"
