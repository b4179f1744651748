"""Overrides of the model's tilt by a person: how long each holds, and what it has cost or gained since."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

LONGEST_DAYS = 366
"""An override that nobody renews within a year is a change of the rules, and needs a new version."""


class OverrideState(StrEnum):
    """Whether an override holds on a day."""

    ACTIVE = "active"
    EXPIRED = "expired"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class TiltOverride:
    """A tilt (fraction of the portfolio) wanted for a class in place of the model's, by whom and why.

    It holds from the close of `made` to the close of `expires`, or of `closed` where a person ended it before.
    """

    asset_class: str
    tilt: Decimal
    author: str
    reason: str
    made: date
    expires: date
    closed: date | None = None

    @property
    def until(self) -> date:
        """The last day on which it holds."""
        return self.expires if self.closed is None else min(self.closed, self.expires)

    def state_on(self, day: date) -> OverrideState:
        """Say whether it holds: what has expired ends by itself."""
        if self.closed is not None and self.closed <= min(day, self.expires):
            return OverrideState.CLOSED
        return OverrideState.EXPIRED if day > self.expires else OverrideState.ACTIVE


@dataclass(frozen=True, slots=True)
class OverrideEffect:
    """What an override did, in fractions of the portfolio: above zero it gained, below it cost.

    `effect` is the sum over `days` of (tilt - model's tilt) x (return of the class - return of what pays for it).
    `class_return` is the class's own over that time, and `model_tilt` the model's at the beginning.
    """

    since: date
    until: date
    days: int
    effect: Decimal
    class_return: Decimal
    model_tilt: Decimal

    @property
    def sentence(self) -> str:
        """The result in words."""
        word = "gained" if self.effect > 0 else "cost" if self.effect < 0 else "changed"
        return (
            f"It {word} {abs(self.effect):.2%} of the portfolio over {self.days:,} trading days, {self.since} to "
            f"{self.until}; the class returned {self.class_return:+.2%}."
        )


@dataclass(frozen=True, slots=True)
class DailyCloses:
    """Total-return closes by day, ascending, of a class's ETF and of the ETF that pays for its tilt (NaN = none).

    Without the latter (`funding` empty), tilts are paid from cash that earns nothing.
    """

    days: tuple[date, ...]
    closes: tuple[float, ...]
    funding: tuple[float, ...] = ()


def override_faults(override: TiltOverride) -> tuple[str, ...]:
    """Return what is wrong with an override, one line each, beginning with its key; empty when it may be logged."""
    needs = (("asset_class", override.asset_class), ("author", override.author), ("reason", override.reason))
    faults = [f"{key}: an override needs one" for key, text in needs if not text.strip()]
    if not (override.tilt.is_finite() and -1 <= override.tilt <= 1):
        faults.append(f"tilt: {override.tilt} is not between -1 and 1")
    if override.expires <= override.made:
        faults.append(f"expires: {override.expires} is not after {override.made}, when it is made")
    elif (override.expires - override.made).days > LONGEST_DAYS:
        faults.append(f"expires: {override.expires} is more than a year away: change the rules instead")
    return tuple(faults)


def override_effect(
    override: TiltOverride, prices: DailyCloses, model_tilts: Sequence[tuple[date, Decimal]], as_of: date
) -> OverrideEffect | None:
    """Return what the override gained or cost up to `as_of`; None where there are not two closes to measure between.

    `model_tilts` are the model's tilts of the class, each from the close of its day on, ascending; before the first
    the model has none. Before costs and taxes.
    """
    end = min(override.until, as_of)
    rows = [
        row
        for row in range(bisect_right(prices.days, end))
        if not math.isnan(prices.closes[row]) and not (prices.funding and math.isnan(prices.funding[row]))
    ]
    start = bisect_right([prices.days[row] for row in rows], override.made) - 1
    if start < 0 or start >= len(rows) - 1:
        return None
    total = Decimal(0)
    for before, after in zip(rows[start:], rows[start + 1 :], strict=False):
        active = prices.closes[after] / prices.closes[before] - 1
        if prices.funding:
            active -= prices.funding[after] / prices.funding[before] - 1
        total += (override.tilt - _tilt_on(model_tilts, prices.days[before])) * Decimal(f"{active:.12f}")
    first, last = rows[start], rows[-1]
    return OverrideEffect(
        since=prices.days[first],
        until=prices.days[last],
        days=len(rows) - 1 - start,
        effect=round(total, 8),
        class_return=Decimal(f"{prices.closes[last] / prices.closes[first] - 1:.8f}"),
        model_tilt=_tilt_on(model_tilts, prices.days[first]),
    )


def _tilt_on(tilts: Sequence[tuple[date, Decimal]], day: date) -> Decimal:
    at = bisect_right([when for when, _ in tilts], day)
    return tilts[at - 1][1] if at else Decimal(0)
