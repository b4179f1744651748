"""The value of one more dollar of each kind of gain and loss, and how far it goes; figures worked out by hand."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.portfolio import TaxPosition
from engine.tax.marginal_values import DollarKind, DollarUse, MarginalValue, marginal_values
from engine.tax.schedule_d import tax_change
from tests.builders import tax

D = Decimal
U = DollarUse
money = st.decimals("-20000", "20000", places=2)
rates = st.decimals("0", "0.5", places=3)
SHORT, LONG, ORDINARY, CARRIED = "0.408", "0.238", "0.37", "0.12"
Row = tuple[int, int | None, str, DollarUse]


def values(**ytd: int) -> dict[DollarKind, MarginalValue]:
    position = tax(**{name: D(amount) for name, amount in ytd.items()})
    return {value.kind: value for value in marginal_values(position)}


@pytest.mark.parametrize(
    ("ytd", "kind", "steps"),
    [
        # rates of the example: short 40.8 %, long 23.8 %, ordinary 37 %, carried 12 %, room 3,000
        ({}, "short_term_gain", [(0, None, SHORT, U.TAXED_SHORT)]),
        ({}, "long_term_gain", [(0, None, LONG, U.TAXED_LONG)]),
        ({}, "long_term_loss", [(0, 3000, ORDINARY, U.DEDUCTED), (3000, None, CARRIED, U.CARRIED)]),
        (
            {"ytd_short_term": 12_000},
            "short_term_loss",
            [
                (0, 12_000, SHORT, U.OFFSETS_SHORT),
                (12_000, 15_000, ORDINARY, U.DEDUCTED),
                (15_000, None, CARRIED, U.CARRIED),
            ],
        ),
        (
            {"ytd_short_term": 12_000},
            "long_term_loss",
            [
                (0, 12_000, SHORT, U.OFFSETS_SHORT),
                (12_000, 15_000, ORDINARY, U.DEDUCTED),
                (15_000, None, CARRIED, U.CARRIED),
            ],
        ),
        (
            {"ytd_short_term": 1_000, "ytd_long_term": 2_000},
            "short_term_loss",
            [
                (0, 1_000, SHORT, U.OFFSETS_SHORT),
                (1_000, 3_000, LONG, U.OFFSETS_LONG),
                (3_000, 6_000, ORDINARY, U.DEDUCTED),
                (6_000, None, CARRIED, U.CARRIED),
            ],
        ),
        (
            {"ytd_short_term": 5_000, "ytd_long_term": -2_000},
            "long_term_gain",
            [(0, 2_000, SHORT, U.TAXED_SHORT), (2_000, None, LONG, U.TAXED_LONG)],
        ),
        (
            {"ytd_long_term": 5_000, "carryforward_short_term": 2_000},
            "short_term_gain",
            [(0, 2_000, LONG, U.TAXED_LONG), (2_000, None, SHORT, U.TAXED_SHORT)],
        ),
        (
            {"carryforward_long_term": 10_000},
            "long_term_gain",
            [
                (0, 7_000, CARRIED, U.USES_CARRIED),
                (7_000, 10_000, ORDINARY, U.USES_DEDUCTION),
                (10_000, None, LONG, U.TAXED_LONG),
            ],
        ),
        ({"ytd_loss_deduction_used": 3_000}, "short_term_loss", [(0, None, CARRIED, U.CARRIED)]),
    ],
)
def test_what_further_dollars_are_worth(ytd: dict[str, int], kind: str, steps: list[Row]) -> None:
    found = values(**ytd)[DollarKind(kind)]
    expected = [(D(a), None if b is None else D(b), D(r), u) for a, b, r, u in steps]
    assert [(s.start, s.end, s.rate, s.use) for s in found.steps] == expected
    assert found.rate == D(steps[0][2])


def test_the_steps_stand_on_what_a_plan_adds() -> None:
    loss = marginal_values(tax(), D(4000), D(-1000))[2]
    assert [s.start for s in loss.steps] == [0, 3000, 6000]
    assert [s.end for s in loss.steps] == [3000, 6000, None]


def test_the_sentence_says_how_far_each_rate_goes() -> None:
    found = values(ytd_short_term=12_000)
    assert found[DollarKind.SHORT_TERM_LOSS].sentence == (
        "Of further short-term loss: the first $12,000.00 offset short-term gains at 40.8%, "
        "the next $3,000.00 deducted from ordinary income at 37%, the rest carried to later years at 12%."
    )
    assert found[DollarKind.LONG_TERM_GAIN].sentence == (
        "Of further long-term gain: all taxed as long-term gain at 23.8%."
    )


@pytest.mark.parametrize("kind", DollarKind)
def test_the_trail_has_the_year_and_every_step(kind: DollarKind) -> None:
    found = values(ytd_short_term=500, ytd_long_term=-200, carryforward_long_term=100)[kind]
    assert found.trail.value == found.rate
    assert ("costs" if kind.is_gain else "saves") in found.trail.label
    assert [part.value for part in found.trail.inputs[:4]] == [500, -300, 200, 3000]
    assert [part.value for part in found.trail.inputs[4:]] == [step.rate for step in found.steps]
    assert found.trail.inputs[-1].label.startswith("From there on: ")


@st.composite
def positions(draw: st.DrawFn) -> TaxPosition:
    return tax(
        short_term_rate=draw(rates),
        long_term_rate=draw(rates),
        ordinary_rate=draw(rates),
        loss_carry_rate=draw(rates),
        ordinary_loss_limit=draw(st.sampled_from([D(0), D(1500), D(3000)])),
        ytd_short_term=draw(money),
        ytd_long_term=draw(money),
        ytd_loss_deduction_used=draw(st.sampled_from([D(0), D(1000), D(5000)])),
    )


@given(positions(), money, money, st.decimals("0", "50000", places=2))
def test_the_steps_add_up_to_the_change_in_tax(
    position: TaxPosition, short: Decimal, long: Decimal, amount: Decimal
) -> None:
    for value in marginal_values(position, short, long):
        sign = 1 if value.kind.is_gain else -1
        after = (short + sign * amount, long) if value.kind.is_short_term else (short, long + sign * amount)
        change = tax_change(position, *after) - tax_change(position, short, long)
        assert abs(value.total(amount) - sign * change) < D("1e-9")
        assert value.steps[0].start == 0
        assert value.steps[-1].end is None
        assert all(low.end == high.start for low, high in pairwise(value.steps))
