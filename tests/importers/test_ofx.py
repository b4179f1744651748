"""OFX statements: markup that is mended, cash that is taken once, and documents that are refused with one line."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from engine.portfolio import Action
from engine.problems import Severity
from importers.base import ImportResult, RowKind
from importers.ofx import Ofx
from importers.ofx_markup import parse
from importers.ofx_transactions import day_of
from importers.records import CashRecord, PositionRecord, TransactionRecord
from importers.registry import recognise, refusal
from tests.importers.telling import FIXTURES, TODAY

ONE_LINE = FIXTURES / "ofx" / "one_line.qfx"
TWO = FIXTURES / "ofx" / "two_accounts.ofx"
STATEMENT = "<INVSTMTRS><DTASOF>20260930<INVACCTFROM><BROKERID>vanguard.com<ACCTID>1</INVACCTFROM>"


def read_text(tmp_path: Path, text: str) -> ImportResult:
    file = tmp_path / "statement.ofx"
    file.write_text(text)
    return Ofx().read(file, today=TODAY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20260715200000.000[-5:EST]", date(2026, 7, 15)),
        ("20260715", date(2026, 7, 15)),
        ("202607151600", date(2026, 7, 15)),
        ("2026-07-15", date(2026, 7, 15)),
        ("", None),
    ],
)
def test_a_day_is_that_which_the_file_writes_whatever_its_clock(text: str, expected: date | None) -> None:
    assert day_of(text) == expected


def test_a_money_fund_and_a_balance_of_the_same_amount_are_one_cash() -> None:
    cash = [r for r in Ofx().read(ONE_LINE, today=TODAY).records if isinstance(r, CashRecord)]
    assert [r.amount for r in cash] == [Decimal("2500.00")]


def test_a_money_fund_beside_another_balance_is_told_and_both_are_kept(tmp_path: Path) -> None:
    text = ONE_LINE.read_text().replace("<AVAILCASH>2500.00", "<AVAILCASH>10.00")
    result = read_text(tmp_path, text)
    assert [r.amount for r in result.records if isinstance(r, CashRecord)] == [Decimal("2500.00"), Decimal("10.00")]
    assert "cash_unclear" in {p.code for p in result.problems}


def test_a_file_on_one_line_is_one_record_row_and_the_records_name_it() -> None:
    result = Ofx().read(ONE_LINE, today=TODAY)
    assert [n for n, kind in enumerate(result.rows, start=1) if kind is RowKind.RECORD] == [11]
    assert {record.row for record in result.records} == {11}


def test_the_same_statement_reads_alike_on_one_line_and_on_many(tmp_path: Path) -> None:
    one = Ofx().read(ONE_LINE, today=TODAY)
    many = read_text(tmp_path, ONE_LINE.read_text().replace("<", "\n<"))
    assert [str(r).partition("account=")[2] for r in one.records] == [
        str(r).partition("account=")[2] for r in many.records
    ]


def test_a_reinvestment_is_income_and_a_purchase() -> None:
    result = Ofx().read(ONE_LINE, today=TODAY)
    bought = [r for r in result.records if isinstance(r, TransactionRecord) and r.action is Action.REINVEST]
    assert [(r.symbol, r.quantity, r.amount) for r in bought] == [("QBRIX", Decimal("0.2"), Decimal("21.25"))]
    assert [r.row for r in result.records if getattr(r, "kind", "") == "dividend"] == [bought[0].row]


def test_a_bad_value_is_a_problem_at_its_own_line_and_the_rest_is_read() -> None:
    result = Ofx().read(TWO, today=TODAY)
    assert [(p.row, p.field) for p in result.problems if p.code == "not_a_quantity"] == [(57, "UNITS")]
    assert result.rows[56] is RowKind.PROBLEM
    assert {r.symbol for r in result.records if isinstance(r, PositionRecord)} == {"QCED.B", "900000132"}


REFUSED = {
    "entities": ('<?xml version="1.0"?><!DOCTYPE OFX [<!ENTITY a "aaa">]><OFX>&a;</OFX>', "declares a document type"),
    "an outside entity": ('<OFX><!ENTITY a SYSTEM "file:///etc/passwd"></OFX>', "declares a document type"),
    "a bank statement": ("<OFX><BANKMSGSRSV1><STMTTRNRS></STMTTRNRS></BANKMSGSRSV1></OFX>", "no investment statement"),
    "an answer of failure": (
        "<OFX><SONRS><STATUS><CODE>15500<SEVERITY>ERROR<MESSAGE>Signon invalid</STATUS></SONRS></OFX>",
        "Signon invalid",
    ),
    "groups without end": ("<OFX>" + "<A>" * 200, "more than 60 groups"),
    "nothing": ("<OFX>", "no investment statement"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_document_that_cannot_be_read_is_one_fatal_problem(tmp_path: Path, name: str) -> None:
    text, said = REFUSED[name]
    result = read_text(tmp_path, text)
    assert [p.severity for p in result.problems] == [Severity.FATAL]
    assert said in result.problems[0].line()
    assert not result.records


def test_a_document_with_entities_is_recognised_by_nobody_and_refused_with_one_line(tmp_path: Path) -> None:
    file = tmp_path / "bomb.xml"
    file.write_text('<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "a">]><FlexQueryResponse>&a;</FlexQueryResponse>')
    importer, claims = recognise(file)
    assert importer is None
    assert "entities" in refusal(file, claims).line()


MENDED = {
    "lower case": f"<ofx>{STATEMENT}</INVSTMTRS></ofx>",
    "an element without value": f"<OFX><TRNUID>{STATEMENT}</INVSTMTRS></OFX>",
    "a group never closed": f"<OFX><INVSTMTTRNRS>{STATEMENT}</OFX>",
    "an end without a beginning": f"<OFX></SECLIST>{STATEMENT}</INVSTMTRS></OFX>",
    "text between elements": f"<OFX>{STATEMENT} and more </INVSTMTRS></OFX>",
    "elements after the end": f"<OFX></OFX>{STATEMENT}</INVSTMTRS>",
    "a document cut off": f"<OFX>{STATEMENT}<INVPOSLIST>",
}


@pytest.mark.parametrize("name", MENDED)
def test_markup_that_a_person_can_read_is_mended_and_told(tmp_path: Path, name: str) -> None:
    tree = parse([MENDED[name]])
    assert not isinstance(tree, str), tree
    assert tree.root.find(".//INVSTMTRS") is not None
    result = read_text(tmp_path, MENDED[name])
    assert [p.severity for p in result.problems if p.code == "markup_mended"] == [Severity.INFO]


def test_text_with_entities_and_cdata_is_as_it_was_meant() -> None:
    tree = parse(["<OFX><MEMO>A &amp; B<NAME><![CDATA[C < D]]></NAME></OFX>"])
    assert not isinstance(tree, str)
    assert [tree.value(tree.root, tag).text for tag in ("MEMO", "NAME")] == ["A & B", "C < D"]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "count"), [("invstmtrs.ofx", 5), ("ofxparse_fidelity.ofx", 24), ("beancount-import_vanguard.ofx", 3)]
)
def test_samples_are_read_whole(shared_folder: Path, name: str, count: int) -> None:
    file = shared_folder / "samples" / "ofx" / name
    importer, _ = recognise(file)
    assert isinstance(importer, Ofx)
    result = importer.read(file, today=TODAY)
    assert len(result.records) == count
    assert RowKind.PROBLEM not in result.rows
    assert not [p for p in result.problems if p.severity in {Severity.FATAL, Severity.BLOCKING}]


def test_a_statement_in_another_currency_is_refused_whole(tmp_path: Path) -> None:
    text = ONE_LINE.read_text()
    assert read_text(tmp_path, text).records
    result = read_text(tmp_path, text.replace("<CURDEF>USD", "<CURDEF>EUR"))
    assert [(p.severity, p.message) for p in result.problems if p.code == "not_dollars"] == [
        (Severity.FATAL, "the statement is in EUR, not in dollars")
    ]
