"""Runs and proposals as the book keeps them, and what is handed in to be kept: frozen values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from db.store.held import ImportedFile
from engine.portfolio import Side, Term


@dataclass(frozen=True, slots=True)
class NewTrade:
    """A queryable copy of an order line, to be stored. `account` is an account key.

    Each lot is (id in the case, quantity, gain in dollars, term).
    """

    account: str
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    amount: Decimal
    reason: str
    reason_code: str
    lots: Sequence[tuple[str, Decimal, Decimal, Term | None]]


@dataclass(frozen=True, slots=True)
class NewProposal:
    """A proposal to be stored. Texts are JSON; `case_json` are the bytes whose SHA-256 is `case_sha256`."""

    household_id: int
    status: str
    objective: Decimal
    case_sha256: str
    case_json: bytes
    proposal_json: str
    overlay_json: str | None
    facts_json: str
    trades: Sequence[NewTrade]


@dataclass(frozen=True, slots=True)
class StoredProposal:
    """A stored proposal. `parent_id` names the proposal it replaced, if any."""

    id: int
    household_id: int
    household: str
    parent_id: int | None
    status: str
    objective: Decimal
    case_sha256: str
    case_json: bytes
    proposal_json: str
    overlay_json: str | None
    facts_json: str


@dataclass(frozen=True, slots=True)
class StoredApproval:
    """One move of a run."""

    at: datetime
    by: str
    from_state: str
    to_state: str
    reason: str


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run to be stored. `skipped` is (household, why); `sources` are row ids of imported files."""

    as_of: date
    prices_as_of: date | None
    state: str
    created_at: datetime
    created_by: str
    engine_version: str
    skipped: tuple[tuple[str, str], ...] = ()
    sources: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A stored run without its proposals. `skipped` is (household, why)."""

    id: int
    key: str
    as_of: date
    prices_as_of: date | None
    state: str
    created_at: datetime
    created_by: str
    engine_version: str
    skipped: tuple[tuple[str, str], ...]
    approvals: tuple[StoredApproval, ...]
    sources: tuple[ImportedFile, ...]
