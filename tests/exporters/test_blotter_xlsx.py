import zipfile
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import cache
from io import BytesIO

import pytest
from openpyxl import Workbook

from exporters.blotter_households import household_sheets
from exporters.blotter_orders import order_sheets
from exporters.blotter_record import approvals_sheet, exceptions_sheet
from exporters.blotter_xlsx import blotter_xlsx
from exporters.order_lines import run_orders
from exporters.run_report import HouseholdReport, RunReport
from exporters.sheet import Column, Kind, Sheet
from tests.conftest import Golden
from tests.exporters.builders import ackerman, castellano, crowded, impossible, lindqvist, sample_run
from tests.exporters.reading import cells_as_text, column_of, workbook

D = Decimal
SHEETS = [
    "Cover",
    "Orders",
    "Lots sold",
    "Blocks",
    "Allocations",
    "Before and after",
    "Tax",
    "Wash watch",
    "Cash",
    "Exceptions",
    "Approvals",
]
NUMBERS = {Kind.COUNT, Kind.QUANTITY, Kind.PRICE, Kind.MONEY, Kind.PERCENT, Kind.BASIS_POINTS}


@cache
def sample_book() -> Workbook:
    """The workbook of the sample run, to be read only."""
    return workbook(blotter_xlsx(sample_run()))


def sheets_of(report: RunReport) -> tuple[Sheet, ...]:
    run = run_orders(report)
    return (
        *order_sheets(report, run),
        *household_sheets(report),
        exceptions_sheet(report, run),
        approvals_sheet(report),
    )


def hostile(text: str) -> HouseholdReport:
    household = ackerman()
    proposal = household.proposal
    trades = tuple(replace(t, reason=text) for t in proposal.trades)
    suppressed = tuple(replace(s, reason=text) for s in proposal.suppressed)
    return replace(
        household,
        household=text,
        accounts=tuple(replace(a, name=text, owner=text, number=text) for a in household.accounts),
        securities=tuple(replace(s, name=text, cusip=text) for s in household.securities),
        proposal=replace(proposal, trades=trades, suppressed=suppressed, warnings=(text,)),
    )


def test_workbook_is_what_it_was(golden: Golden) -> None:
    golden("exporters/blotter.txt", cells_as_text(sample_book()))


def test_sheets_stand_in_the_order_of_the_work() -> None:
    assert sample_book().sheetnames == SHEETS


def test_every_number_is_a_number_and_every_date_a_date() -> None:
    report = sample_run()
    book = workbook(blotter_xlsx(report))
    checked = 0
    for sheet in sheets_of(report):
        page = book[sheet.title]
        for i, column in enumerate(sheet.columns, start=1):
            for row in range(2, len(sheet.rows) + 2):
                cell = page.cell(row, i)
                if cell.value is None:
                    continue
                checked += 1
                if column.kind in NUMBERS:
                    assert cell.data_type == "n", (sheet.title, cell.coordinate)
                elif column.kind in (Kind.DATE, Kind.STAMP):
                    assert isinstance(cell.value, datetime), (sheet.title, cell.coordinate)
                else:
                    assert cell.data_type == "s", (sheet.title, cell.coordinate)
    assert checked > 500


def test_totals_are_the_sums_of_their_columns() -> None:
    report = sample_run()
    book = workbook(blotter_xlsx(report))
    for sheet in sheets_of(report):
        summed = [i for i, column in enumerate(sheet.columns, start=1) if column.summed]
        if not summed:
            continue
        last = len(sheet.rows) + 2
        page = book[sheet.title]
        assert page.cell(last, 1).value == "Total"
        for i in summed:
            column = [page.cell(row, i).value for row in range(2, last)]
            values = [D(str(value)) for value in column if value is not None]
            assert abs(D(str(page.cell(last, i).value)) - sum(values)) < D("0.005"), (sheet.title, i)


