"""Reads what the exporters wrote: workbooks as cells, PDFs as text and page counts."""

import importlib
import io
import re
import shutil
import subprocess
from datetime import date, datetime

import openpyxl
import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

PAGE_OBJECT = re.compile(rb"/Type /Page\b")


def workbook(content: bytes) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def cells_as_text(book: Workbook) -> str:
    """Every cell that holds something: place, type, number format, value."""
    lines = []
    for page in book.worksheets:
        lines.append(f"# {page.title}")
        for row in page.iter_rows():
            for cell in row:
                if cell.value is not None:
                    value = cell.value.isoformat() if isinstance(cell.value, date | datetime) else cell.value
                    lines.append(f"{cell.coordinate} {cell.data_type} [{cell.number_format}] {value}")
    return "\n".join([*lines, ""])


def column_of(page: Worksheet, title: str, header_row: int = 1) -> int:
    titles = [cell.value for cell in page[header_row]]
    return titles.index(title) + 1


def page_count(content: bytes) -> int:
    return len(PAGE_OBJECT.findall(content))


def pdf_text(content: bytes) -> list[str]:
    """The text of each page, by pypdf or else by pdftotext; the test is skipped where there is neither."""
    try:
        pypdf = importlib.import_module("pypdf")
    except ModuleNotFoundError:
        return _text_by_poppler(content)
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]


def _text_by_poppler(content: bytes) -> list[str]:
    if shutil.which("pdftotext") is None:
        pytest.skip("neither pypdf nor pdftotext is here")
    done = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True, timeout=60
    )
    return done.stdout.decode().split("\f")[:-1]
