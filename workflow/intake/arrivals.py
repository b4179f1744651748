"""A file of an import call as it was read, before the book is touched."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from engine.problems import Problem, Severity
from importers import records as r
from importers.base import Claim, ImportResult
from workflow.intake.sound import PLACES, sound
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
    records: tuple[r.Record, ...]
    problems: tuple[Problem, ...]

    @property
    def is_fatal(self) -> bool:
        """Whether nothing of this call may be written because of this file."""
        return any(problem.severity is Severity.FATAL for problem in self.problems)

    def of(self, kind: type[R]) -> list[R]:
        """Return the records of one kind, in order of the file."""
        if kind not in set(map(type, self.records)):
            return []
        return [record for record in self.records if isinstance(record, kind)]

    def counts(self) -> dict[str, int]:
        """Return how many records of each kind the file has."""
        found = Counter(map(type, self.result.records))
        return {name: found[kind] for kind, name in KINDS.items() if found[kind]}

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
    kept: list[r.Record] = []
    problems = list(result.problems)
    for record in result.records:
        checked = sound(record, file=result.file, today=today, rounded=rounded)
        if isinstance(checked, Problem):
            problems.append(checked)
        else:
            kept.append(checked)
    for name, count in rounded.items():
        places = PLACES.get(name, 2)
        message = f"{count:,} values had more than {places} decimals and were rounded to {places}"
        problems.append(Problem(Severity.INFO, "rounded", message, file=result.file, field=name))
    return Arrival(result.file, sha256, map_sha256, title, result, claims, tuple(kept), tuple(problems))
