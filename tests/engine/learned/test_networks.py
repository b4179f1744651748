"""What the networks learn, that they learn it the same way each time, and that trading costs them."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from engine.errors import AppError  # noqa: E402 - the optional extra first
from engine.learned.allocation import KEPT, LearnedAllocation, fitted  # noqa: E402
from engine.learned.samples import samples, spread, window_of  # noqa: E402
from engine.learned.training import given_up, lesson, net_returns, repeatable  # noqa: E402
from engine.overlay.policy import Mode  # noqa: E402
from engine.research.metrics import Floats  # noqa: E402
from tests.engine.learned.markets import HOLD, LEARNERS, SMALL, one_ahead, small, taking_turns  # noqa: E402


def walked(network: LearnedAllocation, closes: Floats, start: int) -> tuple[Floats, Floats]:
    """Return what the network and equal weights earn from `start` on, decision by decision, and how much is traded."""
    held, earned, traded = np.full(closes.shape[1], 1 / closes.shape[1]), [], []
    for row in range(start, len(closes) - HOLD, HOLD):
        weights = network.weights(closes[row - SMALL.window : row + 1], held)
        grown = closes[row + HOLD] / closes[row]
        earned.append((weights @ grown - 1.0, grown.mean() - 1.0))
        traded.append(np.abs(weights - held).sum())
        held = weights * grown / (weights @ grown)
    return np.array(earned), np.array(traded)


@LEARNERS
def test_a_network_finds_out_which_fund_is_ahead_and_beats_equal_weights_on_days_it_never_saw(mode: Mode) -> None:
    closes = taking_turns()
    split = 1050
    earned, _ = walked(fitted(mode, SMALL, closes[:split], HOLD), closes, split)
    own, equal = earned.mean(axis=0) / earned.std(axis=0)
    assert own > 1.5 * equal
    assert earned[:, 0].mean() > earned[:, 1].mean() + 0.01


def test_the_direct_network_puts_most_into_a_fund_that_is_always_ahead() -> None:
    closes = one_ahead()
    weights = fitted(Mode.DIRECT_SHARPE, SMALL, closes, HOLD).weights(closes[-21:], np.full(3, 1 / 3))
    assert weights[1] > 0.8


@LEARNERS
def test_weights_are_long_only_and_sum_to_one(mode: Mode) -> None:
    closes = one_ahead(400)
    network = fitted(mode, small(epochs=3), closes, HOLD)
    for row in (100, 250, 399):
        weights = network.weights(closes[row - 20 : row + 1], np.array([1.0, 0.0, 0.0]))
        assert weights.min() >= 0.0
        assert weights.sum() == pytest.approx(1.0, abs=1e-12)


@LEARNERS
def test_two_fits_with_one_seed_give_the_same_weights_and_another_seed_others(mode: Mode) -> None:
    closes = one_ahead(400)
    told: list[Floats] = []
    for seed in (3, 3, 4):
        KEPT.clear()
        torch.manual_seed(1000 + len(told))
        network = fitted(mode, small(seed=seed, epochs=4), closes, HOLD)
        told.append(network.weights(closes[-21:], np.full(3, 1 / 3)))
    assert np.array_equal(told[0], told[1])
    assert not np.allclose(told[0], told[2], atol=1e-6)


def test_a_fit_leaves_the_random_numbers_the_threads_and_the_rules_of_the_process_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    before = (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled())
    with repeatable(9):
        torch.rand(100)
        assert torch.get_num_threads() == 1
        assert torch.are_deterministic_algorithms_enabled()
    assert (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()) == before
    assert torch.equal(torch.rand(3), expected)


@LEARNERS
def test_costs_that_are_learned_make_for_less_trading(mode: Mode) -> None:
    closes = taking_turns(900)
    traded = {}
    for cost in (0, 3000):
        network = fitted(mode, small(cost_bp=cost), closes[:700], HOLD)
        traded[cost] = walked(network, closes, 700)[1][1:].mean()
    assert traded[3000] < 0.5 * traded[0]


def test_the_last_decision_is_held_to_the_last_close_and_no_window_reaches_past_its_own() -> None:
    closes = one_ahead(300)
    found = samples(closes, 20, HOLD)
    rows = [300 - 1 - HOLD - 7 * back for back in range(len(found.growth))][::-1]
    assert found.step == 3
    assert rows[0] >= 20
    np.testing.assert_allclose(found.growth, [closes[row + HOLD] / closes[row] for row in rows], rtol=1e-12)
    shaken = closes.copy()
    shaken[rows[-1] + 1 :] *= 3.0
    scale = spread(closes)
    np.testing.assert_array_equal(found.windows[-1], window_of(shaken[rows[-1] - 20 : rows[-1] + 1], scale))


def test_no_decision_that_trains_is_held_into_the_days_that_choose_the_epoch() -> None:
    found = samples(one_ahead(400), 20, HOLD)
    taught = lesson(found, SMALL)
    assert taught.check - taught.split == found.step
    assert len(found.growth) - taught.check >= 2


def test_what_is_earned_is_net_of_all_that_is_traded() -> None:
    weights = torch.tensor([[0.5, 0.5], [1.0, 0.0]])
    growth = torch.tensor([[1.5, 0.5], [1.1, 1.0]])
    before = given_up(weights, growth, 1)
    assert before.tolist() == [[0.75, 0.25]]
    # bought 25 percent of one and sold as much of the other at 100 basis points
    assert net_returns(weights[1:], before, growth[1:], 0.01).tolist() == pytest.approx([0.1 - 0.005], abs=1e-6)


def test_too_few_rows_and_a_fund_that_does_not_move_are_told() -> None:
    closes = one_ahead(150)
    with pytest.raises(AppError, match="150 rows of prices are too few"):
        fitted(Mode.DIRECT_SHARPE, SMALL, closes, HOLD)
    still = one_ahead(400)
    still[:, 2] = 10.0
    with pytest.raises(AppError, match="does not move"):
        fitted(Mode.DIRECT_SHARPE, SMALL, still, HOLD)
