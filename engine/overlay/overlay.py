"""The overlay on one day: signals, votes, regime, tilts and targets from a policy and a price history."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from engine.errors import AppError
from engine.overlay.combining import class_votes
from engine.overlay.freshness import freshness_warnings
from engine.overlay.macro_history import NO_MACRO, MacroHistory
from engine.overlay.policy import OverlayPolicy, SignalSetting
from engine.overlay.price_history import Closes, MonthEnds, PriceHistory, month_ends
from engine.overlay.reading import OverlayReading, SignalReading
from engine.overlay.signal_evidence import Evidence
from engine.overlay.signals import SIGNALS, data_day, label_of, missing_series, read_evidence
from engine.overlay.targets import MODES, MonthTargets, starting_weights, target_path
from engine.overlay.trading_month import last_trading_day
from engine.overlay.voting import COMBINATIONS, NO_VOTE, votes_with_hysteresis

RISK_ON = "risk-on"
RISK_OFF = "risk-off"
MIXED = "mixed"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SignalPath:
    """One signal of one class at each month end: its values (None = no reading) and its votes.

    `data_as_of` is the day of the latest datum read at the last month end, None where there is none.
    """

    setting: SignalSetting
    asset_class: str
    column: int
    values: tuple[Decimal | None, ...]
    votes: tuple[int, ...]
    data_as_of: date | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SignalVotes:
    """The signals at some decision days, and on each of them the combined vote of every class that has signals."""

    signals: tuple[SignalPath, ...]
    votes: tuple[dict[str, Decimal], ...]


@dataclass(frozen=True, slots=True, eq=False)
class OverlayPath:
    """The overlay at every month end from the first close to a day: what a reading is the last row of."""

    ends: MonthEnds
    macro: MacroHistory
    signals: tuple[SignalPath, ...]
    steps: tuple[MonthTargets, ...]


def read_overlay(
    policy: OverlayPolicy, history: PriceHistory, as_of: date, macro: MacroHistory = NO_MACRO
) -> OverlayReading:
    """Return what the overlay says at the close of `as_of`, from closes dated and values published by then only.

    Signals are read at the last month end completed by then; votes, hysteresis and turnover are replayed from
    the first month end of the history, so that nothing needs to be kept between readings. A class without enough
    month ends has no vote and the warnings say so.

    Raises AppError for a mode or a signal that this version does not have.
    """
    path = overlay_path(policy, history, as_of, macro)
    last = path.steps[-1]
    start = starting_weights(policy)
    warnings = (
        *freshness_warnings(history, {name: policy.universe[name] for name in policy.voted_classes()}, as_of),
        *_inception_warnings(path),
        *last.bound,
    )
    return OverlayReading(
        as_of=as_of,
        signals=tuple(_reading(signal, as_of) for signal in path.signals),
        votes=last.votes,
        regime=regime(last.votes),
        tilts={name: weight - start[name] for name, weight in last.targets.items()},
        targets=last.targets,
        warnings=warnings,
    )


def overlay_path(
    policy: OverlayPolicy, history: PriceHistory, as_of: date, macro: MacroHistory = NO_MACRO
) -> OverlayPath:
    """Return signals, votes and targets at every month end known on `as_of`, the last completed one last.

    Raises AppError for a mode or a signal that this version does not have.
    """
    require_available(policy)
    classes = policy.voted_classes()
    ends = month_ends(history, tuple(policy.universe[name] for name in classes), as_of)
    read = signal_votes(policy, decision_days(ends), ends.closes, history, macro)
    return OverlayPath(ends, macro, read.signals, target_path(policy, read.votes))


def signal_votes(
    policy: OverlayPolicy, days: tuple[date, ...], closes: Closes, history: PriceHistory, macro: MacroHistory = NO_MACRO
) -> SignalVotes:
    """Return every signal at the decision days, which ascend, and the combined votes of the classes.

    `closes` are those of the voted classes on the decision days, a column for each in the policy's order; `history`
    has the closes in between, of which a decision reads those dated on or before its day.
    """
    symbols = {name: policy.universe[name] for name in policy.voted_classes()}
    evidence = [
        Evidence(days, closes[:, column], name, symbols, closes, history, macro) for column, name in enumerate(symbols)
    ]
    signals = tuple(
        _signal_path(policy, setting, seen, column)
        for setting in policy.signals
        for column, seen in enumerate(evidence)
        if setting.votes_for(seen.asset_class)
    )
    by_class = {name: [path for path in signals if path.asset_class == name] for name in symbols}
    combined = {name: class_votes(paths, policy) for name, paths in by_class.items() if paths}
    return SignalVotes(signals, tuple({name: votes[i] for name, votes in combined.items()} for i in range(len(days))))


def require_available(policy: OverlayPolicy) -> None:
    """Raise AppError for a mode or a signal that this version does not have, naming those that it has."""
    if policy.mode not in MODES:
        raise AppError(
            f"Mode {policy.mode} is not available yet in this version",
            detail="mode",
            hint=f"Available for the targets of a day: {', '.join(sorted(MODES))}.",
        )


def require_signals(policy: OverlayPolicy) -> None:
    """Raise AppError for what votes cannot be replayed from month-end closes alone: a signal, a way of combining."""
    available = sorted(kind for kind, rule in SIGNALS.items() if rule.from_closes)
    for number, setting in enumerate(policy.signals):
        if setting.kind not in available:
            raise AppError(
                f"Signal {setting.kind} cannot be read from month-end closes alone",
                detail=f"signals[{number}].kind",
                hint=f"Available here: {', '.join(available)}.",
            )
        if setting.classes or setting.inverse:
            raise AppError(
                "Signals of some classes only, or turned around, are not available here", detail=f"signals[{number}]"
            )
    if policy.combine not in COMBINATIONS:
        raise AppError(f"Signals cannot be combined by {policy.combine} here", detail="combine")


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


def decision_days(ends: MonthEnds) -> tuple[date, ...]:
    """Return the day at whose close each month's signals are read: its last close, or its last trading day."""
    return tuple(
        max((day for day in line if day is not None), default=last_trading_day(month.year, month.month))
        for line, month in zip(ends.days, ends.months, strict=True)
    )


