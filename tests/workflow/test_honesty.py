"""The commands on how far to believe a backtest: their JSON, their tables, their exit codes, their one-line errors."""

import contextlib
import io
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.research.deflated_sharpe import deflated_sharpe, sharpe_moments
from engine.research.overfitting import overfitting
from tests.engine.research.closes import walks, weekdays
from workflow.cli import run
from workflow.console import DONE, NEEDS_PERSON, UNREADABLE

HISTORY = walks(("SPY", "EFA", "IEF", "SHY"), 900)
DAYS = ["--start", "2001-01-31", "--end", "2003-05-30"]
POLICY: dict[str, Any] = {
    "name": "Timing",
    "universe": {"us_equity": "SPY", "intl_equity": "EFA", "us_bond": "IEF"},
    "cash": "SHY",
    "strategic": {"us_equity": 0.4, "intl_equity": 0.2, "us_bond": 0.4},
    "mode": "timing",
    "signals": [{"kind": "sma", "months": 10}],
}
CHOICES: dict[str, Any] = {"signals[0].months": [3, 6, 10], "mode": ["timing", "overlay"]}
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with prices, a policy and choices."""
    folder = tmp_path_factory.mktemp("research")
    lines = [",".join(("date", *HISTORY.symbols))]
    lines += [
        f"{day},{','.join(map(repr, row))}" for day, row in zip(HISTORY.dates, HISTORY.closes.tolist(), strict=True)
    ]
    (folder / "prices.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "policy.json").write_text(json.dumps(POLICY), encoding="utf-8")
    (folder / "choices.json").write_text(json.dumps(CHOICES), encoding="utf-8")
    return folder


def arguments(files: Path, command: str, *options: str) -> list[str]:
    given = [command, "--prices", str(files / "prices.csv"), "--policy", str(files / "policy.json"), *DAYS]
    given += [] if command == "honesty" or "--choices" in options else ["--choices", str(files / "choices.json")]
    given += [] if command == "walk-forward" else ["--samples", "100"]
    return [*given, *options]


@pytest.fixture
def call(files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """`call(command, *options, choices=...)` runs a command over the policy and the prices."""

    def command(name: str, *options: str, choices: Any = None) -> tuple[int, str, str]:
        if choices is not None:
            (tmp_path / "other.json").write_text(json.dumps(choices), encoding="utf-8")
            options = ("--choices", str(tmp_path / "other.json"), *options)
        code = run(arguments(files, name, *options))
        out, err = capsys.readouterr()
        return code, out, err

    return command


@pytest.fixture(scope="module")
def searched(files: Path) -> tuple[int, Any, Path]:
    """One search: its exit code, its document, its log."""
    log, out = files / "trials.json", io.StringIO()
    with contextlib.redirect_stdout(out):
        code = run(arguments(files, "search", "--json", "--cost-bp", "5", "--log", str(log)))
    return code, json.loads(out.getvalue()), log


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table of returns: the policy, two other trials, the mix, cash."""
    rows = np.random.default_rng(11).standard_normal((300, 5)) * 0.01 + [0.003, 0.0, 0.0, 0.0002, 0.0]
    rows[:, 4] = 0.0001
    path = tmp_path / "returns.csv"
    lines = ["date,mine,second,third,mix,bills"]
    lines += [
        f"{day},{','.join(map(repr, row))}"
        for day, row in zip(weekdays(HISTORY.dates[0], 300), rows.tolist(), strict=True)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def judged(capsys: pytest.CaptureFixture[str], *given: str) -> tuple[int, Any]:
    code = run(["honesty", *given, "--samples", "100", "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_search_logs_every_trial_and_judges_its_choice_by_their_number(searched: tuple[int, Any, Path]) -> None:
    code, document, log = searched
    assert code == NEEDS_PERSON
    assert document["grid"] == 6
    # ten months and timing is the policy itself, so six policies are tried and not seven
    assert len(document["trials"]) == document["honesty"]["trials"] == 6
    assert document["chosen"] in document["trials"]
    assert document["chosen"]["inside"]["sharpe"] == max(row["inside"]["sharpe"] for row in document["trials"])
    assert document["overfitting"]["splits"] == 12_870
    assert document["honesty"]["verdict"]["eligible_for_live"] is False
    assert document["honesty"]["verdict"]["reasons"]
    assert len(json.loads(log.read_text(encoding="utf-8"))["trials"]) == 6


def test_a_second_search_counts_the_trials_of_the_first(
    call: Call, searched: tuple[int, Any, Path], tmp_path: Path
) -> None:
    log = tmp_path / "trials.json"
    log.write_bytes(searched[2].read_bytes())
    _, out, _ = call("search", "--json", "--cost-bp", "5", "--log", str(log), choices={"signals[0].months": [6, 8]})
    document = json.loads(out)
    assert len(document["trials"]) == 3
    assert document["honesty"]["trials"] == document["trials_in_log"] == 7


def test_a_log_follows_the_policy_into_its_judgement(call: Call, searched: tuple[int, Any, Path]) -> None:
    _, alone, _ = call("honesty", "--json")
    _, logged, _ = call("honesty", "--json", "--log", str(searched[2]), "--trials", "90")
    before, after = json.loads(alone), json.loads(logged)
    assert (before["trials"], after["trials"]) == (1, 96)
    assert after["deflated"] < before["deflated"] == before["probabilistic"]
    assert before["overfitting"] is None
    assert after["overfitting"] == searched[1]["overfitting"]["probability"]
    # the log says where the sample ended; without it nothing is out of sample, and the gate says so
    assert before["outside"] is None
    assert after["outside"]["sharpe"] is not None
    assert any("no out-of-sample comparison" in reason for reason in before["verdict"]["reasons"])


def test_a_budget_bounds_the_trials_and_a_seed_draws_the_same(call: Call) -> None:
    first, again = (call("search", "--json", "--budget", "1", "--seed", "3") for _ in range(2))
    assert 1 <= len(json.loads(first[1])["trials"]) <= 2
    assert first == again


def test_the_table_of_a_search_names_trials_discounts_and_the_gate(call: Call) -> None:
    code, out, err = call("search", "--cost-bp", "5")
    assert (code, err) == (NEEDS_PERSON, "")
    for words in ("6 trials of a grid of 6", "Purged cross-validation: 45 splits make 9 paths", "Deflated Sharpe"):
        assert words in out
    for words in ("After publication, 58% lower", "Unluckiest of 21 days", "Costs at 2x", "The gate is not passed"):
        assert words in out


def test_a_walk_forward_holds_what_was_chosen_before(call: Call) -> None:
    code, out, err = call("walk-forward", "--json", "--train-years", "1", "--test-years", "0.5")
    document = json.loads(out)
    assert (code, err) == (DONE, "")
    assert document["anchored"] is True
    for before, after in zip(document["stretches"], document["stretches"][1:], strict=False):
        assert before["train"][0] == after["train"][0]
        assert before["train"][1] < before["test"][0] < after["test"][0]
        assert before["test"][1] < after["test"][0]
    assert document["returns"][0]["date"] == document["stretches"][0]["test"][0]
    assert document["returns"][-1]["date"] == "2003-05-30"
    grown = math.prod(1 + row["policy"] for row in document["returns"])
    assert document["outside"]["policy"]["cagr"] == pytest.approx(grown ** (252 / len(document["returns"])) - 1)


def test_a_rolling_walk_forward_shows_its_stretches_and_logs_its_trials(call: Call, tmp_path: Path) -> None:
    log = tmp_path / "walked.json"
    code, out, _ = call("walk-forward", "--rolling", "--train-years", "1", "--test-years", "0.5", "--log", str(log))
    assert code == DONE
    assert len(json.loads(log.read_text(encoding="utf-8"))["trials"]) == 6
    for words in (
        "Walk-forward, rolling, 6 trials",
        "Out of sample, net of costs",
        "strategic mix",
        "Settings changed",
    ):
        assert words in out


def test_a_table_of_returns_is_judged_by_its_own_trials(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, document = judged(capsys, str(table), "--mix", "mix", "--cash", "bills", "--inside-to", "2000-10-02")
    cells = np.loadtxt(table, delimiter=",", skiprows=1, usecols=(1, 2, 3, 4, 5))
    excess = cells[:, :3] - cells[:, 4:]
    ratios = excess.mean(axis=0) / excess.std(axis=0, ddof=1)
    assert code == DONE
    assert document["trials"] == 3
    assert document["overfitting"] == overfitting(excess).probability
    expected = deflated_sharpe(sharpe_moments(excess[:, 0]), 3, float(np.var(ratios, ddof=1)))
    assert document["deflated"] == pytest.approx(expected)
    assert document["verdict"]["passed"] is True
    assert document["discounts"] == []
    assert {row["versus"] for row in document["intervals"]["rows"]} == {"", "mix"}


def test_a_hundred_more_trials_elsewhere_fail_the_same_returns(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = (str(table), "--mix", "mix", "--cash", "bills", "--inside-to", "2000-10-02")
    few, many = (judged(capsys, *given, "--trials", count)[1] for count in ("0", "5000"))
    assert many["deflated"] < few["deflated"]
    assert many["verdict"]["passed"] is False


def test_a_table_without_a_mix_is_not_set_live(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, document = judged(capsys, str(table))
    assert code == NEEDS_PERSON
    assert document["active"] is None
    assert document["mix_figures"]["cagr"] is None
    assert document["verdict"]["eligible_for_live"] is False


def test_an_override_lets_it_live_and_is_shown(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(
        ["honesty", str(table), "--override-by", "M. Ortiz", "--override-reason", "A small sleeve", "--samples", "100"]
    )
    out = capsys.readouterr().out
    assert code == DONE
    assert "Override by M. Ortiz: A small sleeve" in out
    assert "The gate is not passed; the policy may be set live." in out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--override-by", "M. Ortiz"), "An override needs an author and a reason"),
        (("--mix", "gold"), "no column gold"),
        (("--inside-to", "2030-01-01"), "fewer than two returns after 2030-01-01"),
        (("--policy", "p.json"), "not both"),
    ],
)
def test_what_cannot_be_judged_is_one_line(
    table: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], words: str
) -> None:
    code = run(["honesty", str(table), "--samples", "100", *options])
    err = capsys.readouterr().err
    assert code == UNREADABLE
    assert words in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no table of returns"),
        ("date,a\n2020-01-02,x\n", "'x' is not a return above -1"),
        ("date,a\n2020-01-02,-1\n", "'-1' is not a return above -1"),
        ("date,a\nmonday,0.1\n", "'monday' is not a date"),
        ("date,a\n2020-01-02,0.1,0.2\n", "3 cells, the header 2"),
        ("date,a\n2020-01-02,0.1\n2020-01-02,0.1\n", "does not come after"),
        ("date,a\n2020-01-02,0.1\n2020-01-03,0.1\n", "2 returns are too few"),
    ],
)
def test_a_bad_table_is_told_by_its_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text, encoding="utf-8")
    assert run(["honesty", str(path)]) == UNREADABLE
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({}, "name no value"),
        ({"mode": []}, "name no value"),
        ({"mode!": ["static"]}, "is no key of a policy"),
        ({"signals[3].months": [5]}, "The policy has no signals[3].months"),
        ({"colour": ["red"]}, "The policy has no colour"),
        ({"mode": ["magic"]}, "Invalid enum value 'magic'"),
        ({"signals[0].months": [500]}, "500 is not between 1 and 120"),
        ([1], "Expected `object`"),
    ],
)
def test_choices_that_make_no_policy_are_one_line(call: Call, choices: Any, words: str) -> None:
    code, _, err = call("search", choices=choices)
    assert code == UNREADABLE
    assert words in err
    assert err.count("\n") == 1


