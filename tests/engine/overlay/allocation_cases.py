"""Covariances for the tests of the allocations: one by hand, any by hypothesis, the reference one."""

import csv
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

Floats = NDArray[np.float64]

VOLATILITIES = np.array([0.20, 0.15, 0.05])
CORRELATIONS = np.array([[1.0, 0.8, 0.1], [0.8, 1.0, 0.0], [0.1, 0.0, 1.0]])
THREE: Floats = CORRELATIONS * np.outer(VOLATILITIES, VOLATILITIES)
"""Two kinds of stocks and bonds."""


@st.composite
def covariances(draw: st.DrawFn, *, least: int = 2, most: int = 10) -> Floats:
    """Return a covariance of a few common factors and a part of each asset's own."""
    count = draw(st.integers(least, most))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    loads = rng.normal(size=(count, draw(st.integers(1, 3))))
    own = rng.uniform(0.05, 1.0, count)
    volatilities = np.exp(rng.normal(-2, draw(st.sampled_from((0.0, 0.5, 1.0))), count))
    matrix: Floats = (loads @ loads.T + np.diag(own)) * np.outer(volatilities, volatilities)
    return matrix


class Reference(NamedTuple):
    """Eight ETFs from 2008 to 2022: annual moments, and the weights that other libraries give."""

    symbols: list[str]
    covariance: Floats
    mean: Floats
    weights: dict[str, Floats]
    contributions: Floats


def reference(shared: Path) -> Reference:
    """Read the reference covariance and weights."""
    folder = shared / "reference"
    with (folder / "cov_etf8_daily_2008_2022.csv").open(encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    with (folder / "mu_etf8_daily_2008_2022.csv").open(encoding="utf-8") as file:
        means = [float(row[1]) for row in list(csv.reader(file))[1:]]
    found = json.loads((folder / "optimizer_weights_etf8.json").read_text(encoding="utf-8"))
    answers = found["sets"]["etf8_daily_2008_2022"]
    weights = {name: np.array(list(by_symbol.values())) for name, by_symbol in answers["weights"].items()}
    contributions = np.array(list(answers["erc_risk_contribution"].values()))
    covariance = np.array([[float(cell) for cell in row[1:]] for row in rows])
    return Reference(header[1:], covariance, np.array(means), weights, contributions)
