"""Netting as on Schedule D (IRC 1211(b), 1212(b), 1222), each figure worked out by hand."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.portfolio import TaxPosition
from engine.rebalance.audit_law import added_tax, tax_on
from engine.tax.schedule_d import YearResult, deduction_room, tax_change, tax_of_year, tax_trail, year_so_far
from engine.trail import Trail
from tests.builders import dec, tax

D = Decimal
money = st.decimals("-20000", "20000", places=2)
rates = st.decimals("0", "0.5", places=3)


@st.composite
def positions(draw: st.DrawFn, *, any_rates: bool = True) -> TaxPosition:
    """Return rates in any order, or in the usual one: carried <= long <= short, carried <= ordinary."""
    short, long, ordinary, carry = (draw(rates) for _ in range(4))
    if not any_rates:
        carry, long, short = sorted((carry, long, short))
        ordinary = max(ordinary, carry)
    return tax(
        short_term_rate=short,
        long_term_rate=long,
        ordinary_rate=ordinary,
        loss_carry_rate=carry,
        ordinary_loss_limit=draw(st.sampled_from([D(0), D(1500), D(3000)])),
        ytd_loss_deduction_used=draw(st.sampled_from([D(0), D(1000), D(3000), D(5000)])),
    )


@pytest.mark.parametrize(
    ("short", "long", "expected"),
    [
        # rates of the example: short 40.8 %, long 23.8 %, ordinary 37 %, carried 12 %, room 3,000
        ("0", "0", "0"),
        ("1000", "0", "408"),
        ("0", "1000", "238"),
        ("1000", "2000", "884"),  # both gains, each at its rate: 408 + 476
        ("-500", "2000", "357"),  # 1,500 left, long
        ("2000", "-500", "612"),  # 1,500 left, short
        ("-2000", "2000", "0"),
        ("2000", "-2000", "0"),
        ("-2500", "2000", "-185"),  # 500 off ordinary income
        ("2000", "-2500", "-185"),
        ("-1000", "-1000", "-740"),
        ("0", "-3000", "-1110"),  # the limit to the dollar
        ("-3000", "0", "-1110"),
        ("-3000", "-1", "-1110.12"),  # one dollar over is carried
        ("-5000", "-5000", "-1950"),  # 3,000 x 37 % + 7,000 x 12 %
        ("4000", "-14000", "-1950"),
    ],
)
def test_every_pattern_of_signs(short: str, long: str, expected: str) -> None:
    assert tax_of_year(YearResult(dec(short), dec(long)), tax()) == dec(expected)


@pytest.mark.parametrize(
    ("limit", "used", "room", "on_a_loss_of_4000"),
    [
        ("3000", "0", "3000", "-1230"),  # 1,110 + 120
        ("3000", "2500", "500", "-605"),  # 185 + 420
        ("3000", "3000", "0", "-480"),
        ("3000", "9000", "0", "-480"),  # never below zero
        ("1500", "0", "1500", "-855"),  # married, filing separately
        ("0", "0", "0", "-480"),
    ],
)
def test_what_is_left_of_the_deduction(limit: str, used: str, room: str, on_a_loss_of_4000: str) -> None:
    position = tax(ordinary_loss_limit=dec(limit), ytd_loss_deduction_used=dec(used))
    assert deduction_room(position) == dec(room)
    assert tax_of_year(YearResult(D(-4000), D(0)), position) == dec(on_a_loss_of_4000)


@pytest.mark.parametrize(
    ("ytd", "carried", "gain", "change"),
    [
        # (short, long) each; the change in tax of realizing `gain`
        (("0", "0"), ("0", "0"), ("0", "-10000"), "-1950"),
        (("10000", "0"), ("0", "0"), ("0", "-10000"), "-4080"),  # a long loss saves the short rate
        (("0", "10000"), ("0", "0"), ("-10000", "0"), "-2380"),  # a short loss saves only the long rate
        (("0", "10000"), ("0", "10000"), ("-1000", "0"), "-370"),  # what was carried in came first
        (("0", "0"), ("0", "8000"), ("0", "8000"), "1710"),  # 1,110 + 5,000 x 12 % that the loss was worth
        (("0", "0"), ("2000", "0"), ("5000", "0"), "1964"),  # from -740 to 3,000 x 40.8 %
        (("-12000", "0"), ("0", "0"), ("0", "1000"), "120"),  # a carried dollar less
        (("5000", "5000"), ("0", "0"), ("0", "0"), "0"),
    ],
)
def test_the_change_counts_from_the_year_so_far(
    ytd: tuple[str, str], carried: tuple[str, str], gain: tuple[str, str], change: str
) -> None:
    position = tax(
        ytd_short_term=dec(ytd[0]),
        ytd_long_term=dec(ytd[1]),
        carryforward_short_term=dec(carried[0]),
        carryforward_long_term=dec(carried[1]),
    )
    assert year_so_far(position) == YearResult(dec(ytd[0]) - dec(carried[0]), dec(ytd[1]) - dec(carried[1]))
    assert tax_change(position, dec(gain[0]), dec(gain[1])) == dec(change)


@given(positions())
def test_a_year_without_results_owes_nothing(position: TaxPosition) -> None:
    assert tax_of_year(YearResult(D(0), D(0)), position) == 0


@given(positions(), money, money)
def test_the_audit_nets_the_same_by_another_road(position: TaxPosition, short: Decimal, long: Decimal) -> None:
    assert tax_on(position, short, long) == tax_of_year(YearResult(short, long), position)
    assert added_tax(position, short, long) == tax_change(position, short, long)


@given(positions(any_rates=False), money, money, st.decimals("0.01", "5000", places=2))
def test_a_larger_result_never_lowers_the_tax(
    position: TaxPosition, short: Decimal, long: Decimal, more: Decimal
) -> None:
    """With the rates of the law (a carried loss is worth least). Gains only cost, losses only save."""
    before = tax_of_year(YearResult(short, long), position)
    assert tax_of_year(YearResult(short + more, long), position) >= before
    assert tax_of_year(YearResult(short, long + more), position) >= before


@given(positions(), money, st.sampled_from(["short axis", "long axis", "diagonal", "room"]))
def test_the_tax_does_not_jump_at_a_kink(position: TaxPosition, along: Decimal, kink: str) -> None:
    cent, room = D("0.01"), deduction_room(position)
    short, long = {
        "short axis": (along, D(0)),
        "long axis": (D(0), along),
        "diagonal": (along, -along),
        "room": (along, -along - room),
    }[kink]
    here = tax_of_year(YearResult(short, long), position)
    steps = [(x * cent, y * cent) for x in (-1, 0, 1) for y in (-1, 0, 1)]
    assert all(abs(tax_of_year(YearResult(short + x, long + y), position) - here) <= 2 * cent for x, y in steps)


@given(positions(), money, money)
def test_the_trail_shows_the_figures_that_make_the_change(position: TaxPosition, short: Decimal, long: Decimal) -> None:
    trail = tax_trail(position, short, long)
    after, before = trail.inputs[0], trail.inputs[1]
    assert trail.value == after.value - before.value == tax_change(position, short, long)
    assert _figure(after, "Net result") == _figure(after, "Net short-term result") + _figure(
        after, "Net long-term result"
    )
    if _figure(after, "Net result") < 0:
        deducted, carried = _figure(after, "Deducted from ordinary income"), _figure(after, "Carried to next year")
        assert deducted + carried == -_figure(after, "Net result")
        assert after.value == -deducted * position.ordinary_rate - carried * position.loss_carry_rate


def _figure(trail: Trail, label: str) -> Decimal:
    return next(t.value for t in trail.inputs if t.label == label)


def test_a_year_is_added_to_without_changing_it() -> None:
    year = year_so_far(tax(ytd_short_term=D(100)))
    assert year.plus(D(5), D(-7)) == YearResult(D(105), D(-7))
    assert year.net == 100
    assert replace(year, long_term=D(-30)).net == 70
