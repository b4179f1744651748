"""The sample office's price tables and macro series: wide CSV files, one column for each symbol or series."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from resources.demo_office.prices import Market, seeded, walk_between
from resources.demo_office.securities import NODES, PAPERS

_LABEL = "SYNTHETIC: {what}, made up for the sample office. Real tickers, invented paths. Not market data."

_SERIES: dict[str, tuple[tuple[float, ...], float]] = {
    "DGS10": ((0.9, 1.5, 4.0, 4.0, 4.4, 4.2, 4.1, 4.15, 4.2, 4.1, 4.0, 4.05, 4.0), 0.008),
    "DGS2": ((0.2, 0.7, 4.5, 4.9, 4.75, 3.9, 3.6, 3.55, 3.5, 3.45, 3.4, 3.4, 3.4), 0.008),
    "CPIAUCSL": ((260, 279, 297, 305, 313, 320, 325, 327, 329, 331, 332, 332.5, 333), 0.0),
    "VIXCLS": ((32, 17, 31, 14, 13, 22, 17, 16, 21, 15, 14, 24, 19), 0.03),
}
"""Levels at the nodes of the price paths, and daily volatility: yields in per cent, an index, volatility points."""
_MONTHLY = {"CPIAUCSL"}
_LOWEST = 0.05


def table_files(market: Market) -> dict[str, str]:
    """Return the texts of the price tables and of the macro series by file name."""
    return {
        "prices_close.csv": _prices(market, market.closes, "unadjusted closes in dollars"),
        "prices_adjusted.csv": _prices(market, market.adjusted, "total-return closes in dollars"),
        "macro_series.csv": _macro(market.days),
    }


def _text(rows: Sequence[Sequence[object]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _prices(market: Market, prices: dict[str, tuple[Decimal | None, ...]], what: str) -> str:
    symbols = [paper.symbol for paper in PAPERS]
    rows: list[Sequence[object]] = [[_LABEL.format(what=what)], ["date", *symbols]]
    for i, day in enumerate(market.days):
        rows.append([day.isoformat(), *("" if prices[s][i] is None else prices[s][i] for s in symbols)])
    return _text(rows)


def _macro(days: Sequence[date]) -> str:
    nodes = [days.index(day) for day in NODES]
    paths = {name: walk_between(seeded(name), levels, nodes, daily) for name, (levels, daily) in _SERIES.items()}
    rows: list[Sequence[object]] = [[_LABEL.format(what="macro series")], ["date", *paths]]
    for i, day in enumerate(days):
        first_of_month = i == 0 or days[i - 1].month != day.month
        rows.append(
            [
                day.isoformat(),
                *(
                    f"{max(path[i], _LOWEST):.2f}" if name not in _MONTHLY or first_of_month else ""
                    for name, path in paths.items()
                ),
            ]
        )
    return _text(rows)
