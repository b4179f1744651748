"""What one more dollar of each kind of gain or loss is worth now, and how many dollars until that changes.

Of the tax that the planner counts (`engine.tax.schedule_d`): the rates of the tax position, without brackets.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from engine.money import ZERO
from engine.portfolio import TaxPosition
from engine.tax.schedule_d import YearResult, deduction_room, tax_of_year, year_so_far
from engine.trail import Trail

BEYOND = Decimal(1000)
"""Dollars after the last change that stand for "from there on"."""
SOURCE = "Schedule D; IRC 1211(b), 1212(b), 1222"


class DollarKind(StrEnum):
    """A kind of result that a sale can add to the year."""

    SHORT_TERM_GAIN = "short_term_gain"
    LONG_TERM_GAIN = "long_term_gain"
    SHORT_TERM_LOSS = "short_term_loss"
    LONG_TERM_LOSS = "long_term_loss"

    @property
    def is_short_term(self) -> bool:
        """Whether it is a short-term result."""
        return self in {DollarKind.SHORT_TERM_GAIN, DollarKind.SHORT_TERM_LOSS}

    @property
    def is_gain(self) -> bool:
        """Whether it adds to the result of the year."""
        return self in {DollarKind.SHORT_TERM_GAIN, DollarKind.LONG_TERM_GAIN}

    @property
    def words(self) -> str:
        """As people write it: short-term gain."""
        return self.value.replace("_", " ").replace(" term", "-term")


class DollarUse(StrEnum):
    """What becomes of such a dollar."""

    TAXED_SHORT = "taxed as short-term gain"
    TAXED_LONG = "taxed as long-term gain"
    OFFSETS_SHORT = "offset short-term gains"
    OFFSETS_LONG = "offset long-term gains"
    DEDUCTED = "deducted from ordinary income"
    USES_DEDUCTION = "take the place of a loss deducted from ordinary income"
    CARRIED = "carried to later years"
    USES_CARRIED = "take the place of a loss carried to later years"


@dataclass(frozen=True, slots=True)
class DollarStep:
    """The dollars from `start` up to `end` (None = without end): what each costs or saves, as a fraction, and why."""

    start: Decimal
    end: Decimal | None
    rate: Decimal
    use: DollarUse


@dataclass(frozen=True, slots=True)
class MarginalValue:
    """What further dollars of one kind do to the tax. Rates are tax that a gain adds, or tax that a loss saves."""

    kind: DollarKind
    steps: tuple[DollarStep, ...]
    trail: Trail

    @property
    def rate(self) -> Decimal:
        """Of the next dollar, as a fraction."""
        return self.steps[0].rate

    def total(self, amount: Decimal) -> Decimal:
        """Return the tax that `amount` dollars of this kind add (gain) or save (loss), unrounded."""
        tops = (amount if step.end is None else min(amount, step.end) for step in self.steps)
        return sum((step.rate * max(ZERO, top - step.start) for step, top in zip(self.steps, tops, strict=True)), ZERO)

    @property
    def sentence(self) -> str:
        """The steps in one sentence."""
        parts: list[str] = []
        for step in self.steps:
            at = f"{step.use} at {(step.rate * 100).normalize() + ZERO:f}%"
            if step.end is None:
                parts.append(f"the rest {at}" if parts else f"all {at}")
            else:
                parts.append(f"the {'next' if parts else 'first'} ${step.end - step.start:,.2f} {at}")
        text = ", ".join(parts)
        return f"Of further {self.kind.words}: {text}."


def marginal_values(
    tax: TaxPosition, short_term: Decimal = ZERO, long_term: Decimal = ZERO
) -> tuple[MarginalValue, ...]:
    """Return the value of the next dollars of each kind, in the order of `DollarKind`.

    They stand on the year so far, losses carried in taken off, and on what a plan adds: `short_term` and `long_term`,
    gains (+) or losses (-).
    """
    year = year_so_far(tax).plus(short_term, long_term)
    return tuple(_marginal_value(kind, year, tax) for kind in DollarKind)


def _marginal_value(kind: DollarKind, year: YearResult, tax: TaxPosition) -> MarginalValue:
    steps = _joined(_steps(kind, year, tax))
    return MarginalValue(kind, steps, _trail(kind, steps, year, tax))


def _steps(kind: DollarKind, year: YearResult, tax: TaxPosition) -> Iterator[DollarStep]:
    """Yield a step between each two places where the rule of the year changes; the tax is straight between them."""
    own = year.short_term if kind.is_short_term else year.long_term
    signs = (own, year.net, year.net + deduction_room(tax))
    points = sorted({ZERO, *(abs(at) for at in signs if (at < 0) == kind.is_gain and at != 0)})
    for start, end in pairwise([*points, None]):
        last = (start or ZERO) + BEYOND if end is None else end
        first = start or ZERO
        added = tax_of_year(_plus(kind, year, last), tax) - tax_of_year(_plus(kind, year, first), tax)
        rate = added / (last - first)
        middle = _plus(kind, year, (first + last) / 2)
        yield DollarStep(first, end, (rate if kind.is_gain else -rate) + ZERO, _use(kind, middle, tax))


def _plus(kind: DollarKind, year: YearResult, amount: Decimal) -> YearResult:
    signed = amount if kind.is_gain else -amount
    return year.plus(signed, ZERO) if kind.is_short_term else year.plus(ZERO, signed)


def _use(kind: DollarKind, year: YearResult, tax: TaxPosition) -> DollarUse:
    """Return what becomes of a dollar at this result of the year (never exactly at a place of change)."""
    if year.net < -deduction_room(tax):
        return DollarUse.USES_CARRIED if kind.is_gain else DollarUse.CARRIED
    if year.net < 0:
        return DollarUse.USES_DEDUCTION if kind.is_gain else DollarUse.DEDUCTED
    own_is_gain = (year.short_term if kind.is_short_term else year.long_term) > 0
    # against a net loss of its own term it moves what is left of the other term's gain
    short = kind.is_short_term == own_is_gain
    if kind.is_gain:
        return DollarUse.TAXED_SHORT if short else DollarUse.TAXED_LONG
    return DollarUse.OFFSETS_SHORT if short else DollarUse.OFFSETS_LONG


def _joined(steps: Iterator[DollarStep]) -> tuple[DollarStep, ...]:
    """Return the steps with neighbours of one rate and one use put together."""
    joined: list[DollarStep] = []
    for step in steps:
        last = joined[-1] if joined else None
        if last is not None and (last.rate, last.use) == (step.rate, step.use):
            joined[-1] = replace(last, end=step.end)
        else:
            joined.append(step)
    return tuple(joined)


def _trail(kind: DollarKind, steps: tuple[DollarStep, ...], year: YearResult, tax: TaxPosition) -> Trail:
    lines = (
        Trail("Net short-term result", year.short_term, source="Schedule D, line 7"),
        Trail("Net long-term result", year.long_term, source="Schedule D, line 15"),
        Trail("Net result", year.net, source="Schedule D, line 16"),
        Trail("Net loss that may still be deducted this year", deduction_room(tax), source="IRC 1211(b)"),
    )
    parts = tuple(
        Trail(
            f"{'From there on' if step.end is None else f'Up to ${step.end:,.2f}'}: {step.use}",
            step.rate,
            unit="fraction",
        )
        for step in steps
    )
    verb = "costs" if kind.is_gain else "saves"
    return Trail(f"One more dollar of {kind.words} {verb}", steps[0].rate, (*lines, *parts), "fraction", SOURCE)
