"""A mixed-integer program assembled from numpy blocks and solved by HiGHS. float64 lives here."""

from dataclasses import dataclass
from enum import StrEnum
from typing import cast

import highspy
import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
INF = highspy.kHighsInf
OTHER_TRIES: tuple[tuple[str, float | str], ...] = (("mip_feasibility_tolerance", 1e-6), ("presolve", "off"))
"""What is changed, one after the other, for a program too hard on floats: households of trillions, lots of a speck."""
WIDE = 1e10
"""Ratio of the largest coefficient to the smallest from which a program is hard on floats."""
_NO_POINT = {highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible}
_LIMITS = {highspy.HighsModelStatus.kTimeLimit, highspy.HighsModelStatus.kSolutionLimit}
Terms = list[tuple[ArrayLike, ArrayLike]]
"""Columns and their coefficients, the parts of a row."""


class Outcome(StrEnum):
    """How a solve ended."""

    PROVEN = "proven"
    LIMIT = "limit"
    INFEASIBLE = "infeasible"


@dataclass(frozen=True, slots=True)
class Solution:
    """Columns' values, objective and proven lower bound, in the program's own unit. Empty without a point."""

    outcome: Outcome
    values: Floats
    objective: float
    bound: float
    seconds: float

    @property
    def found(self) -> bool:
        """Whether there is a feasible point."""
        return self.values.size > 0


@dataclass(slots=True)
class Patience:
    """Seconds of solving that are left; None = no limit."""

    left: float | None = None

    @property
    def hurried(self) -> bool:
        """Whether there is hardly any time: less than it takes to prove a bound."""
        return self.left is not None and self.left < 0.05

    @property
    def over(self) -> bool:
        """Whether the seconds are used up."""
        return self.left is not None and self.left <= 0.0

    def spend(self, seconds: float) -> None:
        """Take off what a solve took."""
        if self.left is not None:
            self.left -= seconds


