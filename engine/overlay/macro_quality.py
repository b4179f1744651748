"""What is likely wrong in a macro file: periods that were never published, and series that ended."""

from collections.abc import Iterator
from datetime import date

import numpy as np

from engine.overlay.data_quality import Finding, FindingKind
from engine.overlay.macro_history import MacroHistory, MacroSeries, Step
from engine.problems import Severity

USUAL_DAYS = {Step.DAILY: 8, Step.WEEKLY: 15, Step.MONTHLY: 45, Step.QUARTERLY: 125, Step.ANNUAL: 500}
"""Days between values beyond which one is missing; a holiday or two are not."""


def macro_findings(macro: MacroHistory, today: date) -> tuple[Finding, ...]:
    """Return what is to be looked at among the series, by name, then by day. `today` is the day of the data."""
    found = [finding for series in macro.series.values() for finding in _of_series(series, today)]
    return tuple(sorted(found, key=lambda one: (one.symbol, one.first)))


def _of_series(series: MacroSeries, today: date) -> Iterator[Finding]:
    periods = np.unique(series.periods)
    apart = np.diff(periods).astype(np.int64)
    for row in np.flatnonzero(apart > USUAL_DAYS[series.step]):
        first, last = periods[row].item(), periods[row + 1].item()
        text = f"has no value between {first} and {last}, where it is {series.step.value}"
        yield Finding(FindingKind.MACRO_GAP, Severity.WARNING, series.name, first, last, text)
    if series.is_old(series.known_on(today), today):
        last = periods[-1].item()
        text = f"ends on {last}: no value is fresh on {today}, so signals that read it do not vote"
        yield Finding(FindingKind.MACRO_ENDED, Severity.WARNING, series.name, last, today, text)
