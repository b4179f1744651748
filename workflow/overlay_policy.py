"""Where the overlay's ruleset comes from: a policy file, or a model with the settings of its office policy."""

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

from engine.errors import AppError
from engine.overlay.overlay import require_available
from engine.overlay.policy import OverlayPolicy, SignalKind, SignalSetting, validate
from engine.overlay.signals import SIGNALS
from workflow.case_file import read_bytes
from workflow.policy_settings import NO_LIMIT

SETTINGS = {
    "overlay": "no",
    "overlay_band": "0.10",
    "overlay_signals": "sma:10, momentum:12-1",
    "overlay_quorum": "0.5",
    "overlay_hysteresis": "0.01",
    "overlay_max_turnover_quarter": "0.20",
    "class_cap": "none",
}
"""The settings of an office policy that the overlay reads, with what an empty one means; none = no limit."""

_PLAIN: dict[Any, tuple[tuple[type, ...], str]] = {Decimal: ((int, float), "a number"), str: ((str,), "text")}

YES = frozenset({"yes", "y", "true", "on", "1"})
NO = frozenset({"no", "n", "false", "off", "0"})
SIGNAL_TEXT = re.compile(r"(?P<kind>[a-z][a-z0-9_]*)(?::(?P<months>\d{1,4})(?:-(?P<skip>\d{1,4}))?)?")


def policy_from_json(path: Path, require: Callable[[OverlayPolicy], None] = require_available) -> OverlayPolicy:
    """Return the ruleset of a policy file. `require` raises AppError for what its reader does not have.

    Raises AppError with the path of the field for a file that cannot be read, a key that a policy does not have, a
    value of another type, a rule that does not hold, or a mode or signal that this version does not have.
    """
    content = read_bytes(path)
    try:
        raw = msgspec.json.decode(content)
        for fault in _shape_faults(raw, OverlayPolicy, ""):
            raise AppError(f"The policy does not hold: {fault}", detail=str(path))
        policy = msgspec.json.decode(content, type=OverlayPolicy)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        what = str(error).replace("`$.", "`")
        raise AppError(f"The policy file cannot be used: {what}", detail=str(path)) from error
    require(policy)
    return _holding(policy, str(path))


def overlay_policy(
    strategic: Mapping[str, Decimal],
    etfs: Mapping[str, str],
    settings: Mapping[str, str],
    *,
    name: str = "of the office",
) -> OverlayPolicy | None:
    """Return the ruleset of a model under the settings of its office policy, None when its overlay is off.

    `strategic` are the model's weights by class, `etfs` the ETF whose signals tilt a class: a class that it leaves
    out, or names no ETF for, is not tilted. `settings` are texts by the names in SETTINGS; empty ones are as there.
    `name` is that of the office policy, for messages.

    Raises AppError naming the setting that cannot be read or does not hold.
    """
    if not overlay_is_on(settings, name=name):
        return None
    usual = {key: settings.get(key, "").strip() or text for key, text in SETTINGS.items()}
    universe = {key: etfs[key].strip() for key in strategic if etfs.get(key, "").strip()}
    policy = settings_over(OverlayPolicy(universe=universe, strategic=dict(strategic)), usual, name=name)
    if not policy.universe:
        return None
    require_available(policy)
    _require_no_view(policy, name)
    # a class without an ETF is not tilted, so for the checks it counts as being in the universe
    _holding(dataclasses.replace(policy, universe=dict.fromkeys(strategic, "-")), f"policy {name}")
    return policy


def overlay_is_on(settings: Mapping[str, str], *, name: str = "of the office") -> bool:
    """Say whether the settings of an office policy turn its overlay on. Raises AppError where that cannot be read."""
    texts = {"overlay": settings.get("overlay", "").strip() or SETTINGS["overlay"], "name": name}
    return _is_on(texts)


def settings_over(policy: OverlayPolicy, settings: Mapping[str, str], *, name: str = "of the office") -> OverlayPolicy:
    """Return a policy with what the settings of an office policy say in place of its own; empty ones say nothing.

    Raises AppError naming the setting that cannot be read.
    """
    texts = {key: settings.get(key, "").strip() for key in SETTINGS} | {"name": name}
    said: dict[str, Any] = {field: read(key, texts) for key, (field, read) in _READ.items() if texts[key]}
    return dataclasses.replace(policy, **said)


