"""Signals over how much prices move: volatility, its z-score, the VIX, and whether bonds move with stocks."""

import numpy as np

from engine.overlay.factor_tilts import VolatilitySwitch, elevated
from engine.overlay.macro_history import Floats, Known, MacroRole
from engine.overlay.policy import SignalSetting
from engine.overlay.price_history import Closes
from engine.overlay.signal_evidence import ROWS_OF_MONTH, ROWS_OF_YEAR, Evidence, at_each_decision

FEWEST_PAST = 24
"""Past readings below which a past average or deviation says nothing."""
FEWEST_RETURNS = 6
"""Returns below which there is no volatility and no correlation."""
MOST_MISSING = 0.1
"""The share of the returns of a window that may be missing."""
BOND_CLASS, STOCK_CLASS = "us_bond", "us_equity"
VIX_ELEVATED = 25.0
CALM_AGAIN = 0.8
"""The VIX is calm again below this share of the level that was elevated: 20 of 25."""


def realized_volatility(evidence: Evidence, months: int) -> Closes:
    """Return the volatility a year of the class over the last `months`, from the history's rows, at each decision."""
    returns = log_returns(evidence.daily(evidence.symbol))
    values = np.full(len(evidence.closes), np.nan)
    for i, rows in enumerate(evidence.known_rows):
        window = _window(evidence, returns[:rows], months)
        if window is not None and not np.isnan(evidence.closes[i]):
            values[i] = np.std(window[~np.isnan(window)], ddof=1) * np.sqrt(ROWS_OF_YEAR[evidence.is_monthly])
    return values


def volatility(evidence: Evidence, setting: SignalSetting) -> Closes:
    """Return the line minus the volatility a year over the last `months`: bullish while it is calm.

    The line is `threshold`, a fraction a year, or else the mean of the class's own volatility so far. Moreira and Muir
    (2017), Volatility-Managed Portfolios: high volatility is not paid for.
    """
    found = realized_volatility(evidence, setting.length)
    if setting.threshold is not None:
        return float(setting.threshold) - found
    return past_mean(found) - found


def volatility_z(evidence: Evidence, setting: SignalSetting) -> Closes:
    """Return minus the z-score of the volatility of the last `months` among its own past at the decision days.

    Barroso and Santa-Clara (2015), Momentum Has Its Moments: volatility is known beforehand, so it can be scaled by.
    """
    return -past_z(realized_volatility(evidence, setting.length))


def vix_regime(evidence: Evidence, setting: SignalSetting) -> Closes:
    """Return 1 while the VIX is calm and -1 while elevated: above `threshold` until below four fifths of it.

    Whaley (2000), The Investor Fear Gauge. Its mean of five days counts; the levels are a rule to be tested.
    """
    above = VIX_ELEVATED if setting.threshold is None else float(setting.threshold)
    switch = VolatilitySwitch(above, above * CALM_AGAIN)
    series = evidence.macro.of(MacroRole.VIX, setting.series)
    # a row of the path depends on the rows before it only, so that without revisions one path serves all decisions
    whole = None if series is None or series.revised else elevated(series.values, switch)

    def read(known: Known) -> float:
        if known.values.size < switch.average:
            return np.nan
        path = elevated(known.values, switch) if whole is None else whole[: known.values.size]
        return -1.0 if path[-1] else 1.0

    return at_each_decision(evidence, MacroRole.VIX, setting.series, read)


def stock_bond_correlation(evidence: Evidence, setting: SignalSetting) -> Closes:
    """Return minus the correlation of the class's returns with those of `against` over the last `months`.

    Against the bonds of the universe where nothing is named, and for those against its stocks. Campbell, Sunderam and
    Viceira (2017), Inflation Bets or Deflation Hedges?: below zero, bonds cushion falls in stocks, which is bullish.
    """
    other = setting.against or (STOCK_CLASS if evidence.asset_class == BOND_CLASS else BOND_CLASS)
    return -rolling_correlation(evidence, evidence.symbols.get(other, other), setting.length)


def rolling_correlation(evidence: Evidence, symbol: str, months: int) -> Closes:
    """Return the correlation of the class's returns with those of a symbol over the last `months`."""
    values = np.full(len(evidence.closes), np.nan)
    if symbol == evidence.symbol:
        return values
    own, other = (log_returns(evidence.daily(name)) for name in (evidence.symbol, symbol))
    for i, rows in enumerate(evidence.known_rows):
        both = own[:rows] + other[:rows]
        window = _window(evidence, both, months)
        if window is None or np.isnan(evidence.closes[i]):
            continue
        known = ~np.isnan(window)
        pair = own[rows - window.size : rows][known], other[rows - window.size : rows][known]
        if all(np.ptp(part) > 0 for part in pair):
            values[i] = np.corrcoef(*pair)[0, 1]
    return values


def log_returns(closes: Closes) -> Floats:
    """Return each row's log return from the row before, NaN where either is missing; the first has none."""
    found: Floats = np.diff(np.log(closes), prepend=np.nan)
    return found


def past_mean(values: Closes) -> Closes:
    """Return the mean of the readings up to each row, NaN while there are fewer than FEWEST_PAST."""
    known = ~np.isnan(values)
    count = np.cumsum(known)
    total = np.cumsum(np.where(known, values, 0.0))
    enough = count >= FEWEST_PAST
    found: Closes = np.divide(total, count, out=np.full(values.shape, np.nan), where=enough)
    return found


def past_z(values: Closes) -> Closes:
    """Return each reading's distance from the mean of all up to it, in their standard deviations.

    NaN while there are fewer than FEWEST_PAST, or where they are all the same.
    """
    found = np.full(values.shape, np.nan)
    for i in np.flatnonzero(~np.isnan(values)):
        past = values[: i + 1]
        past = past[~np.isnan(past)]
        if past.size >= FEWEST_PAST and np.ptp(past) > 0:
            found[i] = (past[-1] - past.mean()) / past.std(ddof=1)
    return found


def _window(evidence: Evidence, returns: Floats, months: int) -> Floats | None:
    """Return the last `months` of returns, None where too many are missing."""
    size = months * ROWS_OF_MONTH[evidence.is_monthly]
    window = returns[-size:]
    enough = np.count_nonzero(~np.isnan(window)) >= max(size * (1 - MOST_MISSING), FEWEST_RETURNS)
    return window if size and enough else None
