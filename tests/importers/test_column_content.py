"""Columns told by what stands in them, rows that sum up others, and identifiers whose check digit is wrong."""

from datetime import date
from pathlib import Path

import pytest

from importers.base import ImportResult, RowKind
from importers.column_content import (
    actions_share,
    earlier_of_two,
    identifier,
    is_account,
    is_total_row,
    words_of,
)
from importers.generic_table import GenericTable
from importers.records import LotRecord, PositionRecord

TODAY = date(2026, 10, 30)


@pytest.mark.parametrize(
    "text", ["8812-4471", "30117-55", "PX-440912", "XXXX-4321", "...321", "U1234567", "Z12-345678"]
)
def test_account_numbers_and_masks_look_like_it(text: str) -> None:
    assert is_account(text)


@pytest.mark.parametrize("text", ["US0378331005", "HTSX", "2026-10-30", "12.5", "G0177J108"])
def test_what_is_no_account_number(text: str) -> None:
    assert not is_account(text)


@pytest.mark.parametrize(
    ("cells", "name"),
    [
        (["US0378331005", "US9229087690", "US9219378356"], "isin"),
        (["US0378331005", "US9229087690", "US9219378356", "US5949181045", "US9229087519"], "isin"),
        (["037833100", "G0177J108"], "cusip"),
        (["037833100", "922908769"], ""),
        (["HTSX", "QRBD"], ""),
        ([], ""),
    ],
)
def test_a_column_of_identifiers_is_told_by_its_check_digits_unless_it_could_be_account_numbers(
    cells: list[str], name: str
) -> None:
    assert identifier(cells) == name


@pytest.mark.parametrize(
    ("cells", "symbol", "is_total"),
    [
        (("Total", "", "5"), 1, True),
        (("8812", "", "Subtotal", "5"), 1, True),
        (("Summe 7741-2208", "", "5"), 1, True),
        (("Gesamtsumme", "", "5"), None, True),
        (("Total Market Fund", "QAAA", "5"), 1, False),
        (("8812", "Total", "5"), 1, True),
        (("8812", "", "", "-125.00", "Fee"), 1, False),
        (("8812", "Total", "5"), None, True),
        ((), None, False),
    ],
)
def test_a_row_that_sums_up_others_has_no_security(cells: tuple[str, ...], symbol: int | None, is_total: bool) -> None:
    assert is_total_row(cells, symbol) is is_total


def test_words_that_repeat_say_what_a_column_is() -> None:
    assert words_of(["Pershing", "Charles Schwab"]) == "custodian"
    assert words_of(["ETF", "Mutual Fund"]) == "security_type"
    assert words_of(["Individual", "Roth IRA"]) == "registration"
    assert words_of(["red", "green"]) == ""
    assert words_of([]) == ""


def test_words_for_trades_are_counted_and_numbers_are_none() -> None:
    assert actions_share(["Bought", "Sold", "Fee", "Bought"]) == 0.75
    assert actions_share(["1", "2"]) == 0
    assert actions_share([]) == 0


def test_the_day_of_a_trade_is_never_after_that_of_its_settlement() -> None:
    booked, settled = ("07/06/2026", "", "08/14/2026"), ("07/07/2026", "", "08/14/2026")
    assert earlier_of_two(booked, settled) is True
    assert earlier_of_two(settled, booked) is False
    assert earlier_of_two(booked, booked) is None
    assert earlier_of_two(("07/06/2026", "07/09/2026"), ("07/07/2026", "07/08/2026")) is None


def read(tmp_path: Path, text: str) -> ImportResult:
    path = tmp_path / "positions-2026-10-30.csv"
    path.write_text(text)
    return GenericTable().read(path, today=TODAY)


HOLDINGS = """Account,Symbol,CUSIP,ISIN,Quantity,Price
8812-4471,QAAA,037833100,US0378331005,10,5
8812-4471,QBND,037833101,,10,5
8812-4471,QSML,,US0378331004,10,5
8812-4471,QINT,922908769,US0378331005,10,5
8812-4471,QEME,,CA0378331006,10,5
8812-4471,QGLD,,GB0002634946,10,5
"""


def test_a_wrong_check_digit_is_a_problem_of_its_row_and_the_row_is_kept(tmp_path: Path) -> None:
    result = read(tmp_path, HOLDINGS)
    told = {problem.row: problem.message for problem in result.problems if problem.code == "check_digit"}
    assert "CUSIP 037833101 has check digit 1 where 0 belongs" in told[3]
    assert "ISIN US0378331004 has check digit 4 where 5 belongs" in told[4]
    assert "CUSIP 922908769 and ISIN US0378331005 name two securities" in told[5]
    assert sum(kind is RowKind.RECORD for kind in result.rows) == 6
    cusips = {record.symbol: record.cusip for record in result.records if isinstance(record, PositionRecord)}
    assert (cusips["QAAA"], cusips["QBND"], cusips["QGLD"]) == ("037833100", "037833101", "")


def test_lots_carry_their_cusip_too(tmp_path: Path) -> None:
    text = "Account,Symbol,ISIN,Date acquired,Quantity,Cost basis\n8812-4471,QAAA,US0378331005,2021-03-15,10,50\n"
    (record,) = read(tmp_path, text).records
    assert isinstance(record, LotRecord)
    assert record.cusip == "037833100"


LOTS_OR_HOLDINGS = """Client no,Code,Since,Units,Px,Worth
8812-4471,QAAA,2021-03-15,10,5.50,55.00
8812-4471,QAAA,2022-03-15,20,5.50,110.00
8812-4471,QBND,2023-03-15,30,7.10,213.00
"""


def test_a_security_twice_in_an_account_beside_other_days_is_not_taken_for_holdings(tmp_path: Path) -> None:
    result = read(tmp_path, LOTS_OR_HOLDINGS)
    assert result.records == ()
    assert "as lots it lacks: cost_basis or unit_cost" in result.problems[0].message
