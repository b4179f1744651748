"""What the name of a price file says: the symbol, and whether its closes are adjusted."""

import re
from pathlib import Path

from engine.problems import Problem, Severity
from importers.column_guess import which_close
from importers.column_map import Close
from importers.instruments import clean_symbol
from importers.reading import Reading

_WORDS = frozenset(
    {
        *("yahoo", "tiingo", "stooq", "price", "prices", "quote", "quotes", "history", "historical", "daily", "data"),
        *("table", "us", "d", "w", "m", "close", "adj", "adjusted", "unadjusted", "eod", "ohlc", "ohlcv", "csv", "txt"),
        *("hist", "weekly", "total", "return", "finance", "yfinance", "max", "etf"),
    }
)
_PARTS = re.compile(r"[\s_,()]+|\.(?=us\b)", re.IGNORECASE)
_TICKER = re.compile(r"[A-Za-z]{1,5}(?:[.-][A-Za-z])?")
_FOLDER = re.compile(r"(?:.*[ _-])?(?:adjusted|unadjusted|close|closes)", re.IGNORECASE)


def symbol_in_name(path: Path) -> str:
    """Return the one ticker in a file's name: SPY.csv, spy_us_d.csv, tiingo_SPY.csv; empty when there is not one."""
    parts = [part for part in _PARTS.split(path.stem) if part and part.casefold() not in _WORDS]
    found = [part for part in parts if _TICKER.fullmatch(part)]
    others = [part for part in parts if part not in found and not re.fullmatch(r"[\d.-]+", part)]
    return clean_symbol(found[0]) if len(found) == 1 and not others else ""


def close_in_name(path: Path) -> Close | None:
    """Return which closes the file's name speaks of, else the name of its folder; None when neither says."""
    said = which_close(path.stem)
    if said is None and _FOLDER.fullmatch(path.parent.name):
        return which_close(path.parent.name)
    return said


def no_symbol(path: Path) -> Problem:
    """Return the fatal problem of prices that do not say of what they are."""
    message = f"neither the columns nor the name '{path.name}' say which security's prices these are"
    return Problem(Severity.FATAL, "which_symbol", message, "Name the file after its symbol, such as SPY.csv.")


def no_close() -> Problem:
    """Return the fatal problem of closes that may be adjusted or not: the two are never mixed."""
    message = "the file does not say whether its closes are adjusted for dividends"
    hint = "Put 'adjusted' or 'close' into the name of the file or of its folder, such as SPY_adjusted.csv."
    return Problem(Severity.FATAL, "which_price", message, hint)


def say_which(reading: Reading, text: str) -> None:
    """Tell which column was taken for which close."""
    reading.note(Problem(Severity.INFO, "which_price", text))
