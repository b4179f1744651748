"""Learned allocations walked forward: a network fitted on the past alone decides until the next fit.

The closes that a fit sees end on its own row, and a decision reads those up to its own row. So every weight is out of
sample for the network that gives it. PyTorch is loaded by the fit, and only by it.
"""

from importlib.util import find_spec

import numpy as np

from engine.errors import AppError
from engine.overlay.learned_setting import LearnedSetting
from engine.overlay.policy import OverlayPolicy
from engine.research.market import Market
from engine.research.metrics import MONTHS, Floats
from engine.research.schedule import Rows, month_end_rows

INSTALL = "Install the extra: python -m pip install torch==2.13.0, or `make test-learned` in a checkout."


def require_torch() -> None:
    """Raise AppError where the optional extra is not installed."""
    if find_spec("torch") is None:
        raise AppError("Learned allocations need PyTorch, which is not installed", hint=INSTALL)


def fit_rows(data: Market, policy: OverlayPolicy) -> Rows:
    """Return the rows on whose close a network is fitted, the first after `train_months` of all symbols' closes.

    They are month ends of the file whatever day decisions are made on, so that all tranches share them.
    """
    setting = policy.learned or LearnedSetting()
    columns = data.columns(tuple(policy.universe[name] for name in policy.voted_classes()))
    ends = month_end_rows(data.days).rows
    known = ends[(data.filled[ends][:, columns] > 0).all(axis=1)]
    return known[setting.train_months :: setting.retrain_months]


def learned(data: Market, policy: OverlayPolicy, rows: Rows, symbols: tuple[str, ...]) -> Floats:
    """Return the weights of `symbols` at each month end, NaN before the first fit.

    Raises AppError where PyTorch is not installed, or a fit has too few rows.
    """
    require_torch()
    from engine.learned.allocation import fitted  # noqa: PLC0415 - it loads PyTorch

    setting = policy.learned or LearnedSetting()
    closes = data.filled[:, data.columns(symbols)]
    fits = fit_rows(data, policy)
    found = np.full((len(rows), len(symbols)), np.nan)
    hold = max(1, data.periods // MONTHS)
    start = int(np.argmax((closes > 0).all(axis=1)))
    before, since = np.full(len(symbols), 1.0 / len(symbols)), 0
    for m, row in enumerate(rows.tolist()):
        number = int(np.searchsorted(fits, row, "right")) - 1
        if number < 0:
            continue
        network = fitted(policy.mode, setting, closes[start : int(fits[number]) + 1], hold)
        if since:
            grown = before * closes[row] / closes[since]
            before = grown / grown.sum()
        found[m] = before = network.weights(closes[row - setting.window : row + 1], before)
        since = row
    return found
