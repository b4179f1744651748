"""The figures of one equity line, alone and beside a benchmark."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from engine.research import metrics
from engine.research.drawdowns import Drawdown, drawdowns, max_drawdown
from engine.research.metrics import Floats


@dataclass(frozen=True, slots=True)
class Performance:
    """Figures as fractions a year unless said otherwise; NaN where there is none.

    `growth` is what one dollar became, `cagr` by years of 365.25 days, Sharpe and Sortino against zero,
    `max_drawdown` negative, `turnover_per_year` one-way without the first purchase. The last five need a benchmark.
    """

    growth: float
    cagr: float
    volatility: float
    sharpe: float
    sortino: float
    max_drawdown: float
    turnover_per_year: float
    tracking_error: float
    information_ratio: float
    beta: float
    up_capture: float
    down_capture: float
    drawdowns: tuple[Drawdown, ...]
    calendar_years: dict[int, float]


def performance(
    values: Floats, dates: Sequence[date], *, turnover: float = math.nan, benchmark: Floats | None = None
) -> Performance:
    """Return the figures of `values`, one for each date. `turnover` is one-way over the whole time."""
    periods = metrics.periods_per_year(dates)
    returns = metrics.simple_returns(values)
    against = returns * math.nan if benchmark is None else metrics.simple_returns(benchmark)
    years = (dates[-1] - dates[0]).days / metrics.DAYS_PER_YEAR
    return Performance(
        growth=metrics.growth(values),
        cagr=metrics.cagr(values, dates),
        volatility=metrics.volatility(returns, periods),
        sharpe=metrics.sharpe(returns, periods),
        sortino=metrics.sortino(returns, periods),
        max_drawdown=max_drawdown(values),
        turnover_per_year=turnover / years,
        tracking_error=metrics.tracking_error(returns, against, periods),
        information_ratio=metrics.information_ratio(returns, against, periods),
        beta=metrics.beta(returns, against),
        up_capture=metrics.capture(returns, against, periods, up=True),
        down_capture=metrics.capture(returns, against, periods, up=False),
        drawdowns=drawdowns(values, dates),
        calendar_years=metrics.calendar_years(values, dates),
    )
