import decimal
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from workflow.cli import run

TOP = Path(__file__).resolve().parent.parent
VERBS = "demo import households propose approve export solve check overlay template schema self-test screenshots"


@pytest.fixture(autouse=True)
def own_decimal_context() -> Iterator[None]:
    """The command traps floats for the rest of its process; the tests go on in theirs."""
    with decimal.localcontext():
        yield


def process(script: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", script]
    return subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def test_the_command_names_every_verb_without_importing_qt() -> None:
    answer = process("import sys; from workflow.cli import run; code = run(['--help']); print(code, *sys.modules)")
    text, _, loaded = answer.stdout.rstrip().rpartition("\n")
    code, *modules = loaded.split()
    assert code == "0"
    assert [verb for verb in VERBS.split() if f"  {verb} " not in text] == []
    assert not {"PySide6", "shiboken6", "pyqtgraph"} & {name.split(".")[0] for name in modules}


def test_a_verb_that_does_not_exist_ends_the_process_with_code_2() -> None:
    answer = process("import sys; sys.argv = ['plimsoll', 'frobnicate']; from workflow.cli import main; main()")
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert len(answer.stderr.splitlines()) == 1
    assert "frobnicate" in answer.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("solve",),
        ("solve", "no-such-file.json"),
        ("schema", "novel"),
        ("check", "one.json"),
        ("--frobnicate",),
        ("import", "no-such-file.csv"),
        ("households", "--db", "no-such-book.plimsoll"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_one_line_and_exit_code_2(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(list(arguments)) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize("what", ["case", "proposal", "policy"])
def test_schema_prints_one_json_document(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", what]) == 0
    assert isinstance(json.loads(capsys.readouterr().out), dict)
