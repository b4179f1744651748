"""The command on learned allocations: without the extra one line, with it mixes beside, trials counted, a gate."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from engine.errors import AppError
from engine.overlay.freeze import policy_sha256
from engine.overlay.policy import Mode, OverlayPolicy
from engine.research import learned_weights
from engine.research.gate import Check, CheckName, Outcome, Verdict
from tests.engine.research.closes import walks
from tests.workflow.import_desk import Desk
from workflow.book import Book
from workflow.cli import run
from workflow.console import NEEDS_PERSON, UNREADABLE
from workflow.learned import LearnedAsk, learned_candidates
from workflow.overlay_policy import policy_from_json
from workflow.paper_mode import GateVerdict, LiveAsk, go_live, verdict_from_json
from workflow.policy_trials import PolicyFiles, SearchSetting
from workflow.strategy import Signing, list_strategies, sign_policy

needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="the optional extra is not installed")
HISTORY = walks(("SPY", "EFA", "IEF", "SHY"), 900)
DAYS = ["--start", "2001-02-28", "--end", "2003-05-30", "--samples", "100"]
POLICY: dict[str, Any] = {
    "name": "Nets",
    "universe": {"us_equity": "SPY", "intl_equity": "EFA", "us_bond": "IEF"},
    "cash": "SHY",
    "strategic": {"us_equity": 0.4, "intl_equity": 0.2, "us_bond": 0.4},
    "mode": "direct_sharpe",
    "learned": {"window": 10, "hidden": 3, "epochs": 2, "train_months": 12, "retrain_months": 12},
}
AT = datetime(2024, 1, 8, 21, tzinfo=UTC)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with prices and a policy."""
    folder = tmp_path_factory.mktemp("learned")
    lines = [",".join(("date", *HISTORY.symbols))]
    lines += [
        f"{day},{','.join(map(repr, row))}" for day, row in zip(HISTORY.dates, HISTORY.closes.tolist(), strict=True)
    ]
    (folder / "prices.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "policy.json").write_text(json.dumps(POLICY), encoding="utf-8")
    return folder


def arguments(files: Path, command: str, *options: str) -> list[str]:
    given = ["--prices", str(files / "prices.csv"), "--policy", str(files / "policy.json")]
    return [command, *given, *options]


@pytest.mark.parametrize("command", [["learned", *DAYS], ["backtest", *DAYS[:4]], ["honesty", *DAYS]])
def test_without_the_extra_a_command_says_in_one_line_how_to_install_it(
    command: list[str], files: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learned_weights, "find_spec", lambda name: None)
    assert run(arguments(files, *command)) == UNREADABLE
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "Learned allocations need PyTorch, which is not installed" in err
    assert "pip install torch==2.13.0" in err


def test_every_seed_method_and_choice_is_a_candidate(files: Path, tmp_path: Path) -> None:
    choices = tmp_path / "choices.json"
    choices.write_text('{"learned.hidden": [2, 4]}', encoding="utf-8")
    policy = policy_from_json(files / "policy.json", lambda _policy: None)
    ask = LearnedAsk(PolicyFiles(files / "prices.csv", files / "policy.json", choices), seeds=3, plan=SearchSetting(9))
    tried = learned_candidates(ask, policy)
    settings = {(each.policy.mode, each.policy.learned) for each in tried}
    # the policy as it is and two choices, by two methods, by three seeds
    assert len(tried) == len(settings) == 18
    assert tried[0].parameters == (("method", "direct_sharpe"), ("seed", "0"))
    assert tried[-1].parameters == (("method", "policy_gradient"), ("seed", "2"), ("learned.hidden", "4"))
    with pytest.raises(AppError, match="no learned allocation to try"):
        learned_candidates(replace(ask, methods=(Mode.STATIC,)), policy)


@pytest.fixture(scope="module")
def reported(files: Path) -> tuple[int, Any]:
    """One report in full: its exit code and its document."""
    written = [f"--{name}={files / name}.json" for name in ("out", "chosen", "log")]
    code = run(arguments(files, "learned", *DAYS, "--seeds", "2", *written))
    return code, json.loads((files / "out.json").read_text(encoding="utf-8"))


@needs_torch
def test_networks_stand_beside_the_simple_mixes_and_every_one_of_them_is_a_trial(reported: tuple[int, Any]) -> None:
    _, found = reported
    assert [row["parameters"] for row in found["trials"]] == [
        {"method": method, "seed": seed} for method in ("direct_sharpe", "policy_gradient") for seed in ("0", "1")
    ]
    assert [row["name"] for row in found["baselines"]] == [
        "strategic mix",
        "equal weights",
        "strategic mix, volatility at most 10%",
        "inverse volatility",
        "equal risk contributions",
    ]
    assert found["honesty"]["trials"] == found["trials_in_log"] == 4
    assert [check["name"] for check in found["verdict"]["checks"]][-1] == "beats_baselines"
    assert all(row["whole"]["turnover"] > 0 for row in (*found["trials"], *found["baselines"]))


@needs_torch
def test_networks_that_are_not_better_than_every_mix_do_not_pass(reported: tuple[int, Any]) -> None:
    code, found = reported
    best = found["chosen"]["outside"]["sharpe"]
    beaten = all(best > row["outside"]["sharpe"] for row in found["baselines"])
    last = found["verdict"]["checks"][-1]
    assert (last["outcome"] == "passed") is beaten
    assert not found["verdict"]["passed"]
    assert code == NEEDS_PERSON


@needs_torch
def test_the_policy_that_was_chosen_is_the_one_the_verdict_is_of(reported: tuple[int, Any], files: Path) -> None:
    policy = policy_from_json(files / "chosen.json", lambda _policy: None)
    assert policy.name == "Nets"
    assert policy_sha256(policy) == reported[1]["policy_sha256"]
    assert verdict_from_json(files / "out.json").policy_sha256 == policy_sha256(policy)
    parameters = reported[1]["chosen"]["parameters"]
    assert policy.learned is not None
    assert (policy.mode.value, str(policy.learned.seed)) == (parameters["method"], parameters["seed"])


@needs_torch
def test_a_second_look_counts_the_trials_of_the_first(
    reported: tuple[int, Any], files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log.json"
    log.write_bytes((files / "log.json").read_bytes())
    options = ["--method", "direct_sharpe", "--seeds", "3", "--log", str(log), "--json"]
    run(arguments(files, "learned", *DAYS, *options))
    found = json.loads(capsys.readouterr().out)
    assert (len(found["trials"]), found["honesty"]["trials"]) == (3, 5)


@needs_torch
def test_a_backtest_and_a_walk_forward_of_a_network_show_the_simple_mixes(
    files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(arguments(files, "backtest", *DAYS[:4], "--cost-bp", "10"))
    assert "equal risk contributions" in capsys.readouterr().out
    choices = tmp_path / "choices.json"
    choices.write_text('{"learned.seed": [1]}', encoding="utf-8")
    years = ["--choices", str(choices), "--train-years", "1", "--test-years", "0.5"]
    run(arguments(files, "walk-forward", *DAYS[:4], *years))
    assert "inverse volatility" in capsys.readouterr().out


@needs_torch
def test_a_search_over_seeds_judges_a_network_against_the_simple_mixes(
    files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    choices = tmp_path / "choices.json"
    choices.write_text('{"learned.seed": [1, 2]}', encoding="utf-8")
    run(arguments(files, "search", *DAYS, "--choices", str(choices), "--json"))
    found = json.loads(capsys.readouterr().out)
    assert found["honesty"]["trials"] == 3
    assert "beats_baselines" in [check["name"] for check in found["honesty"]["verdict"]["checks"]]


@needs_torch
def test_a_start_before_the_first_fit_is_told(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments(files, "learned", "--start", "2000-06-30", "--end", "2003-05-30")) == UNREADABLE
    assert "The first network is fitted on 2001-01-31, after 12 months" in capsys.readouterr().err


@needs_torch
def test_a_policy_with_lots_is_judged_after_tax_beside_mixes_after_tax(
    files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = tmp_path / "lots.json"
    policy.write_text(json.dumps(POLICY | {"lots": True}), encoding="utf-8")
    given = ["--prices", str(files / "prices.csv"), "--policy", str(policy)]
    assert run(["learned", *given, *DAYS]) == UNREADABLE
    assert "tried before tax" in capsys.readouterr().err
    run(["honesty", *given, "--start", "2002-10-31", *DAYS[2:], "--inside-to", "2002-12-31", "--json"])
    taxed = json.loads(capsys.readouterr().out)["verdict"]["checks"][-1]["reason"]
    policy.write_text(json.dumps(POLICY), encoding="utf-8")
    run(["honesty", *given, "--start", "2002-10-31", *DAYS[2:], "--inside-to", "2002-12-31", "--json"])
    gross = json.loads(capsys.readouterr().out)["verdict"]["checks"][-1]["reason"]
    assert taxed.split("(")[1] != gross.split("(")[1]


@pytest.fixture
def signed(desk: Desk) -> Book:
    """A book with a learned policy that was signed half a year ago and more."""
    policy = replace(LEARNED_POLICY, name="Nets")
    sign_policy(desk.book, policy, Signing("Dana"), now=AT)
    return desk.book


LEARNED_POLICY = OverlayPolicy(universe={"us_equity": "SPY"}, mode=Mode.POLICY_GRADIENT, name="Nets")


def judged(*checks: tuple[CheckName, Outcome]) -> GateVerdict:
    return GateVerdict(
        Verdict(tuple(Check(name, outcome, f"{name} {outcome}") for name, outcome in checks)),
        policy_sha256(LEARNED_POLICY),
    )


MIX = (CheckName.BEATS_MIX, Outcome.PASSED)


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (None, "gate was not run"),
        (judged(MIX), "not held against the simple mixes"),
        (judged(MIX, (CheckName.BEATS_BASELINES, Outcome.FAILED)), "gate: beats_baselines failed"),
        (judged(MIX, (CheckName.BEATS_BASELINES, Outcome.NOT_MEASURED)), "gate: beats_baselines not_measured"),
    ],
)
def test_live_refuses_a_network_that_did_not_pass_even_with_an_override(
    signed: Book, verdict: GateVerdict | None, words: str
) -> None:
    with pytest.raises(AppError, match=words):
        go_live(signed, "Nets", LiveAsk("Dana", verdict, "clients asked"), now=AT + timedelta(days=200))
    assert list_strategies(signed)[0].mode == "paper"


def test_live_takes_a_network_that_beat_every_mix(signed: Book) -> None:
    passed = judged(MIX, (CheckName.BEATS_BASELINES, Outcome.PASSED))
    go_live(signed, "Nets", LiveAsk("Dana", passed), now=AT + timedelta(days=200))
    assert list_strategies(signed)[0].mode == "live"
