"""The office workbook: written, filled and read back; every defect fatal, with sheet, row and column."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from engine.portfolio import Policy, TaxPosition
from engine.problems import Severity
from importers.base import ImportResult, RowKind
from importers.office_layout import EXPLAINED, POLICIES, SHEETS, TAX_PROFILES, location_rates, sheet_of
from importers.office_records import BUILDERS, KEYS
from importers.office_workbook import OfficeWorkbook
from importers.office_writer import write_office
from importers.records import (
    AccountRecord,
    HouseholdRecord,
    ModelTargetRecord,
    PolicyRecord,
    SecurityRecord,
    TaxProfileRecord,
)
from importers.registry import recognise, refusal
from tests.conftest import Golden
from tests.importers.office_rows import Rows, office_rows
from tests.importers.telling import TODAY, told


def written(folder: Path, rows: Rows) -> ImportResult:
    file = folder / "office.xlsx"
    write_office(file, rows)
    return OfficeWorkbook().read(file, today=TODAY)


def test_a_filled_workbook_reads_back_as_it_was_written(tmp_path: Path, golden: Golden) -> None:
    result = written(tmp_path, office_rows())
    assert not result.problems
    golden("importers/office_workbook/office.txt", told(result))
    importer, _ = recognise(tmp_path / "office.xlsx")
    assert importer is not None
    assert importer.name == "office_workbook"


def test_values_keep_their_kind_through_the_workbook(tmp_path: Path) -> None:
    records = written(tmp_path, office_rows()).records
    account = next(r for r in records if isinstance(r, AccountRecord))
    assert account.account.number == "00012345"
    assert (account.cash_reserve, account.fractional, account.discretionary) == (Decimal("5000.25"), True, False)
    security = next(r for r in records if isinstance(r, SecurityRecord))
    assert security.substitutes == ("QBBB", "BRK.B")
    assert security.cusip == "012345678"
    assert [r.weight for r in records if isinstance(r, ModelTargetRecord)] == [Decimal("0.605"), Decimal("0.395")]
    assert [r.name for r in records if isinstance(r, HouseholdRecord)] == ["Abbott", "=Borg & Sons"]


def test_empty_settings_take_the_defaults_of_the_engine(tmp_path: Path) -> None:
    records = written(tmp_path, office_rows()).records
    policy = next(r for r in records if isinstance(r, PolicyRecord)).settings
    taxes = next(r for r in records if isinstance(r, TaxProfileRecord)).settings
    assert policy["band_relative"] == "0.25"
    assert location_rates(policy["location_rate"]) == {
        "us_bond": {"taxable": Decimal("0.012"), "roth_ira": Decimal("0.001")}
    }
    for name, default in ((c.field, getattr(Policy(), c.field, None)) for c in POLICIES.columns):
        if isinstance(default, Decimal) and name != "band_relative":
            assert Decimal(policy[name]) == default, name
        if default is None and not name.startswith(("overlay", "location", "harvest_min_loss", "ripening")):
            assert name in {"name", *Policy.__dataclass_fields__}
            assert name not in policy
    plain = TaxPosition(Decimal("0.408"), Decimal("0.238"), Decimal("0.37"), ytd_short_term=Decimal(-1200))
    assert {name: Decimal(text) for name, text in taxes.items() if name != "filing_status"} == {
        name: getattr(plain, name) for name in TaxPosition.__dataclass_fields__
    }


def test_the_layout_has_every_setting_of_policy_and_tax_position() -> None:
    assert set(Policy.__dataclass_fields__) <= {c.field for c in POLICIES.columns}
    assert set(TaxPosition.__dataclass_fields__) <= {c.field for c in TAX_PROFILES.columns}
    assert {s.title for s in SHEETS} == set(BUILDERS) == set(KEYS)
    assert sheet_of(" tax  PROFILES ") is TAX_PROFILES
    with pytest.raises(KeyError):
        POLICIES.column("nothing")


def test_every_column_is_explained_and_choices_are_drop_downs(tmp_path: Path) -> None:
    write_office(tmp_path / "office.xlsx", {})
    book = load_workbook(tmp_path / "office.xlsx")
    assert book.sheetnames == ["Read me", *(sheet.title for sheet in SHEETS)]
    for sheet in SHEETS:
        page = book[sheet.title]
        assert page.freeze_panes == "B3"
        assert str(page["A2"].value).startswith(EXPLAINED)
        lists = {
            str(rule.sqref).partition("3")[0] for rule in page.data_validations.dataValidation if rule.type == "list"
        }
        for at, column in enumerate(sheet.columns, start=1):
            cell = page.cell(1, at)
            assert cell.value == column.title
            assert column.meaning in str(page.cell(2, at).value)
            assert bool(column.choices or column.refers_to) == (cell.column_letter in lists)


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    write_office(tmp_path / "one.xlsx", office_rows())
    write_office(tmp_path / "two.xlsx", office_rows())
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_a_rare_column_is_written_where_a_row_fills_it(tmp_path: Path) -> None:
    rows = office_rows()
    plain = written(tmp_path, rows)
    titles = [str(cell.value) for cell in load_workbook(tmp_path / "office.xlsx")["Accounts"][1]]
    assert "Lot method" not in titles
    assert [a.lot_method for a in plain.records if isinstance(a, AccountRecord)] == ["", ""]
    rows["Accounts"][0] = {**rows["Accounts"][0], "lot_method": "fifo"}
    rows["Tax profiles"][0] = {
        **rows["Tax profiles"][0],
        "rates_from": "tables",
        "ordinary_income": Decimal(250_000),
        "state": "ca",
    }
    filled = written(tmp_path, rows)
    assert not filled.problems
    assert [a.lot_method for a in filled.records if isinstance(a, AccountRecord)] == ["fifo", ""]
    (taxes,) = (t.settings for t in filled.records if isinstance(t, TaxProfileRecord))
    assert (taxes["rates_from"], taxes["ordinary_income"], taxes["state"]) == ("tables", "250000", "CA")


def test_imported_text_is_never_a_formula(tmp_path: Path) -> None:
    write_office(tmp_path / "office.xlsx", office_rows())
    page = load_workbook(tmp_path / "office.xlsx")["Households"]
    assert page["A4"].value == "=Borg & Sons"
    assert page["A4"].data_type == "s"


def test_a_sheet_or_field_that_the_layout_lacks_is_an_error_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        write_office(tmp_path / "office.xlsx", {"Clients": []})
    with pytest.raises(KeyError):
        write_office(tmp_path / "office.xlsx", {"People": [{"nickname": "J"}]})


DEFECTS = {
    "a missing name": ("People", 0, "name", None, "missing", "People: Person"),
    "an unknown role": ("People", 0, "role", "cousin", "not_a_choice", "People: Role"),
    "an unknown registration": ("Accounts", 0, "registration", "offshore", "not_a_choice", "Accounts: Registration"),
    "a reserve in words": ("Accounts", 0, "cash_reserve", "plenty", "not_a_number", "Accounts: Cash reserve"),
    "a negative reserve": ("Accounts", 0, "cash_reserve", "-5", "out_of_range", "Accounts: Cash reserve"),
    "neither yes nor no": ("Accounts", 0, "fractional", "maybe", "not_yes_or_no", "Accounts: Fractional shares"),
    "a rate of 40.8 for 40.8%": (
        *("Tax profiles", 0, "short_term_rate", "40.8", "out_of_range"),
        "Tax profiles: Short-term rate",
    ),
    "half a day": ("Policies", 0, "ripening_days", "1.5", "out_of_range", "Policies: Ripening days"),
    "rates of nowhere": ("Policies", 0, "location_rate", "us_bond: 1", "not_rates", "Policies: Location rates"),
    "no signals": ("Policies", 0, "overlay_signals", "gut", "not_signals", "Policies: Overlay signals"),
    "a day that is none": ("Restrictions", 0, "until", "someday", "not_a_date", "Restrictions: Until"),
    "an unknown lot method": ("Accounts", 0, "lot_method", "best", "not_a_choice", "Accounts: Lot method"),
    "a state by number": ("Tax profiles", 0, "state", "7", "not_a_code", "Tax profiles: State"),
    "a symbol twice": ("Models", 0, "buy_list", "QAAA, qaaa", "same_symbol", "Models: Buy list"),
    "a model of 99%": ("Models", 0, "weight", "0.595", "weights", "Models: Weight"),
    "a NaN weight": ("Models", 0, "weight", "NaN", "not_a_number", "Models: Weight"),
    "two accounts of one number": ("Accounts", 1, "number", "00012345", "", ""),
    "two households of one name": ("Households", 1, "name", "abbott", "same_row", "Households: Household"),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_fatal_and_has_its_sheet_row_and_column(tmp_path: Path, name: str) -> None:
    sheet, at, field, value, code, place = DEFECTS[name]
    rows = office_rows()
    rows[sheet][at] = {**rows[sheet][at], field: value}
    found = [p for p in written(tmp_path, rows).problems if p.severity is Severity.FATAL]
    if not code:  # the number may stand at another custodian
        assert not found
        return
    assert found[0].code == code
    assert found[0].field == place
    assert found[0].row >= at + 3
    assert found[0].file == "office.xlsx"


def test_a_name_that_another_sheet_does_not_have_is_told(tmp_path: Path) -> None:
    rows = office_rows()
    rows["Households"][0] = {**rows["Households"][0], "model": "Growth"}
    problems = written(tmp_path, rows).problems
    assert [(p.code, p.severity, p.field, p.row) for p in problems] == [
        ("unknown_name", Severity.WARNING, "Households: Model", 3)
    ]
    assert "'Growth' is not on the sheet Models" in problems[0].message


def test_a_sheet_without_rows_may_stand_for_what_the_book_holds(tmp_path: Path) -> None:
    result = written(tmp_path, {"Accounts": office_rows()["Accounts"]})
    assert not result.problems
    assert len(result.records) == 2


def test_an_empty_template_has_nothing_to_import(tmp_path: Path) -> None:
    result = written(tmp_path, {})
    assert [(p.code, p.severity) for p in result.problems] == [("no_rows", Severity.FATAL)]
    assert RowKind.RECORD not in result.rows


def test_every_row_of_every_sheet_is_accounted_for(tmp_path: Path) -> None:
    result = written(tmp_path, office_rows())
    book = load_workbook(tmp_path / "office.xlsx")
    assert len(result.rows) == sum(page.max_row for page in book.worksheets)
    assert Counter(result.rows)[RowKind.RECORD] == len(result.records) == 13


def test_columns_may_move_and_sheets_of_ones_own_are_told_of(tmp_path: Path) -> None:
    file = tmp_path / "office.xlsx"
    write_office(file, office_rows())
    book = load_workbook(file)
    page = book["People"]
    page.insert_cols(1)
    page["A1"], page["A3"] = "My remark", "tall"
    own = book.create_sheet("Scratch")
    own["A1"] = "mine"
    book.save(file)
    result = OfficeWorkbook().read(file, today=TODAY)
    assert len(result.records) == 13
    assert [(p.code, p.severity) for p in result.problems] == [
        ("unknown_columns", Severity.INFO),
        ("sheet_not_read", Severity.INFO),
    ]


def test_a_sheet_that_lost_a_needed_column_says_which(tmp_path: Path) -> None:
    file = tmp_path / "office.xlsx"
    write_office(file, {"Accounts": office_rows()["Accounts"]})
    book = load_workbook(file)
    for sheet in SHEETS:
        if sheet.title != "Accounts":
            del book[sheet.title]
    book["Accounts"]["E1"] = "Something else"
    book.save(file)
    importer, claims = recognise(file)
    assert importer is None
    assert "on the sheet Accounts: registration" in refusal(file, claims).message
    problems = OfficeWorkbook().read(file, today=TODAY).problems
    assert ("no_header", "Accounts") in {(p.code, p.field) for p in problems}


@pytest.mark.parametrize("text", ["us_bond", "us_bond/ira: 1%", "us_bond/taxable: x", "/taxable: 1", "a/taxable 1"])
def test_location_rates_that_are_not_understood_name_the_part(text: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        location_rates(text)


def test_location_rates_may_be_percentages() -> None:
    assert location_rates("a/taxable: 1.2%;; ") == {"a": {"taxable": Decimal("0.012")}}
