"""A learned allocation on the interface of any other: fitted on past closes, it gives weights that sum to one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType

import numpy as np
import torch
from torch import Tensor, nn

from engine.learned.direct_sharpe import decide_directly, direct_sharpe
from engine.learned.policy_gradient import decide_by_policy, policy_gradient
from engine.learned.samples import Floats, samples, spread, window_of
from engine.learned.training import Lesson, lesson, repeatable
from engine.overlay.learned_setting import LearnedSetting
from engine.overlay.policy import Mode

MOST_KEPT = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Method:
    """How a network is fitted, and how it decides on a window and the weights held before."""

    fit: Callable[[Lesson, LearnedSetting], nn.Module]
    decide: Callable[[nn.Module, Floats, Floats], Tensor]


METHODS: Mapping[Mode, Method] = MappingProxyType(
    {
        Mode.DIRECT_SHARPE: Method(direct_sharpe, decide_directly),
        Mode.POLICY_GRADIENT: Method(policy_gradient, decide_by_policy),
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class LearnedAllocation:
    """A network that was fitted, and the scale of its windows, which is that of the closes it was fitted on."""

    method: Method
    network: nn.Module
    scale: Floats

    def weights(self, closes: Floats, before: Floats) -> Floats:
        """Return weights >= 0 that sum to 1 from the latest window + 1 closes and what is held before them."""
        with repeatable(0), torch.no_grad():
            found = self.method.decide(self.network, window_of(closes, self.scale), before)
        weights = np.asarray(found.tolist(), dtype=np.float64)
        total: Floats = weights / weights.sum()
        return total


KEPT: dict[object, LearnedAllocation] = {}
"""The latest fits by what they were made from: a search, its costs and its tranches ask for the same ones."""


def fitted(mode: Mode, setting: LearnedSetting, closes: Floats, hold: int) -> LearnedAllocation:
    """Return the allocation fitted on closes, [T, N], each decision held for `hold` rows. Equal closes, equal fits.

    Raises AppError for too few rows or a fund that does not move.
    """
    plain = np.ascontiguousarray(closes, dtype=np.float64)
    key = (mode, setting, hold, plain.shape, sha256(plain.tobytes()).digest())
    if key not in KEPT:
        if len(KEPT) >= MOST_KEPT:
            del KEPT[next(iter(KEPT))]
        KEPT[key] = _fitted(mode, setting, plain, hold)
    return KEPT[key]


def _fitted(mode: Mode, setting: LearnedSetting, closes: Floats, hold: int) -> LearnedAllocation:
    found = samples(closes, setting.window, hold)
    with repeatable(setting.seed):
        network = METHODS[mode].fit(lesson(found, setting), setting)
    return LearnedAllocation(METHODS[mode], network, spread(closes))
