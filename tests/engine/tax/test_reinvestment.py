"""Reinvestments to come: the rhythm of the past year, and the loss that they put at risk."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from engine.money import ZERO
from engine.portfolio import Action, HistoryRow
from engine.tax.pretrade import analyse_sales
from engine.tax.reinvestment import (
    ExpectedReinvestment,
    Frequency,
    ReinvestmentRisk,
    expected_reinvestments,
    reinvestment_risks,
)
from tests.engine.tax.test_pretrade import DAY, OLD, household, lot, sale

D = Decimal
IN_30 = DAY + timedelta(30)


def paid(*days: str, account: str = "IRA", action: Action = Action.REINVEST) -> list[HistoryRow]:
    return [HistoryRow(account, "X", date.fromisoformat(day), action, D(2), D(20)) for day in days]


def expected(*days: str, until: date = IN_30) -> list[tuple[str, str]]:
    return [(str(e.day), e.frequency.value) for e in expected_reinvestments(paid(*days), DAY, until)]


@pytest.mark.parametrize(
    ("days", "found"),
    [
        (("2025-04-05", "2025-05-06", "2025-06-05"), [("2025-07-05", "monthly")]),
        (("2025-04-30", "2025-05-30", "2025-06-30"), [("2025-07-30", "monthly")]),
        (("2024-10-15", "2025-01-15", "2025-04-15"), [("2025-07-15", "quarterly")]),
        (("2025-01-10", "2024-07-10"), [("2025-07-10", "semiannual")]),
        (("2024-07-02", "2025-06-20"), []),
        (("2025-04-20",), [("2025-07-20", "quarterly")]),
        (("2025-06-20",), []),
        (("2025-06-01", "2025-06-09"), []),
        ((), []),
        (("2025-03-29", "2025-06-28"), []),
        (("2025-03-28", "2024-12-28"), [("2025-07-01", "quarterly")]),
        (("2025-02-25", "2024-11-25"), []),
        (("2025-03-05", "2025-04-05"), []),
        (("2025-04-05", "2025-05-05"), [("2025-07-05", "monthly")]),
        (("2023-06-05", "2024-06-05"), []),
    ],
)
def test_the_next_days_follow_from_the_last_ones(days: tuple[str, ...], found: list[tuple[str, str]]) -> None:
    """A payment that was due up to a week ago may come tomorrow; two missed dates mean that it is off."""
    assert expected(*days) == found


def test_a_yearly_payment_is_seen_with_two_of_them() -> None:
    rows = paid("2024-07-20", "2025-06-25")
    (found,) = expected_reinvestments(rows, date(2025, 7, 1), date(2026, 7, 1))
    assert (found.frequency, found.day) == (Frequency.ANNUAL, date(2026, 6, 25))


def test_an_extra_payment_does_not_disturb_the_rhythm_and_shorter_months_end_earlier() -> None:
    days = ("2024-08-31", "2024-11-30", "2024-12-12", "2025-02-28", "2025-05-31")
    assert expected(*days, until=date(2025, 12, 1)) == [("2025-08-31", "quarterly"), ("2025-11-30", "quarterly")]


def test_the_last_payment_of_a_day_gives_the_size_and_buys_are_none() -> None:
    rows = [*paid("2025-05-05", "2025-06-05"), *paid("2025-06-05"), *paid("2025-06-20", action=Action.BUY)]
    (found,) = expected_reinvestments(rows, DAY, IN_30)
    assert (found.shares, found.amount, found.last, found.seen) == (D(4), D(40), date(2025, 6, 5), 2)


def at_risk(*ahead: ExpectedReinvestment, **changes: object) -> tuple[ReinvestmentRisk, ...]:
    facts = household(OLD, lot("NEW", 5, "98", "90"))
    (outcome,) = analyse_sales(facts, [sale()])
    values: dict[str, object] = {"symbols": ("X", "Y"), "taxable": ("J", "S"), **changes}
    return reinvestment_risks(outcome, ahead, **values)  # type: ignore[arg-type]


def ahead(account: str, days: int, shares: str, symbol: str = "X", seen: int = 3) -> ExpectedReinvestment:
    day = DAY + timedelta(days)
    return ExpectedReinvestment(account, symbol, day, D(shares), D(9), Frequency.MONTHLY, DAY, seen)


def test_each_share_of_the_loss_that_counts_is_at_risk_once() -> None:
    """98 of 100 shares are replaced already: 2 shares at 2 dollars are left."""
    first, second = at_risk(ahead("J", 20, "9", "Y"), ahead("IRA", 5, "1.5"), ahead("S", 25, "1"))
    assert (first.shares, first.at_risk, first.permanent, first.off_by) == (D("1.5"), D(3), True, DAY)
    assert (second.shares, second.at_risk, second.permanent) == (D("0.5"), D(1), False)
    assert second.off_by == DAY + timedelta(13)
    assert first.sentence == (
        "Account IRA is expected to reinvest a dividend of X about 2025-07-05 (monthly, last on 2025-06-30): "
        "$3.00 of the loss on G could be lost for good. Switch reinvestment off by 2025-06-30, through 2025-07-30."
    )
    assert "disallowed for now" in second.sentence


def test_a_rhythm_that_was_seen_once_says_so() -> None:
    (risk,) = at_risk(ahead("J", 20, "9", seen=1))
    assert "(seen once, on 2025-06-30)" in risk.sentence


def test_what_is_outside_the_window_the_group_or_sold_out_is_no_risk() -> None:
    assert at_risk(ahead("J", 31, "1"), ahead("J", 0, "1"), ahead("J", 5, "1", "Z")) == ()
    assert at_risk(ahead("J", 5, "1"), sold_out=[("J", "X")]) == ()


def test_a_gain_or_a_loss_that_is_gone_already_has_nothing_at_risk() -> None:
    facts = household(OLD)
    (gain,) = analyse_sales(facts, [sale(price="12")])
    assert gain.loss_shares == ZERO
    assert reinvestment_risks(gain, [ahead("J", 5, "1")], symbols=("X",), taxable=("J",)) == ()
