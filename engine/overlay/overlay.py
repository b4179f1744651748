"""The overlay on one day: signals, votes, regime, tilts and targets from a policy and a price history."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from engine.errors import AppError
from engine.overlay.freshness import freshness_warnings
from engine.overlay.policy import OverlayPolicy, SignalSetting
from engine.overlay.price_history import MonthEnds, PriceHistory, month_ends
from engine.overlay.reading import OverlayReading, SignalReading
from engine.overlay.signals import SIGNALS, label_of, read_signal
from engine.overlay.targets import MODES, MonthTargets, starting_weights, target_path
from engine.overlay.voting import NO_VOTE, combined_votes, votes_with_hysteresis

RISK_ON = "risk-on"
RISK_OFF = "risk-off"
MIXED = "mixed"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SignalPath:
    """One signal of one class at each month end: its values (None = no reading) and its votes."""

    setting: SignalSetting
    asset_class: str
    column: int
    values: tuple[Decimal | None, ...]
    votes: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class OverlayPath:
    """The overlay at every month end from the first close to a day: what a reading is the last row of."""

    ends: MonthEnds
    signals: tuple[SignalPath, ...]
    steps: tuple[MonthTargets, ...]


def read_overlay(policy: OverlayPolicy, history: PriceHistory, as_of: date) -> OverlayReading:
    """Return what the overlay says at the close of `as_of`, from closes dated on or before it only.

    Signals are read at the last month end completed by then; votes, hysteresis and turnover are replayed from
    the first month end of the history, so that nothing needs to be kept between readings. A class without enough
    month ends has no vote and the warnings say so.

    Raises AppError for a mode or a signal that this version does not have.
    """
    path = overlay_path(policy, history, as_of)
    last = path.steps[-1]
    start = starting_weights(policy)
    warnings = (
        *freshness_warnings(history, {name: policy.universe[name] for name in policy.voted_classes()}, as_of),
        *_inception_warnings(path),
        *last.bound,
    )
    return OverlayReading(
        as_of=as_of,
        signals=tuple(_reading(signal, path.ends, as_of) for signal in path.signals),
        votes=last.votes,
        regime=regime(last.votes),
        tilts={name: weight - start[name] for name, weight in last.targets.items()},
        targets=last.targets,
        warnings=warnings,
    )


def overlay_path(policy: OverlayPolicy, history: PriceHistory, as_of: date) -> OverlayPath:
    """Return signals, votes and targets at every month end known on `as_of`, the last completed one last.

    Raises AppError for a mode or a signal that this version does not have.
    """
    require_available(policy)
    classes = policy.voted_classes()
    ends = month_ends(history, tuple(policy.universe[name] for name in classes), as_of)
    signals = tuple(
        _signal_path(policy, setting, name, ends, column)
        for setting in policy.signals
        for column, name in enumerate(classes)
    )
    combined = {
        name: combined_votes([path.votes for path in signals if path.asset_class == name], policy)
        for name in classes
        if policy.signals
    }
    months = [{name: votes[i] for name, votes in combined.items()} for i in range(len(ends.months))]
    return OverlayPath(ends, signals, target_path(policy, months))


def require_available(policy: OverlayPolicy) -> None:
    """Raise AppError for a mode or a signal that this version does not have, naming those that it has."""
    if policy.mode not in MODES:
        raise AppError(
            f"Mode {policy.mode} is not available yet in this version",
            detail="mode",
            hint=f"Available for the targets of a day: {', '.join(sorted(MODES))}.",
        )
    require_signals(policy)


def require_signals(policy: OverlayPolicy) -> None:
    """Raise AppError for a signal that this version does not have, naming those that it has."""
    for number, setting in enumerate(policy.signals):
        if setting.kind not in SIGNALS:
            raise AppError(
                f"Signal {setting.kind} is not available yet in this version",
                detail=f"signals[{number}].kind",
                hint=f"Available: {', '.join(sorted(SIGNALS))}.",
            )


def regime(votes: Mapping[str, Decimal]) -> str:
    """Return a label for the classes' votes: two thirds or more bullish is risk-on, bearish risk-off, else mixed.

    It counts classes, nothing else: it knows neither growth nor inflation. Unknown where no class has a view.
    """
    if not any(votes.values()):
        return UNKNOWN
    if 3 * sum(vote > 0 for vote in votes.values()) >= 2 * len(votes):
        return RISK_ON
    if 3 * sum(vote < 0 for vote in votes.values()) >= 2 * len(votes):
        return RISK_OFF
    return MIXED


def _signal_path(
    policy: OverlayPolicy, setting: SignalSetting, asset_class: str, ends: MonthEnds, column: int
) -> SignalPath:
    values = read_signal(ends.closes[:, column], setting)
    return SignalPath(setting, asset_class, column, values, votes_with_hysteresis(values, policy.hysteresis))


def _reading(path: SignalPath, ends: MonthEnds, as_of: date) -> SignalReading:
    days = [line[path.column] for line in ends.days]
    return SignalReading(
        kind=path.setting.kind.value,
        asset_class=path.asset_class,
        value=path.values[-1] or Decimal(0),
        vote=path.votes[-1],
        data_as_of=max((day for day in days if day is not None), default=as_of),
        label=label_of(path.setting),
    )


def _inception_warnings(path: OverlayPath) -> tuple[str, ...]:
    """Say which signals have no reading, and how many month ends they have of those that they need."""
    lines = []
    for signal in path.signals:
        if signal.votes[-1] == NO_VOTE:
            missing = np.flatnonzero(np.isnan(path.ends.closes[:, signal.column]))
            has = len(path.ends.months) - (int(missing[-1]) + 1 if missing.size else 0)
            needs = SIGNALS[signal.setting.kind].closes_needed(signal.setting.length)
            lines.append(
                f"{signal.asset_class} ({path.ends.symbols[signal.column]}): the {label_of(signal.setting)} needs "
                f"{needs} month-end closes in a row up to {path.ends.months[-1]}, there are {has}: no vote"
            )
    return tuple(lines)
