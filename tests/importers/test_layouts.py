"""Custodian layouts under small damage: each change of a fixture has one outcome, told with its place."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from engine.problems import Problem, Severity
from importers.base import Importer, ImportResult, RowKind
from importers.head import read_head
from importers.loading import load
from importers.records import CashRecord, LotRecord, PositionRecord
from importers.registry import IMPORTERS, by_name, recognise, refusal
from tests.conftest import GOLDEN
from tests.importers.telling import FIXTURES, LAYOUT_FOLDERS, TODAY, fixture_files

POSITIONS = "schwab_positions/one_account_2025.csv"
EVERYONE = "schwab_positions/all_accounts_2025.csv"
LOTS = "schwab_lots/short.csv"
FIDELITY = "fidelity_positions/Portfolio_Positions_Aug-20-2021.csv"

DAMAGE = {
    # what is changed: file, old text, new text, importer's code, severity, row
    "a price of zero": (POSITIONS, '"$71.20"', '"$0.00"', "price_not_positive", Severity.FATAL, 4),
    "a negative price": (POSITIONS, '"$71.20"', '"-$71.20"', "price_not_positive", Severity.FATAL, 4),
    "a price that is NaN": (POSITIONS, '"$71.20"', '"NaN"', "not_a_price", Severity.FATAL, 4),
    "a quantity in words": (POSITIONS, '"200.5"', '"many"', "not_a_quantity", Severity.BLOCKING, 4),
    "a quantity left out": (POSITIONS, '"200.5"', '""', "no_quantity", Severity.BLOCKING, 4),
    "a quantity beyond all measure": (POSITIONS, '"200.5"', '"99,999,999,999"', "quantity_too_large", "blocking", 4),
    "a position that vanished": (POSITIONS, '"QSML"', '"Total"', "total_differs", Severity.BLOCKING, 5),
    "a date to come": (POSITIONS, "2025/06/13", "2027/06/13", "future_date", Severity.FATAL, 1),
    "no date": (POSITIONS, "2025/06/13", "lately", "no_as_of", Severity.WARNING, 0),
    "no total": (POSITIONS, '"Positions Total"', '"Sum"', "no_total", Severity.WARNING, 8),
    "no total before the next account": (EVERYONE, '"Positions Total"', '"Sum"', "no_total", Severity.WARNING, 10),
    "an account without a name": (EVERYONE, '"Individual ...321"', "", "no_account", Severity.FATAL, 4),
    "a lot of no shares": (LOTS, '"100"', '"0"', "quantity_not_positive", Severity.BLOCKING, 4),
    "a lot without a date": (LOTS, '"09/24/2018 13:42:07"', '"--"', "no_open_date", Severity.BLOCKING, 4),
    "a lot of an impossible day": (LOTS, "09/24/2018", "99/99/2018", "not_a_open_date", Severity.BLOCKING, 4),
    "a lot bought tomorrow": (LOTS, "09/24/2018", "10/31/2026", "future_date", Severity.FATAL, 4),
    "a basis that is another column's": (LOTS, '"$2,500.00"', '"$4,010.00"', "not_aligned", Severity.BLOCKING, 4),
    "a value that is another column's": (LOTS, '"$4,010.00"', '"$2,500.00"', "not_aligned", Severity.BLOCKING, 4),
    "lots without a total": (LOTS, '"Total"', '"12/18/2020"', "no_total", Severity.WARNING, 7),
    "no account number": (FIDELITY, "Z10000001", "", "no_account", Severity.BLOCKING, 2),
    "cash without an amount": (FIDELITY, '"$1,136.25"', '"--"', "no_market_value", Severity.BLOCKING, 3),
}


def changed(tmp_path: Path, fixture: str, old: str, new: str, count: int = -1) -> Path:
    source = FIXTURES / fixture
    text = source.read_text(encoding="utf-8-sig")
    assert old in text
    file = tmp_path / source.name
    file.write_text(text.replace(old, new, count), encoding="utf-8")
    return file


def read(file: Path, name: str) -> ImportResult:
    return by_name(name).read(file, today=TODAY)


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_told_with_its_place_and_nothing_is_lost(tmp_path: Path, name: str) -> None:
    fixture, old, new, code, severity, row = DAMAGE[name]
    file = changed(tmp_path, fixture, old, new)
    result = read(file, fixture.partition("/")[0])
    found = [p for p in result.problems if p.code == code]
    assert found, [p.line() for p in result.problems]
    assert (found[0].severity, found[0].row, found[0].file) == (severity, row, file.name)
    if severity is not Severity.WARNING:
        assert RowKind.PROBLEM in result.rows or code in {"total_differs", "no_account", "future_date"}


def test_a_blocked_row_names_account_and_symbol(tmp_path: Path) -> None:
    problem = read(changed(tmp_path, POSITIONS, '"200.5"', '"many"'), "schwab_positions").problems[0]
    assert (problem.account, problem.symbol, problem.field) == ("...321", "QBND", "Qty (Quantity)")


def test_a_header_without_rows_is_fatal(tmp_path: Path) -> None:
    text = (FIXTURES / POSITIONS).read_text()
    file = tmp_path / "bare.csv"
    file.write_text("\n".join(text.splitlines()[:3]))
    problems = read(file, "schwab_positions").problems
    assert ("no_rows", Severity.FATAL) in {(p.code, p.severity) for p in problems}


LAYOUT_OF = {POSITIONS: "Qty (Quantity)", LOTS: "Cost Basis", FIDELITY: "Current Value"}


@pytest.mark.parametrize("fixture", LAYOUT_OF)
def test_a_layout_without_a_needed_column_is_not_claimed_and_says_which(tmp_path: Path, fixture: str) -> None:
    title = LAYOUT_OF[fixture]
    file = changed(tmp_path, fixture, title, "Something Else")
    name = fixture.partition("/")[0]
    head = read_head(file)
    assert not isinstance(head, Problem)
    claim = by_name(name).claim(file, head)
    assert not claim.takes
    assert claim.why.startswith("columns are missing: ")
    _, claims = recognise(file)
    assert name in refusal(file, claims).message
    result = read(file, name)
    assert [(p.code, p.severity) for p in result.problems] == [("no_header", Severity.FATAL)]


def test_columns_in_another_order_and_unknown_ones_read_alike(tmp_path: Path) -> None:
    text = (FIXTURES / POSITIONS).read_text()
    file = tmp_path / "picked.csv"
    rows = [line.split('","') for line in text.splitlines()]
    lines = [
        ",".join(f'"{cell.strip(chr(34))}"' for cell in [*reversed(cells), "More"]) if len(cells) > 2 else line
        for cells, line in zip(rows, text.splitlines(), strict=True)
    ]
    file.write_text("\n".join(lines))
    result = read(file, "schwab_positions")
    assert result.records == read(FIXTURES / POSITIONS, "schwab_positions").records
    assert [p.message for p in result.problems if p.code == "unknown_columns"] == ["columns not used: More"]


def test_an_account_mask_is_text_and_keeps_its_leading_zeros() -> None:
    records = read(FIXTURES / "fidelity_positions/Portfolio_Positions_Mar-20-2026.csv", "fidelity_positions").records
    numbers = {r.account.number for r in records if isinstance(r, PositionRecord)}
    assert "00000003" in numbers


def test_cash_and_pending_activity_are_cash() -> None:
    records = read(FIXTURES / "fidelity_positions/Portfolio_Positions_Mar-20-2026.csv", "fidelity_positions").records
    assert [r.amount for r in records if isinstance(r, CashRecord)] == [Decimal("500.10"), Decimal(-250)]


def test_a_wash_sale_lot_keeps_its_day_of_purchase_and_carries_days() -> None:
    lot = read(FIXTURES / "schwab_lots/long_after_wash_sale.csv", "schwab_lots").records[0]
    assert isinstance(lot, LotRecord)
    assert (lot.acquired, lot.holding_days_carried) == (date(2024, 3, 1), 51)


def test_many_problems_of_a_kind_are_counted_not_listed(tmp_path: Path) -> None:
    text = (FIXTURES / FIDELITY).read_text(encoding="utf-8-sig").splitlines()
    file = tmp_path / "Portfolio_Positions_Aug-20-2021.csv"
    bad = text[1].replace(",90,", ",x,")
    file.write_text("\n".join([text[0], *[bad] * 250]))
    result = read(file, "fidelity_positions")
    assert len(result.rows) == 251
    told = [p for p in result.problems if p.code == "not_a_quantity"]
    assert len(told) == 101
    assert told[-1].message.startswith("150 more")


def test_reading_twice_gives_the_same() -> None:
    assert read(FIXTURES / POSITIONS, "schwab_positions") == read(FIXTURES / POSITIONS, "schwab_positions")


FEWEST_LAYOUTS = 66
"""Layouts that are read today; one more than before is no fault."""
SAME_LAYOUT = frozenset(
    {
        *("shifted_columns.csv", "total_off.csv", "RealizedGains_total_off.csv", "duplicated_headers.csv"),
        *("with_executions.csv", "lots_only_two_accounts.xml", "loose_markup.ofx", "list.csv"),
    }
)
"""Fixtures of a layout that another one shows already: other damage, other sections, columns of our own making."""


def layout_of(file: Path) -> tuple[tuple[str, ...], ...]:
    """The header rows of a file, each once; of a document its first line."""
    importer, claims = recognise(file)
    assert importer is not None, claims
    result = importer.read(file, today=TODAY)
    source = load(file)
    assert not isinstance(source, Problem)
    rows = [cells for grid in source.grids for cells in grid.rows]
    heads = [cells for cells, kind in zip(rows, result.rows, strict=True) if kind is RowKind.HEADER]
    return (tuple(dict.fromkeys(heads)) or (rows[0],)) if result.records else ()


def test_layouts_that_differ_in_their_columns_or_markup_are_as_many_as_are_told() -> None:
    """What is recognised to be refused, as a Form 1099, does not count, nor do the spreadsheet importer's tables."""
    files = [file for file in fixture_files(*LAYOUT_FOLDERS) if file.name not in SAME_LAYOUT]
    assert len({layout_of(file) for file in files} - {()}) >= FEWEST_LAYOUTS


@pytest.mark.parametrize("importer", IMPORTERS, ids=lambda importer: importer.name)
def test_each_registered_importer_has_fixtures_and_a_golden_file_for_each(importer: Importer) -> None:
    assert (FIXTURES / importer.name).is_dir(), f"make tests/data/{importer.name} with a file of this layout"
    files = {file.stem for file in fixture_files(importer.name)} - {"mapped_lots"}
    assert files
    assert files == {file.stem for file in (GOLDEN / "importers" / importer.name).glob("*.txt")}
