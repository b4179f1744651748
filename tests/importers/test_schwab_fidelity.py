"""Histories, closed lots and statements of Schwab and Fidelity: damage told, pairs kept, samples read whole."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from engine.portfolio import Action
from engine.problems import Severity
from importers.base import ImportResult, RowKind
from importers.records import ActivityKind, ActivityRecord, CashRecord, RealizedRecord, TransactionRecord
from importers.registry import by_name, recognise, refusal
from importers.schwab_titles import account_in_file_name, title_day
from tests.importers.telling import FIXTURES, TODAY

TITLED = "schwab_transactions/titled.csv"
UNTITLED = "schwab_transactions/Individual_XXX178_Transactions_20250309-115444.csv"
LOTS = "schwab_realized/Joint_Tenant_GainLoss_Realized_Details_20260503-131820.csv"
SUMMARY = "schwab_realized_summary/summary.csv"
AWARDS = "schwab_awards/EquityAwardsCenter_Transactions_20240315-101112.csv"
JSON = "schwab_json/Individual_XXX178_Transactions_20250309-115445.json"
HISTORY = "fidelity_history/Accounts_History_2025.csv"
CLOSED = "fidelity_closed_lots/Realized_Gain_Loss_Account_X10000001.csv"
YEAR = "fidelity_closed_positions/Closed_Positions_2025.csv"
STATEMENT = "fidelity_statement/Statement12312025.csv"
Changed = Callable[[str, str, str], ImportResult]
Written = Callable[[str], ImportResult]


@pytest.fixture
def changed(tmp_path: Path) -> Changed:
    def read_changed(fixture: str, old: str, new: str) -> ImportResult:
        source = FIXTURES / fixture
        text = source.read_text(encoding="utf-8-sig")
        assert old in text
        file = tmp_path / source.name
        file.write_text(text.replace(old, new), encoding="utf-8")
        return by_name(fixture.partition("/")[0]).read(file, today=TODAY)

    return read_changed


@pytest.fixture
def written(tmp_path: Path) -> Written:
    def read_written(text: str) -> ImportResult:
        file = tmp_path / Path(JSON).name
        file.write_text(text)
        found, claims = recognise(file)
        assert found is by_name("schwab_json"), claims
        return found.read(file, today=TODAY)

    return read_written


def read(fixture: str) -> ImportResult:
    return by_name(fixture.partition("/")[0]).read(FIXTURES / fixture, today=TODAY)


def test_a_reinvestment_is_a_dividend_and_the_shares_it_bought() -> None:
    pair = [r for r in read(TITLED).records if r.row in {5, 6}]
    assert isinstance(pair[0], ActivityRecord)
    assert isinstance(pair[1], TransactionRecord)
    assert (pair[0].kind, pair[0].amount) == (ActivityKind.DIVIDEND, Decimal("12.40"))
    assert (pair[1].action, pair[1].amount) == (Action.REINVEST, Decimal("12.40"))


def test_the_csv_and_the_json_of_a_row_say_the_same() -> None:
    def rows(fixture: str) -> set[tuple[date, str, Decimal | None]]:
        found = [r for r in read(fixture).records if isinstance(r, ActivityRecord)]
        return {(r.date, r.description, r.amount) for r in found}

    assert rows(UNTITLED) & rows(JSON) == {(date(2025, 3, 7), "Qualified Dividend QUARRY ALPHA ETF", Decimal("31.10"))}


def test_a_json_that_is_cut_off_keeps_what_stands_before_and_says_where(written: Written) -> None:
    lines = (FIXTURES / JSON).read_text().splitlines()
    result = written("\n".join(lines[:20]))
    assert [r.row for r in result.records] == [6]
    assert ("cut_off", Severity.FATAL) in {(p.code, p.severity) for p in result.problems}
    assert len(result.rows) == 20


def test_a_json_in_one_line_reads_alike(written: Written) -> None:
    text = " ".join((FIXTURES / JSON).read_text().split())
    assert len(written(text).records) == len(read(JSON).records)


@pytest.mark.parametrize("inner", ['"BrokerageTransactions": [1, "x"]}', '"BrokerageTransactions": [' + "[" * 99_999])
def test_a_json_of_something_else_is_told_not_raised(written: Written, inner: str) -> None:
    result = written('{"FromDate": "01/01/2025", ' + inner)
    assert result.problems
    assert not result.records


def test_a_disallowed_loss_is_positive_whatever_its_sign() -> None:
    lots = read("schwab_realized/All_Accounts_GainLoss_Realized_Details_20260503-131819.csv").records
    assert [r.disallowed for r in lots if isinstance(r, RealizedRecord) and r.disallowed] == [50, Decimal("11.64")]
    assert {r.account.number for r in lots if isinstance(r, RealizedRecord)} == {"...321", "...654"}


def test_the_account_is_never_the_time_in_a_file_name() -> None:
    assert account_in_file_name("Individual_XXX178_Transactions_20250309-115444").number == "XXX178"
    assert not account_in_file_name("All_Accounts_GainLoss_Realized_Details_20260503-131819").number
    assert not account_in_file_name("Transactions_20260503-131819").number


def test_the_day_of_a_title_is_the_one_after_as_of() -> None:
    said = "Realized Gain/Loss for XXXX-4321 as of Sun May 03  13:18:19 EDT 2026 from 01/01/2024 to 05/02/2026"
    assert title_day(said) == date(2026, 5, 3)
    assert title_day("Transactions  for account XXXX-4321 as of 09/27/2021 22:00:26 ET") == date(2021, 9, 27)
    assert title_day("Transactions as of lately") is None


def test_money_that_moves_to_the_core_fund_is_neither_cash_nor_shares() -> None:
    core = [r for r in read(HISTORY).records if isinstance(r, ActivityRecord) and r.symbol == "SPAXX"]
    assert [(r.kind, r.quantity, r.amount) for r in core] == [
        (ActivityKind.DIVIDEND, Decimal("0.000"), Decimal("4.10")),
        (ActivityKind.JOURNAL, None, None),
    ]


def test_a_currency_under_quantity_shows_that_the_columns_are_shifted() -> None:
    shifted, aligned = (read(f"fidelity_history/currency_{name}.csv").records[0] for name in ("shifted", "aligned"))
    assert shifted == aligned
    assert isinstance(shifted, TransactionRecord)
    assert (shifted.quantity, shifted.amount) == (Decimal(40), Decimal(820))


def test_closed_positions_of_a_year_say_why_nothing_is_kept() -> None:
    result = read(YEAR)
    assert not result.records
    assert [p.code for p in result.problems if p.severity is Severity.FATAL] == ["no_lots"]
    assert result.rows.count(RowKind.TOTAL) == 3


def test_a_statement_keeps_core_cash_and_the_value_of_each_account() -> None:
    result = read(STATEMENT)
    assert [r.amount for r in result.records if isinstance(r, CashRecord)] == [Decimal("101.50"), Decimal("25.00")]
    assert [p.severity for p in result.problems if p.code == "total_differs"] == [Severity.BLOCKING]


DAMAGE = {
    # what is changed: file, old text, new text, code, severity, row
    "a total that is off": (TITLED, "$25373.89", "$25373.88", "total_differs", Severity.WARNING, 15),
    "a trade without a symbol": (TITLED, '"Sell","QUA","Q', '"Sell","","Q', "no_symbol", Severity.BLOCKING, 3),
    "a trade to come": (UNTITLED, "01/31/2025", "01/31/2027", "future_date", Severity.FATAL, 8),
    "a trade of no shares": (UNTITLED, '"3","$1,410.10"', '"0","$1"', "quantity_not_positive", "blocking", 8),
    "a sale without a day": (LOTS, '"QUD","QUARRY DELTA CORP","04/17/2026"', '"QUD","Q",""', "no_sold", "blocking", 5),
    "a sale without proceeds": (SUMMARY, '"$600.00"', '"--"', "no_proceeds", Severity.BLOCKING, 3),
    "an award of a riddle": (AWARDS, '"30","$0.55"', '"30x",""', "not_a_quantity", Severity.BLOCKING, 2),
    "an amount in words": (HISTORY, ",-100.00,", ",much,", "not_a_amount", Severity.BLOCKING, 15),
    "no account number": (HISTORY, '"200000002"', '""', "no_account", Severity.BLOCKING, 10),
    "a lot of no shares": (CLOSED, ",30.0,", ",0,", "quantity_not_positive", Severity.BLOCKING, 2),
    "a gain in words": (YEAR, ",+$12.00", ",twelve", "not_a_gain", Severity.BLOCKING, 4),
    "a position that vanished": (STATEMENT, "QUC,", "Subtotal of ,", "total_differs", Severity.WARNING, 12),
    "no line of the account": (STATEMENT, "\nX10000001\n", "\n\n", "no_account", Severity.BLOCKING, 11),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_told_with_its_place_and_nothing_is_lost(changed: Changed, name: str) -> None:
    fixture, old, new, code, severity, row = DAMAGE[name]
    found = [(p.severity, p.row) for p in changed(fixture, old, new).problems if p.code == code]
    assert (severity, row) in found


@pytest.mark.parametrize(
    ("fixture", "title"),
    [
        (TITLED, '"Price"'),
        (LOTS, '"Proceeds"'),
        (SUMMARY, "Total Gain/Loss ($)"),
        (AWARDS, "FairMarketValuePrice"),
        (HISTORY, "Amount ($)"),
        (CLOSED, "Date Acquired"),
        (YEAR, "Proceeds"),
        (STATEMENT, "Ending mkt Value"),
        (STATEMENT, "Ending Value"),
    ],
)
def test_a_layout_without_a_needed_column_is_asked_about(tmp_path: Path, fixture: str, title: str) -> None:
    file = tmp_path / "changed.csv"
    file.write_text((FIXTURES / fixture).read_text(encoding="utf-8-sig").replace(title, "Something Else"))
    name = fixture.partition("/")[0]
    importer, claims = recognise(file)
    assert importer is None
    assert name in refusal(file, claims).message
    assert [p.code for p in by_name(name).read(file, today=TODAY).problems] == ["no_header"]


@pytest.mark.parametrize("name", ["XXXX-X724 (1).CSV", "taxes.csv"])
def test_a_form_1099_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    forms = ["Form 1099 DIV", "Box,Description,Amount", '1a,"Ordinary dividends",12.00', "", "Form 1099 INT", "1,Int,2"]
    file.write_text("\n".join(forms))
    importer, claims = recognise(file)
    assert importer is by_name("schwab_1099"), claims
    (problem,) = importer.read(file, today=TODAY).problems
    assert (problem.code, problem.severity) == ("tax_form", Severity.FATAL)
    assert "\n" not in problem.line()


SAMPLES = {
    # the total of the history does not stand for its rows, which were picked from several
    "schwab/Brokerage_Transactions_20201115-180021.CSV": ("schwab_transactions", {"record": 21}),
    "schwab/Realized_GainLoss_summary_2021.csv": ("schwab_realized_summary", {"record": 1}),
    "fidelity/History_for_Account_X8YYYYYYY.csv": ("fidelity_history", {"record": 11}),
    "fidelity/Realized_Gain_Loss_Account_X12345678.csv": ("fidelity_closed_lots", {"record": 1}),
}


@pytest.mark.shared
@pytest.mark.parametrize("name", SAMPLES)
def test_samples_are_read_whole(shared_folder: Path, name: str) -> None:
    file = shared_folder / "samples" / name
    importer, claims = recognise(file)
    assert importer is not None, claims
    result = importer.read(file, today=TODAY)
    said, kinds = SAMPLES[name]
    assert importer.name == said
    counted = Counter(result.rows)
    assert {kind: counted[RowKind(kind)] for kind in kinds} == kinds
    assert RowKind.PROBLEM not in counted
    assert len(result.rows) == len(file.read_text().splitlines())
    assert "unknown_action" not in {p.code for p in result.problems}
