"""`plimsoll ledger` as a user meets it: a table, JSON and nothing else, a workbook, exit codes."""

import json
from pathlib import Path

import openpyxl
import pytest
import typer

from engine.errors import AppError
from workflow.cli_ledger import LONGEST_TABLE, ledger_command

HEADER = "id,date,account,owner,registration,symbol,identity_group,action,quantity,amount,lots"
GOOD = """
b1,2024-01-08,J,client,taxable,VTI,US,buy,10,1000.00,
s1,2025-02-03,J,client,taxable,VTI,US,sell,10,800.00,
b2,2025-02-10,R,spouse,roth_ira,VTI,US,reinvest,2.5,205.00,
b3,2025-02-11,K,client,401k,VTI,US,buy,1,82,
"""
BAD = "s2,2025-02-12,J,client,taxable,VTI,US,sell,1,10,\n"

app = typer.Typer()
app.command()(ledger_command)


@pytest.fixture
def trades(tmp_path: Path) -> Path:
    path = tmp_path / "trades.csv"
    path.write_text(f"{HEADER}{GOOD}", encoding="utf-8")
    return path


def run(*arguments: object) -> int:
    """Run the command alone; the exit code that `plimsoll` would end with."""
    code: int | None = app([str(argument) for argument in arguments], standalone_mode=False)
    return code or 0


def test_json_is_one_document_and_nothing_else(trades: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(trades, "--json") == 0
    captured = capsysbinary.readouterr()
    assert json.loads(captured.out)["totals"] == {
        "short_term": 0.0,
        "long_term": -130.0,
        "disallowed": 70.0,
        "permanent": 70.0,
    }
    assert captured.err == b""


def test_the_same_file_gives_the_same_bytes(trades: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    outputs = []
    for _ in range(2):
        run(trades, "--json")
        outputs.append(capsysbinary.readouterr().out)
    assert outputs[0] == outputs[1]


def test_without_json_it_is_a_table_with_totals_and_the_policy(
    trades: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(trades) == 0
    out = capsys.readouterr().out
    assert "2025-02-03" in out
    assert "1,000.00" in out
    assert "Losses disallowed 70.00, of which lost for good 70.00." in out
    assert "Lots sold in one order: the later bought replaces the earlier." in out


def test_a_row_that_cannot_be_replayed_is_named_and_the_exit_code_is_2(
    trades: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    trades.write_text(f"{HEADER}{GOOD}{BAD}", encoding="utf-8")
    assert run(trades, "--json") == 2
    captured = capsysbinary.readouterr()
    document = json.loads(captured.out)
    assert [problem["row"] for problem in document["problems"]] == [6]
    assert document["totals"]["disallowed"] == 70.0
    assert b"trades.csv, row 6, field quantity: account J holds no VTI on 2025-02-12" in captured.err


def test_as_of_leaves_later_rows_unread(trades: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    trades.write_text(f"{HEADER}{GOOD}{BAD}", encoding="utf-8")
    assert run(trades, "--as-of", "2025-02-09", "--json") == 0
    document = json.loads(capsysbinary.readouterr().out)
    assert document["as_of"] == "2025-02-09"
    assert document["totals"]["disallowed"] == 0.0


def test_a_row_of_tomorrow_is_a_problem(trades: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    trades.write_text(f"{HEADER}{GOOD}b4,2199-02-12,J,client,taxable,VTI,US,buy,1,10,\n", encoding="utf-8")
    assert run(trades, "--json") == 2
    assert b"is in the future" in capsysbinary.readouterr().err


@pytest.mark.parametrize(
    ("switch", "disallowed"),
    [
        ("--no-plans-as-iras", 50.0),
        ("--no-one-order", 70.0),
        ("--no-sold-before-loss", 70.0),
        ("--identity=symbol", 70.0),
    ],
)
def test_the_policy_can_be_switched_and_is_named_in_the_output(
    trades: Path, capsysbinary: pytest.CaptureFixture[bytes], switch: str, disallowed: float
) -> None:
    run(trades, "--json")
    cautious = json.loads(capsysbinary.readouterr().out)
    run(trades, "--json", switch)
    switched = json.loads(capsysbinary.readouterr().out)
    assert switched["totals"]["disallowed"] == disallowed
    assert switched["policy"] != cautious["policy"]


def test_the_workbook_is_written(trades: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "gains.xlsx"
    assert run(trades, "--workbook", out) == 0
    assert "2025 Part II" in openpyxl.load_workbook(out).sheetnames
    assert capsys.readouterr().err == ""


def test_a_workbook_that_cannot_be_written_is_said_in_one_line(trades: Path, tmp_path: Path) -> None:
    with pytest.raises(AppError, match="the workbook cannot be written"):
        run(trades, "--workbook", tmp_path / "nowhere" / "gains.xlsx")


def test_warnings_and_notes_do_not_change_the_exit_code(trades: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "p1,2025-03-03,J,client,taxable,VTI,US,split,2,,\nb4,2025-03-04,J,client,taxable,VTI,US,buy,1,10.005,\n"
    trades.write_text(f"{HEADER}{GOOD}{rows}", encoding="utf-8")
    assert run(trades) == 0
    err = capsys.readouterr().err
    assert "warning: trades.csv, row 4, field action: account R holds 2.5 VTI through the split of 2025-03-03" in err
    assert "info: trades.csv, row 7" in err


def test_a_long_table_is_cut_on_the_screen_and_says_so(trades: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"x{n},2024-01-08,J,client,taxable,VTI,US,buy,1,10,\n" for n in range(LONGEST_TABLE + 5)]
    trades.write_text(f"{HEADER}\n{''.join(rows)}", encoding="utf-8")
    assert run(trades) == 0
    assert "... and 5 more; --json and --workbook have all of them." in capsys.readouterr().out
