"""The linear program that mixes the answers of the classes: cash of each account, turnover, gains and their tax."""

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from engine.rebalance.decomposition.corners import Corners
from engine.rebalance.decomposition.response import Columns, Drift, ModeTable, Prices, cash_drift
from engine.rebalance.eligibility import Survey
from engine.rebalance.milp import INF, Floats, Ints
from engine.rebalance.orders import UNIT

Flags = NDArray[np.bool_]


class Unsolved(Exception):  # noqa: N818 - it says what became of a search
    """The figures are too far apart for the linear program, as in a household of billions with specks of shares."""


SHORTAGE = 10.0
"""Dollars that a missing dollar of cash or gain costs: more than any trade, so that it is missing only when there is
none to be had."""
MOVED = 250.0
"""Dollars that may have to change class to make good a dollar of gain: a dollar off target costs so much less."""


_Fixed = tuple[tuple[tuple[int, float], ...], float, float, float]
"""A column that is always there: its entries by row, its cost, its least and its most."""


@dataclass(frozen=True, slots=True, eq=False)
class Mix:
    """A solved master: its objective, the prices that it puts on what classes move, and the weight of each column."""

    objective: float
    prices: Prices
    worth: Floats
    """By class, what its answer may cost at these prices before it is no gain."""
    weights: Floats
    """Of the columns added so far, in their order."""
    idle: Floats
    """By class, the weight of doing nothing."""
    corners: Floats
    """Weight of each corner of the tax."""
    missing: float
    """Dollars of cash and of gain that no mix can raise, and classes without an answer that is allowed."""


class Master:
    """Columns in, prices out. Row by row: one mix a class, one of the tax, gains, cash of accounts, cash, turnover."""

    def __init__(self, survey: Survey, table: ModeTable, corners: Corners) -> None:
        self._classes, self._accounts = len(table.classes), table.accounts
        self._corners = corners.tax.size
        self._short = self._classes + 1
        self._cash = self._short + 2
        self._total = self._cash + self._accounts
        self._turnover = self._total + 1
        self._limits = self._turnover + 1
        self._most = table.symbol_limits.most
        self._shortage = max(SHORTAGE, MOVED * float(survey.case.policy.drift_rate_outside))
        self.cash = CashRules(survey, table.symbol_limits.most)
        self._solver = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, setting in (
            ("output_flag", False),
            ("threads", 1),
            ("presolve", "off"),
            ("random_seed", 7),
            ("simplex_strategy", 4),
        ):
            self._solver.setOptionValue(option, setting)
        self._add_rows()
        self._add_fixed(table, corners)
        self.columns = 0

    def _add_rows(self) -> None:
        count = self._limits + self._most.size
        lower, upper = np.zeros(count), np.zeros(count)
        lower[: self._short] = upper[: self._short] = 1.0
        places = slice(self._cash, self._cash + self._accounts)
        lower[places] = upper[places] = self.cash.now
        lower[self._total] = upper[self._total] = float(self.cash.drift.target[0]) + self.cash.withdrawn
        lower[self._turnover], upper[self._turnover] = -INF, self.cash.turnover
        lower[self._limits :], upper[self._limits :] = -INF, self._most
        none = np.zeros(0, dtype=np.int32)
        self._solver.addRows(count, lower, upper, 0, np.zeros(count, dtype=np.int32), none, np.zeros(0))

    def _add_fixed(self, table: ModeTable, corners: Corners) -> None:
        """Add the corners of the tax, what cash is left and missing, its drift, and doing nothing in each class."""
        fixed: list[_Fixed] = []
        for short, long, tax in zip(corners.short, corners.long, corners.tax, strict=True):
            rows = ((self._short - 1, 1.0), (self._short, -short), (self._short + 1, -long))
            fixed.append((rows, tax, 0.0, INF))
        for account in range(self._accounts):
            own = (self._cash + account, 1.0)
            fixed.append(((own, (self._total, 1.0)), 0.0, float(self.cash.need[account]), INF))
            fixed.append(((own,), -self._shortage, -INF, 0.0))
        for row in (self._short, self._short + 1):
            fixed += [(((row, sign),), self._shortage, 0.0, INF) for sign in (1.0, -1.0)]
        fixed += [(((row, 1.0),), self._shortage * UNIT, 0.0, INF) for row in range(self._classes)]
        drift = self.cash.drift
        half = float(drift.band[0]) / 2
        for sign in (-1.0, 1.0):
            for upper, cost in ((half, 0.0), (half, drift.inside), (INF, drift.outside)):
                fixed.append((((self._total, sign),), cost, 0.0, upper))
        idle = table.drift.cost(table.before)
        fixed += [(((row, 1.0),), float(idle[row]), 0.0, INF) for row in range(self._classes)]
        self._add_columns(fixed)
        self._base = len(fixed)

    def _add_columns(self, fixed: "Sequence[_Fixed]") -> None:
        entries = [entry for rows, _, _, _ in fixed for entry in rows]
        starts = np.cumsum([0, *(len(rows) for rows, _, _, _ in fixed)])[:-1].astype(np.int32)
        index = np.array([row for row, _ in entries], dtype=np.int32)
        value = np.array([value for _, value in entries], dtype=np.float64)
        cost, lower, upper = (np.array([column[i] for column in fixed], dtype=np.float64) for i in (1, 2, 3))
        self._solver.addCols(len(fixed), cost, lower, upper, len(entries), starts, index, value)

    def add(self, classes: Ints, columns: Columns) -> None:
        """Add what some modes do as columns that may be mixed."""
        count, width = classes.size, 4 + self._accounts + self._most.size
        index, value = np.empty((count, width), dtype=np.int32), np.empty((count, width))
        index[:, 0], value[:, 0] = classes, 1.0
        index[:, 1], value[:, 1] = self._short, columns.short
        index[:, 2], value[:, 2] = self._short + 1, columns.long
        after = 3 + self._accounts
        index[:, 3:after], value[:, 3:after] = np.arange(self._cash, self._total), -columns.cash
        index[:, after], value[:, after] = self._turnover, columns.traded
        index[:, after + 1 :] = np.arange(self._limits, self._limits + self._most.size)
        value[:, after + 1 :] = columns.limits
        present = value != 0.0
        starts = np.concatenate(([0], np.cumsum(present.sum(axis=1))))[:-1].astype(np.int32)
        entries = (int(present.sum()), starts, index[present], value[present])
        self._solver.addCols(count, columns.cost, np.zeros(count), np.full(count, INF), *entries)
        self.columns += count

    def allow(self, columns: Flags, idle: Flags, corners: Flags) -> None:
        """Set which columns (of those added), idle classes and corners of the tax may be used."""
        for start, allowed in ((self._base, columns), (self._base - self._classes, idle), (0, corners)):
            if allowed.size:
                index = np.arange(start, start + allowed.size, dtype=np.int32)
                upper = np.where(allowed, INF, 0.0)
                self._solver.changeColsBounds(allowed.size, index, np.zeros(allowed.size), upper)

    def solve(self) -> Mix:
        """Return the best mix and its prices."""
        self._solver.run()
        status = self._solver.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            raise Unsolved(f"HiGHS ended with {self._solver.modelStatusToString(status)}")
        solution = self._solver.getSolution()
        dual, value = np.array(solution.row_dual), np.array(solution.col_value)
        prices = Prices(
            # a speck below the slope of the drift, cash would be worth less than nothing without end
            np.maximum(-dual[self._cash : self._total], -self.cash.drift.outside),
            max(0.0, -dual[self._turnover]),
            float(-dual[self._short]),
            float(-dual[self._short + 1]),
            np.maximum(-dual[self._limits :], 0.0),
        )
        gains = self._corners + 2 * self._accounts
        shortages = -value[self._corners + 1 : gains : 2].sum() + value[gains : gains + 4 + self._classes].sum()
        return Mix(
            float(self._solver.getObjectiveValue()),
            prices,
            dual[: self._classes],
            value[self._base :],
            value[self._base - self._classes : self._base],
            value[: self._corners],
            float(shortages),
        )


