"""The probability of overfitting: a case worked by hand, pure noise, and a trial that is truly better."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.research.metrics import Floats
from engine.research.overfitting import overfitting


def noise(seed: int, rows: int = 240, trials: int = 20) -> Floats:
    return np.random.default_rng(seed).standard_normal((rows, trials)) * 0.01


def test_two_blocks_of_two_trials_are_as_worked_by_hand() -> None:
    # first half: A 1 3 (mean 2), B 0 1; second half: A -1 0, B 2 3. Choosing on either half takes the worse one of
    # the other: rank 1 of 2, share 1/3, logit ln(1/2), in both splits
    excess = np.array([[1.0, 0.0], [3.0, 1.0], [-1.0, 2.0], [0.0, 3.0]])
    found = overfitting(excess, blocks=2)
    assert found.probability == 1.0
    assert found.logits.tolist() == pytest.approx([math.log(0.5)] * 2)
    # A: 2 / sqrt(2) chosen, -0.5 / sqrt(0.5) after; B: 2.5 / sqrt(0.5) chosen, 0.5 / sqrt(0.5) after
    half = math.sqrt(0.5)
    assert found.inside.tolist() == pytest.approx([2 / math.sqrt(2), 2.5 / half])
    assert found.outside.tolist() == pytest.approx([-0.5 / half, 0.5 / half])
    assert found.loss == 0.5


def test_a_trial_that_is_best_in_every_block_is_not_overfitted() -> None:
    excess = noise(1)
    excess[:, 7] += 0.02
    found = overfitting(excess, blocks=8)
    assert found.probability == 0.0
    assert found.loss == 0.0
    # rank 20 of 20: share 20/21
    assert found.logits.min() == pytest.approx(math.log(20))


def test_sixteen_blocks_are_split_in_12870_ways() -> None:
    assert len(overfitting(noise(2, trials=3)).logits) == 12_870


def test_choosing_among_noise_is_as_good_as_a_coin() -> None:
    found = [overfitting(noise(seed), blocks=8).probability for seed in range(60)]
    assert np.mean(found) == pytest.approx(0.5, abs=0.06)


def test_what_noise_gains_in_sample_it_loses_out_of_sample() -> None:
    # Bailey et al. (2014), section 5: halves of one whole, so the better the one the worse the other
    assert np.mean([overfitting(noise(seed), blocks=8).slope for seed in range(10)]) < 0


def test_trials_that_are_all_alike_are_a_coin_toss_in_each_split() -> None:
    excess = np.repeat(noise(3, trials=1), 5, axis=1)
    assert overfitting(excess, blocks=4).logits.tolist() == pytest.approx([0.0] * 6)


def test_the_ratios_are_those_of_the_rows_themselves() -> None:
    excess = noise(4, rows=101, trials=3)
    found = overfitting(excess, blocks=2)
    first, second = excess[:50], excess[50:]
    ratios = first.mean(axis=0) / first.std(axis=0, ddof=1)
    best = int(ratios.argmax())
    assert found.inside[0] == pytest.approx(ratios[best])
    assert found.outside[0] == pytest.approx(second[:, best].mean() / second[:, best].std(ddof=1))


@pytest.mark.parametrize(
    ("rows", "trials", "blocks", "words"),
    [
        (100, 1, 4, "two trials"),
        (100, 3, 5, "even"),
        (100, 3, 22, "from 2 to 20"),
        (30, 3, 16, "30 rows are too few"),
    ],
)
def test_what_cannot_be_split_is_said(rows: int, trials: int, blocks: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        overfitting(noise(5, rows, trials), blocks)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.2, 30.0), st.permutations(range(6)))
def test_neither_the_unit_nor_the_order_of_trials_matters(seed: int, factor: float, order: list[int]) -> None:
    excess = noise(seed, 80, 6)
    found, other = overfitting(excess, blocks=6), overfitting(excess[:, order] * factor, blocks=6)
    assert other.probability == found.probability
    assert np.allclose(other.logits, found.logits)
