"""What each mode holds from each month end on: one function a mode, and one line each in `MODES`.

A row of weights is made from closes on or before its own row only.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

import numpy as np

from engine.overlay.overlay import signal_votes
from engine.overlay.policy import Mode, OverlayPolicy, SignalKind, SignalSetting
from engine.overlay.price_history import PriceHistory
from engine.overlay.signals import label_of, momentum
from engine.overlay.targets import starting_weights, target_path
from engine.overlay.voting import NO_VOTE
from engine.portfolio import CASH_CLASS
from engine.research import allocation_weights
from engine.research.learned_weights import learned
from engine.research.market import Market, symbol_of
from engine.research.metrics import Floats, simple_returns
from engine.research.schedule import Rows

TWELVE_MONTHS = SignalSetting(SignalKind.MOMENTUM, 12, 0)
"""What dual momentum ranks by where the policy names no momentum: Antonacci (2014), Dual Momentum Investing."""


NOTHING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class TargetWeights:
    """Weights by month end and column, and `unread[name]`: the month ends at which something had no reading.

    `bound` says for each month end which limits held the weights back; empty where the mode has none.
    """

    weights: Floats
    unread: Mapping[str, Rows]
    bound: tuple[tuple[str, ...], ...] = ()


def laid_out(data: Market, policy: OverlayPolicy, by_class: Mapping[str, Decimal]) -> Floats:
    """Return weights by class as weights by column; what they leave of one is uninvested money."""
    weights = np.zeros(len(data.symbols) + 1)
    for name, weight in by_class.items():
        weights[data.column(symbol_of(policy, name))] += float(weight)
    weights[-1] += 1.0 - float(sum(by_class.values()))
    return weights


def _rest(weights: Floats) -> Floats:
    """Return what rows of weights leave of one; what only rounding leaves is nothing."""
    rest = 1.0 - weights.sum(axis=1)
    return np.where(np.abs(rest) < NOTHING, 0.0, rest)


def _static(data: Market, policy: OverlayPolicy, rows: Rows) -> TargetWeights:
    return TargetWeights(np.tile(laid_out(data, policy, policy.strategic), (len(rows), 1)), {})


def _voted(data: Market, policy: OverlayPolicy, rows: Rows) -> TargetWeights:
    """Timing and overlay: signals, votes and limits as `plimsoll overlay` replays them, month end by month end."""
    symbols = tuple(symbol_of(policy, name) for name in policy.voted_classes())
    days = tuple(data.dates[row] for row in rows)
    history = PriceHistory(data.dates, data.symbols, data.closes)
    read = signal_votes(policy, days, data.closes_at(rows, symbols), history, data.macro)
    unread = {
        f"{path.asset_class} ({symbols[path.column]}): the {label_of(path.setting)}": np.flatnonzero(
            np.array(path.votes) == NO_VOTE
        )
        for path in read.signals
        if path.setting.view is None
    }
    path = target_path(policy, read.votes)
    names = tuple(starting_weights(policy))
    by_class = np.array([[float(step.targets[name]) for name in names] for step in path]).reshape(len(rows), len(names))
    weights = np.zeros((len(rows), len(data.symbols) + 1))
    for column, name in enumerate(names):
        weights[:, data.column(symbol_of(policy, name))] += by_class[:, column]
    weights[:, -1] += _rest(by_class)
    return TargetWeights(weights, unread, tuple(step.bound for step in path))


def _dual_momentum(data: Market, policy: OverlayPolicy, rows: Rows) -> TargetWeights:
    """All in the best of `risk_on` while its first beats the hurdle (zero where none is named), else in `risk_off`."""
    setting = next((s for s in policy.signals if s.kind is SignalKind.MOMENTUM), TWELVE_MONTHS)
    risk_on = tuple(symbol_of(policy, name) for name in policy.risk_on)
    gains = momentum(data.closes_at(rows, risk_on), setting)
    hurdle = np.zeros(len(rows))
    if policy.hurdle:
        hurdle = momentum(data.closes_at(rows, (symbol_of(policy, policy.hurdle),)), setting)[:, 0]
    ahead = gains[:, 0] > hurdle
    best = np.argmax(np.where(np.isnan(gains), -np.inf, gains), axis=1)
    held = np.array(data.columns(risk_on))[best]
    weights = np.zeros((len(rows), len(data.symbols) + 1))
    weights[np.arange(len(rows)), np.where(ahead, held, data.column(symbol_of(policy, policy.risk_off)))] = 1.0
    gaps = np.flatnonzero(np.isnan(gains).any(axis=1) | np.isnan(hurdle))
    return TargetWeights(weights, {f"the {label_of(setting)} of risk_on and hurdle": gaps})


def _allocated(data: Market, policy: OverlayPolicy, rows: Rows) -> TargetWeights:
    """Weights from the covariance of the classes' returns over the months before, under the policy's limits."""
    symbols = tuple(policy.universe[name] for name in policy.voted_classes())
    found = allocation_weights.allocated(data, policy, rows, symbols)
    return _within(data, policy, symbols, found, f"the covariance of {policy.window_months} months")


def _inverse_volatility(data: Market, policy: OverlayPolicy, rows: Rows) -> TargetWeights:
    """One over the standard deviation of the returns of the months before, scaled to sum one."""
    symbols = tuple(policy.universe[name] for name in policy.voted_classes())
    columns = data.columns(symbols)
    found = np.full((len(rows), len(symbols)), np.nan)
    for m in range(policy.window_months, len(rows)):
        closes = data.filled[int(rows[m - policy.window_months]) : int(rows[m]) + 1, columns]
        if closes[0].min() > 0:
            spread = simple_returns(closes).std(axis=0)
            if spread.min() > 0:
                found[m] = 1.0 / spread / (1.0 / spread).sum()
    return _within(data, policy, symbols, found, f"the volatility of {policy.window_months} months")


def _learned(data: Market, policy: OverlayPolicy, rows: Rows) -> TargetWeights:
    """What a network says that was fitted on closes before, under the policy's limits."""
    symbols = tuple(policy.universe[name] for name in policy.voted_classes())
    return _within(data, policy, symbols, learned(data, policy, rows, symbols), "the network")


