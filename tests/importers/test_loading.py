"""Files that are no tables: one clear fatal problem each, never a traceback."""

import os
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook
from python_calamine import CalamineError, PasswordError

from engine.problems import Problem, Severity
from importers import loading, workbooks
from importers.head import HEAD_ROWS, read_head
from importers.loading import Source, load
from importers.registry import IMPORTERS, recognise, refusal
from tests.importers.telling import FIXTURES


def zipped(**entries: str) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in entries.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), text)
    return stream.getvalue()


def stray_cell() -> bytes:
    book = Workbook()
    book.worksheets[0]["XFD1048576"] = 1
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def empty_workbook() -> bytes:
    stream = BytesIO()
    Workbook().save(stream)
    return stream.getvalue()


NO_TABLES = {
    "empty": (b"", "the file is empty"),
    "blank": (b" \r\n\x00\n", "the file is empty"),
    "commas": (b",,,\n,,,\n", "the file is empty"),
    "mark only": (b"\xef\xbb\xbf", "the file is empty"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "PDF"),
    "web page": (b"\n<!DOCTYPE html><html><table><tr><td>1</td></tr></table>", "web page"),
    "ofx": (b"OFXHEADER:100\nDATA:OFXSGML\n", "OFX"),
    "random": (os.urandom(1_000_000), "neither text nor an Excel workbook"),
    "picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x00\x00\x00\x01\x00\x08", "neither text"),
    "zip": (zipped(a="x"), "not an Excel workbook"),
    "cut zip": (zipped(xl__workbook_xml="x")[:-30], "damaged"),
    "hollow workbook": (zipped(xl__workbook_xml="<x/>"), "damaged"),
    "stray cell": (stray_cell(), "1,048,576 rows by 16,384 columns"),
    "empty workbook": (empty_workbook(), "the file is empty"),
    "cut xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "damaged"),
}


def assert_refused(path: Path, said: str) -> None:
    problem = load(path)
    assert isinstance(problem, Problem)
    assert problem.severity is Severity.FATAL
    assert said in problem.message
    assert problem.hint
    assert "\n" not in problem.line()
    importer, claims = recognise(path)
    assert importer is None
    assert said in claims[0].why
    assert refusal(path, claims).message == problem.message
    for reader in IMPORTERS:
        result = reader.read(path, today=date(2026, 1, 1))
        assert [p.severity for p in result.problems] == [Severity.FATAL]
        assert not result.records


@pytest.mark.parametrize("name", NO_TABLES)
def test_what_is_no_table_is_refused_with_one_fatal_problem(tmp_path: Path, name: str) -> None:
    content, said = NO_TABLES[name]
    file = tmp_path / "statement.csv"
    file.write_bytes(content)
    assert_refused(file, said)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert_refused(tmp_path / "gone.csv", "no such file")
    assert_refused(tmp_path, "folder")


def test_a_file_beyond_all_measure_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "MOST_BYTES", 10)
    file = tmp_path / "large.csv"
    file.write_text("a,b\n" * 10)
    assert_refused(file, "more than 10")


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MOST_UNPACKED", 1000)
    file = tmp_path / "bomb.xlsx"
    file.write_bytes(empty_workbook())
    assert_refused(file, "500 MB")


def test_a_workbook_whose_checksum_is_wrong_is_refused(tmp_path: Path) -> None:
    content = bytearray(zipped(xl__workbook_xml="<workbook>" + "x" * 50))
    at = content.index(b"PK\x01\x02") + 16
    content[at] ^= 0xFF
    file = tmp_path / "damaged.xlsx"
    file.write_bytes(bytes(content))
    assert_refused(file, "damaged")


def test_what_a_file_is_shows_in_its_content_not_in_its_name(tmp_path: Path) -> None:
    book = Workbook()
    book.worksheets[0]["B3"] = 1.1
    book.worksheets[0]["C4"] = date(2026, 1, 2)
    book.worksheets[0]["D5"] = True
    file = tmp_path / "really.csv"
    book.save(file)
    source = load(file)
    assert isinstance(source, Source)
    assert source.kind == "xlsx"
    assert source.grids[0].rows[2][1] == "1.1"
    assert source.grids[0].rows[3][2] == "2026-01-02"
    assert source.grids[0].rows[4][3] == "TRUE"


def test_the_old_excel_format_is_read() -> None:
    source = load(FIXTURES / "generic_table" / "lots.xls")
    assert isinstance(source, Source)
    assert source.kind == "xls"
    assert source.grids[0].rows[1] == ("00123456", "QAAA", "2021-03-15", "10", "400.5")


def test_the_head_shows_the_first_rows_only(tmp_path: Path) -> None:
    file = tmp_path / "long.csv"
    file.write_text("a,b\n" * 5000)
    head = read_head(file)
    assert not isinstance(head, Problem)
    assert len(head.first_rows()) == HEAD_ROWS


class PanicException(BaseException):
    """As the native reader raises it."""


class Broken:
    """A native reader that raises."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def from_filelike(self, content: BytesIO) -> None:
        assert content.seekable()
        raise self.error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PanicException("index out of range"), "damaged"),
        (PasswordError("x"), "password"),
        (CalamineError("no\nsuch sheet"), "damaged Excel workbook (no such sheet)"),
    ],
)
def test_whatever_the_native_reader_raises_is_one_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, said: str
) -> None:
    monkeypatch.setattr(workbooks, "CalamineWorkbook", Broken(error))
    file = tmp_path / "office.xlsx"
    file.write_bytes(empty_workbook())
    problem = load(file)
    assert isinstance(problem, Problem)
    assert said in problem.message


def test_a_keyboard_interrupt_is_not_a_damaged_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "CalamineWorkbook", Broken(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        workbooks.read_workbook(b"", None)


def test_a_file_that_may_not_be_opened_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def deny(self: Path, mode: str = "r") -> None:
        raise PermissionError(13, "Permission denied")

    file = tmp_path / "locked.csv"
    file.write_text("a,b")
    monkeypatch.setattr(Path, "open", deny)
    problem = load(file)
    assert isinstance(problem, Problem)
    assert "cannot be opened: Permission denied" in problem.message
