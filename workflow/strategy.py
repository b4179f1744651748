"""Strategies of a book: signed versions of a policy, frozen until the next, with what changed and what to mind."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from db import audit_log, store
from db.store import discipline as kept
from db.store.discipline import StoredMove, StoredVersion
from engine.errors import AppError
from engine.overlay.behaviour import Caution
from engine.overlay.freeze import (
    COOL_OFF_DAYS,
    Difference,
    Signature,
    canonical_json,
    cooling,
    differences,
    first_broken,
    sign,
)
from engine.overlay.policy import OverlayPolicy
from engine.overlay.strategy_card import Expectation, StrategyCard, expectations_of, strategy_card
from workflow.book import Book
from workflow.case_file import read_bytes

PAPER = "paper"
LIVE = "live"


@dataclass(frozen=True, slots=True)
class Signing:
    """How a version is signed: by whom, why, for how long it cools off, and whether over the cool-off before.

    `over_cool_off` is also why it cools off for fewer days than usual. `entered` is when it was entered, where that is
    not the moment of the signature, and `backdated` why: both are logged.
    """

    by: str
    reason: str = ""
    cool_off_days: int = COOL_OFF_DAYS
    over_cool_off: str = ""
    entered: datetime | None = None
    backdated: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """A version that was signed, what it changes, and what speaks for waiting."""

    signature: Signature
    changes: tuple[Difference, ...]
    cautions: tuple[Caution, ...]


@dataclass(frozen=True, slots=True)
class StrategyRow:
    """A strategy in the list: its newest version, whether on paper or live since when, and what is wrong with it."""

    name: str
    version: int
    signed_by: str
    signed_at: datetime
    cool_off: date
    mode: str
    mode_since: date
    live_version: int | None
    broken_version: int | None


def sign_policy(
    book: Book,
    policy: OverlayPolicy,
    signing: Signing,
    *,
    now: datetime,
    expectations: tuple[Expectation, ...] = (),
    cautions: tuple[Caution, ...] = (),
) -> Signed:
    """Sign the policy as the next version of the strategy of its name; it goes on paper.

    Raises AppError where nothing changed, in the cool-off or for a cool-off below the usual without a reason, or where
    the versions in the book are not as they were signed. Cautions are logged with the signature and do not forbid it.
    """
    _require_cool_off(signing)
    text = canonical_json(policy)
    with book.session() as session:
        versions = sound_versions(session, policy.name.strip())
        last = versions[-1] if versions else None
        changes = differences(last.policy, text) if last else ()
        if last is not None:
            _require_change(last, changes, signing, now)
        signature = sign(
            policy,
            last.signature if last else None,
            by=signing.by,
            at=now,
            reason=signing.reason,
            cool_off_days=signing.cool_off_days,
        )
        moves = (StoredMove(now, PAPER, signing.by, "signed"),)
        kept.insert_version(session, StoredVersion(signature, text, expectations, moves))
        signed = Signed(signature, changes, cautions)
        details = _details(signed, signing)
        audit_log.append(
            session, at=now, by=signing.by, action="sign strategy", subject=signature.strategy, details=details
        )
    return signed


def _details(signed: Signed, signing: Signing) -> dict[str, str]:
    """Return what the audit log says of a signature."""
    return {
        "version": str(signed.signature.version),
        "policy_sha256": signed.signature.policy_sha256,
        "seal": signed.signature.seal,
        "reason": signing.reason,
        "over_cool_off": signing.over_cool_off,
        "cool_off_days": str(signing.cool_off_days),
        "changes": "; ".join(each.sentence for each in signed.changes),
        "cautions": "; ".join(each.sentence for each in signed.cautions),
        **entered_details(signing.entered, signing.backdated),
    }


def _require_cool_off(signing: Signing) -> None:
    if signing.cool_off_days < COOL_OFF_DAYS and not signing.over_cool_off.strip():
        raise AppError(
            f"A cool-off of {signing.cool_off_days} days is below {COOL_OFF_DAYS}",
            hint="Leave it, or say why (--override-reason TEXT): it is logged.",
        )


def entered_details(entered: datetime | None, backdated: str = "") -> dict[str, str]:
    """Return what the audit log says of something that was entered at another moment than its own, and why."""
    found = {} if entered is None else {"entered_at": entered.isoformat()}
    return found | ({"backdated": backdated.strip()} if backdated.strip() else {})


def require_not_backdated(book: Book, day: date, why: str) -> None:
    """Raise AppError for a day before the last one of which the book's log tells, unless it is said why."""
    with book.reading() as session:
        latest = audit_log.latest(session)
    if latest is not None and day < latest.astimezone().date() and not why.strip():
        raise AppError(
            f"--today {day} is before {latest.astimezone().date()}, the last day in the book's log",
            hint="Leave it out, or say why (--backdate-reason TEXT): it is logged.",
        )


