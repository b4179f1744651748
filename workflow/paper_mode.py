"""From paper to live: six months on paper, a gate that was passed, or an override that is logged."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import msgspec

from db import audit_log
from db.store import discipline as kept
from db.store.discipline import StoredMove, StoredVersion
from engine.errors import AppError
from engine.overlay.freeze import policy_sha256
from engine.overlay.policy import LEARNED
from engine.overlay.strategy_card import months_after
from engine.research.gate import Check, CheckName, Verdict, overridden
from workflow.book import Book
from workflow.case_file import read_bytes
from workflow.strategy import LIVE, PAPER, Signing, entered_details, load_version, signed_policy

PAPER_MONTHS = 6
"""How long a version runs on paper before it may go live."""


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """A verdict and what it is of: the SHA-256 of the policy, its last day of prices, the program's version.

    They are empty where the file does not say.
    """

    verdict: Verdict
    policy_sha256: str = ""
    data_as_of: date | None = None
    program_version: str = ""


@dataclass(frozen=True, slots=True)
class LiveAsk:
    """What is asked of `go_live`. `verdict` None = the gate was not run, which does not pass.

    `entered` is when it was asked, where that is not the moment of going live, and `backdated` why: both are logged.
    """

    by: str
    verdict: GateVerdict | None
    override_reason: str = ""
    paper_months: int = PAPER_MONTHS
    entered: datetime | None = None
    backdated: str = ""


@dataclass(frozen=True, slots=True)
class LiveOutcome:
    """A version that went live. `against` is what spoke against it and was overridden; empty where nothing did."""

    strategy: str
    version: int
    live_since: date
    against: tuple[str, ...]
    override_reason: str


def go_live(book: Book, name: str, ask: LiveAsk, *, now: datetime) -> LiveOutcome:
    """Set the newest version of a strategy live.

    Raises AppError before its months on paper are over, with fewer months than usual, or where it did not pass the
    gate, unless an override gives author and reason: what it overrode goes into the audit log. No override replaces
    the gate with every simple mix in it for a learned allocation, or admits a verdict on another policy.
    """
    found = load_version(book, name)
    signature = found.signature
    if found.moves[-1].mode == LIVE:
        raise AppError(f"Version {signature.version} of {name} is live since {found.moves[-1].at.date()} already")
    if not ask.by.strip():
        raise AppError("Nobody is named as the one who sets it live", hint="Give a name (--by NAME).")
    _require_proven(found, ask.verdict)
    if ask.verdict is not None:
        _require_same_policy(found, ask.verdict)
    against = (
        *_shortened(ask.paper_months),
        *_too_early(found, ask.paper_months, now.date()),
        *_not_passed(ask.verdict),
    )
    if against and not ask.override_reason.strip():
        raise AppError(
            f"Version {signature.version} of {name} may not go live: {'; '.join(against)}",
            hint="Wait, or override with a reason (--override-reason TEXT): it is logged.",
        )
    if ask.verdict is not None and against:
        overridden(ask.verdict.verdict, ask.by, ask.override_reason)
    reason = ask.override_reason.strip() if against else "paper period over, gate passed"
    with book.session() as session:
        kept.insert_move(session, name, signature.version, StoredMove(now, LIVE, ask.by.strip(), reason))
        details = {
            "version": str(signature.version),
            "policy_sha256": signature.policy_sha256,
            "overridden": "; ".join(against),
            "reason": reason,
            "paper_months": str(ask.paper_months),
            **_verdict_details(ask.verdict),
            **entered_details(ask.entered, ask.backdated),
        }
        action = "live by override" if against else "live"
        audit_log.append(session, at=now, by=ask.by.strip(), action=action, subject=name, details=details)
    return LiveOutcome(name, signature.version, now.date(), against, ask.override_reason.strip() if against else "")


def back_to_paper(book: Book, name: str, signing: Signing, *, now: datetime) -> int:
    """Take the newest version off live, back on paper, where its months begin anew; return its number."""
    found = load_version(book, name)
    number = found.signature.version
    by, reason = signing.by.strip(), signing.reason.strip()
    if found.moves[-1].mode == PAPER:
        raise AppError(f"Version {number} of {name} is on paper since {found.moves[-1].at.date()} already")
    if not (by and reason):
        raise AppError("Going back to paper needs a name and a reason", hint="Give --by NAME and --reason TEXT.")
    with book.session() as session:
        kept.insert_move(session, name, number, StoredMove(now, PAPER, by, reason))
        details = {"version": str(number), "reason": reason, **entered_details(signing.entered, signing.backdated)}
        audit_log.append(session, at=now, by=by, action="back to paper", subject=name, details=details)
    return number


def verdict_from_json(path: Path) -> GateVerdict:
    """Return the verdict in the document of `plimsoll honesty --json`. Raises AppError for a file without one.

    An override that the file names is not taken over: it is given anew, and logged.
    """
    try:
        found = msgspec.json.decode(read_bytes(path), type=_Judged)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise AppError(
            f"The file has no verdict: {error}", detail=str(path), hint="Write it with `plimsoll honesty --json`."
        ) from error
    if not found.verdict.checks:
        raise AppError("The verdict has no checks", detail=str(path))
    return GateVerdict(Verdict(found.verdict.checks), found.policy_sha256, found.data_as_of, found.program_version)


class _Checks(msgspec.Struct):
    checks: tuple[Check, ...]


class _Judged(msgspec.Struct):
    verdict: _Checks
    policy_sha256: str = ""
    data_as_of: date | None = None
    program_version: str = ""


def _require_same_policy(found: StoredVersion, judged: GateVerdict) -> None:
    """Raise AppError for a verdict on another policy than the one that was signed.

    The hash is that of the signature, or of the same rules in this version's canonical text.
    """
    signature = found.signature
    same = {signature.policy_sha256, policy_sha256(signed_policy(found))}
    if judged.policy_sha256 and judged.policy_sha256 not in same:
        raise AppError(
            f"The verdict is of another policy: SHA-256 {judged.policy_sha256[:12]}, signed as version "
            f"{signature.version} of {signature.strategy} is {signature.policy_sha256[:12]}",
            hint="Run `plimsoll honesty --json` on the policy that was signed, name included.",
        )


def _verdict_details(judged: GateVerdict | None) -> dict[str, str]:
    if judged is None:
        return {}
    return {
        "verdict_policy_sha256": judged.policy_sha256,
        "verdict_data_as_of": str(judged.data_as_of or ""),
        "verdict_program_version": judged.program_version,
    }


def _shortened(months: int) -> tuple[str, ...]:
    if months >= PAPER_MONTHS:
        return ()
    return (f"its time on paper is set to {months} month{'s' * (months != 1)}, not {PAPER_MONTHS}",)


def _require_proven(found: StoredVersion, judged: GateVerdict | None) -> None:
    """Raise AppError for a learned allocation that has not passed the gate, the simple mixes included."""
    if signed_policy(found).mode not in LEARNED:
        return
    reasons = _not_passed(judged)
    if judged is not None and all(check.name is not CheckName.BEATS_BASELINES for check in judged.verdict.checks):
        reasons = (*reasons, "gate: it was not held against the simple mixes")
    if reasons:
        raise AppError(
            f"A learned allocation goes live only when it passed its gate: {'; '.join(reasons)}",
            hint="`plimsoll learned` runs it (--out FILE, then --gate FILE); an override does not replace it.",
        )


def _too_early(found: StoredVersion, months: int, today: date) -> tuple[str, ...]:
    since = found.moves[-1].at.date()
    earliest = months_after(since, months)
    if today >= earliest:
        return ()
    return (f"on paper since {since}, {months} months are over on {earliest}",)


def _not_passed(judged: GateVerdict | None) -> tuple[str, ...]:
    if judged is None:
        return ("its out-of-sample gate was not run (--gate FILE of `plimsoll honesty --json`)",)
    unnamed = () if judged.policy_sha256 else ("the verdict does not say of which policy it is (no policy_sha256)",)
    verdict = judged.verdict
    return unnamed if verdict.passed else (*unnamed, *(f"gate: {reason}" for reason in verdict.reasons))
