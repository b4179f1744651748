"""The simulation against a slow one that goes day by day and share by share."""

import numpy as np
import pytest

from engine.overlay.policy import OverlayPolicy, RebalanceSetting, When
from engine.overlay.price_history import PriceHistory
from engine.research.backtest import BacktestSetting, run_backtest
from engine.research.trading_costs import flat_costs
from tests.engine.research.closes import walks
from tests.engine.research.policies import halves, resetting

HISTORY = walks(("A", "B", "C"), 260, seed=11)
FIRST, LAST = 30, 230


def is_due(history: PriceHistory, row: int, when: When) -> bool:
    today, next_day = history.dates[row], history.dates[row + 1]
    ended = today.month != next_day.month
    return {
        When.NEVER: False,
        When.DAILY: True,
        When.MONTHLY: ended,
        When.QUARTERLY: ended and today.month % 3 == 0,
        When.ANNUAL: ended and today.month == 12,
    }[when]


def bought(target: dict[str, float], held: dict[str, float], total: float, rate: float) -> float:
    """Return what is left of `total` after its own cost, by halving."""
    low, high = 0.0, total
    for _ in range(50):
        left = (low + high) / 2
        cost = rate * sum(abs(weight * left - held[symbol]) for symbol, weight in target.items())
        low, high = (left, high) if left + cost < total else (low, left)
    return low


def is_outside(target: dict[str, float], held: dict[str, float], rebalance: RebalanceSetting) -> bool:
    total = sum(held.values())
    bands = [(symbol, float(rebalance.band_absolute or 0), float(rebalance.band_relative or 0)) for symbol in target]
    return any(
        abs(held[symbol] / total - target[symbol]) > max(absolute, relative * target[symbol])
        for symbol, absolute, relative in bands
    )


def day_by_day(policy: OverlayPolicy, history: PriceHistory, lag: int, rate: float) -> list[float]:
    """Return the value of each day, from one of money on the first, without a line of the code under test."""
    target = {policy.universe[name]: float(weight) for name, weight in policy.strategic.items()}
    rebalance = policy.rebalance
    banded = rebalance.band_absolute is not None or rebalance.band_relative is not None
    shares, money, values = dict.fromkeys(target, 0.0), 1.0, []
    due: list[int] = []
    for row in range(FIRST, LAST + 1):
        price = dict(zip(history.symbols, history.closes[row].tolist(), strict=True))
        # with a lag, yesterday's decisions are carried out before today's is made; without, today's at once
        for step in ("trade", "decide", "trade"):
            held = {symbol: count * price[symbol] for symbol, count in shares.items()}
            if step == "trade" and row in due and row < LAST:
                left = bought(target, held, sum(held.values()) + money, rate)
                shares, money = {symbol: weight * left / price[symbol] for symbol, weight in target.items()}, 0.0
                due.remove(row)
            elif step == "decide" and row < LAST and (row == FIRST or is_due(history, row, rebalance.when)):
                needed = not banded or (not due and (money > 0 or is_outside(target, held, rebalance)))
                due += [row + lag] * needed
        values.append(sum(count * price[symbol] for symbol, count in shares.items()) + money)
    return [value / values[0] for value in values]


@pytest.mark.parametrize("when", list(When))
@pytest.mark.parametrize(("lag", "bp"), [(0, 30), (1, 30), (3, 10)])
@pytest.mark.parametrize("bands", [(None, None), ("0.02", None), (None, "0.05")])
def test_every_day_is_worth_what_the_slow_way_finds(
    when: When, lag: int, bp: int, bands: tuple[str | None, str | None]
) -> None:
    policy = halves(rebalance=resetting(when, *bands))
    setting = BacktestSetting(HISTORY.dates[FIRST], HISTORY.dates[LAST], lag, flat_costs(bp))
    assert run_backtest(policy, HISTORY, setting).equity == pytest.approx(
        np.array(day_by_day(policy, HISTORY, lag, bp / 1e4)), abs=1e-12
    )
