"""Interactive Brokers: parts and not their sums, days as the query writes them, and only dollars."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from engine.problems import Severity
from importers.base import Importer, RowKind
from importers.ibkr_flex import IbkrFlex
from importers.ibkr_flex_document import Days, FlexElement, elements_of
from importers.ibkr_history import IbkrHistory
from importers.ibkr_movements import action_kind, symbol_of_action, symbol_within
from importers.ibkr_statement import IbkrStatement
from importers.records import ActivityKind, LotRecord, PositionRecord, RealizedRecord, TransactionRecord
from importers.registry import recognise, refusal
from tests.importers.telling import FIXTURES, TODAY

ALL = FIXTURES / "ibkr_flex" / "all_sections.xml"
LOTS = FIXTURES / "ibkr_flex" / "lots_only_two_accounts.xml"
STATEMENT = FIXTURES / "ibkr_statement" / "activity_2026.csv"
EXECUTIONS = FIXTURES / "ibkr_statement" / "with_executions.csv"
HISTORY = FIXTURES / "ibkr_history" / "history_2026.csv"


def element(**attributes: str) -> FlexElement:
    return FlexElement("Trade", "Trades", "U1", attributes, 1, 1)


@pytest.mark.parametrize(
    ("written", "others", "expected"),
    [
        ("20260103", "", date(2026, 1, 3)),
        ("2026-01-03", "", date(2026, 1, 3)),
        ("20260103;093000", "", date(2026, 1, 3)),
        ("20260103093000", "", date(2026, 1, 3)),
        ("2026-01-03T09:30:00", "", date(2026, 1, 3)),
        ("2026-01-03, 09:30:00", "", date(2026, 1, 3)),
        ("01/03/2026", "", date(2026, 1, 3)),
        ("01/03/2026;093000", "", date(2026, 1, 3)),
        ("03/01/2026", "30/09/2026", date(2026, 1, 3)),
        ("03-Jan-26", "", date(2026, 1, 3)),
        ("MULTI", "", None),
        ("", "", None),
    ],
)
def test_days_are_read_in_each_format_that_a_query_can_choose(written: str, others: str, expected: date | None) -> None:
    assert Days([element(tradeDate=written, toDate=others)]).day(written) == expected


def test_days_and_months_that_cannot_be_told_apart_are_told(tmp_path: Path) -> None:
    file = tmp_path / "flex.xml"
    file.write_text(LOTS.read_text().replace("30/09/2026", "09/09/2026"))
    assert "dates_ambiguous" in {p.code for p in IbkrFlex().read(file, today=TODAY).problems}


def test_lots_are_taken_beside_their_position_and_are_the_position_where_it_is_missing() -> None:
    both, only = (IbkrFlex().read(file, today=TODAY).records for file in (ALL, LOTS))
    assert [r.quantity for r in both if isinstance(r, PositionRecord) and r.symbol == "QCED.B"] == [1000]
    assert [r.quantity for r in both if isinstance(r, LotRecord)] == [400, 600]
    assert [(r.account.number, r.quantity) for r in only if isinstance(r, PositionRecord)] == [
        ("U9000001", Decimal(100)),
        ("U9000002", Decimal(100)),
    ]


def test_a_holding_period_that_began_before_the_purchase_is_carried_as_days() -> None:
    lots = [r for r in IbkrFlex().read(ALL, today=TODAY).records if isinstance(r, LotRecord)]
    assert [(r.acquired, r.holding_days_carried) for r in lots] == [(date(2024, 1, 3), 30), (date(2026, 2, 10), 0)]


@pytest.mark.parametrize(("importer", "file"), [(IbkrFlex(), ALL), (IbkrStatement(), EXECUTIONS)])
def test_orders_are_sums_of_their_executions(importer: Importer, file: Path) -> None:
    bought = [
        r
        for r in importer.read(file, today=TODAY).records
        if isinstance(r, TransactionRecord) and r.symbol == "QCED.B" and r.quantity == 600
    ]
    assert [r.amount for r in bought] == [Decimal("11940.00")]


@pytest.mark.parametrize(("importer", "file"), [(IbkrFlex(), ALL), (IbkrStatement(), STATEMENT)])
def test_a_closed_lot_has_the_day_of_its_purchase_and_of_the_sale_above_it(importer: Importer, file: Path) -> None:
    closed = [r for r in importer.read(file, today=TODAY).records if isinstance(r, RealizedRecord)]
    assert [(r.acquired, r.sold, r.gain) for r in closed] == [(date(2023, 5, 5), date(2026, 3, 2), Decimal("498.95"))]


@pytest.mark.parametrize(("importer", "file"), [(IbkrFlex(), ALL), (IbkrStatement(), STATEMENT)])
def test_what_is_not_in_dollars_is_told_and_left_out(importer: Importer, file: Path) -> None:
    result = importer.read(file, today=TODAY)
    told = {(p.severity, p.symbol) for p in result.problems if p.code == "not_dollars"}
    assert told == {(Severity.WARNING, ""), (Severity.BLOCKING, "QEUR")}
    assert "QEUR" not in {r.symbol for r in result.records if isinstance(r, PositionRecord)}


def test_attributes_and_elements_that_are_new_do_not_stop_the_file(tmp_path: Path) -> None:
    file = tmp_path / "flex.xml"
    text = ALL.read_text().replace("</Trades>", '<Novelty a="1"/></Trades>').replace("<Trade ", '<Trade surprise="?" ')
    file.write_text(text)
    result = IbkrFlex().read(file, today=TODAY)
    assert len(result.records) == len(IbkrFlex().read(ALL, today=TODAY).records)
    assert "1 elements <Novelty> are not read" in {p.message for p in result.problems}


REFUSED = {
    "cut off": ('<FlexQueryResponse><FlexStatements count="1">', "damaged at line 1"),
    "entities": ('<!DOCTYPE x [<!ENTITY a "a">]><FlexQueryResponse a="&a;"/>', "document type or entities"),
    "an unknown entity": ("<FlexQueryResponse>&a;</FlexQueryResponse>", "damaged"),
    "too deep": ("<FlexQueryResponse>" + "<a>" * 100, "more than 60 elements"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_document_that_is_not_well_formed_is_one_fatal_problem(tmp_path: Path, name: str) -> None:
    text, said = REFUSED[name]
    file = tmp_path / "flex.xml"
    file.write_text(text)
    problems = IbkrFlex().read(file, today=TODAY).problems
    assert [p.severity for p in problems] == [Severity.FATAL]
    assert said in problems[0].line()


def test_an_entity_that_comes_late_is_refused_and_never_expanded() -> None:
    assert elements_of(['<!DOCTYPE x [<!ENTITY a "a">]>', "<x/>"]) == "declares a document type or entities"


def test_a_header_with_a_column_gone_is_named(tmp_path: Path) -> None:
    file = tmp_path / "history.csv"
    file.write_text(HISTORY.read_text().replace("Transaction Type", "Something"))
    importer, claims = recognise(file)
    assert importer is None
    assert "transaction type" in refusal(file, claims).message


def test_a_known_section_with_unknown_columns_is_blocking_not_silent(tmp_path: Path) -> None:
    file = tmp_path / "statement.csv"
    file.write_text(STATEMENT.read_text().replace("Cost Basis,Close Price", "Kostenbasis,Close Price"))
    told = [p for p in IbkrStatement().read(file, today=TODAY).problems if p.code == "section_not_known"]
    assert [(p.severity, p.message) for p in told] == [
        (Severity.BLOCKING, "the section 'Open Positions' with 7 rows is not read")
    ]


def test_the_change_of_the_cash_is_compared_with_the_rows(tmp_path: Path) -> None:
    assert [t.difference for t in IbkrHistory().read(HISTORY, today=TODAY).totals] == [0]
    file = tmp_path / "history.csv"
    file.write_text(HISTORY.read_text().replace("5000.0,-,5000.0", "5000.0,-,4000.0"))
    assert [p.code for p in IbkrHistory().read(file, today=TODAY).problems if p.row == 8] == ["total_differs"]


@pytest.mark.parametrize(
    ("description", "symbol", "kind"),
    [
        ("AB C(US9000001086) Split 2 for 1 (AB C, NAME, US9000001086)", "AB.C", ActivityKind.SPLIT),
        ("OLD(US9000001086) Merged(Acquisition) FOR NEW 1 FOR 2 (NEW, NAME CO, US9000001094)", "NEW", "merger"),
        ("OLD(US9000001086) Cash in Lieu of fraction", "OLD", ActivityKind.CASH_IN_LIEU),
        ("a thing nobody knows", "", ActivityKind.MERGER),
    ],
)
def test_a_corporate_action_says_what_it_did_and_to_which_shares(description: str, symbol: str, kind: str) -> None:
    assert (symbol_of_action(description), action_kind(description)) == (symbol, kind)


def test_a_description_without_an_identifier_names_no_symbol() -> None:
    assert symbol_within("USD Credit Interest for Jun-2026") == ""


@pytest.mark.shared
def test_the_sample_flex_query_is_read_whole(shared_folder: Path) -> None:
    file = shared_folder / "samples" / "ibkr" / "vtandchill_2025.xml"
    importer, _ = recognise(file)
    assert isinstance(importer, IbkrFlex)
    result = importer.read(file, today=TODAY)
    assert len(result.rows) == len(file.read_text().splitlines())
    told = {p.code for p in result.problems if p.row and result.rows[p.row - 1] is RowKind.PROBLEM}
    assert told <= {"not_dollars"}
    assert [r.symbol for r in result.records if isinstance(r, PositionRecord)] == ["VT"]


@pytest.mark.shared
def test_the_sample_history_is_read_whole_and_its_currency_is_told(shared_folder: Path) -> None:
    file = shared_folder / "samples" / "ibkr" / "interactive-brokers-example.csv"
    importer, _ = recognise(file)
    assert isinstance(importer, IbkrHistory)
    result = importer.read(file, today=TODAY)
    assert len(result.records) == 14
    assert RowKind.PROBLEM not in result.rows
    assert {(p.code, p.severity) for p in result.problems} >= {("not_dollars", Severity.FATAL)}