def test_orders_lots_blocks_and_allocations_reconcile_on_the_sheets() -> None:
    book = sample_book()

    def by(title: str, key: str, figure: str) -> dict[object, Decimal]:
        page = book[title]
        sums: dict[object, Decimal] = {}
        for row in range(2, page.max_row):
            name = page.cell(row, column_of(page, key)).value
            value = page.cell(row, column_of(page, figure)).value
            sums[name] = sums.get(name, D(0)) + D(str(value))
        return sums

    orders, lots = by("Orders", "Order", "Est. amount"), by("Lots sold", "Order", "Est. proceeds")
    assert all(orders[order] == lots[order] for order in lots)
    blocks = by("Blocks", "Block", "Est. amount")
    assert blocks == by("Allocations", "Block", "Est. amount")
    from_orders = by("Orders", "Block", "Est. amount")
    assert blocks == {block: from_orders[block] for block in blocks}


def test_cash_of_every_account_adds_up() -> None:
    page = sample_book()["Cash"]
    names = ("Cash before", "Sales", "Purchases", "Est. costs", "Cash after")
    columns = [column_of(page, name) for name in names]
    for row in range(2, page.max_row + 1):
        before, sales, purchases, costs, after = (D(str(page.cell(row, c).value)) for c in columns)
        assert abs(before + sales - purchases - costs - after) < D("0.005")
        assert costs >= 0


def test_tables_are_frozen_filtered_and_set_up_for_print() -> None:
    report = sample_run()
    book = workbook(blotter_xlsx(report))
    for sheet in sheets_of(report):
        page = book[sheet.title]
        assert page.freeze_panes in ("B2", "C2")
        assert page.auto_filter.ref is not None
        assert page.auto_filter.ref.endswith(str(len(sheet.rows) + 1)), "totals stay outside the filter"
        assert page.print_title_rows == "$1:$1"
        assert page.page_setup.orientation == "landscape"
        assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (1, 0)
        properties = page.sheet_properties.pageSetUpPr
        assert properties is not None
        assert properties.fitToPage
        assert page.oddFooter is not None
        assert page.oddFooter.right.text == "Page &P of &N"
        assert all(page.column_dimensions[letter].width for letter in "ABCDEF")


def test_wide_sheets_print_in_parts_that_cover_every_column() -> None:
    report = sample_run()
    page = workbook(blotter_xlsx(report))["Orders"]
    areas = page.print_area.split(",")
    assert len(areas) == 3
    assert areas[-1].endswith(f"$AG${page.max_row}")
    assert page.print_title_cols == "$A:$A"


def test_an_ampersand_in_the_name_of_the_firm_is_no_print_code() -> None:
    page = workbook(blotter_xlsx(replace(sample_run(), firm="Stone &D Partners")))["Orders"]
    assert page.oddHeader is not None
    assert page.oddHeader.left.text == "Stone &&D Partners"


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "\r=1+1", "=cmd|' /C calc'!A0", "#N/A", "{=1}", "1e5"]
)
def test_imported_text_never_becomes_a_formula_an_error_or_a_number(text: str) -> None:
    report = replace(sample_run(hostile(text)), firm=text, created_by=text)
    book = workbook(blotter_xlsx(report))
    types = {cell.data_type for page in book.worksheets for row in page.iter_rows() for cell in row}
    assert types <= {"s", "n", "d"}
    cell = book["Orders"]["B2"]
    assert (cell.data_type, cell.value) == ("s", text.strip())
    assert bool(cell.quotePrefix) == text.strip().startswith(("=", "+", "-", "@"))


def test_control_characters_and_endless_text_do_not_break_the_file() -> None:
    book = workbook(blotter_xlsx(sample_run(hostile("bell\x07 and \x00 nul " + "word " * 9000))))
    value = book["Orders"]["M2"].value
    assert isinstance(value, str)
    assert value.startswith("bell and nul word")
    assert len(value) <= 32767


def test_same_run_gives_the_same_bytes_with_the_stamps_of_the_run() -> None:
    content = blotter_xlsx(sample_run())
    assert content == blotter_xlsx(sample_run())
    properties = workbook(content).properties
    assert properties.created == properties.modified == datetime(2026, 10, 30, 20, 15, 7)  # noqa: DTZ001
    with zipfile.ZipFile(BytesIO(content)) as parts:
        assert {info.date_time for info in parts.infolist()} == {(2026, 10, 30, 20, 15, 6)}


