"""From combined votes to targets: what each mode wants, month by month, and how fast it may get there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from engine.overlay.combining import worth_moving
from engine.overlay.limits import ZERO, Tilt, Weights, paced_move, percent, started_small, tilt_within_limits
from engine.overlay.policy import Mode, OverlayPolicy
from engine.portfolio import CASH_CLASS

QUARTER = 3
"""Month ends in the rolling quarter of the turnover cap, the current one included."""

Votes = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class MonthTargets:
    """Targets set at one month end: the combined votes, the weights, the one-way move, what held it back."""

    votes: Weights
    targets: Weights
    one_way: Decimal
    bound: tuple[str, ...]


def target_path(policy: OverlayPolicy, votes: Sequence[Votes]) -> tuple[MonthTargets, ...]:
    """Return the targets of each month end, replayed from the strategic weights before the first.

    Nothing is remembered between readings: the same votes give the same path. The turnover cap paces overlay
    only; timing and static are what they are, and say where they go beyond a limit.
    """
    path: list[MonthTargets] = []
    before = starting_weights(policy)
    for month in votes:
        wanted = MODES[policy.mode](policy, month)
        used = sum((step.one_way for step in path[1 - QUARTER :]), ZERO)
        goal = {name: weight + wanted.tilts[name] for name, weight in starting_weights(policy).items()}
        most = policy.max_turnover_quarter if policy.mode is Mode.OVERLAY else None
        move = worth_moving(before, paced_move(before, goal, used, most), policy.min_change)
        bound = (*wanted.bound, *move.bound, *_beyond_limits(policy, move.targets, used + move.one_way))
        path.append(MonthTargets(dict(month), move.targets, move.one_way, bound))
        before = move.targets
    return tuple(path)


def starting_weights(policy: OverlayPolicy) -> Weights:
    """Return the strategic weights; for timing with cash among them, which takes what the others give up."""
    weights = dict(policy.strategic)
    if policy.mode is Mode.TIMING:
        weights.setdefault(CASH_CLASS, ZERO)
    return weights


def _static(policy: OverlayPolicy, _votes: Votes) -> Tilt:
    return Tilt(dict.fromkeys(policy.strategic, ZERO), ())


def _timing(policy: OverlayPolicy, votes: Votes) -> Tilt:
    """Move each class whose combined vote is not above zero to cash. A class without signals is held."""
    weights = starting_weights(policy)
    tilts = {name: -weight if votes.get(name, Decimal(1)) <= 0 else ZERO for name, weight in weights.items()}
    tilts[CASH_CLASS] = -sum(tilts.values(), ZERO)
    return started_small(Tilt(tilts, ()), policy.overlay_fraction)


def _overlay(policy: OverlayPolicy, votes: Votes) -> Tilt:
    tilt = tilt_within_limits(policy.strategic, votes, policy.overlay_band, policy.class_cap)
    return started_small(tilt, policy.overlay_fraction)


def _beyond_limits(policy: OverlayPolicy, targets: Weights, quarter: Decimal) -> tuple[str, ...]:
    """Say which limits of the policy the targets go beyond, as modes other than overlay and strategic weights may."""
    cap, most = policy.class_cap, policy.max_turnover_quarter
    lines = [
        f"class_cap {percent(cap)}: {name} stands at {percent(weight)}"
        for name, weight in targets.items()
        if cap is not None and name != CASH_CLASS and weight > cap
    ]
    if most is not None and quarter > most:
        lines.append(
            f"max_turnover_quarter {percent(most)}: mode {policy.mode} is not paced; the targets moved "
            f"{percent(quarter)} one-way in the quarter"
        )
    return tuple(lines)


MODES: Mapping[Mode, Callable[[OverlayPolicy, Votes], Tilt]] = MappingProxyType(
    {Mode.STATIC: _static, Mode.TIMING: _timing, Mode.OVERLAY: _overlay}
)
"""The modes that give targets for a day."""