def _require_change(last: StoredVersion, changes: tuple[Difference, ...], signing: Signing, now: datetime) -> None:
    if not changes:
        raise AppError(f"Version {last.signature.version} has the same rules already: there is nothing to sign")
    why = cooling(last.signature, now.date())
    if why and not signing.over_cool_off.strip():
        raise AppError(
            f"The rules are frozen: {why}", hint="Wait, or say why not (--override-reason TEXT): it is logged."
        )


def sound_versions(session: Session, name: str) -> tuple[StoredVersion, ...]:
    """Return the versions of a strategy, the oldest first. Raises AppError where one is not as it was signed."""
    versions = kept.load_versions(session, name)
    broken = first_broken(tuple((each.signature, each.policy) for each in versions))
    if broken is not None:
        raise AppError(f"Version {broken} of {name} is not as it was signed", hint="Restore the book from a backup.")
    return versions


def load_version(book: Book, name: str, version: int | None = None) -> StoredVersion:
    """Return a version of a strategy, the newest without a number. Raises AppError for one that there is not."""
    with book.reading() as session:
        versions = sound_versions(session, name)
        known = kept.strategy_names(session)
    found = [each for each in versions if version in {None, each.signature.version}]
    if not versions:
        hint = f"There are: {', '.join(known)}." if known else "`plimsoll strategy sign` makes one."
        raise AppError(f"there is no strategy {name!r}", hint=hint)
    if not found:
        raise AppError(f"{name} has no version {version}", hint=f"It has 1 to {len(versions)}.")
    return found[-1]


def signed_policy(version: StoredVersion) -> OverlayPolicy:
    """Return the policy of a version as it was signed."""
    return msgspec.json.decode(version.policy, type=OverlayPolicy)


def list_strategies(book: Book) -> tuple[StrategyRow, ...]:
    """Return every strategy; a broken chain is told, not raised."""
    with book.reading() as session:
        return tuple(_row(name, kept.load_versions(session, name)) for name in kept.strategy_names(session))


def _row(name: str, versions: tuple[StoredVersion, ...]) -> StrategyRow:
    last = versions[-1]
    live = [each.signature.version for each in versions if each.moves[-1].mode == LIVE]
    return StrategyRow(
        name=name,
        version=last.signature.version,
        signed_by=last.signature.signed_by,
        signed_at=last.signature.signed_at,
        cool_off=last.signature.cool_off,
        mode=last.moves[-1].mode,
        mode_since=last.moves[-1].at.date(),
        live_version=live[-1] if live else None,
        broken_version=first_broken(tuple((each.signature, each.policy) for each in versions)),
    )


def policy_changes(book: Book, name: str, policy: OverlayPolicy) -> tuple[Difference, ...]:
    """Return what a policy changes in the newest version: none where it is the policy that was signed."""
    return differences(load_version(book, name).policy, canonical_json(policy))


def version_changes(book: Book, name: str, first: int, second: int) -> tuple[Difference, ...]:
    """Return what the second version changed in the first."""
    return differences(load_version(book, name, first).policy, load_version(book, name, second).policy)


def card(book: Book, name: str, version: int | None = None) -> StrategyCard:
    """Return the card of a version, with what it changed in the version before."""
    found = load_version(book, name, version)
    number = found.signature.version
    changes = version_changes(book, name, number - 1, number) if number > 1 else ()
    move = found.moves[-1]
    policy = signed_policy(found)
    return strategy_card(
        policy,
        found.signature,
        mode=(move.mode, move.at.date()),
        expectations=found.expectations,
        changes=changes,
    )


def write_card(book: Book, name: str, out: Path, version: int | None = None) -> Path:
    """Write the card of a version as a PDF."""
    from exporters.strategy_card_pdf import strategy_card_pdf  # noqa: PLC0415 - only the card draws

    with book.reading() as session:
        firm = store.load_office(session).firm
    content = strategy_card_pdf(card(book, name, version), firm)
    try:
        out.write_bytes(content)
    except OSError as error:
        raise AppError(f"The card cannot be written: {error.strerror}", detail=str(out)) from error
    return out


def backtest_expectations(path: Path) -> tuple[Expectation, ...]:
    """Return what a backtest leads to expect, from the document of `plimsoll backtest --json`."""
    document = json_document(path)
    metrics = document.get("metrics")
    if not isinstance(metrics, dict):
        raise AppError(
            "The backtest has no metrics", detail=str(path), hint="Write it with `plimsoll backtest --json`."
        )
    figures = {key: value for key, value in metrics.items() if isinstance(value, int | float)}
    return expectations_of(figures, f"backtest {document.get('start', '?')} to {document.get('end', '?')}")


def json_document(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file. Raises AppError for a file that has none."""
    try:
        document = json.loads(read_bytes(path))
    except ValueError as error:
        raise AppError(f"The file is no JSON: {error}", detail=str(path)) from error
    if not isinstance(document, dict):
        raise AppError("The file holds no JSON object", detail=str(path))
    return document


def any_mode(_policy: OverlayPolicy) -> None:
    """Let every mode be signed: what cannot be run yet on a day can be backtested."""
