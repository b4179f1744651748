"""Walk-forward and purged splits: nothing chosen on what is tested, every path whole, noise earning nothing."""

import math

import numpy as np
import pytest

from engine.errors import AppError
from engine.research.metrics import Floats
from engine.research.purged_splits import PurgedSetting, cross_validate, purged_splits, usual_splits
from engine.research.walk_forward import WalkForwardSetting, walk_forward, walk_forward_rows

SIX = PurgedSetting(folds=6, test_folds=2, purge=3, embargo=4)


def noise(rows: int, trials: int, seed: int = 1) -> Floats:
    return np.random.default_rng(seed).standard_normal((rows, trials)) * 0.01


def test_two_of_six_folds_make_fifteen_splits_and_five_paths() -> None:
    # Lopez de Prado (2018), section 12.4.1, figure 12.1
    splits = purged_splits(120, SIX)
    assert len(splits) == 15
    assert {path for split in splits for path in split.paths} == set(range(5))


def test_rows_beside_a_test_are_left_out_of_the_choice() -> None:
    for split in purged_splits(120, SIX):
        for test in split.tests:
            apart = split.train[:, None] - test
            before, after = apart[apart < 0], apart[apart > 0]
            assert not (apart == 0).any()
            assert before.size == 0 or before.max() < -SIX.purge
            assert after.size == 0 or after.min() > SIX.purge + SIX.embargo


def test_a_split_is_as_worked_by_hand() -> None:
    # folds of 20 rows; tested 20-39 and 80-99: out of the choice are 3 before and 7 after each
    split = next(s for s in purged_splits(120, SIX) if [t[0] for t in s.tests] == [20, 80])
    assert split.train.tolist() == [*range(17), *range(47, 77), *range(107, 120)]


def test_every_path_holds_every_row_once() -> None:
    found = cross_validate(noise(120, 4), SIX)
    seen = np.zeros((5, 120), dtype=int)
    for split in purged_splits(120, SIX):
        for rows, path in zip(split.tests, split.paths, strict=True):
            seen[path, rows] += 1
    assert (seen == 1).all()
    assert found.returns(noise(120, 4)).shape == (5, 120)


def test_a_trial_that_is_truly_better_is_chosen_in_every_split() -> None:
    excess = noise(600, 6)
    excess[:, 2] += 0.01
    found = cross_validate(excess, PurgedSetting())
    assert set(found.chosen) == {2}
    assert found.sharpe.tolist() == pytest.approx([excess[:, 2].mean() / excess[:, 2].std(ddof=1)] * 9)


def test_what_is_tested_does_not_move_the_choice() -> None:
    excess = noise(300, 5)
    before = cross_validate(excess, SIX)
    for number, split in enumerate(purged_splits(300, SIX)):
        changed = excess.copy()
        unseen = np.setdiff1d(np.arange(300), split.train)
        changed[unseen] = np.random.default_rng(number).standard_normal((len(unseen), 5))
        assert cross_validate(changed, SIX).chosen[number] == before.chosen[number]


def test_noise_earns_nothing_out_of_sample() -> None:
    sharpe = [cross_validate(noise(500, 10, seed), SIX).sharpe.mean() for seed in range(30)]
    assert abs(np.mean(sharpe)) < 0.02


def test_a_month_is_purged_and_one_percent_embargoed() -> None:
    assert usual_splits(5_000, 252) == PurgedSetting(purge=21, embargo=50)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        (PurgedSetting(folds=5, test_folds=1), "1 of 5 folds"),
        (PurgedSetting(folds=5, test_folds=5), "5 of 5 folds"),
        (PurgedSetting(folds=30, test_folds=10), "more than 5,000 splits"),
        (PurgedSetting(folds=10, purge=21), "A fold of 12 rows is too short to leave out 21"),
        (PurgedSetting(purge=-1), "below zero"),
    ],
)
def test_folds_that_cannot_be_made_are_said(setting: PurgedSetting, words: str) -> None:
    with pytest.raises(AppError, match=words):
        purged_splits(120, setting)


def test_an_anchored_walk_grows_and_a_rolling_one_keeps_its_length() -> None:
    anchored = walk_forward_rows(100, WalkForwardSetting(40, 25, purge=5))
    rolling = walk_forward_rows(100, WalkForwardSetting(40, 25, purge=5, anchored=False))
    ends = [(int(a[0]), int(a[-1]), int(b[0]), int(b[-1])) for a, b in anchored]
    assert ends == [(0, 39, 45, 69), (0, 64, 70, 94), (0, 89, 95, 99)]
    ends = [(int(a[0]), int(a[-1]), int(b[0]), int(b[-1])) for a, b in rolling]
    assert ends == [(0, 39, 45, 69), (25, 64, 70, 94), (50, 89, 95, 99)]


def test_each_stretch_holds_what_was_best_before_it() -> None:
    excess = noise(90, 3)
    excess[:30, 0] += 0.05
    excess[30:60, 1] += 0.20
    found = walk_forward(excess, WalkForwardSetting(30, 30, anchored=False))
    assert [stretch.chosen for stretch in found.stretches] == [0, 1]
    assert found.changes == 1
    assert found.rows.tolist() == list(range(30, 90))
    assert found.returns(excess).tolist() == [*excess[30:60, 0], *excess[60:, 1]]
    assert found.stretches[0].outside < found.stretches[0].best
    assert found.efficiency < 1


def test_what_comes_later_does_not_move_a_walk() -> None:
    excess = noise(400, 6)
    changed = excess.copy()
    changed[250:] = noise(150, 6, seed=9)
    setting = WalkForwardSetting(100, 50, purge=10)
    before, after = (walk_forward(each, setting) for each in (excess, changed))
    told = [a.chosen == b.chosen for a, b in zip(before.stretches, after.stretches, strict=True) if a.train[1] < 250]
    assert len(told) == 4
    assert all(told)


def test_trials_without_variation_are_worth_nothing() -> None:
    found = walk_forward(np.zeros((50, 2)), WalkForwardSetting(20, 10))
    assert math.isnan(found.efficiency)
    assert found.changes == 0


@pytest.mark.parametrize(("train", "test", "words"), [(1, 5, "two rows"), (100, 5, "100 rows are too few")])
def test_a_walk_that_has_no_room_is_said(train: int, test: int, words: str) -> None:
    with pytest.raises(AppError, match=words):
        walk_forward_rows(100, WalkForwardSetting(train, test))
