"""A file of an import call as it was read, before the book is touched."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from engine.problems import Problem, Severity
from importers import records as r
from importers.base import Claim, ImportResult
from importers.lot_columns import LotColumns
from workflow.intake.sound import PLACES, sound, sound_lots
from workflow.intake.stated_lots import StatedLot, packed_lots, stated_lot
from workflow.views import FileOutcome

R = TypeVar("R", bound=r.Record)

KINDS: Mapping[type[r.Record], str] = {
    r.PositionRecord: "positions",
    r.CashRecord: "cash",
    r.LotRecord: "lots",
    r.TransactionRecord: "transactions",
    r.ActivityRecord: "other activity",
    r.RealizedRecord: "realized gains",
    r.PriceRecord: "prices",
    r.MacroRecord: "macro values",
    r.HouseholdRecord: "households",
    r.PersonRecord: "people",
    r.AccountRecord: "accounts",
    r.SecurityRecord: "securities",
    r.ModelTargetRecord: "model targets",
    r.PolicyRecord: "policies",
    r.TaxProfileRecord: "tax profiles",
    r.RestrictionRecord: "restrictions",
}
"""What people call the records of a kind."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that was read. `records` are those of its records that can be kept; `problems` say why not others.

    `map_sha256` is the hash of the column map it was read with, empty without one.
    """

    name: str
    sha256: str
    map_sha256: str
    title: str
    result: ImportResult
    claims: tuple[Claim, ...]
    records: Sequence[r.Record]
    problems: tuple[Problem, ...]

    @property
    def is_fatal(self) -> bool:
        """Whether nothing of this call may be written because of this file."""
        return any(problem.severity is Severity.FATAL for problem in self.problems)

    def of(self, kind: type[R]) -> list[R]:
        """Return the records of one kind, in order of the file; lots are asked for by `lots_of_accounts`."""
        if isinstance(self.records, LotColumns) or kind not in set(map(type, self.records)):
            return []
        return [record for record in self.records if isinstance(record, kind)]

    def counts(self) -> dict[str, int]:
        """Return how many records of each kind the file has."""
        records = self.result.records
        lots = isinstance(records, LotColumns)
        found = Counter({r.LotRecord: len(records)} if lots else map(type, records))
        return {name: found[kind] for kind, name in KINDS.items() if found[kind]}

    def accounts(self) -> dict[r.AccountRef, int]:
        """Return the accounts that records of the file name, each with the first row that does."""
        if isinstance(self.records, LotColumns):
            return self.records.accounts()
        found: dict[r.AccountRef, int] = {}
        for record in self.records:
            ref = getattr(record, "account", None)
            if isinstance(ref, r.AccountRef):
                found.setdefault(ref, record.row)
        return found

    def lots_of_accounts(self) -> Iterator[tuple[r.AccountRef, list[StatedLot]]]:
        """Yield the accounts of which the file lists lots with those, in order of the file."""
        if isinstance(self.records, LotColumns):
            for ref, places in self.records.of_accounts():
                yield ref, packed_lots(self.records, places)
            return
        by_account: dict[r.AccountRef, list[StatedLot]] = {}
        for record in self.of(r.LotRecord):
            by_account.setdefault(record.account, []).append(stated_lot(record))
        yield from by_account.items()

    def outcome(self, *, already_imported: bool, problems: tuple[Problem, ...]) -> FileOutcome:
        """Return what people are told of the file. `problems` are all that were met with it."""
        return FileOutcome(
            file=self.name,
            sha256=self.sha256,
            importer=self.result.importer,
            title=self.title,
            as_of=self.result.as_of,
            already_imported=already_imported,
            records=self.counts(),
            rows=dict(Counter(self.result.rows)),
            totals=self.result.totals,
            problems=problems,
            claims=self.claims,
        )


def arrive(
    result: ImportResult, *, sha256: str, map_sha256: str, title: str, claims: tuple[Claim, ...], today: date
) -> Arrival:
    """Check the records of a file that was read, one by one."""
    rounded: Counter[str] = Counter()
    problems = list(result.problems)
    kept, met = _checked(result, today, rounded)
    problems += met
    for name, count in rounded.items():
        places = PLACES.get(name, 2)
        message = f"{count:,} values had more than {places} decimals and were rounded to {places}"
        problems.append(Problem(Severity.INFO, "rounded", message, file=result.file, field=name))
    return Arrival(result.file, sha256, map_sha256, title, result, claims, kept, tuple(problems))


def _checked(result: ImportResult, today: date, rounded: Counter[str]) -> tuple[Sequence[r.Record], list[Problem]]:
    """Return the records that can be kept, and the problems of the others."""
    if isinstance(result.records, LotColumns):
        return sound_lots(result.records, file=result.file, today=today, rounded=rounded)
    kept: list[r.Record] = []
    problems: list[Problem] = []
    for record in result.records:
        checked = sound(record, file=result.file, today=today, rounded=rounded)
        if isinstance(checked, Problem):
            problems.append(checked)
        else:
            kept.append(checked)
    return tuple(kept), problems
