"""The log of trials as a file: what was tried of a policy, so that the next look at it counts all of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from engine.errors import AppError
from engine.research.policy_search import Trial
from workflow.case_file import encode, read_bytes


@dataclass(frozen=True, slots=True)
class TrialLog:
    """Every trial so far, and the probability of overfitting of the last search, None where it had none."""

    trials: tuple[Trial, ...] = ()
    overfitting: float | None = None


def read_log(path: Path) -> TrialLog:
    """Return the log of a file; AppError where it is none."""
    try:
        raw = msgspec.json.decode(read_bytes(path))
        return msgspec.convert(_numbers(raw), TrialLog, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise AppError(f"The log of trials cannot be used: {error}", detail=str(path)) from None


def write_log(path: Path, log: TrialLog) -> None:
    """Write the log; AppError where that cannot be done."""
    try:
        path.write_bytes(encode(log))
    except OSError as error:
        raise AppError(f"The log of trials cannot be written: {error.strerror}", detail=str(path)) from None


def _numbers(raw: Any) -> Any:
    """Return the document with figures that the data could not give, null in the file, as NaN."""
    if not isinstance(raw, dict) or not isinstance(raw.get("trials"), list):
        return raw
    return raw | {"trials": [_trial(row) for row in raw["trials"]]}


def _trial(row: Any) -> Any:
    if not isinstance(row, dict):
        return row
    return {
        key: {name: float("nan") if figure is None else figure for name, figure in value.items()}
        if isinstance(value, dict)
        else value
        for key, value in row.items()
    }
