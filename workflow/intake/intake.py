"""The state of one import call inside its transaction: rows of the book by name, changes, problems."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Table
from sqlalchemy.orm import Session

from db import tables
from db.journal import JOURNAL, Journal
from engine.problems import Problem, Severity
from importers.records import AccountRef
from workflow.intake.arrivals import Arrival

OLDER = "Nothing of it was applied. Import the newest download of the account."


@dataclass(slots=True)
class Intake:
    """What one call has found and changed so far.

    `accounts` are the accounts that files name; `problems` are by file number in the call. `incomplete` are
    files of which something could not be placed, so that they may be imported again; `fresh` are rows added,
    `stated` is which file stated an account on a day. `filled` are accounts whose lots are all of this call,
    `new_positions` account and security of positions that are; `say` tells a person what is being stored.
    """

    session: Session
    today: date
    arrivals: tuple[Arrival, ...]
    file_ids: tuple[int, ...]
    changes: Counter[str] = field(default_factory=Counter)
    accounts: dict[AccountRef, tables.Account] = field(default_factory=dict)
    securities: dict[str, tables.Security] = field(default_factory=dict)
    problems: defaultdict[int, list[Problem]] = field(default_factory=lambda: defaultdict(list))
    passing: defaultdict[int, list[Problem]] = field(default_factory=lambda: defaultdict(list))
    incomplete: set[int] = field(default_factory=set)
    fresh: set[tables.Base] = field(default_factory=set)
    stated: dict[tuple[int, date], int] = field(default_factory=dict)
    filled: set[int] = field(default_factory=set)
    new_positions: set[tuple[int, int]] = field(default_factory=set)
    say: Callable[[str], object] = str

    @property
    def order(self) -> list[int]:
        """The files in order of their days, so that the newest statement of an account is the last."""
        return sorted(range(len(self.arrivals)), key=lambda n: self.arrivals[n].result.as_of or self.today)

    def note(self, number: int, problem: Problem) -> None:
        """Keep a problem of a file; it stands until a newer file takes the place of this one."""
        self.problems[number].append(problem)

    def tell(self, number: int, problem: Problem) -> None:
        """Say a problem of this call that is over when the call is."""
        self.passing[number].append(problem)

    def unplaced(self, number: int, problem: Problem) -> None:
        """Keep a problem that may go away by itself: the same file can be imported again."""
        self.note(number, problem)
        self.incomplete.add(number)

    def added(self, what: str, row: tables.Base) -> None:
        """Add a row to the book and count it."""
        self.session.add(row)
        self.fresh.add(row)
        self.changes[f"{what} added"] += 1

    def changed(self, what: str, row: tables.Base, values: Mapping[str, Any]) -> bool:
        """Write what differs into a row, count a row of the book if anything did, and say whether."""
        differing = {name: value for name, value in values.items() if getattr(row, name) != value}
        for name, value in differing.items():
            setattr(row, name, value)
        if differing and row not in self.fresh:
            self.changes[f"{what} changed"] += 1
        return bool(differing)

    def removed(self, what: str, row: tables.Base) -> None:
        """Take a row out of the book and count it."""
        self.session.delete(row)
        self.changes[what] += 1

    def security(self, symbol: str, *, name: str = "", security_type: str = "") -> tables.Security:
        """Return the security of a symbol, opened without a class where the book does not know it."""
        found = self.securities.get(symbol)
        if found is None:
            found = tables.Security(symbol=symbol, name=name, security_type=security_type)
            self.added("securities", found)
            self.session.flush()
            self.securities[symbol] = found
        elif name and not found.name:
            found.name = name
        return found


def keep_before(intake: Intake, table: Table, ids: Sequence[int]) -> None:
    """Keep rows as they are before a statement that bypasses the session changes them, so that undoing knows."""
    journal: Journal | None = intake.session.info.get(JOURNAL)
    if journal is not None:
        journal.keep_ids(table, ids)


def warning(code: str, message: str, hint: str, **place: Any) -> Problem:
    """Return a warning: kept and used, but a person should look."""
    return Problem(Severity.WARNING, code, message, hint, **place)


def blocking(code: str, message: str, hint: str, **place: Any) -> Problem:
    """Return a problem that holds back what it names."""
    return Problem(Severity.BLOCKING, code, message, hint, **place)
