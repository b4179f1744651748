from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from engine.problems import Severity
from importers.base import ImportResult, RowKind
from importers.file_names import account_in_name
from importers.records import AccountRef, LotRecord, RealizedRecord
from importers.registry import by_name
from tests.importers.telling import FIXTURES, TODAY

D = Decimal


def read(fixture: str) -> ImportResult:
    return by_name(fixture.partition("/")[0]).read(FIXTURES / fixture, today=TODAY)


def written(tmp_path: Path, rows: str, header: str) -> Path:
    file = tmp_path / "list.csv"
    file.write_text(f"{header}\n{rows}\n")
    return file


HEADER = "Description,Date Acquired,Date Sold,Proceeds,Cost Basis,Wash Sale Loss Disallowed,Gain/Loss,Term,Box"

DESCRIPTIONS = {
    "100 sh. QEQT": ("QEQT", D(100)),
    '"1,000.5 shares of QUILL FUND (QEQT)"': ("QEQT", D("1000.5")),
    ".25 shs BRK B": ("BRK.B", D("0.25")),
    "QEQT 3": ("QEQT", D(3)),
    '"QEQT, 3 shares"': ("QEQT", D(3)),
}


@pytest.mark.parametrize("text", DESCRIPTIONS)
def test_a_description_says_symbol_and_shares(tmp_path: Path, text: str) -> None:
    file = written(tmp_path, f"{text},01/02/2024,02/03/2025,150,100,0,50,Long,D", HEADER)
    record = by_name("tax_1099b").read(file, today=TODAY).records[0]
    assert isinstance(record, RealizedRecord)
    assert (record.symbol, record.quantity) == DESCRIPTIONS[text]


@pytest.mark.parametrize("text", ["QEQT", "QUILL FUND (QEQT)", "QUILL EQUITY FUND"])
def test_a_sale_of_an_unknown_number_of_shares_is_told_and_left_out(tmp_path: Path, text: str) -> None:
    file = written(tmp_path, f"{text},01/02/2024,02/03/2025,150,100,0,50,Long,D", HEADER)
    result = by_name("tax_1099b").read(file, today=TODAY)
    assert result.rows[-1] is RowKind.PROBLEM
    assert not result.records
    assert ("no_quantity", Severity.WARNING) in {(p.code, p.severity) for p in result.problems}


@pytest.mark.parametrize(("disallowed", "gain"), [("20", "0"), ("20", "-20"), ("0", "-20")])
def test_the_gain_kept_is_before_the_disallowed_loss_whichever_the_list_states(
    tmp_path: Path, disallowed: str, gain: str
) -> None:
    file = written(tmp_path, f"5 QEQT,01/02/2025,02/03/2025,80,100,{disallowed},{gain},Short,A", HEADER)
    result = by_name("tax_1099b").read(file, today=TODAY)
    record = result.records[0]
    assert isinstance(record, RealizedRecord)
    assert (record.gain, record.disallowed) == (D(-20), D(disallowed))
    assert "gain_differs" not in {p.code for p in result.problems}


def test_a_replacement_lot_keeps_its_day_of_purchase_basis_and_carried_days() -> None:
    lots = [r for r in read("tax_1099b_wash_sales/tracker.csv").records if isinstance(r, LotRecord)]
    assert [(x.acquired, x.cost_basis, x.holding_days_carried) for x in lots] == [(date(2025, 7, 1), D(10100), 157)]


def test_only_the_code_of_a_wash_sale_disallows_a_loss() -> None:
    result = read("tax_1099b_wash_sales/adlr -4410.csv")
    sold = [r for r in result.records if isinstance(r, RealizedRecord)]
    assert [r.disallowed for r in sold] == [D(100), D(0), D(0), D(0)]
    assert [p.row for p in result.problems if p.code == "other_adjustment"] == [6]


NAMES = {
    "1099-B XXXX-4410": "XXXX-4410",
    "adlr -4410": "-4410",
    "lots ...123": "...123",
    "Z10000001": "Z10000001",
    "sales_X8812345_2025": "X8812345",
    "sales 2025": "",
    "sales-2025": "",
    "sales 20251231": "",
    "sales 12312025": "",
}


@pytest.mark.parametrize("name", NAMES)
def test_the_account_in_a_name_is_no_date(name: str) -> None:
    account = account_in_name("other", name)
    assert account.number == NAMES[name]
    assert account.name == ("" if NAMES[name] else name)


def test_a_year_as_a_file_s_name_is_not_the_end_of_an_account_number() -> None:
    assert account_in_name("other", "2025") == AccountRef("other", "", "file 2025")
