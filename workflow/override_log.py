"""The override log: who tilted otherwise than the model, why, until when, and what it has cost or gained since."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np

from db import audit_log, store
from db.store import discipline as kept
from db.store.discipline import StoredOverride
from engine.errors import AppError
from engine.overlay.behaviour import Caution, GuardSetting, ValueLine, cautions
from engine.overlay.macro_history import NO_MACRO, MacroHistory
from engine.overlay.overlay import overlay_path
from engine.overlay.override_effect import (
    DailyCloses,
    OverrideEffect,
    OverrideState,
    TiltOverride,
    override_effect,
    override_faults,
)
from engine.overlay.policy import OverlayPolicy
from engine.overlay.price_history import PriceHistory
from engine.overlay.signals import SIGNALS, missing_series
from engine.overlay.targets import MODES, starting_weights
from engine.portfolio import CASH_CLASS
from workflow.book import Book
from workflow.overlay import macro_of_book, symbols_read
from workflow.price_table import price_history_from_csv
from workflow.strategy import entered_details, load_version, signed_policy


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """An override on a day: whether it holds, and its result where prices were given."""

    number: int
    strategy: str
    override: TiltOverride
    until: date
    state: OverrideState
    effect: OverrideEffect | None


@dataclass(frozen=True, slots=True)
class Logged:
    """An override that was logged, and what spoke for waiting."""

    number: int
    override: TiltOverride
    cautions: tuple[Caution, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PolicyPrices:
    """A policy with the closes that it reads, and the macro series where its signals read some."""

    policy: OverlayPolicy
    history: PriceHistory
    macro: MacroHistory = NO_MACRO


def policy_prices(policy: OverlayPolicy, prices: Path, book: Book | None = None) -> PolicyPrices:
    """Read the closes of a policy's ETFs, and of its cash ETF, from a price file; macro series from the book."""
    macro = NO_MACRO
    if book is not None and any(SIGNALS[setting.kind].roles for setting in policy.signals):
        with book.reading() as session:
            macro = macro_of_book(policy, store.load_macro(session, until=date.max))
    symbols = dict.fromkeys((*symbols_read(policy), *policy.universe.values(), *([policy.cash] if policy.cash else [])))
    return PolicyPrices(policy, price_history_from_csv(prices, symbols), macro)


def add_override(
    book: Book,
    strategy: str,
    override: TiltOverride,
    *,
    now: datetime,
    priced: PolicyPrices | None = None,
    guard: GuardSetting | None = None,
    backdated: str = "",
) -> Logged:
    """Log an override of the strategy's newest version; `backdated` is why it is of an earlier day.

    Raises AppError for one that lacks a reason or an end, is of a class that the policy does not have, or comes
    while another of the class holds.
    """
    policy = signed_policy(load_version(book, strategy))
    if override.asset_class not in policy.strategic:
        raise AppError(
            f"{strategy} has no class {override.asset_class!r}", hint=f"It has {', '.join(policy.strategic)}."
        )
    faults = override_faults(override)
    if faults:
        raise AppError(f"The override cannot be logged: {'; '.join(faults)}")
    warned = () if priced is None else guarded(priced, override.made, override.asset_class, guard)
    with book.session() as session:
        for each in kept.load_overrides(session, strategy):
            if each.override.asset_class == override.asset_class and _holds(each.override, override.made):
                raise AppError(
                    f"Override {each.number} of {override.asset_class} holds until {each.override.until}",
                    hint=f"End it first: `plimsoll override close --number {each.number}`.",
                )
        number = kept.insert_override(session, strategy, override)
        details = {
            "number": str(number),
            "class": override.asset_class,
            "tilt": str(override.tilt),
            "reason": override.reason,
            "expires": override.expires.isoformat(),
            "made": override.made.isoformat(),
            "cautions": "; ".join(each.sentence for each in warned),
            **entered_details(None, backdated),
        }
        audit_log.append(session, at=now, by=override.author, action="override tilt", subject=strategy, details=details)
    return Logged(number, override, warned)


def close_override(
    book: Book, number: int, *, by: str, today: date, now: datetime, backdated: str = ""
) -> StoredOverride:
    """End an override before it expires. Raises AppError for one that holds no longer, or that there is not."""
    with book.session() as session:
        found = [each for each in kept.load_overrides(session) if each.number == number]
        if found and found[0].override.state_on(today) is not OverrideState.ACTIVE:
            raise AppError(f"Override {number} ended on {found[0].override.until} already")
        if found and today < found[0].override.made:
            raise AppError(f"Override {number} was made on {found[0].override.made}, after {today}")
        kept.close_override(session, number, today)
        subject = found[0].strategy
        details = {"number": str(number), "closed": today.isoformat(), **entered_details(None, backdated)}
        audit_log.append(session, at=now, by=by, action="end override", subject=subject, details=details)
        return next(each for each in kept.load_overrides(session) if each.number == number)


