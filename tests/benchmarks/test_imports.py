"""The benchmark of imports measures what it says: files of the size asked for, imported whole."""

from pathlib import Path

import pytest

from benchmarks import imports


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_of_the_benchmark_is_imported_again_and_taken_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    file = tmp_path / f"lots-2026-10-30.{kind}"
    imports.write_lots(file, 60)
    imports.measure(file)
    told = capsys.readouterr().out
    assert told.split()[:2] == [kind, "60"]
    assert "the same file again" in told
    assert "taken back" in told


def test_the_files_of_next_month_differ_from_those_of_this_month(tmp_path: Path) -> None:
    first, second = imports.write_months(tmp_path, 200)
    assert [file.name for file in (*first, *second)] == [
        "positions-2026-09-30.csv",
        "lots-2026-09-30.csv",
        "positions-2026-10-30.csv",
        "lots-2026-10-30.csv",
    ]
    lots = [set(file.read_text(encoding="utf-8").splitlines()) for file in (first[1], second[1])]
    assert len(lots[0]) == 201
    assert lots[0] - lots[1]
    assert lots[1] - lots[0]


def test_two_months_of_an_office_are_imported_and_the_second_taken_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imports.measure_months(tmp_path, 200)
    told = capsys.readouterr().out
    assert [line.split("  ")[0] for line in told.splitlines()] == ["first month", "next month", "taken back"]