class Milp:
    """Columns and rows, added in blocks; minimise cost."""

    def __init__(self) -> None:
        self._lower: list[Floats] = []
        self._upper: list[Floats] = []
        self._cost: list[Floats] = []
        self._integer: list[NDArray[np.bool_]] = []
        self._row_lower: list[float] = []
        self._row_upper: list[float] = []
        self._row_columns: list[Ints] = []
        self._row_values: list[Floats] = []
        self.columns = 0
        self.constant = 0.0

    def add(
        self,
        count: int,
        *,
        lower: ArrayLike = 0.0,
        upper: ArrayLike = INF,
        cost: ArrayLike = 0.0,
        integer: bool = False,
    ) -> Ints:
        """Add `count` columns and return their indices."""
        for block, value in ((self._lower, lower), (self._upper, upper), (self._cost, cost)):
            block.append(np.broadcast_to(np.asarray(value, dtype=np.float64), (count,)))
        self._integer.append(np.full(count, integer))
        start, self.columns = self.columns, self.columns + count
        return np.arange(start, self.columns, dtype=np.int32)

    def add_one(self, *, lower: float = 0.0, upper: float = INF, cost: float = 0.0, integer: bool = False) -> int:
        """Add one column and return its index."""
        return int(self.add(1, lower=lower, upper=upper, cost=cost, integer=integer)[0])

    def upper_of(self, column: int) -> float:
        """Return a column's upper bound."""
        for block in self._upper:
            if column < block.size:
                return float(block[column])
            column -= block.size
        raise IndexError(column)

    def row(
        self,
        terms: Terms,
        *,
        lower: float = -INF,
        upper: float = INF,
    ) -> None:
        """Add lower <= sum of coefficient x column <= upper; `terms` are (columns, coefficients) pairs."""
        columns = [np.atleast_1d(np.asarray(c, dtype=np.int32)) for c, _ in terms]
        values = [
            np.broadcast_to(np.asarray(v, dtype=np.float64), c.shape) for c, (_, v) in zip(columns, terms, strict=True)
        ]
        index: Ints = np.concatenate(columns) if columns else np.zeros(0, dtype=np.int32)
        value: Floats = np.concatenate(values) if values else np.zeros(0)
        unique, place = np.unique(index, return_inverse=True)
        if unique.size < index.size:  # HiGHS takes a column once a row
            index, value = unique.astype(np.int32), np.bincount(place, weights=value).astype(np.float64)
        self._row_columns.append(index)
        self._row_values.append(value)
        self._row_lower.append(lower)
        self._row_upper.append(upper)

    def solve(
        self,
        *,
        absolute_gap: float,
        time_limit: float | None = None,
        node_limit: int | None = None,
        relative_gap: float = 0.0,
        relaxed: bool = False,
    ) -> Solution:
        """Minimise. One thread and a fixed seed: the same program gives the same answer.

        `time_limit` is in seconds, `node_limit` in branches, which cuts short in the same place each time.
        `relaxed` drops the integrality: the answer is a lower bound, not a plan.
        """
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, value in {
            "output_flag": False,
            "threads": 1,
            "random_seed": 7,
            "mip_rel_gap": relative_gap,
            "mip_abs_gap": absolute_gap,
            "mip_feasibility_tolerance": 1e-7,
            **({} if time_limit is None else {"time_limit": max(time_limit, 0.0)}),
            **({} if node_limit is None else {"mip_max_nodes": node_limit}),
        }.items():
            solver.setOptionValue(option, value)
        model = self._highs(relaxed=relaxed)
        solver.passModel(model)
        solver.run()
        for option, other in OTHER_TRIES:
            if not self._is_doubtful(solver.getModelStatus()):
                break
            solver.setOptionValue(option, other)
            solver.passModel(model)
            solver.run()
        return self._read(solver, mixed=not relaxed and any(block.any() for block in self._integer))

    def _is_doubtful(self, status: highspy.HighsModelStatus) -> bool:
        """Whether an answer is not to be believed at once: an error, or no point where coefficients span too much."""
        if status not in _NO_POINT:
            return bool(status == highspy.HighsModelStatus.kSolveError)
        sizes = np.abs(np.concatenate([np.zeros(0), *self._row_values]))
        return bool(sizes.any()) and float(sizes.max()) > WIDE * float(sizes[sizes > 0].min())

    def _highs(self, *, relaxed: bool) -> highspy.HighsLp:
        lp = highspy.HighsLp()
        lp.num_col_ = self.columns
        lp.num_row_ = len(self._row_lower)
        lp.col_lower_ = np.concatenate(self._lower)
        lp.col_upper_ = np.concatenate(self._upper)
        lp.col_cost_ = np.concatenate(self._cost)
        lp.row_lower_ = np.array(self._row_lower)
        lp.row_upper_ = np.array(self._row_upper)
        lp.offset_ = self.constant
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lengths = np.array([0, *(c.size for c in self._row_columns)])
        lp.a_matrix_.start_ = np.cumsum(lengths).astype(np.int32)
        lp.a_matrix_.index_ = np.concatenate(self._row_columns)
        lp.a_matrix_.value_ = np.concatenate(self._row_values)
        integer = np.concatenate(self._integer)
        if integer.any() and not relaxed:
            kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
            lp.integrality_ = [kinds[int(i)] for i in integer]
        return lp

    def _read(self, solver: highspy.Highs, *, mixed: bool) -> Solution:
        status = solver.getModelStatus()
        info = solver.getInfo()
        seconds = float(solver.getRunTime())
        empty = np.zeros(0)
        if status in _NO_POINT:
            return Solution(Outcome.INFEASIBLE, empty, float("inf"), float("inf"), seconds)
        proven = status == highspy.HighsModelStatus.kOptimal
        if not proven and status not in _LIMITS:
            raise RuntimeError(f"HiGHS ended with {solver.modelStatusToString(status)}")
        objective = float(info.objective_function_value)
        bound = float(info.mip_dual_bound) if mixed else objective if proven else -float("inf")
        feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        values = np.array(solver.getSolution().col_value) if feasible else empty
        return Solution(Outcome.PROVEN if proven else Outcome.LIMIT, cast("Floats", values), objective, bound, seconds)
