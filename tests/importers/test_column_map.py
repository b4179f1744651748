from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import AppError
from importers.column_guess import guess_map
from importers.column_map import FIELDS, Close, ColumnMap, Shape, TableKind, map_text, read_map, write_map
from importers.head import read_head
from tests.importers.telling import FIXTURES

TITLES = st.text(min_size=1, max_size=20).filter(lambda text: text.isprintable() or "\n" in text)


@st.composite
def maps(draw: st.DrawFn) -> ColumnMap:
    kind = draw(st.sampled_from(TableKind))
    return ColumnMap(
        kind=kind,
        shape=draw(st.sampled_from(Shape)),
        sheet=draw(TITLES | st.just("")),
        header_row=draw(st.integers(0, 60)),
        columns=draw(st.dictionaries(st.sampled_from(FIELDS[kind]), TITLES)),
        custodian=draw(TITLES | st.just("")),
        account=draw(TITLES | st.just("")),
        symbol=draw(TITLES | st.just("")),
        as_of=draw(st.none() | st.dates()),
        price=draw(st.none() | st.sampled_from(Close)),
    )


@given(maps())
def test_a_map_written_and_read_back_is_the_same(tmp_path_factory: pytest.TempPathFactory, columns: ColumnMap) -> None:
    file = tmp_path_factory.getbasetemp() / "map.toml"
    write_map(columns, file)
    assert read_map(file) == columns


WRONG = {
    "no TOML": ("kind = ", "not TOML"),
    "bytes": ("\udcff", "not TOML"),
    "no kind": ("[columns]\n", "kind is one of"),
    "unknown kind": ('kind = "bonds"', "kind is one of"),
    "unknown key": ('kind = "lots"\ncolour = "red"', "unknown key 'colour'"),
    "unknown field": ('kind = "lots"\n[columns]\nclose = "Close"', "unknown field 'close' for lots"),
    "unknown price": ('kind = "prices"\nprice = "open"', "price close or adjusted"),
    "a number for a title": ('kind = "lots"\n[columns]\nsymbol = 3', "column title in quotes"),
    "a number for a text": ('kind = "lots"\naccount = 123', "texts in quotes"),
    "a text for a date": ('kind = "holdings"\nas_of = "today"', "as_of is a date"),
    "a negative row": ('kind = "lots"\nheader_row = -1', "header_row a row number"),
    "columns that are no table": ('kind = "lots"\ncolumns = "all"', "column title in quotes"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_map_that_cannot_be_used_says_why_in_one_line(tmp_path: Path, name: str) -> None:
    text, why = WRONG[name]
    file = tmp_path / "map.toml"
    file.write_bytes(text.encode("utf-8", errors="surrogateescape"))
    with pytest.raises(AppError) as raised:
        read_map(file)
    assert why in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_map_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="no such column map"):
        read_map(tmp_path / "gone.toml")


def test_a_map_says_what_it_still_lacks() -> None:
    lots = ColumnMap(TableKind.LOTS, columns={"symbol": "A", "quantity": "B"})
    assert lots.missing() == ("account", "acquired", "cost_basis or unit_cost")
    assert ColumnMap(TableKind.PRICES, Shape.WIDE, columns={"date": "D"}).missing() == ("price",)
    assert ColumnMap(TableKind.MACRO, Shape.WIDE).missing() == ("date",)
    assert ColumnMap(None).missing() == ("kind",)


def test_a_map_with_constants_needs_no_columns_for_them() -> None:
    columns = {"date": "Date", "close": "Close"}
    assert not ColumnMap(TableKind.PRICES, columns=columns, symbol="QAAA").missing()


def test_a_guess_can_be_saved_and_used_again(tmp_path: Path) -> None:
    head = read_head(FIXTURES / "generic_table" / "lots_by_content.csv")
    guess = guess_map(head)  # type: ignore[arg-type]
    write_map(guess, tmp_path / "map.toml")
    assert read_map(tmp_path / "map.toml") == guess
    assert 'acquired = "Since"' in map_text(guess)


def test_the_date_of_a_map_is_a_toml_date() -> None:
    assert "as_of = 2026-01-31" in map_text(ColumnMap(TableKind.HOLDINGS, as_of=date(2026, 1, 31)))
