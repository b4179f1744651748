"""An import result as text that a person can check against the file, and where our fixtures are."""

from dataclasses import fields
from datetime import date
from decimal import Decimal
from pathlib import Path

from importers.base import ImportResult
from importers.records import AccountRef, Record
from importers.registry import LAYOUTS

FIXTURES = Path(__file__).resolve().parent.parent / "data"
TODAY = date(2026, 10, 30)
LAYOUT_FOLDERS = tuple(layout.name for layout in LAYOUTS if (FIXTURES / layout.name).is_dir())
"""A layout with a folder of fixtures is tested on them; the folder has its name."""


def fixture_files(*folders: str) -> list[Path]:
    """Return the fixture files of these importers, column maps left out."""
    found = [file for folder in folders for file in sorted((FIXTURES / folder).iterdir())]
    return [file for file in found if file.suffix != ".toml"]


def told(result: ImportResult) -> str:
    """Return the rows, records, totals and problems of a result, a line each."""
    lines = [f"importer {result.importer}", f"as of {result.as_of}", "", "rows"]
    lines += [f"{number:>4} {kind}" for number, kind in enumerate(result.rows, start=1)]
    lines += ["", "records", *map(_record, result.records)]
    lines += ["", "totals", *(f"{t.row:>4} {t.what}: {t.stated:f} stated, {t.found:f} found" for t in result.totals)]
    lines += ["", "problems", *(f"{p.severity}: {p.line()} [{p.code}] {p.account} {p.symbol}" for p in result.problems)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _record(record: Record) -> str:
    said = [
        f"{field.name}={_cell(getattr(record, field.name))}"
        for field in fields(record)
        if field.name != "row" and getattr(record, field.name) not in (None, "", 0, ())
    ]
    return f"{record.row:>4} {type(record).__name__} {' '.join(said)}"


def _cell(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, AccountRef):
        return f"{value.custodian}/{value.number}/{value.name}"
    return str(value)
