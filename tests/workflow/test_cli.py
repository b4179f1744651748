"""The command line as a user meets it: exit codes, one-line errors, JSON and nothing else, the same bytes twice."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.builders import account, case, lot, random_case, security
from tests.workflow.conftest import NOW
from workflow.book import open_book
from workflow.case_file import encode
from workflow.cli import run
from workflow.console import print_table
from workflow.runs import list_runs


@pytest.fixture
def case_path(tmp_path: Path) -> Path:
    path = tmp_path / "case.json"
    path.write_bytes(encode(random_case(8)))
    return path


def test_solve_then_check_finds_nothing_broken(
    case_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "proposal.json"
    assert run(["solve", str(case_path), "-o", str(out)]) == 0
    assert run(["check", str(case_path), str(out)]) == 0
    assert "no broken rule" in capsys.readouterr().out


def test_two_solves_give_the_same_bytes(case_path: Path, tmp_path: Path) -> None:
    outs = [tmp_path / "a.json", tmp_path / "b.json"]
    for out in outs:
        assert run(["solve", str(case_path), "-o", str(out)]) == 0
    assert outs[0].read_bytes() == outs[1].read_bytes()


def test_timings_are_one_json_line_on_stderr(case_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(["solve", str(case_path), "--timings"]) == 0
    captured = capsysbinary.readouterr()
    assert set(json.loads(captured.err)) == {"read_s", "build_s", "solve_s", "audit_s"}
    assert json.loads(captured.out)["schema"] == "plimsoll.proposal/1"


def test_a_tampered_proposal_is_caught(case_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "proposal.json"
    run(["solve", str(case_path), "-o", str(out)])
    document = json.loads(out.read_text())
    document["trades"][0]["quantity"] += 1
    out.write_text(json.dumps(document))
    assert run(["check", str(case_path), str(out)]) == 3
    captured = capsys.readouterr()
    assert captured.out
    assert "broken rule" in captured.err


def test_a_folder_is_a_batch_and_a_bad_case_stops_no_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "cases"
    folder.mkdir()
    for seed in (8, 16):
        (folder / f"c{seed}.json").write_bytes(encode(random_case(seed)))
    (folder / "bad.json").write_text("{")
    assert run(["solve", str(folder)]) == 2
    assert sorted(p.name for p in folder.glob("*.proposal.json")) == ["c16.proposal.json", "c8.proposal.json"]
    assert "bad.json" in capsys.readouterr().err


def test_an_infeasible_case_exits_3_and_says_which_rule(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    short = case([security("VTI")], [account(withdraw=Decimal(5000))], targets={"us_equity": "1"})
    path = tmp_path / "short.json"
    path.write_bytes(encode(short))
    assert run(["solve", str(path), "-o", str(tmp_path / "p.json")]) == 3
    assert "needs $4,000.00 more cash" in capsys.readouterr().err
    proposal = json.loads((tmp_path / "p.json").read_text())
    assert proposal["status"] == "infeasible"
    assert proposal["trades"] == []


BAD_CASES = [
    ("price", "securities[0].price"),
    ("twice", "lot 'L1' appears twice"),
    ("symbol", "lots[0].symbol: 'XYZ' is not among the securities"),
    ("future", "lots[0].acquired: 2025-07-01 is after as_of"),
]


@pytest.mark.parametrize(("kind", "message"), BAD_CASES)
def test_a_case_with_a_fault_exits_2_with_its_path(
    kind: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = lot("L1", "VTI", "10", "900", date(2024, 1, 2))
    good = case([security("VTI")], [account()], [one], targets={"us_equity": "1"})
    bad = {
        "price": replace(good, securities=(security("VTI", price="0"),)),
        "twice": replace(good, lots=(one, one)),
        "symbol": replace(good, lots=(replace(one, symbol="XYZ"),)),
        "future": replace(good, lots=(replace(one, acquired=date(2025, 7, 1)),)),
    }[kind]
    path = tmp_path / "bad.json"
    path.write_bytes(encode(bad))
    assert run(["solve", str(path)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


WRONG_USAGE = [
    ["nonsense"],
    ["solve"],
    ["solve", "nowhere.json"],
    ["schema", "house"],
    ["approve", "R-1", "--db", "nowhere.plimsoll", "--by", "x"],
    ["propose", "--db", "nowhere.plimsoll"],
    ["households", "--db", "nowhere.plimsoll"],
    ["import", "nowhere.csv", "--db", "{tmp}/b.plimsoll"],
    ["import", "nowhere.csv", "--db", "{tmp}/b.plimsoll", "--format", "abacus"],
    ["export", "R-1", "--db", "nowhere.plimsoll", "--out", "x"],
    ["overlay", "--prices", "p.csv", "--policy", "p.json", "--as-of", "yesterday"],
]


@pytest.mark.parametrize("arguments", WRONG_USAGE, ids=" ".join)
def test_wrong_usage_exits_2_with_lines_that_say_what_to_do(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([a.replace("{tmp}", str(tmp_path)) for a in arguments]) == 2
    error = capsys.readouterr().err
    assert error.strip()
    assert "Traceback" not in error


def test_schemas_are_json(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    for kind in ("case", "proposal", "policy"):
        assert run(["schema", kind]) == 0
        assert json.loads(capsysbinary.readouterr().out)["$defs"]


def test_households_as_json_is_one_document(sample_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["households", "--db", str(sample_path), "--json", "--today", "2026-10-30"]) == 3
    captured = capsys.readouterr()
    assert len(json.loads(captured.out)) == 12
    assert "NQZS" in captured.err


def test_propose_approve_export_from_the_command_line(
    sample_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    db = ["--db", str(sample_path)]
    assert run(["propose", *db, "--household", "Ingersoll-Vance", "--household", "Almeida-Frost", "--json"]) == 0
    proposed = json.loads(capsys.readouterr().out)
    key = proposed["run"]
    assert [r["household"] for r in proposed["rows"]] == ["Almeida-Frost", "Ingersoll-Vance"]
    assert run(["export", key, *db, "--out", str(tmp_path / "o")]) == 2
    assert run(["approve", key, *db, "--by", "Reviewer", "--reason", "fine"]) == 0
    assert run(["export", key, *db, "--out", str(tmp_path / "o")]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert all(Path(line).is_file() for line in printed if line.startswith(str(tmp_path)))
    assert run(["approve", key, *db, "--by", "Reviewer"]) == 0
    book = open_book(sample_path, now=NOW)
    assert list_runs(book)[0].state == "Filled"
    book.close()


def test_the_cases_of_a_run_are_files_that_solve_and_check_take(sample_path: Path, tmp_path: Path) -> None:
    run(["propose", "--db", str(sample_path), "--household", "Almeida-Frost"])
    assert run(["cases", "R-20261030-001", "--db", str(sample_path), "--out", str(tmp_path)]) == 0
    case_file, kept = tmp_path / "Almeida-Frost.json", tmp_path / "Almeida-Frost.proposal.json"
    assert run(["check", str(case_file), str(kept)]) == 0
    assert run(["solve", str(case_file), "-o", str(tmp_path / "again.json")]) == 0
    assert (tmp_path / "again.json").read_bytes() == kept.read_bytes()


def test_a_left_out_household_exits_3_and_is_named(sample_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["propose", "--db", str(sample_path), "--household", "Grantham-Silva"]) == 3
    assert "left out: Grantham-Silva" in capsys.readouterr().err


def test_a_bug_is_one_line_and_exit_1(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr("workflow.cli_engine.read_bytes", broken)
    assert run(["solve", "x.json"]) == 1
    error = capsys.readouterr().err
    assert "please report it: ZeroDivisionError: on purpose" in error
    assert error.count("\n") == 1


def test_a_table_without_rows_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_table("Account masks", ("Mask", "Account"), [])
    assert capsys.readouterr().out == "Account masks: none\n"
