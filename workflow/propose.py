"""Makes and stores proposals: one run, every household that can be traded, the others left out by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict, Unpack

import msgspec
from sqlalchemy.orm import Session

from db import audit_log, store
from db.store.stored import NewProposal, NewRun, NewTrade
from engine.errors import AppError
from engine.overlay.reading import OverlayReading
from engine.portfolio import PlanKind
from engine.problems import Problem
from engine.rebalance.compare import with_plan
from engine.rebalance.proposal import Proposal
from engine.rebalance.solve import engine_version
from exporters.run_report import AccountFacts, RunState, SecurityFacts
from workflow.book import Book
from workflow.case_builder import build_case, strategic_weights
from workflow.case_file import encode, sha256
from workflow.household_day import HouseholdDay, household_days
from workflow.overlay import overlay_json
from workflow.readiness import LOT_CODES
from workflow.ruleset import RulesetAsk
from workflow.runs import HouseholdFacts, run_summary
from workflow.solve_cases import BatchOptions, solve_many
from workflow.views import Progress, RunSummary

TIME_LIMIT = 60.0
"""Seconds a household may take; past that its best plan so far is stored with its gap."""
BATCH = BatchOptions(time_limit=TIME_LIMIT)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A household ready to solve: its case, and what the report needs besides."""

    household_id: int
    name: str
    content: bytes
    overlay: OverlayReading | None
    facts: HouseholdFacts


class ProposeOptions(TypedDict, total=False):
    """What may be said of a run.

    `plan` is the kind of plan, that of each household's policy where none is said; `ruleset` says which signed ruleset
    the overlays follow, the live one that agrees with the office where none is said; `batch` says where the cases are
    solved; `progress` is told what is being done and may raise to cancel.
    """

    plan: PlanKind | None
    ruleset: RulesetAsk
    batch: BatchOptions
    progress: Progress | None


def propose(
    book: Book,
    *,
    households: Sequence[str] | None,
    as_of: date | None,
    now: datetime,
    by: str,
    **options: Unpack[ProposeOptions],
) -> RunSummary:
    """Make one run: a proposal for each of these households (None = all) that can be traded, and store it.

    `as_of` None = the day of the newest prices. The book is read and written here only, wherever the cases are
    solved. Raises AppError for a name that the book does not have, when nothing can be proposed at all because the
    book is empty, and when the cluster cannot be used.
    """
    plan, rules = options.get("plan"), options.get("ruleset") or RulesetAsk()
    with book.reading() as session:
        day = as_of or store.prices_as_of(session, now.date())
        if day is None:
            raise AppError("the book holds no prices", hint="Import a price file first.")
        days = household_days(session, _ids(session, households), day, rules)
        ready, skipped = _sort_out(days, plan, paper=rules.paper)
        sources = tuple(f.id for f in store.source_files(session))
        prices_day = store.prices_as_of(session, day)
    if not days:
        raise AppError("the book has no households", hint="Import the office workbook first.")
    solved: list[tuple[_Ready, Proposal]] = []
    content = [(r.name, r.content) for r in ready]
    answers = solve_many(content, options.get("batch") or BATCH, progress=options.get("progress"))
    for one, answer in zip(ready, answers, strict=True):
        if answer.proposal is None:
            skipped.append((one.name, answer.error))
        else:
            solved.append((one, answer.proposal))
    run = NewRun(day, prices_day, RunState.DRAFT, now, by, engine_version(), tuple(skipped), sources)
    return _store(book, run, solved)


def _ids(session: Session, names: Sequence[str] | None) -> list[int] | None:
    if names is None:
        return None
    known = {h.name: h.id for h in store.list_households(session)}
    missing = [name for name in names if name not in known]
    if missing:
        raise AppError(
            f"there is no household {', '.join(missing)}", hint="`plimsoll households` lists those of the book."
        )
    return [known[name] for name in names]


def _sort_out(
    days: Sequence[HouseholdDay], plan: PlanKind | None, *, paper: bool
) -> tuple[list[_Ready], list[tuple[str, str]]]:
    """Return the households that can be solved, and those that cannot, with the reason."""
    ready, skipped = [], []
    for one in days:
        if one.blocked:
            skipped.append((one.held.name, _why(one.blocked)))
            continue
        try:
            ready.append(_ready(one, plan, paper=paper))
        except AppError as error:
            skipped.append((one.held.name, str(error)))
        except Exception as error:  # noqa: BLE001 - one household's bug must not stop the others, and is told
            why = f"its case could not be made ({type(error).__name__}: {error}). Please report it"
            skipped.append((one.held.name, why))
    return ready, skipped


def _why(problems: Sequence[Problem]) -> str:
    return "; ".join(dict.fromkeys(p.line() for p in problems))


def _ready(one: HouseholdDay, plan: PlanKind | None, *, paper: bool) -> _Ready:
    held = one.held
    case = build_case(held, one.overlay)
    content = encode(case if plan is None else with_plan(case, plan))
    facts = HouseholdFacts(
        people=tuple(p.name for p in held.people),
        model=held.model.name if held.model else "",
        accounts=tuple(
            AccountFacts(
                key=a.key,
                custodian=a.custodian,
                number=a.number,
                name=a.name,
                owner=a.owner,
                registration=a.registration.value if a.registration else "",
                title=a.title,
                discretionary=a.discretionary,
            )
            for a in held.accounts
        ),
        securities=tuple(SecurityFacts(s.symbol, s.name, s.cusip, s.security_type) for s in held.securities.values()),
        strategic=strategic_weights(held),
        problems=one.kept,
        held_as_is=tuple(
            sorted({s.symbol for s in held.problems if s.problem.code in LOT_CODES and s.symbol}),
        ),
        ruleset=one.ruleset,
        paper=paper,
    )
    return _Ready(held.id, held.name, content, one.overlay, facts)


def _store(book: Book, run: NewRun, solved: Sequence[tuple[_Ready, Proposal]]) -> RunSummary:
    with book.session() as session:
        stored = store.insert_run(session, run)
        for one, proposal in solved:
            new = NewProposal(
                household_id=one.household_id,
                status=proposal.status,
                objective=proposal.objective,
                case_sha256=sha256(one.content),
                case_json=one.content,
                proposal_json=encode(proposal).decode(),
                overlay_json=None if one.overlay is None else overlay_json(one.overlay),
                facts_json=msgspec.json.encode(one.facts).decode(),
                trades=[
                    NewTrade(
                        account=t.account,
                        symbol=t.symbol,
                        side=t.side,
                        quantity=t.quantity,
                        price=t.price,
                        amount=t.amount,
                        reason=t.reason,
                        reason_code=t.reason_code,
                        lots=[(s.id, s.quantity, s.gain, s.term) for s in t.lots],
                    )
                    for t in proposal.trades
                ],
            )
            store.insert_proposal(session, stored.id, new)
        rulesets = dict.fromkeys(line for one, _ in solved if one.facts.ruleset for line in one.facts.ruleset.lines)
        details = {"proposals": str(len(solved)), "left out": str(len(run.skipped)), "as of": str(run.as_of)}
        if rulesets:
            details["rulesets"] = "; ".join(rulesets)
        if any(one.facts.paper for one, _ in solved):
            details["on paper"] = "yes"
        audit_log.append(
            session, at=run.created_at, by=run.created_by, action="propose", subject=stored.key, details=details
        )
        return run_summary(session, stored)
