"""The direct-Sharpe network: an LSTM over the window, softmax weights, trained on the Sharpe ratio net of turnover.

Zhang, Zohren and Roberts (2020), Deep Learning for Portfolio Optimization, Journal of Financial Data Science 2(4).
Theirs decides every day, in batches of 64 days; here a decision is held for a month, and a step of the optimiser sees
the whole past at once.
"""

import torch
from torch import Tensor, nn

from engine.learned.samples import Floats
from engine.learned.training import NO_VARIATION, Lesson, best_epoch, given_up, net_returns
from engine.overlay.learned_setting import LearnedSetting


def sharpe(returns: Tensor) -> Tensor:
    """Return mean over standard deviation, against zero."""
    return returns.mean() / (returns.std() + NO_VARIATION)


def direct_sharpe(taught: Lesson, setting: LearnedSetting) -> nn.Module:
    """Return the fitted network."""
    funds = taught.growth.shape[1]
    network = nn.ModuleDict(
        {
            "memory": nn.LSTM(2 * funds, setting.hidden, batch_first=True),
            "scores": nn.Linear(setting.hidden, funds),
        }
    )

    def ratio(start: int, end: int) -> Tensor:
        weights = direct_weights(network, taught.windows[start:end])
        growth = taught.growth[start:end]
        before = given_up(weights, growth, taught.step)
        return sharpe(net_returns(weights[taught.step :], before, growth[taught.step :], taught.cost))

    best_epoch(
        network,
        setting,
        lambda: -ratio(0, taught.split),
        lambda: ratio(taught.check - taught.step, len(taught.growth)),
    )
    return network


def direct_weights(network: nn.Module, windows: Tensor) -> Tensor:
    """Return the weights of windows, [S, window, N, 2]: at least 0, sum 1."""
    states, _ = network["memory"](windows.flatten(start_dim=2))
    return torch.softmax(network["scores"](states[:, -1]), dim=1)


def decide_directly(network: nn.Module, window: Floats, _before: Floats) -> Tensor:
    """Return the weights of one window; what is held before does not count."""
    return direct_weights(network, torch.tensor(window[None], dtype=torch.float32))[0]
