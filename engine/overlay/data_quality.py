"""What is likely wrong in a price file: gaps, bad prints, jumps, splits, closes that stand still, and what it hides."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from engine.overlay.macro_history import Floats
from engine.overlay.price_history import Closes, PriceHistory
from engine.overlay.signal_evidence import MONTHLY_GAP, gaps
from engine.problems import Severity

Rows = NDArray[np.intp]

BLOCK = 63
"""Rows, a quarter of days, over which the usual size of a move is taken."""
BAD_PRINT_SIGMAS, BAD_PRINT_LEAST = 7.0, 0.05
"""A move against the others that is undone on the next row is a bad print beyond both."""
UNDONE = 0.25
"""What may be left of a bad print on the next row, as a share of it."""
JUMP_SIGMAS, JUMP_LEAST = 12.0, 0.20
SPLIT_SLACK = 0.04
"""What the day's own move may add to a split, as a log move."""
SPLITS = tuple(Fraction(n) for n in (2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 40, 50))
"""New shares for one, or the other way around. Three for two and four for three are falls that shares do have."""
TO_SIGMA = 1.4826
"""Median absolute deviation to standard deviation, for a normal distribution."""
STALE_ROWS = 10
LONGEST_CLOSURE = 5
"""Calendar days without trading that weekends and holidays explain."""
CLOSED = ((date(2001, 9, 10), date(2001, 9, 17)),)
"""Days between which the exchanges were closed for longer: the week of 11 September 2001."""
SURVIVORS_FROM = 20
"""Symbols from which on none that ended in LONG_SPAN is no chance."""
LONG_SPAN = timedelta(days=5 * 365)

INCEPTIONS: Mapping[str, date] = MappingProxyType(
    {
        symbol: date.fromisoformat(day)
        for day, symbols in (
            ("1993-01-22", "SPY"),
            ("1995-05-04", "MDY"),
            ("1998-01-14", "DIA"),
            ("1999-03-10", "QQQ"),
            ("2000-05-15", "IVV"),
            ("2000-05-22", "IJH IWM"),
            ("2001-05-24", "VTI"),
            ("2001-08-14", "EFA"),
            ("2002-07-22", "IEF LQD SHY TLT"),
            ("2003-04-07", "EEM"),
            ("2003-09-22", "AGG"),
            ("2003-12-04", "TIP"),
            ("2004-09-23", "VNQ"),
            ("2004-11-18", "GLD"),
            ("2005-03-04", "VWO"),
            ("2006-02-03", "DBC"),
            ("2007-04-03", "BND"),
            ("2007-04-04", "HYG"),
            ("2007-05-25", "BIL"),
            ("2007-07-20", "VEA"),
            ("2011-01-26", "VXUS"),
            ("2011-10-18", "USMV"),
            ("2013-04-16", "MTUM SIZE VLUE"),
            ("2013-07-16", "QUAL"),
        )
        for symbol in symbols.split()
    }
)
"""The days on which funds began, from their issuers' prospectuses: closes before are of something else."""


