from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from sqlalchemy.orm import Session

from db import store, tables
from db.store.accounts import with_losses
from db.store.held import HeldRealized
from db.store.keys import account_id, account_key, lot_id
from engine.portfolio import Action, HistoryRow
from engine.problems import Problem, Severity
from tests.db.sample import DAY

D = Decimal


def test_a_household_comes_with_all_that_its_case_needs(session: Session) -> None:
    held = store.load_household(session, 1, as_of=DAY)
    assert (held.name, held.notes, [p.name for p in held.people]) == ("Abbott", "since 2011", ["Jane Abbott"])
    assert held.tax is not None
    assert held.tax.filing_status == "married_joint"
    assert held.tax.position.short_term_rate == D("0.408")
    assert held.tax.position.ytd_short_term == D("-120.55")
    assert held.model is not None
    assert [(t.asset_class, t.weight, t.buy_list) for t in held.model.targets] == [
        ("us_equity", D("0.6"), ("VTI", "ITOT")),
        ("us_bond", D("0.4"), ("BND",)),
    ]
    assert held.policy is not None
    assert held.policy.settings == {"band_relative": "0.20"}
    assert [(a.key, a.number, a.cash) for a in held.accounts] == [
        ("A1", "1234-5678", D("1000.50")),
        ("A2", "1234-9999", D(5)),
    ]
    assert [(p.account, p.symbol, p.quantity) for p in held.positions] == [
        ("A1", "VTI", D("120.5")),
        ("A2", "BND", D(40)),
    ]
    assert [(lot.id, lot.account, lot.quantity) for lot in held.lots] == [
        ("A1/L1", "A1", D(100)),
        ("A1/L2", "A1", D("20.5")),
        ("A2/L3", "A2", D(40)),
    ]
    assert [(r.account, r.symbol, r.kind) for r in held.restrictions] == [
        ("A1", "VTI", "lock"),
        (None, "ODDX", "do_not_buy"),
    ]
    assert sorted(held.securities) == ["BND", "ITOT", "VTI"]


def test_history_covers_the_window_and_knows_the_losses(session: Session) -> None:
    held = store.load_household(session, 1, as_of=DAY)
    assert [(r.date.day, r.action, r.symbol, r.quantity, r.loss_quantity, r.lot) for r in held.history] == [
        (2, Action.BUY, "VTI", D("20.5"), D(0), "A1/L2"),
        (20, Action.SELL, "VTI", D(10), D(5), None),
        (20, Action.SELL, "VTI", D(4), D(4), None),
        (21, Action.SELL, "BND", D(6), D(6), None),
    ]
    assert [line.sold.year for line in held.realized] == [2026, 2026, 2026]


def test_what_is_later_than_the_day_is_not_seen(session: Session) -> None:
    held = store.load_household(session, 1, as_of=date(2026, 10, 20))
    assert [row.date.day for row in held.history] == [2, 20, 20]
    assert held.securities["VTI"].close is None


def test_the_last_close_is_the_last_one_that_is_known(session: Session) -> None:
    closes = {
        day: store.load_securities(session, ["VTI"], as_of=date(2026, 10, day))["VTI"] for day in (27, 28, 29, 30)
    }
    assert [(c.close, c.close_date and c.close_date.day) for c in closes.values()] == [
        (None, None),
        (D(10), 28),
        (D("10.5"), 29),
        (D("10.5"), 29),
    ]
    assert closes[30].identity_group == "CRSP US Total Market"
    assert closes[30].substitutes == ("ITOT",)
    assert store.prices_as_of(session, DAY) == DAY
    assert store.prices_as_of(session, date(2026, 10, 28)) == date(2026, 10, 28)
    assert store.prices_as_of(session, date(2020, 1, 1)) is None


def test_households_are_listed_with_what_they_follow(session: Session) -> None:
    first, second = store.list_households(session)
    assert (first.name, first.model, first.accounts, first.tax_profile) == ("Abbott", "Balanced", 2, "Abbott 2026")
    assert (second.name, second.model, second.policy, second.accounts) == ("Baker", "", "", 0)
    assert [held.name for held in store.load_households(session, as_of=DAY)] == ["Abbott", "Baker"]
    with pytest.raises(KeyError):
        store.load_household(session, 99, as_of=DAY)


def test_accounts_without_a_household_are_listed_too(session: Session) -> None:
    assert [(a.key, a.household_id) for a in store.list_accounts(session)] == [("A3", None), ("A1", 1), ("A2", 1)]


