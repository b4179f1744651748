"""The covariance of yearly returns from a price file: what the tracking error of a plan rests on."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np

from engine.errors import AppError
from engine.overlay.covariance import ledoit_wolf
from engine.overlay.price_history import PriceHistory
from engine.rebalance.tracking_error import Covariance
from workflow.price_table import read_price_table

MOST_RETURNS = 756
"""Latest returns used: three years of days."""
LEAST_RETURNS = 36
"""Fewest returns that a covariance is estimated from: three years of months."""
DAILY, MONTHLY = 252, 12
LONGEST_DAY = 7
"""Days between closes up to which a history counts as daily."""


def covariance_from_prices(path: Path, symbols: Sequence[str], as_of: date) -> Covariance:
    """Return the shrunk covariance of those of the symbols that the file has prices for, up to a day.

    The shrinkage is that of Ledoit and Wolf (2004). Raises AppError for a file that cannot be read, or that has too
    few closes of any of the symbols.
    """
    history = read_price_table(path).history
    kept = [symbol for symbol in symbols if symbol in history.symbols and _closes(history, symbol, as_of)]
    rows = history.known_on(as_of)
    columns = [history.symbols.index(symbol) for symbol in kept]
    closes = history.closes[:rows, columns]
    whole = np.flatnonzero(np.isfinite(closes).all(axis=1))
    dates = [history.dates[row] for row in whole]
    closes = closes[whole]
    if not kept or len(dates) <= LEAST_RETURNS:
        raise AppError(
            "the price file has too few closes for a tracking error",
            detail=f"{path.name}: {max(len(dates) - 1, 0)} returns that {len(kept)} of the case's symbols share",
            hint=f"Give at least {LEAST_RETURNS + 1} days or months on which every symbol has a close.",
        )
    returns = (closes[1:] / closes[:-1] - 1.0)[-MOST_RETURNS:]
    gap = (dates[-1] - dates[0]).days / (len(dates) - 1)
    year = DAILY if gap <= LONGEST_DAY else MONTHLY
    return Covariance(tuple(kept), ledoit_wolf(returns, periods_per_year=year).covariance)


def _closes(history: PriceHistory, symbol: str, as_of: date) -> bool:
    """Whether a symbol has enough closes of its own; a young one would shorten the history of all others."""
    return int(np.isfinite(history.column(symbol, as_of)).sum()) > LEAST_RETURNS
