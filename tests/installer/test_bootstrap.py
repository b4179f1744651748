import json
import re
import sys
from pathlib import Path

import pytest

from installer import bootstrap

TOP = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with constraints but no .venv, in which nothing is really installed."""
    for name in {name for files in bootstrap.SETS.values() for name in files}:
        (tmp_path / name).write_text(f"{name}\n", encoding="utf-8")
    extra = '[project.optional-dependencies]\nlearned = ["torch==2.13.0"]\n'
    (tmp_path / "pyproject.toml").write_text(extra, encoding="utf-8")
    monkeypatch.setattr(bootstrap, "HERE", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "make_venv", (tmp_path / ".venv").mkdir)
    monkeypatch.setattr(bootstrap, "right_python", (tmp_path / ".venv").is_dir)
    return tmp_path


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What would have been run; everything succeeds."""
    ran: list[list[str]] = []

    def run(command: list[str]) -> int:
        ran.append(command)
        return 0

    monkeypatch.setattr(bootstrap, "run", run)
    return ran


def test_without_a_verb_the_verbs_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.main([]) == 2
    assert "demo|test|test-learned|run" in capsys.readouterr().out


def test_a_python_that_is_too_old_is_told_so_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    assert bootstrap.main(["demo"]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    assert "needs Python 3.11 or later" in lines[0]
    assert "is 3.9.2" in lines[0]


def test_a_missing_venv_module_names_the_package(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / "nothing")
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    assert bootstrap.main(["demo"]) == 2
    assert re.fullmatch(r".*sudo apt-get install python3\.\d+-venv\n", capsys.readouterr().out)


def test_a_set_is_installed_once(bare: Path, commands: list[list[str]]) -> None:
    bootstrap.install("run")
    assert len(commands) == 2
    assert commands[0][commands[0].index("--require-hashes") :].count("-r") == 1
    bootstrap.install("run")
    assert len(commands) == 2


def test_a_larger_set_makes_the_smaller_one_unnecessary(bare: Path, commands: list[list[str]]) -> None:
    bootstrap.install("test")
    assert [word for word in commands[0] if word.startswith("constraints")] == [
        "constraints.txt",
        "constraints-test.txt",
    ]
    commands.clear()
    bootstrap.install("run")
    assert commands == []


def test_the_extra_is_installed_over_the_tests_and_pinned_exactly(bare: Path, commands: list[list[str]]) -> None:
    bootstrap.install("learned")
    assert [word for word in commands[0] if word.startswith("constraints")] == [
        "constraints.txt",
        "constraints-test.txt",
        "constraints-learned.txt",
    ]
    assert commands[-1][-1] == "torch==2.13.0"
    assert "--only-binary" in commands[-1]
    assert "--no-deps" not in commands[-1], "a build for graphics cards would lack its libraries"
    assert all("--no-deps" in command for command in commands[:-1])
    commands.clear()
    bootstrap.install("test")
    assert commands == []


def test_what_develops_the_program_is_not_the_extra(bare: Path, commands: list[list[str]]) -> None:
    bootstrap.install("dev")
    commands.clear()
    bootstrap.install("learned")
    assert len(commands) == 3


@pytest.mark.parametrize(
    ("report", "code", "expected"),
    [
        ('<testsuites><testsuite name="pytest" errors="0" skipped="1" tests="9">', 0, 0),
        ('<testsuites><testsuite name="pytest" errors="0" skipped="9" tests="9">', 0, 1),
        ('<testsuites><testsuite name="pytest" errors="0" skipped="0" tests="9">', 1, 1),
        ("", 0, 1),
    ],
)
def test_the_tests_of_the_extra_fail_where_one_fails_or_none_runs(
    report: str, code: int, expected: int, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "BUILD", bare / "build")

    def run(command: list[str]) -> int:
        if "--junitxml" in command:
            Path(command[command.index("--junitxml") + 1]).write_text(report, encoding="utf-8")
            return code
        return 0

    monkeypatch.setattr(bootstrap, "run", run)
    assert bootstrap.learned([]) == expected


def test_a_changed_pin_installs_again(bare: Path, commands: list[list[str]]) -> None:
    bootstrap.install("run")
    (bare / "constraints.txt").write_text("other\n", encoding="utf-8")
    bootstrap.install("run")
    assert len(commands) == 4


def test_a_failed_installation_leaves_no_stamp(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "run", lambda command: 1)
    with pytest.raises(bootstrap.Stop, match="could not be installed"):
        bootstrap.install("run")
    assert not list((bare / ".venv").iterdir())


@pytest.mark.parametrize(("covered", "good"), [(95, True), (94, False)])
def test_branches_of_the_engine_decide(
    covered: int, good: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = tmp_path / "coverage.json"
    report.write_text(json.dumps({"totals": {"num_branches": 100, "covered_branches": covered}}), encoding="utf-8")
    monkeypatch.setattr(bootstrap, "run", lambda command: 0)
    assert bootstrap.enough_branches(report) is good


def test_steps_go_on_after_a_failure_and_name_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "run", lambda command: 1 if command[0].endswith("bad") else 0)
    assert bootstrap.steps((("first", ("bad",)), ("second", ("good",)))) == 1
    out = capsys.readouterr().out
    assert "== second: ok" in out
    assert out.splitlines()[-1] == "Failed: first"


def test_every_verb_of_make_is_a_verb_of_the_script(capsys: pytest.CaptureFixture[str]) -> None:
    makefile = (TOP / "Makefile").read_text(encoding="utf-8")
    bootstrap.main([])
    usage = capsys.readouterr().out
    listed = set(re.findall(r"^([a-z-]+):.*## ", makefile, flags=re.MULTILINE)) - {"help"}
    assert listed == set(usage.split("bootstrap.py ")[1].split(" ")[0].split("|"))
