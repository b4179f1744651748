"""The rates of a case from a return: what one more dollar of each kind costs, with where each figure comes from."""

from dataclasses import dataclass, replace
from decimal import Decimal

from engine.money import ZERO
from engine.portfolio import Term
from engine.tax.rates import NO_STATE, WORKSHEET, FederalRates, Income, StateRates, reckon
from engine.tax.rates_steps import RateStep, rate_steps
from engine.trail import Trail


@dataclass(frozen=True, slots=True)
class CaseRates:
    """Rates of the case as fractions and the loss limit in dollars; `trails` has one trail for each, in this order."""

    short_term_rate: Decimal
    long_term_rate: Decimal
    ordinary_rate: Decimal
    ordinary_loss_limit: Decimal
    trails: tuple[Trail, ...]


def case_rates(federal: FederalRates, income: Income, state: StateRates = NO_STATE) -> CaseRates:
    """Return the rates of the next dollar of net gain of each term, and of the last dollar a deducted loss would save.

    Losses of the year are netted first: the rates are those of a dollar that is left to tax. Each has the net
    investment income tax and the state in it.
    """
    lines = reckon(federal, income)
    gained = replace(income, short_term=lines.short_term, long_term=lines.long_term)
    limit = federal.loss_limit
    short = rate_steps(federal, gained, Term.SHORT, state)[0]
    long = rate_steps(federal, gained, Term.LONG, state)[0]
    lost = replace(income, short_term=-limit.amount, long_term=ZERO)
    last = [
        step for step in rate_steps(federal, lost, Term.SHORT, state) if step.start < limit.amount or not step.start
    ][-1]
    before_loss = replace(income, short_term=ZERO, long_term=ZERO)
    return CaseRates(
        short.rate,
        long.rate,
        last.rate,
        limit.amount,
        (
            _trail("Rate on the next dollar of short-term gain", short, federal, gained, state),
            _trail("Rate on the next dollar of long-term gain", long, federal, gained, state),
            _trail("Rate that a deducted loss saves", last, federal, before_loss, state),
            Trail("Net loss that may be deducted in a year", limit.amount, source=limit.source),
        ),
    )


def _trail(label: str, step: RateStep, federal: FederalRates, income: Income, state: StateRates) -> Trail:
    """Return the rate of a step with the three taxes in it and the lines of the return that they go by."""
    lines = reckon(federal, income)
    threshold = federal.investment_threshold
    parts = [
        Trail(
            "Federal income tax",
            step.federal,
            (
                Trail("Taxable income", max(ZERO, lines.taxable)),
                Trail("Of which long-term gains and qualified dividends", lines.preferred, source=WORKSHEET),
                Trail("Deduction", income.deduction, source=_deduction_source(federal, income)),
            ),
            "fraction",
            f"{federal.ordinary.source}; {federal.long_term.source}",
        ),
        Trail(
            "Net investment income tax",
            step.net_investment,
            (
                Trail("Net investment income", max(ZERO, lines.net_investment)),
                Trail("Modified adjusted gross income", lines.magi),
                Trail("Threshold", threshold.amount, source=threshold.source),
            ),
            "fraction",
            threshold.source,
        ),
    ]
    if state.code:
        parts.append(Trail(f"State tax, {state.name}", step.state, unit="fraction", source=state.source))
    return Trail(label, step.rate, tuple(parts), "fraction", f"Tax year {federal.year}, {federal.filing_status}")


def _deduction_source(federal: FederalRates, income: Income) -> str:
    standard = federal.standard_deduction
    return standard.source if income.deduction == standard.amount else ""
