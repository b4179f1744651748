"""The signals: one function each over month-end closes, and one line each in `SIGNALS`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from engine.overlay.policy import SignalKind, SignalSetting
from engine.overlay.price_history import Closes

PLACES = 10
"""Decimal places of a signal's value: finer than any price file, coarser than what floating point makes up."""


@dataclass(frozen=True, slots=True)
class SignalRule:
    """How a kind of signal is read. A value above zero is bullish for every kind.

    `read(closes, setting)` takes month-end closes and returns a value for each of them, NaN where the closes it
    needs are not all there; a row never depends on later rows. `closes_needed` counts month ends, the current
    one included. `label` names the signal to a person.
    """

    read: Callable[[Closes, SignalSetting], Closes]
    closes_needed: Callable[[int], int]
    label: str
    source: str


def moving_average(closes: Closes, setting: SignalSetting) -> Closes:
    """Return close / average - 1, the average over the last `months` month-end closes with the current one.

    Faber (2007, revised 2013), A Quantitative Approach to Tactical Asset Allocation: held above the average.
    """
    months = setting.length
    values = np.full(closes.shape, np.nan)
    if len(closes) >= months:
        average = sliding_window_view(closes, months, axis=0).mean(axis=-1)
        values[months - 1 :] = (closes[months - 1 :] - average) / average
    return values


def momentum(closes: Closes, setting: SignalSetting) -> Closes:
    """Return the return from the close `months` month ends ago to the close `skip` month ends ago.

    12-1 is months 12, skip 1: the last month is left out, as it tends to reverse. Jegadeesh and Titman (1993),
    Returns to Buying Winners and Selling Losers; over a class's own past: Moskowitz, Ooi and Pedersen (2012).
    """
    months = setting.length
    values = np.full(closes.shape, np.nan)
    if len(closes) > months:
        start = closes[: len(closes) - months]
        end = closes[months - setting.skip : len(closes) - setting.skip]
        values[months:] = (end - start) / start
    # without a close in the month itself there is no reading, even where the skipped month hides that
    values[np.isnan(closes)] = np.nan
    return values


def label_of(setting: SignalSetting) -> str:
    """Return what a person calls the signal, for instance "10-month moving average"."""
    return SIGNALS[setting.kind].label.format(months=setting.length, skip=setting.skip)


def read_signal(closes: Closes, setting: SignalSetting) -> tuple[Decimal | None, ...]:
    """Return the signal's value at each month end of one symbol's closes, None where there is no reading."""
    values = SIGNALS[setting.kind].read(closes, setting)
    return tuple(None if np.isnan(value) else Decimal(f"{value:.{PLACES}f}") + 0 for value in values)


SIGNALS: Mapping[SignalKind, SignalRule] = MappingProxyType(
    {
        SignalKind.SMA: SignalRule(
            moving_average, lambda months: months, "{months}-month moving average", "Faber (2007, 2013)"
        ),
        SignalKind.MOMENTUM: SignalRule(
            momentum, lambda months: months + 1, "{months}-{skip} momentum", "Jegadeesh and Titman (1993)"
        ),
    }
)
"""The kinds of signal that can be read. A new one is its function and its line here."""
