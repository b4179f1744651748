"""Reads what trading costs by symbol from a CSV file."""

import csv
import math
from collections.abc import Iterator
from pathlib import Path

from engine.errors import AppError
from engine.research.trading_costs import CostModel, SymbolCost

FIGURES = ("half_spread_bp", "commission_bp", "impact_bp", "adv")
"""The columns beside `symbol`, any of which may be left out: basis points, and dollars traded a day."""
OTHERS = "*"
"""The symbol of the row that stands for every symbol without one."""
HINT = f"Give a CSV file with the columns symbol, {', '.join(FIGURES)}; the symbol {OTHERS} stands for all others."


def cost_model_from_csv(path: Path, other: SymbolCost, capital: float) -> CostModel:
    """Return the costs of a file; symbols without a row cost `other`, or what the row of the symbol * says.

    `capital` is the dollars at the start, which the impact depends on. Raises AppError with row and field for a file
    that cannot be read as such a table.
    """
    costs: dict[str, SymbolCost] = {}
    for number, cells in _rows(path):
        symbol = (cells.get("symbol") or "").strip()
        place = f"{path}, row {number}"
        if not symbol or symbol in costs:
            what = f"{symbol} has two rows" if symbol else "A row has no symbol"
            raise AppError(what, detail=place, hint=HINT)
        costs[symbol] = _cost(cells, place)
    return CostModel(costs.pop(OTHERS, other), costs, capital)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            unknown = set(reader.fieldnames or ()) - {"symbol", *FIGURES}
            if unknown or "symbol" not in (reader.fieldnames or ()):
                what = f"The cost file has the column {min(unknown)!r}" if unknown else "The cost file has no symbols"
                raise AppError(what, detail=f"{path}, row 1", hint=HINT)
            for cells in reader:
                if None in cells:
                    raise AppError("The row has more cells than the header", detail=f"{path}, row {reader.line_num}")
                yield reader.line_num, cells
    except OSError as error:
        raise AppError(f"The cost file cannot be read: {error.strerror}", detail=str(path)) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise AppError("The cost file is not a CSV text file", detail=str(path), hint=HINT) from error


def _cost(cells: dict[str, str], place: str) -> SymbolCost:
    found = {name: _figure(cells.get(name) or "", name, place) for name in FIGURES}
    spread, commission, impact = (found[name] or 0.0 for name in FIGURES[:3])
    if impact and not found["adv"]:
        raise AppError("Impact needs the dollars traded a day", detail=f"{place}, field adv", hint=HINT)
    return SymbolCost(spread, commission, impact, found["adv"])


def _figure(text: str, name: str, place: str) -> float | None:
    if not text.strip():
        return None
    try:
        figure = float(text.replace("_", "?"))
    except ValueError:
        figure = math.nan
    if not (math.isfinite(figure) and figure >= 0):
        raise AppError(f'"{text[:40]}" is not a number from 0', detail=f"{place}, field {name}", hint=HINT)
    return figure
