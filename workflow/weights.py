"""Risk-based weights as an adviser asks for them: from which figures, by which method, under which limits."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from engine.errors import AppError
from engine.overlay.allocation import AllocationMethod, risk_contributions, weights
from engine.overlay.allocation_mean_variance import MixLimits, Objective, mean_variance
from engine.overlay.black_litterman import View, black_litterman
from engine.overlay.covariance import DAYS, CovarianceEstimate, covariance
from engine.overlay.expected_returns import implied_returns, shrunk_mean
from engine.overlay.leverage import NO_LEVERAGE, LeverageMonitor, monitor, scale_to_volatility
from engine.overlay.price_history import PriceHistory
from importers.number_grammar import number
from workflow.covariance_file import Covariance, check_covariance, figures_from_text, read_covariance, read_figures
from workflow.price_table import read_price_table

Floats = NDArray[np.float64]

MONTHS, WEEKS = 12, 52
CAPPED = {
    AllocationMethod.MIN_VARIANCE: Objective.LEAST_VARIANCE,
    AllocationMethod.MAX_SHARPE: Objective.BEST_SHARPE,
}
"""Methods that take a cap."""
VIEW_HINT = "Write a view as EFA=7%, or EFA-SPY=2% for one symbol over another, and how sure it is as @60% behind it."


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked for. The covariance is in a file, or estimated from the returns of a price file.

    Expected returns are in a file, or what a strategic mix implies with views blended in, or else averages of the
    prices drawn together. `symbols` are the columns of the price file to read, all when empty. Weights, rates and
    volatilities are fractions, the latter two in the period of the covariance; from prices they are annual.
    """

    method: AllocationMethod
    covariance: Path | None = None
    prices: Path | None = None
    symbols: tuple[str, ...] = ()
    estimate: CovarianceEstimate = CovarianceEstimate.LEDOIT_WOLF
    start: date | None = None
    end: date | None = None
    mean: Path | None = None
    strategic: str | None = None
    views: tuple[str, ...] = ()
    budget: str | None = None
    risk_free: float = 0.0
    cap: float | None = None
    target_volatility: float | None = None
    leverage_cap: float = NO_LEVERAGE


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """The weights by symbol, what each adds to the volatility, and what they rest on.

    Weights sum to 1, or with a target volatility to the exposure that meets it; `leverage` says more then. The rest is
    cash at `cash_rate`, or borrowed at it.
    """

    method: AllocationMethod
    symbols: tuple[str, ...]
    weights: Floats
    risk_contributions: Floats
    expected_returns: Floats | None
    cash_rate: float
    leverage: LeverageMonitor | None
    notes: tuple[str, ...]

    @property
    def volatility(self) -> float:
        """Return the volatility of the mix, in the period of the covariance."""
        return float(self.risk_contributions.sum())

    @property
    def expected_return(self) -> float | None:
        """Return what the mix is expected to return after financing, None when no expected returns were given."""
        if self.expected_returns is None:
            return None
        return float(self.weights @ self.expected_returns + (1 - self.weights.sum()) * self.cash_rate)


def weigh(ask: Ask) -> Weighed:
    """Return the weights that are asked for. Raises AppError, one line, for what cannot be read or does not fit."""
    _check(ask)
    notes: list[str] = []
    averages = None
    if ask.prices is not None:
        known, averages = _from_prices(ask, ask.prices, notes)
    elif ask.covariance is not None:
        known = read_covariance(ask.covariance)
    else:
        raise AppError("give either --covariance or --prices")
    means = _means(ask, known, averages, notes)
    try:
        mix = _mix(ask, known, means)
        leverage = None
        if ask.target_volatility is not None:
            target, cap = ask.target_volatility, ask.leverage_cap
            mix = scale_to_volatility(mix, known.matrix, target_volatility=target, cap=cap)
            leverage = monitor(mix, known.matrix, target_volatility=target, cap=cap, financing_rate=ask.risk_free)
    except ValueError as error:
        raise AppError(str(error)) from None
    contributions = risk_contributions(mix, known.matrix)
    return Weighed(ask.method, known.symbols, mix, contributions, means, ask.risk_free, leverage, tuple(notes))


def _check(ask: Ask) -> None:
    """Raise AppError for options that do not go together."""
    if ask.covariance is not None and ask.prices is not None:
        raise AppError("give either --covariance or --prices")
    if ask.mean is not None and (ask.views or ask.strategic):
        raise AppError("give either --mean or --strategic with --view", hint="Both say what returns to expect.")
    if ask.views and not ask.strategic:
        raise AppError("--view needs --strategic", hint="Give the strategic weights as SPY=60%,AGG=40%.")
    if ask.cap is not None and ask.method not in CAPPED:
        raise AppError(f"{ask.method} takes no --cap, {' and '.join(CAPPED)} do")
    if ask.budget is not None and ask.method is not AllocationMethod.RISK_BUDGET:
        raise AppError(f"{ask.method} takes no --budget, risk_budget does")


Averages = tuple[Floats, float]
"""Average returns a year, and the years behind them."""


