"""Excel workbooks to sheets of text cells, with a look at the archive before anything is unpacked."""

import re
import zipfile
import zlib
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import IO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum

from importers.text_files import MOST_COLUMNS

DAMAGED = "is a damaged Excel workbook"
MOST_UNPACKED = 500_000_000
"""Bytes that a workbook may unpack to."""
MOST_RATIO = 250
"""By which factor a part of 10 MB and more may be packed; sheets are packed by 10 to 50, bombs by 1,000."""
LARGE_PART = 10_000_000
LONGEST_CELL = 100_000
"""Characters; Excel itself keeps 32,767 in a cell."""
MOST_CELLS = 5_000_000
"""Cells in the rectangle that a sheet spans; one stray cell far below makes it too large to hold."""

_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d{1,9})"')
_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d{1,9})"')
_CHUNK = 1 << 20


class BeyondMeasureError(Exception):
    """A sheet is larger than any that we read; the message completes "the file ..."."""


CalamineCell = int | float | str | bool | time | date | datetime | timedelta
Grids = tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]


def archive_defect(content: bytes) -> str:
    """Return why a ZIP archive must not be opened as a workbook, in words; empty when it may be."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = set(archive.namelist())
            if "xl/workbook.xml" not in names and "xl/workbook.bin" not in names:
                return "is a ZIP archive, not an Excel workbook"
            if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED:
                return "unpacks to more than 500 MB, which no custodian file does"
            if any(_is_bomb(entry) for entry in archive.infolist()):
                return f"unpacks to more than {MOST_RATIO} times its size, which no workbook does"
            if archive.testzip() is not None:
                return "is damaged: its checksums do not match"
            return _too_wide(archive)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError):
        return DAMAGED


def _is_bomb(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size >= LARGE_PART and entry.file_size > MOST_RATIO * max(entry.compress_size, 1)


def _too_wide(archive: zipfile.ZipFile) -> str:
    for name in archive.namelist():
        if name.startswith("xl/worksheets/") and name.endswith(".xml"):
            with archive.open(name) as sheet:
                rows, columns = _extent(sheet)
            if rows * columns > MOST_CELLS:
                return f"has a sheet that spans {rows:,} rows by {columns:,} columns: a stray cell stands far out"
    return ""


def _extent(sheet: IO[bytes]) -> tuple[int, int]:
    """Return the last row and column that a sheet's XML names."""
    rows = 0
    letters: set[bytes] = set()
    tail = b""
    while chunk := sheet.read(_CHUNK):
        text = tail + chunk
        for found in _ROW.finditer(text):
            rows = max(rows, int(found[1]))
        for found in _CELL.finditer(text):
            letters.add(found[1])
            rows = max(rows, int(found[2]))
        tail = text[-200:]
    columns = max((_column_number(x) for x in letters), default=1)
    return rows, columns


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def read_workbook(content: bytes, first: int | None) -> Grids | str:
    """Return the sheets of a workbook as (name, rows of text), or why it cannot be read, in words.

    `first` limits the rows of each sheet. Leading empty rows and columns are kept, so numbers are Excel's own.
    """
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        names = [m.name for m in book.sheets_metadata if m.typ is SheetTypeEnum.WorkSheet]
        return tuple((name, _rows(book.get_sheet_by_name(name), first)) for name in names)
    except PasswordError:
        return "is protected by a password"
    except BeyondMeasureError as error:
        return str(error)
    except (CalamineError, OSError, ValueError, KeyError) as error:
        return f"{DAMAGED} ({' '.join(str(error).split())[:80]})"
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # what the reader's native code raises when it is at a loss
            raise
        return DAMAGED


def _rows(sheet: CalamineSheet, first: int | None) -> tuple[tuple[str, ...], ...]:
    if sheet.total_height * sheet.total_width > MOST_CELLS:
        raise BeyondMeasureError(f"has a sheet of {sheet.total_height:,} rows by {sheet.total_width:,} columns")
    if sheet.total_width > MOST_COLUMNS:
        raise BeyondMeasureError(f"has {sheet.total_width:,} columns, more than {MOST_COLUMNS:,}")
    cells = sheet.to_python(skip_empty_area=False, nrows=first)
    return tuple(tuple(map(_text, row)) for row in cells)


def _text(cell: CalamineCell) -> str:
    """Write a cell as the text that Excel would show unformatted: numbers with 15 digits, dates as ISO."""
    if isinstance(cell, str):
        if len(cell) > LONGEST_CELL:
            raise BeyondMeasureError(f"has a cell of {len(cell):,} characters, more than {LONGEST_CELL:,}")
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return f"{cell:.15g}"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat(" ", "seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)
