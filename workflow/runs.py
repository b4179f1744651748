"""Runs as the screens and exporters see them: summaries, and the whole report of one run."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import msgspec
from sqlalchemy.orm import Session

from db import store
from db.store.stored import StoredProposal, StoredRun
from engine.money import ZERO
from engine.overlay.ruleset import RulesetUsed
from engine.portfolio import Side
from engine.problems import Problem, Severity
from engine.rebalance.proposal import ClassWeight, Proposal
from engine.rebalance.trails import proposal_trails
from exporters.run_report import (
    AccountFacts,
    ApprovalLine,
    HouseholdReport,
    RunReport,
    RunState,
    SecurityFacts,
    Skipped,
    SourceFile,
)
from workflow.book import Book
from workflow.case_file import decode_case, decode_proposal
from workflow.overlay import overlay_from_json
from workflow.ruleset import NOT_SIGNED
from workflow.views import ProposalRow, RunSummary


@dataclass(frozen=True, slots=True)
class HouseholdFacts:
    """What people call things in a household on the day of the run, kept with its proposal."""

    people: tuple[str, ...]
    model: str
    accounts: tuple[AccountFacts, ...]
    securities: tuple[SecurityFacts, ...]
    strategic: dict[str, Decimal]
    problems: tuple[Problem, ...]
    held_as_is: tuple[str, ...]
    """Symbols whose lots are missing or do not add up: counted, not traded."""
    ruleset: RulesetUsed | None = None
    """The signed ruleset that the overlay follows; None where it follows none, or the office's settings."""
    paper: bool = False
    """Whether the run is on paper."""


def list_runs(book: Book) -> tuple[RunSummary, ...]:
    """Return every run of the book, the newest first."""
    with book.reading() as session:
        return tuple(run_summary(session, run) for run in store.list_runs(session))


def run_summary(session: Session, run: StoredRun) -> RunSummary:
    """Return a run with a row for each of its households."""
    proposals = store.current_proposals(session, run.id)
    rows = [proposal_row(p.household, decode_proposal(p.proposal_json.encode(), p.household)) for p in proposals]
    skipped = tuple(Skipped(household, why) for household, why in run.skipped)
    facts = [(facts_of(stored), stored.overlay_json is not None) for stored in proposals]
    return RunSummary(
        run=run.key,
        as_of=run.as_of,
        state=RunState(run.state),
        created_at=run.created_at,
        rows=tuple(rows),
        skipped=skipped,
        paper=any(each.paper for each, _ in facts),
        notes=tuple(dict.fromkeys(note for each, tilted in facts for note in _notes(each, tilted=tilted))),
    )


def facts_of(stored: StoredProposal) -> HouseholdFacts:
    """Return what a proposal keeps beside its case."""
    return msgspec.json.decode(stored.facts_json, type=HouseholdFacts)


def _notes(facts: HouseholdFacts, *, tilted: bool) -> Iterator[Problem]:
    """Yield which ruleset the overlay of a household follows, and what a person overrode."""
    ruleset = facts.ruleset
    if ruleset is not None:
        yield Problem(Severity.INFO, "ruleset", ruleset.sentence)
        for each in ruleset.overrides:
            yield Problem(Severity.WARNING if each.beyond else Severity.INFO, "override", each.sentence)
    elif tilted:
        yield Problem(Severity.INFO, "no_ruleset", NOT_SIGNED)


def proposal_row(household: str, proposal: Proposal) -> ProposalRow:
    """Return one household of a run as a row."""
    buys = sum((t.amount for t in proposal.trades if t.side is Side.BUY), ZERO)
    sells = sum((t.amount for t in proposal.trades if t.side is Side.SELL), ZERO)
    return ProposalRow(
        household=household,
        status=proposal.status,
        trades=len(proposal.trades),
        buys=buys,
        sells=sells,
        tax_before=proposal.tax.before,
        tax_after=proposal.tax.after,
        harvested_loss=proposal.tax.harvested_loss,
        worst_drift_before=_worst(proposal.classes, after=False),
        worst_drift_after=_worst(proposal.classes, after=True),
        objective=proposal.objective,
        gap=proposal.gap,
        suppressed=len(proposal.suppressed),
        note=" ".join((*proposal.reasons, *proposal.warnings)),
    )


def _worst(classes: tuple[ClassWeight, ...], *, after: bool) -> Decimal:
    """Return the largest distance from a target, as a fraction of the household's value, with its sign."""
    distances = [(c.after if after else c.before) - c.target for c in classes]
    return max(distances, key=abs, default=ZERO)


def run_report(book: Book, run: str) -> RunReport:
    """Return a run with every household's case and proposal. Raises AppError when there is no such run."""
    with book.reading() as session:
        stored = store.load_run(session, run)
        proposals = store.current_proposals(session, stored.id)
        office = store.load_office(session)
    return RunReport(
        firm=office.firm,
        run=stored.key,
        as_of=stored.as_of,
        prices_as_of=stored.prices_as_of,
        state=RunState(stored.state),
        created_at=stored.created_at,
        created_by=stored.created_by,
        synthetic=office.synthetic,
        households=tuple(_household(p) for p in proposals),
        skipped=tuple(Skipped(household, why) for household, why in stored.skipped),
        sources=tuple(SourceFile(f.name, f.sha256, f.importer, f.as_of, f.imported_at) for f in stored.sources),
        approvals=tuple(
            ApprovalLine(a.at, a.by, RunState(a.from_state), RunState(a.to_state), a.reason) for a in stored.approvals
        ),
        paper=any(facts_of(each).paper for each in proposals),
    )


def _household(stored: StoredProposal) -> HouseholdReport:
    case = decode_case(stored.case_json, stored.household)
    proposal = decode_proposal(stored.proposal_json.encode(), stored.household)
    facts = facts_of(stored)
    return HouseholdReport(
        household=stored.household,
        people=facts.people,
        model=facts.model,
        case=case,
        proposal=proposal,
        accounts=facts.accounts,
        securities=facts.securities,
        strategic=facts.strategic,
        overlay=None if stored.overlay_json is None else overlay_from_json(stored.overlay_json),
        problems=facts.problems,
        tax_trail=proposal_trails(case, proposal),
        ruleset=facts.ruleset,
    )
