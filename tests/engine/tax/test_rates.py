"""Brackets, gains stacked on top, net investment income, and the steps of the next dollars of gain."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.portfolio import Term
from engine.tax.rates import (
    NO_STATE,
    Brackets,
    FederalRates,
    FederalYear,
    FilingStatus,
    Income,
    Sourced,
    StateRates,
    net_investment_tax,
    ordinary_tax,
    reckon,
    tax_with_gains,
    year_tax,
)
from engine.tax.rates_case import case_rates
from engine.tax.rates_steps import in_percent, plus_gain, rate_steps, tax_of_steps

D = Decimal
ORDINARY_RATES = tuple(D(rate) / 100 for rate in (10, 12, 22, 24, 32, 35, 37))
LONG_RATES = (D(0), D("0.15"), D("0.20"))


def federal_of(
    ordinary: str, long_term: str, deduction: int, threshold: int = 200_000, limit: int = 3_000
) -> FederalRates:
    return FederalRates(
        year=2024,
        filing_status=FilingStatus.SINGLE,
        ordinary=Brackets(ORDINARY_RATES, tuple(D(top) for top in ordinary.split()), "Rev. Proc. 2023-34, 3.01"),
        long_term=Brackets(LONG_RATES, tuple(D(top) for top in long_term.split()), "Rev. Proc. 2023-34, 3.03"),
        standard_deduction=Sourced(D(deduction), "IRC 63(c)"),
        additional_deduction=Sourced(D(1950), "IRC 63(f)"),
        investment_rate=D("0.038"),
        investment_threshold=Sourced(D(threshold), "IRC 1411(b)"),
        loss_limit=Sourced(D(limit), "IRC 1211(b)"),
    )


SINGLE = federal_of("11600 47150 100525 191950 243725 609350", "47025 518900", 14_600)
JOINT = federal_of("23200 94300 201050 383900 487450 731200", "94050 583750", 29_200, 250_000)
SEPARATE = federal_of("11600 47150 100525 191950 243725 365600", "47025 291850", 14_600, 125_000, 1_500)
CALIFORNIA = StateRates("CA", "California", D("0.133"), D("0.133"), D("0.133"), source="Rev. and Tax. Code 17041")
WASHINGTON = StateRates("WA", "Washington", long_term_rate=D("0.07"), long_term_exempt=D(278_000))


def income_of(ordinary: int, **more: int) -> Income:
    amounts = {"deduction": 14_600, **more}
    return Income(ordinary=D(ordinary), **{name: D(value) for name, value in amounts.items()})


def steps_of(
    income: Income, term: Term = Term.SHORT, federal: FederalRates = SINGLE, state: StateRates = NO_STATE
) -> list[tuple[str, str, str, str]]:
    return [
        (f"{step.start:f}", "" if step.end is None else f"{step.end:f}", f"{step.rate:f}", step.change)
        for step in rate_steps(federal, income, term, state)
    ]


@pytest.mark.parametrize(
    ("federal", "taxable", "tax"),
    [
        (SINGLE, "-1", "0"),
        (SINGLE, "0", "0"),
        (SINGLE, "11600", "1160"),
        (SINGLE, "11600.01", "1160.0012"),
        (SINGLE, "50000", "6053"),  # 1,160 + 4,266 + 627
        (SINGLE, "609350", "183647.25"),
        (SINGLE, "709350", "220647.25"),
        (JOINT, "150000", "23106"),  # 2,320 + 12% of 71,100 = 8,532 + 22% of 55,700 = 12,254
        (SEPARATE, "365600", "98334.75"),
    ],
)
def test_ordinary_income_is_taxed_bracket_by_bracket(federal: FederalRates, taxable: str, tax: str) -> None:
    assert ordinary_tax(federal, D(taxable)) == D(tax)


@pytest.mark.parametrize(
    ("federal", "ordinary", "gains", "tax_of_the_gains"),
    [
        (SINGLE, 40_000, 10_000, "446.25"),
        (JOINT, 94_050, 10_000, "1500"),
        (SINGLE, 510_000, 20_000, "3555"),
        (SINGLE, 0, 47_025, "0"),
        (SINGLE, 20_000, 0, "0"),
        (SINGLE, 600_000, 1_000, "200"),
    ],
)
def test_gains_are_stacked_on_ordinary_income(
    federal: FederalRates, ordinary: int, gains: int, tax_of_the_gains: str
) -> None:
    taxed = tax_with_gains(federal, D(ordinary + gains), D(gains))
    assert taxed - ordinary_tax(federal, D(ordinary)) == D(tax_of_the_gains)


def test_gains_are_never_taxed_higher_than_ordinary_income() -> None:
    # 0 % ends at 47,025 and 12 % at 47,150: 100 dollars between them bear 12 %, not 15 %
    assert tax_with_gains(SINGLE, D(47_125), D(100)) == ordinary_tax(SINGLE, D(47_125))


def test_a_deduction_larger_than_ordinary_income_shelters_gains() -> None:
    # 10,000 - 14,600 + 60,000 = 55,400 taxable, all of it gain: 55,400 - 47,025 = 8,375 at 15 %
    assert year_tax(SINGLE, income_of(10_000, long_term=60_000)).federal == D("1256.25")


@pytest.mark.parametrize(
    ("federal", "investment", "magi", "tax"),
    [
        (SINGLE, 20_000, 230_000, "760"),
        (SINGLE, 20_000, 210_000, "380"),
        (JOINT, 20_000, 249_000, "0"),
        (SEPARATE, 20_000, 130_000, "190"),
        (SINGLE, 20_000, 200_000, "0"),
        (SINGLE, -500, 300_000, "0"),
    ],
)
def test_net_investment_income_tax_is_on_the_lesser(
    federal: FederalRates, investment: int, magi: int, tax: str
) -> None:
    assert net_investment_tax(federal, D(investment), D(magi)) == D(tax)


@pytest.mark.parametrize(
    ("short", "long", "netted"),
    [
        (5, 7, (5, 7, 0)),
        (5, -2, (3, 0, 0)),
        (-2, 5, (0, 3, 0)),
        (-2, -5, (0, 0, 7)),
        (4_000, -9_000, (0, 0, 3_000)),
        (-9_000, 4_000, (0, 0, 3_000)),
        (5, -5, (0, 0, 0)),
        (0, 0, (0, 0, 0)),
    ],
)
def test_gains_and_losses_are_netted_before_they_are_taxed(short: int, long: int, netted: tuple[int, int, int]) -> None:
    lines = reckon(SINGLE, income_of(100_000, short_term=short, long_term=long))
    assert [lines.short_term, lines.long_term, lines.loss_deducted] == list(netted)


def test_a_deducted_loss_reduces_net_investment_income() -> None:
    lines = reckon(SINGLE, income_of(250_000, investment=10_000, qualified_dividends=2_000, long_term=-8_000))
    assert [lines.net_investment, lines.magi] == [9_000, 249_000]
    assert [lines.preferred, lines.ordinary] == [2_000, 232_400]


def test_the_additional_deduction_counts_for_each_person_and_reason() -> None:
    assert [SINGLE.deduction(), SINGLE.deduction(2)] == [14_600, 18_500]


def test_a_surviving_spouse_has_the_amounts_of_a_joint_return() -> None:
    assert FilingStatus.SURVIVING_SPOUSE.schedule is FilingStatus.MARRIED_JOINT
    assert FilingStatus.SINGLE.schedule is FilingStatus.SINGLE
    year = FederalYear(2024, {FilingStatus.SINGLE: SINGLE, FilingStatus.MARRIED_JOINT: JOINT})
    assert year.of(FilingStatus.SURVIVING_SPOUSE) is JOINT


def test_short_term_gains_push_long_term_gains_out_of_the_zero_range() -> None:
    # taxable 50,400 of which 5,000 are long-term: 1,625 dollars cost 12 % and move a gain from 0 to 15 %
    assert steps_of(income_of(60_000, long_term=5_000))[:4] == [
        ("0", "1625", "0.27", ""),
        ("1625", "1750", "0.12", "no long-term gain is left at 0%"),
        ("1750", "55125", "0.22", "ordinary bracket 12% to 22%"),
        ("55125", "135000", "0.24", "ordinary bracket 22% to 24%"),
    ]


def test_long_term_gains_cross_every_threshold() -> None:
    assert steps_of(income_of(200_000), Term.LONG) == [
        ("0", "333500", "0.188", ""),
        ("333500", "", "0.238", "long-term gains 15% to 20%"),
    ]
    assert steps_of(income_of(190_000), Term.LONG)[:2] == [
        ("0", "10000", "0.15", ""),
        ("10000", "343500", "0.188", "net investment income tax starts"),
    ]


def test_the_deduction_shelters_the_first_dollars() -> None:
    assert steps_of(income_of(10_000))[:2] == [
        ("0", "4600", "0", ""),
        ("4600", "16200", "0.1", "the deduction is used up"),
    ]


def test_losses_are_used_up_before_anything_is_taxed() -> None:
    # net -7,000: 4,000 dollars only shrink what is carried on, 3,000 shrink the deduction, then net gains are taxed
    assert steps_of(income_of(60_000, short_term=2_000, long_term=-9_000), Term.LONG)[:5] == [
        ("0", "4000", "0", ""),
        ("4000", "8750", "0.12", "the loss beyond the limit of $3,000 is used up"),
        ("8750", "9000", "0.22", "ordinary bracket 12% to 22%"),
        ("9000", "147000", "0.15", "the long-term loss is used up"),  # 60,000 - 7,000 + 147,000 = 200,000
        ("147000", "480500", "0.188", "net investment income tax starts"),
    ]


def test_a_short_term_loss_is_first_set_against_long_term_gain() -> None:
    assert steps_of(income_of(90_000, short_term=-10_000, long_term=30_000))[:2] == [
        ("0", "10000", "0.15", ""),
        ("10000", "35125", "0.22", "the short-term loss is used up"),
    ]


def test_the_smaller_tax_of_the_worksheet_makes_steps_of_its_own() -> None:
    # at 47,025 stacked gains would bear 15 %, all at ordinary rates 12 %, from 47,150 on 22 %: equal at 47,203.57
    steps = steps_of(income_of(61_625), Term.LONG)
    assert steps[:3] == [
        ("0", "125", "0.12", ""),
        ("125", "178.57", "0.22", "ordinary bracket 12% to 22%"),
        ("178.57", "138375", "0.15", "long-term rates are the smaller tax"),
    ]
    # a hundred dollars at 0 % before it: the stacked tax stays the smaller
    assert steps_of(income_of(61_525), Term.LONG)[:2] == [
        ("0", "100", "0", ""),
        ("100", "138475", "0.15", "long-term gains 0% to 15%"),
    ]


def test_a_state_with_an_exemption_taxes_what_is_over_it() -> None:
    assert steps_of(income_of(60_000), Term.LONG, state=WASHINGTON)[2:4] == [
        ("140000", "278000", "0.188", "net investment income tax starts"),
        ("278000", "473500", "0.258", "the exemption of $278,000 in Washington is used up"),
    ]


def test_the_rates_of_a_case_are_those_of_the_next_dollar() -> None:
    rates = case_rates(SINGLE, income_of(400_000), CALIFORNIA)
    assert (rates.short_term_rate, rates.long_term_rate) == (D("0.521"), D("0.321"))
    assert [rates.ordinary_rate, rates.ordinary_loss_limit] == [D("0.483"), 3_000]


def test_a_deducted_loss_saves_net_investment_income_tax_where_there_is_other_such_income() -> None:
    assert case_rates(SINGLE, income_of(400_000, investment=5_000)).ordinary_rate == D("0.388")
    assert case_rates(SINGLE, income_of(400_000, investment=2_000)).ordinary_rate == D("0.388")
    assert case_rates(SINGLE, income_of(400_000)).ordinary_rate == D("0.35")


def test_where_no_loss_may_be_deducted_the_ordinary_rate_is_that_of_the_next_dollar() -> None:
    none = replace(SINGLE, loss_limit=Sourced(D(0)))
    assert case_rates(none, income_of(64_600)).ordinary_rate == D("0.22")


def test_the_last_dollar_of_a_bracket_and_the_next_have_their_own_rates() -> None:
    at_the_end = income_of(191_950 + 14_600)
    assert case_rates(SINGLE, at_the_end).short_term_rate == D("0.358")
    assert case_rates(SINGLE, replace(at_the_end, ordinary=at_the_end.ordinary - 1)).short_term_rate == D("0.278")
    assert case_rates(SINGLE, at_the_end).ordinary_rate == D("0.24")


def test_the_rates_of_a_case_are_those_of_net_gains() -> None:
    lost = income_of(60_000, short_term=2_000, long_term=-9_000)
    assert case_rates(SINGLE, lost).short_term_rate == case_rates(SINGLE, income_of(60_000)).short_term_rate
    assert case_rates(SINGLE, lost).long_term_rate == 0


@pytest.mark.parametrize("ordinary", [0, 14_599, 30_000, 61_700, 150_000, 214_000, 900_000])
@pytest.mark.parametrize("long", [0, 20_000, 600_000])
def test_the_rate_of_the_case_is_what_one_dollar_more_costs(ordinary: int, long: int) -> None:
    before = income_of(ordinary, long_term=long)
    costs = [
        year_tax(SINGLE, plus_gain(before, term, D(1)), CALIFORNIA).total - year_tax(SINGLE, before, CALIFORNIA).total
        for term in (Term.SHORT, Term.LONG)
    ]
    found = case_rates(SINGLE, before, CALIFORNIA)
    assert [found.short_term_rate, found.long_term_rate] == costs


def test_every_rate_has_a_trail_that_adds_up() -> None:
    rates = case_rates(JOINT, income_of(600_000, deduction=29_200), CALIFORNIA)
    assert [trail.value for trail in rates.trails] == [
        rates.short_term_rate,
        rates.long_term_rate,
        rates.ordinary_rate,
        rates.ordinary_loss_limit,
    ]
    for trail in rates.trails[:3]:
        assert sum(part.value for part in trail.inputs) == trail.value
        assert all(part.source for part in trail.inputs)
    labels = [part.label for part in rates.trails[0].inputs]
    assert labels == ["Federal income tax", "Net investment income tax", "State tax, California"]
    assert rates.trails[0].inputs[0].inputs[-1].source == "IRC 63(c)"


def test_without_a_state_and_with_a_typed_deduction_the_trail_claims_neither() -> None:
    trail = case_rates(SINGLE, income_of(60_000, deduction=20_000)).trails[0]
    assert [part.label for part in trail.inputs] == ["Federal income tax", "Net investment income tax"]
    assert trail.inputs[0].inputs[-1].source == ""


def test_percentages_are_written_without_needless_zeros() -> None:
    assert [in_percent(D(rate)) for rate in ("0", "0.1", "0.10", "0.038", "1")] == ["0%", "10%", "10%", "3.8%", "100%"]


dollars = st.decimals(0, 900_000, places=2)
results = st.one_of(
    st.decimals(-20_000, 20_000, places=2), st.decimals(-700_000, 700_000, places=2), st.sampled_from([D(0), D(-3000)])
)
rates = st.sampled_from([D(0), D("0.0399"), D("0.05355"), D("0.133")])


@st.composite
def returns(draw: st.DrawFn) -> Income:
    ordinary = draw(dollars)
    return Income(
        ordinary=ordinary,
        deduction=draw(st.sampled_from([D(0), D(14_600), D("31234.56")])),
        short_term=draw(results),
        long_term=draw(results),
        qualified_dividends=draw(st.sampled_from([D(0), D("812.34"), D(40_000)])),
        investment=min(ordinary, draw(st.sampled_from([D(0), D("1500.5"), D(60_000)]))),
    )


@given(
    federal=st.sampled_from([SINGLE, JOINT, SEPARATE]),
    income=returns(),
    term=st.sampled_from(Term),
    state=st.builds(
        StateRates,
        ordinary_rate=rates,
        short_term_rate=rates,
        long_term_rate=rates,
        long_term_exempt=st.sampled_from([D(0), D(278_000)]),
    ),
    gain=st.one_of(st.decimals(0, 10_000, places=2), st.decimals(0, 2_000_000, places=2)),
)
def test_the_steps_add_up_to_the_difference_of_the_full_tax(
    federal: FederalRates, income: Income, term: Term, state: StateRates, gain: Decimal
) -> None:
    steps = rate_steps(federal, income, term, state)
    after, before = year_tax(federal, plus_gain(income, term, gain), state), year_tax(federal, income, state)
    assert abs(tax_of_steps(steps, gain) - (after.total - before.total)) < D("0.005")
    assert steps[0].start == 0
    assert steps[-1].end is None
    assert [low.end for low in steps[:-1]] == [high.start for high in steps[1:]]
    assert all(step.end is None or step.start < step.end for step in steps)
    assert all(low.rate != high.rate or low.federal != high.federal for low, high in pairwise(steps))
    assert all(step.change for step in steps[1:])
    assert all(0 <= step.rate < 1 for step in steps)


def worksheet(federal: FederalRates, income: Income) -> Decimal:
    """The Qualified Dividends and Capital Gain Tax Worksheet line by line, with lines 15 and 16 of Schedule D."""
    zero, fifteen = federal.long_term.tops
    net = income.short_term + income.long_term
    agi = income.ordinary + income.qualified_dividends + max(net, -federal.loss_limit.amount)
    line1 = max(D(0), agi - income.deduction)
    line4 = income.qualified_dividends + max(D(0), min(income.long_term, net))
    line5 = max(D(0), line1 - line4)
    line9 = min(line1, zero) - min(line5, line1, zero)
    line10 = min(line1, line4)
    line16 = max(D(0), min(line1, fifteen) - (line5 + line9))
    line17 = min(line10 - line9, line16)
    line20 = line10 - (line9 + line17)
    line23 = line17 * D("0.15") + line20 * D("0.20") + ordinary_tax(federal, line5)
    return min(line23, ordinary_tax(federal, line1))


@given(federal=st.sampled_from([SINGLE, JOINT, SEPARATE]), income=returns())
def test_the_tax_is_that_of_the_worksheet_line_by_line(federal: FederalRates, income: Income) -> None:
    assert year_tax(federal, income).federal == worksheet(federal, income)


@given(federal=st.sampled_from([SINGLE, JOINT, SEPARATE]), income=returns())
def test_no_tax_falls_when_income_rises(federal: FederalRates, income: Income) -> None:
    more = replace(income, ordinary=income.ordinary + 100)
    assert 0 <= year_tax(federal, more).total - year_tax(federal, income).total <= D(100)
