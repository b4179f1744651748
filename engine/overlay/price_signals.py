"""Signals over month-end closes: averages, momentum, strength among classes, and the fall from a high."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from engine.overlay.policy import SignalSetting
from engine.overlay.price_history import Closes
from engine.overlay.signal_evidence import ROWS_OF_MONTH, Evidence

USUAL_FALL = 0.10
"""A fall from the high by a tenth, what the press calls a correction, is bearish where no threshold is set."""
WEIGHTS_13612 = ((1, 12.0), (3, 4.0), (6, 2.0), (12, 1.0))


def average_close(closes: Closes, months: int) -> Closes:
    """Return the mean of the last `months` closes at each of them, NaN where one is missing."""
    found = np.full(closes.shape, np.nan)
    if len(closes) >= months:
        found[months - 1 :] = sliding_window_view(closes, months, axis=0).mean(axis=-1)
    return found


def moving_average(closes: Closes, setting: SignalSetting) -> Closes:
    """Return close / average - 1, the average over the last `months` month-end closes with the current one.

    Faber (2007, revised 2013), A Quantitative Approach to Tactical Asset Allocation: held above the average.
    """
    average = average_close(closes, setting.length)
    return (closes - average) / average


def crossover(closes: Closes, setting: SignalSetting) -> Closes:
    """Return short average / long average - 1, over `fast` and `months` month-end closes.

    Brock, Lakonishok and LeBaron (1992), Simple Technical Trading Rules: bullish with the short average on top.
    """
    long = average_close(closes, setting.length)
    return (average_close(closes, setting.short) - long) / long


def momentum(closes: Closes, setting: SignalSetting) -> Closes:
    """Return the return from the close `months` month ends ago to the close `skip` month ends ago.

    12-1 is months 12, skip 1: the last month is left out, as it tends to reverse. Jegadeesh and Titman (1993),
    Returns to Buying Winners and Selling Losers; over a class's own past: Moskowitz, Ooi and Pedersen (2012).
    """
    return past_return(closes, setting.length, setting.skip)


def past_return(closes: Closes, months: int, skip: int = 0) -> Closes:
    """Return the return from `months` closes ago to `skip` closes ago, at each close."""
    values = np.full(closes.shape, np.nan)
    if len(closes) > months:
        start = closes[: len(closes) - months]
        end = closes[months - skip : len(closes) - skip]
        values[months:] = (end - start) / start
    # without a close in the month itself there is no reading, even where the skipped month hides that
    values[np.isnan(closes)] = np.nan
    return values


def momentum_13612w(closes: Closes, _setting: SignalSetting) -> Closes:
    """Return (12 r1 + 4 r3 + 2 r6 + r12) / 4, rN the return of N months: the last ones weigh most.

    Keller and Keuning (2017), Breadth Momentum and Vigilant Asset Allocation.
    """
    parts = [weight * past_return(closes, months) for months, weight in WEIGHTS_13612]
    found: Closes = np.sum(parts, axis=0) / 4
    return found


def relative_strength(evidence: Evidence, setting: SignalSetting) -> Closes:
    """Return the rank by the return of `months` among the universe: 1 for the best, -1 for the worst, 0 in the middle.

    Sectors: Moskowitz and Grinblatt (1999), Do Industries Explain Momentum?; Faber (2010), Relative Strength
    Strategies for Investing. Classes without a return do not count; a single one has no rank. `threshold` is the rank
    above which it is bullish: 0.33 for the best third.
    """
    own = past_return(evidence.closes, setting.length)
    if not evidence.peers.size:
        return np.full(own.shape, np.nan)
    others = past_return(evidence.peers, setting.length)
    known = (~np.isnan(others)).sum(axis=1) - 1
    with np.errstate(invalid="ignore"):
        ahead = (others < own[:, None]).sum(axis=1) - (others > own[:, None]).sum(axis=1)
    rank = np.divide(ahead, known, out=np.full(own.shape, np.nan), where=known > 0)
    line = 0.0 if setting.threshold is None else float(setting.threshold)
    return np.where(np.isnan(own), np.nan, rank - line)


def drawdown(evidence: Evidence, setting: SignalSetting) -> Closes:
    """Return threshold + close / high - 1, the high over the last `months` (daily closes where the history has them).

    George and Hwang (2004), The 52-Week High and Momentum Investing; as a stop over a portfolio: Grossman and Zhou
    (1993), Optimal Investment Strategies for Controlling Drawdowns. Bearish once the fall exceeds `threshold`.
    """
    values = np.full(len(evidence.closes), np.nan)
    line = USUAL_FALL if setting.threshold is None else float(setting.threshold)
    daily = evidence.daily(evidence.symbol)
    window = setting.length * ROWS_OF_MONTH[evidence.is_monthly] + evidence.is_monthly
    for i, rows in enumerate(evidence.known_rows):
        recent = daily[max(rows - window, 0) : rows]
        recent = recent[~np.isnan(recent)]
        if recent.size >= window * 9 // 10 and not np.isnan(evidence.closes[i]):
            values[i] = line + recent[-1] / recent.max() - 1
    return values
