"""Reads the files of the risk-based allocations: a covariance, and one figure for each of its symbols."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import AppError
from engine.overlay.allocation import SYMMETRIC, checked_covariance
from importers.number_grammar import Unreadable, number
from importers.text_files import decode, looks_binary, rows_of
from workflow.case_file import read_bytes

Floats = NDArray[np.float64]
Row = tuple[int, tuple[str, ...]]
"""Its number in the file and its cells."""

COVARIANCE_HINT = "Give a CSV file with the symbols as header and first column."
FIGURES_HINT = "Give a CSV file with a symbol and a figure in each row."


@dataclass(frozen=True, slots=True, eq=False)
class Covariance:
    """A covariance and the symbols of its rows, in the order of the file's header."""

    symbols: tuple[str, ...]
    matrix: Floats


def read_covariance(path: Path) -> Covariance:
    """Return the covariance in a CSV file; its rows may stand in another order than its columns.

    Raises AppError, with the row and the column, for a cell that is no number, names that do not match, a matrix that
    is not symmetric, a variance that is not above zero; with the file, for one that is not positive definite.
    """
    (first, header), *rows = _rows(path, COVARIANCE_HINT)
    symbols = header[1:]
    _check_names(path, first, symbols)
    if not symbols:
        raise AppError("the header names no symbol", detail=f"{path}, row {first}", hint=COVARIANCE_HINT)
    lines = _by_symbol(path, rows, symbols, "the header")
    matrix = np.array(
        [[_figure(path, lines[name], column, of) for column, of in enumerate(symbols, 1)] for name in symbols]
    )
    _check_matrix(path, symbols, matrix, [lines[name][0] for name in symbols])
    return Covariance(symbols, matrix)


def read_figures(path: Path, symbols: tuple[str, ...]) -> Floats:
    """Return a figure for each symbol from a CSV file of two columns, with or without a header, rows in any order.

    Raises AppError, with the row and the column, for a cell that is no number, a symbol that is missing, stands twice
    or is none of `symbols`.
    """
    rows = _rows(path, FIGURES_HINT)
    _, cells = rows[0]
    if cells[0] not in symbols and (len(cells) < 2 or not isinstance(number(cells[1]), Decimal)):
        rows = rows[1:]
    lines = _by_symbol(path, rows, symbols, "the covariance")
    return np.array([_figure(path, lines[name], 1, name) for name in symbols])


def figures_from_text(text: str, symbols: tuple[str, ...], option: str) -> Floats:
    """Return a figure for each symbol from `SPY=1,AGG=2` or, in the order of the symbols, `1,2`.

    Raises AppError naming the option and the part that does not fit.
    """
    parts = [part.strip() for part in text.split(",")]
    hint = f"Give {option} SYMBOL=FIGURE for each of {', '.join(symbols)}, or a CSV file."
    pairs = [part.rpartition("=") for part in parts]
    names = [name.strip() for name, _, _ in pairs] if any("=" in part for part in parts) else list(symbols)
    if len(names) != len(parts) or sorted(names) != sorted(symbols):
        raise AppError(f"{option} does not name each symbol of the covariance once", detail=text, hint=hint)
    found: dict[str, float] = {}
    for name, (_, _, cell) in zip(names, pairs, strict=True):
        value = number(cell.strip())
        if not isinstance(value, Decimal):
            raise AppError(f"{option}: {cell.strip()!r} of {name} is not a number", hint=hint)
        found[name] = float(value)
    return np.array([found[name] for name in symbols])


def _rows(path: Path, hint: str) -> list[Row]:
    """Return the rows that hold something. Raises AppError when there are none, or the file is no text."""
    content = read_bytes(path)
    if looks_binary(content[:65_536]):
        raise AppError("not a text file", detail=str(path), hint=hint)
    stripped = ((line, tuple(cell.strip() for cell in cells)) for line, cells in enumerate(rows_of(decode(content)), 1))
    rows = [(line, cells) for line, cells in stripped if any(cells)]
    if not rows:
        raise AppError("the file is empty", detail=str(path), hint=hint)
    return rows


def _check_names(path: Path, line: int, symbols: tuple[str, ...]) -> None:
    for column, symbol in enumerate(symbols, 2):
        if not symbol or symbol in symbols[: column - 2]:
            fault = f"{symbol} stands twice in the header" if symbol else "the header has a column without a symbol"
            raise AppError(fault, detail=f"{path}, row {line}, column {column}", hint=COVARIANCE_HINT)


def _by_symbol(path: Path, rows: list[Row], symbols: tuple[str, ...], owner: str) -> dict[str, Row]:
    """Return the row of each symbol. Raises AppError for a symbol that is missing, unknown or there twice."""
    found: dict[str, Row] = {}
    for line, cells in rows:
        place = f"{path}, row {line}, column 1"
        if cells[0] not in symbols:
            raise AppError(f"{cells[0] or 'an empty cell'} is no symbol of {owner}", detail=place)
        if cells[0] in found:
            raise AppError(f"{cells[0]} stands twice, first in row {found[cells[0]][0]}", detail=place)
        found[cells[0]] = (line, cells)
    missing = [symbol for symbol in symbols if symbol not in found]
    if missing:
        raise AppError(f"there is no row for {', '.join(missing)}", detail=str(path))
    return found


def _figure(path: Path, row: Row, at: int, column_name: str) -> float:
    line, cells = row
    cell = cells[at] if at < len(cells) else ""
    value = number(cell)
    if isinstance(value, Decimal):
        return float(value)
    fault = f"{cell!r} {value.why}" if isinstance(value, Unreadable) else "there is no number"
    raise AppError(fault, detail=f"{path}, row {line}, column {at + 1} ({column_name})")


def _check_matrix(path: Path, symbols: tuple[str, ...], matrix: Floats, lines: list[int]) -> None:
    differs = np.abs(matrix - matrix.T) > SYMMETRIC * np.abs(matrix).max()
    if differs.any():
        i, j = (int(place) for place in np.argwhere(differs)[0])
        raise AppError(
            f"the covariance is not symmetric: {matrix[i, j]:.8g} for {symbols[i]} with {symbols[j]}, "
            f"{matrix[j, i]:.8g} for {symbols[j]} with {symbols[i]}",
            detail=f"{path}, row {lines[i]}, column {j + 2}",
            hint="Both cells must hold the same figure.",
        )
    for i, variance in enumerate(np.diagonal(matrix)):
        if variance <= 0:
            place = f"{path}, row {lines[i]}, column {i + 2}"
            raise AppError(f"the variance of {symbols[i]} is not above 0", detail=place, hint="Leave the symbol out.")
    check_covariance(path, symbols, matrix)


def check_covariance(path: Path, symbols: tuple[str, ...], matrix: Floats) -> None:
    """Raise AppError, with the file that it comes from, for a matrix that is no covariance of distinct assets."""
    try:
        checked_covariance(matrix)
    except ValueError as error:
        raise AppError(str(error), detail=str(path), hint=_alike(symbols, matrix)) from None


def _alike(symbols: tuple[str, ...], matrix: Floats) -> str:
    """Return what to do about a matrix that is no covariance: name the two symbols that are most alike."""
    sigma = np.sqrt(np.diagonal(matrix))
    alike = np.triu(np.abs(matrix / np.outer(sigma, sigma)), 1)
    i, j = np.unravel_index(int(alike.argmax()), alike.shape)
    return (
        f"{symbols[i]} and {symbols[j]} are the most alike (correlation {matrix[i, j] / sigma[i] / sigma[j]:.6f}): "
        "leave one out, or shrink the covariance."
    )
