"""The command `rates`: what one more dollar of each kind of gain costs, where that changes, and where it comes from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.money import ZERO
from engine.portfolio import TaxPosition, Term
from engine.tax.loss_steps import loss_steps
from engine.tax.marginal_values import MarginalValue, marginal_values
from engine.tax.rates import FilingStatus, Income
from engine.tax.rates_case import CaseRates, case_rates
from engine.tax.rates_steps import RateStep, in_percent, rate_steps
from engine.trail import Trail
from workflow.console import print_json, print_table, say
from workflow.tax_rates import federal_year, state_rates


def amount(text: str | Decimal) -> Decimal:
    """Return dollars from 1234.56, 1,234.56 or $1,234.56; what is none is told with the option's name.

    A default comes through here too, and is a Decimal already.
    """
    try:
        value = Decimal(str(text).replace(",", "").replace("$", ""))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise typer.BadParameter(f"{text!r} is no amount of dollars.")
    return value


Earned = Annotated[
    Decimal, typer.Option(parser=amount, help="Income but gains and qualified dividends, before the deduction.")
]
ShortGains = Annotated[
    Decimal,
    typer.Option(
        "--short-gains", "--gains-short", parser=amount, help="Net short-term gain (+) or loss (-) of the year so far."
    ),
]
LongGains = Annotated[
    Decimal,
    typer.Option(
        "--long-gains", "--gains-long", parser=amount, help="Net long-term gain (+) or loss (-) of the year so far."
    ),
]
Deduction = Annotated[
    Decimal | None, typer.Option(parser=amount, help="The whole deduction; default: the standard deduction.")
]
AgedOrBlind = Annotated[
    int, typer.Option(min=0, max=4, help="How often 65 or over, or blind, adds to the standard deduction.")
]
Qualified = Annotated[Decimal, typer.Option(parser=amount, help="Qualified dividends.")]
Investment = Annotated[
    Decimal, typer.Option(parser=amount, help="Interest, other dividends and rents within the income.")
]
OwnRates = Annotated[
    Path | None, typer.Option(metavar="DIR", help="The firm's own rates: files as in resources/tax_rates.")
]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the command shows of one return: rates, steps of gain and of loss, and the worth of further dollars."""

    rates: CaseRates
    gains: Mapping[Term, tuple[RateStep, ...]]
    losses: Mapping[Term, tuple[RateStep, ...]]
    values: tuple[MarginalValue, ...]


def rates_command(
    filing_status: Annotated[FilingStatus, typer.Option(help="How the return is filed.")],
    income: Earned,
    year: Annotated[int, typer.Option(help="The tax year.")],
    state: Annotated[str, typer.Option(metavar="ST", help="Two letters; none = no state tax.")] = "",
    short_gains: ShortGains = ZERO,
    long_gains: LongGains = ZERO,
    deduction: Deduction = None,
    aged_or_blind: AgedOrBlind = 0,
    qualified_dividends: Qualified = ZERO,
    investment_income: Investment = ZERO,
    rates: OwnRates = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Show the rates of a return, the steps of further gains and losses, and where each figure comes from."""
    federal = federal_year(year, rates).of(filing_status)
    place = state_rates(state, rates)
    given = Income(
        ordinary=income,
        deduction=federal.deduction(aged_or_blind) if deduction is None else deduction,
        short_term=short_gains,
        long_term=long_gains,
        qualified_dividends=qualified_dividends,
        investment=investment_income,
    )
    found = case_rates(federal, given, place)
    answer = _Answer(
        found,
        {term: rate_steps(federal, given, term, place) for term in Term},
        {term: loss_steps(federal, given, term, place) for term in Term},
        _values(found, short_gains, long_gains),
    )
    if as_json:
        head = {"year": year, "filing_status": filing_status, "state": place.code, "income": given}
        print_json(head | _document(answer))
    else:
        say(f"Tax year {year}, {filing_status.replace('_', ' ')}{f', {place.name}' if place.name else ''}")
        _print(answer)


def _values(found: CaseRates, short_gains: Decimal, long_gains: Decimal) -> tuple[MarginalValue, ...]:
    position = TaxPosition(
        short_term_rate=found.short_term_rate,
        long_term_rate=found.long_term_rate,
        ordinary_rate=found.ordinary_rate,
        ordinary_loss_limit=found.ordinary_loss_limit,
        ytd_short_term=short_gains,
        ytd_long_term=long_gains,
    )
    return marginal_values(position)


def _document(answer: _Answer) -> dict[str, Any]:
    found = answer.rates
    return {
        "rates": {
            "short_term_rate": found.short_term_rate,
            "long_term_rate": found.long_term_rate,
            "ordinary_rate": found.ordinary_rate,
            "ordinary_loss_limit": found.ordinary_loss_limit,
        },
        "steps": _by_term(answer.gains),
        "loss_steps": _by_term(answer.losses),
        "marginal_values": [_value(value) for value in answer.values],
        "trails": found.trails,
    }


def _by_term(found: Mapping[Term, tuple[RateStep, ...]]) -> dict[str, list[dict[str, Any]]]:
    return {f"{term.value}_term": [_step(step) for step in steps] for term, steps in found.items()}


def _step(step: RateStep) -> dict[str, Any]:
    parts = {"federal": step.federal, "net_investment": step.net_investment, "state": step.state}
    return {"from": step.start, "to": step.end, "rate": step.rate, "change": step.change, **parts}


def _value(value: MarginalValue) -> dict[str, Any]:
    steps = [{"from": step.start, "to": step.end, "rate": step.rate, "use": step.use} for step in value.steps]
    return {"kind": value.kind, "rate": value.rate, "steps": steps, "trail": value.trail}


def _print(answer: _Answer) -> None:
    for what, found in (("gain", answer.gains), ("loss: what it saves", answer.losses)):
        for term, steps in found.items():
            print_table(
                f"The next dollars of {term.value}-term {what}",
                ("from there on", "from", "to", "rate", "federal", "net investment", "state"),
                (_cells(step) for step in steps),
            )
    say("As a plan counts it, at the rates of the next dollar, after the gains and losses of the year so far:")
    for value in answer.values:
        say(f"  {value.sentence}")
    for trail in answer.rates.trails:
        for line in _lines(trail, ""):
            say(line)
    say("Not counted: alternative minimum tax, credits and deductions that fall away as income rises, local taxes.")


def _cells(step: RateStep) -> tuple[str, ...]:
    return (
        step.change,
        _dollars(step.start),
        "" if step.end is None else _dollars(step.end),
        *(in_percent(rate) for rate in (step.rate, step.federal, step.net_investment, step.state)),
    )


def _lines(trail: Trail, indent: str) -> Iterable[str]:
    value = in_percent(trail.value) if trail.unit == "fraction" else _dollars(trail.value)
    yield f"{indent}{trail.label}: {value}{f' ({trail.source})' if trail.source else ''}"
    for part in trail.inputs:
        yield from _lines(part, f"{indent}  ")


def _dollars(value: Decimal) -> str:
    return f"{value:,.2f}".removesuffix(".00")
