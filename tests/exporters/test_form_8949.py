"""The ledger in the shape of Form 8949: parts, boxes, code W, totals for Schedule D, and the workbook of it."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from engine.portfolio import Term
from engine.tax.ledger.replay import replay
from engine.tax.ledger.result import Ledger
from exporters.form_8949 import (
    open_lots_sheet,
    part_sheet,
    schedule_d_sheet,
    tax_years,
    totals_of,
    wash_sales_sheet,
)
from exporters.form_8949_xlsx import form_8949_xlsx, notes_sheet, sheets_of
from exporters.sheet import Sheet
from tests.engine.tax.ledger.story import read_trades
from tests.exporters.reading import column_of, workbook

D = Decimal
STORY = """
    2010-05-03 J   buy       10 X for  600 as old
    2024-01-08 J   buy       20 X for 2,000 as b1
    2024-03-04 J   inherited  5 Y for  500 as i1
    2024-06-03 J   sell       5 Y for  450 as s0
    2024-11-04 J   sell      10 X for  900 as s1 of b1:10
    2025-02-03 J   buy        4 X for  320 as b2
    2025-02-10 J   sell      10 X for  800 as s2 of b1:10
    2025-02-11 IRA reinvest   1 X for   80 as r1
    2025-02-20 J   sell      10 X for  900 as s3 of old:10
    2025-06-02 J   sell       2 X for  200 as s4 of b2:2
