import csv
import io
from dataclasses import replace
from decimal import Decimal

import pytest

from exporters.allocations_csv import allocations_csv
from exporters.csv_text import account_number, guarded, number
from exporters.lots_csv import lots_csv
from exporters.order_lines import run_orders
from exporters.orders_csv import orders_csv
from exporters.run_report import HouseholdReport
from tests.conftest import Golden
from tests.exporters.builders import ackerman, castellano, sample_run

D = Decimal
ORDER_HEADER = (
    "batch_id,order_id,block_id,custodian,account_number,account_type,side,quantity_type,quantity,symbol,cusip,"
    "security_type,order_type,limit_price,time_in_force,currency,lot_method,vsp_lots,solicited,discretionary,"
    "reinvest_div,reinvest_cg,est_price,est_amount,est_st_gain,est_lt_gain,wash_sale_flag,rationale,approved_by,"
    "approved_at,notes"
)
LOT_HEADER = (
    "order_id,account_number,symbol,cusip,lot_id,custodian_lot_id,open_date,term,lot_qty,sell_qty,unit_cost,"
    "cost_basis,est_proceeds,est_gain,wash_risk"
)
ALLOCATION_HEADER = "block_id,account_number,side,symbol,quantity,alloc_pct,method"


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def all_files() -> dict[str, str]:
    report = sample_run()
    run = run_orders(report)
    return {
        "orders_all.csv": orders_csv(report, run),
        "orders_fidelity.csv": orders_csv(report, run, "Fidelity"),
        "orders_schwab.csv": orders_csv(report, run, "Schwab"),
        "lots.csv": lots_csv(run),
        "allocations.csv": allocations_csv(run),
    }


@pytest.mark.parametrize("name", sorted(all_files()))
def test_files_are_what_they_were(name: str, golden: Golden) -> None:
    text = all_files()[name]
    golden(f"exporters/{name}", text.replace("\r\n", "\n"))


@pytest.mark.parametrize(
    ("name", "header"),
    [("orders_all.csv", ORDER_HEADER), ("lots.csv", LOT_HEADER), ("allocations.csv", ALLOCATION_HEADER)],
)
def test_headers_are_the_generic_schema(name: str, header: str) -> None:
    assert all_files()[name].split("\r\n", 1)[0] == header


def test_lines_end_as_custodians_expect() -> None:
    for text in all_files().values():
        assert text.endswith("\r\n")
        assert text.count("\n") == text.count("\r\n")


def test_custodian_files_are_parts_of_the_file_of_all() -> None:
    files = all_files()
    everything = rows_of(files["orders_all.csv"])
    parts = rows_of(files["orders_fidelity.csv"]) + rows_of(files["orders_schwab.csv"])
    assert parts == everything
    assert {row["custodian"] for row in rows_of(files["orders_schwab.csv"])} == {"Schwab"}


def test_lots_reconcile_with_orders_in_the_files_themselves() -> None:
    files = all_files()
    orders = {row["order_id"]: row for row in rows_of(files["orders_all.csv"]) if row["side"] == "SELL"}
    lots = rows_of(files["lots.csv"])
    for order_id, order in orders.items():
        mine = [lot for lot in lots if lot["order_id"] == order_id]
        assert sum(D(lot["est_proceeds"]) for lot in mine) == D(order["est_amount"])
        assert sum(D(lot["sell_qty"]) for lot in mine) == D(order["quantity"])
        for term, field in (("short", "est_st_gain"), ("long", "est_lt_gain")):
            gains = sum((D(lot["est_gain"]) for lot in mine if lot["term"] == term), D(0))
            assert gains == D(order[field] or 0)


def test_allocations_reconcile_with_orders_in_the_files_themselves() -> None:
    files = all_files()
    blocked = [row for row in rows_of(files["orders_all.csv"]) if row["block_id"]]
    parts = rows_of(files["allocations.csv"])
    assert sorted((r["block_id"], r["account_number"], r["quantity"]) for r in blocked) == sorted(
        (r["block_id"], r["account_number"], r["quantity"]) for r in parts
    )
    for block in {row["block_id"] for row in parts}:
        assert sum(D(r["alloc_pct"]) for r in parts if r["block_id"] == block) == 100


def test_run_without_trades_is_a_header() -> None:
    report = sample_run(castellano())
    assert orders_csv(report, run_orders(report)) == f"{ORDER_HEADER}\r\n"


def test_run_that_is_not_approved_says_so_on_every_order() -> None:
    report = replace(sample_run(), approvals=())
    rows = rows_of(orders_csv(report, run_orders(report)))
    assert all("Not approved: do not send." in row["notes"] for row in rows)
    assert {row["approved_by"] for row in rows} == {""}


def test_orders_of_a_real_book_carry_no_synthetic_note() -> None:
    report = replace(sample_run(ackerman()), synthetic=False)
    assert "Synthetic" not in orders_csv(report, run_orders(report))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Rebalance", "Rebalance"),
        ("=HYPERLINK(0)", "'=HYPERLINK(0)"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1+1", "'=1+1"),
        ("\r=1+1", "'=1+1"),
        (" =1+1", "'=1+1"),
        ("two\nlines", "two lines"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_free_text_cannot_become_a_formula(text: str, written: str) -> None:
    assert guarded(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("00812345", "00812345"),
        ("-8123", "-8123"),
        ("Z21-440917", "Z21-440917"),
        ("...4321", "...4321"),
        ("****4321", "****4321"),
        ("=1+1", "'=1+1"),
        ("@cmd", "'@cmd"),
    ],
)
def test_account_numbers_stay_as_they_are(text: str, written: str) -> None:
    assert account_number(text) == written


@pytest.mark.parametrize(
    ("value", "places", "written"),
    [
        (D("1234567.5"), 2, "1234567.50"),
        (D("-1234.56"), 2, "-1234.56"),
        (D("1E+3"), None, "1000"),
        (D("0.00000001"), None, "0.00000001"),
        (D("120.000"), None, "120"),
        (None, 2, ""),
    ],
)
def test_numbers_are_plain(value: Decimal | None, places: int | None, written: str) -> None:
    assert number(value, places) == written


def hostile() -> HouseholdReport:
    household = ackerman()
    trades = tuple(replace(t, reason="=cmd|' /C calc'!A0") for t in household.proposal.trades)
    accounts = tuple(replace(a, custodian="+Schwab") for a in household.accounts)
    return replace(household, accounts=accounts, proposal=replace(household.proposal, trades=trades))


def test_imported_text_is_guarded_and_negative_gains_are_not() -> None:
    report = sample_run(hostile())
    rows = rows_of(orders_csv(report, run_orders(report)))
    assert {row["rationale"] for row in rows} == {"'=cmd|' /C calc'!A0"}
    assert {row["custodian"] for row in rows} == {"'+Schwab"}
    assert "-12898.40" in {row["est_lt_gain"] for row in rows}