def test_a_log_that_is_none_is_one_line(call: Call, tmp_path: Path) -> None:
    log = tmp_path / "trials.json"
    log.write_text('{"trials": [1]}', encoding="utf-8")
    code, _, err = call("search", "--log", str(log))
    assert code == UNREADABLE
    assert "The log of trials cannot be used" in err


def test_nothing_to_judge_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["honesty"]) == UNREADABLE
    assert "Nothing to judge" in capsys.readouterr().err


TAXED: dict[str, Any] = {
    "name": "Two",
    "universe": {"us_equity": "SPY", "us_bond": "IEF"},
    "strategic": {"us_equity": 0.6, "us_bond": 0.4},
    "mode": "timing",
    "signals": [{"kind": "sma", "months": 3}],
    "lots": True,
}


@pytest.fixture
def taxed(tmp_path: Path, files: Path) -> Path:
    """A policy with lots beside the prices."""
    (tmp_path / "prices.csv").write_bytes((files / "prices.csv").read_bytes())
    (tmp_path / "policy.json").write_text(json.dumps(TAXED), encoding="utf-8")
    (tmp_path / "choices.json").write_text('{"signals[0].months": [3]}', encoding="utf-8")
    return tmp_path


def test_a_policy_with_lots_is_searched_net_of_tax(taxed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    days = ["--start", "2001-06-29", "--end", "2002-06-28", "--samples", "100"]
    given = ["search", "--prices", str(taxed / "prices.csv"), "--policy", str(taxed / "policy.json"), *days]
    given += ["--choices", str(taxed / "choices.json"), "--json"]
    found = {}
    for account, options in {
        "taxable": [],
        "low": ["--tax-rates", "0.1,0.05,0.1"],
        "ira": ["--registration", "traditional_ira"],
    }.items():
        run([*given, *options])
        out, err = capsys.readouterr()
        assert "figures are net of each year's tax" in err
        assert "no plain closes" in err
        found[account] = json.loads(out)["trials"][0]["whole"]["cagr"]
    assert found["taxable"] != found["low"] != found["ira"]
    backtest = ["backtest", *given[1:5], *days[:4], "--lag", "1", "--json"]
    run(backtest)
    assert found["taxable"] == pytest.approx(json.loads(capsys.readouterr().out)["after_tax"]["cagr"], abs=2e-3)


def test_a_policy_with_lots_is_judged_net_of_tax(taxed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["honesty", "--prices", str(taxed / "prices.csv"), "--policy", str(taxed / "policy.json"), "--json"]
    given += ["--start", "2001-06-29", "--end", "2002-06-28", "--samples", "100", "--tax-rates", "0.5,0.4,0.5"]
    run(given)
    out, err = capsys.readouterr()
    after = json.loads(out)
    assert "net of each year's tax" in err
    (taxed / "policy.json").write_text(json.dumps(TAXED | {"lots": False}), encoding="utf-8")
    run(given)
    before = json.loads(capsys.readouterr().out)
    assert after["figures"]["cagr"] != before["figures"]["cagr"]
    assert after["mix_figures"]["cagr"] == pytest.approx(before["mix_figures"]["cagr"], abs=0.05)
    assert after["mix_figures"] != before["mix_figures"]


def test_rates_that_are_none_are_one_line(taxed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["honesty", "--prices", str(taxed / "prices.csv"), "--policy", str(taxed / "policy.json"), *DAYS]
    assert run([*given, "--tax-rates", "0.4,2"]) == UNREADABLE
    assert "'0.4,2' is not three rates" in capsys.readouterr().err
