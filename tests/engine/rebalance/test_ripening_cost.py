"""Lots that turn long-term soon: tax now and then, what waiting costs in drift, and the verdict."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from engine.portfolio import Policy, TaxPosition
from engine.rebalance.case import Case
from engine.rebalance.eligibility import survey
from engine.rebalance.figures import drift_cost
from engine.rebalance.ripening_cost import RipeningCost, RipeningVerdict, next_year, ripening_costs
from tests.builders import AS_OF, account, case, lot, random_case, security, tax

D = Decimal
SOON = date(2024, 7, 19)
"""Turns long-term on 2025-07-20, 20 days after the day of the case."""


def held(position: TaxPosition | None = None, *, target: str = "0.5", acquired: date = SOON, **changes: object) -> Case:
    """10,000 dollars of AAA with a gain of 4,000, and 9,000 of bonds and 1,000 of cash."""
    lots = [lot("L1", "AAA", "100", "6000", acquired), lot("L2", "BND", "90", "9000", date(2020, 1, 6))]
    return case(
        [security("AAA"), security("BND", "us_bond")],
        [account()],
        lots,
        targets={"us_equity": target, "us_bond": str(1 - D(target))},
        position=position or tax(),
        policy=Policy(**changes),  # type: ignore[arg-type]
    )


def only(found: Case, **changes: object) -> RipeningCost:
    (row,) = ripening_costs(found, **changes)  # type: ignore[arg-type]
    return row


@pytest.mark.parametrize(
    ("position", "now", "then"),
    [
        pytest.param(tax(), "1632.00", "952.00", id="gains of its own rate"),
        pytest.param(tax(ytd_short_term=D(-4000)), "1230.00", "1230.00", id="a loss absorbs both alike"),
        pytest.param(tax(carryforward_long_term=D(50_000)), "480.00", "480.00", id="losses carried in absorb both"),
        pytest.param(tax(ytd_long_term=D(-2000)), "1556.00", "1216.00", id="a long-term loss nets either"),
    ],
)
def test_the_tax_is_marginal_through_the_netting(position: TaxPosition, now: str, then: str) -> None:
    row = only(held(position))
    assert (row.tax_now, row.tax_then, row.saves) == (D(now), D(then), D(now) - D(then))
    assert (row.day, row.days, row.gain, row.next_year) == (date(2025, 7, 20), 20, D(4000), False)


def test_waiting_in_a_class_over_its_target_costs_drift_for_the_days() -> None:
    row = only(held(target="0.40"))
    # 8,000 is the target, 1,600 the band: 2,000 over is 400 outside and 800 in the outer half of the band
    assert row.drift == round((400 * D("0.04") + 800 * D("0.004")) * 20 / 365, 2)
    assert row.verdict is RipeningVerdict.WAIT
    assert row.why == "Waiting until 2025-07-20 saves $680.00 of tax and costs $1.05 in drift: wait."


def test_only_as_much_of_the_lot_counts_as_is_over_the_target() -> None:
    part, whole = held(target="0.40"), held(target="0.01")
    view = survey(whole)
    expected = drift_cost(view, "us_equity", D(10_000)) - drift_cost(view, "us_equity", D(200))
    assert only(whole).drift == round(expected * 20 / 365, 2)
    assert only(part).drift < only(whole).drift


def test_a_class_at_its_target_waits_for_no_sale() -> None:
    row = only(held(target="0.60"))
    assert (row.verdict, row.drift) == (RipeningVerdict.NO_REASON_TO_SELL, D(0))
    assert row.why.endswith("US equity is not above its target.")


def test_where_the_tax_is_the_same_waiting_is_not_worth_it() -> None:
    soaked = tax(carryforward_short_term=D(90_000))
    row = only(held(soaked, target="0.10"))
    assert (row.saves, row.verdict) == (D(0), RipeningVerdict.SELL_NOW)
    assert row.why.endswith("in drift: a sale now is better.")
    free = only(held(soaked, target="0.49"))
    assert (free.drift, free.verdict) == (D(0), RipeningVerdict.NO_DIFFERENCE)


def test_the_day_may_be_in_next_year_which_starts_without_this_years_losses() -> None:
    """Now the gain takes up this year's loss; next year only what is left of it is carried in."""
    acquired = date(2025, 1, 8)
    position = tax(ytd_long_term=D(-5000))
    row = only(held(position, acquired=acquired), within=400)
    assert (row.day, row.next_year) == (date(2026, 1, 9), True)
    assert next_year(position) == tax(carryforward_long_term=D(2000))
    assert row.tax_now == D("980.00")  # it takes 2,000 of carried losses at 12 % and 2,000 of the deduction at 37 %
    assert row.tax_then == D("1216.00")  # 2,000 of it is taxed, and the 2,000 carried in would have been deducted
    assert row.why.startswith("Waiting until 2026-01-09 adds $236.00 of tax")


def test_the_rule_of_the_policy_is_said_and_a_planned_sale_named() -> None:
    row = only(held(ripening_days=30), within=5, planned={("A1", "AAA")})
    assert (row.held_back, row.planned) == (True, True)
    free = only(held(), planned={("A1", "AAA")})
    assert (free.held_back, free.planned) == (False, False)
    assert only(held(ripening_days=30)).planned is False


def test_lots_at_a_loss_long_term_lots_and_lots_too_far_away_are_not_shown() -> None:
    one = held()
    assert ripening_costs(one, within=19) == ()
    at_loss = replace(
        one, lots=(lot("L1", "AAA", "100", "11000", SOON), lot("L3", "AAA", "9", "100", date(2024, 1, 8)))
    )
    assert ripening_costs(at_loss) == ()


def test_days_carried_over_from_a_wash_sale_bring_the_day_nearer() -> None:
    one = held(acquired=SOON + timedelta(days=8))
    carried = replace(one, lots=(replace(one.lots[0], holding_days_carried=10),))
    assert (only(one).days, only(carried).days) == (28, 18)


@pytest.mark.parametrize("seed", range(25))
def test_no_lot_waits_at_a_negative_cost_and_the_first_to_turn_comes_first(seed: int) -> None:
    rows = ripening_costs(random_case(seed), within=400)
    assert all(r.drift >= 0 and r.gain > 0 and r.days > 0 and r.why for r in rows)
    assert [r.day for r in rows] == sorted(r.day for r in rows)
    assert all(r.day > AS_OF for r in rows)
