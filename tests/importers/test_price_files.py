"""Price files by source: adjusted and plain closes are never mixed, and where a file does not say, it is asked."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from engine.problems import Severity
from importers.base import ImportResult, RowKind
from importers.price_names import symbol_in_name
from importers.records import MacroRecord, PriceRecord
from importers.registry import by_name, recognise
from tests.importers.telling import FIXTURES, TODAY

D = Decimal
BARS = "Date,Open,High,Low,Close,Volume\n2026-03-19,60,61,59,60.3,100\n2026-03-20,60,61,59,60.5,100\n"


def written(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    return file


def read(file: Path) -> ImportResult:
    importer, claims = recognise(file)
    assert importer is not None, claims
    return importer.read(file, today=TODAY)


def prices(result: ImportResult) -> list[tuple[Decimal | None, Decimal | None]]:
    return [(r.close, r.adjusted) for r in result.records if isinstance(r, PriceRecord)]


NAMES = {
    "SPY.csv": "SPY",
    "spy_us_d.csv": "SPY",
    "aapl.us.txt": "AAPL",
    "tiingo_QEQT daily 2026-01-31.csv": "QEQT",
    "BRK-B_history.csv": "BRK.B",
    "brk-b.us.txt": "BRK.B",
    "prices.csv": "",
    "SPY_QQQ.csv": "",
    "tiingo_daily.csv": "",
    "SomethingLong SPY.csv": "",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_file_s_name_says_one_symbol_or_none(name: str) -> None:
    assert symbol_in_name(Path(name)) == NAMES[name]


WHICH = {
    "spy_us_d_close.csv": (D("60.3"), None),
    "spy unadjusted.csv": (D("60.3"), None),
    "spy_adjusted.csv": (None, D("60.3")),
    "adjusted/spy_us_d.csv": (None, D("60.3")),
    "stooq close/spy_us_d.csv": (D("60.3"), None),
}


@pytest.mark.parametrize("name", WHICH)
def test_closes_of_stooq_are_what_the_name_of_file_or_folder_says(tmp_path: Path, name: str) -> None:
    result = read(written(tmp_path, name, BARS))
    assert prices(result)[0] == WHICH[name]
    assert result.as_of == date(2026, 3, 20)


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("spy_us_d.csv", BARS, "which_price"),
        ("quotes_close.csv", BARS, "which_symbol"),
        ("us.txt", "<TICKER>,<PER>,<DATE>,<CLOSE>\nQEQT.US,D,20260320,60\n", "which_price"),
        ("tiingo_daily.csv", "date,close,adjClose\n2026-03-20,60,60\n", "which_symbol"),
    ],
)
def test_what_a_price_file_does_not_say_is_asked_in_one_problem(
    tmp_path: Path, name: str, text: str, code: str
) -> None:
    result = read(written(tmp_path, name, text))
    assert not result.records
    assert [(p.code, p.severity) for p in result.problems] == [(code, Severity.FATAL)]
    assert result.problems[0].hint


def test_a_dump_without_adjusted_close_holds_adjusted_closes() -> None:
    assert prices(read(FIXTURES / "prices_yfinance/one.csv")) == [(None, D("59.70")), (None, D("60.14"))]


def test_headers_written_twice_are_headers_and_a_price_beside_close_is_the_adjusted_one() -> None:
    result = read(FIXTURES / "prices_yfinance/duplicated_headers.csv")
    assert result.rows[:4] == (RowKind.HEADER,) * 4
    assert prices(result)[0] == (D("60.30"), D("59.900904"))


def test_a_split_is_in_the_adjusted_closes_only() -> None:
    assert prices(read(FIXTURES / "prices_tiingo/tiingo_QEQT.csv"))[0] == (D("120.20"), D("60.10"))


def test_a_day_without_prices_is_no_price() -> None:
    result = read(FIXTURES / "prices_yahoo/QEQT.csv")
    assert len(prices(result)) == 4
    assert result.rows[3] is RowKind.RECORD


@pytest.mark.parametrize("price", ["0", "-60", "NaN", "sixty"])
def test_a_price_that_is_none_is_fatal_in_each_source(tmp_path: Path, price: str) -> None:
    for folder, name in (
        ("prices_yahoo", "QEQT.csv"),
        ("prices_yfinance", "one.csv"),
        ("prices_stooq", "qeqt_us_d_close.csv"),
    ):
        source = FIXTURES / folder / name
        changed = written(tmp_path, name, source.read_text().replace("60.14", price).replace("60.54,", f"{price},"))
        result = read(changed)
        fatal = [p for p in result.problems if p.severity is Severity.FATAL]
        assert fatal
        assert all(result.rows[p.row - 1] is RowKind.PROBLEM for p in fatal)


def test_fred_holidays_are_no_observations_and_zero_is_one() -> None:
    records = read(FIXTURES / "prices_fred/fredgraph.csv").records
    assert [r.value for r in records if isinstance(r, MacroRecord) and r.series == "DGS10"] == [D("4.10"), D("4.12")]
    assert [r.value for r in records if isinstance(r, MacroRecord) and r.series == "USREC"] == [D(0)] * 3


def test_a_table_of_a_ticker_under_the_old_header_is_not_taken_for_a_macro_series(tmp_path: Path) -> None:
    text = "DATE,SPY\n2026-03-20,660\n"
    importer, _ = recognise(written(tmp_path, "SPY_close.csv", text))
    assert importer is by_name("generic_table")
    importer, _ = recognise(written(tmp_path, "fred SPY.csv", text))
    assert importer is by_name("prices_fred")


def test_monthly_averages_are_macro_series_of_their_own_and_zeros_are_missing() -> None:
    result = read(FIXTURES / "prices_shiller/monthly.csv")
    assert all(isinstance(r, MacroRecord) and r.series.startswith("Shiller ") and r.value for r in result.records)
    assert "zero_is_missing" in {p.code for p in result.problems}


def test_a_column_of_dates_as_fractions_is_no_series() -> None:
    records = read(FIXTURES / "prices_shiller/ie_data.csv").records
    assert "Shiller date_fraction" not in {r.series for r in records if isinstance(r, MacroRecord)}


@pytest.mark.parametrize("old", ["date", "Date", "2026-03-20 00:00:00"])
def test_a_dump_that_was_changed_by_hand_is_refused_or_told(tmp_path: Path, old: str) -> None:
    text = (FIXTURES / "prices_yfinance/one.csv").read_text().replace("Close", "Last").replace(old, "soon")
    importer, claims = recognise(written(tmp_path, "one.csv", text))
    assert importer is None or importer.name != "prices_yfinance"
    assert claims


def test_a_history_with_dividends_and_no_adjusted_close_holds_adjusted_closes_whatever_its_name(tmp_path: Path) -> None:
    text = (FIXTURES / "prices_yfinance_history/QEQT.csv").read_text()
    for name in ("QEQT.csv", "QEQT_close.csv"):
        assert prices(read(written(tmp_path, name, text)))[0] == (None, D("59.70"))
    assert prices(read(FIXTURES / "prices_yfinance_history/BRK-B.csv")) == [(D("450.25"), D("450.20"))]


def test_an_error_in_place_of_prices_is_refused(tmp_path: Path) -> None:
    importer, claims = recognise(written(tmp_path, "spy_us_d.csv", "Exceeded the daily hits limit\n"))
    assert importer is None
    assert claims
