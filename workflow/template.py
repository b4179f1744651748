"""Writes the empty office workbook that an adviser fills."""

from pathlib import Path

from engine.errors import AppError
from importers.office_writer import write_office


def write_template(path: Path) -> None:
    """Write the office workbook, explained and empty; AppError when it exists already or cannot be written."""
    if path.suffix.casefold() != ".xlsx":
        raise AppError("The template is an Excel workbook", detail=str(path), hint="Give it a name that ends in .xlsx.")
    if path.exists():
        raise AppError("There is a file of that name already", detail=str(path), hint="Choose another name.")
    try:
        write_office(path, {})
    except OSError as error:
        why = f"{path}: {error.strerror or error}"
        raise AppError("The template cannot be written", detail=why, hint="Choose another folder.") from error
