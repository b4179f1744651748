"""How a network is trained: the same numbers in each run, and the epoch that did best on the latest decisions."""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.learned.samples import Samples
from engine.overlay.learned_setting import LearnedSetting

VALIDATION = 0.1
"""The latest decisions, on which an epoch is chosen: a tenth, as Zhang, Zohren and Roberts (2020)."""
NO_VARIATION = 1e-8


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """Decisions as tensors; the first `split` train, those from `check` on choose the epoch.

    Decisions between the two would be held into the time of the second and are left out. `before[i]` is the decision
    given up for decision i + `step`; `cost` is a fraction of what is traded.
    """

    windows: Tensor
    growth: Tensor
    step: int
    split: int
    check: int
    cost: float


@contextmanager
def repeatable(seed: int) -> Iterator[None]:
    """Draw from one seed on one thread with deterministic algorithms only; all of it as it was afterwards."""
    threads, strict = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        torch.set_num_threads(1)
        torch.use_deterministic_algorithms(mode=True)
        try:
            yield
        finally:
            torch.use_deterministic_algorithms(mode=strict)
            torch.set_num_threads(threads)


def lesson(found: Samples, setting: LearnedSetting) -> Lesson:
    """Return decisions as tensors, split by time."""
    count = len(found.growth)
    check = count - max(found.step + 2, round(VALIDATION * count))
    return Lesson(
        windows=torch.tensor(found.windows, dtype=torch.float32),
        growth=torch.tensor(found.growth, dtype=torch.float32),
        step=found.step,
        split=check - found.step,
        check=check,
        cost=float(setting.cost_bp) * 1e-4,
    )


def given_up(weights: Tensor, growth: Tensor, step: int) -> Tensor:
    """Return what each decision from `step` on is traded from: the decision before it, drifted."""
    grown = weights[:-step] * growth[:-step]
    return grown / grown.sum(dim=1, keepdim=True)


def net_returns(weights: Tensor, before: Tensor, growth: Tensor, cost: float) -> Tensor:
    """Return what decisions earn over the time they are held, less the cost of trading to them from `before`."""
    traded = (weights - before).abs().sum(dim=1)
    return (weights * growth).sum(dim=1) - 1.0 - cost * traded


def best_epoch(
    network: nn.Module, setting: LearnedSetting, loss: Callable[[], Tensor], score: Callable[[], Tensor]
) -> None:
    """Train with Adam and leave the network as it was after the epoch, if any, with the highest score."""
    steps = torch.optim.Adam(network.parameters(), lr=float(setting.learning_rate))
    with torch.no_grad():
        best, kept = float(score()), copy.deepcopy(network.state_dict())
    for _ in range(setting.epochs):
        steps.zero_grad()
        loss().backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        steps.step()
        with torch.no_grad():
            now = float(score())
        if now > best:
            best, kept = now, copy.deepcopy(network.state_dict())
    network.load_state_dict(kept)
