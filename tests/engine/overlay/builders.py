"""Histories and policies that state only what a test is about."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import count, takewhile

import numpy as np

from engine.overlay.policy import OverlayPolicy, SignalKind, SignalSetting
from engine.overlay.price_history import PriceHistory, price_history
from engine.overlay.trading_month import last_trading_day

SMA10 = SignalSetting(SignalKind.SMA, 10)
MOMENTUM121 = SignalSetting(SignalKind.MOMENTUM, 12, 1)


def weights(**parts: str) -> dict[str, Decimal]:
    """Return weights by class from texts."""
    return {name: Decimal(part) for name, part in parts.items()}


def month_end_days(first: date, number: int) -> tuple[date, ...]:
    """Return the last trading days of `number` months from the month of `first` on."""
    months = ((first.year + (first.month - 1 + i) // 12, (first.month - 1 + i) % 12 + 1) for i in range(number))
    return tuple(last_trading_day(year, month) for year, month in months)


def weekdays(first: date, last: date) -> tuple[date, ...]:
    """Return the weekdays from `first` to `last`, both included."""
    days = takewhile(lambda day: day <= last, (first + timedelta(days=i) for i in count()))
    return tuple(day for day in days if day.weekday() < 5)


def history(dates: Sequence[date], **closes: Sequence[float]) -> PriceHistory:
    """Return a history with a column for each keyword."""
    return price_history(dates, tuple(closes), np.array(list(closes.values()), dtype=np.float64).T)


def monthly(first: date = date(2020, 1, 1), **closes: Sequence[float]) -> PriceHistory:
    """Return a history of month ends from the month of `first` on."""
    return history(month_end_days(first, len(next(iter(closes.values())))), **closes)


def policy(strategic: Mapping[str, Decimal], **changes: object) -> OverlayPolicy:
    """Return an overlay policy whose ETFs are the classes' names in capitals, with a 10-month average unless said."""
    universe = {name: name.upper() for name in strategic if name != "cash"}
    keys: dict[str, object] = {"universe": universe, "strategic": dict(strategic), "signals": (SMA10,), **changes}
    return OverlayPolicy(**keys)  # type: ignore[arg-type]