def _volatility_target(data: Market, policy: OverlayPolicy, rows: Rows) -> TargetWeights:
    """The strategic weights times target / volatility, at most 1; the rest is cash."""
    start = laid_out(data, policy, policy.strategic)
    fraction = allocation_weights.invested_fraction(data, policy, rows, start)
    weights = np.nan_to_num(fraction)[:, None] * start
    weights[:, data.column(symbol_of(policy, CASH_CLASS))] += _rest(weights)
    return TargetWeights(weights, {"the volatility of the strategic weights": np.flatnonzero(np.isnan(fraction))})


def _factor_tilt(data: Market, policy: OverlayPolicy, rows: Rows) -> TargetWeights:
    """The strategic weights, tilted within the band by which factor the volatility regime favors."""
    votes, gaps = allocation_weights.factor_votes(data, policy, rows, laid_out(data, policy, policy.strategic))
    found = np.array([laid_out(data, policy, tilted) for tilted in allocation_weights.tilted(policy, votes)])
    weights = found.reshape(len(rows), len(data.symbols) + 1)
    return TargetWeights(weights, {"the volatility regime": gaps})


def _within(data: Market, policy: OverlayPolicy, symbols: tuple[str, ...], found: Floats, what: str) -> TargetWeights:
    """Lay out allocations under the class cap and the turnover cap; a month end without one holds cash."""
    gaps = np.flatnonzero(np.isnan(found).any(axis=1))
    limited = allocation_weights.under_limits(policy, found)
    weights = np.zeros((len(found), len(data.symbols) + 1))
    for number, column in enumerate(data.columns(symbols)):
        weights[:, column] += limited[:, number]
    weights[:, data.column(symbol_of(policy, CASH_CLASS))] += _rest(limited)
    return TargetWeights(weights, {what: gaps})


MODES: Mapping[Mode, Callable[[Market, OverlayPolicy, Rows], TargetWeights]] = MappingProxyType(
    {
        Mode.STATIC: _static,
        Mode.TIMING: _voted,
        Mode.OVERLAY: _voted,
        Mode.DUAL_MOMENTUM: _dual_momentum,
        Mode.RISK_PARITY: _allocated,
        Mode.MIN_VARIANCE: _allocated,
        Mode.MAX_SHARPE: _allocated,
        Mode.VOLATILITY_TARGET: _volatility_target,
        Mode.FACTOR_TILT: _factor_tilt,
        Mode.INVERSE_VOLATILITY: _inverse_volatility,
        Mode.DIRECT_SHARPE: _learned,
        Mode.POLICY_GRADIENT: _learned,
    }
)
"""The modes that a backtest has."""
