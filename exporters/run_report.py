"""A run as one value, the input of every exporter and of the proposal and blotter screens."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from engine.overlay.reading import OverlayReading
from engine.overlay.ruleset import RulesetUsed
from engine.problems import Problem
from engine.rebalance.case import Case
from engine.rebalance.proposal import Proposal
from engine.trail import Trail


class RunState(StrEnum):
    """The states a run goes through, in this order and no other."""

    DRAFT = "Draft"
    REVIEW = "Review"
    APPROVED = "Approved"
    EXPORTED = "Exported"
    FILLED = "Filled"
    RECONCILED = "Reconciled"


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What a case does not need but an order ticket does. `key` is the account's id in the case."""

    key: str
    custodian: str
    number: str
    name: str
    owner: str
    registration: str
    title: str
    discretionary: bool


@dataclass(frozen=True, slots=True)
class SecurityFacts:
    """What a case does not need but an order ticket does."""

    symbol: str
    name: str
    cusip: str
    security_type: str


@dataclass(frozen=True, slots=True)
class HouseholdReport:
    """One household of a run: its case, its proposal, and what people call things."""

    household: str
    people: tuple[str, ...]
    model: str
    case: Case
    proposal: Proposal
    accounts: tuple[AccountFacts, ...]
    securities: tuple[SecurityFacts, ...]
    strategic: dict[str, Decimal]
    """Strategic weights by class (Decimal), before the overlay; equal to the case's targets without one."""
    overlay: OverlayReading | None
    problems: tuple[Problem, ...]
    tax_trail: tuple[Trail, ...]
    ruleset: RulesetUsed | None = None
    """The signed ruleset that the overlay follows; None where it follows none, or the office's settings."""

    @property
    def overlay_trail(self) -> tuple[Trail, ...]:
        """Where the overlay's targets come from, with the overrides of a person; empty without a signed ruleset."""
        return () if self.ruleset is None or self.overlay is None else (self.ruleset.trail(self.overlay),)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file the run's figures come from."""

    name: str
    sha256: str
    importer: str
    as_of: date | None
    imported_at: datetime


@dataclass(frozen=True, slots=True)
class Skipped:
    """A household left out of the run, by name, and why."""

    household: str
    why: str


@dataclass(frozen=True, slots=True)
class ApprovalLine:
    """One move of the run from a state to the next."""

    at: datetime
    by: str
    from_state: RunState
    to_state: RunState
    reason: str


@dataclass(frozen=True, slots=True)
class RunReport:
    """A run: every household's case and proposal, what was left out, who approved."""

    firm: str
    run: str
    as_of: date
    prices_as_of: date | None
    state: RunState
    created_at: datetime
    created_by: str
    synthetic: bool
    """True for the demo office: every page says that the data are synthetic."""
    households: tuple[HouseholdReport, ...]
    skipped: tuple[Skipped, ...]
    sources: tuple[SourceFile, ...]
    approvals: tuple[ApprovalLine, ...]
    paper: bool = False
    """True for a run on paper: it is looked at, never approved."""

    @property
    def rulesets(self) -> tuple[str, ...]:
        """The signed rulesets that the run follows and the overrides of them, a line each."""
        found = (h.ruleset for h in self.households if h.ruleset is not None)
        return tuple(dict.fromkeys(line for ruleset in found for line in ruleset.lines))