"""


def ledger() -> Ledger:
    return replay(read_trades(STORY), as_of=date(2025, 6, 30))


def rows_by(sheet: Sheet, *titles: str) -> list[tuple[object, ...]]:
    places = [[column.title for column in sheet.columns].index(title) for title in titles]
    return [tuple(row[place] for place in places) for row in sheet.rows]


def test_part_one_is_short_term_and_part_two_long_term_year_by_year() -> None:
    found = ledger()
    assert tax_years(found) == (2024, 2025)
    sales = {
        (year, term): [sale for (sale,) in rows_by(part_sheet(found, year, term), "Sale")]
        for year in (2024, 2025)
        for term in Term
    }
    assert sales == {
        (2024, Term.SHORT): ["s1"],
        (2024, Term.LONG): ["s0"],
        (2025, Term.SHORT): [],
        (2025, Term.LONG): ["s2", "s4", "s3"],
    }


def test_a_wash_sale_has_code_w_and_column_h_is_d_less_e_plus_g() -> None:
    sheet = part_sheet(ledger(), 2025, Term.LONG)
    columns = ("(d) Proceeds", "(e) Cost or other basis", "(f) Code", "(g) Adjustment", "(h) Gain or loss")
    lines = rows_by(sheet, "Sale", *columns, "Lost for good")
    assert lines[0] == ("s2", D(800), D(1000), "W", D(100), D(-100), D(20))
    assert lines[1] == ("s4", D(200), D(200), None, None, D(0), None)
    for _, proceeds, basis, _, adjustment, gain, _ in lines:
        assert isinstance(proceeds, Decimal)
        assert isinstance(basis, Decimal)
        assert gain == proceeds - basis + (adjustment if isinstance(adjustment, Decimal) else 0)


def test_the_box_says_whether_the_broker_reports_the_basis() -> None:
    lines = rows_by(part_sheet(ledger(), 2025, Term.LONG), "Sale", "Box")
    assert lines == [("s2", "D"), ("s4", "D"), ("s3", "E")]
    assert rows_by(part_sheet(ledger(), 2024, Term.SHORT), "Box") == [("A",)]


def test_what_was_inherited_says_so_in_place_of_its_day() -> None:
    sheet = part_sheet(ledger(), 2024, Term.LONG)
    assert rows_by(sheet, "(a) Description of property", "(b) Date acquired", "Box") == [
        ("5 sh. Y", "INHERITED", "E"),
    ]


def test_schedule_d_adds_up_each_box_and_each_part_of_a_year() -> None:
    found = ledger()
    rows = rows_by(schedule_d_sheet(found), "Tax year", "Line", "(h) Gain or loss")
    assert rows == [
        ("2024", "1b", D(-100)),
        ("2024", "7", D(-100)),
        ("2024", "9", D(-50)),
        ("2024", "15", D(-50)),
        ("2025", "7", D(0)),
        ("2025", "8b", D(-100)),
        ("2025", "9", D(300)),
        ("2025", "15", D(200)),
    ]
    net = [gain for _, line, gain in rows if line in {"7", "15"}]
    assert sum(D(str(gain)) for gain in net) == totals_of(found.realized).gain


def test_each_disallowed_loss_says_where_it_went() -> None:
    columns = ("Sale at a loss", "Replaced by lot", "Loss disallowed", "Days carried", "What became of it")
    assert rows_by(wash_sales_sheet(ledger()), *columns) == [
        ("s2", "b2", D(80), 399, "In the basis of the lot (IRC 1091(d))"),
        ("s2", "r1", D(20), None, "Lost for good: bought in a tax-advantaged account (Rev. Rul. 2008-5)"),
    ]
    raised = replay(
        read_trades("""
        2024-01-08 J buy  10 X for 1,000 as b1
        2025-02-03 J buy  10 X for   700 as b2
        2025-02-05 J sell 10 X for 1,000 as s1 of b2:10
        2025-02-10 J sell 10 X for   900 as s2
        """)
    )
    assert rows_by(wash_sales_sheet(raised), "What became of it") == [("In the basis of sale s1 (IRC 1091(d))",)]


def test_open_lots_show_the_days_carried() -> None:
    rows = rows_by(open_lots_sheet(ledger()), "Lot", "Days carried", "Quantity", "Basis")
    assert rows == [("r1", 0, D(1), D(80)), ("b2", 399, D(2), D(200))]


def test_the_notes_name_the_policy_and_the_rows_left_out() -> None:
    bad = replay(read_trades("2025-02-03 J sell 1 X for 1 as s1"), file="trades.csv")
    points: dict[object, object] = {row[0]: row[1] for row in notes_sheet(bad, "trades.csv").rows}
    assert points["As of"] == "the last row"
    assert points["401(k) and 529 plans"] == "a purchase there loses the loss for good, as in an IRA"
    assert "account J holds no X" in str(points["Row left out"])


def test_the_workbook_holds_numbers_dates_and_totals() -> None:
    book = workbook(form_8949_xlsx(ledger(), "trades.csv"))
    assert book.sheetnames == [sheet.title for sheet in sheets_of(ledger(), "trades.csv")]
    page = book["2025 Part II"]
    gain, sold = column_of(page, "(h) Gain or loss"), column_of(page, "(c) Date sold")
    assert page.cell(2, gain).value == -100
    assert page.cell(2, sold).value == datetime(2025, 2, 10)  # noqa: DTZ001 - a sheet knows no zone
    assert page.cell(page.max_row, 1).value == "Total"
    assert page.cell(page.max_row, gain).value == 200
    assert book["2025 Part I"].cell(2, 1).value == "No short-term sales in 2025."


def test_the_same_ledger_gives_the_same_bytes() -> None:
    assert form_8949_xlsx(ledger(), "trades.csv") == form_8949_xlsx(ledger(), "trades.csv")


def test_a_symbol_that_looks_like_a_formula_stays_text() -> None:
    story = STORY.replace(" X ", " =X+1 ")
    book = workbook(form_8949_xlsx(replay(read_trades(story)), "=trades.csv"))
    cells = [cell for page in book.worksheets for row in page.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]


def test_an_empty_ledger_is_a_workbook_too() -> None:
    book = workbook(form_8949_xlsx(replay([]), "trades.csv"))
    assert book["Schedule D"].cell(2, 1).value == "No sales in taxable accounts."
    assert book["Open lots"].cell(2, 1).value == "Nothing is held."


def test_a_ledger_of_the_distant_past_can_be_saved() -> None:
    old = replace(replay([]), as_of=date(1962, 1, 2))
    assert workbook(form_8949_xlsx(old, "trades.csv")).sheetnames[0] == "Notes"
