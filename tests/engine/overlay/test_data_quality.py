"""What a price file, its dividends and its macro series are checked for; on real data, the flaws known to be there."""

import math
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from engine.overlay.data_quality import Finding, FindingKind, price_findings, vendor_findings
from engine.overlay.dividend_quality import Payment, dividend_findings
from engine.overlay.macro_history import Observation, macro_history, macro_series
from engine.overlay.macro_quality import macro_findings
from engine.overlay.price_history import Closes, PriceHistory, price_history
from tests.engine.overlay.builders import weekdays
from workflow.data_quality import QualityFiles, data_quality, read_dividends
from workflow.price_table import read_price_table

DAYS = weekdays(date(2020, 1, 6), date(2021, 12, 31))
SYMBOLS = ("A", "B", "C", "D")


def closes() -> Closes:
    steps = np.random.default_rng(3).normal(0, 0.01, (len(DAYS), len(SYMBOLS)))
    return np.asarray(100 * np.exp(steps.cumsum(axis=0)))


def found_in(table: Closes) -> list[tuple[str, str, date]]:
    return [(f.kind.value, f.symbol, f.first) for f in price_findings(price_history(DAYS, SYMBOLS, table))]


def test_clean_closes_have_no_finding() -> None:
    assert found_in(closes()) == []


def test_a_close_that_is_off_for_a_day_is_a_bad_print() -> None:
    table = closes()
    table[200, 1] *= 1.12
    assert found_in(table) == [("bad_print", "B", DAYS[200])]


def test_a_move_that_stays_is_a_jump_and_by_a_half_a_split() -> None:
    table = closes()
    table[200:, 1] *= 1.45
    table[300:, 2] /= 2
    table[400:, 3] *= 10
    assert found_in(table) == [("jump", "B", DAYS[200]), ("split", "C", DAYS[300]), ("split", "D", DAYS[400])]
    findings = price_findings(price_history(DAYS, SYMBOLS, table))
    assert findings[1].text == f"moved {findings[1].text.split()[1]} on {DAYS[300]}, like a split of 2 for 1"
    assert "split of 1 for 10" in findings[2].text


def test_a_crash_of_all_is_no_jump() -> None:
    table = closes()
    table[200:] *= 0.75
    assert found_in(table) == []


def test_closes_that_stand_still_while_others_move_are_told_once() -> None:
    table = closes()
    table[100:115, 2] = table[100, 2]
    table[300:330, 2] = table[300, 2]
    findings = price_findings(price_history(DAYS, SYMBOLS, table))
    stale = [one for one in findings if one.kind is FindingKind.STALE]
    assert [(one.symbol, one.first) for one in stale] == [("C", DAYS[300])]
    assert "2 times, at most for 29" in stale[0].text


def test_missing_closes_are_a_gap_and_so_are_missing_rows() -> None:
    table = closes()
    table[50:53, 0] = math.nan
    table[:20, 3] = math.nan
    assert found_in(table) == [("gap", "A", DAYS[50])]
    without = np.delete(closes(), slice(60, 70), axis=0)
    kept = DAYS[:60] + DAYS[70:]
    assert [(f.kind.value, f.symbol) for f in price_findings(price_history(kept, SYMBOLS, without))] == [("gap", "")]


def test_closes_from_before_a_fund_began_are_of_something_else() -> None:
    days = weekdays(date(2005, 1, 3), date(2007, 1, 3))
    table = 100 + np.random.default_rng(1).normal(0, 1, (len(days), 2)).cumsum(axis=0) * 0.1
    kinds = [(f.kind.value, f.symbol) for f in price_findings(price_history(days, ("VEA", "^GSPC"), table))]
    assert kinds == [("before_inception", "VEA"), ("proxy", "^GSPC")]


def test_a_long_list_without_a_single_end_has_survivors_only() -> None:
    days = tuple(date(2010, 1, 1) + timedelta(days=i) for i in range(2200))
    symbols = tuple(f"S{i}" for i in range(25))
    table = 100 * np.exp(np.random.default_rng(5).normal(0, 0.01, (len(days), 25)).cumsum(axis=0))
    alive = price_findings(price_history(days, symbols, table))
    assert [f.kind for f in alive] == [FindingKind.SURVIVORSHIP]
    table[1500:, 7] = math.nan
    assert price_findings(price_history(days, symbols, table)) == ()