class CashRules:
    """Cash of each account now and at least after, its drift, what turnover and symbols' limits leave. UNIT dollars."""

    def __init__(self, survey: Survey, most: Floats) -> None:
        case = survey.case
        self.most = most
        self.now = np.array([float(a.cash) for a in case.accounts]) / UNIT
        self.need = np.array([float(a.cash_reserve + a.withdraw) for a in case.accounts]) / UNIT
        self.withdrawn = float(sum(a.withdraw for a in case.accounts)) / UNIT
        self.drift: Drift = cash_drift(survey)
        policy = case.policy
        self.turnover = INF
        if policy.max_turnover is not None and not survey.lifted:
            self.turnover = max(0.0, 2.0 * float((policy.max_turnover - policy.turnover_used) * survey.value) / UNIT)

    def best(self, prices: Floats) -> float:
        """Return the least cost of the cash that accounts end with, where a dollar of it is priced.

        The cash of the account where it is cheapest takes what is over the need; beyond the last stop of the drift
        no price of a solved master makes more cash pay.
        """
        least = float(self.need.sum()) - self.withdrawn
        cheapest = float(prices.min())
        target, band = float(self.drift.target[0]), float(self.drift.band[0])
        stops = [target + side * band * part for side in (-1.0, 1.0) for part in (0.5, 1.0)]
        totals = np.array([least, *(stop for stop in stops if stop > least)])
        costs = self.drift.cost(totals) + cheapest * (totals - least)
        return float((prices * self.need).sum() + costs.min())

    def given(self, prices: Prices) -> float:
        """Return what the cash and the turnover that there are are worth at these prices."""
        turnover = prices.turnover * self.turnover if prices.turnover > 0 else 0.0
        return float((prices.cash * self.now).sum() + (prices.limits * self.most).sum()) + turnover
