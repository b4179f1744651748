"""Vanguard and TD Ameritrade: cash that is a fund, lots that are none, tickers in names, and files cut off."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from importers.base import ImportResult, RowKind
from importers.records import ActivityRecord, CashRecord, PositionRecord, RealizedRecord, TransactionRecord
from importers.registry import by_name, recognise, refusal
from tests.importers.telling import FIXTURES, TODAY

DOWNLOAD = "vanguard_download/OfxDownload-2026-09-30.csv"
LOTS = "vanguard_lots/lots-2026-09-30.csv"
COSTS = "vanguard_lots/positions.csv"
REALIZED = "tda_realized/realized 123456789.csv"
TRANSACTIONS = "tda_transactions/transactions.csv"
Changed = Callable[[str, str, str], ImportResult]


@pytest.fixture
def changed(tmp_path: Path) -> Changed:
    def read(fixture: str, old: str, new: str) -> ImportResult:
        source = FIXTURES / fixture
        text = source.read_text()
        assert old in text
        file = tmp_path / source.name
        file.write_text(text.replace(old, new))
        return by_name(fixture.partition("/")[0]).read(file, today=TODAY)

    return read


def read(fixture: str) -> ImportResult:
    return by_name(fixture.partition("/")[0]).read(FIXTURES / fixture, today=TODAY)


def test_both_tables_are_read_and_the_settlement_fund_is_cash() -> None:
    result = read(DOWNLOAD)
    assert [(r.account.number, r.amount) for r in result.records if isinstance(r, CashRecord)] == [
        ("00880001", Decimal("1500.25")),
        ("00880002", Decimal("0.00")),
    ]
    assert sum(isinstance(r, TransactionRecord) for r in result.records) == 4
    assert result.as_of == date(2026, 9, 30)


def test_what_moves_between_cash_and_its_fund_counts_neither_as_cash_nor_as_shares() -> None:
    moved = [r for r in read(DOWNLOAD).records if isinstance(r, ActivityRecord) and r.kind == "journal"]
    assert [(r.row, r.quantity, r.amount) for r in moved] == [(12, None, None), (14, None, None)]


def test_identical_rows_are_two_trades() -> None:
    sold = [r for r in read(DOWNLOAD).records if isinstance(r, TransactionRecord) and r.action == "sell"]
    assert [r.row for r in sold] == [17, 18]


def test_a_bond_without_a_symbol_is_held_under_its_name_and_not_traded() -> None:
    result = read(DOWNLOAD)
    bonds = [r for r in result.records if isinstance(r, PositionRecord) and r.security_type == "Bond"]
    assert [r.symbol for r in bonds] == ["COUNTY OF NOWHERE WATER REV 4.000% 06/01/31"]
    assert [p.code for p in result.problems if p.row == bonds[0].row] == ["not_tradable"]


def test_average_cost_is_a_problem_and_a_lot_without_shares_is_none() -> None:
    result = read(LOTS)
    told = {p.row: p.code for p in result.problems}
    assert (told[6], told[7], told[8]) == ("average_cost", "no_shares", "no_cost_basis")
    assert [record.row for record in result.records] == [4, 5]


def test_the_day_of_positions_with_cost_stands_in_a_title(changed: Changed) -> None:
    assert read(COSTS).as_of == date(2026, 9, 30)
    assert "no_as_of" in {p.code for p in changed(COSTS, "as of 09/30/2026", "as of lately").problems}


@pytest.mark.parametrize(
    ("fixture", "title"),
    [
        (DOWNLOAD, "Share"),
        (LOTS, "Cost basis method"),
        (COSTS, "Position type"),
        (REALIZED, "Adj proceeds"),
        (TRANSACTIONS, "TRANSACTION ID"),
    ],
)
def test_a_layout_without_a_needed_column_is_asked_about_or_left(tmp_path: Path, fixture: str, title: str) -> None:
    file = tmp_path / "changed.csv"
    file.write_text((FIXTURES / fixture).read_text().replace(title, "Something Else"))
    name = fixture.partition("/")[0]
    importer, claims = recognise(file)
    assert importer is None
    assert name in refusal(file, claims).message
    assert [p.code for p in by_name(name).read(file, today=TODAY).problems] == ["no_header"]


def test_the_ticker_is_taken_from_the_last_parentheses_of_the_name() -> None:
    result = read(REALIZED)
    assert [r.symbol for r in result.records if isinstance(r, RealizedRecord)] == ["QCED", "QHBR.B", "QHBR.B", "QDUN"]
    assert result.rows[5] is RowKind.PROBLEM
    assert [t.difference for t in result.totals] == [0, 0, 0]


def test_a_sale_that_vanished_is_told_by_the_total(changed: Changed) -> None:
    result = changed(REALIZED, "(QDUN),Sell.FIFO,30.,Various,300.00 ,", "(QDUN),Sell.FIFO,30.,Various,200.00 ,")
    assert [(p.row, p.code) for p in result.problems if p.row == 7] == [(7, "total_differs")]


def test_a_history_that_was_cut_off_is_told(changed: Changed) -> None:
    assert "cut_off" in {p.code for p in changed(TRANSACTIONS, "***END OF FILE***\n", "").problems}
    assert "cut_off" not in {p.code for p in read(TRANSACTIONS).problems}


def test_a_row_missing_from_a_history_breaks_its_balance(changed: Changed) -> None:
    line = "02/01/2021,30000000004,ORDINARY DIVIDEND (QCED),,QCED,,,8.00,3485.50,,,,\n"
    told = [p for p in changed(TRANSACTIONS, line, "").problems if p.code == "balance_breaks"]
    assert [p.row for p in told] == [5]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "importer", "problems"),
    [
        ("vanguard/OfxDownload_two_table.csv", "vanguard_download", 0),
        ("vanguard/cost_basis_unrealized.csv", "vanguard_lots", 1),
        ("tdameritrade/tdameritrade.csv", "tda_realized", 0),
    ],
)
def test_samples_are_read_whole(shared_folder: Path, name: str, importer: str, problems: int) -> None:
    """The one row that is a problem is a fund at average cost, which has no lots."""
    file = shared_folder / "samples" / name
    found, _ = recognise(file)
    assert found is by_name(importer)
    result = found.read(file, today=TODAY)
    assert result.records
    assert result.rows.count(RowKind.PROBLEM) == problems
    assert len(result.rows) == len(file.read_text().splitlines())
