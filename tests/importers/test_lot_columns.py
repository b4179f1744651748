"""Long tables of lots are kept in columns: what comes out is what the slow way reads, row by row."""

import random
import tracemalloc
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from importers import generic_rows
from importers.base import ImportResult, RowKind
from importers.generic_table import GenericTable
from importers.lot_columns import LotColumns
from importers.records import AccountRef, CashRecord, LotRecord

D = Decimal
TODAY = date(2026, 10, 30)
ONE, OTHER = AccountRef("schwab", "1001"), AccountRef("schwab", "1002", "Roth")
LOTS = (
    LotRecord(2, ONE, "VTI", date(2020, 1, 2), D("10.5"), D("900.00"), D("-12.34")),
    LotRecord(3, OTHER, "BRK.B", date(1999, 12, 31), D("0.0000000001"), D(0)),
    LotRecord(4, ONE, "VTI", date(2021, 1, 4), D(3), D("1.1234567"), None),
    LotRecord(5, ONE, "BND", date(2021, 1, 4), D(3), D(30), None, "L-7"),
    LotRecord(7, OTHER, "BND", date(2021, 1, 4), D("9000000000"), D(30), D(5), "", 12),
    LotRecord(8, OTHER, "VTI", date(2021, 1, 4), D(1), D(30), D(5), cusip="922908769"),
)
ODD = (
    "1001,VTI,2020-01-02,ten,5,6",
    "1001,,2020-01-02,10,5,6",
    "1001,VTI,2027-01-02,10,5,6",
    "1001,VTI,various,10,5,6",
    "1001,VTI,2020-01-02,-10,5,6",
    "1001,VTI,2020-01-02,10,-5,6",
    '1001,VTI,2020-01-02,"1,250.5","$5,000.00",($6.00)',
    "1001,VTI,2020-01-02,10,,6",
    "1001,VTI,2020-01-02,10,5,--",
    "1001,=VTI,2020-01-02,10,5,6",
    "1001,VTI,2020-01-02,1_0,5,6",
    "1001,VTI,2020-01-02,123456789012.5,5.12345678,6",
    "1001,VTI,2020-01-02,10",
    ",,,,,",
    "Total,,,30,,",
    "The end,,,,,",
)


def read(folder: Path, rows: list[str]) -> ImportResult:
    path = folder / "lots-2026-10-30.csv"
    path.write_text("Account,Symbol,Date Acquired,Quantity,Cost Basis,Market Value\n" + "\n".join(rows), "utf-8")
    return GenericTable().read(path, today=TODAY)


@pytest.mark.parametrize("seed", range(6))
def test_a_packed_table_says_what_the_same_table_read_row_by_row_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 (rows in another order, no secret)
    plain = [f"100{n % 3},V{n % 7}I,2020-01-{1 + n % 28:02},{n}.{n % 10},{n * 7}.25,{n}" for n in range(1, 60)]
    rows = [*plain, *ODD, "Total,,,1,,"]
    chance.shuffle(rows)
    slow = read(tmp_path, rows)
    monkeypatch.setattr(generic_rows, "PACKED_FROM", 0)
    packed = read(tmp_path, rows)
    assert isinstance(packed.records, LotColumns)
    assert tuple(packed.records) == slow.records
    assert (packed.rows, packed.totals, packed.problems) == (slow.rows, slow.totals, slow.problems)
    assert packed.rows.count(RowKind.RECORD) == len(packed.records) > len(plain)


def test_lots_come_out_of_the_columns_as_they_went_in() -> None:
    lots = LotColumns()
    lots.extend(LOTS)
    assert tuple(lots) == LOTS
    assert (lots[1], lots[-1], lots[1:3], len(lots)) == (LOTS[1], LOTS[-1], LOTS[1:3], len(LOTS))
    assert set(lots.apart.values()) == set(LOTS[2:])
    with pytest.raises(IndexError):
        lots[len(LOTS)]


def test_the_columns_say_who_is_named_and_where_first() -> None:
    lots = LotColumns()
    lots.extend(LOTS)
    assert lots.accounts() == {ONE: 2, OTHER: 3}
    assert lots.symbols() == {"VTI": 2, "BRK.B": 3, "BND": 5}
    assert lots.pairs() == {(lot.account, lot.symbol) for lot in LOTS}
    assert [(ref, list(places)) for ref, places in lots.of_accounts()] == [(ONE, [0, 2, 3]), (OTHER, [1, 4, 5])]


def test_lots_left_out_or_corrected_leave_the_others_as_they_are() -> None:
    lots = LotColumns()
    lots.extend(LOTS)
    new = LotRecord(2, ONE, "VTI", date(2020, 1, 2), D(11), D(901))
    assert tuple(lots.but({0: new, 3: None})) == (new, *LOTS[1:3], *LOTS[4:])
    assert tuple(lots) == LOTS


def test_a_ticker_that_changed_is_written_the_new_way_in_all_lots() -> None:
    lots = LotColumns()
    lots.extend(LOTS)
    assert [lot.symbol for lot in lots.renamed({"VTI": "NEW", "BND": "BND", "BRK.B": "NEW"}.__getitem__)] == [
        *("NEW", "NEW", "NEW", "BND", "BND", "NEW")
    ]
    assert tuple(lots) == LOTS


def test_what_is_no_lot_is_not_taken_into_the_columns() -> None:
    with pytest.raises(TypeError, match="CashRecord is no lot"):
        LotColumns().append(CashRecord(1, ONE, D(5)))


def test_a_packed_lot_takes_less_than_fifty_bytes() -> None:
    count = 20_000
    tracemalloc.start()
    try:
        lots = LotColumns()
        for row in range(count):
            lots.append(LotRecord(row, ONE, "VTI", date(2020, 1, 2), D(row + 1) / 8, D(row) / 4, D(row)))
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert not lots.apart
    assert taken < 50 * count
