"""Where the research tests take closes from: synthetic walks, and the reference folder."""

import csv
import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from engine.overlay.price_history import PriceHistory, price_history
from engine.research.metrics import Floats


def weekdays(start: date, count: int) -> tuple[date, ...]:
    days: list[date] = []
    day = start
    while len(days) < count:
        if day.weekday() < 5:
            days.append(day)
        day += timedelta(days=1)
    return tuple(days)


def walks(symbols: Sequence[str], count: int, *, seed: int = 7, start: date = date(2000, 1, 3)) -> PriceHistory:
    """Return random walks, one a symbol, the later symbols calmer."""
    random = np.random.default_rng(seed)
    scale = np.linspace(0.012, 0.003, len(symbols))
    steps = random.standard_normal((count, len(symbols))) * scale + 0.0002
    return price_history(weekdays(start, count), symbols, 100.0 * np.exp(np.cumsum(steps, axis=0)))


def read_columns(path: Path, columns: Sequence[str]) -> tuple[list[date], Floats]:
    """Return the dates and some columns of a reference file, empty cells as NaN."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = next(rows)
        picked = [header.index(column) for column in columns]
        lines = list(rows)
    cells = np.array([[float(line[i] or "nan") for i in picked] for line in lines])
    return [date.fromisoformat(line[0]) for line in lines], cells


def read_closes(path: Path, symbols: Sequence[str]) -> PriceHistory:
    days, closes = read_columns(path, symbols)
    return price_history(days, symbols, closes)


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def read_navs(path: Path) -> tuple[list[date], Floats]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [date.fromisoformat(row["date"]) for row in rows], np.array([float(row["nav"]) for row in rows])
