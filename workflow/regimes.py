"""The regimes that a history of prices and macro series went through, and what was earned in each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec

from engine.errors import AppError
from engine.overlay.macro_history import NO_MACRO
from engine.overlay.overlay import decision_days
from engine.overlay.price_history import month_ends
from engine.overlay.regimes import RegimeFigures, regime_figures, regimes
from engine.overlay.signal_evidence import Evidence
from engine.overlay.volatility_signals import BOND_CLASS, STOCK_CLASS
from workflow.macro_table import macro_from_csv
from workflow.price_table import price_history_from_csv

MONTHS_OF_YEAR = 12


@dataclass(frozen=True, slots=True)
class RegimeMonth:
    """The labels at the close of a month's last day."""

    day: date
    quadrant: str
    volatility: str
    correlation: str


@dataclass(frozen=True, slots=True)
class RegimeReport:
    """The labels month by month, and by kind of label and symbol the figures of the months that followed each label."""

    months: tuple[RegimeMonth, ...]
    figures: Mapping[str, Mapping[str, tuple[RegimeFigures, ...]]]


def regime_report(prices: Path, macro: Path | None, stocks: str, bonds: str, as_of: date | None = None) -> RegimeReport:
    """Return the regimes of a price file up to `as_of` (None = its end), judged by a symbol of stocks and one of bonds.

    Each month's return counts under the label known at the close before it. Raises AppError for a file that cannot be
    used, or fewer than two months.
    """
    history = price_history_from_csv(prices, (stocks, bonds))
    ends = month_ends(history, (stocks, bonds), as_of or history.dates[-1])
    if len(ends.months) < 2:
        raise AppError("The prices hold fewer than two whole months", detail=str(prices), hint="Give a longer history.")
    known = NO_MACRO if macro is None else macro_from_csv(macro)
    symbols = {STOCK_CLASS: stocks, BOND_CLASS: bonds}
    evidence = Evidence(decision_days(ends), ends.closes[:, 0], STOCK_CLASS, symbols, ends.closes, history, known)
    found = regimes(evidence, bonds)
    panels = {"quadrant": found.quadrant, "volatility": found.volatility, "correlation": found.correlation}
    returns = ends.closes[1:] / ends.closes[:-1] - 1
    figures = {
        name: {
            symbol: regime_figures(labels[:-1], returns[:, column], MONTHS_OF_YEAR)
            for column, symbol in enumerate((stocks, bonds))
        }
        for name, labels in panels.items()
    }
    rows = zip(evidence.days, *panels.values(), strict=True)
    return RegimeReport(tuple(RegimeMonth(*row) for row in rows), figures)


def regimes_json(report: RegimeReport) -> str:
    """Return the report as one JSON document; what one month cannot give is null."""
    return msgspec.json.format(msgspec.json.encode(report), indent=1).decode()
