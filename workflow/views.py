"""Rows for screens and for the command line: frozen values, ready to show."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from engine.problems import Problem
from exporters.run_report import RunState, Skipped
from importers.base import Claim, RowKind, Total

Progress = Callable[[int, int, str], None]
"""progress(done, total, what); may raise to cancel."""


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of one file of an import call."""

    file: str
    sha256: str
    importer: str
    title: str
    as_of: date | None
    already_imported: bool
    records: dict[str, int]
    """Records read by kind, e.g. {"lots": 31, "positions": 9}."""
    rows: dict[RowKind, int]
    totals: tuple[Total, ...]
    problems: tuple[Problem, ...]
    claims: tuple[Claim, ...]
    """Why each importer took or left the file; filled when none or several claimed it."""


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What an import call did. Nothing is written in a dry run or when a file is fatal."""

    files: tuple[FileOutcome, ...]
    problems: tuple[Problem, ...]
    """Problems across files: lots against positions, unassigned accounts, unclassified securities."""
    batch: int | None
    written: bool
    dry_run: bool
    changes: dict[str, int]
    """Rows added, changed and closed in the book, e.g. {"lots added": 12}; empty = nothing changed."""


@dataclass(frozen=True, slots=True)
class HouseholdRow:
    """A household in a list. Amounts in dollars, drift as fractions of the household's value (after - target)."""

    id: int
    name: str
    model: str
    accounts: int
    value: Decimal
    taxable_value: Decimal
    cash: Decimal
    cash_needed: Decimal
    """Cash short of reserves and withdrawals, summed over accounts; 0 when there is enough."""
    cash_weight: Decimal
    cash_target: Decimal
    drift: dict[str, Decimal]
    """By asset class: weight now minus target."""
    band: dict[str, Decimal]
    out_of_band: tuple[str, ...]
    worst_drift: Decimal
    ytd_short_term: Decimal
    ytd_long_term: Decimal
    harvestable_loss: Decimal
    lots_ripening: int
    wash_windows: int
    tags: frozenset[str]
    """Keys of the tiles that count this household."""
    problems: tuple[Problem, ...]
    blocked: bool


@dataclass(frozen=True, slots=True)
class Tile:
    """A counter on the dashboard that filters the list."""

    key: str
    title: str
    count: int
    tip: str


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The first screen. Tiles are AND-combinable through the rows' tags."""

    as_of: date | None
    prices_as_of: date | None
    value: Decimal
    taxable_value: Decimal
    ytd_short_term: Decimal
    ytd_long_term: Decimal
    tiles: tuple[Tile, ...]
    classes: tuple[str, ...]
    households: tuple[HouseholdRow, ...]


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """One household of a run, in the run's table."""

    household: str
    status: str
    trades: int
    buys: Decimal
    sells: Decimal
    tax_before: Decimal
    tax_after: Decimal
    harvested_loss: Decimal
    worst_drift_before: Decimal
    worst_drift_after: Decimal
    objective: Decimal
    gap: Decimal
    suppressed: int
    note: str


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What propose made and stored."""

    run: str
    as_of: date
    state: RunState
    created_at: datetime
    rows: tuple[ProposalRow, ...]
    skipped: tuple[Skipped, ...]
    paper: bool = False
    """True for a run on paper: a draft that is looked at and cannot be approved."""
    notes: tuple[Problem, ...] = ()
    """The signed rulesets that the run follows and the overrides of them, or that none is signed."""
