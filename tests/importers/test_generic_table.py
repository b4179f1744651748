from datetime import date
from decimal import Decimal
from pathlib import Path
from time import process_time

import pytest
from openpyxl import Workbook

from engine.problems import Severity
from importers.base import ImportResult, RowKind
from importers.column_map import Close, ColumnMap, Shape, TableKind
from importers.generic_table import GenericTable
from importers.records import AccountRef, LotRecord, PriceRecord, TransactionRecord
from importers.registry import recognise, refusal, with_map
from tests.importers.telling import FIXTURES, TODAY

FOLDER = FIXTURES / "generic_table"
LOTS = "Account,Symbol,Acquired,Quantity,Cost basis,Lot id\n7001,QAAA,2021-03-15,10,400.5,A\n7001,QAAA,{},{},{},{}\n"
WIDE = "date,QAAA,QBND\n2026-03-19,60.1,\n2026-03-20,{},71.2\n"


def read(path: Path, columns: ColumnMap | None = None) -> ImportResult:
    return GenericTable(columns).read(path, today=TODAY)


def read_text(folder: Path, name: str, text: str, columns: ColumnMap | None = None) -> ImportResult:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return read(file, columns)


def test_a_column_map_reads_what_no_guess_understands() -> None:
    file = FOLDER / "mapped_lots.csv"
    importer, claims = recognise(file)
    assert importer is None
    assert "lacks" in refusal(file, claims).message
    result = with_map(FOLDER / "lots_map.toml").read(file, today=TODAY)
    assert not [p for p in result.problems if p.severity is not Severity.INFO]
    lot = result.records[0]
    assert isinstance(lot, LotRecord)
    assert lot.account == AccountRef("fidelity", "X20000002")
    assert (lot.cost_basis, lot.lot_id) == (Decimal("411.15"), "A-1")


