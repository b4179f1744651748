"""How well a signed strategy was followed: its decisions replayed from prices, against a file of what was done.

Macro series that its signals read are those of the book.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from db.store import discipline as kept
from engine.errors import AppError
from engine.overlay.adherence import DAYS_ALLOWED, TOLERANCE, Adherence, Decision, adherence
from engine.overlay.override_effect import TiltOverride
from workflow.book import Book
from workflow.csv_rows import Columns, csv_rows, require_good
from workflow.override_log import decisions_of, policy_prices
from workflow.strategy import signed_policy, sound_versions

COLUMNS = Columns(("decided", "done_on", "asset_class", "target"))


@dataclass(frozen=True, slots=True)
class AdherenceAsk:
    """What the report is of: a strategy, its prices, the file of what was done, and the days (both included).

    `start` None = since the first version was signed.
    """

    strategy: str
    prices: Path
    done: Path
    start: date | None
    end: date
    tolerance: Decimal = TOLERANCE
    days_allowed: int = DAYS_ALLOWED


@dataclass(frozen=True, slots=True)
class Done:
    """What was done for one decision: targets by class, and when the last of them was."""

    done_on: date
    targets: Mapping[str, Decimal]


def adherence_report(book: Book, ask: AdherenceAsk) -> Adherence:
    """Return the report: at each month end the rules are those of the version that was signed by then.

    Decisions before the first signature, where asked for, are held against the first version. Raises AppError for a
    strategy without versions, files that cannot be used, or days without a decision.
    """
    with book.reading() as session:
        versions = sound_versions(session, ask.strategy)
        overrides = [each.override for each in kept.load_overrides(session, ask.strategy)]
    if not versions:
        raise AppError(f"there is no strategy {ask.strategy!r}", hint="`plimsoll strategy sign` makes one.")
    done = done_from_csv(ask.done)
    signed = [each.signature.signed_at.date() for each in versions]
    first = ask.start or signed[0]
    spans = pairwise([min(first, signed[0]), *signed[1:], date.max])
    rules: dict[date, dict[str, Decimal]] = {}
    for version, (since, until) in zip(versions, spans, strict=True):
        decided = decisions_of(policy_prices(signed_policy(version), ask.prices, book), ask.end)
        rules |= {day: targets for day, targets in decided if max(since, first) <= day < until}
    if not rules:
        raise AppError(f"There is no decision between {first} and {ask.end}", hint="Give --start or another --today.")
    stray = sorted(set(done) - set(rules))
    if stray and first <= stray[0] <= ask.end:
        raise AppError(
            f"The rules decided nothing on {stray[0]}", detail=str(ask.done), hint="Is it a month's last close?"
        )
    decisions = tuple(_decisions(rules, done, overrides))
    return adherence(decisions, tolerance=ask.tolerance, days_allowed=ask.days_allowed)


def done_from_csv(path: Path) -> dict[date, Done]:
    """Return what was done by the day of its decision. Raises AppError for a file that cannot be used."""
    targets: dict[date, dict[str, Decimal]] = {}
    last: dict[date, date] = {}
    problems = []
    for row in csv_rows(path, COLUMNS):
        day, done_on = row.day("decided"), row.day("done_on")
        name, target = row.text("asset_class"), row.amount("target", least=Decimal(0))
        if name in targets.get(day, {}):
            row.wrong("asset_class", f"{name} stands twice for {day}")
        if done_on < day:
            row.wrong("done_on", f"{done_on} is before the decision of {day}")
        targets.setdefault(day, {})[name] = target
        last[day] = max(done_on, last.get(day, done_on))
        problems += row.problems
    require_good(path, problems, COLUMNS.hint)
    return {day: Done(last[day], found) for day, found in targets.items()}


def _decisions(
    rules: Mapping[date, Mapping[str, Decimal]], done: Mapping[date, Done], overrides: list[TiltOverride]
) -> Iterator[Decision]:
    for day, targets in sorted(rules.items()):
        made = done.get(day)
        yield Decision(
            day=day,
            rules=targets,
            done=made.targets if made else None,
            done_on=made.done_on if made else None,
            overrides={each.asset_class: each.reason for each in overrides if each.made <= day <= each.until},
        )
