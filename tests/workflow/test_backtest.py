"""Backtests from files: the command, its JSON, its table, and its one-line errors."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.engine.research.closes import walks
from workflow.cli import run

HISTORY = walks(("SPY", "EFA", "IEF", "SHY", "AGG", "BIL"), 600)
DAYS = ["--start", "2001-06-29", "--end", "2002-03-29"]
POLICY: dict[str, Any] = {
    "universe": {"us_equity": "SPY", "intl_equity": "EFA", "us_bond": "IEF"},
    "cash": "SHY",
    "strategic": {"us_equity": 0.4, "intl_equity": 0.2, "us_bond": 0.4},
    "mode": "timing",
    "signals": [{"kind": "sma", "months": 10}],
    "rebalance": {"when": "monthly", "band_absolute": None, "band_relative": None},
    "risk_on": ["SPY", "EFA"],
    "risk_off": "AGG",
    "hurdle": "BIL",
}
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    path = tmp_path / "prices.csv"
    lines = [",".join(("date", *HISTORY.symbols))]
    lines += [
        f"{day},{','.join(map(repr, row))}" for day, row in zip(HISTORY.dates, HISTORY.closes.tolist(), strict=True)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def call(prices: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """`call(*options, **changes)` runs the command on the policy with some keys changed."""

    def backtest(*options: str, days: list[str] = DAYS, **changes: Any) -> tuple[int, str, str]:
        policy = tmp_path / "policy.json"
        policy.write_text(json.dumps(POLICY | changes), encoding="utf-8")
        code = run(["backtest", "--prices", str(prices), "--policy", str(policy), *days, *options])
        out, err = capsys.readouterr()
        return code, out, err

    return backtest


MODES = (
    "static",
    "timing",
    "overlay",
    "dual_momentum",
    "risk_parity",
    "min_variance",
    "max_sharpe",
    "volatility_target",
)


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_gives_one_json_document(call: Call, mode: str) -> None:
    code, out, err = call("--json", "--lag", "1", "--cost-bp", "5", mode=mode)
    document = json.loads(out)
    assert (code, err) == (0, "")
    assert {"growth", "cagr", "volatility", "sharpe", "max_drawdown", "turnover_per_year", "information_ratio"} <= set(
        document["metrics"]
    )
    assert document["equity"][0] == {"date": "2001-06-29", "value": 1.0, "benchmark": 1.0}
    assert document["equity"][-1]["value"] == document["metrics"]["growth"]
    assert document["trades"][0]["date"] == "2001-07-02"
    assert document["trades"][0]["decided"] == "2001-06-29"
    assert sum(document["trades"][0]["weights"].values()) == pytest.approx(1.0)


def test_orders_are_what_the_weights_change_by(call: Call) -> None:
    _, out, _ = call("--json", mode="static")
    first, second = json.loads(out)["trades"][:2]
    assert first["orders"] == {"SPY": 0.4, "EFA": 0.2, "IEF": 0.4}
    assert sum(abs(change) for change in second["orders"].values()) / 2 == pytest.approx(second["one_way"])


def test_what_the_data_cannot_give_is_null(call: Call) -> None:
    _, out, _ = call("--json", mode="static")
    document = json.loads(out)
    assert document["metrics"]["information_ratio"] is None
    assert document["benchmark"]["name"] == "strategic mix"
    assert document["tranches"] is None


def test_tranches_are_a_band_in_the_json_and_a_sentence_in_the_table(call: Call) -> None:
    _, out, _ = call("--json", "--tranches")
    band = json.loads(out)["tranches"]["cagr"]
    assert len(band["all"]) == 21
    assert band["lowest"] <= band["median"] <= band["highest"]
    _, out, _ = call("--tranches")
    assert "Timing luck: decided on each of 21 days of the month" in out


def test_the_table_names_figures_drawdowns_and_years_beside_the_benchmark(call: Call) -> None:
    code, out, err = call("--benchmark", "AGG")
    assert code == 0
    assert all(line.startswith("warning: signals: ") for line in err.splitlines())
    for words in ("Growth a year (CAGR)", "Information ratio", "AGG", "Drawdowns", "Calendar years", "2002"):
        assert words in out


def test_limits_that_bound_are_counted_and_named(call: Call) -> None:
    limits = {"mode": "overlay", "class_cap": 0.4, "max_turnover_quarter": 0.01}
    _, out, _ = call(**limits)
    assert "Limits held the weights back at " in out
    _, out, _ = call("--json", **limits)
    assert any("max_turnover_quarter 1.00%" in line for trade in json.loads(out)["trades"] for line in trade["bound"])


def test_costs_by_symbol_come_from_a_file(call: Call, tmp_path: Path) -> None:
    costs = tmp_path / "costs.csv"
    costs.write_text("symbol,half_spread_bp,commission_bp\nSPY,10,10\n*,0,5\n", encoding="utf-8")
    _, out, _ = call("--json", "--costs", str(costs), mode="static")
    paid = json.loads(out)["trades"][0]["cost"]
    assert paid == pytest.approx(0.4 * 20e-4 + 0.6 * 5e-4, rel=1e-2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("symbol,spread\nSPY,1\n", "has the column 'spread'"),
        ("symbol,impact_bp\nSPY,1\n", "field adv"),
        ("symbol,half_spread_bp\nSPY,-1\n", "row 2, field half_spread_bp"),
        ("symbol,half_spread_bp\nSPY,1\nSPY,2\n", "SPY has two rows"),
        ("symbol,half_spread_bp\nSPY,1,2\n", "more cells than the header"),
    ],
)
def test_a_cost_file_that_cannot_be_read_is_told_with_its_place(
    call: Call, tmp_path: Path, text: str, words: str
) -> None:
    costs = tmp_path / "costs.csv"
    costs.write_text(text, encoding="utf-8")
    code, out, err = call("--json", "--costs", str(costs))
    assert (code, out) == (2, "")
    assert words in err


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"cash": "VMFXX"}, "The price file has no column for VMFXX"),
        ({"mode": "dual_momentum", "risk_on": []}, "risk_on: mode dual_momentum needs at least one name"),
        ({"mode": "timed"}, "timed"),
        ({"days": ["--start", "2012-01-01", "--end", "2013-01-01"]}, "fewer than two rows of prices"),
        ({"days": ["--start", "1999-01-01", "--end", "2001-01-01"]}, "There are no prices on 1999-01-01"),
    ],
)
def test_an_error_is_one_line(call: Call, changes: dict[str, Any], words: str) -> None:
    code, out, err = call("--json", **changes)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert words in err


def test_signals_that_a_mode_does_not_read_need_not_be_available(call: Call) -> None:
    signals = [{"kind": "cape"}, {"kind": "yield_curve"}]
    code, _, err = call("--json", mode="static", signals=signals)
    assert (code, err) == (0, "")


def test_warnings_go_to_the_error_stream(call: Call) -> None:
    code, out, err = call("--json", days=["--start", "2000-06-30", "--end", "2001-06-29"])
    assert code == 0
    assert "has no reading at 4 of 12 month ends" in err
    assert json.loads(out)["warnings"]


def test_a_policy_with_lots_says_what_is_left_after_tax(call: Call, tmp_path: Path) -> None:
    code, out, err = call("--json", "--cost-bp", "2", lots=True)
    assert code == 0
    taxed = json.loads(out)["after_tax"]
    assert {"cagr", "short_term", "long_term", "dividends", "tax_paid", "harvested"} <= set(taxed)
    assert taxed["dividends"] == 0
    assert "no plain closes (--closes) are given" in err
    plain = tmp_path / "plain.csv"
    quarters_left = np.arange(len(HISTORY.dates))[::-1] // 60
    lower = HISTORY.closes * (1.01**quarters_left)[:, None]
    rows = [f"{day},{','.join(map(repr, row))}" for day, row in zip(HISTORY.dates, lower.tolist(), strict=True)]
    plain.write_text("\n".join((",".join(("date", *HISTORY.symbols)), *rows)) + "\n", encoding="utf-8")
    code, out, err = call("--json", "--closes", str(plain), "--ordinary", "IEF", lots=True)
    assert code == 0
    assert json.loads(out)["after_tax"]["dividends"] > 1000
    assert "no plain closes" not in err


def test_without_lots_nothing_is_said_of_tax(call: Call) -> None:
    assert "after_tax" not in json.loads(call("--json")[1])


def test_the_table_after_tax_has_a_line_a_year(call: Call) -> None:
    code, out, _ = call("--registration", "roth_ira", lots=True)
    assert code == 0
    assert "After tax, lot by lot:" in out
    assert "tax paid $0" in out


@pytest.mark.parametrize("rates", ["0.4,0.2", "a,b,c", "0.4,0.2,1.5"])
def test_tax_rates_that_are_none_are_refused_in_one_line(call: Call, rates: str) -> None:
    code, _, err = call("--tax-rates", rates, lots=True)
    assert code == 2
    assert "--tax-rates" in err
    assert err.count("\n") == 1
