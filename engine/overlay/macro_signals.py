"""Signals over macro series: valuation, the yield curve, inflation, rates and credit, each as known on the day."""

import numpy as np

from engine.overlay.macro_history import Floats, Known, MacroRole
from engine.overlay.policy import SignalSetting
from engine.overlay.price_history import Closes
from engine.overlay.signal_evidence import Evidence, at_each_decision

PERCENT = 100.0
YEAR = 12
FEWEST_MONTHS = 120
"""Monthly values below which a long-run mean or deviation of CAPE says nothing: ten years, as long as its earnings."""
FEWEST_OF_TREND = 3
"""Values below which there is no average to compare the latest with."""


def cape(evidence: Evidence, setting: SignalSetting) -> Closes:
    """Return 1 - CAPE / line: bullish while stocks are cheap.

    The line is `threshold`, or else the mean of all values known on the day. Campbell and Shiller (1998), Valuation
    Ratios and the Long-Run Stock Market Outlook. It speaks of ten years ahead, not of the next month.
    """
    line = None if setting.threshold is None else float(setting.threshold)

    def read(known: Known) -> float:
        if line is None and known.values.size < FEWEST_MONTHS:
            return np.nan
        return float(1 - known.values[-1] / (known.values.mean() if line is None else line))

    return at_each_decision(evidence, MacroRole.CAPE, setting.series, read)


def cape_z(evidence: Evidence, setting: SignalSetting) -> Closes:
    """Return minus the z-score of CAPE among the last `months` values known on the day, or all of them.

    Asness, Ilmanen and Maloney (2017), Market Timing: Sin a Little: value against its own known past.
    """

    def read(known: Known) -> float:
        past = known.values[-setting.length :] if setting.length else known.values
        if past.size < (setting.length or FEWEST_MONTHS) or not np.ptp(past):
            return np.nan
        return float((past.mean() - past[-1]) / past.std(ddof=1))

    return at_each_decision(evidence, MacroRole.CAPE, setting.series, read)


def yield_curve(evidence: Evidence, setting: SignalSetting) -> Closes:
    """Return the 10-year yield less the 3-month one, less `threshold` (0): bullish while the curve rises.

    Estrella and Mishkin (1996), The Yield Curve as a Predictor of U.S. Recessions. A fraction: 0.01 is one point.
    """
    return _slope(evidence, setting, MacroRole.SLOPE_10Y3M, MacroRole.THREE_MONTH)


def yield_curve_2y(evidence: Evidence, setting: SignalSetting) -> Closes:
    """Return the 10-year yield less the 2-year one, less `threshold` (0): bullish while the curve rises.

    Bauer and Mertens (2018), Economic Forecasts with the Yield Curve (FRBSF Economic Letter), compare the two slopes.
    """
    return _slope(evidence, setting, MacroRole.SLOPE_10Y2Y, MacroRole.TWO_YEAR)


def _slope(evidence: Evidence, setting: SignalSetting, slope: MacroRole, short: MacroRole) -> Closes:
    """Read the slope from its own series, or else as the difference of two yields as known on the day."""
    if evidence.macro.of(slope, setting.series) is not None:
        found = at_each_decision(evidence, slope, setting.series, _latest)
    else:
        ten = at_each_decision(evidence, MacroRole.TEN_YEAR, "", _latest)
        found = ten - at_each_decision(evidence, short, "", _latest)
    return found / PERCENT - (0.0 if setting.threshold is None else float(setting.threshold))


def inflation_trend(evidence: Evidence, setting: SignalSetting) -> Closes:
    """Return the mean of inflation over the last `months` less inflation now: bullish while it falls.

    Inflation is the change of the price index over twelve months. Ilmanen, Maloney and Ross (2014), Exploring
    Macroeconomic Sensitivities: stocks and bonds do better when it falls; invert for commodities.
    """

    def read(known: Known) -> float:
        return below_average(year_on_year(known), setting.length)

    return at_each_decision(evidence, MacroRole.CPI, setting.series, read)


def rate_trend(evidence: Evidence, setting: SignalSetting) -> Closes:
    """Return the mean of the 10-year yield over the last `months` less the yield now: bullish while it falls.

    Brooks (2017), A Half Century of Macro Momentum: falling rates are good news that prices take in slowly.
    """

    def read(known: Known) -> float:
        return below_average(known, setting.length) / PERCENT

    return at_each_decision(evidence, MacroRole.TEN_YEAR, setting.series, read)


def credit_spread(evidence: Evidence, setting: SignalSetting) -> Closes:
    """Return the line less the spread of corporate over Treasury yields: bullish while it is below.

    The line is `threshold` as a fraction, or else the mean over the last `months`. Gilchrist and Zakrajsek (2012),
    Credit Spreads and Business Cycle Fluctuations: a widening spread leads the economy down.
    """
    line = None if setting.threshold is None else float(setting.threshold)

    def read(known: Known) -> float:
        if line is not None:
            return float(line - known.values[-1] / PERCENT)
        return below_average(known, setting.length) / PERCENT

    return at_each_decision(evidence, MacroRole.CREDIT_SPREAD, setting.series, read)


def year_on_year(known: Known) -> Known:
    """Return the change over twelve months of each month whose month a year before is known, in order.

    A month that was never published has no change, nor has the one a year after it; nothing is filled in.
    """
    months = known.periods.astype("datetime64[M]").astype(np.int64)
    before = np.searchsorted(months, months - YEAR)
    there = months[np.minimum(before, months.size - 1)] == months - YEAR if months.size else np.zeros(0, dtype=bool)
    return Known(known.periods[there], known.values[there] / known.values[before[there]] - 1)


def _latest(known: Known) -> float:
    return float(known.values[-1])


def below_average(known: Known, months: int) -> float:
    """Return by how much the latest value is below the mean of the last `months`, itself included."""
    if not known.periods.size:
        return np.nan
    recent = _recent(known, months)
    return float(recent.mean() - recent[-1]) if recent.size >= FEWEST_OF_TREND else np.nan


def _recent(known: Known, months: int) -> Floats:
    """Return the values of the last `months` up to the latest one."""
    last = known.periods[-1]
    month = last.astype("datetime64[M]")
    # the day after the same day of the month `months` before: for a month end the whole of that month is left out
    start = (month - np.timedelta64(months, "M")).astype("datetime64[D]") + (last - month.astype("datetime64[D]"))
    return known.values[int(np.searchsorted(known.periods, start, "right")) :]
