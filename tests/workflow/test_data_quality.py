"""The commands data-quality and regimes, and macro series in the command overlay."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from tests.engine.overlay.builders import weekdays
from workflow.cli import run
from workflow.data_quality import read_dividends

DAYS = weekdays(date(2020, 1, 6), date(2022, 12, 30))


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    table = 100 * np.exp(np.random.default_rng(3).normal(0.0002, 0.01, (len(DAYS), 3)).cumsum(axis=0))
    lines = [f"{day},{','.join(f'{close:.4f}' for close in row)}" for day, row in zip(DAYS, table, strict=True)]
    path = tmp_path / "prices.csv"
    path.write_text("\n".join(["date,VTI,BND,GLD", *lines, ""]), encoding="utf-8")
    return path


@pytest.fixture
def dividends(tmp_path: Path) -> Path:
    days = [date(2020 + i // 12, i % 12 + 1, 3) for i in range(36) if i != 20]
    path = tmp_path / "dividends.csv"
    lines = [f"{day},BND,0.2{i:02}" for i, day in enumerate(days)]
    path.write_text("\n".join(["ex_date,ticker,amount", *lines, ""]), encoding="utf-8")
    return path


@pytest.fixture
def macro(tmp_path: Path) -> Path:
    path = tmp_path / "macro.csv"
    lines = [f"{day},{0.5 if day.year < 2022 else -0.5}" for day in DAYS]
    path.write_text("\n".join(["date,T10Y3M", *lines, ""]), encoding="utf-8")
    return path


def test_clean_prices_have_nothing_to_look_at(prices: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data-quality", "--prices", str(prices)]) == 0
    out, err = capsys.readouterr()
    assert "Nothing to look at." in out
    assert "780" in out
    assert err == ""


def test_the_report_is_one_json_document(
    prices: Path, dividends: Path, macro: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--prices", str(prices), "--dividends", str(dividends), "--macro", str(macro), "--json"]
    assert run(["data-quality", *options]) == 3
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert document["counts"] == {"missing_dividend": 1, "no_dividends": 2}
    assert document["coverage"][1] == {
        "symbol": "BND",
        "first": "2020-01-06",
        "last": "2022-12-30",
        "closes": 780,
        "dividends": 35,
    }
    assert document["series"][0]["lag_days"] == 1
    assert document["findings"][0]["kind"] == "missing_dividend"
    assert err == "1 finding to look at before the data are relied on\n"


def test_rows_that_cannot_be_read_are_findings_with_their_row(
    prices: Path, dividends: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prices.write_text(prices.read_text(encoding="utf-8") + "2023-01-02,0,1,1\n2022-12-30,1,1,1\n", encoding="utf-8")
    dividends.write_text(dividends.read_text(encoding="utf-8") + "2023-01-03,BND,none\n", encoding="utf-8")
    assert run(["data-quality", "--prices", str(prices), "--dividends", str(dividends), "--json"]) == 3
    texts = [one["text"] for one in json.loads(capsys.readouterr().out)["findings"] if one["kind"] == "unreadable"]
    assert len(texts) == 3
    assert texts[0].startswith("prices.csv, row 782, field VTI: ")
    assert texts[2].startswith("dividends.csv, row 37: The dividend cannot be read")


def test_another_source_of_prices_is_compared(prices: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = prices.read_text(encoding="utf-8").splitlines()
    day, *cells = lines[400].split(",")
    lines[400] = ",".join([day, str(float(cells[0]) * 1.04), *cells[1:]])
    other = tmp_path / "other.csv"
    other.write_text("\n".join([*lines, ""]), encoding="utf-8")
    assert run(["data-quality", "--prices", str(prices), "--compare", str(other), "--json"]) == 3
    found = json.loads(capsys.readouterr().out)["findings"]
    assert [(one["kind"], one["symbol"]) for one in found] == [("vendors_differ", "VTI")] * 2


@pytest.mark.parametrize("text", ["", "ex_date,amount\n2020-01-01,1\n"])
def test_a_dividend_file_without_its_columns_is_one_line(
    prices: Path, tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text, encoding="utf-8")
    assert run(["data-quality", "--prices", str(prices), "--dividends", str(path)]) == 2
    assert capsys.readouterr().err.startswith("plimsoll: The dividend file lacks a column")


def test_a_dividend_of_nothing_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("date,symbol,amount\n2020-01-01,BND,0\n2020-01-01,,1\n2020-01-01,BND,1\n", encoding="utf-8")
    payments, problems = read_dividends(path)
    assert [one.row for one in problems] == [2, 3]
    assert list(payments) == ["BND"]


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.json"
    signals = [{"kind": "yield_curve", "classes": ["us_equity"]}, {"kind": "relative_strength"}, {"kind": "volatility"}]
    document = {
        "universe": {"us_equity": "VTI", "us_bond": "BND", "gold": "GLD"},
        "strategic": {"us_equity": 0.5, "us_bond": 0.3, "gold": 0.2},
        "signals": signals,
        "combine": "average",
    }
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_the_overlay_reads_macro_series_with_their_own_as_of(
    prices: Path, policy: Path, macro: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--prices", str(prices), "--policy", str(policy), "--macro", str(macro), "--as-of", "2022-12-30"]
    assert run(["overlay", *options, "--json"]) == 0
    signals = json.loads(capsys.readouterr().out)["signals"]
    assert [one["kind"] for one in signals] == ["yield_curve", *["relative_strength"] * 3, *["volatility"] * 3]
    assert signals[0] == {
        "kind": "yield_curve",
        "asset_class": "us_equity",
        "value": -0.005,
        "vote": -1,
        "data_as_of": "2022-12-29",
        "label": "yield curve, 10 years less 3 months",
    }
    assert {one["data_as_of"] for one in signals[1:]} == {"2022-12-30"}


def test_a_signal_without_its_macro_series_has_no_vote_and_says_so(
    prices: Path, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--prices", str(prices), "--policy", str(policy), "--as-of", "2022-12-30"]
    assert run(["overlay", *options, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["signals"][0]["vote"], document["signals"][0]["value"]) == (0, None)
    assert "needs the macro series T10Y3M" in document["warnings"][0]


def test_regimes_are_labelled_by_month_with_what_followed(prices: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--prices", str(prices), "--stocks", "VTI", "--bonds", "BND"]
    assert run(["regimes", *options, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert len(document["months"]) == 36
    assert document["months"][0]["correlation"] == "unknown"
    assert document["months"][-1]["correlation"] in {"bonds cushion stocks", "bonds move with stocks"}
    everything = document["figures"]["volatility"]["VTI"][-1]
    assert (everything["label"], everything["periods"], everything["share"]) == ("all", 35, 1.0)
    assert run(["regimes", *options]) == 0
    assert "The month after, by correlation" in capsys.readouterr().out


def test_regimes_of_less_than_two_months_are_an_error(prices: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--prices", str(prices), "--stocks", "VTI", "--bonds", "BND", "--as-of", "2020-01-20"]
    assert run(["regimes", *options]) == 2
    assert "fewer than two whole months" in capsys.readouterr().err
