"""The modes that allocate by risk: windows of returns, volatility and its regime, and the limits around them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from functools import partial

import numpy as np

from engine.errors import AppError
from engine.overlay.covariance import DAYS, covariance
from engine.overlay.expected_returns import many_shrunk_means
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
    starts, ends = rows[: -policy.window_months], rows[policy.window_months :]
    lengths = np.where(data.filled[starts][:, columns].min(axis=1) > 0, ends - starts, 0)
    full = np.flatnonzero(lengths > len(symbols))
    closes = data.filled[:, [*columns, data.column(symbol_of(policy, CASH_CLASS))]]
    found = np.full((len(rows), len(symbols)), np.nan)

    def solve(these: Rows) -> None:
        window = starts[these, None] + np.arange(int(lengths[these[0]]) + 1)
        found[these + policy.window_months] = _weights(policy, closes[window], data.periods)

    try:
        for length in np.unique(lengths[full]).tolist():
            solve(full[lengths[full] == length])  # windows of one length at once
    except ValueError:
        for one in full.tolist():
            with _naming(policy, data.dates[int(ends[one])]):
                solve(np.array([one]))
    return found


@contextmanager
def _naming(policy: OverlayPolicy, day: date) -> Iterator[None]:
    """Say on which day a mode finds no weights."""
    try:
        yield
    except ValueError as error:
        raise AppError(
            f"Mode {policy.mode} finds no weights on {day}: {error}",
            hint="Leave out a class that does not move or moves as another does, or use ledoit_wolf.",
        ) from error


def _weights(policy: OverlayPolicy, closes: Floats, periods: int) -> Floats:
    """Return the weights [K, N] of windows of closes [K, T, N + 1], the last column being cash (zero = none yet)."""
    from engine.overlay.allocation import AllocationMethod, many_weights  # noqa: PLC0415 - only these modes need it

    returns = closes[:, 1:, :-1] / closes[:, :-1, :-1] - 1.0
    matrices = covariance(policy.covariance, returns, periods_per_year=periods)
    if policy.mode is Mode.RISK_PARITY:
        return many_weights(AllocationMethod.ERC, matrices)
    if policy.mode is Mode.MIN_VARIANCE:
        return many_weights(AllocationMethod.MIN_VARIANCE, matrices)
    means = (returns.mean(axis=1) - _mean_of_cash(closes[..., -1])[:, None]) * periods
    if means.shape[1] > 1:
        means, _, _ = many_shrunk_means(means, matrices, years=returns.shape[1] / periods)
    found: Floats = np.zeros_like(means)
    worth = means.max(axis=1) > 0
    if worth.any():
        found[worth] = many_weights(AllocationMethod.MAX_SHARPE, matrices[worth], means=means[worth])
    return found


def _mean_of_cash(closes: Floats) -> Floats:
    """Return the mean return of cash in each window [K, T], zero where it begins without a close."""
    known = closes[:, 0] > 0
    sound = np.where(known[:, None], closes, 1.0)
    mean: Floats = (sound[:, 1:] / sound[:, :-1] - 1.0).mean(axis=1)
    return mean


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
