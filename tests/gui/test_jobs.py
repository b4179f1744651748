import threading
from collections.abc import Iterator
from functools import partial
from time import sleep
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from engine.errors import AppError
from gui.jobs import Job, Jobs
from gui.progress_line import ProgressLine
from workflow.views import Progress


@pytest.fixture
def jobs(qapp: object) -> Iterator[Jobs]:
    made = Jobs()
    yield made
    made.close()


def ignore(_: object) -> None:
    """Take a result that the test does not look at."""


def test_a_result_arrives_on_the_main_thread(jobs: Jobs) -> None:
    where: list[int] = []
    found: list[tuple[object, int]] = []

    def work(_: Progress) -> int:
        where.append(threading.get_ident())
        return 2**40

    jobs.start("Counting", work, lambda result: found.append((result, threading.get_ident())))
    assert jobs.wait_idle(5_000)
    assert found == [(2**40, threading.get_ident())]
    assert where[0] != threading.get_ident()


def test_a_failure_arrives_as_it_was_raised(jobs: Jobs) -> None:
    failed: list[Exception] = []
    error = AppError("there is no such file")

    def work(_: Progress) -> None:
        raise error

    jobs.start("Reading", work, ignore, failed=failed.append)
    assert jobs.wait_idle(5_000)
    assert failed == [error]


def test_a_failure_that_nobody_takes_goes_to_the_common_signal(jobs: Jobs) -> None:
    failed: list[object] = []
    jobs.failed.connect(failed.append)
    jobs.start("Dividing", lambda _: 1 // 0, ignore)
    assert jobs.wait_idle(5_000)
    assert [type(error) for error in failed] == [ZeroDivisionError]


def test_cancelling_stops_the_work_at_its_next_report(jobs: Jobs) -> None:
    began = threading.Event()
    seen: list[object] = []
    done: list[object] = []

    def work(progress: Progress) -> None:
        for number in range(10_000):
            progress(number, 10_000, "")
            began.set()
            sleep(0.001)

    job = jobs.start("Long work", work, done.append)
    job.cancelled.connect(lambda: seen.append("cancelled"))
    assert began.wait(5)
    job.cancel()
    assert jobs.wait_idle(5_000)
    assert (seen, done, job.is_cancelled) == (["cancelled"], [], True)


def test_progress_arrives_on_the_main_thread_and_ends_complete(jobs: Jobs) -> None:
    seen: list[tuple[int, int, str, int]] = []

    def work(progress: Progress) -> None:
        for number in range(1, 501):
            progress(number, 500, f"row {number}")

    job = jobs.start("Reading", work, ignore)
    job.progressed.connect(lambda *news: seen.append((*news, threading.get_ident())))
    assert jobs.wait_idle(5_000)
    assert seen[-1] == (500, 500, "row 500", threading.get_ident())
    assert len(seen) < 100


def test_the_answer_to_a_question_asked_again_is_dropped(jobs: Jobs) -> None:
    go = threading.Event()
    answers: list[str] = []

    def slow(_: Progress) -> str:
        go.wait(5)
        return "old"

    jobs.start("Reading", slow, answers.append, question="dashboard")
    jobs.start("Reading", lambda _: "new", answers.append, question="dashboard")
    go.set()
    assert jobs.wait_idle(5_000)
    assert answers == ["new"]


def test_writers_work_one_after_the_other_in_order(jobs: Jobs) -> None:
    inside: list[int] = []
    order: list[int] = []

    def work(number: int) -> Any:
        def write(_: Progress) -> int:
            inside.append(number)
            assert len(inside) == 1
            sleep(0.002)
            inside.remove(number)
            return number

        return write

    for number in range(20):
        jobs.start("Writing", work(number), order.append, writes=True)
    assert jobs.wait_idle(10_000)
    assert order == list(range(20))


def _same(number: int, _progress: Progress) -> int:
    return number


def test_five_hundred_queued_jobs_all_finish(jobs: Jobs) -> None:
    done: list[int] = []
    for number in range(500):
        jobs.start("Counting", partial(_same, number), done.append)
    assert jobs.wait_idle(20_000)
    assert sorted(done) == list(range(500))


def test_closing_stops_running_work_and_hands_nothing_over(jobs: Jobs, qtbot: QtBot) -> None:
    began = threading.Event()
    done: list[object] = []

    def work(progress: Progress) -> None:
        while True:
            progress(0, 1, "")
            began.set()
            sleep(0.001)

    jobs.start("For ever", work, done.append)
    jobs.start("Waiting", lambda _: 1, done.append)
    assert began.wait(5)
    jobs.close()
    qtbot.wait(20)
    assert (jobs.busy, done) == (False, [])


def test_work_that_takes_a_while_is_announced_and_can_be_stopped(jobs: Jobs, qtbot: QtBot) -> None:
    line = ProgressLine(jobs)
    qtbot.addWidget(line)
    line.show()
    ended: list[Job] = []
    jobs.ended.connect(ended.append)

    def work(progress: Progress) -> None:
        while True:
            progress(3, 12, "Almeida-Frost")
            sleep(0.01)

    jobs.start("Proposing", work, ignore)
    assert not line.bar.isVisible()
    qtbot.waitUntil(lambda: line.said.text() == "Proposing: Almeida-Frost" and line.bar.value() == 3, timeout=5_000)
    qtbot.waitUntil(line.cancel.isVisible, timeout=5_000)
    assert (line.said.text(), line.bar.maximum(), line.bar.value()) == ("Proposing: Almeida-Frost", 12, 3)
    line.cancel.click()
    qtbot.waitUntil(lambda: not line.bar.isVisible(), timeout=5_000)
    assert len(ended) == 1
