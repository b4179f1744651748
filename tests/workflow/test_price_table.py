"""The price file: what is read, and each thing that can be wrong with it, by row and field."""

import math
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from engine.errors import AppError
from workflow.price_table import price_history_from_csv, read_price_table

HEADER = "date,SPY,GLD\n"


@pytest.fixture
def price_file(tmp_path: Path) -> Path:
    return tmp_path / "prices.csv"


def test_rows_are_put_in_order_and_empty_cells_are_no_close(price_file: Path) -> None:
    price_file.write_text(
        HEADER + "2026-01-05,101.5,\n2026-01-02, 100 ,50.25\n\n,,\n2026-01-06,102\n", encoding="utf-8"
    )
    table = read_price_table(price_file)
    assert table.problems == ()
    assert table.history.dates == (date(2026, 1, 2), date(2026, 1, 5), date(2026, 1, 6))
    assert table.history.symbols == ("SPY", "GLD")
    np.testing.assert_array_equal(table.history.closes, [[100, 50.25], [101.5, math.nan], [102, math.nan]])


@pytest.mark.parametrize(
    "text", ["\ufeff" + HEADER + "2026-01-05 00:00:00,1,2\n", "index,SPY,GLD\r\n2026-01-05T00:00:00,1,2\r\n"]
)
def test_what_spreadsheets_and_data_frames_write_is_read(price_file: Path, text: str) -> None:
    price_file.write_bytes(text.encode())
    assert read_price_table(price_file).history.dates == (date(2026, 1, 5),)


@pytest.mark.parametrize(
    ("row", "field", "code", "message"),
    [
        ("05/01/2026,1,2", "date", "bad_date", '"05/01/2026" is not a date'),
        ("2026-02-30,1,2", "date", "bad_date", '"2026-02-30" is not a date'),
        (",1,2", "date", "bad_date", '"" is not a date'),
        ("2026-01-02,1,2", "date", "double_date", "2026-01-02 is in row 2 already"),
        ("2026-01-05,0,2", "SPY", "bad_price", '"0" is not a price above zero'),
        ("2026-01-05,1,-3.5", "GLD", "bad_price", '"-3.5" is not a price above zero'),
        ("2026-01-05,NaN,2", "SPY", "bad_price", '"NaN" is not a price above zero'),
        ("2026-01-05,inf,2", "SPY", "bad_price", '"inf" is not a price above zero'),
        ("2026-01-05,n/a,2", "SPY", "bad_price", '"n/a" is not a price above zero'),
        ("2026-01-05,1_000,2", "SPY", "bad_price", '"1_000" is not a price above zero'),
        ('2026-01-05,"1,000.5",2', "SPY", "bad_price", '"1,000.5" is not a price above zero'),
        ("2026-01-05,1,2,3", "", "row_too_long", "The row has 4 cells, the header 3"),
        ("2026-01-05," + "x" * 90 + ",2", "SPY", "bad_price", f'"{"x" * 37}..." is not a price above zero'),
    ],
)
def test_a_problem_names_its_row_and_field(price_file: Path, row: str, field: str, code: str, message: str) -> None:
    price_file.write_text(f"{HEADER}2026-01-02,100,50\n{row}\n2026-01-07,101,51\n", encoding="utf-8")
    (problem,) = read_price_table(price_file).problems
    assert (problem.file, problem.row, problem.field, problem.code) == ("prices.csv", 3, field, code)
    assert problem.message == message
    assert "\n" not in problem.line()


def test_good_rows_are_kept_beside_bad_ones_and_a_bad_cell_is_no_close(price_file: Path) -> None:
    price_file.write_text(HEADER + "2026-01-02,100,0\nsoon,1,1\n", encoding="utf-8")
    table = read_price_table(price_file)
    assert [problem.code for problem in table.problems] == ["bad_price", "bad_date"]
    assert [problem.symbol for problem in table.problems] == ["GLD", ""]
    np.testing.assert_array_equal(table.history.closes, [[100, math.nan]])


def test_a_column_that_is_not_asked_for_is_not_looked_at(price_file: Path) -> None:
    price_file.write_text("date,SPY,YIELD\n2026-01-02,100,-0.5\n", encoding="utf-8")
    table = read_price_table(price_file, ("SPY",))
    assert (table.problems, table.history.symbols) == ((), ("SPY",))


@pytest.mark.parametrize(
    ("content", "title"),
    [
        (b"", "The price file is empty"),
        (b"date,SPY\n", "The price file has a header and no rows"),
        (b"date,SPY\n\n,\n", "The price file has a header and no rows"),
        (b"date\n2026-01-02\n", "The price file has no column of prices"),
        (b"\n2026-01-02,1\n", "The price file has no column of prices"),
        (b"2026-01-02,1\n2026-01-05,2\n", "The price file has no header"),
        (b"date,SPY,\n2026-01-02,1,2\n", "A column has no symbol"),
        (b"date,SPY,SPY\n2026-01-02,1,2\n", "A symbol has two columns"),
        (b'date,SPY\n2026-01-02,"1\n', "The price file is not a CSV text file"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "The price file is not a CSV text file"),
        (
            bytes(np.random.default_rng(1).integers(0, 256, 1_000_000, dtype=np.uint8)),
            "The price file is not a CSV text file",
        ),
        (b"%PDF-1.4\ntext only\n", "The price file has no column of prices"),
    ],
)
def test_a_file_that_is_no_price_table_is_refused_in_one_line(price_file: Path, content: bytes, title: str) -> None:
    price_file.write_bytes(content)
    with pytest.raises(AppError) as caught:
        read_price_table(price_file)
    assert caught.value.title == title
    assert str(price_file) in caught.value.detail
    assert caught.value.hint
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_refused(price_file: Path) -> None:
    with pytest.raises(AppError, match="cannot be read: No such file"):
        read_price_table(price_file)


def test_a_history_is_made_of_a_faultless_file_alone(price_file: Path) -> None:
    price_file.write_text(HEADER + "2026-01-02,100,50\n", encoding="utf-8")
    assert price_history_from_csv(price_file, ["GLD", "SPY", "GLD"]).symbols == ("SPY", "GLD")
    with pytest.raises(AppError, match="has no column for EFA, TLT"):
        price_history_from_csv(price_file, ["EFA", "SPY", "TLT"])


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        (
            "2026-01-02,100,0\n",
            '"0" is not a price above zero: prices.csv, row 2, field GLD. Correct it, or leave the cell empty.',
        ),
        (
            "2026-01-02,1,2,3\n2026-01-05,y,x\n",
            "The row has 4 cells, the header 3: prices.csv, row 2. This file has 2 more problems.",
        ),
    ],
)
def test_the_first_problem_is_the_error_and_the_others_are_counted(price_file: Path, rows: str, line: str) -> None:
    price_file.write_text(HEADER + rows, encoding="utf-8")
    with pytest.raises(AppError) as caught:
        price_history_from_csv(price_file, ["SPY", "GLD"])
    assert str(caught.value) == line
