"""What the next dollars of loss save; figures worked out by hand from the brackets of 2024."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.portfolio import Term
from engine.tax.loss_steps import CARRIED, loss_steps
from engine.tax.rates import NO_STATE, Brackets, FederalRates, FilingStatus, Income, Sourced, StateRates, year_tax
from engine.tax.rates_steps import plus_gain, tax_of_steps

D = Decimal
SINGLE = FederalRates(
    year=2024,
    filing_status=FilingStatus.SINGLE,
    ordinary=Brackets(
        tuple(D(rate) / 100 for rate in (10, 12, 22, 24, 32, 35, 37)),
        tuple(D(top) for top in (11_600, 47_150, 100_525, 191_950, 243_725, 609_350)),
    ),
    long_term=Brackets((D(0), D("0.15"), D("0.20")), (D(47_025), D(518_900))),
    standard_deduction=Sourced(D(14_600)),
    additional_deduction=Sourced(D(1_950)),
    investment_rate=D("0.038"),
    investment_threshold=Sourced(D(200_000)),
    loss_limit=Sourced(D(3_000)),
)
OREGON = StateRates("OR", "Oregon", D("0.099"), D("0.099"), D("0.099"))


def income_of(ordinary: int, short: int = 0, long: int = 0) -> Income:
    return Income(D(ordinary), D(14_600), D(short), D(long))


def rows(income: Income, term: Term, state: StateRates = NO_STATE) -> list[tuple[str, str, str]]:
    return [
        (f"{step.start:f}", "" if step.end is None else f"{step.end:f}", f"{step.rate:f}")
        for step in loss_steps(SINGLE, income, term, state)
    ]


@pytest.mark.parametrize(
    ("income", "term", "expected"),
    [
        # taxable income 95,400: all of the deduction is in the 22 % bracket
        (income_of(110_000), Term.SHORT, [("0", "3000", "0.22"), ("3000", "", "0")]),
        # 101,400 of taxable income: 875 dollars in the 24 % bracket first
        (income_of(116_000), Term.LONG, [("0", "875", "0.24"), ("875", "3000", "0.22"), ("3000", "", "0")]),
        # income 202,000 of which 12,000 short-term gain: 2,000 dollars are over the threshold of the surtax
        (
            income_of(190_000, short=12_000),
            Term.SHORT,
            [("0", "2000", "0.278"), ("2000", "15000", "0.24"), ("15000", "", "0")],
        ),
        # the short-term gain is offset first, then the long-term one, then other income
        (
            income_of(110_000, short=1_000, long=2_000),
            Term.SHORT,
            [("0", "1000", "0.22"), ("1000", "3000", "0.15"), ("3000", "6000", "0.22"), ("6000", "", "0")],
        ),
        # 2,000 of the limit are used by losses that are there
        (income_of(110_000, long=-2_000), Term.SHORT, [("0", "1000", "0.22"), ("1000", "", "0")]),
        (income_of(110_000, short=-3_000), Term.SHORT, [("0", "", "0")]),
        (income_of(110_000, short=-9_000, long=2_000), Term.LONG, [("0", "", "0")]),
        # no income: nothing is saved, and nothing more this year
        (income_of(0), Term.SHORT, [("0", "3000", "0"), ("3000", "", "0")]),
    ],
)
def test_what_further_losses_save(income: Income, term: Term, expected: list[tuple[str, str, str]]) -> None:
    assert rows(income, term) == expected


def test_each_change_is_named() -> None:
    steps = loss_steps(SINGLE, income_of(190_000, short=12_000), Term.SHORT)
    assert [step.change for step in steps] == ["", "back below: net investment income tax starts", CARRIED]
    steps = loss_steps(SINGLE, income_of(110_000, short=1_000, long=2_000), Term.SHORT)
    assert [step.change for step in steps] == [
        "",
        "the short-term gain is used up",
        "deducted from other income",
        CARRIED,
    ]
    assert [step.change for step in loss_steps(SINGLE, income_of(0, long=-5_000), Term.LONG)] == [""]


def test_a_state_is_saved_too() -> None:
    assert rows(income_of(110_000), Term.SHORT, OREGON)[0] == ("0", "3000", "0.319")


whole = st.integers(-30_000, 300_000).map(D)


@given(st.integers(0, 700_000).map(D), whole, whole, st.sampled_from(Term), st.integers(0, 400_000).map(D))
def test_the_steps_add_up_to_what_the_worksheet_saves(
    ordinary: Decimal, short: Decimal, long: Decimal, term: Term, amount: Decimal
) -> None:
    income = Income(ordinary, D(14_600), short, long)
    steps = loss_steps(SINGLE, income, term, OREGON)
    before = year_tax(SINGLE, income, OREGON).total
    saved = before - year_tax(SINGLE, plus_gain(income, term, -amount), OREGON).total
    assert abs(tax_of_steps(steps, amount) - saved) < D("0.01")
    assert steps[0].start == 0
    assert all(low.end == high.start for low, high in pairwise(steps))
