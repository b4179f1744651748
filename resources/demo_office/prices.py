"""Synthetic daily prices: paths pinned to given levels that wander between them, and what funds pay out.

Only additions, multiplications and `Random.random()` are used, so the figures are the same on every machine.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from random import Random

from resources.demo_office.calendar import trading_days
from resources.demo_office.securities import AS_OF, CLASS_PATHS, FIRST_DAY, NODES, PAPERS, Paper

SEED = "harbour-line-2026"
_STOCK_DAILY = 0.013
_FUND_DAILY = 0.0004
_CENTS = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Market:
    """Daily prices by symbol, one entry for each of `days`; None where there is no price (any more).

    `closes` are unadjusted dollars, `adjusted` total-return closes that end at the last close.
    """

    days: tuple[date, ...]
    closes: dict[str, tuple[Decimal | None, ...]]
    adjusted: dict[str, tuple[Decimal | None, ...]]

    def close(self, symbol: str, day: date) -> Decimal:
        """Return the close of a trading day. Raises KeyError where there is none."""
        found = self.closes[symbol][self.days.index(day)]
        if found is None:
            raise KeyError(f"{symbol} has no price on {day}")
        return found

    def last(self, symbol: str) -> Decimal:
        """Return the last close there is, in dollars."""
        return next(price for price in reversed(self.closes[symbol]) if price is not None)


def make_market() -> Market:
    """Make the prices of every security, the same each time."""
    days = trading_days(FIRST_DAY, AS_OF)
    nodes = tuple(days.index(day) for day in NODES)
    paths = {name: walk_between(seeded(name), path.levels, nodes, path.daily) for name, path in CLASS_PATHS.items()}
    closes: dict[str, tuple[Decimal | None, ...]] = {}
    adjusted: dict[str, tuple[Decimal | None, ...]] = {}
    for paper in PAPERS:
        prices = _closes(paper, paths[paper.asset_class], nodes)
        factors = _reinvested(paper, days)
        known = [day <= paper.last_day for day in days]
        closes[paper.symbol] = tuple(p if k else None for p, k in zip(prices, known, strict=True))
        adjusted[paper.symbol] = tuple(
            round(p * f, 3) if k else None for p, f, k in zip(prices, factors, known, strict=True)
        )
    return Market(days, closes, adjusted)


def seeded(name: str) -> Random:
    """Return the random numbers of a name, the same each time."""
    return Random(f"{SEED}/{name}")  # noqa: S311  repeatable, not secret


def _normal(random: Random) -> float:
    return sum(random.random() for _ in range(12)) - 6.0


def walk_between(random: Random, levels: Sequence[float], nodes: Sequence[int], daily: float) -> list[float]:
    """Return levels by day: straight lines between the nodes, times a bridge that is 1 at each node.

    `nodes` are day numbers, `daily` the volatility of a day as a fraction.
    """
    path = [float(levels[0])]
    for start, end, low, high in zip(nodes, nodes[1:], levels, levels[1:], strict=False):
        steps = end - start
        walk = [0.0]
        for _ in range(steps):
            walk.append(walk[-1] + daily * _normal(random))
        for i in range(1, steps + 1):
            part = i / steps
            path.append((low + (high - low) * part) * (1.0 + walk[i] - part * walk[steps]))
    return path


def _closes(paper: Paper, class_path: Sequence[float], nodes: Sequence[int]) -> list[Decimal]:
    random = seeded(paper.symbol)
    if paper.is_stock:
        path = walk_between(random, paper.levels, nodes, _STOCK_DAILY)
    else:
        own = walk_between(random, [1.0] * len(nodes), nodes, _FUND_DAILY)
        path = [level * tracking for level, tracking in zip(class_path, own, strict=True)]
    scale = float(paper.last) / path[-1]
    prices = [Decimal(str(round(level * scale, 2))).quantize(_CENTS) for level in path]
    prices[-1] = paper.last
    return prices


def _reinvested(paper: Paper, days: Sequence[date]) -> list[Decimal]:
    """Return the factor of each day that turns its close into a total-return close; 1 on the last day."""
    paying = set(pay_days(paper, days))
    path = CLASS_PATHS[paper.asset_class]
    part = Decimal(str(path.yield_rate)) / max(len(path.pay_months), 1)
    factors = [Decimal(1)]
    for day in reversed(days[1:]):
        factors.append(factors[-1] * (1 - part) if day in paying else factors[-1])
    return factors[::-1]


def pay_days(paper: Paper, days: Sequence[date]) -> tuple[date, ...]:
    """Return the days on which a fund pays out: the first trading day from its pay day in each pay month."""
    path = CLASS_PATHS[paper.asset_class]
    if paper.is_stock:
        return ()
    return tuple(
        day
        for before, day in pairwise(days)
        if day.month in path.pay_months
        and day.day >= path.pay_day
        and (before.month != day.month or before.day < path.pay_day)
    )
