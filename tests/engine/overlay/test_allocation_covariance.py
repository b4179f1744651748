"""Covariances from returns, against figures by hand and against the reference."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.overlay.covariance import (
    CovarianceEstimate,
    covariance,
    ewma_covariance,
    ledoit_wolf,
    sample_covariance,
)
from tests.engine.overlay.allocation_cases import Floats, reference
from workflow.price_table import read_price_table

FIRST, LAST = "2008-01-02", "2022-12-30"
estimates = pytest.mark.parametrize("estimate", CovarianceEstimate)


def some_returns(rows: int = 60, assets: int = 4, seed: int = 1) -> Floats:
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(rows, 1))
    return np.asarray(0.01 * (common + rng.normal(size=(rows, assets))))


def test_the_sample_covariance_is_that_of_the_textbook_times_the_periods() -> None:
    returns = np.array([[0.01, 0.02], [0.03, -0.02], [-0.01, 0.03]])
    expected = 12 * np.array([[0.0004, -0.0005], [-0.0005, 0.0007]])
    assert sample_covariance(returns, periods_per_year=12) == pytest.approx(expected)


def test_ewma_weighs_each_period_by_the_decay_and_is_about_zero() -> None:
    returns = np.array([[0.02], [0.01]])
    # (0.5 x 4 + 1 x 1) / 1.5
    assert ewma_covariance(returns, decay=0.5, periods_per_year=1) == pytest.approx(np.array([[2e-4]]))


def test_ewma_forgets_what_is_long_past() -> None:
    calm, wild = some_returns(300), some_returns(300)
    wild[:50] *= 100
    assert ewma_covariance(wild) == pytest.approx(ewma_covariance(calm), rel=1e-2)


@given(st.integers(0, 1000), st.integers(3, 40), st.integers(1, 60))
def test_shrinking_keeps_the_total_variance_and_gives_a_covariance(seed: int, rows: int, assets: int) -> None:
    returns = some_returns(rows, assets, seed)
    found, share = ledoit_wolf(returns)
    assert 0 <= share <= 1
    assert np.trace(found) == pytest.approx(np.trace(sample_covariance(returns)) * (rows - 1) / rows)
    assert share == 0 or np.linalg.eigvalsh(found)[0] > 0


def test_two_assets_that_are_alone_and_alike_are_shrunk_to_that() -> None:
    returns = np.array([[0.01, 0.0], [-0.01, 0.0], [0.0, 0.01], [0.0, -0.01]])
    assert ledoit_wolf(returns, periods_per_year=1).covariance == pytest.approx(np.eye(2) * 5e-5)


@estimates
def test_the_estimate_is_symmetric_and_grows_with_the_square_of_the_returns(estimate: CovarianceEstimate) -> None:
    returns = some_returns()
    found = covariance(estimate, returns, periods_per_year=52)
    assert found == pytest.approx(found.T, rel=1e-15)
    assert covariance(estimate, 3 * returns, periods_per_year=52) == pytest.approx(9 * found)


@estimates
@pytest.mark.parametrize(
    ("returns", "message"),
    [
        (np.array([[0.1, 0.2]]), "a covariance needs two rows of returns or more, got 1 x 2"),
        (np.array([0.1, 0.2]), "a covariance needs two rows of returns or more, got 2"),
        (np.array([[0.1, 0.2], [0.1, np.nan]]), "row 2, column 2 of the returns is not a number"),
    ],
)
def test_returns_that_cannot_be_used_are_refused(estimate: CovarianceEstimate, returns: Floats, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        covariance(estimate, returns)


@pytest.mark.parametrize("decay", [0.0, 1.0, -0.5, 1.2])
def test_a_decay_that_is_none_is_refused(decay: float) -> None:
    with pytest.raises(ValueError, match="the decay is between 0 and 1"):
        ewma_covariance(some_returns(), decay=decay)


@pytest.mark.shared
def test_sample_and_shrunk_covariances_of_eight_etfs_are_those_of_the_reference(shared_folder: Path) -> None:
    known = reference(shared_folder)
    table = read_price_table(shared_folder / "data" / "etf" / "etf_adj_close_daily.csv", known.symbols)
    days = [str(day) for day in table.history.dates]
    order = [table.history.symbols.index(symbol) for symbol in known.symbols]
    closes = table.history.closes[days.index(FIRST) - 1 : days.index(LAST) + 1][:, order]
    returns = closes[1:] / closes[:-1] - 1
    with (shared_folder / "reference" / "cov_ledoitwolf_etf8_daily_2008_2022.csv").open(encoding="utf-8") as file:
        shrunk = np.array([[float(cell) for cell in row[1:]] for row in list(csv.reader(file))[1:]])
    text = (shared_folder / "reference" / "optimizer_weights_etf8.json").read_text(encoding="utf-8")
    checks = json.loads(text)["sets"]["etf8_daily_2008_2022"]["checks"]
    assert len(returns) == 3777
    assert sample_covariance(returns) == pytest.approx(known.covariance, abs=1e-14)
    assert ledoit_wolf(returns).covariance == pytest.approx(shrunk, abs=1e-14)
    assert ledoit_wolf(returns).shrinkage == pytest.approx(checks["ledoit_wolf_delta"], abs=1e-13)
    assert returns.mean(axis=0) * 252 == pytest.approx(known.mean, abs=1e-13)