def test_a_household_has_the_problems_of_its_accounts_and_securities(session: Session) -> None:
    blocking = Problem(Severity.BLOCKING, "x", "x")
    for household, account, symbol in (
        (1, None, ""),
        (None, 2, "BND"),
        (None, None, "ITOT"),
        (None, 3, "VTI"),
        (None, None, "ODDX"),
        (None, None, ""),
        (2, None, ""),
    ):
        store.add_problem(
            session, replace(blocking, symbol=symbol), import_file=None, household=household, account=account
        )
    session.flush()
    held = store.load_household(session, 1, as_of=DAY)
    assert [(p.account, p.symbol) for p in held.problems] == [("", ""), ("A2", "BND"), ("", "ITOT")]
    assert len(store.load_household(session, 2, as_of=DAY).problems) == 1


def test_closes_for_signals_are_adjusted_where_they_can_be(session: Session) -> None:
    closes = store.load_adjusted_closes(session, ["BND", "VTI", "NONE"], until=DAY)
    assert [day.day for day in closes.dates] == [28, 29, 30]
    assert closes.unadjusted == ("BND",)
    expected = [[np.nan, 9.5, np.nan], [np.nan, 10, np.nan], [72.5, 10.2, np.nan]]
    np.testing.assert_allclose(closes.values, expected)
    later = store.load_adjusted_closes(session, ["VTI"], since=date(2026, 10, 29), until=date(2026, 10, 29))
    assert later.values.tolist() == [[10.0]]


def test_no_prices_is_an_empty_table(session: Session) -> None:
    closes = store.load_adjusted_closes(session, ["NONE"], until=DAY)
    assert closes.dates == ()
    assert closes.values.shape == (0, 1)


def test_macro_series_come_in_order_of_day(session: Session) -> None:
    session.add(tables.MacroSeries(name="T10Y2Y"))
    session.flush()
    for day, value in ((3, "0.25"), (1, "-0.5"), (9, "1")):
        session.add(tables.MacroValue(series_id=1, date=date(2026, 10, day), value=D(value), import_file_id=1))
    session.flush()
    found = store.load_macro(session, until=date(2026, 10, 5))
    assert found == {"T10Y2Y": ((date(2026, 10, 1), D("-0.5")), (date(2026, 10, 3), D("0.25")))}


def test_the_office_says_its_name_and_whether_it_is_a_sample(session: Session) -> None:
    assert store.load_office(session) == store.Office("", synthetic=False)
    store.save_office(session, store.Office("Sample Advisers", synthetic=True))
    assert store.load_office(session) == store.Office("Sample Advisers", synthetic=True)
    store.save_office(session, store.Office("Own firm", synthetic=False))
    assert store.load_office(session) == store.Office("Own firm", synthetic=False)


def test_keys_of_accounts_and_lots_are_unique_in_the_book() -> None:
    assert account_id(account_key(12)) == 12
    assert lot_id(12, "VTI-20230228-1") == "A12/VTI-20230228-1"
    with pytest.raises(ValueError, match="no account key"):
        account_id("12")


def realized(quantity: str, gain: str) -> HeldRealized:
    return HeldRealized("A1", "VTI", None, DAY, D(quantity), D(90), D(90) - D(gain), D(gain), D(0))


def sell(quantity: str, loss: str = "0") -> HistoryRow:
    return HistoryRow("A1", "VTI", DAY, Action.SELL, D(quantity), D(90), D(loss))


@pytest.mark.parametrize(
    ("trades", "gains", "losses"),
    [
        ([sell("10")], [], ["0"]),
        ([sell("10")], [realized("10", "5")], ["0"]),
        ([sell("10")], [realized("4", "-5"), realized("6", "5")], ["4"]),
        ([sell("10"), sell("5")], [realized("12", "-5")], ["10", "2"]),
        ([sell("10", "3")], [realized("3", "-5")], ["3"]),
        ([sell("10")], [realized("12", "-5")], ["10", "2"]),
        ([], [realized("12", "-5")], ["12"]),
    ],
)
def test_shares_sold_at_a_loss_are_told_once(
    trades: list[HistoryRow], gains: list[HeldRealized], losses: list[str]
) -> None:
    assert [row.loss_quantity for row in with_losses(trades, gains)] == [D(loss) for loss in losses]