def _signal_path(policy: OverlayPolicy, setting: SignalSetting, evidence: Evidence, column: int) -> SignalPath:
    values = read_evidence(evidence, setting)
    return SignalPath(
        setting=setting,
        asset_class=evidence.asset_class,
        column=column,
        values=values,
        votes=votes_with_hysteresis(values, policy.hysteresis),
        data_as_of=data_day(evidence, setting),
    )


def _reading(path: SignalPath, as_of: date) -> SignalReading:
    return SignalReading(
        kind=path.setting.kind.value,
        asset_class=path.asset_class,
        value=path.values[-1] or Decimal(0),
        vote=path.votes[-1],
        data_as_of=path.data_as_of or as_of,
        label=label_of(path.setting),
    )


def _inception_warnings(path: OverlayPath) -> tuple[str, ...]:
    """Say which signals have no reading, and why. A view that does not hold is none, which is as it should be."""
    silent = (signal for signal in path.signals if signal.votes[-1] == NO_VOTE and signal.setting.view is None)
    return tuple(
        f"{signal.asset_class} ({path.ends.symbols[signal.column]}): the {label_of(signal.setting)} "
        f"{_why_silent(signal, path)}: no vote"
        for signal in silent
    )


def _why_silent(signal: SignalPath, path: OverlayPath) -> str:
    lacks = missing_series(signal.setting, path.macro)
    if lacks:
        return lacks
    latest = path.ends.months[-1]
    closes_needed = SIGNALS[signal.setting.kind].closes_needed
    if closes_needed is None:
        return f"has too little history on {latest}, or none that is fresh"
    missing = np.flatnonzero(np.isnan(path.ends.closes[:, signal.column]))
    has = len(path.ends.months) - (int(missing[-1]) + 1 if missing.size else 0)
    needs = closes_needed(signal.setting.length)
    return f"needs {needs} month-end closes in a row up to {latest}, there are {has}"
