"""Adherence from the book: the orders of approved runs against the trades that imports show, household by household."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from db import store
from db.store.executions import load_executions, trades_known_until
from db.store.stored import StoredProposal, StoredRun
from engine.errors import AppError
from engine.overlay.adherence import DAYS_ALLOWED
from engine.overlay.trade_adherence import HouseholdAdherence, Order, trade_adherence
from exporters.run_report import RunState
from workflow.book import Book
from workflow.case_file import decode_proposal
from workflow.runs import facts_of


@dataclass(frozen=True, slots=True)
class BookAsk:
    """What the report is of: runs approved in these days (`start` None = all), of a strategy (empty = any)."""

    start: date | None
    end: date
    strategy: str = ""
    days_allowed: int = DAYS_ALLOWED


@dataclass(frozen=True, slots=True)
class Waiting:
    """A household's orders of a run that was proposed and never approved."""

    run: str
    as_of: date
    household: str
    orders: int


@dataclass(frozen=True, slots=True)
class BookAdherence:
    """The report: each household that had orders approved, and what was proposed and not approved."""

    start: date
    end: date
    households: tuple[HouseholdAdherence, ...]
    not_approved: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class _Approved:
    run: str
    day: date
    proposal: StoredProposal


def book_adherence(book: Book, ask: BookAsk) -> BookAdherence:
    """Return the report. Runs on paper are left out. Raises AppError where no run was approved in those days."""
    approved: dict[str, list[_Approved]] = defaultdict(list)
    waiting: list[Waiting] = []
    with book.reading() as session:
        for run in reversed(store.list_runs(session)):
            day = _approved_on(run)
            for proposal in _proposals(session, run, ask.strategy):
                if day is not None and day <= ask.end:
                    approved[proposal.household].append(_Approved(run.key, day, proposal))
                elif _within(run.created_at.date(), ask):
                    waiting.append(_waiting(run, proposal))
        orders = [order for runs in approved.values() for order in _orders(runs, ask)]
        if not orders:
            what = f" of {ask.strategy}" if ask.strategy else ""
            raise AppError(
                f"No orders{what} were approved by {ask.end}",
                hint="`plimsoll approve RUN` approves a run; --start and --today say which days are looked at.",
            )
        first = min(order.approved for order in orders)
        executions = load_executions(session, first, ask.end)
        known = trades_known_until(session)
    households = trade_adherence(orders, executions, known, ask.end, days_allowed=ask.days_allowed)
    return BookAdherence(first, ask.end, households, tuple(each for each in waiting if each.orders))


def _within(day: date, ask: BookAsk) -> bool:
    return (ask.start is None or day >= ask.start) and day <= ask.end


def _proposals(session: Session, run: StoredRun, strategy: str) -> Iterator[StoredProposal]:
    """Yield the proposals of a run that may be carried out and follow the strategy, where one is named."""
    for proposal in store.current_proposals(session, run.id):
        facts = facts_of(proposal)
        followed = facts.ruleset.strategy if facts.ruleset else ""
        if not facts.paper and strategy in {"", followed}:
            yield proposal


def _approved_on(run: StoredRun) -> date | None:
    return next((each.at.date() for each in run.approvals if each.to_state == RunState.APPROVED), None)


def _waiting(run: StoredRun, proposal: StoredProposal) -> Waiting:
    trades = decode_proposal(proposal.proposal_json.encode(), proposal.household).trades
    return Waiting(run.key, run.as_of, proposal.household, len(trades))


def _orders(runs: Sequence[_Approved], ask: BookAsk) -> Iterator[Order]:
    """Yield the orders of a household's approved runs; each run ends where the next one is approved."""
    ordered = sorted(runs, key=lambda each: each.day)
    for number, each in enumerate(ordered):
        following = ordered[number + 1].day if number + 1 < len(ordered) else None
        until = ask.end if following is None else max(each.day, following - timedelta(days=1))
        if not _within(each.day, ask):
            continue
        for trade in decode_proposal(each.proposal.proposal_json.encode(), each.proposal.household).trades:
            yield Order(
                run=each.run,
                household=each.proposal.household,
                account=trade.account,
                symbol=trade.symbol,
                side=trade.side,
                quantity=trade.quantity,
                approved=each.day,
                until=until,
            )
