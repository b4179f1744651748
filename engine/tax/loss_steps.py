"""The next dollars of loss, step by step: what each saves this year by the full worksheet, and where that changes."""

from dataclasses import replace

from engine.money import ZERO
from engine.portfolio import Term
from engine.tax.rates import NO_STATE, FederalRates, Income, StateRates
from engine.tax.rates_steps import RateStep, plus_gain, rate_steps

CARRIED = "the rest is carried to later years (IRC 1212(b))"
_BACKWARDS = {
    "no net loss is left to deduct": "deducted from other income",
    "the short-term loss is used up": "the short-term gain is used up",
    "the long-term loss is used up": "the long-term gain is used up",
}
"""What changes at a place when it is crossed from above."""


def loss_steps(federal: FederalRates, income: Income, term: Term, state: StateRates = NO_STATE) -> tuple[RateStep, ...]:
    """Return the steps of the next dollars of short- or of long-term loss on top of `income`; rates are tax saved.

    They are the steps of gain from the year with as much loss as may be deducted, walked back. Dollars beyond that
    save nothing this year.
    """
    room = max(ZERO, income.short_term + income.long_term + federal.loss_limit.amount)
    last = RateStep(room, None, ZERO, ZERO, ZERO, CARRIED if room else "")
    if not room:
        return (last,)
    steps: list[RateStep] = []
    crossed = ""
    for step in reversed(rate_steps(federal, plus_gain(income, term, -room), term, state)):
        if step.start < room:
            top = room if step.end is None else min(room, step.end)
            change = _backwards(crossed) if steps else ""
            steps.append(replace(step, start=room - top, end=room - step.start, change=change))
        crossed = step.change
    return (*steps, last)


def _backwards(change: str) -> str:
    return "; ".join(_BACKWARDS.get(part, f"back below: {part}") for part in change.split("; "))
