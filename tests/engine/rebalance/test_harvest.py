"""The harvest screen: what a loss is worth now, in turn and alone, and why each other lot is passed over."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from engine.portfolio import Action, HistoryRow, Lot, PlanKind, Policy, Registration, TaxPosition, WashSalePolicy
from engine.portfolio import Side as OrderSide
from engine.rebalance.case import Case
from engine.rebalance.eligibility import survey
from engine.rebalance.figures import Fill, figures
from engine.rebalance.harvest import harvest_screen, thresholds_of
from engine.rebalance.harvest_types import HarvestLot, HarvestSettings, Market, PassedOver, Records
from engine.tax.pretrade_types import WashState
from tests.builders import AS_OF, account, case, lot, random_case, security, tax

D = Decimal
OLD = date(2023, 1, 9)
"""Long-term on the day of the case."""
NEW = date(2025, 1, 8)
"""Short-term on the day of the case, and outside the window."""
FLAT = HarvestSettings(by_month=(D(1),) * 12)


def held(lots: Sequence[Lot], position: TaxPosition | None = None, **changes: object) -> Case:
    """One taxable account, an IRA, and securities at 100 dollars with 5 basis points of half-spread."""
    names = ("AAA", "BBB", "CCC", "DDD")
    funds = [security(n, half_spread_bp=D(5)) for n in names]
    values: dict[str, object] = {
        "targets": {"us_equity": "1"},
        "buy_list": {"us_equity": ("DDD",)},
        "position": position or tax(),
        **changes,
    }
    homes = [account(), account("R1", Registration.ROTH_IRA)]
    return case(funds, homes, lots, **values)  # type: ignore[arg-type]


def only(found: Case, **changes: object) -> HarvestLot:
    (row,) = harvest_screen(found, settings=FLAT, **changes).lots  # type: ignore[arg-type]
    return row


def full(**changes: Decimal) -> TaxPosition:
    """A year without gains whose $3,000 is used already."""
    return tax(ytd_loss_deduction_used=D(3000), **changes)


@pytest.mark.parametrize(
    ("position", "acquired", "saved"),
    [
        pytest.param(tax(ytd_short_term=D(5000)), NEW, "816.00", id="offsets short-term gains"),
        pytest.param(tax(ytd_short_term=D(5000)), OLD, "816.00", id="a long-term loss nets short-term gains too"),
        pytest.param(tax(ytd_long_term=D(5000)), NEW, "476.00", id="offsets long-term gains"),
        pytest.param(tax(), OLD, "740.00", id="deducted from ordinary income"),
        pytest.param(full(), OLD, "240.00", id="worth only its carry value"),
        pytest.param(tax(carryforward_long_term=D(2000)), OLD, "490.00", id="half deducted, half carried"),
        pytest.param(tax(carryforward_short_term=D(9000)), OLD, "240.00", id="losses carried in use up the room"),
    ],
)
def test_a_loss_is_worth_what_it_takes_off_this_year(position: TaxPosition, acquired: date, saved: str) -> None:
    row = only(held([lot("L1", "AAA", "100", "12000", acquired)], position))
    assert row.alone is not None
    # 2,000 dollars of loss: 10 % of it for the lower basis; 10,000 dollars sold and bought at 5 basis points each
    assert (row.alone.tax_saved, row.alone.lower_basis, row.alone.trading_cost) == (D(saved), D(200), D(10))
    assert row.alone.worth == D(saved) - 210
    assert row.after == row.alone
    assert row.order == 1


def test_the_row_states_the_lot_and_its_loss() -> None:
    row = only(held([lot("L1", "AAA", "100", "12500", OLD)]))
    assert (row.lot, row.account, row.symbol, row.quantity) == ("L1", "A1", "AAA", D(100))
    assert (row.value, row.basis, row.loss, row.loss_fraction, row.term.value) == (
        D(10_000),
        D(12_500),
        D(2_500),
        D("0.2"),
        "long",
    )


def test_a_loss_that_is_only_carried_is_passed_over_where_the_lower_basis_costs_more() -> None:
    row = only(held([lot("L1", "AAA", "100", "12000", OLD)], full(loss_carry_rate=D("0.10"))))
    assert (row.order, row.passed) == (None, PassedOver.NOT_WORTH_IT)
    assert row.why == (
        "it is not worth it: saves $200.00 of tax, less $200.00 for the lower basis "
        "and $10.00 to trade: -$10.00 by itself"
    )


def test_each_lot_is_valued_after_the_ones_above_it() -> None:
    lots = [lot("L1", "AAA", "100", "13000", OLD), lot("L2", "BBB", "100", "12000", OLD)]
    found = harvest_screen(held(lots), settings=FLAT)
    first, second = found.lots
    assert first.after is not None
    assert second.after is not None
    assert second.alone is not None
    assert (first.lot, first.after.tax_saved) == ("L1", D("1110.00"))
    # by itself it would fill the $3,000 too; after the first it is carried
    assert (second.alone.tax_saved, second.after.tax_saved) == (D("740.00"), D("240.00"))
    assert (found.total.tax_saved, found.loss) == (D("1350.00"), D(5000))
    assert found.total.worth == first.after.worth + second.after.worth


def test_what_the_lots_above_leave_nothing_for_is_passed_over_with_its_figures() -> None:
    lots = [lot("L1", "AAA", "100", "13000", OLD), lot("L2", "BBB", "100", "12000", OLD)]
    found = harvest_screen(held(lots, tax(loss_carry_rate=D("0.05"))), settings=FLAT)
    assert [(r.lot, r.order, r.passed) for r in found.lots] == [
        ("L1", 1, None),
        ("L2", None, PassedOver.NOT_AFTER_OTHERS),
    ]
    assert "after those above it" in found.lots[1].why


def test_the_lot_worth_most_per_dollar_of_loss_goes_first() -> None:
    """L2 is the larger loss, but costs more to trade for each dollar of it."""
    lots = [lot("L1", "AAA", "10", "1500", OLD), lot("L2", "BBB", "1000", "101500", OLD)]
    assert [r.lot for r in harvest_screen(held(lots), settings=FLAT).lots] == ["L1", "L2"]


def test_a_ticket_is_paid_once_a_position_and_side() -> None:
    lots = [lot("L1", "AAA", "100", "12000", OLD), lot("L2", "AAA", "100", "11000", OLD)]
    one = held(lots, tax(ytd_short_term=D(9000)))
    homes = (account(ticket_charge=D("4.95")), one.accounts[1])
    found = harvest_screen(replace(one, accounts=homes), settings=FLAT)
    assert [r.after.trading_cost for r in found.lots if r.after] == [D("19.90"), D("10.00")]
    assert [r.alone.trading_cost for r in found.lots if r.alone] == [D("19.90"), D("19.90")]


@pytest.mark.parametrize(
    ("basis", "policy", "passed"),
    [
        ("10029", Policy(), PassedOver.BREAK_EVEN),
        ("10030", Policy(), PassedOver.NOT_WORTH_IT),
        ("10499.99", Policy(harvest_min_loss=D(500)), PassedOver.THRESHOLD),
        ("10500", Policy(harvest_min_loss=D(500)), None),
        ("10300", Policy(harvest_min_loss_pct=D("0.03")), PassedOver.THRESHOLD),
        ("10310", Policy(harvest_min_loss_pct=D("0.03")), None),
        ("10310", Policy(plan=PlanKind.NOTHING), None),
    ],
)
def test_buffer_and_thresholds_are_exact(basis: str, policy: Policy, passed: PassedOver | None) -> None:
    row = only(held([lot("L1", "AAA", "100", basis, OLD)], tax(ytd_short_term=D(9000)), policy=policy))
    assert row.passed is passed


def test_the_buffer_says_why() -> None:
    row = only(held([lot("L1", "AAA", "100", "10020", OLD)]))
    assert row.why == (
        "its loss of $20.00 is 0.20% of its value, under the buffer of 0.30%: "
        "a small rise before the sale would make it a gain"
    )
    assert row.alone is None


def test_thresholds_are_higher_early_in_the_year_and_the_policys_own_at_its_end() -> None:
    policy = Policy(harvest_min_loss=D(500), harvest_min_loss_pct=D("0.03"))
    by_month = [thresholds_of(policy, date(2025, m, 15), HarvestSettings()).dollars for m in (1, 6, 9, 10, 12)]
    assert by_month == [D(1000), D(750), D(625), D(500), D(500)]
    june = held([lot("L1", "AAA", "100", "10700", OLD)], policy=policy)
    (row,) = harvest_screen(june).lots
    assert row.why == "its loss of $700.00 is under the threshold of $750.00 (the policy's, times 1.5 in this month)"
    assert only(june).order == 1


@pytest.mark.parametrize("settings", [{"by_month": (D(1),) * 11}, {"by_month": (D(-1),) * 12}, {"break_even": D(-1)}])
def test_settings_that_make_no_sense_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"12 months|below 0"):
        HarvestSettings(**settings)  # type: ignore[arg-type]


def test_locked_do_not_sell_and_unsound_lots_are_passed_over_with_their_reason() -> None:
    lots = [lot("L1", "AAA", "100", "12000", OLD, locked=True), lot("L2", "BBB", "100", "12000", OLD)]
    one = held([*lots, lot("L3", "CCC", "100", "12000", OLD, locked=True)])
    homes = (account(do_not_sell=("BBB",)), one.accounts[1])
    found = harvest_screen(replace(one, accounts=homes), records=Records(unsound=frozenset({("A1", "CCC")})))
    assert {r.lot: r.passed for r in found.lots} == {
        "L1": PassedOver.LOCKED,
        "L2": PassedOver.DO_NOT_SELL,
        "L3": PassedOver.LOTS_UNSOUND,
    }


def test_lots_at_a_gain_and_lots_in_an_ira_are_no_opportunity() -> None:
    lots = [lot("L1", "AAA", "100", "9000", OLD), lot("L2", "BBB", "100", "12000", OLD, account="R1")]
    assert harvest_screen(held(lots)).lots == ()


def test_an_ira_purchase_blocks_with_its_day_and_the_exact_shares() -> None:
    bought = AS_OF - timedelta(days=10)
    row = only(held([lot("L1", "AAA", "100", "12000", OLD), lot("R", "AAA", "3", "300", bought, account="R1")]))
    assert (row.passed, row.until) == (PassedOver.IRA_PURCHASE, bought + timedelta(days=30))
    assert row.wash is not None
    assert (row.wash.state, row.wash.disallowed_shares, row.wash.permanent) == (WashState.IRA_RISK, D(3), D(60))


def test_a_reinvested_share_takes_its_own_loss_and_no_more() -> None:
    bought = AS_OF - timedelta(days=10)
    lots = [lot("L1", "AAA", "100", "12000", OLD), lot("D1", "AAA", "1", "99", bought)]
    row = only(held(lots))
    assert row.wash is not None
    assert row.alone is not None
    assert (row.order, row.wash.state, row.wash.disallowed) == (1, WashState.EXACT, D(20))
    assert row.alone.counted == D(1980)
    assert row.why.endswith("$1,980.00 of its loss of $2,000.00 counts now")
    never = only(held(lots, policy=Policy(wash_sales=WashSalePolicy.NEVER)))
    assert (never.passed, never.until) == (PassedOver.RECENT_PURCHASE, bought + timedelta(days=30))


def test_a_loss_that_is_put_off_whole_is_passed_over_until_the_window_ends() -> None:
    bought = AS_OF - timedelta(days=10)
    row = only(held([lot("L1", "AAA", "100", "12000", OLD), lot("D1", "AAA", "100", "9900", bought)]))
    assert (row.passed, row.until) == (PassedOver.ALL_WASHED, bought + timedelta(days=30))


def test_one_replacement_purchase_is_not_counted_against_two_lots() -> None:
    bought = AS_OF - timedelta(days=10)
    lots = [
        lot("L1", "AAA", "100", "12000", OLD),
        lot("L2", "AAA", "100", "12000", date(2023, 2, 8)),
        lot("D1", "AAA", "50", "4900", bought),
    ]
    found = harvest_screen(held(lots, tax(ytd_short_term=D(90_000))), settings=FLAT)
    assert [r.alone.counted for r in found.harvested if r.alone] == [D(1000), D(1000)]
    assert found.total.counted == D(3000)


def test_replacements_are_given_for_each_position_and_what_is_sold_too_is_not_among_them() -> None:
    lots = [lot("L1", "AAA", "100", "12000", OLD), lot("L2", "BBB", "100", "12000", OLD)]
    found = harvest_screen(held(lots), market=Market({"AAA": ("BBB", "CCC")}), settings=FLAT)
    aaa, bbb = found.replacements
    assert (aaa.symbol, aaa.first, aaa.second, aaa.swap_back) == ("AAA", "CCC", "DDD", date(2025, 7, 31))
    assert (bbb.symbol, bbb.first, bbb.second) == ("BBB", "DDD", None)


def test_further_losses_are_said_in_words() -> None:
    words = harvest_screen(held([], full())).next_dollars
    assert words == (
        "Of further short-term loss: all carried to later years at 12%.",
        "Of further long-term loss: all carried to later years at 12%.",
    )


def test_an_earlier_loss_sale_is_not_an_obstacle_to_another() -> None:
    sold = HistoryRow("A1", "AAA", AS_OF - timedelta(days=5), Action.SELL, D(10), D(1000), D(10))
    row = only(held([lot("L1", "AAA", "100", "12000", OLD)], history=[sold]))
    assert row.order == 1


@pytest.mark.parametrize("seed", range(40))
def test_the_total_is_what_a_proposal_of_these_sales_would_count(seed: int) -> None:
    one = random_case(seed)
    found = harvest_screen(one, settings=FLAT)
    rows = {r.lot for r in found.harvested}
    view = survey(one)
    fills = [
        Fill(p, OrderSide.SELL, sum((q for _, q in lots), D(0)), lots)
        for p in view.positions
        if (lots := tuple((v, v.lot.quantity) for v in p.lots if v.lot.id in rows))
    ]
    result = figures(view, fills)
    assert abs(result.tax.harvested_loss - found.total.counted) <= D("0.02") * (len(rows) + 1)
    assert abs(result.tax.before - result.tax.after - found.total.tax_saved) <= D("0.02") * (len(rows) + 1)
    at_loss = {v.lot.id for p in view.positions for v in p.lots if v.is_loss and round(v.gain, 2)}
    assert {r.lot for r in found.lots} == at_loss
    assert all(r.why and (r.order is None) != (r.passed is None) for r in found.lots)


@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_the_rows_of_a_case_does_not_matter(seed: int) -> None:
    one = random_case(seed)
    other = replace(one, lots=one.lots[::-1], securities=one.securities[::-1])
    assert harvest_screen(one) == harvest_screen(other)
