"""Times backtests on synthetic closes and prints a table: `python -m benchmarks.backtest`.

Twenty years of daily closes, ten ETFs, a monthly signal: one line, and all 21 tranches of it; then each way to
allocate by risk, for as many covariances as the tranches have months. Seconds are those of the processor.
"""

import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from engine.overlay.allocation import AllocationMethod, many_weights
from engine.overlay.policy import LEARNED, Mode, OverlayPolicy, RebalanceSetting, SignalKind, SignalSetting, When
from engine.overlay.price_history import PriceHistory, price_history
from engine.research.backtest import BacktestSetting, run_backtest
from engine.research.trading_costs import flat_costs
from engine.research.tranches import ALL, run_tranches

YEARS = 20
ETFS = tuple(f"ETF{i:02}" for i in range(10))
SIGNALS = (SignalSetting(SignalKind.SMA, 10), SignalSetting(SignalKind.MOMENTUM, 12, 1))
AIM = 2.0
"""Seconds that 21 tranches of a monthly signal are meant to take."""


def closes() -> PriceHistory:
    """Return a year of closes before the twenty that are measured, random walks."""
    first = date(2004, 1, 1)
    days = [first + timedelta(days=i) for i in range(int((YEARS + 2) * 365.25))]
    days = [day for day in days if day.weekday() < 5]
    steps = np.random.default_rng(1).standard_normal((len(days), len(ETFS) + 1)) * 0.01 + 0.0003
    return price_history(days, (*ETFS, "CASH"), 100 * np.exp(np.cumsum(steps, axis=0)))


def ruleset(mode: Mode, when: When = When.MONTHLY) -> OverlayPolicy:
    """Return a policy over the ten ETFs."""
    return OverlayPolicy(
        universe={etf: etf for etf in ETFS},
        strategic=dict.fromkeys(ETFS, Decimal("0.1")),
        cash="CASH",
        mode=mode,
        signals=SIGNALS,
        max_turnover_quarter=Decimal("0.20"),
        risk_on=ETFS[:4],
        risk_off=ETFS[9],
        hurdle="CASH",
        rebalance=RebalanceSetting(when),
    )


def timed(work: Callable[[], object]) -> float:
    """Return the processor's seconds of the better of two runs."""
    best = float("inf")
    for _ in range(2):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best


def main() -> None:
    """Print the seconds by mode, one backtest and 21 tranches."""
    history = closes()
    setting = BacktestSetting(date(2005, 12, 30), date(2025, 12, 31), 1, flat_costs(5))
    print(f"{len(history.dates):,} days, {len(ETFS)} ETFs, {YEARS} years; 21 tranches are meant to take {AIM:.0f} s")
    print(f"{'mode':24}{'one, s':>10}{'21 tranches, s':>16}")
    for mode in (mode for mode in Mode if mode not in LEARNED):
        policy = ruleset(mode)
        one = timed(lambda policy=policy: run_backtest(policy, history, setting))  # type: ignore[misc]
        all_of_them = timed(lambda policy=policy: run_tranches(policy, history, setting))  # type: ignore[misc]
        print(f"{mode.value:24}{one:10.3f}{all_of_them:16.3f}")
    daily = timed(lambda: run_backtest(ruleset(Mode.STATIC, When.DAILY), history, setting))
    print(f"{'static, reset daily':24}{daily:10.3f}")
    _print_allocations()


def _print_allocations() -> None:
    count = ALL * YEARS * 12
    returns = np.random.default_rng(2).standard_normal((count, 252, len(ETFS))) * 0.01
    matrices = np.swapaxes(returns, 1, 2) @ returns / 252
    means = np.abs(returns.mean(axis=1))
    budget = np.arange(1.0, len(ETFS) + 1)
    print(f"\n{'allocation':24}{f'{count:,} of {len(ETFS)}, s':>26}")
    for method in AllocationMethod:
        spent = timed(
            lambda method=method: many_weights(method, matrices, means=means, budget=budget)  # type: ignore[misc]
        )
        print(f"{method.value:24}{spent:26.3f}")


if __name__ == "__main__":
    main()
