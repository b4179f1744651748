"""Opens a file whatever its name says: text or workbook by content, anything else one clear fatal problem."""

import re
from dataclasses import dataclass
from pathlib import Path

from engine.problems import Problem, Severity
from importers.old_excel import read_old_workbook
from importers.text_files import Rows, beyond_measure, decode, lines_of, looks_binary, rows_of_lines
from importers.workbooks import archive_defect, read_workbook

MOST_BYTES = 200_000_000
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"
_WORKBOOK_MARKS = (_ZIP, _OLE)
_SAMPLE = 65_536
_HEAD_BYTES = 524_288
_UNOPENED = "Save it again as .xlsx, without a password."
_ACCEPTED = "Choose the CSV or Excel file that the custodian's site or your spreadsheet program saves."


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet, or the whole of a text file (its name is then empty): rows of cells as text."""

    name: str
    rows: Rows


@dataclass(frozen=True, slots=True)
class Source:
    """A file in memory. `kind` is csv, xlsx, xls, ofx, flex or json by content, not by name.

    Of an OFX, Flex or JSON document, which is no table, each line is a row of one cell.
    """

    name: str
    kind: str
    grids: tuple[Grid, ...]


def load(path: Path, *, rows: int | None = None) -> Source | Problem:
    """Read a file into grids, the first `rows` of each only if given; a file that is no table is a Problem."""
    try:
        if path.is_dir():
            return _fatal(path, "not_a_file", "this is a folder, not a file", "Choose the files in it.")
        size = path.stat().st_size
        if size > MOST_BYTES:
            return _fatal(path, "too_large", f"the file is {size:,} bytes, more than {MOST_BYTES:,}", _ACCEPTED)
        with path.open("rb") as stream:
            sample = stream.read(_SAMPLE)
            defect = _not_a_table(sample)
            if defect and not _document_kind(decode(sample)):
                return _fatal(path, *defect)
            whole = rows is None or sample.startswith(_WORKBOOK_MARKS)
            content = sample + stream.read(-1 if whole else _HEAD_BYTES)
    except FileNotFoundError:
        return _fatal(path, "no_file", "there is no such file", "Check the name and the folder.")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        return _fatal(path, "not_readable", f"the file cannot be opened: {why}", "Close it elsewhere and try again.")
    return _grids(path, content, rows)


def _grids(path: Path, content: bytes, rows: int | None) -> Source | Problem:
    if content.startswith(_ZIP):
        defect = archive_defect(content)
        if defect:
            return _fatal(path, "not_a_table", f"the file {defect}", "Save it again from Excel, or unpack it first.")
        return _workbook(path, "xlsx", content, rows)
    if content.startswith(_OLE):
        return _workbook(path, "xls", content, rows)
    text = decode(content)
    document = _document_kind(text[:_SAMPLE])
    return _document(path, document, text, rows) if document else _table(path, text, rows)


def _table(path: Path, text: str, rows: int | None) -> Source | Problem:
    lines = lines_of(text)
    defect = beyond_measure(lines)
    if defect:
        return _fatal(path, "not_a_table", defect, _ACCEPTED)
    table = rows_of_lines(lines)
    if not any(cell.strip() for row in table for cell in row):
        return _empty(path)
    return Source(path.name, "csv", (Grid("", table if rows is None else table[:rows]),))


def _workbook(path: Path, kind: str, content: bytes, rows: int | None) -> Source | Problem:
    sheets = read_workbook(content, rows) if kind == "xlsx" else read_old_workbook(content, rows)
    if isinstance(sheets, str):
        hint = "Leave only the table in it, and save it again." if sheets.startswith("has ") else _UNOPENED
        return _fatal(path, "not_a_table", f"the file {sheets}", hint)
    grids = tuple(Grid(name, table) for name, table in sheets)
    if not any(cell.strip() for grid in grids for row in grid.rows for cell in row):
        return _empty(path)
    return Source(path.name, kind, grids)


DOCUMENTS = frozenset({"ofx", "flex", "json"})
"""Kinds that are no tables: documents of elements."""
_OFX = re.compile(
    r"\s*(?:<\?[^<>]*\?>\s*|<!--(?:(?!-->).)*-->\s*)*(?:OFXHEADER\s*[:=][^<]*)?<OFX>", re.IGNORECASE | re.DOTALL
)
_FLEX = re.compile(r"\s*(?:<\?[^<>]*\?>\s*|<!--(?:(?!-->).)*-->\s*)*<FlexQueryResponse[\s>]", re.DOTALL)
_JSON = re.compile(r'\s*\{\s*"(?:FromDate|ToDate|TotalTransactionsAmount|BrokerageTransactions)"\s*:')
_DECLARES = re.compile(r"<!\s*(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)", re.IGNORECASE)
_DECLARED_WITHIN = re.compile(r"\s*(?:<\?[^<>]*\?>\s*)*<!DOCTYPE\s", re.IGNORECASE)


def _document_kind(text: str) -> str:
    """Return ofx, flex or json for the documents that importers read; a document type in front is refused later."""
    if _JSON.match(text):
        return "json"
    if _OFX.match(text):
        return "ofx"
    if _FLEX.match(text):
        return "flex"
    declared = _DECLARED_WITHIN.match(text)
    return "flex" if declared and "<FlexQueryResponse" in text else "ofx" if declared and "<OFX>" in text else ""


def _document(path: Path, kind: str, text: str, rows: int | None) -> Source | Problem:
    """Return the lines of a document. One that declares entities or a document type is refused, not expanded."""
    if _DECLARES.search(text):
        message = "the document declares a document type or entities, which no custodian writes"
        return _fatal(path, "xml_declarations", message, "Download it again from the custodian's site.")
    return Source(path.name, kind, (Grid("", tuple((line,) for line in lines_of(text)[:rows])),))


_SIGNATURES = (
    ((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta"), "the file is a web page, not a table"),
    ((b"<?xml", b"<ofx", b"ofxheader"), "the file is an XML or OFX document, not a table"),
    ((b"%pdf-",), "the file is a PDF document, not a table"),
)


def _not_a_table(sample: bytes) -> tuple[str, str, str] | None:
    """Return code, message and hint when the first bytes show that this is no table."""
    start = sample.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if not sample.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
        return "empty_file", "the file is empty", "Download it again."
    if sample.startswith(_WORKBOOK_MARKS):
        return None
    for marks, message in _SIGNATURES:
        if start.startswith(marks):
            return "not_a_table", message, _ACCEPTED
    if looks_binary(sample):
        return "not_a_table", "the file is neither text nor an Excel workbook", _ACCEPTED
    return None


def _empty(path: Path) -> Problem:
    return _fatal(path, "empty_file", "the file is empty", "Download it again.")


def _fatal(path: Path, code: str, message: str, hint: str) -> Problem:
    return Problem(Severity.FATAL, code, message, hint, file=path.name or str(path))
