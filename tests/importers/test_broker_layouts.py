"""E*TRADE, Pershing, Merrill, Morgan Stanley, LPL and J.P. Morgan files under small damage, and their rules."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from engine.portfolio import Action
from engine.problems import Severity
from importers.base import NEARLY, ImportResult, RowKind
from importers.records import (
    ActivityRecord,
    CashRecord,
    LotRecord,
    PositionRecord,
    RealizedRecord,
    TransactionRecord,
)
from importers.registry import by_name, recognise
from tests.importers.telling import FIXTURES, TODAY

D = Decimal
LOTS = "etrade_positions/PortfolioDownload_lots.csv"
SALES = "etrade_realized/RealizedGains.csv"
HISTORY = "etrade_transactions/DownloadTxnHistory.csv"
MERRILL = "merrill_holdings/Holdings_10292026.csv"
SUMMARY = "merrill_summary/PortfolioSummary_10292026.csv"
LPL = "lpl_positions/Positions.csv"
LPL_ACTIVITY = "lpl_activity/Activity.csv"
JPM = "jpm_positions/positions_short.csv"

DAMAGE = {
    # what is changed: file, old text, new text, code, severity, row
    "a lot that vanished": (LOTS, "     03/14/2024,60", "     03/14/2024,50", "total_differs", Severity.BLOCKING, 11),
    "a position that vanished": (LOTS, "QBND,200.5,10000", "QBND,200.5,1000", "total_differs", "blocking", 18),
    "a lot of no shares": (LOTS, "03/14/2024,60.0000", "03/14/2024,0", "quantity_not_positive", "blocking", 13),
    "a lot without a cost": (LOTS, ",9000.0000,7500.0000", ",9000.0000,--", "no_cost_basis", Severity.BLOCKING, 13),
    "no account summary": (LOTS, "Net Account Value", "Value", "no_account", Severity.FATAL, 0),
    "no day": (LOTS, "Generated at Oct 29 2026", "Generated at noon", "no_as_of", Severity.WARNING, 0),
    "a day to come": (LOTS, "Oct 29 2026", "Oct 29 2027", "future_date", Severity.FATAL, 19),
    "a sale bought tomorrow": (SALES, "01/14/2022", "10/31/2026", "future_date", Severity.FATAL, 19),
    "a sale without proceeds": (SALES, "30.524692,1220.977", "30.524692,--", "no_proceeds", Severity.BLOCKING, 16),
    "a gain that is another's": (SALES, "-319.02", "-31.90", "gain_differs", Severity.WARNING, 16),
    "sales without an account": (SALES, "Account", "Name", "no_account", Severity.FATAL, 0),
    "a total of another file": (HISTORY, "-2938.28", "-2938.27", "total_differs", Severity.WARNING, 5),
    "a trade of no shares": (HISTORY, "-10.0,70.05", "0,70.05", "quantity_not_positive", Severity.BLOCKING, 10),
    "a trade of no known day": (HISTORY, "10/01/26,10/01/26", "13/01/26,10/01/26", "not_a_date", "blocking", 10),
    "a history of no account": (HISTORY, "Account Activity for", "Activity:", "no_account", Severity.WARNING, 0),
    "an account of another day": (MERRILL, '"10/29/2026","00Q02"', '"10/28/2026","00Q02"', "other_day", "blocking", 3),
    "a deposit without a value": (MERRILL, '"--","--","25.10"', '"--","--","--"', "no_market_value", "blocking", 6),
    "a net value that is off": (SUMMARY, "189,609.35", "189,609.45", "total_differs", Severity.WARNING, 2),
    "a price of zero": (LPL, "ETF,100,150.00", "ETF,100,0", "price_not_positive", Severity.FATAL, 2),
    "an activity on no day": (LPL_ACTIVITY, "09/15/2026", "Various", "no_date", Severity.BLOCKING, 8),
    "an activity of nobody": (
        LPL_ACTIVITY,
        "1,10,,,Brokerage,--,0987-6543",
        "1,10,,,Brokerage,--,",
        "no_account",
        "blocking",
        11,
    ),
    "a lot of an unknown day": (JPM, "07/20/2024", "04/01/1960", "placeholder_date", Severity.BLOCKING, 3),
    "shares without a lot": (JPM, "07/20/2024", "", "no_acquired", Severity.BLOCKING, 3),
}


def read(fixture: str) -> ImportResult:
    return by_name(fixture.partition("/")[0]).read(FIXTURES / fixture, today=TODAY)


def changed(tmp_path: Path, fixture: str, old: str, new: str) -> Path:
    source = FIXTURES / fixture
    text = source.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / f"changed{source.suffix}"
    file.write_text(text.replace(old, new), encoding="utf-8")
    return file


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_told_with_its_place(tmp_path: Path, name: str) -> None:
    fixture, old, new, code, severity, row = DAMAGE[name]
    result = by_name(fixture.partition("/")[0]).read(changed(tmp_path, fixture, old, new), today=TODAY)
    found = [p for p in result.problems if p.code == code and p.row == row]
    assert found, [p.line() for p in result.problems]
    assert found[0].severity == severity


def test_positions_without_a_day_take_the_one_in_the_name_of_the_file(tmp_path: Path) -> None:
    file = changed(tmp_path, LPL, "10/29/2026", "--")
    file = file.rename(tmp_path / "Positions 2026-10-28.csv")
    file.write_text(file.read_text().replace("10/28/2026", "--"))
    assert by_name("lpl_positions").read(file, today=TODAY).as_of == date(2026, 10, 28)


LACKING = {
    LOTS: "Value $,Total Cost",
    SALES: "Proceeds $",
    "etrade_gains_expanded/G&L_Expanded -4410.csv": "Total Proceeds",
    HISTORY: "Amount $",
    MERRILL: "Value ($)",
    SUMMARY: "Net Value ($)",
    LPL: "Price ($)",
    LPL_ACTIVITY: "Unit Price",
    "jpm_positions/positions.csv": "Ticker",
    "tax_1099b_wash_sales/tracker.csv": "Sell Date",
    "tax_1099b/1099-B XXXX-4410.csv": "Cost Basis",
}


@pytest.mark.parametrize("fixture", LACKING)
def test_a_layout_that_lacks_a_column_says_which(tmp_path: Path, fixture: str) -> None:
    file = changed(tmp_path, fixture, LACKING[fixture], "Something Else")
    name = fixture.partition("/")[0]
    importer, claims = recognise(file)
    assert importer is None
    said = next(claim.why for claim in claims if claim.importer == name)
    assert said.startswith(f"{NEARLY}: ")
    assert [(p.code, p.severity) for p in by_name(name).read(file, today=TODAY).problems] == [
        ("no_header", Severity.FATAL)
    ]


def test_the_row_of_a_symbol_is_no_sale_beside_its_lots() -> None:
    result = read(SALES)
    sold = [record for record in result.records if isinstance(record, RealizedRecord)]
    assert len(sold) == 4
    assert sum(record.quantity for record in sold if record.symbol == "QSML") == D("40.099")
    assert result.rows.count(RowKind.TOTAL) == 4


def test_a_sale_of_lots_bought_on_various_days_has_no_day_of_purchase() -> None:
    record = read(SALES).records[-1]
    assert isinstance(record, RealizedRecord)
    assert record.acquired is None


def test_a_row_of_one_lot_that_is_not_expanded_is_a_sale(tmp_path: Path) -> None:
    old = "QBND,10,--,--,500.00,--,--,700.50,200.50"
    text = (FIXTURES / SALES).read_text()
    head, _, tail = text.partition(old)
    total = tail[tail.index("Total,") :]
    file = tmp_path / "one.csv"
    file.write_text(f"{head}QBND,10,01/14/2022,50,500.00,10/01/2026,70.05,700.50,200.50,--,Long,FIFO\n{total}")
    result = by_name("etrade_realized").read(file, today=TODAY)
    assert isinstance(result.records[-1], RealizedRecord)
    assert (result.records[-1].quantity, result.records[-1].gain) == (D(10), D("200.50"))
    assert not [p for p in result.problems if p.code == "total_differs"]


def test_the_loss_that_a_wash_sale_disallows_stands_beside_the_whole_loss() -> None:
    record = read(SALES).records[0]
    assert isinstance(record, RealizedRecord)
    assert (record.gain, record.disallowed) == (D("-319.02"), D(120))


def test_a_stock_plan_s_lot_is_counted_with_the_income_in_its_basis() -> None:
    record = read("etrade_gains_expanded/G&L_Expanded.xlsx").records[0]
    assert isinstance(record, RealizedRecord)
    assert (record.cost_basis, record.gain) == (D(1200), D(-100))


def test_a_reinvestment_without_a_dividend_row_stands_for_the_dividend_too() -> None:
    records = read(HISTORY).records
    by_row = {row: [r for r in records if r.row == row] for row in (11, 12, 13)}
    assert [type(r) for r in by_row[11]] == [ActivityRecord, TransactionRecord]
    assert [type(r) for r in by_row[12]] == [ActivityRecord]
    assert [type(r) for r in by_row[13]] == [TransactionRecord]


def test_two_equal_fills_are_two_trades() -> None:
    trades = [r for r in read(HISTORY).records if isinstance(r, TransactionRecord) and r.action is Action.BUY]
    assert len(trades) == 2
    assert trades[0].amount == trades[1].amount == D(6000)


def test_the_market_s_price_is_the_second_of_two_columns_of_one_name() -> None:
    first = read("pershing_holdings/holdings_by_assets.xlsx").records[0]
    assert isinstance(first, PositionRecord)
    assert (first.price, first.cost_basis) == (D(150), D(12050))


def test_pershing_cash_stands_in_its_own_column_and_the_parts_of_an_account_add_up() -> None:
    records = read("pershing_holdings/holdings_by_assets.xlsx").records
    cash = [r.amount for r in records if isinstance(r, CashRecord) and r.account.number == "QLL100001"]
    assert sum(cash) == D("1639.35")
    assert sum(r.quantity for r in records if isinstance(r, PositionRecord) and r.row in {7, 8}) == D(150)


def test_a_lot_that_is_missing_or_of_no_known_day_blocks_its_symbol() -> None:
    result = read("pershing_lots/unrealized.xlsx")
    assert result.as_of == date(2026, 10, 29)
    blocked = {(p.code, p.symbol) for p in result.problems if p.severity is Severity.BLOCKING}
    assert blocked == {("total_differs", "BRK.B"), ("placeholder_date", "QOLD")}


def test_lots_and_the_row_of_their_security_are_not_both_read() -> None:
    lots = [r for r in read("pershing_lots/unrealized.xlsx").records if isinstance(r, LotRecord)]
    assert sum(lot.quantity for lot in lots if lot.symbol == "QEQT") == D(150)
    assert len(lots) == 3


def test_merrill_cash_comes_whole_from_the_summary_which_states_no_positions() -> None:
    lines = [r for r in read(SUMMARY).records if isinstance(r, CashRecord)]
    assert [(line.amount, line.cash_only) for line in lines] == [(D("158.60"), True), (D("13.10"), True)]
    assert not any(r.cash_only for r in read(MERRILL).records if isinstance(r, CashRecord))


def test_the_footnotes_are_text_however_long_they_are() -> None:
    rows = read("jpm_positions/positions.csv").rows
    assert rows[-4:] == (RowKind.BLANK, RowKind.FOOTER, RowKind.FOOTER, RowKind.FOOTER)


def test_a_row_of_lots_is_a_lot_and_its_share_of_the_position() -> None:
    records = read(JPM).records
    assert sum(r.quantity for r in records if isinstance(r, PositionRecord)) == D(18)
    assert [r.cost_basis for r in records if isinstance(r, LotRecord)] == [D(2000), D(2001)]


def test_legal_text_below_the_total_is_no_holding() -> None:
    result = read("morgan_stanley_holdings/Holdings.xlsx")
    assert result.rows[17] is RowKind.TOTAL
    assert set(result.rows[18:]) == {RowKind.BLANK, RowKind.FOOTER}
    assert sum(r.amount for r in result.records if isinstance(r, CashRecord)) == D("712.33")


def test_the_row_of_several_closed_lots_is_checked_and_not_read() -> None:
    result = read("pershing_realized/realized.xlsx")
    sold = [r for r in result.records if isinstance(r, RealizedRecord)]
    assert [r.quantity for r in sold if r.symbol == "QEQT"] == [D(10), D(5)]
    assert [(p.row, p.symbol) for p in result.problems if p.code == "total_differs"] == [(10, "QBND")]


def test_a_placeholder_for_the_day_of_purchase_of_a_sale_is_no_day() -> None:
    sold = [r for r in read("pershing_realized/realized.xlsx").records if isinstance(r, RealizedRecord)]
    assert [r.acquired for r in sold if r.symbol == "QBND"] == [date(2020, 5, 4), None]


def test_merrill_activity_is_named_by_its_description_or_by_a_trade_in_its_type() -> None:
    records = read("merrill_activity/ExportData.csv").records
    trades = [(r.row, r.action) for r in records if isinstance(r, TransactionRecord)]
    assert trades == [(2, Action.BUY), (3, Action.BUY), (4, Action.SELL), (6, Action.REINVEST)]
    kinds = [str(r.kind) for r in records if isinstance(r, ActivityRecord)]
    assert kinds == ["dividend", "interest", "fee", "deposit"]


def test_the_basis_is_value_minus_gain_where_the_file_has_only_these() -> None:
    records = read("etrade_positions/PortfolioDownload_all.csv").records
    assert [r.cost_basis for r in records if isinstance(r, LotRecord)] == [D(2590), D(760)]
    held = [r.cost_basis for r in read(MERRILL).records if isinstance(r, PositionRecord)]
    assert held[0] == D("189923.33")
