"""Replacements of a security sold at a loss: who is eligible, in which order, the second one, the swap-back date."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from engine.overlay.price_history import PriceHistory, price_history
from engine.portfolio import Action, HistoryRow, Registration
from engine.rebalance.case import Case
from engine.rebalance.eligibility import survey
from engine.rebalance.replacements import Against, Likeness, Replacements, likeness, replacements
from tests.builders import AS_OF, account, case, lot, security

D = Decimal
OLD = date(2024, 1, 8)


def office(**changes: object) -> Case:
    """One taxable account and one Roth that hold OLD; five US equity funds, of which two share OLD's index."""
    names = (("OLD", "index one"), ("TWN", "index one"), ("AAA", "index two"), ("BBB", "index two"), ("CCC", None))
    funds = [security(n, identity_group=g) for n, g in names]
    funds.append(security("BND", "us_bond"))
    values: dict[str, object] = {
        "targets": {"us_equity": "1"},
        "buy_list": {"us_equity": ("OLD", "AAA", "BBB", "CCC", "TWN")},
        **changes,
    }
    homes = [account(), account("R1", Registration.ROTH_IRA)]
    return case(funds, homes, [lot("L1", "OLD", "100", "12000", OLD)], **values)  # type: ignore[arg-type]


def asked(held: Case, **changes: object) -> Replacements:
    view = survey(held)
    home = next(a for a in view.case.accounts if a.id == "A1")
    return replacements(view, home, "OLD", **changes)  # type: ignore[arg-type]


def against(found: Replacements) -> dict[str, Against | None]:
    return {c.symbol: c.against for c in found.candidates}


def daily(days: int, *columns: object) -> PriceHistory:
    dates = [AS_OF - timedelta(days=days - 1 - i) for i in range(days)]
    return price_history(dates, ["ONE", "TWO"], np.column_stack(columns))  # type: ignore[arg-type]


def test_a_fund_of_the_same_declared_index_is_listed_and_not_eligible() -> None:
    found = asked(office(), substitutes=("TWN", "CCC"))
    assert against(found) == {
        "CCC": None,
        "AAA": None,
        "BBB": None,
        "TWN": Against.SAME_GROUP,
    }
    assert "substantially identical" in found.candidates[-1].why


def test_the_second_replacement_is_of_neither_group() -> None:
    found = asked(office(), substitutes=("AAA", "BBB"))
    assert (found.first, found.second) == ("AAA", "CCC")


def test_without_a_second_group_there_is_no_second_replacement() -> None:
    found = asked(office(buy_list={"us_equity": ("OLD", "AAA", "BBB")}))
    assert (found.first, found.second) == ("AAA", None)


def test_the_swap_back_date_is_the_thirty_first_day() -> None:
    assert asked(office()).swap_back == date(2025, 7, 31)


def test_without_a_history_the_declared_order_decides_and_is_said() -> None:
    found = asked(office(), substitutes=("CCC", "BBB"))
    assert [c.symbol for c in found.candidates][:3] == ["CCC", "BBB", "AAA"]
    assert found.ranked_by == "Ranked by declared order: there is no common price history."


def test_tracking_difference_goes_before_declared_order_and_those_without_history_come_last() -> None:
    alike = {"AAA": Likeness(0.99, 0.02, 500), "BBB": Likeness(0.98, 0.01, 300)}
    found = asked(office(), substitutes=("CCC", "AAA", "BBB"), alike=alike)
    assert [c.symbol for c in found.candidates][:3] == ["BBB", "AAA", "CCC"]
    assert "300 to 500 returns; those without a history follow" in found.ranked_by
    assert found.candidates[0].why == "correlation 0.980, tracking difference 1.00% a year over 300 returns"


def test_a_group_sold_at_a_loss_in_any_account_is_blocked_until_its_window_ends() -> None:
    sold = HistoryRow("R1", "BBB", AS_OF - timedelta(days=10), Action.SELL, D(5), D(500), D(5))
    found = asked(office(history=[sold]))
    blocked = {c.symbol: c.until for c in found.candidates if c.against is Against.WASH_WINDOW}
    assert blocked == dict.fromkeys(("AAA", "BBB"), date(2025, 7, 20))
    assert found.first == "CCC"


def test_what_the_account_may_not_buy_what_is_sold_too_and_other_classes_are_named() -> None:
    held = office()
    view = survey(held)
    home = account(do_not_buy=("CCC",))
    found = replacements(view, home, "OLD", substitutes=("BND", "NIL"), selling={"index two"})
    assert against(found) == {
        "BND": Against.OTHER_CLASS,
        "NIL": Against.NO_PRICE,
        "AAA": Against.SOLD_TOO,
        "BBB": Against.SOLD_TOO,
        "CCC": Against.DO_NOT_BUY,
        "TWN": Against.SAME_GROUP,
    }
    assert (found.first, found.second, found.ranked_by) == (None, None, "No candidate is eligible.")


def test_likeness_is_the_yearly_deviation_of_the_difference_of_returns() -> None:
    r = np.random.default_rng(7)
    one = r.normal(0, 0.01, 800)
    gap = r.normal(0, 0.001, 800)
    found = likeness(daily(800, 100 * np.cumprod(1 + one), 50 * np.cumprod(1 + one + gap)), "ONE", "TWO", AS_OF)
    assert found is not None
    assert found.observations == 799
    # every calendar day has a return here, so a year has 365 of them
    assert found.difference == pytest.approx(float(np.std(gap[1:], ddof=1)) * 365.25**0.5, rel=1e-6)
    assert found.correlation == pytest.approx(0.995, abs=0.002)


def test_days_on_which_one_has_no_close_are_left_out_and_the_future_is_not_seen() -> None:
    one = np.linspace(100, 120, 800)
    two = one.copy()
    two[::3] = np.nan
    history = daily(800, one, two)
    found = likeness(history, "ONE", "TWO", AS_OF - timedelta(days=100))
    assert found is not None
    assert found.observations < 500
    assert found.difference == pytest.approx(0, abs=1e-9)


def test_a_short_history_is_no_history_and_a_price_that_never_moves_has_no_correlation() -> None:
    assert likeness(daily(90, np.full(90, 10.0), np.full(90, 20.0)), "ONE", "TWO", AS_OF) is None
    assert likeness(daily(400, np.full(400, 10.0), np.full(400, 20.0)), "ONE", "NIL", AS_OF) is None
    still = likeness(daily(400, np.full(400, 10.0), np.full(400, 20.0)), "ONE", "TWO", AS_OF)
    assert still == Likeness(None, 0.0, 399)
