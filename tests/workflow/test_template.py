from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from engine.errors import AppError
from importers.office_layout import SHEETS
from importers.registry import recognise
from workflow.template import write_template


def test_a_template_filled_by_hand_imports_back(tmp_path: Path) -> None:
    file = tmp_path / "office.xlsx"
    write_template(file)
    book = load_workbook(file)
    for sheet in SHEETS:
        page = book[sheet.title]
        for at, column in enumerate(sheet.columns, start=1):
            example = column.example or column.default
            as_number = example.replace(".", "", 1).isdigit() and column.field not in {"cusip", "number"}
            page.cell(3, at, float(example) if as_number else example)
    book["Models"].append(["Balanced 60/40", "us_bond", 0.65, "BND"])
    book.save(file)
    importer, _ = recognise(file)
    assert importer is not None
    result = importer.read(file, today=date(2026, 10, 30))
    assert not [p.line() for p in result.problems]
    assert len(result.records) == len(SHEETS) + 1


@pytest.mark.parametrize("name", ["office.xls", "office"])
def test_a_template_is_an_excel_workbook(tmp_path: Path, name: str) -> None:
    with pytest.raises(AppError, match=r"ends in \.xlsx"):
        write_template(tmp_path / name)


def test_a_file_that_exists_is_never_written_over(tmp_path: Path) -> None:
    file = tmp_path / "office.xlsx"
    file.write_text("mine")
    with pytest.raises(AppError, match="already"):
        write_template(file)
    assert file.read_text() == "mine"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="cannot be written"):
        write_template(tmp_path / "gone" / "office.xlsx")
