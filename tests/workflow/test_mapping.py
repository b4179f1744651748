"""A layout never seen is shown with reasons and samples, and the map that read it is remembered by its header."""

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from engine.errors import AppError
from importers.column_map import parse_map, read_map
from importers.custodians import CUSTODIANS
from importers.office_writer import OfficeValue, write_office
from tests.books import empty_book
from workflow.aliases import confirm_alias, drop_alias, list_aliases
from workflow.book import Book, open_book
from workflow.cli import run
from workflow.import_files import import_files
from workflow.mapping import forget_map, remembered_maps, show_map
from workflow.unknown_securities import kind_of, unknown_securities
from workflow.views import ImportOutcome

NOW = datetime(2026, 10, 30, 21, 30, tzinfo=UTC)
FOREIGN = """Depot;Wertpapier;Ticker;Kaufdatum;Stueck;Kurs;Wert;Einstand;Gewinn
8812-4471;Total Market;QAAA;15.03.2021;12,5;250,40;3.130,00;2.100,00;1.030,00
8812-4471;Total Market;QAAA;03.04.2022;10;250,40;2.504,00;2.600,00;-96,00
8812-4471;Bonds;QBND;20.01.2023;100;72,10;7.210,00;7.400,50;-190,50
"""
OWN_WORDS = """Household desk list,,,,
Mandate,Instrument,Since when,How many,Spent
8812-4471,QAAA,2021-03-15,12.5,2100.00
8812-4471,QBND,2023-01-20,100,7400.50
"""
MAP = """kind = "lots"
[columns]
account = "Mandate"
symbol = "Instrument"
acquired = "Since when"
quantity = "How many"
cost_basis = "Spent"
"""


@pytest.fixture
def book(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Book:
    shutil.copyfile(empty_book(tmp_path_factory), tmp_path / "book.plimsoll")
    return open_book(tmp_path / "book.plimsoll", now=NOW)


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def imported(book: Book, path: Path, column_map: Path | None = None) -> ImportOutcome:
    return import_files(book, [path], today=date(2026, 10, 30), now=NOW, by="Dana", column_map=column_map)


def test_columns_in_another_language_are_told_by_their_figures(tmp_path: Path) -> None:
    shown = show_map(written(tmp_path, "foreign.csv", FOREIGN))
    fields = {column.title: column.field for column in shown.columns if column.field}
    assert fields == {
        "Depot": "account",
        "Ticker": "symbol",
        "Kaufdatum": "acquired",
        "Stueck": "quantity",
        "Wert": "market_value",
        "Einstand": "cost_basis",
    }
    assert shown.missing == ()
    assert shown.columns[4].samples == ("12.5", "10", "100")
    assert shown.columns[4].why == "by its figures"


def test_a_foreign_file_is_imported_without_a_map(tmp_path: Path, book: Book) -> None:
    outcome = imported(book, written(tmp_path, "foreign.csv", FOREIGN))
    assert outcome.written
    assert outcome.files[0].records == {"lots": 3}


def test_the_map_that_is_written_can_be_shared_and_read_again(tmp_path: Path) -> None:
    out = tmp_path / "map.toml"
    assert run(["map", str(written(tmp_path, "foreign.csv", FOREIGN)), "-o", str(out)]) == 0
    columns = read_map(out)
    assert (columns.day_first, columns.decimal_comma) == (True, True)
    assert columns.columns["cost_basis"] == "Einstand"


def test_a_file_that_lacks_a_field_asks_for_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, "desk.csv", OWN_WORDS)
    assert run(["map", str(path)]) == 3
    assert "Still missing" in capsys.readouterr().out


def test_the_next_file_with_a_header_that_was_mapped_needs_no_map(tmp_path: Path, book: Book) -> None:
    column_map = written(tmp_path, "map.toml", MAP)
    assert imported(book, written(tmp_path, "desk.csv", OWN_WORDS), column_map).written
    again = imported(book, written(tmp_path, "next.csv", OWN_WORDS.replace("2100.00", "2200.00")))
    assert again.files[0].records == {"lots": 2}
    assert "remembered_map" in {problem.code for problem in again.files[0].problems}


def test_what_belongs_to_one_file_is_not_remembered(tmp_path: Path, book: Book) -> None:
    column_map = written(tmp_path, "map.toml", 'account = "8812-4471"\n' + MAP)
    imported(book, written(tmp_path, "desk.csv", OWN_WORDS), column_map)
    with book.session() as session:
        (kept,) = remembered_maps(session)
        assert parse_map(kept.toml, column_map) == replace(read_map(column_map), account="")
        forget_map(session, kept.signature)
        assert remembered_maps(session) == ()
        with pytest.raises(AppError, match="no such column map"):
            forget_map(session, kept.signature)


