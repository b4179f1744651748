import errno
import os
from dataclasses import replace
from decimal import FloatOperation, localcontext
from pathlib import Path

import pytest

from engine.errors import AppError
from exporters.run_files import safe_name, unique_names, write_run
from tests.exporters.builders import ackerman, castellano, lindqvist, sample_run
from tests.exporters.office import RUN


def names_in(out: Path) -> list[str]:
    return sorted(file.relative_to(out).as_posix() for file in out.rglob("*") if file.is_file())


EXPECTED = [
    f"{RUN}_blotter.xlsx",
    "clients/Ackerman-Whitfield Family.pdf",
    "clients/Castellano Household.pdf",
    "clients/Marchetti Household.pdf",
    f"orders/{RUN}_allocations.csv",
    f"orders/{RUN}_lots.csv",
    f"orders/{RUN}_orders_all.csv",
    f"orders/{RUN}_orders_fidelity.csv",
    f"orders/{RUN}_orders_schwab.csv",
]
REPORT = sample_run(ackerman(), castellano())


def test_run_writes_blotter_orders_and_one_report_for_each_household(tmp_path: Path) -> None:
    paths = write_run(REPORT, tmp_path / "new" / "out")
    assert names_in(tmp_path / "new" / "out") == EXPECTED
    assert sorted(p.relative_to(tmp_path / "new" / "out").as_posix() for p in paths) == EXPECTED
    assert paths[0].suffix == ".xlsx"
    assert [path for path in paths if path.read_bytes() == b""] == []


def test_exporting_again_writes_the_same_bytes_over_the_old_files(tmp_path: Path) -> None:
    first = {path: path.read_bytes() for path in write_run(REPORT, tmp_path)}
    second = {path: path.read_bytes() for path in write_run(REPORT, tmp_path)}
    assert first == second
    assert names_in(tmp_path) == EXPECTED


def test_every_export_works_where_mixing_floats_and_decimals_is_an_error(tmp_path: Path) -> None:
    with localcontext() as context:
        context.traps[FloatOperation] = True
        paths = write_run(sample_run(), tmp_path)
    assert len(paths) == 11


def test_progress_counts_every_file_and_ends_full(tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    paths = write_run(REPORT, tmp_path, lambda done, total, what: told.append((done, total, what)))
    assert [done for done, _, _ in told] == list(range(len(paths) + 1))
    assert {total for _, total, _ in told} == {len(paths)}
    assert told[0][2] == f"{RUN}_blotter.xlsx"


def test_cancelling_leaves_no_file_at_all(tmp_path: Path) -> None:
    class Cancelled(Exception):  # noqa: N818
        pass

    def cancel(done: int, _total: int, _what: str) -> None:
        if done == 4:
            raise Cancelled

    with pytest.raises(Cancelled):
        write_run(REPORT, tmp_path, cancel)
    assert names_in(tmp_path) == []


def test_full_disk_leaves_the_files_of_before_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path: path.read_bytes() for path in write_run(REPORT, tmp_path)}
    written: list[Path] = []
    really = Path.write_bytes

    def until_full(path: Path, content: bytes) -> int:
        written.append(path)
        if len(written) == 5:
            really(path, content[: len(content) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")
        return really(path, content)

    monkeypatch.setattr(Path, "write_bytes", until_full)
    with pytest.raises(AppError, match="The disk is full") as caught:
        write_run(sample_run(ackerman(), castellano(), lindqvist()), tmp_path)
    assert "Free some space" in caught.value.hint
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_file_open_in_excel_says_to_close_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_run(REPORT, tmp_path)
    really = Path.replace

    def held(path: Path, target: Path) -> Path:
        if target.suffix == ".xlsx":
            raise PermissionError(errno.EACCES, "used by another process")
        return really(path, target)

    monkeypatch.setattr(Path, "replace", held)
    with pytest.raises(AppError) as caught:
        write_run(REPORT, tmp_path)
    assert caught.value.title == f"Cannot write {RUN}_blotter.xlsx"
    assert "Close the file if it is open in Excel" in caught.value.hint
    assert names_in(tmp_path) == EXPECTED


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="folder rights do not bind here")
def test_folder_that_may_not_be_written_says_so(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(AppError, match="Cannot write"):
        write_run(REPORT, tmp_path / "out")


def test_folder_that_the_system_refuses_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_args: object, **_kwargs: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(AppError, match="choose a folder you may write to"):
        write_run(REPORT, tmp_path / "out")


def test_other_trouble_of_the_disk_is_told_with_its_own_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Path, "write_bytes", broken)
    with pytest.raises(AppError, match="Input/output error"):
        write_run(REPORT, tmp_path)
    assert names_in(tmp_path) == []


def test_file_in_place_of_the_folder_is_explained(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(AppError, match="Choose another folder"):
        write_run(REPORT, tmp_path / "out")
    assert (tmp_path / "out").read_text() == "a file"


def test_what_a_crash_left_behind_is_cleared_by_the_next_export(tmp_path: Path) -> None:
    left = tmp_path / f".{RUN}.partial"
    left.mkdir()
    (left / "half.pdf").write_bytes(b"%PDF")
    write_run(REPORT, tmp_path)
    assert names_in(tmp_path) == EXPECTED
    assert not left.exists()


def test_households_of_one_name_get_files_of_their_own(tmp_path: Path) -> None:
    twins = (replace(ackerman(), household="Smith / Jones"), replace(castellano(), household="smith \\ jones"))
    write_run(sample_run(*twins), tmp_path)
    clients = [name for name in names_in(tmp_path) if name.startswith("clients")]
    assert clients == [
        "clients/Marchetti Household.pdf",
        "clients/Smith Jones.pdf",
        "clients/smith jones (2).pdf",
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("O'Brien & Daughters", "O'Brien & Daughters"),
        ("../../etc/passwd", "etc passwd"),
        ("C:\\Clients\\x", "C Clients x"),
        ("con", "con_"),
        ("LPT1.old", "LPT1.old_"),
        ("Trust.", "Trust"),
        ("  ", "unnamed"),
        ("...", "unnamed"),
        ("a\x00b\tc", "ab c"),
        ('<>:"/|?*', "unnamed"),
        ("e\u0301", "\u00e9"),
        ("x" * 500, "x" * 100),
        ("Nguyễn", "Nguyễn"),
    ],
)
def test_file_names_are_safe_on_every_system(text: str, name: str) -> None:
    assert safe_name(text) == name


def test_names_are_unique_where_case_does_not_count() -> None:
    assert unique_names(["A", "a", "A", "B"]) == ["A", "a (2)", "A (3)", "B"]
