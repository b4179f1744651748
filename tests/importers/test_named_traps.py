"""What custodians are known to write, form by form: numbers, dates, accounts, cash, options, totals, ragged rows."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from importers.base import ImportResult, RowKind
from importers.date_grammar import PLACEHOLDERS, day
from importers.etrade_accounts import titled_account
from importers.instruments import clean_symbol, untradable
from importers.loading import Source, load
from importers.number_grammar import Unreadable, number
from importers.records import CashRecord, LotRecord, PositionRecord
from importers.registry import recognise
from importers.schwab_titles import account_in_file_name, account_of
from tests.importers.telling import FIXTURES, LAYOUT_FOLDERS, TODAY, fixture_files

D = Decimal


def read(file: Path) -> ImportResult:
    importer, claims = recognise(file)
    assert importer is not None, claims
    return importer.read(file, today=TODAY)


NUMBERS = {
    "$1,234.56": D("1234.56"),
    "-$2.86": D("-2.86"),
    "$-2.86": D("-2.86"),
    "(1,823.33)": D("-1823.33"),
    "($126.93)": D("-126.93"),
    "+$1.20": D("1.20"),
    "+46.77%": D("0.4677"),
    ".58": D("0.58"),
    "-.42": D("-0.42"),
    "$12.00 ": D(12),
    "1.6E+4": D(16000),
    "200.": D(200),
    "-$3320.05": D("-3320.05"),
    "+0000000000100.00000": D(100),
    **dict.fromkeys(("--", "-", " - ", "n/a", "N/A", "not applicable", "null", "", " ", "Incomplete", "."), None),
}


@pytest.mark.parametrize("text", NUMBERS)
def test_each_form_of_a_number_is_that_number_and_what_is_missing_is_not_zero(text: str) -> None:
    assert number(text) == NUMBERS[text]


def test_a_number_with_a_misplaced_comma_is_told_and_not_guessed_at() -> None:
    assert isinstance(number("$14,80.76"), Unreadable)


DAY = date(2026, 3, 7)
DATES = (
    *("03/07/2026", "3/7/2026", "03/07/26", "2026-03-07", "2026/03/07", "20260307", "20260307;142500"),
    *("2026-03-07, 09:30:00", "Mar-07-2026", "MAR/07/2026", "03/09/2026 as of 03/07/2026", "03/07/2026 13:42:07"),
    *("07-Mar-2026", "2026-03-07T00:00:00.000Z", "2026-03-07 00:00:00"),
)


@pytest.mark.parametrize("text", DATES)
def test_each_form_of_a_date_is_that_day(text: str) -> None:
    assert day(text) == DAY


def test_words_for_several_days_are_none_and_a_day_that_is_none_is_told() -> None:
    assert [day(text) for text in ("Various", "Multiple", "--", "")] == [None] * 4
    assert isinstance(day("99/99/2026"), Unreadable)
    assert {day("1951-01-01"), day("19510101"), day("04/01/1960")} == PLACEHOLDERS


ACCOUNTS = {
    "Brokerage XXXX-1234": ("XXXX-1234", "Brokerage"),
    "Individual ...123": ("...123", "Individual"),
    "Synthetic Account ...999": ("...999", "Synthetic Account"),
    "Joint Tenant \u2026321": ("\u2026321", "Joint Tenant"),
    "Individual 0012-3456": ("0012-3456", "Individual"),
}


@pytest.mark.parametrize("text", ACCOUNTS)
def test_a_mask_is_the_account_s_number_as_text(text: str) -> None:
    account = account_of(text)
    assert (account.number, account.name) == ACCOUNTS[text]


def test_masks_in_names_of_files_and_in_titles_are_found() -> None:
    assert account_in_file_name("Individual_XXX178_Transactions_20250309-115444").number == "XXX178"
    for title, mask in (
        (("For Account:", "#####1847"), "#####1847"),
        (("Account Activity for Cap 1(-0001) -0001 from 2024-05-03 to 2026-05-03",), "-0001"),
    ):
        account = titled_account((title,))
        assert account is not None
        assert account.number == mask
    held = read(FIXTURES / "morgan_stanley_holdings" / "Holdings.xlsx").records
    assert all(" - " in record.account.number for record in held if isinstance(record, PositionRecord))


CASH = {
    # what stands in a row of cash, and where
    "Cash & Cash Investments": "schwab_positions/one_account_2025.csv",
    "FCASH**": "fidelity_positions/Portfolio_Positions_Mar-20-2026.csv",
    "Pending Activity": "fidelity_positions/Portfolio_Positions_Mar-20-2026.csv",
    "Core Account": "fidelity_statement/Statement12312025.csv",
    "QFMXX": "vanguard_download/OfxDownload-2026-09-30.csv",
    "CASH": "etrade_positions/PortfolioDownload_all.csv",
    "USD999997": "pershing_holdings/holdings_by_assets.xlsx",
    "9999227": "lpl_positions/Positions.csv",
    "IIAXX": "merrill_holdings/Holdings_10292026.csv",
    "QDERQ": "jpm_positions/positions.csv",
    "QACDS": "jpm_positions/positions_short.csv",
    "Cash, MMF and BDP": "morgan_stanley_holdings/Holdings.xlsx",
    "Ending Cash": "ibkr_statement/activity_2026.csv",
}


@pytest.mark.parametrize("said", CASH)
def test_cash_is_cash_however_the_custodian_writes_it(said: str) -> None:
    file = FIXTURES / CASH[said]
    source = load(file)
    assert isinstance(source, Source)
    at = [n for n, cells in enumerate(source.grids[0].rows, start=1) if said in {cell.strip() for cell in cells}]
    assert at
    records = read(file).records
    if said != "Core Account":
        assert {r.row for r in records if isinstance(r, CashRecord)} & set(at)
    assert not [r for r in records if isinstance(r, PositionRecord) and r.row in at]
    assert [r for r in records if isinstance(r, CashRecord) and r.amount]


OPTIONS = (
    *("AAPL 01/16/2026 250.00 C", "-AMAT260424C400", "AMAT260424C400", "SPY   250321C00500000"),
    *("QQQ DEC 31 '26 $600 PUT", "TLT26/04/17C92.000000000", "AAPL230621C00175000", "SMAL 04/01/2020 32.00 P"),
)


@pytest.mark.parametrize("symbol", OPTIONS)
def test_an_option_is_known_by_its_symbol_and_is_not_traded(symbol: str) -> None:
    assert untradable(clean_symbol(symbol)) == "an option"


def test_a_cusip_for_a_symbol_is_a_bond_unless_the_file_says_that_it_is_a_fund() -> None:
    assert untradable("912810SP4")
    assert not untradable("912810SP4", "", "Mutual Fund")


TOTALS = ("account total", "positions total", "total", "grand total", "transactions total", "subtotal of", "total:")


@pytest.mark.parametrize("folder", LAYOUT_FOLDERS)
def test_no_row_of_a_total_is_a_holding_a_lot_or_a_sale(folder: str) -> None:
    for file in fixture_files(folder):
        source = load(file)
        assert isinstance(source, Source)
        kinds = read(file).rows
        labelled = [
            number
            for number, cells in enumerate((row for grid in source.grids for row in grid.rows), start=1)
            if any(cell.strip().casefold().startswith(TOTALS) for cell in cells[:2]) and len(cells) > 2
        ]
        wrong = [n for n in labelled if kinds[n - 1] in {RowKind.RECORD, RowKind.PROBLEM}]
        assert not wrong, f"{file.name}, rows {wrong}"


def test_a_comma_behind_each_row_shifts_nothing(tmp_path: Path) -> None:
    """Fidelity writes one cell more in a row than in the header."""
    file = FIXTURES / "fidelity_positions" / "Portfolio_Positions_Aug-20-2021.csv"
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    assert lines[1].count(",") > lines[0].count(",")
    bare = tmp_path / file.name
    bare.write_text("\n".join(line.removesuffix(",") for line in lines))
    assert read(bare).records == read(file).records


def test_a_row_that_is_short_of_cells_has_what_it_has(tmp_path: Path) -> None:
    file = tmp_path / "Individual-Positions-2025-06-13-120000.csv"
    text = (FIXTURES / "schwab_positions" / "one_account_2025.csv").read_text().splitlines()
    cut = [",".join(line.split('","')[:9]).join(("", '"')) if '"QSML"' in line else line for line in text]
    file.write_text("\n".join(cut))
    assert len(read(file).rows) == len(text)


def test_lots_that_are_not_their_position_are_told(tmp_path: Path) -> None:
    source = FIXTURES / "etrade_positions" / "PortfolioDownload_lots.csv"
    file = tmp_path / source.name
    file.write_text(source.read_text().replace("     03/14/2024,60", "     03/14/2024,59.9998"))
    assert "total_differs" in {problem.code for problem in read(file).problems}
    assert [r for r in read(file).records if isinstance(r, LotRecord)]


def test_a_web_page_called_xls_says_what_it_is(tmp_path: Path) -> None:
    file = tmp_path / "positions.xls"
    file.write_text("<html><table><tr><td>Symbol</td></tr></table></html>")
    importer, claims = recognise(file)
    assert importer is None
    assert "web page" in claims[0].why


def test_a_fund_without_a_ticker_is_no_bond_where_pershing_names_the_fund(tmp_path: Path) -> None:
    titles = (
        "Snapshot Date,Account Number,First Name,Last Name,CUSIP,Symbol,Security Description,Quantity,Price,"
        "Market Value,Fixed Income,Fund Name,Fund Family,Price,Cost (Position),IBD Name,IP Name,"
        "Cash and Cash Equivalents"
    )
    file = tmp_path / "holdings.csv"
    for fund, tradable in (("QUILL OFFSHORE BOND FUND", True), ("", False)):
        figures = f"10,130,1350,0,{fund},,135,1300,X,Y,0"
        file.write_text(f"{titles}\n2026-10-29,QLL100002,OWEN,QUILL,L90000123, ,QUILL OFFSHORE FUND,{figures}\n")
        result = read(file)
        assert len(result.records) == 1
        assert ("not_tradable" in {problem.code for problem in result.problems}) != tradable


SECLISTS = {
    # what the list of securities says, and the symbol under which the holding is kept
    "a ticker": ("<TICKER>QUA", "QUA"),
    "no ticker": ("", "900000207"),
    "the CUSIP for a ticker": ("<TICKER>900000207", "900000207"),
    "no list at all": (None, "900000207"),
}


@pytest.mark.parametrize("name", SECLISTS)
def test_a_security_of_ofx_without_a_ticker_stands_under_its_cusip_and_that_is_told(tmp_path: Path, name: str) -> None:
    ticker, symbol = SECLISTS[name]
    identity = "<SECID><UNIQUEID>900000207<UNIQUEIDTYPE>CUSIP</SECID>"
    listed = f"<SECLIST><STOCKINFO><SECINFO>{identity}<SECNAME>QUARRY{ticker}</SECINFO></STOCKINFO></SECLIST>"
    file = tmp_path / "statement.ofx"
    file.write_text(
        "OFXHEADER:100\nDATA:OFXSGML\n\n<OFX><INVSTMTRS><DTASOF>20260930<CURDEF>USD  <INVACCTFROM><BROKERID>x.com"
        f"<ACCTID>0012</INVACCTFROM><INVPOSLIST><POSSTOCK><INVPOS>{identity}<POSTYPE>LONG   "
        "<UNITS>+0000000000100.00000<UNITPRICE>000000024.000000000<MKTVAL>+00000000002400.0000</INVPOS></POSSTOCK>"
        f"</INVPOSLIST></INVSTMTRS>{'' if ticker is None else listed}</OFX>"
    )
    result = read(file)
    (held,) = [record for record in result.records if isinstance(record, PositionRecord)]
    assert (held.symbol, held.quantity, held.price, held.market_value) == (symbol, D(100), D(24), D(2400))
    assert held.cost_basis is None
    assert held.account.number == "0012"
    assert ("no_ticker" in {problem.code for problem in result.problems}) == (symbol != "QUA")


def test_a_history_as_long_as_a_download_can_be_may_be_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importers.schwab_titles.MOST_ROWS", 20)
    header = '"Date","Action","Symbol","Description","Quantity","Price","Fees & Comm","Amount"'
    row = '"03/07/2025","Qualified Dividend","QUA","QUARRY ALPHA ETF","","","","$31.10"'
    file = tmp_path / "Individual_XXX178_Transactions_20250309-115444.csv"
    for count, full in ((19, False), (20, True)):
        file.write_text("\n".join([header, *[row] * count]))
        assert ("cut_off" in {problem.code for problem in read(file).problems}) == full


def test_a_wash_sale_without_the_loss_that_it_disallows_is_told(tmp_path: Path) -> None:
    source = FIXTURES / "schwab_realized" / "All_Accounts_GainLoss_Realized_Details_20260503-131819.csv"
    file = tmp_path / source.name
    text = source.read_text()
    assert '"Yes","$11.64"' in text
    file.write_text(text.replace('"Yes","$11.64"', '"Yes","--"'))
    assert [problem.row for problem in read(file).problems if problem.code == "no_disallowed"] == [6]
    assert "no_disallowed" not in {problem.code for problem in read(source).problems}


@pytest.mark.parametrize(("kind", "tradable"), [("Mutual Funds", True), ("Stocks", True), ("Bonds", False)])
def test_a_cusip_in_a_fidelity_statement_is_what_its_heading_says(tmp_path: Path, kind: str, tradable: bool) -> None:
    source = FIXTURES / "fidelity_statement" / "Statement12312025.csv"
    file = tmp_path / source.name
    text = source.read_text().replace("Mutual Funds ", f"{kind} ").replace("of Mutual Funds", f"of {kind}")
    file.write_text(text.replace("QUW,QUARRY WORLD FUND", "912828ZZ6,QUARRY WORLD FUND"))
    told = {problem.symbol for problem in read(file).problems if problem.code == "not_tradable"}
    assert ("912828ZZ6" not in told) == tradable