def _from_prices(ask: Ask, path: Path, notes: list[str]) -> tuple[Covariance, Averages]:
    """Return the annual covariance of a price file, and the averages."""
    history = _history(path, ask.symbols)
    inside = [(ask.start is None or ask.start <= day) and (ask.end is None or day <= ask.end) for day in history.dates]
    rows = np.flatnonzero(~np.isnan(history.closes).any(axis=1) & np.array(inside))
    if len(rows) < 3:
        raise AppError("fewer than three days have a close of every symbol", detail=str(path))
    days = [history.dates[row] for row in rows]
    closes = history.closes[rows]
    returns = closes[1:] / closes[:-1] - 1
    per_year = _periods_per_year(days)
    matrix = covariance(ask.estimate, returns, periods_per_year=per_year)
    check_covariance(path, history.symbols, matrix)
    note = f"{len(returns):,} returns from {days[0]} to {days[-1]}, {per_year} a year, covariance {ask.estimate}"
    gaps = sum(inside) - len(rows)
    notes.append(f"{note}; {gaps:,} day{'s' * (gaps != 1)} without a close of every symbol left out" if gaps else note)
    return Covariance(history.symbols, matrix), (returns.mean(axis=0) * per_year, len(returns) / per_year)


def _history(path: Path, symbols: tuple[str, ...]) -> PriceHistory:
    """Return the closes of the symbols, of all when none is named."""
    table = read_price_table(path, symbols or None)
    missing = [symbol for symbol in symbols if symbol not in table.history.symbols]
    if missing:
        raise AppError(f"the price file has no column for {', '.join(missing)}", detail=str(path))
    if table.problems:
        raise AppError(table.problems[0].line())
    return table.history


def _periods_per_year(days: Sequence[date]) -> int:
    between = median((later - earlier).days for earlier, later in pairwise(days))
    return DAYS if between < 5 else WEEKS if between < 15 else MONTHS


def _means(ask: Ask, known: Covariance, averages: Averages | None, notes: list[str]) -> Floats | None:
    """Return what each symbol is expected to return, None when nothing says so."""
    if ask.mean is not None:
        return read_figures(ask.mean, known.symbols)
    if ask.strategic is not None:
        return _blended(ask, known, notes)
    if averages is not None:
        drawn = shrunk_mean(averages[0], known.matrix, years=averages[1])
        notes.append(f"expected returns are averages drawn {drawn.shrinkage:.0%} of the way to {drawn.level:.2%}")
        return drawn.mean
    if ask.method is AllocationMethod.MAX_SHARPE:
        raise AppError("max_sharpe needs --mean", hint="Give a file with a symbol and its expected return a row.")
    return None


def _blended(ask: Ask, known: Covariance, notes: list[str]) -> Floats:
    """Return the returns that the strategic weights imply, with the views blended in."""
    strategic = figures_from_text(ask.strategic or "", known.symbols, "--strategic")
    views = [_view(text, known.symbols) for text in ask.views]
    try:
        prior = implied_returns(known.matrix, strategic)
        # a view on one symbol says what it returns, and the model blends returns over cash
        excess = [view if view.over else replace(view, value=view.value - ask.risk_free) for view in views]
        found = black_litterman(known.matrix, prior, excess, symbols=known.symbols)
    except ValueError as error:
        raise AppError(str(error)) from None
    said = "; ".join(view.sentence() for view in views)
    notes.append(f"expected returns are those that the strategic weights imply{f', and views: {said}' if said else ''}")
    return found.mean + ask.risk_free


def _view(text: str, symbols: Sequence[str]) -> View:
    """Read a view such as `EFA-SPY=2%@60%`. Raises AppError for what is none."""
    names, _, rest = text.partition("=")
    value_text, at, sure_text = rest.partition("@")
    value, sure = number(value_text.strip()), number(sure_text.strip())
    if not isinstance(value, Decimal) or (at and not isinstance(sure, Decimal)):
        raise AppError(f"{text!r} is no view", hint=VIEW_HINT)
    confidence = float(sure) if isinstance(sure, Decimal) else None
    whole = names.strip()
    # a symbol may hold a dash itself
    pairs = [(whole[:i].strip(), whole[i + 1 :].strip()) for i, sign in enumerate(whole) if sign == "-"]
    found = [(whole, "")] if whole in symbols else [pair for pair in pairs if set(pair) <= set(symbols)]
    if not found:
        hint = f"The symbols are {', '.join(symbols)}. {VIEW_HINT}"
        raise AppError(f"{text!r} is no view on symbols of the covariance", hint=hint)
    return View(found[0][0], float(value), found[0][1], confidence)


def _mix(ask: Ask, known: Covariance, means: Floats | None) -> Floats:
    """Return the long-only weights, sum 1. Raises ValueError for what the method cannot answer."""
    budget = _budget(ask, known.symbols)
    if ask.cap is not None:
        caps = (ask.cap,) * len(known.symbols)
        limits = MixLimits(caps=caps, risk_free=ask.risk_free)
        return mean_variance(CAPPED[ask.method], known.matrix, mean=means, limits=limits)
    return weights(ask.method, known.matrix, mean=None if means is None else means - ask.risk_free, budget=budget)


def _budget(ask: Ask, symbols: tuple[str, ...]) -> Floats | None:
    if ask.method is not AllocationMethod.RISK_BUDGET:
        return None
    if ask.budget is None:
        hint = f"Give --budget SYMBOL=SHARE for each of {', '.join(symbols)}."
        raise AppError("risk_budget needs --budget", hint=hint)
    path = Path(ask.budget)
    in_file = path.is_file() or path.suffix.casefold() in {".csv", ".txt", ".tsv"}
    shares = read_figures(path, symbols) if in_file else figures_from_text(ask.budget, symbols, "--budget")
    for symbol, share in zip(symbols, shares, strict=True):
        if not share > 0 or not math.isfinite(share):
            raise AppError(f"the risk budget of {symbol} is not above 0", detail=ask.budget, hint="Leave it out.")
    return shares