def list_overrides(
    book: Book, strategy: str | None, *, as_of: date, priced: PolicyPrices | None = None
) -> tuple[OverrideRow, ...]:
    """Return the overrides made by a day, with what each did up to it where prices are given."""
    with book.reading() as session:
        found = kept.load_overrides(session, strategy)
    return tuple(
        OverrideRow(
            each.number,
            each.strategy,
            each.override,
            each.override.until,
            each.override.state_on(as_of),
            None if priced is None else effect_of(each.override, priced, as_of),
        )
        for each in found
        if each.override.made <= as_of
    )


def effect_of(override: TiltOverride, priced: PolicyPrices, as_of: date) -> OverrideEffect | None:
    """Return what an override cost or gained up to a day, against the tilts of the policy on each day."""
    symbol = priced.policy.universe.get(override.asset_class, "")
    if not symbol:
        return None
    history = priced.history
    funding = priced.policy.universe.get(CASH_CLASS, priced.policy.cash)
    closes = DailyCloses(
        history.dates[: history.known_on(as_of)],
        tuple(history.column(symbol, as_of).tolist()),
        tuple(history.column(funding, as_of).tolist()) if funding else (),
    )
    return override_effect(override, closes, model_tilts(priced, override.asset_class, as_of), as_of)


def model_tilts(priced: PolicyPrices, asset_class: str, as_of: date) -> tuple[tuple[date, Decimal], ...]:
    """Return the policy's tilts of a class, each from the day of its decision on."""
    if priced.policy.mode not in MODES:
        return ()
    start = starting_weights(priced.policy)[asset_class]
    return tuple((day, targets[asset_class] - start) for day, targets in decisions_of(priced, as_of))


def decisions_of(priced: PolicyPrices, as_of: date) -> tuple[tuple[date, dict[str, Decimal]], ...]:
    """Return the targets of each month end up to `as_of`, by the day of its last close.

    Raises AppError for a policy with signals that read macro series which are not there: prices alone do not say
    what it decided.
    """
    for setting in priced.policy.signals:
        lacks = missing_series(setting, priced.macro)
        if lacks:
            raise AppError(
                f"Signal {setting.kind} reads macro series: the decisions cannot be replayed from prices alone",
                detail=f"it {lacks}",
                hint="Import the series into the book.",
            )
    path = overlay_path(priced.policy, priced.history, as_of, priced.macro)
    days = [
        max((day for day in line if day is not None), default=month)
        for line, month in zip(path.ends.days, path.ends.months, strict=True)
    ]
    return tuple((day, step.targets) for day, step in zip(days, path.steps, strict=True))


def guarded(
    priced: PolicyPrices, day: date, asset_class: str = "", setting: GuardSetting | None = None
) -> tuple[Caution, ...]:
    """Return what speaks for waiting with a change on `day`: falls and rises of the classes and of their mix."""
    lines = [
        ValueLine(f"{name} ({symbol})", priced.history.dates, tuple(priced.history.closes[:, column].tolist()))
        for name, symbol in priced.policy.universe.items()
        if (not asset_class or name == asset_class) and name != CASH_CLASS
        for column in [priced.history.symbols.index(symbol)]
    ]
    return cautions([*lines, *_mix(priced)], day, setting)


def _mix(priced: PolicyPrices) -> tuple[ValueLine, ...]:
    """Return the growth of the strategic weights, reset each day, over the days on which every class has a close.

    A class without an ETF, as cash may be, earns nothing.
    """
    weights: dict[str, float] = {}
    for name, weight in priced.policy.strategic.items():
        symbol = priced.policy.universe.get(name, priced.policy.cash if name == CASH_CLASS else "")
        if symbol and weight:
            weights[symbol] = weights.get(symbol, 0.0) + float(weight)
    columns = [priced.history.symbols.index(symbol) for symbol in weights]
    closes = priced.history.closes[:, columns]
    rows = np.flatnonzero(~np.isnan(closes).any(axis=1))
    if not weights or not rows.size:
        return ()
    daily = closes[rows][1:] / closes[rows][:-1] - 1
    grown = np.cumprod(1 + daily @ np.array(list(weights.values())))
    days = tuple(priced.history.dates[row] for row in rows)
    return (ValueLine("The strategic mix", days, (1.0, *grown.tolist())),)


def _holds(override: TiltOverride, day: date) -> bool:
    return override.state_on(day) is OverrideState.ACTIVE and override.made <= day
