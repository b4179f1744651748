"""The Capital Loss Carryover Worksheet, line by line and over several years; figures worked out by hand."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.tax.carryforward import (
    LOSS_LIMIT,
    LOSS_LIMIT_SEPARATE,
    CarriedLoss,
    YearOfGains,
    carry_year,
    carry_years,
    loss_limit,
)
from engine.tax.schedule_d import tax_of_year, year_so_far
from engine.trail import Trail
from tests.builders import tax

D = Decimal
NOTHING = CarriedLoss()
money = st.decimals("-20000", "20000", places=2)
losses = st.decimals("0", "20000", places=2)


def year(
    short: int, long: int, income: int | None = None, *, number: int = 2025, limit: Decimal = LOSS_LIMIT
) -> YearOfGains:
    return YearOfGains(number, D(short), D(long), None if income is None else D(income), limit)


def lines_of(trail: Trail) -> Iterator[tuple[str, Decimal]]:
    yield trail.label, trail.value
    for part in trail.inputs:
        yield from lines_of(part)


def numbered(trail: Trail) -> dict[int, Decimal]:
    return {int(label[5:].split(":")[0]): value for label, value in lines_of(trail) if label.startswith("Line ")}


@pytest.mark.parametrize(
    ("short", "long", "carried"),
    [
        (-10_000, 0, (7_000, 0)),
        (0, -10_000, (0, 7_000)),
        (-2_000, -5_000, (0, 4_000)),  # the deduction takes the short-term loss first
        (-5_000, -2_000, (2_000, 2_000)),
        (-10_000, 4_000, (3_000, 0)),
        (4_000, -10_000, (0, 3_000)),
        (-3_000, 0, (0, 0)),
        (-3_001, 0, (1, 0)),
        (-1_000, -1_000, (0, 0)),
        (-5_000, 2_000, (0, 0)),
        (2_000, -5_000, (0, 0)),
        (-5_000, 9_000, (0, 0)),
        (9_000, -5_000, (0, 0)),
        (1_000, 1_000, (0, 0)),
        (0, 0, (0, 0)),
    ],
)
def test_what_is_carried_keeps_its_character(short: int, long: int, carried: tuple[int, int]) -> None:
    assert carry_year(year(short, long), NOTHING).carried == CarriedLoss(D(carried[0]), D(carried[1]))


def test_married_filing_separately_deducts_half_as_much() -> None:
    assert loss_limit("married_separate") == LOSS_LIMIT_SEPARATE
    one = carry_year(year(-2_000, -5_000, limit=loss_limit("married_separate")), NOTHING)
    assert one.deduction == 1500
    assert one.carried == CarriedLoss(D(500), D(5000))


@pytest.mark.parametrize("status", ["single", "married_joint", "head_of_household", "surviving_spouse", "trust"])
def test_every_other_return_deducts_3000(status: str) -> None:
    assert loss_limit(status) == LOSS_LIMIT == 3000


@pytest.mark.parametrize(
    ("income", "carried"),
    [
        (None, 7_000),
        (50_000, 7_000),
        (0, 7_000),
        (-1, 7_001),
        (-1_800, 8_800),
        (-3_000, 10_000),
        (-9_000, 10_000),
    ],
)
def test_a_deduction_that_found_no_income_is_carried_on(income: int | None, carried: int) -> None:
    one = carry_year(year(-10_000, 0, income), NOTHING)
    assert one.deduction == 3000
    assert one.carried.short_term == carried


def test_a_loss_under_the_limit_is_carried_too_where_taxable_income_is_below_zero() -> None:
    assert carry_year(year(-500, -300, -900), NOTHING).carried == CarriedLoss(D(500), D(300))


def test_several_years_pass_the_loss_on_until_it_is_used_up() -> None:
    found = carry_years(
        [
            year(0, 10_000, number=2025),  # short -9,000, long +6,000: the net of 3,000 is deducted
            year(-20_000, -4_000, number=2023),  # 3,000 deducted: 17,000 and 4,000 go on
            year(5_000, 0, number=2024),  # short -12,000, long -4,000: 9,000 and 4,000 go on
            year(100, 0, number=2026),
        ]
    )
    assert [(one.year, one.net_short_term, one.net_long_term, one.deduction) for one in found] == [
        (2023, D(-20_000), D(-4_000), D(3_000)),
        (2024, D(-12_000), D(-4_000), D(3_000)),
        (2025, D(-9_000), D(6_000), D(3_000)),
        (2026, D(100), D(0), D(0)),
    ]
    assert [one.carried for one in found] == [
        CarriedLoss(D(17_000), D(4_000)),
        CarriedLoss(D(9_000), D(4_000)),
        NOTHING,
        NOTHING,
    ]


def test_a_loss_from_before_the_first_year_is_carried_in() -> None:
    (one,) = carry_years([year(1_000, 0)], CarriedLoss(D(2_000), D(3_000)))
    assert (one.net_short_term, one.net_long_term) == (D(-1_000), D(-3_000))
    assert one.carried == CarriedLoss(D(0), D(1_000))
    assert carry_years([]) == ()


@pytest.mark.parametrize(("numbers", "said"), [((2023, 2025), "2023 is 2024, not 2025"), ((2024, 2024), "not 2024")])
def test_a_year_that_is_missing_or_stands_twice_is_refused(numbers: tuple[int, int], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        carry_years([year(0, 0, number=number) for number in numbers])


def test_the_trails_name_every_line_of_the_worksheet() -> None:
    # taxable income 1,000 below zero after 3,000 were deducted; short-term loss 4,000, long-term loss 2,500
    one = carry_year(year(-4_000, -2_000, -1_000), CarriedLoss(D(0), D(500)))
    deduction, short, long = one.trails
    assert numbered(short) == {1: -1000, 2: 3000, 3: 2000, 4: 2000, 5: 4000, 6: 0, 7: 2000, 8: 2000}
    assert numbered(long) == {1: -1000, 2: 3000, 3: 2000, 4: 2000, 5: 4000, 9: 2500, 10: 0, 11: 0, 12: 0, 13: 2500}
    assert (short.value, long.value) == (one.carried.short_term, one.carried.long_term)
    assert deduction.value == one.deduction == 3000
    assert ("Long-term loss carried in from 2024", D(500)) in list(lines_of(deduction))
    assert short.label == "Line 8: short-term loss carried to 2026"


def test_lines_1_and_3_are_left_out_where_taxable_income_is_not_known() -> None:
    _, short, _ = carry_year(year(-4_000, 0), NOTHING).trails
    assert set(numbered(short)) == {2, 4, 5, 6, 7, 8}


@given(losses, losses, money, money, st.sampled_from([LOSS_LIMIT, LOSS_LIMIT_SEPARATE]), st.none() | money)
def test_every_dollar_of_loss_is_netted_used_or_carried(
    short_in: Decimal, long_in: Decimal, short: Decimal, long: Decimal, limit: Decimal, income: Decimal | None
) -> None:
    one = carry_year(YearOfGains(2025, short, long, income, limit), CarriedLoss(short_in, long_in))
    loss = max(D(0), -(one.net_short_term + one.net_long_term))
    used = loss - one.carried.short_term - one.carried.long_term
    assert one.deduction == min(loss, limit)
    unused = D(0) if income is None else min(one.deduction, max(D(0), -income))
    assert used == one.deduction - unused
    assert D(0) <= one.carried.short_term <= max(D(0), -one.net_short_term)
    assert D(0) <= one.carried.long_term <= max(D(0), -one.net_long_term)


@given(losses, losses, money, money)
def test_the_loss_carried_is_the_one_that_the_tax_of_the_year_counts_as_carried(
    short_in: Decimal, long_in: Decimal, short: Decimal, long: Decimal
) -> None:
    one = carry_year(YearOfGains(2025, short, long), CarriedLoss(short_in, long_in))
    position = tax(
        short_term_rate=D(0),
        long_term_rate=D(0),
        ordinary_rate=D(0),
        loss_carry_rate=D(1),
        ytd_short_term=short,
        ytd_long_term=long,
        carryforward_short_term=short_in,
        carryforward_long_term=long_in,
    )
    assert one.carried.short_term + one.carried.long_term == -tax_of_year(year_so_far(position), position)
