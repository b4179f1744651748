"""A reconciliation as frozen values: each comparison line by line, for the workbook, the screen and JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol


class Verdict(StrEnum):
    """What a comparison came to."""

    MATCHES = "matches"
    DIFFERS = "differs"
    NOT_COMPARED = "not compared"


class _Compared(Protocol):
    """A line that came to a verdict."""

    @property
    def verdict(self) -> Verdict:
        """What it came to."""


@dataclass(frozen=True, slots=True)
class TotalLine:
    """One total that an imported file states, against its rows; a file that states none is one line without it.

    `difference` is found minus stated.
    """

    file: str
    importer: str
    as_of: date | None
    records: int
    row: int | None
    what: str
    stated: Decimal | None
    found: Decimal | None
    difference: Decimal | None
    verdict: Verdict
    finding: str


@dataclass(frozen=True, slots=True)
class LotsLine:
    """The lots of one security in one account against its position. Differences are lots minus position."""

    household: str
    account: str
    symbol: str
    position: Decimal | None
    lots: Decimal | None
    shares: Decimal
    dollars: Decimal | None
    position_basis: Decimal | None
    lots_basis: Decimal | None
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class RolledLine:
    """A position of the statement before, plus what was traded since, against the newest statement.

    Quantities are shares; `difference` is stated minus expected, `dollars` that at the stated price, None without one.
    """

    household: str
    account: str
    symbol: str
    since: date | None
    until: date | None
    before: Decimal | None
    traded: Decimal | None
    other: Decimal | None
    expected: Decimal | None
    stated: Decimal | None
    difference: Decimal | None
    dollars: Decimal | None
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class CashLine:
    """Cash of the statement before, plus trades and activity since, against the newest. `difference` as of shares."""

    household: str
    account: str
    since: date | None
    until: date | None
    before: Decimal | None
    traded: Decimal | None
    activity: Decimal | None
    expected: Decimal | None
    stated: Decimal | None
    difference: Decimal | None
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class RealizedLine:
    """A closed lot of the custodian against the replay. `gain`s are after wash sales; None = not on that side."""

    household: str
    account: str
    symbol: str
    acquired: date | None
    sold: date
    quantity: Decimal | None
    our_quantity: Decimal | None
    proceeds: Decimal | None
    our_proceeds: Decimal | None
    basis: Decimal | None
    our_basis: Decimal | None
    gain: Decimal | None
    our_gain: Decimal | None
    difference: Decimal | None
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class WashLine:
    """Loss disallowed on one closed lot: the custodian's, the replay's, and why they differ."""

    household: str
    account: str
    symbol: str
    acquired: date | None
    sold: date
    disallowed: Decimal
    our_disallowed: Decimal
    difference: Decimal
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class SplitLine:
    """A split, merger or change of symbol that seems to be missing. `accounts` are those whose shares tell of it.

    Nothing is applied unasked. `kind` is split, rename or merger; `ratio` new shares for each old one as 2:1; `into`
    the other symbol.
    """

    symbol: str
    what: str
    day: date | None
    accounts: str
    evidence: str
    pieces: int
    next_step: str
    kind: str = "split"
    ratio: str = ""
    into: str = ""


@dataclass(frozen=True, slots=True)
class MovedLine:
    """Shares that came or went without a trade, and whether their basis is known. `needed` is what a person gets."""

    household: str
    account: str
    symbol: str
    day: date
    kind: str
    quantity: Decimal
    verdict: Verdict
    needed: str


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """Something in a file that only a person can decide; the row it stands in was kept."""

    account: str
    symbol: str
    file: str
    row: int
    problem: str
    next_step: str


@dataclass(frozen=True, slots=True)
class CoverageLine:
    """How fresh an account is and how far back its history reaches. `days_old` counts to the day of the report."""

    household: str
    account: str
    holdings_of: date | None
    days_old: int | None
    """Trading days of the New York exchange since, holidays not counted."""
    is_stale: bool
    cash_of: date | None
    lots_of: date | None
    trades_from: date | None
    trades_to: date | None
    realized_to: date | None
    covers_wash_window: bool
    finding: str


@dataclass(frozen=True, slots=True)
class BlockLine:
    """One thing that keeps somebody from trading: the whole household, one account or one security."""

    household: str
    account: str
    symbol: str
    severity: str
    problem: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The whole comparison on `as_of`."""

    book: str
    as_of: date
    totals: tuple[TotalLine, ...]
    lots: tuple[LotsLine, ...]
    rolled: tuple[RolledLine, ...]
    cash: tuple[CashLine, ...]
    realized: tuple[RealizedLine, ...]
    wash: tuple[WashLine, ...]
    splits: tuple[SplitLine, ...]
    coverage: tuple[CoverageLine, ...]
    blocks: tuple[BlockLine, ...]
    moved: tuple[MovedLine, ...] = ()
    decisions: tuple[DecisionLine, ...] = ()

    def counts(self) -> tuple[tuple[str, int, int, int], ...]:
        """Return, for each comparison, its name and how many lines match, differ and were not compared."""
        parts: tuple[tuple[str, Sequence[_Compared]], ...] = (
            ("File totals", self.totals),
            ("Lots against positions", self.lots),
            ("Positions rolled forward", self.rolled),
            ("Cash rolled forward", self.cash),
            ("Realized gains against the ledger", self.realized),
            ("Wash sales", self.wash),
            ("Shares moved without a trade", self.moved),
        )
        verdicts = [(name, [line.verdict for line in lines]) for name, lines in parts]
        return tuple(
            (name, v.count(Verdict.MATCHES), v.count(Verdict.DIFFERS), v.count(Verdict.NOT_COMPARED))
            for name, v in verdicts
        )

    @property
    def is_clean(self) -> bool:
        """Whether nothing that could be compared differs, no split is suspected and nothing waits for a decision."""
        return not self.splits and not self.decisions and not any(differ for _, _, differ, _ in self.counts())
