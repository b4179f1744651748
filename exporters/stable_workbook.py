"""A workbook saved with stamps that are given in place of the clock's, so that equal contents are equal files."""

import io
import zipfile
from datetime import datetime

from openpyxl import Workbook
from openpyxl.writer.excel import ExcelWriter


def stable_bytes(book: Workbook, title: str, at: datetime) -> bytes:
    """Return the workbook as the bytes of an .xlsx file that says it was made at `at` (no zone, from 1980 on)."""
    book.properties.creator = "Plimsoll"
    book.properties.title = title
    book.properties.created = at
    book.properties.modified = at
    saved = io.BytesIO()
    # Workbook.save() would put the clock into `modified`.
    ExcelWriter(book, zipfile.ZipFile(saved, "w", zipfile.ZIP_STORED)).save()
    out = io.BytesIO()
    stamp = (at.year, at.month, at.day, at.hour, at.minute, at.second)
    with zipfile.ZipFile(saved) as parts, zipfile.ZipFile(out, "w") as packed:
        for name in parts.namelist():
            info = zipfile.ZipInfo(name, date_time=stamp)
            info.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(info, parts.read(name))
    return out.getvalue()