def test_two_sources_are_compared_by_their_returns() -> None:
    ours, theirs = closes(), closes() / 3
    ours[100, 0] *= 1.08
    theirs[:5, 1] = math.nan
    theirs[300:, 2] *= 2
    found = vendor_findings(price_history(DAYS, SYMBOLS, ours), price_history(DAYS, SYMBOLS, theirs))
    assert [(f.kind.value, f.symbol, f.first) for f in found] == [
        ("vendors_differ", "A", DAYS[100]),
        ("vendors_differ", "A", DAYS[101]),
        ("earlier_rows", "B", DAYS[0]),
    ]


def monthly_payments(months: int = 36, *, skip: tuple[int, ...] = ()) -> list[Payment]:
    days = [date(2010 + i // 12, i % 12 + 1, 1) for i in range(months)]
    return [Payment(day, 0.5 + 0.001 * i) for i, day in enumerate(days) if i not in skip]


def dividends(lines: list[Payment], last: date = date(2013, 1, 31)) -> list[tuple[str, date, date]]:
    found = dividend_findings({"A": lines}, {"A": (date(2010, 1, 1), last)})
    return [(f.kind.value, f.first, f.last) for f in found]


def test_a_payer_that_keeps_its_dates_has_no_finding() -> None:
    assert dividends(monthly_payments(37)) == []


def test_a_usual_date_that_is_skipped_is_a_missing_dividend() -> None:
    assert dividends(monthly_payments(37, skip=(20,))) == [("missing_dividend", date(2011, 8, 1), date(2011, 10, 1))]


def test_a_payment_brought_forward_into_december_is_no_finding() -> None:
    lines = monthly_payments(37, skip=(12, 24))
    lines += [Payment(date(2010, 12, 28), 0.5123), Payment(date(2011, 12, 27), 0.533)]
    assert dividends(lines) == []


def test_the_same_amount_twice_within_days_is_a_duplicate() -> None:
    lines = [*monthly_payments(37), Payment(date(2011, 5, 4), 0.516)]
    assert dividends(lines) == [("duplicate_dividend", date(2011, 5, 1), date(2011, 5, 4))]


def test_another_amount_out_of_rhythm_is_told() -> None:
    lines = [*monthly_payments(37), Payment(date(2011, 5, 9), 2.0)]
    assert dividends(lines) == [("extra_dividend", date(2011, 5, 1), date(2011, 5, 9))]


def test_a_long_silence_is_a_pause_and_one_to_the_end_too() -> None:
    assert dividends(monthly_payments(37, skip=tuple(range(15, 25)))) == [
        ("paused_dividends", date(2011, 3, 1), date(2012, 2, 1))
    ]
    assert dividends(monthly_payments(24)) == [("paused_dividends", date(2011, 12, 1), date(2013, 1, 31))]


def test_a_payer_that_often_skips_is_told_once() -> None:
    assert dividends(monthly_payments(37, skip=(5, 10, 16, 21, 27, 32)))[0][0] == "irregular_payer"
    yearly = [Payment(date(year, 12, 18), 0.4) for year in (2001, 2002, 2003, 2009, 2010, 2014)]
    assert dividends(yearly, date(2015, 1, 1)) == [("irregular_payer", date(2001, 12, 18), date(2014, 12, 18))]


def test_a_symbol_without_dividends_is_told() -> None:
    found = dividend_findings({}, {"GLD": (date(2010, 1, 1), date(2011, 1, 1))})
    assert [f.kind for f in found] == [FindingKind.NO_DIVIDENDS]


def test_a_month_that_was_never_published_and_a_series_that_ended_are_told() -> None:
    months = [date(2024 + i // 12, i % 12 + 1, 1) for i in range(24) if i != 21]
    macro = macro_history([macro_series("CPI", [Observation(day, 100.0) for day in months])])
    assert [(f.kind.value, f.first) for f in macro_findings(macro, date(2026, 1, 31))] == [
        ("macro_gap", date(2025, 9, 30))
    ]
    assert [f.kind.value for f in macro_findings(macro, date(2026, 12, 31))] == ["macro_gap", "macro_ended"]


def kinds(found: tuple[Finding, ...]) -> Counter[str]:
    return Counter(one.kind.value for one in found)


def real(shared: Path, name: str) -> PriceHistory:
    return read_price_table(shared / "data" / name).history


def places(found: tuple[Finding, ...], kind: FindingKind) -> set[tuple[str, str]]:
    return {(one.symbol, str(one.first)) for one in found if one.kind is kind}


@pytest.mark.shared
def test_the_known_flaws_of_real_fund_dividends_are_found(shared_folder: Path) -> None:
    folder = shared_folder / "data" / "etf"
    files = QualityFiles(folder / "etf_close_daily.csv", folder / "etf_dividends_derived.csv")
    report = data_quality(files)
    found = report.findings
    assert report.counts == {
        "duplicate_dividend": 2,
        "extra_dividend": 18,
        "irregular_payer": 2,
        "missing_dividend": 10,
        "no_dividends": 1,
        "paused_dividends": 4,
        "stale": 1,
    }
    assert places(found, FindingKind.DUPLICATE_DIVIDEND) == {("TIP", "2008-04-01"), ("QQQ", "2010-06-18")}
    missing = places(found, FindingKind.MISSING_DIVIDEND)
    assert {(symbol, "2012-10-01") for symbol in ("TLT", "LQD", "HYG", "SHY")} <= missing
    assert not {symbol for symbol, _ in missing} & {"AGG", "IEF"}
    assert {symbol for symbol, _ in places(found, FindingKind.IRREGULAR_PAYER)} == {"DBC", "TIP"}
    assert {symbol for symbol, _ in places(found, FindingKind.NO_DIVIDENDS)} == {"GLD"}
    assert {symbol for symbol, _ in places(found, FindingKind.PAUSED_DIVIDENDS)} == {"BIL", "TIP"}


@pytest.mark.shared
def test_the_spurious_dividend_of_a_stock_is_found(shared_folder: Path) -> None:
    payments, _ = read_dividends(shared_folder / "data" / "stocks" / "stocks60_dividends_derived.csv")
    found = dividend_findings(payments, {})
    assert ("GE", "2012-06-15") in places(found, FindingKind.EXTRA_DIVIDEND)
    assert kinds(found)["extra_dividend"] == 3
    assert kinds(found)["missing_dividend"] == 2


@pytest.mark.shared
def test_real_fund_closes_have_the_stale_bill_fund_and_no_false_jump(shared_folder: Path) -> None:
    found = price_findings(real(shared_folder, "etf/etf_adj_close_daily.csv"))
    assert kinds(found) == {"stale": 2, "survivorship": 1}
    stale = next(one for one in found if one.symbol == "BIL")
    assert "at most for 18 " in stale.text
    assert "1,811 rows" in stale.text


@pytest.mark.shared
def test_the_bad_close_and_the_splits_of_another_source_are_found(shared_folder: Path) -> None:
    history = real(shared_folder, "etf/etf_unadjusted_close_alphavantage.csv")
    found = price_findings(history)
    assert places(found, FindingKind.BAD_PRINT) == {("EFA", "2002-02-05")}
    assert kinds(found) == {"bad_print": 1, "split": 7}
    between = vendor_findings(history, real(shared_folder, "etf/etf_close_daily.csv"))
    assert places(between, FindingKind.EARLIER_ROWS) == {
        ("AGG", "2003-09-26"),
        ("TLT", "2002-07-26"),
        ("EFA", "2001-08-17"),
        ("VTI", "2001-05-31"),
    }
    assert {symbol for symbol, _ in places(between, FindingKind.VENDORS_DIFFER)} == {"EFA"}


@pytest.mark.shared
def test_a_list_of_stocks_without_delisted_ones_is_told(shared_folder: Path) -> None:
    found = price_findings(real(shared_folder, "stocks/stocks60_close_daily.csv"))
    assert kinds(found) == {"jump": 24, "bad_print": 2, "survivorship": 1}