def _require_no_view(policy: OverlayPolicy, name: str) -> None:
    """Raise AppError for a manual view, which a text of settings has no room for."""
    for setting in policy.signals:
        if setting.kind is SignalKind.VIEW:
            raise AppError(
                f"Signal {setting.kind} is not available in an office policy: a view needs author, reason and expiry",
                detail=f"policy {name}",
                hint="Put it into the ruleset of a policy file.",
            )


def _holding(policy: OverlayPolicy, place: str) -> OverlayPolicy:
    faults = validate(policy)
    if faults:
        raise AppError(f"The policy does not hold: {'; '.join(faults)}", detail=place)
    return policy


def _shape_faults(raw: object, kind: Any, path: str) -> Iterator[str]:
    """Yield what the decoder lets pass or cannot place: unknown keys, numbers as text, a dictionary's values."""
    if kind in _PLAIN:
        types, name = _PLAIN[kind]
        if isinstance(raw, bool) or not isinstance(raw, types):
            yield f"{path}: {msgspec.json.encode(raw).decode()[:40]} is not {name}"
    elif isinstance(kind, UnionType):
        if raw is not None:
            yield from _shape_faults(raw, get_args(kind)[0], path)
    elif dataclasses.is_dataclass(kind) and isinstance(raw, dict):
        hints = get_type_hints(kind)
        for key, value in raw.items():
            place = f"{path}.{key}" if path else key
            if key in hints:
                yield from _shape_faults(value, hints[key], place)
            else:
                near = get_close_matches(key, hints, 1)
                yield f"{place}: there is no such key{f'; did you mean {near[0]}?' if near else ''}"
    elif get_origin(kind) is dict and isinstance(raw, dict):
        for key, value in raw.items():
            yield from _shape_faults(value, get_args(kind)[1], f"{path}.{key}")
    elif get_origin(kind) is tuple and isinstance(raw, list):
        for number, value in enumerate(raw):
            yield from _shape_faults(value, get_args(kind)[0], f"{path}[{number}]")


def _is_on(texts: Mapping[str, str]) -> bool:
    text = texts["overlay"].lower()
    if text not in YES | NO:
        raise _unreadable("overlay", texts, "Write yes or no.")
    return text in YES


def _fraction(key: str, texts: Mapping[str, str]) -> Decimal:
    text = texts[key]
    try:
        number = Decimal(text.removesuffix("%").strip())
    except InvalidOperation as error:
        raise _unreadable(key, texts, "Write a fraction such as 0.10, or a percentage such as 10%.") from error
    return number / 100 if text.endswith("%") else number


def _limit(key: str, texts: Mapping[str, str]) -> Decimal | None:
    return None if texts[key].lower() in NO_LIMIT else _fraction(key, texts)


def _signals(key: str, texts: Mapping[str, str]) -> tuple[SignalSetting, ...]:
    """Return the signals of a text such as "sma:10, momentum:12-1"."""
    settings = []
    for part in texts[key].lower().split(","):
        match = SIGNAL_TEXT.fullmatch(part.strip())
        if match is None or match["kind"] not in {kind.value for kind in SignalKind}:
            known = ", ".join(sorted(SIGNALS))
            hint = f"Write signals such as sma:10, momentum:12-1; known: {known}."
            raise _unreadable(key, texts, hint)
        months = int(match["months"]) if match["months"] else None
        settings.append(SignalSetting(SignalKind(match["kind"]), months, int(match["skip"] or 0)))
    return tuple(settings)


def _unreadable(key: str, texts: Mapping[str, str], hint: str) -> AppError:
    return AppError(f'The setting {key} cannot be read: "{texts[key]}"', detail=f"policy {texts['name']}", hint=hint)


_READ: dict[str, tuple[str, Callable[[str, Mapping[str, str]], Any]]] = {
    "overlay_band": ("overlay_band", _fraction),
    "overlay_signals": ("signals", _signals),
    "overlay_quorum": ("quorum", _fraction),
    "overlay_hysteresis": ("hysteresis", _fraction),
    "overlay_max_turnover_quarter": ("max_turnover_quarter", _limit),
    "class_cap": ("class_cap", _limit),
}
"""The field of a policy that each setting fills, and how its text is read."""
