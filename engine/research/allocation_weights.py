"""The modes that allocate by risk: windows of returns, volatility and its regime, and the limits around them."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial

import numpy as np

from engine.errors import AppError
from engine.overlay.covariance import DAYS, covariance
from engine.overlay.expected_returns import shrunk_mean
from engine.overlay.factor_tilts import DEFAULT_SWITCH, VolatilitySwitch, elevated
from engine.overlay.limits import STEP, ZERO, Weights, paced_move, tilt_within_limits
from engine.overlay.policy import Mode, OverlayPolicy
from engine.overlay.targets import QUARTER
from engine.overlay.volatility_target import ewma_volatility, exposures
from engine.portfolio import CASH_CLASS
from engine.research.market import Market, symbol_of
from engine.research.metrics import Floats, simple_returns
from engine.research.schedule import Rows


def allocated(data: Market, policy: OverlayPolicy, rows: Rows, symbols: tuple[str, ...]) -> Floats:
    """Return the weights of `symbols` at each month end from the returns of the `window_months` before it.

    NaN where the window is not all there; zeros where maximum Sharpe finds nothing that beats cash.
    """
    columns = data.columns(symbols)
    weights = np.full((len(rows), len(symbols)), np.nan)
    cash = data.column(symbol_of(policy, CASH_CLASS))
    for m in range(policy.window_months, len(rows)):
        start, end = int(rows[m - policy.window_months]), int(rows[m])
        if data.filled[start, columns].min() > 0 and end - start > len(symbols):
            returns = simple_returns(data.filled[start : end + 1, columns])
            idle = data.filled[start : end + 1, cash]
            risk_free = simple_returns(idle).mean() if idle[0] > 0 else 0.0
            try:
                weights[m] = _weights(policy, returns, float(risk_free), data.periods)
            except ValueError as error:
                raise AppError(
                    f"Mode {policy.mode} finds no weights on {data.dates[end]}: {error}",
                    hint="Leave out a class that does not move or moves as another does, or use ledoit_wolf.",
                ) from error
    return weights


def _weights(policy: OverlayPolicy, returns: Floats, risk_free: float, periods: int) -> Floats:
    from engine.overlay.allocation import AllocationMethod, weights  # noqa: PLC0415 - only these modes need it

    matrix = covariance(policy.covariance, returns, periods_per_year=periods)
    if policy.mode is Mode.RISK_PARITY:
        return weights(AllocationMethod.ERC, matrix)
    if policy.mode is Mode.MIN_VARIANCE:
        return weights(AllocationMethod.MIN_VARIANCE, matrix)
    mean = (returns.mean(axis=0) - risk_free) * periods
    if len(mean) > 1:
        mean = shrunk_mean(mean, matrix, years=len(returns) / periods).mean
    return weights(AllocationMethod.MAX_SHARPE, matrix, mean=mean) if mean.max() > 0 else np.zeros(len(mean))


def volatility_of(data: Market, policy: OverlayPolicy, weights: Floats) -> Floats:
    """Return the EWMA volatility of fixed weights (by column) on every row, NaN before there is enough history."""
    held = np.flatnonzero(weights > 0)
    listed = np.flatnonzero((data.filled[:, held] > 0).all(axis=1))
    found = np.full(len(data.dates), np.nan)
    if listed.size:
        first = int(listed[0])
        returns = simple_returns(data.filled[first:, held]) @ weights[held]
        decay = float(policy.ewma_decay)
        found[first + 1 :] = ewma_volatility(returns, decay=decay, periods_per_year=data.periods)
    return found


def invested_fraction(data: Market, policy: OverlayPolicy, rows: Rows, weights: Floats) -> Floats:
    """Return target / volatility at each month end, at most 1 (no borrowing); NaN before there is enough history."""
    return exposures(volatility_of(data, policy, weights)[rows], target=float(policy.target_volatility))


def factor_votes(data: Market, policy: OverlayPolicy, rows: Rows, weights: Floats) -> tuple[list[Weights], Rows]:
    """Return each class's vote at each month end, and the month ends without a regime, at which none votes.

    Calm markets favor `risk_on`, turbulent ones `risk_off`, by the EWMA volatility of the strategic weights: momentum
    falls hardest after panics (Daniel and Moskowitz 2016, Momentum Crashes).
    """
    levels = 100.0 * volatility_of(data, policy, weights)
    average = DEFAULT_SWITCH.average if data.periods == DAYS else 1
    turbulent = elevated(levels, VolatilitySwitch(float(policy.elevated_above), float(policy.elevated_below), average))
    gaps = np.flatnonzero(np.isnan(levels[rows]))
    votes: list[Weights] = []
    for row in rows.tolist():
        calm = Decimal(0 if np.isnan(levels[row]) else -1 if turbulent[row] else 1)
        votes.append(dict.fromkeys(policy.risk_on, calm) | {policy.risk_off: -calm})
    return votes, gaps


def tilted(policy: OverlayPolicy, votes: Sequence[Mapping[str, Decimal]]) -> list[Weights]:
    """Return the strategic weights tilted by the votes within band, class cap and turnover cap."""
    tilt = partial(tilt_within_limits, policy.strategic, band=policy.overlay_band, class_cap=policy.class_cap)
    goals = (
        {name: weight + tilts[name] for name, weight in policy.strategic.items()}
        for tilts in (tilt(votes=vote).tilts for vote in votes)
    )
    return paced(policy, goals, dict(policy.strategic))


def paced(policy: OverlayPolicy, goals: Iterable[Weights], start: Weights | None) -> list[Weights]:
    """Return the way towards each goal that the turnover cap leaves room for, the first one free without a start."""
    path: list[Weights] = []
    moves: list[Decimal] = []
    before = start
    for goal in goals:
        if before is None:
            before, used = goal, ZERO
        else:
            move = paced_move(before, goal, sum(moves[1 - QUARTER :], ZERO), policy.max_turnover_quarter)
            before, used = move.targets, move.one_way
        path.append(before)
        moves.append(used)
    return path


def under_limits(policy: OverlayPolicy, found: Floats) -> Floats:
    """Return allocations under the class cap and, from the first one on, the turnover cap; NaN rows become cash.

    What the cap takes from a class goes to the others in proportion, and to cash when all are at it.
    """
    limited = np.nan_to_num(found)
    if policy.class_cap is not None:
        limited = np.array([_capped(row, float(policy.class_cap)) for row in limited]).reshape(found.shape)
    known = np.flatnonzero(~np.isnan(found).any(axis=1))
    if policy.max_turnover_quarter is None or not known.size:
        return limited
    first = int(known[0])
    goals = [_millionths(row, policy.class_cap or Decimal(1)) for row in limited[first:]]
    path = paced(policy, goals, None)
    limited[first:] = [[float(step[str(i)]) for i in range(found.shape[1])] for step in path]
    return limited


def _millionths(row: Floats, cap: Decimal) -> Weights:
    """Return weights by number of the column, cash for what they leave of one, in whole steps of the limits."""
    weights = {str(i): Decimal(int(weight / float(STEP))) * STEP for i, weight in enumerate(row.tolist())}
    rest = 1 - sum(weights.values(), ZERO)
    # what cutting to steps left over is no cash: the largest with room for it takes it
    roomy = [name for name, weight in weights.items() if weight + rest <= cap]
    if rest <= len(weights) * STEP and roomy:
        weights[max(roomy, key=lambda name: weights[name])] += rest
        rest = ZERO
    return weights | {CASH_CLASS: rest}


def _capped(row: Floats, cap: float) -> Floats:
    weights = row.copy()
    for _ in range(len(weights)):
        over = weights > cap
        free = ~over & (weights > 0) & (weights < cap)
        excess = float((weights[over] - cap).sum())
        weights[over] = cap
        if excess <= 0 or not free.any():
            break
        weights[free] *= 1.0 + excess / float(weights[free].sum())
    return np.minimum(weights, cap)
