"""Walk-forward: choose on the past, hold what was chosen over the next stretch, step on. Anchored or rolling.

Lopez de Prado (2018), Advances in Financial Machine Learning, section 12.2; Pardo (2008), The Evaluation and
Optimization of Trading Strategies. The stretches are skfolio's `WalkForward`; the choice is made here, as skfolio
fits weights rather than choosing among runs that are done.
"""

import math
from dataclasses import dataclass

import numpy as np

from engine.errors import AppError
from engine.research.deflated_sharpe import sharpe_ratios
from engine.research.metrics import Floats
from engine.research.schedule import Rows


@dataclass(frozen=True, slots=True)
class WalkForwardSetting:
    """Rows to choose on and to hold after, `purge` of them left out in between.

    Anchored, the first stretch grows from the first row; rolling, it keeps its length.
    """

    train: int
    test: int
    purge: int = 0
    anchored: bool = True


@dataclass(frozen=True, slots=True)
class Stretch:
    """One step: chosen on rows `train[0]` to `train[1]`, held on `test[0]` to `test[1]`, ends included.

    `inside` and `outside` are the chosen trial's Sharpe ratios per period on them, `best` the highest on the second.
    """

    train: tuple[int, int]
    test: tuple[int, int]
    chosen: int
    inside: float
    outside: float
    best: float


@dataclass(frozen=True, slots=True, eq=False)
class WalkForward:
    """All steps. `rows` are those out of sample, `picked` the trial held on each. Changing over is not charged for."""

    setting: WalkForwardSetting
    stretches: tuple[Stretch, ...]
    rows: Rows
    picked: Rows

    @property
    def changes(self) -> int:
        """How many times another trial was taken than the one before."""
        return int(np.count_nonzero(np.diff([stretch.chosen for stretch in self.stretches])))

    @property
    def efficiency(self) -> float:
        """The mean Sharpe ratio outside over that inside, as Pardo (2008); NaN where the latter is not above zero."""
        inside = float(np.mean([stretch.inside for stretch in self.stretches]))
        return float(np.mean([stretch.outside for stretch in self.stretches])) / inside if inside > 0 else math.nan

    def returns(self, returns: Floats) -> Floats:
        """Return what was earned out of sample, one for each of `rows`, out of the trials' returns, [T, N]."""
        return returns[self.rows, self.picked]


def walk_forward_rows(rows: int, setting: WalkForwardSetting) -> tuple[tuple[Rows, Rows], ...]:
    """Return the rows to choose on and to hold after, step by step; the last step may be shorter.

    Raises AppError for lengths that are not above zero or leave nothing to hold.
    """
    from skfolio.model_selection import WalkForward as Splitter  # type: ignore[import-untyped]  # noqa: PLC0415 - seconds

    if setting.train < 2 or setting.test < 1 or setting.purge < 0:
        raise AppError(
            "A walk-forward needs two rows to choose on and one to hold after",
            detail=f"train {setting.train}, test {setting.test}, purge {setting.purge}",
        )
    if setting.train + setting.purge >= rows:
        raise AppError(
            f"{rows:,} rows are too few to choose on {setting.train:,} of them and hold after",
            hint="Choose on fewer years, or give a longer history.",
        )
    splitter = Splitter(
        test_size=setting.test,
        train_size=setting.train,
        purged_size=setting.purge,
        expand_train=setting.anchored,
        reduce_test=True,
    )
    return tuple(splitter.split(np.zeros((rows, 1))))


def walk_forward(excess: Floats, setting: WalkForwardSetting) -> WalkForward:
    """Choose the trial with the highest Sharpe ratio on each stretch and hold it over the next.

    `excess` are the trials' returns over the risk-free rate, [T, N]. Raises AppError as `walk_forward_rows` does.
    """
    stretches, rows, picked = [], [], []
    for train, test in walk_forward_rows(len(excess), setting):
        inside, outside = sharpe_ratios(excess[train]), sharpe_ratios(excess[test])
        chosen = int(inside.argmax())
        stretches.append(
            Stretch(
                train=(int(train[0]), int(train[-1])),
                test=(int(test[0]), int(test[-1])),
                chosen=chosen,
                inside=float(inside[chosen]),
                outside=float(outside[chosen]),
                best=float(outside.max()),
            )
        )
        rows.append(test)
        picked.append(np.full(len(test), chosen))
    return WalkForward(setting, tuple(stretches), np.concatenate(rows), np.concatenate(picked))
