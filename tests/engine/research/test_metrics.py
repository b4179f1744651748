"""The metrics: by hand, and against what three libraries say of fourteen ETFs."""

import math
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.research import metrics
from engine.research.drawdowns import drawdowns, max_drawdown
from tests.engine.research.closes import read_closes, read_json

DAYS = (date(2020, 12, 31), date(2021, 1, 29), date(2021, 6, 30), date(2021, 12, 31), date(2022, 12, 30))
VALUES = np.array([100.0, 80.0, 90.0, 110.0, 99.0])
ETFS = ("SPY", "AGG", "TLT", "EFA", "EEM", "IWM", "QQQ", "GLD", "DBC", "VNQ", "HYG", "LQD", "SHY", "BIL")


def test_growth_a_year_counts_years_of_365_and_a_quarter_days() -> None:
    assert metrics.growth(VALUES) == pytest.approx(0.99)
    assert metrics.cagr(VALUES, DAYS) == pytest.approx(0.99 ** (365.25 / 729) - 1)


def test_a_calendar_year_runs_from_the_last_value_of_the_year_before() -> None:
    years = metrics.calendar_years(VALUES, DAYS)
    assert years == {2021: pytest.approx(0.10), 2022: pytest.approx(-0.10)}


def test_a_drawdown_has_its_high_its_low_and_its_recovery() -> None:
    first, second = drawdowns(VALUES, DAYS)
    assert (first.peak, first.trough, first.recovered) == (DAYS[0], DAYS[1], DAYS[3])
    assert (second.peak, second.trough, second.recovered) == (DAYS[3], DAYS[4], None)
    assert [first.depth, second.depth] == pytest.approx([-0.2, -0.1])
    assert (first.days_down, first.days_to_recover, second.days_to_recover) == (29, 336, None)
    assert max_drawdown(VALUES) == pytest.approx(-0.2)
    assert drawdowns(np.ones(5), DAYS) == ()


def test_rows_a_month_apart_are_months() -> None:
    assert metrics.periods_per_year(DAYS) == 12
    assert metrics.periods_per_year([date(2020, 1, 2), date(2020, 1, 3), date(2020, 1, 6)]) == 252


def test_a_figure_that_the_data_cannot_give_is_not_a_number() -> None:
    flat = np.zeros(10)
    figures = (
        metrics.sharpe(flat, 252),
        metrics.sortino(flat, 252),
        metrics.information_ratio(flat, flat, 252),
        metrics.beta(flat, flat),
        metrics.capture(flat, flat, 252, up=True),
        metrics.volatility(flat[:1], 252),
    )
    assert all(math.isnan(figure) for figure in figures)


@pytest.fixture(scope="module")
def etfs(request: pytest.FixtureRequest) -> Any:
    folder = Path(__file__).resolve().parents[4] / "shared"
    if not folder.is_dir():
        pytest.skip("no folder `shared` beside the checkout")
    closes = read_closes(folder / "data" / "etf" / "etf_adj_close_daily.csv", ETFS)
    first, last = closes.dates.index(date(2007, 12, 31)), closes.dates.index(date(2022, 12, 30))
    return closes.dates[first : last + 1], closes.closes[first : last + 1]


@pytest.mark.shared
@pytest.mark.parametrize("etf", ETFS)
def test_the_metrics_are_those_of_the_libraries(etfs: Any, shared_folder: Path, etf: str) -> None:
    document = read_json(shared_folder / "reference" / "metrics_etf_2008_2022.json")
    expected, days, values = document["series"][etf], etfs[0], etfs[1][:, ETFS.index(etf)]
    returns, market = metrics.simple_returns(values), metrics.simple_returns(etfs[1][:, 0])
    bills = metrics.simple_returns(etfs[1][:, ETFS.index("BIL")])
    worst = drawdowns(values, days)[0]
    found = {
        "total_return": metrics.growth(values) - 1,
        "cagr_252": metrics.annual_return(returns, 252),
        "cagr_act365_25": metrics.cagr(values, days),
        "vol": metrics.volatility(returns, 252),
        "sharpe_rf0": metrics.sharpe(returns, 252),
        "sharpe_bil": metrics.sharpe(returns, 252, bills),
        "sortino_rf0": metrics.sortino(returns, 252),
        "max_drawdown": worst.depth,
        "beta": metrics.beta(returns, market),
        "te": metrics.tracking_error(returns, market, 252),
        "ir": metrics.information_ratio(returns, market, 252),
        "up_capture_empyrical": metrics.capture(returns, market, 252, up=True),
        "down_capture_empyrical": metrics.capture(returns, market, 252, up=False),
    }
    for name, value in found.items():
        if expected.get(name) is not None:
            assert value == pytest.approx(expected[name], abs=1e-9), name
    assert str(worst.peak) == expected["dd_peak"]
    assert str(worst.trough) == expected["dd_trough"]
    assert str(worst.recovered) == str(expected["dd_recovered"])


@pytest.mark.shared
@pytest.mark.parametrize("etf", ETFS)
def test_monthly_figures_and_calendar_years_are_those_of_the_reference(
    etfs: Any, shared_folder: Path, etf: str
) -> None:
    document = read_json(shared_folder / "reference" / "metrics_etf_2008_2022.json")
    days, values = etfs[0], etfs[1][:, ETFS.index(etf)]
    ends = [i for i, day in enumerate(days) if i + 1 == len(days) or days[i + 1].month != day.month]
    returns, expected = metrics.simple_returns(values[ends]), document["monthly"]["series"][etf]
    assert metrics.periods_per_year([days[i] for i in ends]) == 12
    assert metrics.annual_return(returns, 12) == pytest.approx(expected["cagr"], abs=1e-9)
    assert metrics.volatility(returns, 12) == pytest.approx(expected["vol"], abs=1e-9)
    assert metrics.sharpe(returns, 12) == pytest.approx(expected["sharpe_rf0"], abs=1e-9)
    assert max_drawdown(values[ends]) == pytest.approx(expected["max_drawdown"], abs=1e-9)
    years = metrics.calendar_years(values, days)
    for year, value in document["calendar_year_total_return"][etf].items():
        assert years[int(year)] == pytest.approx(value, abs=1e-9), year