def test_each_unknown_security_is_listed_once_with_who_holds_it(tmp_path: Path, book: Book) -> None:
    imported(book, written(tmp_path, "foreign.csv", FOREIGN))
    with book.reading() as session:
        found = unknown_securities(session)
    assert [(one.symbol, one.accounts) for one in found] == [("QAAA", ("8812-4471",)), ("QBND", ("8812-4471",))]
    assert found[0].workbook_row()[0] == "QAAA"


def test_a_mask_is_confirmed_once_and_can_be_taken_back(tmp_path: Path, book: Book) -> None:
    numbers = {"one.csv": "8812-4471", "two.csv": "9912-4471"}
    for name, number in numbers.items():
        imported(book, written(tmp_path, name, FOREIGN.replace("8812-4471", number)))
    masked = written(tmp_path, "masked.csv", FOREIGN.replace("8812-4471", "XXXX-4471"))
    imported(book, masked)
    with book.session() as session:
        (row,) = list_aliases(session)
        assert (row.alias, row.accounts, row.confirmed) == ("XXXX-4471", ("8812-4471", "9912-4471"), False)
        confirm_alias(session, "XXXX-4471", "99124471", by="Dana", now=NOW)
    assert "ambiguous_account" not in {problem.code for problem in imported(book, masked).files[0].problems}
    with book.session() as session:
        assert [row.confirmed for row in list_aliases(session)] == [True]
        drop_alias(session, "XXXX-4471", by="Dana", now=NOW)
        with pytest.raises(AppError, match="never confirmed"):
            drop_alias(session, "XXXX-4471", by="Dana", now=NOW)


def test_a_layout_that_changed_names_what_is_missing_and_offers_the_columns_it_understands(
    tmp_path: Path, book: Book
) -> None:
    text = (
        "Account Number,Sub Account,Ticker,Quantity,Pricing Date,Acquisition Date,PriceInd,Mood\n"
        "88124471,1,QAAA,12.5,10/29/2026,03/15/2021,C,good\n"
    )
    path = written(tmp_path, "Positions.csv", text)
    problem = imported(book, path).files[0].problems[0]
    assert problem.code == "not_recognized"
    assert "columns are missing: " in problem.message
    assert "`plimsoll map Positions.csv -o map.toml` writes one with " in problem.hint
    assert "Mood" in problem.hint


def test_what_is_unknown_is_a_workbook_to_fill_in_that_is_read_back(tmp_path: Path, book: Book) -> None:
    imported(book, written(tmp_path, "foreign.csv", FOREIGN))
    out = tmp_path / "unknown.xlsx"
    words = ["unknown", "--db", str(tmp_path / "book.plimsoll"), "--out", str(out)]
    assert run(words) == 0
    assert run(words) == 2, "a file of that name is not written over"
    assert run([*words[:-1], str(tmp_path / "unknown.csv")]) == 2
    filled_in = load_workbook(out)
    for row, asset_class in ((3, "us_equity"), (4, "us_bond")):
        page = filled_in["Securities"]
        titles = [cell.value for cell in page[1]]
        assert page.cell(row, 1 + titles.index("Symbol")).value in {"QAAA", "QBND"}
        page.cell(row, 1 + titles.index("Asset class")).value = asset_class
    accounts = filled_in["Accounts"]
    assert accounts.cell(3, 1).value == "8812-4471"
    accounts.delete_rows(3)
    filled_in.save(out)
    outcome = imported(book, out)
    assert outcome.written, outcome.files[0].problems
    with book.reading() as session:
        assert unknown_securities(session) == ()


@pytest.mark.parametrize(
    ("said", "kind"),
    [("ETFs & Closed End Funds", "etf"), ("Mutual Fund", "fund"), ("Common Stock", "stock"), ("Fixed Income", "bond")],
)
def test_the_words_of_custodians_are_kinds_of_the_office_workbook(said: str, kind: str) -> None:
    assert kind_of(said) == kind
    assert kind_of("Widget") == ""


def test_accounts_of_every_custodian_can_be_placed(tmp_path: Path, book: Book) -> None:
    path = tmp_path / "office.xlsx"
    rows: list[dict[str, OfficeValue]] = [
        {
            "number": f"77{n}-001234",
            "custodian": name,
            "household": "Abbott",
            "owner": "joint",
            "registration": "taxable",
        }
        for n, name in enumerate(CUSTODIANS)
    ]
    write_office(path, {"Households": [{"name": "Abbott"}], "Accounts": rows})
    codes = {problem.code for problem in imported(book, path).files[0].problems}
    assert "not_a_choice" not in codes
