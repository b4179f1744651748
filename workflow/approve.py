"""Moves a run on: Draft, Review, Approved, Exported, Filled, Reconciled. Each move is kept with who and why."""

from datetime import datetime

from db import audit_log, store
from db.store.stored import StoredApproval
from engine.errors import AppError
from exporters.run_report import RunState
from workflow.book import Book
from workflow.runs import facts_of

_ORDER = tuple(RunState)


def move_on(book: Book, run: str, *, by: str, reason: str, now: datetime) -> RunState:
    """Move a run one state on and return the new state.

    Raises AppError when nobody is named, when the run is on paper or at its end, or when someone else moved it
    meanwhile.
    """
    if not by.strip():
        raise AppError("nobody is named as the one who approves", hint="Give a name (--by NAME).")
    with book.session() as session:
        stored = store.load_run(session, run)
        if any(facts_of(each).paper for each in store.current_proposals(session, stored.id)):
            raise AppError(
                f"run {run} is on paper: it is looked at and never approved",
                hint="When its ruleset is live, propose again without --paper.",
            )
        state = RunState(stored.state)
        if state is _ORDER[-1]:
            raise AppError(f"run {run} is {state} and goes no further")
        following = _ORDER[_ORDER.index(state) + 1]
        store.insert_approval(session, run, StoredApproval(now, by, state, following, reason))
        details = {"from": state.value, "to": following.value, "reason": reason}
        audit_log.append(session, at=now, by=by, action="move on", subject=run, details=details)
    return following


def approve(book: Book, run: str, *, by: str, reason: str, now: datetime) -> RunState:
    """Approve a run that is a draft or in review: every move up to Approved is kept.

    Raises AppError for a run that is approved already, or further.
    """
    with book.reading() as session:
        state = RunState(store.load_run(session, run).state)
    if state not in {RunState.DRAFT, RunState.REVIEW}:
        raise AppError(f"run {run} is {state} already", hint="Make a new run to trade again.")
    while state is not RunState.APPROVED:
        state = move_on(book, run, by=by, reason=reason, now=now)
    return state
