"""Macro files, wide and long, and what is wrong in them."""

from datetime import date
from pathlib import Path

import pytest

from engine.errors import AppError
from workflow.macro_table import macro_from_csv, read_macro_table


def written(folder: Path, text: str) -> Path:
    path = folder / "macro.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_column_is_a_series_and_an_empty_cell_or_a_dot_is_no_value(tmp_path: Path) -> None:
    text = "observation_date,DGS10,cpi\n2024-01-02,4.1,300\n2024-01-03,.,\n2024-01-04,4.2,\n2024-02-01,,301\n"
    history = macro_from_csv(written(tmp_path, text))
    assert set(history.series) == {"DGS10", "CPI"}
    assert history.series["DGS10"].values.tolist() == [4.1, 4.2]
    assert history.series["CPI"].known_on(date(2024, 2, 29)).values.tolist() == [300.0]


def test_the_long_form_says_when_and_where_a_value_was_published(tmp_path: Path) -> None:
    text = (
        "date,series,value,published,source\n2024-01-31,CPI,300,2024-02-13,BLS\n2024-02-29,CPI,301,2024-03-12,BLS\n"
        "2024-01-31,CPI,300.5,2024-03-12,BLS\n2024-03-31,CPI,302,,BLS\n"
    )
    series = macro_from_csv(written(tmp_path, text)).series["CPI"]
    assert series.source == "BLS"
    assert series.known_on(date(2024, 3, 11)).values.tolist() == [300.0]
    assert series.known_on(date(2024, 3, 12)).values.tolist() == [300.5, 301.0]
    assert series.known_on(date(2024, 4, 20)).values.tolist() == [300.5, 301.0, 302.0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("date,CPI\n2024-01-01,x\n", 'row 2, field CPI: "x" is not a number'),
        ("date,CPI\n2024-01-01,nan\n2024-13-01,2\n", '"2024-13-01" is not a date'),
        ("date,CPI\n2024-01-01,1\n2024-01-01,2\n", "CPI of 2024-01-01 is in row 2 already"),
        ("date,CPI\n2024-01-01,1,5\n", "The row has 3 cells, the header 2"),
        ("date,series,value\n2024-01-01,,5\n", "The row names no series"),
        ("date,series,value,published\n2024-01-31,CPI,5,2024-01-01\n", "was published before, on 2024-01-01"),
        ("date,series,value,published\n2024-01-31,CPI,5,soon\n", '"soon" is not a date'),
    ],
)
def test_a_problem_names_its_row(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, text)
    table = read_macro_table(path)
    assert len(table.problems) == 1
    assert message.rsplit(": ", maxsplit=1)[-1] in table.problems[0].message
    with pytest.raises(AppError) as caught:
        macro_from_csv(path)
    assert "macro.csv, row" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no column date first"),
        ("CPI,date\n1,2024-01-01\n", "no column date first"),
        ("date,CPI,cpi\n2024-01-01,1,2\n", "there twice"),
    ],
)
def test_a_file_that_is_no_table_of_series_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(AppError, match=message):
        read_macro_table(written(tmp_path, text))


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="macro file cannot be read"):
        read_macro_table(tmp_path / "none.csv")
