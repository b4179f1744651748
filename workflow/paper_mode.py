"""From paper to live: six months on paper, a gate that was passed, or an override that is logged."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import msgspec

from db import audit_log
from db.store import discipline as kept
from db.store.discipline import StoredMove, StoredVersion
from engine.errors import AppError
from engine.overlay.strategy_card import months_after
from engine.research.gate import Check, Verdict, overridden
from workflow.book import Book
from workflow.case_file import read_bytes
from workflow.strategy import LIVE, PAPER, entered_details, load_version

PAPER_MONTHS = 6
"""How long a version runs on paper before it may go live."""


@dataclass(frozen=True, slots=True)
class LiveAsk:
    """What is asked of `go_live`. `verdict` None = the gate was not run, which does not pass.

    `entered` is when it was asked, where that is not the moment of going live: it is logged.
    """

    by: str
    verdict: Verdict | None
    override_reason: str = ""
    paper_months: int = PAPER_MONTHS
    entered: datetime | None = None


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

    Raises AppError before its months on paper are over or where it did not pass the gate, unless an override gives
    author and reason: what it overrode goes into the audit log.
    """
    found = load_version(book, name)
    signature = found.signature
    if found.moves[-1].mode == LIVE:
        raise AppError(f"Version {signature.version} of {name} is live since {found.moves[-1].at.date()} already")
    if not ask.by.strip():
        raise AppError("Nobody is named as the one who sets it live", hint="Give a name (--by NAME).")
    against = (*_too_early(found, ask.paper_months, now.date()), *_not_passed(ask.verdict))
    if against and not ask.override_reason.strip():
        raise AppError(
            f"Version {signature.version} of {name} may not go live: {'; '.join(against)}",
            hint="Wait, or override with a reason (--override-reason TEXT): it is logged.",
        )
    if ask.verdict is not None and against:
        overridden(ask.verdict, ask.by, ask.override_reason)
    reason = ask.override_reason.strip() if against else "paper period over, gate passed"
    with book.session() as session:
        kept.insert_move(session, name, signature.version, StoredMove(now, LIVE, ask.by.strip(), reason))
        details = {
            "version": str(signature.version),
            "policy_sha256": signature.policy_sha256,
            "overridden": "; ".join(against),
            "reason": reason,
            "paper_months": str(ask.paper_months),
            **entered_details(ask.entered),
        }
        action = "live by override" if against else "live"
        audit_log.append(session, at=now, by=ask.by.strip(), action=action, subject=name, details=details)
    return LiveOutcome(name, signature.version, now.date(), against, ask.override_reason.strip() if against else "")


def back_to_paper(book: Book, name: str, *, by: str, reason: str, now: datetime) -> int:
    """Take the newest version off live, back on paper, where its months begin anew; return its number."""
    found = load_version(book, name)
    number = found.signature.version
    if found.moves[-1].mode == PAPER:
        raise AppError(f"Version {number} of {name} is on paper since {found.moves[-1].at.date()} already")
    if not (by.strip() and reason.strip()):
        raise AppError("Going back to paper needs a name and a reason", hint="Give --by NAME and --reason TEXT.")
    with book.session() as session:
        kept.insert_move(session, name, number, StoredMove(now, PAPER, by.strip(), reason.strip()))
        details = {"version": str(number), "reason": reason.strip()}
        audit_log.append(session, at=now, by=by.strip(), action="back to paper", subject=name, details=details)
    return number


def verdict_from_json(path: Path) -> Verdict:
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
    return Verdict(found.verdict.checks)


class _Checks(msgspec.Struct):
    checks: tuple[Check, ...]


class _Judged(msgspec.Struct):
    verdict: _Checks


def _too_early(found: StoredVersion, months: int, today: date) -> tuple[str, ...]:
    since = found.moves[-1].at.date()
    earliest = months_after(since, months)
    if today >= earliest:
        return ()
    return (f"on paper since {since}, {months} months are over on {earliest}",)


def _not_passed(verdict: Verdict | None) -> tuple[str, ...]:
    if verdict is None:
        return ("its out-of-sample gate was not run (--gate FILE of `plimsoll honesty --json`)",)
    return () if verdict.passed else tuple(f"gate: {reason}" for reason in verdict.reasons)