class FindingKind(StrEnum):
    """What a finding is of."""

    GAP = "gap"
    BAD_PRINT = "bad_print"
    JUMP = "jump"
    SPLIT = "split"
    STALE = "stale"
    BEFORE_INCEPTION = "before_inception"
    PROXY = "proxy"
    SURVIVORSHIP = "survivorship"
    EARLIER_ROWS = "earlier_rows"
    VENDORS_DIFFER = "vendors_differ"
    DUPLICATE_DIVIDEND = "duplicate_dividend"
    EXTRA_DIVIDEND = "extra_dividend"
    MISSING_DIVIDEND = "missing_dividend"
    PAUSED_DIVIDENDS = "paused_dividends"
    IRREGULAR_PAYER = "irregular_payer"
    NO_DIVIDENDS = "no_dividends"
    MACRO_GAP = "macro_gap"
    MACRO_ENDED = "macro_ended"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at: of which symbol or series (empty = the whole file), from when to when, and in words."""

    kind: FindingKind
    severity: Severity
    symbol: str
    first: date
    last: date
    text: str


def price_findings(history: PriceHistory) -> tuple[Finding, ...]:
    """Return what is to be looked at in a price history, by symbol, then by day.

    Moves are judged against the median of the others on the same row and against the symbol's own of the quarter, so
    that a crash is none.
    """
    if not history.dates:
        return ()
    returns = _log_returns(history.closes)
    market = _median_of_row(returns)
    found = list(_file_findings(history))
    for column, symbol in enumerate(history.symbols):
        closes = history.closes[:, column]
        if np.isnan(closes).all():
            continue
        found += _gaps(history, symbol, closes)
        found += _moves(history, symbol, closes, returns[:, column] - market)
        found += _stale(history, symbol, closes, returns)
        found += _provenance(history, symbol, closes)
    return tuple(sorted(found, key=lambda one: (one.symbol, one.first)))


def _file_findings(history: PriceHistory) -> Iterator[Finding]:
    """Yield holes in the calendar of the whole file, and whether only survivors are in it."""
    days = history.dates
    between = gaps(days)
    monthly = len(days) > 1 and float(np.median(between)) > MONTHLY_GAP
    for before, after, gap in zip(days, days[1:], between, strict=False):
        if gap > (LONGEST_CLOSURE if not monthly else 45) and (before, after) not in CLOSED:
            text = f"no rows from {before} to {after}, {gap} days"
            yield Finding(FindingKind.GAP, Severity.WARNING, "", before, after, text)
    known = ~np.isnan(history.closes)
    last = [int(np.flatnonzero(column)[-1]) for column in known.T if column.any()]
    all_live = len(last) >= SURVIVORS_FROM and min(last) >= len(days) - 5
    if all_live and days[-1] - days[0] > LONG_SPAN:
        text = (
            f"all {len(last)} symbols are alive on {days[-1]}: what was delisted or closed is not in the file, so that "
            f"a choice among them knows who survived"
        )
        yield Finding(FindingKind.SURVIVORSHIP, Severity.WARNING, "", days[0], days[-1], text)


def _gaps(history: PriceHistory, symbol: str, closes: Closes) -> Iterator[Finding]:
    known = np.flatnonzero(~np.isnan(closes))
    for at in np.flatnonzero(np.diff(known) > 1):
        first, last = history.dates[known[at] + 1], history.dates[known[at + 1] - 1]
        count = int(known[at + 1] - known[at] - 1)
        text = f"no close on {count:,} row{'s' * (count > 1)} from {first} to {last}"
        yield Finding(FindingKind.GAP, Severity.WARNING, symbol, first, last, text)


def _moves(history: PriceHistory, symbol: str, closes: Closes, excess: Floats) -> Iterator[Finding]:
    """Yield bad prints, splits and jumps. `excess` are log returns over those of the others."""
    usual = _usual_move(excess)
    size = np.abs(excess)
    undone = np.zeros(len(excess), dtype=bool)
    undone[:-1] = (np.abs(excess[:-1] + excess[1:]) < UNDONE * size[:-1]) & (size[1:] > BAD_PRINT_SIGMAS * usual[1:])
    bad = undone & (size > np.maximum(BAD_PRINT_SIGMAS * usual, BAD_PRINT_LEAST))
    after_bad = np.append(False, bad[:-1])
    for row in np.flatnonzero(bad):
        day = history.dates[row]
        move = np.expm1(excess[row])
        text = f"the close of {closes[row]:,.6g} on {day} is {move:+.1%} against the others and undone on the next row"
        yield Finding(FindingKind.BAD_PRINT, Severity.WARNING, symbol, day, day, text)
    big = (size > np.maximum(JUMP_SIGMAS * usual, JUMP_LEAST)) & ~bad & ~after_bad
    for row in np.flatnonzero(big):
        yield _jump(history.dates[row], symbol, float(excess[row]))


def _jump(day: date, symbol: str, move: float) -> Finding:
    ratio = _split(move)
    if ratio is None:
        text = f"moved {np.expm1(move):+.1%} against the others on {day} and stayed there"
        return Finding(FindingKind.JUMP, Severity.INFO, symbol, day, day, text)
    text = f"moved {np.expm1(move):+.1%} on {day}, like a split of {ratio.numerator} for {ratio.denominator}"
    return Finding(FindingKind.SPLIT, Severity.WARNING, symbol, day, day, text)


def _split(move: float) -> Fraction | None:
    """Return the split (new for old) that a log move looks like, None for none."""
    both_ways = [ratio for one in SPLITS for ratio in (one, 1 / one)]
    nearest = min(both_ways, key=lambda ratio: abs(move + float(np.log(float(ratio)))))
    return nearest if abs(move + float(np.log(float(nearest)))) < SPLIT_SLACK else None


def _stale(history: PriceHistory, symbol: str, closes: Closes, returns: Floats) -> Iterator[Finding]:
    """Yield one finding of all runs of unchanged closes while others moved."""
    known = np.flatnonzero(~np.isnan(closes))
    runs = [run for run in _runs(closes[known]) if run[1] - run[0] >= STALE_ROWS]
    others = len(history.symbols) > 1
    runs = [run for run in runs if not others or np.nansum(np.abs(returns[known[run[0]] + 1 : known[run[1]] + 1])) > 0]
    if runs:
        longest = max(runs, key=lambda run: run[1] - run[0])
        first, last = (history.dates[int(known[row])] for row in longest)
        text = (
            f"the close stands still for {STALE_ROWS} rows or more {len(runs):,} time{'s' * (len(runs) > 1)}, at most "
            f"for {longest[1] - longest[0]} to {last}; {_unchanged(closes[known]):,} rows in all repeat the one before"
        )
        yield Finding(FindingKind.STALE, Severity.WARNING, symbol, first, last, text)


def _provenance(history: PriceHistory, symbol: str, closes: Closes) -> Iterator[Finding]:
    """Yield closes from before the fund began, and names of what is no fund."""
    known = np.flatnonzero(~np.isnan(closes))
    first, last = history.dates[known[0]], history.dates[known[-1]]
    began = INCEPTIONS.get(symbol.upper())
    if began is not None and first < began:
        text = f"has closes from {first}, the fund began on {began}: those before are of something else"
        yield Finding(FindingKind.BEFORE_INCEPTION, Severity.WARNING, symbol, first, min(last, began), text)
    what = "an index" if symbol.startswith("^") else "a future" if symbol.endswith("=F") else ""
    if what:
        text = f"is {what}: it cannot be held, and its closes leave out income or the cost of rolling"
        yield Finding(FindingKind.PROXY, Severity.WARNING, symbol, first, last, text)


def vendor_findings(history: PriceHistory, other: PriceHistory, tolerance: float = 0.03) -> tuple[Finding, ...]:
    """Return where two sources of closes disagree: returns of common days beyond `tolerance`, and rows only one has.

    Levels may differ by splits and dividends, so returns are compared, and a split in one source is left to the
    findings of its own file.
    """
    found = []
    for symbol in history.symbols:
        if symbol not in other.symbols:
            continue
        ours, theirs = _by_day(history, symbol), _by_day(other, symbol)
        common = sorted(set(ours) & set(theirs))
        if len(common) < 2:
            continue
        early = [day for day in ours if day < common[0]]
        if early and early[0] >= other.dates[0]:
            text = f"has {len(early)} row{'s' * (len(early) > 1)} before the other source begins on {common[0]}"
            found.append(Finding(FindingKind.EARLIER_ROWS, Severity.INFO, symbol, early[0], early[-1], text))
        found += _return_differences(symbol, common, np.array([(ours[day], theirs[day]) for day in common]), tolerance)
    return tuple(found)


def _return_differences(symbol: str, days: Sequence[date], closes: Floats, tolerance: float) -> Iterator[Finding]:
    moves = np.diff(np.log(closes), axis=0)
    apart = moves[:, 0] - moves[:, 1]
    for row in np.flatnonzero(np.abs(apart) > tolerance).tolist():
        if _split(float(apart[row])) is None:
            day, (ours, theirs) = days[row + 1], np.expm1(moves[row])
            text = f"returns {ours:+.2%} on {day}, in the other source {theirs:+.2%}"
            yield Finding(FindingKind.VENDORS_DIFFER, Severity.WARNING, symbol, day, day, text)


def _by_day(history: PriceHistory, symbol: str) -> dict[date, float]:
    column = history.closes[:, history.symbols.index(symbol)].tolist()
    return {day: close for day, close in zip(history.dates, column, strict=True) if not np.isnan(close)}


def _log_returns(closes: Closes) -> Floats:
    """Return each close's log return from the last close before it, so that a gap hides no move."""
    returns = np.full(closes.shape, np.nan)
    for column in range(closes.shape[1]):
        known = np.flatnonzero(~np.isnan(closes[:, column]))
        returns[known[1:], column] = np.diff(np.log(closes[known, column]))
    return returns


def _median_of_row(returns: Floats) -> Floats:
    """Return the median return of each row, 0 where fewer than three symbols have one."""
    enough = (~np.isnan(returns)).sum(axis=1) >= 3
    found = np.zeros(len(returns))
    found[enough] = np.nanmedian(returns[enough], axis=1) if enough.any() else 0.0
    return found


def _usual_move(excess: Floats) -> Floats:
    """Return the usual size of a move at each row: a robust deviation of its quarter of rows."""
    found = np.full(len(excess), np.nan)
    for start in range(0, len(excess), BLOCK):
        part = np.abs(excess[start : start + BLOCK])
        part = part[~np.isnan(part)]
        if part.size:
            found[start : start + BLOCK] = TO_SIGMA * np.median(part)
    return found


def _runs(values: Floats) -> list[tuple[int, int]]:
    """Return the first and last index of each run of equal values."""
    ends = np.flatnonzero(np.append(values[1:] != values[:-1], True))
    starts = np.append(0, ends[:-1] + 1)
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def _unchanged(values: Floats) -> int:
    return int(np.count_nonzero(values[1:] == values[:-1]))
