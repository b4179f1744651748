"""Combinatorial purged cross-validation: several folds at a time are kept from the choice, and rows beside them too.

Lopez de Prado (2018), Advances in Financial Machine Learning, chapters 7 (purging, embargo) and 12 (paths). The
splits are skfolio's `CombinatorialPurgedCV`; choosing a trial on them and joining paths is done here, as skfolio
fits weights rather than choosing among runs that are done.
"""

import math
from dataclasses import dataclass

import numpy as np

from engine.errors import AppError
from engine.research.deflated_sharpe import sharpe_ratios
from engine.research.metrics import MONTHS, Floats
from engine.research.schedule import Rows

FOLDS, TEST_FOLDS = 10, 2
EMBARGO = 0.01
"""Of all rows, after each test: Lopez de Prado (2018), section 7.4.2."""
MOST_SPLITS = 5_000


@dataclass(frozen=True, slots=True)
class PurgedSetting:
    """How the time is split. `purge` rows are left out on both sides of a test, and `embargo` more after it."""

    folds: int = FOLDS
    test_folds: int = TEST_FOLDS
    purge: int = 0
    embargo: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class PurgedSplit:
    """The rows to choose on, and those of each fold that is tested, which is the piece of path `paths[i]`."""

    train: Rows
    tests: tuple[Rows, ...]
    paths: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CrossValidation:
    """What choosing by Sharpe ratio did on rows that it did not see.

    `chosen[s]` is the trial of split s. `picked[p]` is the trial that path p holds on each row: every row once, out
    of sample. `sharpe[p]` is the path's Sharpe ratio per period.
    """

    setting: PurgedSetting
    chosen: tuple[int, ...]
    picked: Rows
    sharpe: Floats

    def returns(self, returns: Floats) -> Floats:
        """Return the paths' returns, [path, T], out of those of the trials, [T, N]."""
        return returns[np.arange(len(returns)), self.picked]


def usual_splits(rows: int, periods: int) -> PurgedSetting:
    """Return the setting for so many rows: ten folds, two tested, a month purged, an embargo of one percent.

    `periods` is the number of rows in a year. A month, as a decision is held that long.
    """
    return PurgedSetting(purge=max(1, periods // MONTHS), embargo=math.ceil(rows * EMBARGO))


def purged_splits(rows: int, setting: PurgedSetting) -> tuple[PurgedSplit, ...]:
    """Return every way to test `test_folds` of `folds` parts of the rows.

    Raises AppError for folds that cannot be made, or fewer rows in a fold than are left out beside it.
    """
    from skfolio.model_selection import CombinatorialPurgedCV  # type: ignore[import-untyped]  # noqa: PLC0415 - seconds

    _require(rows, setting)
    splitter = CombinatorialPurgedCV(setting.folds, setting.test_folds, setting.purge, setting.embargo)
    paths = splitter.get_path_ids().tolist()
    return tuple(
        PurgedSplit(train, tuple(tests), tuple(path))
        for (train, tests), path in zip(splitter.split(np.zeros((rows, 1))), paths, strict=True)
    )


def cross_validate(excess: Floats, setting: PurgedSetting) -> CrossValidation:
    """Choose the trial with the highest Sharpe ratio on each split's train rows; see what it did on the others.

    `excess` are the trials' returns over the risk-free rate, [T, N]. Raises AppError as `purged_splits` does.
    """
    splits = purged_splits(len(excess), setting)
    chosen = tuple(int(sharpe_ratios(excess[split.train]).argmax()) for split in splits)
    ways = math.comb(setting.folds - 1, setting.test_folds - 1)
    picked = np.zeros((ways, len(excess)), dtype=np.int64)
    for split, trial in zip(splits, chosen, strict=True):
        for rows, path in zip(split.tests, split.paths, strict=True):
            picked[path, rows] = trial
    taken = excess[np.arange(len(excess)), picked]
    return CrossValidation(setting, chosen, picked, sharpe_ratios(taken.T))


def _require(rows: int, setting: PurgedSetting) -> None:
    if not 2 <= setting.test_folds < setting.folds:
        raise AppError(
            f"{setting.test_folds} of {setting.folds} folds cannot be tested",
            hint="Test two or more, and leave one to choose on.",
        )
    if setting.purge < 0 or setting.embargo < 0:
        raise AppError("Neither purge nor embargo can be below zero", detail=f"{setting.purge}, {setting.embargo}")
    if math.comb(setting.folds, setting.test_folds) > MOST_SPLITS:
        raise AppError(
            f"{setting.test_folds} of {setting.folds} folds make more than {MOST_SPLITS:,} splits",
            hint="Take fewer folds.",
        )
    fold = rows // setting.folds
    if setting.purge + setting.embargo >= fold - 1:
        raise AppError(
            f"A fold of {fold:,} rows is too short to leave out {setting.purge + setting.embargo:,} beside it",
            hint="Take fewer folds, a longer history, or leave out less.",
        )
