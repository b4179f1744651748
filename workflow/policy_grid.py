"""The candidates of a search: a policy with some of its keys set to each of the values that a file lists."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from engine.errors import AppError
from engine.overlay.policy import OverlayPolicy, validate
from engine.research.policy_search import Candidate, draw
from workflow.backtest import require_backtest
from workflow.case_file import encode, read_bytes

PATH = re.compile(r"[a-z_]+(\[\d+\])?(\.[A-Za-z_]+(\[\d+\])?)*")
STEP = re.compile(r"[A-Za-z_]+|\d+")
HINT = 'Write one JSON object, as {"signals[0].months": [6, 10, 12], "overlay_band": [0.05, 0.10]}.'

Choices = Mapping[str, tuple[Any, ...]]


def read_choices(path: Path) -> Choices:
    """Return the values to try by key of a policy; AppError for a file that does not list them."""
    try:
        raw = msgspec.json.decode(read_bytes(path), type=dict[str, list[Any]])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise AppError(f"The choices cannot be read: {error}", detail=str(path), hint=HINT) from None
    if not raw or not all(raw.values()):
        raise AppError("The choices name no value to try", detail=str(path), hint=HINT)
    for key in raw:
        if not PATH.fullmatch(key):
            raise AppError(f"{key!r} is no key of a policy", detail=str(path), hint=HINT)
    return {key: tuple(values) for key, values in raw.items()}


def grid_size(choices: Choices) -> int:
    """Return how many policies the choices make, the policy itself not counted."""
    return math.prod(len(values) for values in choices.values())


def candidates(policy: OverlayPolicy, choices: Choices, budget: int, seed: int) -> tuple[Candidate, ...]:
    """Return the policy itself and `budget` points of its grid, or all of them where they are no more.

    Raises AppError for a key that the policy does not have, or a value that makes a policy that does not hold.
    """
    document = msgspec.json.decode(encode(policy))
    drawn = draw(grid_size(choices), budget, seed)
    return (
        Candidate(policy, (("", "as given"),)),
        *(_candidate(document, dict(_point(choices, number))) for number in drawn),
    )


def _point(choices: Choices, number: int) -> Iterator[tuple[str, Any]]:
    """Yield the values of one point of the grid, the last key changing fastest."""
    for key, values in reversed(tuple(choices.items())):
        number, place = divmod(number, len(values))
        yield key, values[place]


def _candidate(document: Any, point: Mapping[str, Any]) -> Candidate:
    changed = msgspec.json.decode(msgspec.json.encode(document))
    for key, value in point.items():
        _set(changed, key, value)
    shown = tuple((key, _text(value)) for key, value in sorted(point.items()))
    place = ", ".join(f"{key} = {value}" for key, value in shown)
    try:
        policy = msgspec.json.decode(msgspec.json.encode(changed), type=OverlayPolicy)
    except msgspec.ValidationError as error:
        raise AppError(f"A choice cannot be used: {error}", detail=place) from None
    faults = validate(policy)
    if faults:
        raise AppError(f"A choice makes a policy that does not hold: {'; '.join(faults)}", detail=place)
    require_backtest(policy)
    return Candidate(policy, shown)


def _set(document: Any, key: str, value: Any) -> None:
    """Set one key of a policy document that has it."""
    steps: Sequence[str | int] = [int(step) if step.isdigit() else step for step in STEP.findall(key)]
    place = document
    for step in steps[:-1]:
        if not _has(place, step):
            raise AppError(f"The policy has no {key}", hint=HINT)
        place = place[step]
    if not _has(place, steps[-1]):
        raise AppError(f"The policy has no {key}", hint=HINT)
    place[steps[-1]] = value


def _has(place: Any, step: str | int) -> bool:
    if isinstance(step, int):
        return isinstance(place, list) and step < len(place)
    return isinstance(place, dict) and step in place


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
