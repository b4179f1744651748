"""What the overlay says on a day: from price and policy files, or for a model; and as JSON."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec

from engine.errors import AppError
from engine.overlay.macro_history import NO_MACRO, ROLE_SERIES, MacroHistory, Observation, macro_history, macro_series
from engine.overlay.overlay import read_overlay
from engine.overlay.policy import OverlayPolicy
from engine.overlay.policy_lint import policy_lint
from engine.overlay.price_history import PriceHistory
from engine.overlay.reading import OverlayReading
from engine.overlay.signals import SIGNALS
from workflow.macro_table import macro_from_csv
from workflow.overlay_policy import overlay_policy, policy_from_json
from workflow.price_table import price_history_from_csv

MACRO_UNUSED = "the macro file is not read: no signal of the policy needs it"


def overlay_from_files(prices: Path, policy: Path, macro: Path | None, as_of: date) -> OverlayReading:
    """Return the overlay of a policy file over a price file at the close of `as_of`.

    Raises AppError for a file that cannot be used, or prices that begin after `as_of`.
    """
    ruleset = policy_from_json(policy)
    if macro is not None and not macro.is_file():
        raise AppError("The macro file cannot be read: there is no such file", detail=str(macro))
    reads_macro = any(SIGNALS[setting.kind].roles for setting in ruleset.signals)
    series = macro_from_csv(macro) if macro is not None and reads_macro else NO_MACRO
    history = price_history_from_csv(prices, symbols_read(ruleset))
    if not history.known_on(as_of):
        first = history.dates[0]
        raise AppError(
            f"There are no prices on or before {as_of}",
            detail=str(prices),
            hint=f"They begin on {first}: give a later --as-of.",
        )
    reading = read_overlay(ruleset, history, as_of, series)
    unused = () if macro is None or reads_macro else (MACRO_UNUSED,)
    return dataclasses.replace(reading, warnings=(*reading.warnings, *unused, *policy_lint(ruleset)))


def symbols_read(policy: OverlayPolicy) -> tuple[str, ...]:
    """Return the symbols whose closes the signals of a policy read."""
    symbols = [policy.universe[name] for name in policy.voted_classes()]
    against = [setting.against for setting in policy.signals if setting.against]
    return tuple(dict.fromkeys((*symbols, *(policy.universe.get(name, name) for name in against))))


def overlay_for_model(
    strategic: Mapping[str, Decimal],
    etfs: Mapping[str, str],
    settings: Mapping[str, str],
    history: PriceHistory,
    as_of: date,
    *,
    name: str = "of the office",
    macro: Callable[[OverlayPolicy], MacroHistory] = lambda _policy: NO_MACRO,
) -> OverlayReading | None:
    """Return the overlay of a model, None when its office policy has it off or names no ETF to read.

    Weights and ETFs are by class; settings are those of `workflow.overlay_policy.SETTINGS`, as text, and `name` is
    their policy's, for messages. `macro` gives the series that a policy may read beside closes. The same model,
    settings and history give the same reading, so one reading serves all households that share them.

    Raises AppError naming a setting that cannot be read.
    """
    policy = overlay_policy(strategic, etfs, settings, name=name)
    return None if policy is None else read_overlay(policy, history, as_of, macro(policy))


def macro_of_book(policy: OverlayPolicy, points: Mapping[str, Sequence[tuple[date, Decimal]]]) -> MacroHistory:
    """Return the macro series of a book that the signals of a policy may read, none where they read closes only.

    A book keeps one value for each day of a series, the last that was imported: each counts as published with the
    usual lag of its series, and what was revised since is seen as revised. Raises AppError for a series that cannot be
    used.
    """
    roles = {role for setting in policy.signals for group in SIGNALS[setting.kind].roles for role in group}
    wanted = {name for role in roles for name in ROLE_SERIES[role]} | {s.series.upper() for s in policy.signals}
    found = []
    for name, values in points.items():
        if name.upper() in wanted:
            try:
                found.append(macro_series(name, [Observation(day, float(value)) for day, value in values]))
            except ValueError as error:
                raise AppError(f"The macro series {name} of the book cannot be used: {error}") from error
    try:
        return macro_history(found)
    except ValueError as error:
        raise AppError(f"The macro series of the book cannot be used: {error}", hint="Give each one name.") from error


def overlay_json(reading: OverlayReading) -> str:
    """Return the reading as one JSON document. A signal without a reading has the value null."""
    document = msgspec.to_builtins(reading, builtin_types=(Decimal, date))
    for signal in document["signals"]:
        if not signal["vote"]:
            signal["value"] = None
    encoded = msgspec.json.Encoder(decimal_format="number").encode(document)
    return msgspec.json.format(encoded, indent=1).decode()


def overlay_from_json(text: str) -> OverlayReading:
    """Return the reading that `overlay_json` wrote. Raises msgspec.ValidationError for anything else."""
    document = msgspec.json.decode(text)
    for signal in document["signals"]:
        if signal["value"] is None:
            signal["value"] = 0
    return msgspec.json.decode(msgspec.json.encode(document), type=OverlayReading)
