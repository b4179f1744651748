"""The next dollars of gain, step by step: where the rate changes, to what, and why."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from engine.money import ZERO, cents
from engine.portfolio import Term
from engine.tax.rates import (
    NO_STATE,
    Brackets,
    FederalRates,
    Income,
    StateRates,
    ordinary_tax,
    reckon,
    stacked_tax,
    year_tax,
)

BEYOND = Decimal(10) ** 9
"""Dollars after the last change that stand for "from there on"."""


@dataclass(frozen=True, slots=True)
class RateStep:
    """Rate of the dollars of gain from `start` up to `end` (None = without end), and what changes at `start`."""

    start: Decimal
    end: Decimal | None
    federal: Decimal
    net_investment: Decimal
    state: Decimal
    change: str = ""

    @property
    def rate(self) -> Decimal:
        """All taxes on one of these dollars, as a fraction."""
        return self.federal + self.net_investment + self.state


class _Tax(StrEnum):
    """Which tax an event can change; a label is kept where that tax did change."""

    FEDERAL = "federal"
    NET_INVESTMENT = "net_investment"
    STATE = "state"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class _Event:
    at: Decimal
    tax: _Tax
    text: str


def plus_gain(income: Income, term: Term, amount: Decimal) -> Income:
    """Return the income with `amount` dollars more gain of a term."""
    if term is Term.SHORT:
        return replace(income, short_term=income.short_term + amount)
    return replace(income, long_term=income.long_term + amount)


def rate_steps(federal: FederalRates, income: Income, term: Term, state: StateRates = NO_STATE) -> tuple[RateStep, ...]:
    """Return the steps of the next dollars of short- or of long-term gain on top of `income`.

    The sum of rate x width over the steps is the difference of the full tax, to the cent. Dollars that only use up a
    loss beyond the limit cost nothing now.
    """
    events = sorted(_events(federal, income, term, state), key=lambda event: event.at)
    points = sorted({ZERO, *(event.at for event in events)})
    crossings = tuple(_crossings(federal, income, term, points))
    points = sorted({*points, *(event.at for event in crossings)})
    steps: list[RateStep] = []
    for start, end in pairwise([*points, None]):
        step = _step(federal, income, term, state, start or ZERO, end)
        if not steps:
            steps.append(step)
        elif _rates(steps[-1]) != _rates(step):
            texts = _texts([event for event in (*events, *crossings) if event.at == start], steps[-1], step)
            steps.append(replace(step, change="; ".join(texts)))
    ends = [step.start for step in steps[1:]]
    return tuple(replace(step, end=end) for step, end in zip(steps, [*ends, None], strict=True))


def tax_of_steps(steps: tuple[RateStep, ...], amount: Decimal) -> Decimal:
    """Return the tax on the first `amount` dollars of gain, unrounded."""
    tops = (amount if step.end is None else min(amount, step.end) for step in steps)
    return sum((step.rate * max(ZERO, top - step.start) for step, top in zip(steps, tops, strict=True)), ZERO)


def _rates(step: RateStep) -> tuple[Decimal, Decimal, Decimal]:
    return step.federal, step.net_investment, step.state


def _texts(events: list[_Event], before: RateStep, after: RateStep) -> list[str]:
    changed = {
        _Tax.FEDERAL: before.federal != after.federal,
        _Tax.NET_INVESTMENT: before.net_investment != after.net_investment,
        _Tax.STATE: before.state != after.state,
        _Tax.ALL: True,
    }
    return list(dict.fromkeys(event.text for event in events if changed[event.tax]))


def _step(
    federal: FederalRates, income: Income, term: Term, state: StateRates, start: Decimal, end: Decimal | None
) -> RateStep:
    """Return the step between two neighbouring points: every tax is a straight line between them.

    The slope is taken over the middle half: a point that was rounded to the cent is a little off the bend.
    """
    width = BEYOND if end is None else end - start
    low = year_tax(federal, plus_gain(income, term, start + width / 4), state)
    high = year_tax(federal, plus_gain(income, term, start + width * 3 / 4), state)
    return RateStep(
        start,
        end,
        _slope(low.federal, high.federal, width / 2),
        _slope(low.net_investment, high.net_investment, width / 2),
        _slope(low.state, high.state, width / 2),
    )


def _slope(low: Decimal, high: Decimal, width: Decimal) -> Decimal:
    return ((high - low) / width).normalize() + ZERO


def _events(federal: FederalRates, income: Income, term: Term, state: StateRates) -> Iterator[_Event]:
    """Yield where netting or a line of the return reaches something. Between two events every line is straight."""
    turns = sorted(_turns(federal, income, term), key=lambda event: event.at)
    yield from turns
    ends = [ZERO, *sorted({event.at for event in turns})]
    targets = tuple(_targets(federal, state))
    for start, end in pairwise([*ends, ends[-1] + BEYOND]):
        low = reckon(federal, plus_gain(income, term, start))
        high = reckon(federal, plus_gain(income, term, end))
        for name, target, tax, text in targets:
            before, after = getattr(low, name), getattr(high, name)
            # each line stands still or rises a dollar with each dollar of gain
            if before <= target < after:
                yield _Event(start + target - before, tax, text)


def _turns(federal: FederalRates, income: Income, term: Term) -> Iterator[_Event]:
    """Yield where the netting of Schedule D turns: a loss is used up."""
    net, limit = income.short_term + income.long_term, federal.loss_limit.amount
    same = income.short_term if term is Term.SHORT else income.long_term
    found = (
        (-limit - net, f"the loss beyond the limit of ${limit:,.0f} is used up"),
        (-net, "no net loss is left to deduct"),
        (-same, f"the {term.value}-term loss is used up"),
    )
    yield from (_Event(at, _Tax.ALL, text) for at, text in found if at > 0)


def _targets(federal: FederalRates, state: StateRates) -> Iterator[tuple[str, Decimal, _Tax, str]]:
    """Yield the amounts at which a rate may change: line of the reckoning, amount, tax, what to say of it."""
    used = "the deduction is used up"
    yield "ordinary", ZERO, _Tax.FEDERAL, used
    yield "taxable", ZERO, _Tax.FEDERAL, used
    for top, words in _named_tops(federal.ordinary):
        yield "ordinary", top, _Tax.FEDERAL, f"ordinary bracket {words}"
        yield "taxable", top, _Tax.FEDERAL, f"ordinary bracket {words}"
    for top, words in _named_tops(federal.long_term):
        yield "taxable", top, _Tax.FEDERAL, f"long-term gains {words}"
        yield "ordinary", top, _Tax.FEDERAL, f"no long-term gain is left at {words.split()[0]}"
    threshold = federal.investment_threshold.amount
    yield "magi", threshold, _Tax.NET_INVESTMENT, "net investment income tax starts"
    yield "net_investment", ZERO, _Tax.NET_INVESTMENT, "net investment income tax starts"
    exempt = state.long_term_exempt
    if exempt:
        yield "long_term", exempt, _Tax.STATE, f"the exemption of ${exempt:,.0f} in {state.name} is used up"


def _named_tops(brackets: Brackets) -> Iterator[tuple[Decimal, str]]:
    for top, (low, high) in zip(brackets.tops, pairwise(brackets.rates), strict=True):
        yield top, f"{in_percent(low)} to {in_percent(high)}"


def in_percent(rate: Decimal) -> str:
    """Return a rate as people write it: 0.15 -> 15%, 0.038 -> 3.8%."""
    return f"{(rate * 100).normalize() + ZERO:f}%"


def _crossings(federal: FederalRates, income: Income, term: Term, points: list[Decimal]) -> Iterator[_Event]:
    """Yield where the stacked tax and the tax at ordinary rates change places (last line of the worksheet).

    To the cent: the two lines meet at fractions of it.
    """
    for start, end in pairwise([*points, points[-1] + BEYOND]):
        low, high = (_excess(federal, plus_gain(income, term, at)) for at in (start, end))
        if low * high < 0:
            text = "tax at ordinary rates alone is the smaller" if high > 0 else "long-term rates are the smaller tax"
            yield _Event(cents(start + (end - start) * low / (low - high)), _Tax.FEDERAL, text)


def _excess(federal: FederalRates, income: Income) -> Decimal:
    """Return by how much the stacked tax exceeds the tax at ordinary rates."""
    lines = reckon(federal, income)
    return stacked_tax(federal, lines.taxable, lines.preferred) - ordinary_tax(federal, lines.taxable)