def test_run_of_nothing_says_so_on_every_sheet() -> None:
    report = replace(sample_run(castellano()), skipped=(), sources=())
    book = workbook(blotter_xlsx(report))
    assert book["Orders"]["A2"].value == "No orders in this run."
    assert book["Lots sold"]["A2"].value == "No lots are sold in this run."
    assert book["Wash watch"]["A2"].value == "No wash-sale window is open in any household of this run."
    assert book["Orders"].auto_filter.ref is None


def test_cover_names_the_run_its_counts_and_its_sources() -> None:
    page = sample_book()["Cover"]
    shown = {page.cell(row, 1).value: page.cell(row, 2).value for row in range(1, page.max_row + 1)}
    assert shown["State"] == "Approved"
    assert shown["Orders"] == 9
    assert shown["Households left out"] == 1
    assert shown["Engine version"] == "0.1.0"
    assert shown["schwab_positions.csv"] == "Schwab positions"
    assert "SYNTHETIC SAMPLE DATA: no real client, account or order." in shown
    assert {cell.value for cell in page["E"]} >= {"a1" * 32, "b2" * 32}


def test_real_book_carries_no_synthetic_label() -> None:
    book = workbook(blotter_xlsx(replace(sample_run(castellano()), synthetic=False)))
    assert "SYNTHETIC" not in cells_as_text(book)


def test_exceptions_name_what_was_left_out_held_back_and_found_wrong() -> None:
    report = sample_run(ackerman(), lindqvist(), impossible())
    rows = exceptions_sheet(report, run_orders(report)).rows
    kinds = [row[1] for row in rows]
    assert kinds.count("Trade not made") == 4
    assert {
        "Household left out",
        "Cannot be solved",
        "Warning",
        "Client consent needed",
        "Data problem, blocking",
    } <= set(kinds)
    problem = next(row for row in rows if row[1] == "Data problem, blocking")
    assert problem[2:] == (
        "00990007",
        None,
        "VB",
        "The lots of VB add up to 88 shares, the position says 92.",
        None,
        "Import the lot details again.",
        "positions.csv",
        14,
        "lots_do_not_add_up",
    )


def test_approvals_begin_with_the_proposal() -> None:
    rows = approvals_sheet(sample_run()).rows
    assert [(row[1], row[3]) for row in rows] == [
        ("p.ramos", "Draft"),
        ("p.ramos", "Review"),
        ("j.okafor", "Approved"),
    ]


def test_order_memorandum_has_every_field_of_the_rule() -> None:
    report = sample_run()
    sheet = order_sheets(report, run_orders(report))[0]
    titles = [column.title for column in sheet.columns]
    row = dict(zip(titles, sheet.rows[-1], strict=True))
    assert row["Terms"] == "Buy 470 IEFA, market, day"
    assert row["Recommended by"] == "p.ramos"
    assert row["Broker or bank"] == "Schwab"
    assert row["Discretionary"] == "No"
    assert {"Placed by", "Entered at", "Changed or cancelled", "Account"} <= set(titles)


def test_totals_need_rows_and_a_column_to_sum() -> None:
    columns = (Column("Name", Kind.TEXT, 10), Column("Amount", Kind.MONEY, 10, summed=True))
    assert Sheet("T", columns, (), "none").totals() is None
    assert Sheet("T", columns[:1], (("a",),), "none").totals() is None
    assert Sheet("T", columns, (("a", D(2)), ("b", None), ("c", D(3))), "none").totals() == ("Total", D(5))


def test_rows_with_long_reasons_are_tall_enough() -> None:
    page = workbook(blotter_xlsx(sample_run(crowded(3))))["Orders"]
    heights = {page.cell(row, 13).value: page.row_dimensions[row].height for row in range(2, page.max_row)}
    longest = max(heights, key=lambda text: len(str(text)))
    assert (heights[longest] or 0) >= 3 * 14
