"""Whether closes are fit to be read on a day: missing, ended, or standing still."""

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from statistics import median

import numpy as np

from engine.overlay.price_history import PriceHistory

MONTHLY_GAP = 20
"""Rows further apart than this many days are monthly."""
OLD_AFTER = {True: 35, False: 7}
"""Days after which the latest close is old, for monthly and for daily rows."""
STILL_AFTER = {True: 3, False: 10}
"""Rows with one and the same close that look like a feed that stopped, for monthly and for daily rows."""


def freshness_warnings(history: PriceHistory, symbols: Mapping[str, str], as_of: date) -> tuple[str, ...]:
    """Return what a person should know of the closes of `symbols` (by class) known on `as_of`, one line each."""
    rows = history.known_on(as_of)
    if not rows:
        return (f"there are no prices on or before {as_of}",)
    monthly = _is_monthly(history.dates[:rows])
    latest = history.dates[rows - 1]
    lines = []
    if (as_of - latest).days > OLD_AFTER[monthly]:
        lines.append(f"prices end on {latest}, {(as_of - latest).days} days before {as_of}")
    for asset_class, symbol in symbols.items():
        column = history.column(symbol, as_of)
        valid = np.flatnonzero(~np.isnan(column))
        if not valid.size:
            continue  # the signals say how many closes they miss
        day = history.dates[valid[-1]]
        if (latest - day).days > OLD_AFTER[monthly]:
            lines.append(f"{asset_class} ({symbol}): closes end on {day}, others go on to {latest}")
        changes = np.flatnonzero(np.diff(column[valid]))
        still = valid.size - (changes[-1] + 1 if changes.size else 0)
        if still >= STILL_AFTER[monthly]:
            lines.append(f"{asset_class} ({symbol}): the close has not changed in the last {still} rows")
    return tuple(lines)


def _is_monthly(dates: tuple[date, ...]) -> bool:
    return len(dates) > 1 and median((later - earlier).days for earlier, later in pairwise(dates)) > MONTHLY_GAP
