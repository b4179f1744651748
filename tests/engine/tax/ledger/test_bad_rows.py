"""Bad rows are named one by one, with file and row; the others are replayed as if the bad ones were not there."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from engine.portfolio import Registration
from engine.problems import Severity
from engine.tax.ledger.replay import replay
from engine.tax.ledger.rows import LedgerRow
from tests.engine.tax.ledger.story import normal, read_trades, told

GOOD = """
    2024-01-08 J buy  10 X for 1,000 as b1
    2024-01-09 K buy  10 X for 1,000 as b2
    2025-02-03 J sell  5 X for   600 as s1
"""


def lines_of(text: str, **options: Any) -> list[str]:
    return [problem.line() for problem in replay(read_trades(text), file="trades.csv", **options).problems]


REFUSED = {
    "2025-02-04 J sell 6 X for 700 as s2": (
        "row 5, field quantity: 6 X sold, only 5 open in account J on 2025-02-04. "
        "A purchase or transfer is missing, or the quantity is wrong."
    ),
    "2025-02-04 J sell 6 Y for 700 as s2": (
        "row 5, field quantity: account J holds no Y on 2025-02-04, so 6 cannot be sold. "
        "A purchase or transfer is missing, or the quantity is wrong."
    ),
    "2024-01-07 J sell 1 X for 100 as s2": (
        "row 5, field quantity: account J holds no X on 2024-01-07, so 1 cannot be sold. "
        "A purchase or transfer is missing, or the quantity is wrong."
    ),
    "2025-02-04 J sell 5 X for 700 as s2 of b9:5": (
        "row 5, field lots: account J has no lot b9 of X on 2025-02-04. "
        "Name the id of the row that brought the shares in."
    ),
    "2025-02-04 J sell 5 X for 700 as s2 of b2:5": (
        "row 5, field lots: account J has no lot b2 of X on 2025-02-04. "
        "Name the id of the row that brought the shares in."
    ),
    "2025-02-02 J sell 7 X for 700 as s2 of b1:7": (
        "row 4, field quantity: 5 X sold, only 3 open in account J on 2025-02-03. "
        "A purchase or transfer is missing, or the quantity is wrong."
    ),
    "2025-02-04 J sell 4 X for 700 as s2 of b1:5": (
        "row 5, field lots: the lots named add up to 5 shares, the sale is of 4. "
        "Name lots for all shares of the sale, or none for first in, first out."
    ),
    "2025-02-04 J sell 4 X for 700 as s2 of b1:5 b2:-1": ("row 5, field lots: -1 shares of lot b2 is no quantity."),
    "2025-02-04 J buy -5 X for 700 as b3": (
        "row 5, field quantity: -5 shares is no quantity. Quantities are above zero; the action says which way they go."
    ),
    "2025-02-04 J buy 0 X for 700 as b3": (
        "row 5, field quantity: 0 shares is no quantity. Quantities are above zero; the action says which way they go."
    ),
    "2025-02-04 J buy NaN X for 700 as b3": (
        "row 5, field quantity: NaN shares is no quantity. "
        "Quantities are above zero; the action says which way they go."
    ),
    "2025-02-04 J split 0 X as p1": (
        "row 5, field quantity: 0 new shares for each old one is no quantity. "
        "Quantities are above zero; the action says which way they go."
    ),
    "2025-02-04 J buy 5 X for -700 as b3": (
        "row 5, field amount: -700 is no amount. Amounts are not below zero; the action says which way they go."
    ),
    "2025-02-04 J buy 5 X for 1e15 as b3": (
        "row 5, field amount: 1E+15 is no amount. Amounts are not below zero; the action says which way they go."
    ),
    "2025-02-04 J buy 5 X for 700 as b1": (
        "row 5, field id: id b1 is in row 2 already. Give each row an id of its own."
    ),
    "2025-02-04 J buy 5 X for 700 as b3 of b1:5": "row 5, field lots: a buy names no lots. Only a sell does.",
    "2025-02-04 J buy 5 X for 700 as b3 acquired 2024-01-01": (
        "row 5, field lots: a buy has no day acquired of its own. Leave the field empty."
    ),
    "2025-02-04 J gift 5 X for 700 as g1 acquired 2025-02-05": (
        "row 5, field lots: acquired on 2025-02-05, after the row's own date 2025-02-04. "
        "The date is the day of arrival."
    ),
}


@pytest.mark.parametrize("row", REFUSED)
def test_a_bad_row_is_named_with_file_and_row(row: str) -> None:
    assert lines_of(f"{GOOD}{row}") == [f"trades.csv, {REFUSED[row]}"]


@pytest.mark.parametrize("row", [row for row in REFUSED if "2025-02-02" not in row])
def test_the_other_rows_are_replayed_as_if_the_bad_one_were_not_there(row: str) -> None:
    with_it, without_it = replay(read_trades(f"{GOOD}{row}")), replay(read_trades(GOOD))
    assert told(with_it) == told(without_it)
    assert not with_it.is_complete
    assert without_it.is_complete


def test_named_lots_with_more_than_the_lot_holds() -> None:
    text = """
        2024-01-08 J buy  10 X for 1,000 as b1
        2024-01-09 J buy  10 X for 1,000 as b2
        2025-02-03 J sell 12 X for 1,440 as s1 of b1:6 b1:6
    """
    line = (
        "trades.csv, row 4, field lots: 12 shares of lot b1 sold, only 10 open on 2025-02-03. "
        "A purchase or transfer is missing, or the quantity is wrong."
    )
    assert lines_of(text) == [line]


def test_a_lot_that_has_not_arrived_cannot_be_sold() -> None:
    text = """
        2024-01-08 J buy         10 X for 1,000 as b1
        2025-03-03 J transfer_in 10 X for 1,000 as t1 acquired 2024-01-09
        2025-02-03 J sell         5 X for   600 as s1 of t1:5
    """
    line = (
        "trades.csv, row 4, field lots: account J has no lot t1 of X on 2025-02-03. "
        "Name the id of the row that brought the shares in."
    )
    assert lines_of(text) == [line]


def test_a_row_after_today_is_in_the_future() -> None:
    line = (
        "trades.csv, row 4, field date: 2025-02-03 is in the future (today is 2025-02-02). "
        "Correct the date, or leave out later rows with --as-of."
    )
    assert lines_of(GOOD, today=date(2025, 2, 2)) == [line]


def test_rows_after_as_of_are_not_read_and_no_problem() -> None:
    ledger = replay(read_trades(GOOD), as_of=date(2024, 1, 8), today=date(2024, 1, 1))
    assert ledger.problems == ()
    assert [normal(line) for line in told(ledger)][:-1] == ["open b1 10 X basis 1000"]


def test_a_purchase_after_as_of_washes_nothing_yet() -> None:
    rows = read_trades("""
        2024-01-08 J buy  10 X for 1,000 as b1
        2025-02-03 J sell 10 X for   800 as s1
        2025-02-10 J buy  10 X for   820 as b2
    """)
    assert replay(rows, as_of=date(2025, 2, 9)).totals.disallowed == 0
    assert replay(rows, as_of=date(2025, 2, 10)).totals.disallowed == 200


def test_an_account_has_one_registration() -> None:
    rows = read_trades(GOOD)
    changed = replace(rows[2], registration=Registration.ROTH_IRA)
    problems = replay([*rows[:2], changed]).problems
    line = (
        "row 4, field registration: account J is roth_ira here and taxable in row 2. "
        "Write the same in all rows of the account."
    )
    assert [p.line() for p in problems] == [line]


def test_a_symbol_has_one_identity_group() -> None:
    assert lines_of("""
        2024-01-08 J buy 10 X/A for 1,000 as b1
        2024-01-09 J buy 10 X   for 1,000 as b2
        2024-01-10 J buy 10 X/B for 1,000 as b3
    """) == [
        "trades.csv, row 4, field identity_group: X is in B here, in A in row 2. Write the same group in all rows."
    ]


@pytest.mark.parametrize("field", ["id", "account", "symbol"])
def test_a_row_needs_an_id_an_account_and_a_symbol(field: str) -> None:
    rows: list[LedgerRow] = read_trades(GOOD)
    empty: dict[str, Any] = {field: ""}
    problems = replay([*rows, replace(rows[1], **{"id": "b3", **empty}, row=5)]).problems
    assert [p.line() for p in problems] == [f"row 5, field {field}: the row has no {field}."]


def test_all_faults_of_all_rows_are_told_at_once_in_order_of_rows() -> None:
    found = lines_of("""
        2025-02-04 J sell  6 X for   700 as s2
        2024-01-08 J buy -10 X for  -100 as b1
        2024-01-08 J buy  10 X for 1,000 as b1
    """)
    assert [line.split(":")[0] for line in found] == [
        "trades.csv, row 2, field quantity",
        "trades.csv, row 3, field quantity",
        "trades.csv, row 3, field amount",
        "trades.csv, row 4, field id",
    ]


def test_fractions_of_a_cent_and_of_the_smallest_share_are_rounded_and_it_is_said_once() -> None:
    ledger = replay(
        read_trades("""
        2024-01-08 J buy  10.0000000049 X for 1,000.005 as b1
        2024-01-09 J buy  10 X for 1,000.004 as b2
        """)
    )
    assert [(lot.quantity, lot.basis) for lot in ledger.open_lots] == [
        (Decimal(10), Decimal("1000.01")),
        (Decimal(10), Decimal("1000.00")),
    ]
    assert [(p.severity, p.row) for p in ledger.problems] == [(Severity.INFO, 2)]
    assert "2 row(s)" in ledger.problems[0].message
    assert ledger.is_complete


def test_an_account_that_holds_shares_through_a_split_without_a_row_is_warned_of() -> None:
    ledger = replay(
        read_trades("""
        2024-01-08 J buy   100 X for 1,000 as b1
        2024-01-09 S buy    10 X for   100 as b2
        2025-02-05 J split   2 X as p1
        """)
    )
    assert [(p.severity, p.row) for p in ledger.problems] == [(Severity.WARNING, 3)]
    assert "account S holds 10 X through the split of 2025-02-05" in ledger.problems[0].message
    assert ledger.is_complete
