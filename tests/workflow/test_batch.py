"""Batches: the same answers wherever they run, and no failure that stops another case."""

import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.errors import AppError
from engine.rebalance.solve import solve
from tests.builders import random_case
from tests.workflow import batch_work
from tests.workflow.conftest import NOW
from workflow import cluster, propose, solve_cases
from workflow.batch import Lost, Place, run_batch
from workflow.book import Book
from workflow.case_builder import build_case
from workflow.case_file import encode
from workflow.cli import run
from workflow.cluster import connected
from workflow.households import list_households
from workflow.runs import run_report
from workflow.solve_cases import BatchOptions, Fault, Solved, solve_many

SEEDS = (2, 8, 16, 21)


def cases() -> list[tuple[str, bytes]]:
    return [(f"c{seed}.json", encode(random_case(seed, accounts=2, lots_each=3))) for seed in SEEDS]


def proposals(answers: Iterator[Solved]) -> list[bytes]:
    return [encode(answer.proposal) for answer in answers]


@pytest.fixture(scope="module")
def alone() -> list[bytes]:
    """The proposals that one process makes, one case after another."""
    return proposals(solve_many(cases(), BatchOptions(workers=1)))


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A cluster of two workers on this machine."""
    from distributed import LocalCluster  # noqa: PLC0415 - slow to load

    made: Any = LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=2,
        threads_per_worker=1,
        processes=False,
        dashboard_address="127.0.0.1:0",
        host="127.0.0.1",
        protocol="tcp",
    )
    with made:
        yield made.scheduler_address


def test_two_workers_answer_with_the_bytes_of_one(alone: list[bytes]) -> None:
    assert proposals(solve_many(cases(), BatchOptions(workers=2))) == alone


def test_a_cluster_of_two_workers_answers_with_the_same_bytes(alone: list[bytes], address: str) -> None:
    assert proposals(solve_many(cases(), BatchOptions(cluster=address))) == alone


def test_answers_come_in_the_order_of_the_items_and_progress_as_they_finish() -> None:
    told: list[int] = []
    answers = list(run_batch(batch_work.slow_first, range(5), Place(workers=2), told.append))
    assert answers == [0, 1, 2, 3, 4]
    assert sorted(told) == answers
    assert told[0] != 0


def test_a_killed_worker_loses_its_item_and_no_other() -> None:
    answers = list(run_batch(batch_work.die_on_three, range(9), Place(workers=2)))
    assert [a for a in answers if not isinstance(a, Lost)] == [0, 1, 2, 4, 5, 6, 7, 8]
    assert isinstance(answers[3], Lost)
    assert "memory" in answers[3].why


def test_a_batch_that_nobody_waits_for_ends_in_silence(capfd: pytest.CaptureFixture[str]) -> None:
    batch = run_batch(batch_work.slow_first, range(1, 40), Place(workers=2))
    assert next(batch) == 1
    batch.close()
    assert capfd.readouterr().err == ""


def test_an_exception_loses_only_its_item() -> None:
    answers = list(run_batch(batch_work.raise_on_three, range(6), Place(workers=2)))
    assert answers == [0, 1, 2, Lost("ValueError: three"), 4, 5]


def test_an_exception_on_a_cluster_loses_only_its_item(address: str) -> None:
    with connected(address) as found:
        answers = list(run_batch(batch_work.raise_on_three, range(6), Place(cluster=found)))
    assert [a for a in answers if not isinstance(a, Lost)] == [0, 1, 2, 4, 5]
    assert answers[3] == Lost("ValueError: three")


def test_a_solver_that_fails_is_a_bug_told_with_the_case(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("of shares")

    monkeypatch.setattr(solve_cases, "solve", fail)
    answer = next(solve_many(cases()[:1], BatchOptions()))
    assert answer.fault is Fault.BUG
    assert answer.line().startswith("c2.json: the solver failed (ZeroDivisionError: of shares)")


def test_an_audit_that_fails_stops_no_other_case(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyError("lot")

    monkeypatch.setattr(solve_cases, "audit_proposal", fail)
    assert [a.fault for a in solve_many(cases()[:2], BatchOptions())] == [Fault.BUG, Fault.BUG]


def folder_of(path: Path, *seeds: int) -> Path:
    folder = path / "cases"
    folder.mkdir()
    for seed in seeds:
        (folder / f"c{seed}.json").write_bytes(encode(random_case(seed, accounts=2, lots_each=3)))
    return folder


def test_a_bug_in_one_case_of_a_folder_is_exit_code_1_and_the_others_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = folder_of(tmp_path, 2, 8)
    right = solve

    def fail_once(case: Any, **options: Any) -> Any:
        if case == random_case(2, accounts=2, lots_each=3):
            raise RuntimeError("no basis")
        return right(case, **options)

    monkeypatch.setattr(solve_cases, "solve", fail_once)
    assert run(["solve", str(folder)]) == 1
    assert [p.name for p in folder.glob("*.proposal.json")] == ["c8.proposal.json"]
    assert capsys.readouterr().err.startswith("c2.json: the solver failed")


def test_a_key_that_no_case_has_is_told_in_a_batch_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = folder_of(tmp_path, 8)
    file = folder / "c8.json"
    file.write_bytes(file.read_bytes().replace(b"{", b'{"nonsense": 1, ', 1))
    assert run(["solve", str(folder)]) == 0
    assert "c8.json: nonsense is no key of a case" in capsys.readouterr().err


def test_two_cases_of_one_name_are_not_written_over_each_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = folder_of(tmp_path, 2)
    twin = tmp_path / "c2.json"
    twin.write_bytes((folder / "c2.json").read_bytes())
    assert run(["solve", str(folder), str(twin), "-o", str(tmp_path / "out")]) == 2
    assert "two cases have one proposal file" in capsys.readouterr().err


def test_a_proposal_that_cannot_be_written_stops_no_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = folder_of(tmp_path, 2, 8)
    (folder / "c2.proposal.json").mkdir()
    assert run(["solve", str(folder)]) == 2
    assert (folder / "c8.proposal.json").is_file()
    assert "the proposal cannot be written" in capsys.readouterr().err


def test_a_folder_is_solved_on_the_cluster(tmp_path: Path, address: str) -> None:
    folder = folder_of(tmp_path, 2)
    assert run(["solve", str(folder / "c2.json"), "--cluster", address, "-o", str(tmp_path)]) == 0
    here = tmp_path / "here.json"
    assert run(["solve", str(folder / "c2.json"), "-o", str(here)]) == 0
    assert (tmp_path / "c2.proposal.json").read_bytes() == here.read_bytes()


def test_without_the_extra_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert run(["solve", str(folder_of(tmp_path, 2)), "--cluster", "tcp://127.0.0.1:1"]) == 2
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert 'pip install "plimsoll[cluster]"' in told[0]


@pytest.mark.parametrize("where", ["closed", "silent", "nonsense"])
def test_an_address_where_nothing_answers_is_one_line(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_S", 0.3)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        if where == "silent":
            listener.listen()
        named = "nonsense://here" if where == "nonsense" else f"tcp://127.0.0.1:{port}"
        started = time.perf_counter()
        with pytest.raises(AppError, match="the cluster cannot be reached") as caught:
            next(solve_many(cases(), BatchOptions(cluster=named)))
    assert time.perf_counter() - started < 5
    assert "\n" not in str(caught.value)


def test_workers_of_another_version_are_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "engine_version", lambda: threading.current_thread().name)
    with pytest.raises(AppError, match="runs another version"):
        next(solve_many(cases(), BatchOptions(cluster=address)))


def test_households_are_proposed_on_the_cluster_as_here(sample: Book, address: str) -> None:
    names = [row.name for row in list_households(sample, today=NOW.date()) if not row.blocked][:2]

    def made(batch: BatchOptions) -> list[bytes]:
        run_made = propose.propose(sample, households=names, as_of=None, now=NOW, by="x", batch=batch)
        return [encode(p.proposal) for p in run_report(sample, run_made.run).households]

    assert made(replace(propose.BATCH, cluster=address)) == made(replace(propose.BATCH, workers=1))


def test_a_household_whose_case_cannot_be_made_is_left_out_by_name(
    sample: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [row.name for row in list_households(sample, today=NOW.date()) if not row.blocked][:2]
    right = build_case

    def fail_once(held: Any, overlay: Any) -> Any:
        if held.name == names[0]:
            raise KeyError("sleeve")
        return right(held, overlay)

    monkeypatch.setattr("workflow.propose.build_case", fail_once)
    made = propose.propose(sample, households=names, as_of=None, now=NOW, by="x")
    assert [row.household for row in made.rows] == names[1:]
    assert [(left.household, "KeyError" in left.why) for left in made.skipped] == [(names[0], True)]
