"""Ex-ante tracking error of a household against its targets, from a covariance of yearly returns.

The benchmark holds each class's target weight in the first symbol of its buy list that has a history; cash has no
risk. A symbol without a history is taken to move as its class's benchmark does, and is named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from engine.money import ZERO
from engine.portfolio import CASH_CLASS, Side
from engine.rebalance.case import Case
from engine.rebalance.proposal import Trade


@dataclass(frozen=True, slots=True, eq=False)
class Covariance:
    """Covariance of yearly returns: `matrix` [N, N] in the order of `symbols`."""

    symbols: tuple[str, ...]
    matrix: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Raise ValueError when the matrix does not fit the symbols."""
        count = len(self.symbols)
        if self.matrix.shape != (count, count):
            raise ValueError(f"a covariance of {count} symbols is {count} x {count}, not {self.matrix.shape}")


@dataclass(frozen=True, slots=True)
class TrackingError:
    """A year's standard deviation of the difference to the target, as a fraction, and what it rests on.

    `stood_in` are symbols that are taken to move as another one; of the classes `left_out` no symbol has a history.
    """

    yearly: float
    stood_in: tuple[tuple[str, str], ...]
    left_out: tuple[str, ...]


def tracking_error(case: Case, values: Mapping[str, Decimal], covariance: Covariance) -> TrackingError:
    """Return the tracking error of holding `values` (dollars by symbol; the rest is cash) against the targets."""
    place = {symbol: i for i, symbol in enumerate(covariance.symbols)}
    cash = sum((a.cash - a.withdraw for a in case.accounts), ZERO)
    total = cash + sum((lot.quantity * _prices(case)[lot.symbol] for lot in case.lots), ZERO)
    active = np.zeros(len(place))
    benchmark = {name: _benchmark(case, name, place) for name in _classes(case)}
    stood_in: list[tuple[str, str]] = []
    left_out = {name for name, symbol in benchmark.items() if symbol is None}
    for name, weight in case.targets.items():
        symbol = benchmark.get(name)
        if symbol is not None:
            active[place[symbol]] -= float(weight)
    for security in case.securities:
        value, stand_in = values.get(security.symbol, ZERO), benchmark[security.asset_class]
        if value == 0 or total <= 0 or stand_in is None:
            continue
        known = security.symbol if security.symbol in place else stand_in
        if known != security.symbol:
            stood_in.append((security.symbol, known))
        active[place[known]] += float(value / total)
    variance = float(active @ covariance.matrix @ active)
    return TrackingError(sqrt(max(variance, 0.0)), tuple(sorted(stood_in)), tuple(sorted(left_out)))


def values_after(case: Case, trades: Sequence[Trade]) -> dict[str, Decimal]:
    """Return the dollars held of each symbol after the trades."""
    values: dict[str, Decimal] = {}
    for (_, symbol), value in values_held(case, trades).items():
        values[symbol] = values.get(symbol, ZERO) + value
    return values


def values_held(case: Case, trades: Sequence[Trade]) -> dict[tuple[str, str], Decimal]:
    """Return the dollars held by account and symbol after the trades."""
    prices = _prices(case)
    values: dict[tuple[str, str], Decimal] = {}
    for lot in case.lots:
        place = (lot.account, lot.symbol)
        values[place] = values.get(place, ZERO) + lot.quantity * prices[lot.symbol]
    for trade in trades:
        change = trade.quantity * trade.price if trade.side is Side.BUY else -trade.quantity * trade.price
        place = (trade.account, trade.symbol)
        values[place] = values.get(place, ZERO) + change
    return values


def _prices(case: Case) -> dict[str, Decimal]:
    return {s.symbol: s.price for s in case.securities}


def _classes(case: Case) -> set[str]:
    return ({s.asset_class for s in case.securities} | set(case.targets)) - {CASH_CLASS}


def _benchmark(case: Case, name: str, place: Mapping[str, int]) -> str | None:
    """Return the first symbol of a class with a history: of its buy list, else of what the class holds."""
    held = sorted(s.symbol for s in case.securities if s.asset_class == name)
    return next((s for s in (*case.buy_list.get(name, ()), *held) if s in place), None)