DAMAGE = {
    "two lots of one id": (("2022-03-15", "5", "200", "A"), "same_lot_id", Severity.FATAL, "Lot id"),
    "a lot bought tomorrow": (("2026-10-31", "5", "200", "B"), "future_date", Severity.FATAL, "Acquired"),
    "a lot of no day": (("soon", "5", "200", "B"), "not_a_acquired", Severity.BLOCKING, "Acquired"),
    "a placeholder date": (("01/01/1951", "5", "200", "B"), "placeholder_date", Severity.BLOCKING, "Acquired"),
    "a lot of NaN shares": (("2022-03-15", "NaN", "200", "B"), "not_a_quantity", Severity.BLOCKING, "Quantity"),
    "a lot sold short": (("2022-03-15", "-5", "200", "B"), "quantity_not_positive", Severity.BLOCKING, "Quantity"),
    "a lot without basis": (("2022-03-15", "5", "--", "B"), "no_cost_basis", Severity.BLOCKING, "Cost basis"),
    "a negative basis": (("2022-03-15", "5", "-1", "B"), "basis_negative", Severity.BLOCKING, "Cost basis"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_lot_is_told_with_its_place(tmp_path: Path, name: str) -> None:
    cells, code, severity, field = DAMAGE[name]
    result = read_text(tmp_path, "lots.csv", LOTS.format(*cells))
    assert [(p.code, p.severity, p.row, p.field, p.symbol) for p in result.problems] == [
        (code, severity, 3, field, "QAAA")
    ]
    assert result.rows == (RowKind.HEADER, RowKind.RECORD, RowKind.PROBLEM)
    assert len(result.records) == 1


@pytest.mark.parametrize(
    ("price", "code"),
    [("0", "price_not_positive"), ("-1", "price_not_positive"), ("NaN", "not_a_price"), ("x", "not_a_price")],
)
def test_a_price_that_is_no_price_is_fatal_in_a_wide_table_and_in_a_long_one(
    tmp_path: Path, price: str, code: str
) -> None:
    wide = read_text(tmp_path, "prices_close.csv", WIDE.format(price))
    assert [(p.code, p.severity, p.row, p.field) for p in wide.problems] == [(code, Severity.FATAL, 3, "QAAA")]
    long = read_text(tmp_path, "quotes.csv", f"Symbol,Date,Close\nQAAA,2026-03-20,{price}\n")
    assert [(p.severity, p.row, p.field) for p in long.problems] == [(Severity.FATAL, 2, "Close")]


def test_a_price_of_tomorrow_is_fatal_and_a_date_that_stands_twice_a_warning(tmp_path: Path) -> None:
    text = "date,QAAA\n2026-10-30,60\n2026-10-30,61\n2026-10-31,62\nsoon,63\n"
    problems = read_text(tmp_path, "prices_close.csv", text).problems
    assert [(p.code, p.severity, p.row) for p in problems] == [
        ("same_date", Severity.WARNING, 3),
        ("future_date", Severity.FATAL, 4),
        ("not_a_date", Severity.BLOCKING, 5),
    ]


def test_a_symbol_that_has_two_columns_is_fatal(tmp_path: Path) -> None:
    problems = read_text(tmp_path, "prices_close.csv", "date,QAAA,qaaa\n2026-03-20,1,2\n").problems
    assert [(p.code, p.severity) for p in problems] == [("same_column", Severity.FATAL)]


def test_prices_without_saying_which_are_asked_for(tmp_path: Path) -> None:
    result = read_text(tmp_path, "prices.csv", WIDE.format("60.5"))
    assert [(p.code, p.severity) for p in result.problems] == [("which_price", Severity.FATAL)]
    assert "prices_adjusted.csv" in result.problems[0].hint
    columns = ColumnMap(TableKind.PRICES, Shape.WIDE, columns={"date": "date"}, price=Close.ADJUSTED)
    mapped = read_text(tmp_path, "prices.csv", WIDE.format("60.5"), columns)
    assert mapped.records[-1] == PriceRecord(3, "QBND", date(2026, 3, 20), None, Decimal("71.2"))


def test_a_table_that_lacks_columns_lists_them_and_how_to_map(tmp_path: Path) -> None:
    result = read_text(tmp_path, "lots.csv", "Symbol,Acquired,Quantity\nQAAA,2021-03-15,10\n")
    problem = result.problems[0]
    assert problem.severity is Severity.FATAL
    assert "account" in problem.message
    assert "--map" in problem.hint
    assert 'symbol = "Symbol"' in problem.hint


def test_a_map_whose_columns_are_not_there_says_which(tmp_path: Path) -> None:
    columns = ColumnMap(TableKind.HOLDINGS, columns={"symbol": "Ticker", "quantity": "Qty#2"}, account="7001")
    result = read_text(tmp_path, "held.csv", "Symbol,Shares\nQAAA,1\n", columns)
    assert [p.code for p in result.problems] == ["no_header"]
    assert "Ticker, Qty#2" in result.problems[0].message
    lost = ColumnMap(TableKind.LOTS)
    assert read_text(tmp_path, "held.csv", "Symbol,Shares\nQAAA,1\n", lost).problems[0].code == "not_understood"


def book(path: Path, **sheets: list[list[object]]) -> Path:
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for title, rows in sheets.items():
        page = workbook.create_sheet(title)
        for row in rows:
            page.append(row)
    workbook.save(path)
    return path


HELD: list[list[object]] = [["Account", "Symbol", "Shares"], ["7001", "QAAA", 10.5]]
TRADED: list[list[object]] = [
    ["Account", "Date", "Action", "Symbol", "Shares", "Price"],
    ["7001", date(2026, 3, 20), "Sell", "QAAA", 4, 60.5],
]


def test_every_sheet_that_is_understood_is_read_and_the_others_are_told_of(tmp_path: Path) -> None:
    file = book(tmp_path / "office-2026-03-20.xlsx", Held=HELD, Traded=TRADED, Notes=[["call Jane"], ["again"]])
    importer, _ = recognise(file)
    assert importer is not None
    result = importer.read(file, today=TODAY)
    assert len(result.rows) == 6
    trade = result.records[-1]
    assert isinstance(trade, TransactionRecord)
    assert (trade.amount, trade.date) == (Decimal("242.00"), date(2026, 3, 20))
    assert [(p.code, p.severity) for p in result.problems] == [("sheet_not_read", Severity.WARNING)]
    assert "'Notes' with 2 rows" in result.problems[0].message
    assert result.as_of == date(2026, 3, 20)


def test_a_map_chooses_its_sheet(tmp_path: Path) -> None:
    file = book(tmp_path / "office.xlsx", Held=HELD, Traded=TRADED)
    columns = ColumnMap(
        TableKind.HOLDINGS, sheet="held", columns={"account": "Account", "symbol": "Symbol", "quantity": "Shares"}
    )
    result = read(file, columns)
    assert len(result.records) == 1
    assert [p.severity for p in result.problems if p.code == "sheet_not_read"] == [Severity.INFO]
    gone = ColumnMap(TableKind.HOLDINGS, sheet="Lost", columns=columns.columns)
    assert "the sheets are: Held, Traded" in read(file, gone).problems[0].message


def test_subtotals_and_a_grand_total_are_checked_each(tmp_path: Path) -> None:
    text = (
        "Account,Symbol,Shares,Market value\n7001,QAAA,1,60\n7001,QBND,1,70\nTotal,,,130\n"
        "7002,QAAA,2,120\nTotal for 7002,,,121\nGrand total,,,250\nAccount,Symbol,Shares,Market value\nThe end,,,\n"
    )
    result = read_text(tmp_path, "held-2026-03-20.csv", text)
    assert [f"{t.row} {t.stated} {t.found}" for t in result.totals] == ["4 130 130", "6 121 120", "7 250 250"]
    assert [p.row for p in result.problems if p.code == "total_differs"] == [6]
    assert result.rows[-2:] == (RowKind.HEADER, RowKind.FOOTER)


def test_the_day_of_a_table_is_in_the_rows_above_it_in_a_column_or_in_the_name(tmp_path: Path) -> None:
    held = "Account,Symbol,Shares\n7001,QAAA,1\n"
    above = read_text(tmp_path, "held.csv", f"Holdings as of 03/20/2026,,\n{held}")
    beside = read_text(tmp_path, "held.csv", "Account,Symbol,Shares,As of\n7001,QAAA,1,03/20/2026\n")
    named = read_text(tmp_path, "held-2026-03-20.csv", held)
    nowhere = read_text(tmp_path, "held.csv", held)
    assert {above.as_of, beside.as_of, named.as_of} == {date(2026, 3, 20)}
    assert [p.code for p in nowhere.problems] == ["no_as_of"]


def test_a_broken_row_of_one_cell_is_not_taken_for_text(tmp_path: Path) -> None:
    result = read_text(tmp_path, "held-2026-03-20.csv", "Account,Symbol,Shares\n7001,QAAA,1\n,QBND,\n,,5\n")
    assert result.rows[2:] == (RowKind.PROBLEM, RowKind.PROBLEM)


def test_a_header_without_rows_is_fatal(tmp_path: Path) -> None:
    problems = read_text(tmp_path, "lots.csv", LOTS.splitlines()[0]).problems
    assert [(p.code, p.severity) for p in problems] == [("no_rows", Severity.FATAL)]


def test_five_years_of_prices_are_read_within_a_second(tmp_path: Path) -> None:
    symbols = [f"Q{chr(65 + i // 26)}{chr(65 + i % 26)}" for i in range(36)]
    days = [date.fromordinal(737_000 + at).isoformat() for at in range(1510)]
    rows = [["date", *symbols], *([d, *(f"{100 + i / 7:.4f}" for i in range(36))] for d in days)]
    file = tmp_path / "prices_close.csv"
    file.write_text("\n".join(",".join(row) for row in rows))
    taken = []
    for _ in range(3):
        start = process_time()
        assert len(read(file).records) == 1510 * 36
        taken.append(process_time() - start)
    assert min(taken) < 1


ROWS = {
    "a row without an account": (
        ("Account,Symbol,Acquired,Quantity,Cost", "7001,QAAA,2021-03-15,1,60", ",QBND,2021-03-15,1,60"),
        "no_account",
    ),
    "a lot without a symbol": (
        ("Account,Symbol,Acquired,Quantity,Cost", "7001,QAAA,2021-03-15,1,60", "7001,,2021-03-15,1,60"),
        "no_symbol",
    ),
    "half a day carried": (
        (
            "Account,Symbol,Acquired,Quantity,Cost,Days carried",
            "7001,QAAA,2021-03-15,1,60,",
            "7001,Q,2021-03-15,1,60,.5",
        ),
        "not_days",
    ),
    "a sale of more at a loss than was sold": (
        (
            "Account,Date,Action,Symbol,Shares,Price,Loss shares",
            "7001,2026-03-20,Buy,Q,1,60,",
            "7001,2026-03-20,Sell,Q,1,60,2",
        ),
        "loss_quantity",
    ),
    "a trade without a symbol": (
        ("Account,Date,Action,Symbol,Shares,Price", "7001,2026-03-20,Buy,Q,1,60", "7001,2026-03-20,Sell,,1,60"),
        "no_symbol",
    ),
    "a price without a symbol": (("Symbol,Date,Close", "QAAA,2026-03-20,60", ",2026-03-20,60"), "no_name"),
    "a price without a day": (("Symbol,Date,Close", "QAAA,2026-03-20,60", "QAAA,--,60"), "no_date"),
    "a series that stands twice": (("Series,Date,Value", "DGS10,2026-03-20,4", "DGS10,2026-03-20,4"), "same_date"),
    "a value in words": (("observation_date,DGS10", "2026-03-19,4", "2026-03-20,four"), "not_a_value"),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_row_that_cannot_be_used_is_told_and_the_others_are_read(tmp_path: Path, name: str) -> None:
    lines, code = ROWS[name]
    result = read_text(tmp_path, "table.csv", "\n".join(lines) + "\n")
    assert [(p.code, p.row) for p in result.problems] == [(code, 3)]
    assert result.rows == (RowKind.HEADER, RowKind.RECORD, RowKind.PROBLEM)
    assert len(result.records) == 1
