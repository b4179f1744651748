"""Trade histories as CSV: columns in any order, every bad cell named, rows after the day not read."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from engine.errors import AppError
from engine.portfolio import Registration
from engine.tax.ledger.rows import LedgerAction, LedgerRow, NamedLot
from workflow.case_file import encode
from workflow.ledger_file import ledger_document, ledger_from_file, read_trades

HEADER = "id,date,account,owner,registration,symbol,identity_group,action,quantity,amount,lots"
STORY = f"""{HEADER}
b1,2024-01-08,J,client,taxable,VTI,US,buy,10,1000.00,
s1,2025-02-03,J,client,taxable,VTI,US,sell,10,800.00,b1:10
b2,2025-02-10,R,spouse,roth_ira,SCHB,US,reinvest,2.5,205.00,
b3,2025-02-11,J,client,taxable,SCHB,US,buy,5,410,
"""


@pytest.fixture
def trades(tmp_path: Path) -> Path:
    return tmp_path / "trades.csv"


def read(path: Path, text: str, *, as_of: date | None = None) -> tuple[tuple[LedgerRow, ...], list[str]]:
    path.write_text(text, encoding="utf-8")
    found = read_trades(path, as_of=as_of)
    return found.rows, [problem.line() for problem in found.problems]


def test_a_row_is_read_whole(trades: Path) -> None:
    rows, problems = read(trades, STORY)
    assert problems == []
    assert rows[1] == LedgerRow(
        id="s1",
        date=date(2025, 2, 3),
        account="J",
        owner="client",
        registration=Registration.TAXABLE,
        symbol="VTI",
        action=LedgerAction.SELL,
        quantity=Decimal(10),
        amount=Decimal(800),
        identity_group="US",
        lots=(NamedLot("b1", Decimal(10)),),
        row=3,
    )


def test_the_document_is_what_the_contract_says(trades: Path) -> None:
    trades.write_text(STORY, encoding="utf-8")
    document = msgspec.json.decode(encode(ledger_document(ledger_from_file(trades))))
    assert document["realized"] == [
        {
            "sale": "s1",
            "lot": "b1",
            "account": "J",
            "symbol": "VTI",
            "acquired": "2024-01-08",
            "sold": "2025-02-03",
            "quantity": 10,
            "proceeds": 800.00,
            "basis": 1000.00,
            "gain": -50.00,
            "adjustment": 150.00,
            "code": "W",
            "term": "long",
            "permanent": 50.00,
            "holding_days_carried": 0,
            "inherited": False,
        }
    ]
    keys = ("lot", "account", "symbol", "acquired", "holding_days_carried", "quantity", "basis")
    assert [tuple(lot[key] for key in keys) for lot in document["open_lots"]] == [
        ("b3", "J", "SCHB", "2025-02-11", 392, 5, 510.00),
        ("b2", "R", "SCHB", "2025-02-10", 0, 2.5, 205.00),
    ]
    assert document["totals"] == {"short_term": 0, "long_term": -50, "disallowed": 150, "permanent": 50}
    assert document["policy"] == {
        "sold_before_loss_counts": True,
        "lots_of_one_order_replace": True,
        "plans_count_as_iras": True,
        "identity": "declared",
    }
    assert document["problems"] == []


def test_money_is_written_with_two_decimals_and_shares_without_an_exponent(trades: Path) -> None:
    text = "id,date,account,registration,symbol,action,quantity,amount\nb1,2024-01-08,J,taxable,X,buy,1e2,1e3\n"
    trades.write_text(text, encoding="utf-8")
    written = encode(ledger_document(ledger_from_file(trades))).decode()
    assert '"quantity": 100,' in written
    assert '"basis": 1000.00,' in written


def test_columns_may_come_in_any_order_and_some_may_be_missing(trades: Path) -> None:
    text = "Symbol;Amount;Quantity;Action;Registration;Account;Date;ID\nX;1,000.00;10;Buy;Taxable;J;01/08/2024;b1\n"
    rows, problems = read(trades, text)
    assert problems == []
    assert [(r.id, r.date, r.action, r.amount, r.owner, r.lots) for r in rows] == [
        ("b1", date(2024, 1, 8), LedgerAction.BUY, Decimal(1000), "", ())
    ]


@pytest.mark.parametrize(
    ("later", "told"),
    [
        (" b2 , 2024-01-09 ,J,client,taxable,VTI,US,buy, 3 , 30.00 , ", []),
        ("b2,2024-01-09,J , client, taxable ,VTI,US,BUY,3,30.00,", []),
        ("b2,2024-01-09,J,client,taxable,VTI,US,buy,3x,30.00,", ["quantity"]),
        ("b2,2024-01-09,J,client,taxable,VTI,US,buy,3,,", ["amount"]),
        ("b2,2024-13-09,J,client,taxable,VTI,US,buy,3,30.00,", ["date"]),
    ],
)
def test_a_row_in_the_words_of_one_before_is_read_like_any_other(trades: Path, later: str, told: list[str]) -> None:
    rows, _ = read(trades, f"{HEADER}\nb1,2024-01-08,J,client,taxable,VTI,US,buy,1,10.00,\n{later}\n")
    alone, problems = read(trades, f"{HEADER}\n\n{later}\n")
    assert rows[1:] == alone
    assert len(problems) == len(told)
    assert all(f"field {name}" in problem for name, problem in zip(told, problems, strict=True))


def test_a_row_with_nothing_but_a_note_is_named(trades: Path) -> None:
    rows, problems = read(trades, f"{HEADER},note\n,,,,,,,,,,,see the statement\n")
    assert rows == ()
    assert len(problems) == 5


def test_columns_that_nobody_asks_for_and_short_rows_and_blank_lines_do_no_harm(trades: Path) -> None:
    text = (
        "\n"
        "note,id,date,account,registration,symbol,action,quantity,amount,lots\n"
        ",,,\n"
        "hello,b1,2024-01-08,J,taxable,X,buy,10,1000\n"
        "\n"
        "hello,b2,2024-01-08,J,taxable,X,buy,10,1000,,and,more\n"
    )
    rows, problems = read(trades, text)
    assert problems == []
    assert [(r.id, r.row) for r in rows] == [("b1", 4), ("b2", 6)]


def test_the_day_acquired_stands_in_lots(trades: Path) -> None:
    rows, _ = read(trades, f"{HEADER}\ng1,2025-02-03,J,,taxable,X,,gift,10,1000,acquired:2024-03-04\n")
    assert rows[0].acquired == date(2024, 3, 4)


def test_lots_are_named_one_by_one(trades: Path) -> None:
    rows, _ = read(trades, f"{HEADER}\ns1,2025-02-03,J,,taxable,X,,sell,10,1000,a:b:2.5; c:7.5 ;\n")
    assert rows[0].lots == (NamedLot("a:b", Decimal("2.5")), NamedLot("c", Decimal("7.5")))


def test_many_lots_in_a_row_do_not_hide_the_commas(trades: Path) -> None:
    lots = ";".join(f"b{n}:1" for n in range(30))
    rows, problems = read(trades, f"{HEADER}\ns1,2025-02-03,J,,taxable,X,,sell,30,1000,{lots}\n")
    assert problems == []
    assert len(rows[0].lots) == 30


def test_a_split_needs_no_amount(trades: Path) -> None:
    rows, problems = read(trades, f"{HEADER}\np1,2025-02-03,J,,taxable,X,,split,2,,\n")
    assert problems == []
    assert rows[0].amount == 0


def test_the_registration_may_stand_in_one_row_of_an_account(trades: Path) -> None:
    text = f"{HEADER}\nb1,2024-01-08,J,,,X,,buy,1,10,\nb2,2024-01-08,J,,hsa,X,,buy,1,10,\n"
    rows, problems = read(trades, text)
    assert problems == []
    assert [r.registration for r in rows] == [Registration.HSA, Registration.HSA]


BAD_CELLS = {
    "b1,2024-01-08,J,,taxable,X,,bye,1,10,": (
        "field action: 'bye' is no action. Write one of: buy, sell, reinvest, transfer_in, split, inherited, gift."
    ),
    "b1,2024-01-08,J,,taxable,X,,,1,10,": (
        "field action: the row has no action. Write one of: buy, sell, reinvest, transfer_in, split, inherited, gift."
    ),
    "b1,2024-01-08,J,,ira,X,,buy,1,10,": (
        "field registration: 'ira' is no registration. "
        "Write one of: taxable, traditional_ira, roth_ira, hsa, 401k, 529."
    ),
    "b1,2024-02-30,J,,taxable,X,,buy,1,10,": (
        "field date: '2024-02-30' is not a day of the calendar (month comes before day)."
    ),
    "b1,,J,,taxable,X,,buy,1,10,": "field date: the row has no date.",
    "b1,2024-01-08,J,,taxable,X,,buy,1o,10,": "field quantity: '1o' is not a number.",
    "b1,2024-01-08,J,,taxable,X,,buy,,10,": "field quantity: the row has no quantity.",
    "b1,2024-01-08,J,,taxable,X,,buy,1,NaN,": "field amount: 'NaN' is not a finite number.",
    "b1,2024-01-08,J,,taxable,X,,buy,1,,": "field amount: the row has no amount.",
    "b1,2024-01-08,J,,taxable,X,,sell,1,10,b0": "field lots: 'b0' is neither LOT:SHARES nor acquired:DATE.",
    "b1,2024-01-08,J,,taxable,X,,sell,1,10,b0:x": "field lots: 'x' is not a number.",
    "b1,2024-01-08,J,,taxable,X,,gift,1,10,acquired:soon": "field lots: 'soon' is not a date.",
}


@pytest.mark.parametrize("row", BAD_CELLS)
def test_a_bad_cell_is_named_with_its_row_and_the_other_rows_are_read(trades: Path, row: str) -> None:
    good = "g1,2024-01-08,J,client,taxable,X,,buy,1,10,"
    rows, problems = read(trades, f"{HEADER}\n{good}\n{row}\n")
    assert problems == [f"trades.csv, row 3, {BAD_CELLS[row]}"]
    assert [r.id for r in rows] == ["g1"]


def test_all_bad_cells_of_a_row_are_told(trades: Path) -> None:
    _, problems = read(trades, f"{HEADER}\nb1,x,J,,taxable,X,,bye,y,z,q\n")
    fields = [problem.split(":")[0].rsplit(" ", 1)[1] for problem in problems]
    assert fields == ["action", "date", "quantity", "amount", "lots"]


def test_rows_after_the_day_are_not_read_good_or_bad(trades: Path) -> None:
    text = f"{STORY}b4,2025-02-12,J,client,taxable,X,,buy,oops,1,\n"
    rows, problems = read(trades, text, as_of=date(2025, 2, 10))
    assert [r.id for r in rows] == ["b1", "s1", "b2"]
    assert problems == []


def test_problems_of_reading_and_of_replaying_come_in_order_of_rows(trades: Path) -> None:
    rows = ["s1,2024-01-08,J,,taxable,X,,sell,1,10,", "b1,2024-01-08,J,,taxable,X,,bye,1,10,"]
    trades.write_text("\n".join([HEADER, *rows, rows[0].replace("s1", "s2")]), encoding="utf-8")
    problems = ledger_from_file(trades).problems
    assert [(p.row, p.code, p.file) for p in problems] == [
        (2, "nothing_open", "trades.csv"),
        (3, "bad_action", "trades.csv"),
        (4, "nothing_open", "trades.csv"),
    ]


def test_a_row_in_the_future_is_a_problem_unless_a_day_is_given(trades: Path) -> None:
    trades.write_text(STORY, encoding="utf-8")
    today = date(2025, 2, 10)
    assert [p.row for p in ledger_from_file(trades, today=today).problems] == [5]
    assert ledger_from_file(trades, as_of=date(2025, 3, 1), today=today).problems == ()


NO_TABLES = {
    "": "the file is empty",
    "\n \n": "the file is empty",
    "id,date\n": "columns are missing: account, registration, symbol, action, quantity, amount",
    f"{HEADER},id\n": "columns stand twice: id",
    f'{HEADER}\n"{"x" * 200_000}",\n': "not a CSV file",
}


@pytest.mark.parametrize("text", NO_TABLES, ids=range(len(NO_TABLES)))
def test_a_file_that_is_no_such_table_is_refused_in_one_line(trades: Path, text: str) -> None:
    trades.write_text(text, encoding="utf-8")
    with pytest.raises(AppError, match=NO_TABLES[text]):
        read_trades(trades)


def test_a_workbook_or_a_picture_is_no_trade_history(trades: Path) -> None:
    trades.write_bytes(bytes(range(32)) * 10)
    with pytest.raises(AppError, match="not a text file"):
        read_trades(trades)


def test_a_file_that_is_not_there_is_said_so(trades: Path) -> None:
    with pytest.raises(AppError, match="no such file"):
        read_trades(trades)
