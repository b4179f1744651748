"""Holdings from decisions: trades at the close of a row, drift between them, costs out of the portfolio.

Nothing here decides: it is told what to hold from which row. Several tranches run side by side.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.research.metrics import Floats
from engine.research.schedule import Rows
from engine.research.trading_costs import CostRates

AT_THE_EDGE = 1e-12
"""How far beyond its band a weight must be to count as strictly outside: more than rounding makes up."""


@dataclass(frozen=True, slots=True, eq=False)
class Decisions:
    """What to hold from when. `rows[k, m]` is the row of tranche k's decision m, `targets[k, m]` its weights.

    Rows ascend within a tranche; those at or beyond the last row of the prices are never carried out, so shorter
    tranches are filled up with them. Weights are by column, the last one uninvested money.
    """

    rows: Rows
    targets: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """How decisions are carried out. `lag` is in rows; a band of None does not hold anything back."""

    costs: CostRates
    lag: int = 0
    band_absolute: float | None = None
    band_relative: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Trading:
    """What was traded, by tranche and decision: `carried` says whether; `rows` the rows of the trades.

    `before` are the weights just before, `one_way` half the sum of their changes (uninvested money included), `paid`
    the cost as a fraction of the value before. `units[k, m]` are the holdings before decision m is carried out.
    """

    carried: NDArray[np.bool_]
    rows: Rows
    before: Floats
    one_way: Floats
    paid: Floats
    units: Floats


def simulate(prices: Floats, decisions: Decisions, rules: Rules, first: int, last: int) -> Trading:
    """Carry out decisions over the rows `first` to `last` of `prices`, from 1 of uninvested money at `first`.

    `prices` has a column for each weight, zero where a symbol has none yet; the last column is uninvested money. A
    trade that would fall on the last row or later is left out, as nothing would be measured of it.
    """
    tranches, count, columns = decisions.targets.shape
    rows = np.minimum(decisions.rows + rules.lag, last)
    units = np.zeros((tranches, count + 1, columns))
    units[:, 0, -1] = 1.0 / prices[first, -1]
    carried = np.zeros((tranches, count), dtype=bool)
    before, one_way = np.zeros_like(decisions.targets), np.zeros((tranches, count))
    paid = np.zeros((tranches, count))
    seen = _decisions_seen(decisions.rows, rows)
    all_tranches, latest = np.arange(tranches), np.full(tranches, -1)
    for m in range(count):
        targets = decisions.targets[:, m]
        decided = np.minimum(decisions.rows[:, m], last)
        known = units[all_tranches, seen[:, m]] * prices[decided]
        # a trade that is on its way is not ordered again
        wanted = _outside(known, targets, rules) & (latest <= decided) if _banded(rules) else latest <= last
        carried[:, m] = now = wanted & (rows[:, m] < last)
        close = prices[rows[:, m]]
        held = units[:, m] * close
        value = held.sum(axis=1)
        before[:, m] = held / value[:, None]
        one_way[:, m] = np.where(now, 0.5 * np.abs(targets - before[:, m]).sum(axis=1), 0.0)
        left = rules.costs.after_trading(held, targets)
        paid[:, m] = np.where(now, 1.0 - left / value, 0.0)
        bought = np.divide(targets * left[:, None], close, out=np.zeros_like(close), where=close > 0)
        units[:, m + 1] = np.where(now[:, None], bought, units[:, m])
        latest = np.where(now, rows[:, m], latest)
    return Trading(carried, rows, before, one_way, paid, units)


def equity(prices: Floats, trading: Trading, first: int, last: int) -> Floats:
    """Return each tranche's value at the close of the rows `first` to `last`, 1 at the first, after its trades."""
    days = np.arange(first, last + 1)
    values = np.empty((len(trading.rows), len(days)))
    for k, rows in enumerate(trading.rows):
        held = trading.units[k][np.searchsorted(rows, days, "right")]
        values[k] = np.einsum("ts,ts->t", held, prices[first : last + 1])
    return values / values[:, :1]


def _decisions_seen(decided: Rows, carried_out: Rows) -> Rows:
    """Return how many earlier decisions were carried out by the close on which each is made."""
    count = decided.shape[1]
    seen = [np.searchsorted(after, on, "right") for after, on in zip(carried_out, decided, strict=True)]
    capped: Rows = np.minimum(np.array(seen), np.arange(count))
    return capped


def _banded(rules: Rules) -> bool:
    return rules.band_absolute is not None or rules.band_relative is not None


def _outside(known: Floats, targets: Floats, rules: Rules) -> NDArray[np.bool_]:
    """Say for each tranche whether any weight is strictly outside its band, the wider one where both are given."""
    weights = known / known.sum(axis=1, keepdims=True)
    band = np.maximum(rules.band_absolute or 0.0, (rules.band_relative or 0.0) * targets)
    outside: NDArray[np.bool_] = (np.abs(weights - targets) > band + AT_THE_EDGE).any(axis=1)
    return outside
