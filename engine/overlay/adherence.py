"""Adherence: how often what was done is what the rules said, and when. The process is scored, not its outcome."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

ZERO = Decimal(0)
TOLERANCE = Decimal("0.001")
"""Ten basis points of the portfolio: what whole shares and small trades leave."""
DAYS_ALLOWED = 3
"""Calendar days after a decision: the next trading day, over a weekend."""


class Followed(StrEnum):
    """How one decision was carried out."""

    ON_TIME = "on_time"
    LATE = "late"
    OVERRIDDEN = "overridden"
    """Otherwise than the rules said, with an override that was logged."""
    OTHERWISE = "otherwise"
    """Otherwise than the rules said, without one."""
    NOT_DONE = "not_done"


MARKS: Mapping[Followed, Decimal] = {
    Followed.ON_TIME: Decimal(1),
    Followed.LATE: Decimal("0.75"),
    Followed.OVERRIDDEN: Decimal("0.50"),
    Followed.OTHERWISE: ZERO,
    Followed.NOT_DONE: ZERO,
}
"""What each decision adds to the score, by this product's own judgement: late is a slip, an override half a rule."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rules said on a day (targets by class, fractions) and what was done, when; None = nothing was.

    `overrides` are the classes with an override that held that day, each with its reason.
    """

    day: date
    rules: Mapping[str, Decimal]
    done: Mapping[str, Decimal] | None
    done_on: date | None
    overrides: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """One decision judged. `off` are the classes that were set otherwise: done less rule, as fractions."""

    day: date
    followed: Followed
    late_days: int
    off: Mapping[str, Decimal]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Adherence:
    """The report. `share` is of decisions done as the rules said, on time or late; `score` is from 0 to 100."""

    records: tuple[DecisionRecord, ...]
    share: Decimal
    on_time_share: Decimal
    late_days: int
    overrides: tuple[tuple[str, int], ...]
    score: Decimal
    counts: Mapping[Followed, int]


def adherence(
    decisions: Sequence[Decision], *, tolerance: Decimal = TOLERANCE, days_allowed: int = DAYS_ALLOWED
) -> Adherence:
    """Return the report over some decisions. Raises ValueError where there are none: nothing can be said then."""
    if not decisions:
        raise ValueError("there are no decisions")
    records = tuple(_judged(each, tolerance, days_allowed) for each in decisions)
    counts = Counter(record.followed for record in records)
    every = Decimal(len(records))
    on_time = counts[Followed.ON_TIME]
    reasons = Counter(reason for record in records for reason in record.reasons)
    return Adherence(
        records=records,
        share=(on_time + counts[Followed.LATE]) / every,
        on_time_share=on_time / every,
        late_days=sum(record.late_days for record in records),
        overrides=tuple(reasons.most_common()),
        score=100 * sum((MARKS[record.followed] for record in records), ZERO) / every,
        counts={kind: counts[kind] for kind in Followed},
    )


def _judged(decision: Decision, tolerance: Decimal, allowed: int) -> DecisionRecord:
    if decision.done is None or decision.done_on is None:
        return DecisionRecord(decision.day, Followed.NOT_DONE, 0, {}, ())
    classes = dict.fromkeys((*decision.rules, *decision.done))
    changes = {name: decision.done.get(name, ZERO) - decision.rules.get(name, ZERO) for name in classes}
    off = {name: change for name, change in changes.items() if abs(change) > tolerance}
    late = max(0, (decision.done_on - decision.day).days - allowed)
    reasons = tuple(dict.fromkeys(decision.overrides[name] for name in off if name in decision.overrides))
    # what an override adds to its class, others pay for: no more than that is explained by it
    meant = abs(sum((change for name, change in off.items() if name in decision.overrides), ZERO))
    others = sum((abs(change) for name, change in off.items() if name not in decision.overrides), ZERO)
    if off:
        followed = Followed.OVERRIDDEN if reasons and others <= meant + tolerance else Followed.OTHERWISE
    else:
        followed = Followed.LATE if late else Followed.ON_TIME
    return DecisionRecord(decision.day, followed, late, off, reasons)
