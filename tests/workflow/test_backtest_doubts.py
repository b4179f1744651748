"""What is shown beside every backtest: the lint, discounts, the gate of gain against costs, and where it comes from."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from engine.overlay.freeze import policy_sha256
from engine.overlay.policy import Mode, OverlayPolicy, SignalKind, SignalSetting
from engine.rebalance.solve import engine_version
from engine.research import discounts as whole
from engine.research.backtest import BacktestSetting, run_backtest
from engine.research.trading_costs import flat_costs
from tests.engine.research.closes import walks
from workflow import backtest_doubts
from workflow.backtest_doubts import doubts, doubts_in_words, lint_of
from workflow.cli import run

D = Decimal
HISTORY = walks(("AAA", "BBB", "CCC"), 900)
POLICY = OverlayPolicy(
    universe={"us_equity": "AAA", "us_bond": "BBB"},
    strategic={"us_equity": D("0.6"), "us_bond": D("0.4")},
    signals=(SignalSetting(SignalKind.SMA, 3),),
    name="Core",
)
SETTING = BacktestSetting(HISTORY.dates[300], HISTORY.dates[-1], lag=1, costs=flat_costs(5))


def test_the_discounts_are_those_of_the_judgement_and_every_row_has_its_source() -> None:
    found = doubts(POLICY, HISTORY, SETTING, run_backtest(POLICY, HISTORY, SETTING), None)
    assert found.discounts == whole.discounts(POLICY, HISTORY, SETTING)
    assert all(row.source for row in found.discounts)
    assert found.not_run == ()


def test_the_gate_holds_the_gain_over_the_mix_before_costs_against_what_was_paid() -> None:
    free = run_backtest(POLICY, HISTORY, replace(SETTING, costs=flat_costs(0)))
    found = doubts(POLICY, HISTORY, replace(SETTING, costs=flat_costs(0)), free, None).gate
    assert found is not None
    assert (found.costs, found.tax) == (D(0), D(0))
    assert float(found.gain) == pytest.approx(free.figures.cagr - free.benchmark_figures.cagr)
    paid = run_backtest(POLICY, HISTORY, replace(SETTING, costs=flat_costs(40)))
    dear = doubts(POLICY, HISTORY, replace(SETTING, costs=flat_costs(40)), paid, None).gate
    assert dear is not None
    assert float(dear.costs) == pytest.approx(2 * paid.figures.turnover_per_year * 0.004, rel=0.02)
    assert float(dear.gain) == pytest.approx(float(found.gain), abs=0.0005)  # before costs, whatever they are
    assert (dear.verdict, "nothing is left" in dear.reason) == ("costs_exceed_gain", True)


def test_a_slow_mode_says_that_its_timing_luck_was_not_run_and_a_fixed_mix_has_no_gate() -> None:
    slow = replace(POLICY, mode=Mode.MIN_VARIANCE)
    found = doubts(slow, HISTORY, SETTING, run_backtest(slow, HISTORY, SETTING), None)
    (said,) = found.not_run
    assert said.startswith("The discount for timing luck was not run: mode min_variance is slow")
    assert not any("days of the month" in row.what for row in found.discounts)
    fixed = replace(POLICY, mode=Mode.STATIC)
    static = doubts(fixed, HISTORY, SETTING, run_backtest(fixed, HISTORY, SETTING), None)
    assert (static.gate, static.lint) == (None, ())
    assert not any("publication" in row.what for row in static.discounts)


def test_the_lint_counts_the_months_that_were_run() -> None:
    line = lint_of(POLICY, HISTORY.dates[0], HISTORY.dates[0] + timedelta(days=365))[0]
    assert "1 parameter for 12 months of history" in line
    assert lint_of(POLICY, HISTORY.dates[0], HISTORY.dates[0] + timedelta(days=3650)) == ()


@pytest.fixture
def backtest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[str, str]]:
    prices, policy = tmp_path / "prices.csv", tmp_path / "policy.json"
    rows = [
        f"{day},{','.join(map(repr, row))}" for day, row in zip(HISTORY.dates, HISTORY.closes.tolist(), strict=True)
    ]
    prices.write_text("\n".join([",".join(("date", *HISTORY.symbols)), *rows]), encoding="utf-8")
    raw = {
        "universe": POLICY.universe,
        "strategic": {"us_equity": 0.6, "us_bond": 0.4},
        "signals": [{"kind": "sma", "months": 3}],
        "name": "Core",
    }
    policy.write_text(json.dumps(raw), encoding="utf-8")

    def call(*options: str) -> tuple[str, str]:
        days = ["--start", str(SETTING.start), "--end", str(SETTING.end)]
        assert run(["backtest", "--prices", str(prices), "--policy", str(policy), *days, *options]) == 0
        return capsys.readouterr()

    return call


def test_the_json_names_the_policy_by_the_hash_that_is_signed_and_keeps_its_keys(
    backtest: Callable[..., tuple[str, str]],
) -> None:
    document = json.loads(backtest("--json", "--cost-bp", "5", "--lag", "1")[0])
    assert (document["policy_name"], document["policy_sha256"]) == ("Core", policy_sha256(POLICY))
    assert (document["data_as_of"], document["program_version"]) == (str(HISTORY.dates[-1]), engine_version())
    assert {"metrics", "trades", "equity", "drawdowns", "benchmark", "warnings"} <= set(document)
    assert {"what", "figure", "before", "after", "change", "source"} == set(document["discounts"][0])
    assert document["gate"]["verdict"] in {"worthwhile", "marginal", "costs_exceed_gain"}
    assert document["gate"]["net"] == pytest.approx(document["gate"]["expected_gain"] - document["gate"]["costs"])
    assert document["lint"] == list(lint_of(POLICY, SETTING.start, SETTING.end))


def test_the_table_shows_lint_discounts_and_verdict(backtest: Callable[..., tuple[str, str]]) -> None:
    out, err = backtest("--cost-bp", "5", "--lag", "1")
    for words in ("Discounts", "After publication, 58% lower", "Unluckiest of 21", "Costs at 2x", "Gain against costs"):
        assert words in out
    assert [line for line in err.splitlines() if line.startswith("warning: signals: ")] == [
        f"warning: {line}" for line in lint_of(POLICY, SETTING.start, SETTING.end)
    ]


def test_costs_that_cannot_be_paid_twice_over_are_said_and_the_backtest_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = run_backtest(POLICY, HISTORY, SETTING)
    monkeypatch.setattr(backtest_doubts, "scaled_costs", lambda _costs, _factor: flat_costs(9000))
    said = doubts(POLICY, HISTORY, SETTING, found, None)
    assert "was not run: Trading on" in said.not_run[0]
    assert list(doubts_in_words(said))[-1] == said.not_run[0]
