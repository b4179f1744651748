"""The parameter freeze: a signed policy, its chain of versions, and in words what a change would change."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from engine.errors import AppError
from engine.overlay.policy import OverlayPolicy

FIRST = "0" * 64
"""What the first version names as the seal of the version before."""
COOL_OFF_DAYS = 90
"""A quarter: a change wanted in anger is looked at once more at the next review."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed which version when. `policy_sha256` is over the canonical policy, `seal` over all of this.

    `previous` is the seal of the version before, so that a version cannot be changed or left out unseen. Until
    `cool_off` no other version is signed without an override.
    """

    strategy: str
    version: int
    policy_sha256: str
    signed_by: str
    signed_at: datetime
    reason: str
    cool_off: date
    previous: str
    seal: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One key of the policy that differs; texts are JSON, empty where the key is not there."""

    path: str
    before: str
    after: str

    @property
    def sentence(self) -> str:
        """What changed, in words."""
        name = self.path.replace("_", " ")
        if not self.before:
            return f"{name} is new: {self.after}"
        if not self.after:
            return f"{name} is gone; it was {self.before}"
        return f"{name} from {self.before} to {self.after}"


def canonical_json(policy: OverlayPolicy) -> str:
    """Return the policy as the one text that is signed: every key, sorted, decimals as plain text without zeros."""
    return json.dumps(_plain(policy), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def policy_sha256(policy: OverlayPolicy) -> str:
    """Return the SHA-256 of a policy's canonical text, the one that is signed."""
    return sha256_of(canonical_json(policy))


def sha256_of(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def sign(
    policy: OverlayPolicy,
    before: Signature | None,
    *,
    by: str,
    at: datetime,
    reason: str = "",
    cool_off_days: int = COOL_OFF_DAYS,
) -> Signature:
    """Return the signature of the next version after `before` (None = the first). `at` is aware.

    Raises AppError for a policy without a name, nobody who signs, or a second version without a reason.
    """
    if not policy.name.strip():
        raise AppError("The policy has no name", detail="name", hint="Give it one: versions are kept by name.")
    if not by.strip():
        raise AppError("Nobody is named as the one who signs", hint="Give a name (--by NAME).")
    if before is not None and not reason.strip():
        raise AppError("A new version needs its reason", hint="Say why the rules change (--reason TEXT).")
    unsealed = Signature(
        strategy=policy.name.strip(),
        version=1 if before is None else before.version + 1,
        policy_sha256=policy_sha256(policy),
        signed_by=by.strip(),
        signed_at=at.astimezone(UTC),
        reason=reason.strip(),
        cool_off=at.astimezone(UTC).date() + timedelta(days=cool_off_days),
        previous=FIRST if before is None else before.seal,
        seal="",
    )
    return Signature(**{**_named(unsealed), "seal": seal_of(unsealed)})


def seal_of(signature: Signature) -> str:
    """Return the SHA-256 over the seal before and everything that the signature says."""
    content = [
        signature.strategy,
        signature.version,
        signature.policy_sha256,
        signature.signed_by,
        signature.signed_at.astimezone(UTC).isoformat(),
        signature.reason,
        signature.cool_off.isoformat(),
    ]
    return sha256_of(f"{signature.previous}\n{json.dumps(content, ensure_ascii=False, separators=(',', ':'))}")


def first_broken(chain: tuple[tuple[Signature, str], ...]) -> int | None:
    """Return the first version whose text, seal or place in the chain is not as signed; None when all are.

    Each entry is a signature and the policy's text as it is kept, the oldest first.
    """
    previous = FIRST
    for number, (signature, text) in enumerate(chain, start=1):
        sound = (
            signature.version == number
            and signature.previous == previous
            and signature.seal == seal_of(signature)
            and signature.policy_sha256 == sha256_of(text)
        )
        if not sound:
            return number
        previous = signature.seal
    return None


def differences(before: str, after: str) -> tuple[Difference, ...]:
    """Return each key that differs between two canonical texts, in the order of the keys."""
    old, new = dict(_leaves(json.loads(before), "")), dict(_leaves(json.loads(after), ""))
    return tuple(
        Difference(path, old.get(path, ""), new.get(path, ""))
        for path in sorted({*old, *new})
        if old.get(path, "") != new.get(path, "")
    )


def cooling(before: Signature, today: date) -> str:
    """Return why a new version may not be signed today, empty when it may."""
    if today >= before.cool_off:
        return ""
    days = (before.cool_off - today).days
    return (
        f"version {before.version} was signed on {before.signed_at.date()} and cools off until {before.cool_off}, "
        f"{days:,} day{'s' * (days != 1)} from {today}"
    )


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(each) for name, each in _named(value).items()}
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, Decimal):
        return f"{value.normalize() + 0:f}"
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


def _named(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield each value with its path; a key that is null, or an empty list, says that there is none."""
    if isinstance(value, dict) and value:
        for key, each in value.items():
            yield from _leaves(each, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for number, each in enumerate(value, start=1):
            yield from _leaves(each, f"{path}[{number}]")
    else:
        yield path, "none" if value in (None, "", [], {}) else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
