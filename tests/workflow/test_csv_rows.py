"""Cells of a CSV file: what is read as a number, and files that are no such table."""

from decimal import Decimal
from pathlib import Path

import pytest

from engine.errors import AppError
from workflow.csv_rows import Columns, csv_rows

COLUMNS = Columns(("name", "figure"), ("note",))
NUMBERS = (
    ("12", "12"),
    ("-0.5", "-0.5"),
    (".25", "0.25"),
    ("5.", "5"),
    ("1,234,567.89", "1234567.89"),
    ("$1,200", "1200"),
    ("-$3.50", "-3.50"),
    ("2.5%", "0.025"),
    ("-10 %", "-0.1"),
    ("35e9", "35000000000"),
    ("0", "0"),
)
NO_NUMBERS = ("40,05", "1,2345", "1_000", "nan", "inf", "x", "$", "%", "1.2.3", "--1", "٣", "1e999999", "1e-40")


def one_row(path: Path, cell: str) -> tuple[Decimal | None, list[str]]:
    path.write_text(f'name,figure\na,"{cell}"\n', encoding="utf-8")
    (row,) = csv_rows(path, COLUMNS)
    return row.amount_or_none("figure"), [problem.line() for problem in row.problems]


@pytest.mark.parametrize(("cell", "expected"), NUMBERS)
def test_a_number_is_read_as_people_write_it(tmp_path: Path, cell: str, expected: str) -> None:
    assert one_row(tmp_path / "a.csv", cell) == (Decimal(expected), [])


@pytest.mark.parametrize("cell", NO_NUMBERS)
def test_what_is_no_number_is_a_problem_with_its_place(tmp_path: Path, cell: str) -> None:
    found, problems = one_row(tmp_path / "a.csv", cell)
    assert found is None
    assert len(problems) == 1
    assert problems[0].startswith("a.csv, row 2, field figure: ")


FILES = (
    (b"", "The file has no column name"),
    (b"name,figure\n", "The file has no rows"),
    (b"name,figure,other\na,1,2\n", "The file has the column other"),
    (b"name,figure,\na,1,2\n", "The file has the column (without a name)"),
    (b"name,figure,figure\na,1,2\n", "The file has the column figure twice"),
    (b"\xff\xfe\x00\x00\n", "The file is not a CSV text file"),
    (b'name,figure\n"a,1\n', "The file is not a CSV text file"),
)


@pytest.mark.parametrize(("content", "message"), FILES)
def test_a_file_that_is_no_such_table_is_told(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(AppError) as caught:
        list(csv_rows(path, COLUMNS))
    assert caught.value.title == message
    assert "name, figure, and where you have them note" in caught.value.hint


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="The file cannot be read"):
        list(csv_rows(tmp_path / "none.csv", COLUMNS))


def test_headers_in_capitals_a_mark_at_the_start_and_short_rows_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbfName, FIGURE ,note\r\n a , 1 \r\n\r\n")
    (row,) = csv_rows(path, COLUMNS)
    assert (row.text("name"), row.cells.get("note", "")) == ("a", "")
    assert row.amount("figure") == 1
    assert row.line == 2
    assert row.problems == []
