"""The closes that a backtest reads, laid out once: which symbols a policy needs, and the last close known of each."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from engine.errors import AppError
from engine.overlay.macro_history import NO_MACRO, MacroHistory
from engine.overlay.policy import Mode, OverlayPolicy
from engine.overlay.price_history import PriceHistory
from engine.portfolio import CASH_CLASS
from engine.research.metrics import DAYS_PER_YEAR, Floats, periods_per_year
from engine.research.schedule import Days, Rows

MONEY = ""
"""The column of uninvested money, which is no symbol."""


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """Closes by row and symbol, and an index of uninvested money.

    `closes` are as in the file, NaN where there is none; `filled` carry the last close on, zero before the first,
    and have one more column, the index of uninvested money.
    """

    dates: tuple[date, ...]
    days: Days
    symbols: tuple[str, ...]
    closes: Floats
    filled: Floats
    macro: MacroHistory = NO_MACRO

    @property
    def periods(self) -> int:
        """Rows in a year: 252 or 12."""
        return periods_per_year(self.dates)

    def column(self, symbol: str) -> int:
        """Return the column of a symbol, the last one for MONEY."""
        return self.symbols.index(symbol) if symbol else len(self.symbols)

    def columns(self, symbols: tuple[str, ...]) -> list[int]:
        """Return the columns of several symbols."""
        return [self.column(symbol) for symbol in symbols]

    def closes_at(self, rows: Rows, symbols: tuple[str, ...]) -> Floats:
        """Return the last closes known on `rows`, NaN for a symbol without a close since the row before.

        So each row stands for a month, and a symbol that did not trade in it has no close for it.
        """
        picked = self.columns(symbols)
        closes = self.filled[rows][:, picked].copy()
        days = np.arange(len(self.dates))[:, None]
        latest = np.maximum.accumulate(np.where(np.isnan(self.closes[:, picked]), -1, days), axis=0)[rows]
        since = np.concatenate(([-1], rows[:-1]))[:, None] if len(rows) else latest
        closes[latest <= since] = np.nan
        return closes


def market(history: PriceHistory, cash_yield: float | Floats = 0.0, macro: MacroHistory = NO_MACRO) -> Market:
    """Lay out a price history. `cash_yield` is what uninvested money earns a year, one rate or one for each row.

    The rate of a row is earned from it to the next, compounded by calendar days over 365.25.
    """
    days = np.array(history.dates, dtype="datetime64[D]")
    rates = np.broadcast_to(np.asarray(cash_yield, dtype=np.float64), days.shape)
    steps = (1.0 + rates[:-1]) ** (np.diff(days).astype(np.float64) / DAYS_PER_YEAR)
    money = np.concatenate(([1.0], np.cumprod(steps)))[: len(days)]
    rows = np.where(np.isnan(history.closes), -1, np.arange(len(days))[:, None])
    latest = np.maximum.accumulate(rows, axis=0)
    carried = np.take_along_axis(history.closes, np.maximum(latest, 0), axis=0)
    filled = np.column_stack((np.where(latest < 0, 0.0, carried), money))
    return Market(history.dates, days, history.symbols, history.closes, filled, macro)


def symbol_of(policy: OverlayPolicy, name: str) -> str:
    """Return the symbol that stands for a class, or the name itself where it is a symbol; MONEY for cash without one.

    Lists such as `risk_on` may name classes of the universe or symbols.
    """
    if name == CASH_CLASS:
        return policy.universe.get(CASH_CLASS, policy.cash)
    return policy.universe.get(name, name)


def symbols_of(policy: OverlayPolicy) -> tuple[str, ...]:
    """Return every symbol that a backtest of the policy reads, each once."""
    names = list(policy.strategic)
    if policy.mode in {Mode.DUAL_MOMENTUM, Mode.FACTOR_TILT}:
        names += [*policy.risk_on, policy.risk_off]
    if policy.mode is Mode.DUAL_MOMENTUM:
        names.append(policy.hurdle)
    elif policy.mode is not Mode.STATIC:
        names += [*policy.universe, CASH_CLASS]
    return tuple(dict.fromkeys(symbol for name in names if (symbol := symbol_of(policy, name))))


def require_listed(data: Market, targets: Floats, rows: Rows) -> None:
    """Raise AppError for a symbol that is to be held on a row before its first close."""
    for column, symbol in enumerate(data.symbols):
        early = rows[(targets[:, column] > 0) & (data.filled[rows, column] <= 0)]
        if early.size:
            priced = np.flatnonzero(data.filled[:, column] > 0)
            hint = f"Its first is on {data.dates[int(priced[0])]}: give a later start." if priced.size else ""
            raise AppError(
                f"{symbol} has no close on or before {data.dates[int(early[0])]}", detail="prices", hint=hint
            )


def carried_closes(data: Market, symbols: tuple[str, ...], first: int, last: int) -> tuple[str, ...]:
    """Say for which symbols days without a close are valued at the last one, and how many days those are."""
    lines = []
    for symbol in symbols:
        missing = np.flatnonzero(np.isnan(data.closes[first : last + 1, data.column(symbol)]))
        listed = missing[data.filled[first + missing, data.column(symbol)] > 0]
        if listed.size:
            day = data.dates[first + int(listed[0])]
            lines.append(f"{symbol}: {listed.size:,} days without a close, from {day}, are valued at the last one")
    return tuple(lines)
