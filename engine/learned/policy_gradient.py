"""The policy-gradient agent: REINFORCE over scores that one small network gives each fund from its own window.

Williams (1992), Simple Statistical Gradient-Following Algorithms, for the gradient and its baseline; Jiang, Xu and
Liang (2017), A Deep Reinforcement Learning Framework for the Financial Portfolio Management Problem, for identical
evaluators that read what was held before from a memory of decisions, and for the reward, the log growth net of cost.
"""

import torch
from torch import Tensor, nn

from engine.learned.samples import Floats
from engine.learned.training import NO_VARIATION, Lesson, best_epoch, given_up, net_returns
from engine.overlay.learned_setting import LearnedSetting

EXPLORATION = 0.5
"""The standard deviation of the scores that are tried around those of the network."""
NEAR_MAPS, NEAR_ROWS = 2, 3
"""The first layer, two maps over three rows each, after the convolutional evaluator of Jiang, Xu and Liang (2017)."""


def policy_gradient(taught: Lesson, setting: LearnedSetting) -> nn.Module:
    """Return the fitted network.

    Each epoch tries for every past decision one pair of actions, drawn at equal distance on both sides of what the
    network would do, whose own reward is the baseline.
    """
    network = evaluator(setting)
    count, funds = taught.growth.shape
    held = torch.full((count, funds), 1.0 / funds)

    def remembered() -> Tensor:
        start = torch.full((taught.step, funds), 1.0 / funds)
        return torch.cat((start, given_up(held, taught.growth, taught.step)))

    def reward(weights: Tensor, before: Tensor, rows: slice) -> Tensor:
        return torch.log1p(net_returns(weights, before, taught.growth[rows], taught.cost))

    def loss() -> Tensor:
        rows = slice(0, taught.split)
        before = remembered()[rows]
        means = scores(network, taught.windows[rows], before)
        with torch.no_grad():
            usual = torch.softmax(means, dim=1)
            noise = EXPLORATION * torch.randn_like(means)
            tried = (means + noise, means - noise)
            gains = [reward(torch.softmax(each, dim=1), before, rows) for each in tried]
            ahead = torch.stack(gains) - reward(usual, before, rows)
            ahead = ahead / (ahead.std() + NO_VARIATION)
            held[rows] = usual
        likely = torch.stack([-((each - means) ** 2).sum(dim=1) / (2.0 * EXPLORATION**2) for each in tried])
        return -(ahead * likely).mean()

    def score() -> Tensor:
        late = slice(taught.check - taught.step, count)
        usual = torch.softmax(scores(network, taught.windows[late], remembered()[late]), dim=1)
        held[late] = usual
        rows = slice(taught.check, count)
        return reward(usual[taught.step :], remembered()[rows], rows).mean()

    best_epoch(network, setting, loss, score)
    return network


def evaluator(setting: LearnedSetting) -> nn.Module:
    """Return the network before its training: short stretches of the window, all of it, a score."""
    return nn.ModuleDict(
        {
            "near": nn.Conv1d(2, NEAR_MAPS, NEAR_ROWS),
            "whole": nn.Conv1d(NEAR_MAPS, setting.hidden, setting.window - NEAR_ROWS + 1),
            "score": nn.Linear(setting.hidden + 1, 1),
        }
    )


def scores(network: nn.Module, windows: Tensor, before: Tensor) -> Tensor:
    """Return a score a fund, [S, N], from its window and its weight before; the same network for all funds."""
    count, length, funds, features = windows.shape
    each = windows.permute(0, 2, 3, 1).reshape(count * funds, features, length)
    seen = torch.relu(network["whole"](torch.relu(network["near"](each)))).flatten(start_dim=1)
    known = torch.cat((seen, before.reshape(count * funds, 1)), dim=1)
    return network["score"](known).reshape(count, funds)


def decide_by_policy(network: nn.Module, window: Floats, before: Floats) -> Tensor:
    """Return the weights of one window, nothing being tried: at least 0, sum 1."""
    held = torch.tensor(before[None], dtype=torch.float32)
    return torch.softmax(scores(network, torch.tensor(window[None], dtype=torch.float32), held), dim=1)[0]
