"""Propose, look, approve, export: the way of a run through its states, and what is kept of it."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from db import audit_log
from engine.errors import AppError
from engine.portfolio import PlanKind
from engine.rebalance.audit import audit_proposal
from engine.rebalance.proposal import Status
from exporters.order_terms import order_terms
from exporters.run_report import RunState
from tests.workflow.conftest import NOW
from workflow.approve import approve, move_on
from workflow.book import Book, open_book
from workflow.case_file import encode, sha256
from workflow.export import export_run
from workflow.propose import propose
from workflow.runs import list_runs, run_report
from workflow.views import RunSummary

TWO = ["Almeida-Frost", "Ingersoll-Vance"]


def run_of(book: Book, households: list[str]) -> RunSummary:
    return propose(book, households=households, as_of=None, now=NOW, by="tester")


def test_a_run_holds_a_proposal_for_each_household_asked_for(sample: Book) -> None:
    run = run_of(sample, TWO)
    assert [r.household for r in run.rows] == TWO
    assert run.run == "R-20261030-001"
    assert run.as_of == date(2026, 10, 30)
    assert run.state is RunState.DRAFT
    assert list_runs(sample) == (run,)


def test_a_run_can_ask_for_another_kind_of_plan(sample: Book) -> None:
    run = propose(sample, households=["Almeida-Frost"], as_of=None, now=NOW, by="tester", plan=PlanKind.HARVEST_ONLY)
    (report,) = run_report(sample, run.run).households
    assert report.case.policy.plan is PlanKind.HARVEST_ONLY
    sold = [part for trade in report.proposal.trades for part in trade.lots]
    assert sold
    assert all(part.gain < 0 for part in sold)
    assert report.proposal.tax.harvested_loss > 20_000


def test_the_second_run_of_a_day_gets_the_next_key(sample: Book) -> None:
    keys = [run_of(sample, TWO[1:]).run for _ in range(2)]
    assert keys == ["R-20261030-001", "R-20261030-002"]


def test_a_stored_proposal_keeps_its_case_its_hash_and_passes_the_audit(sample: Book) -> None:
    report = run_report(sample, run_of(sample, TWO).run)
    for household in report.households:
        assert household.proposal.case_sha256 == sha256(encode(household.case))
        assert audit_proposal(household.case, household.proposal) == ()
        assert household.proposal.status is Status.OPTIMAL
        assert household.tax_trail[0].inputs
    assert report.synthetic
    assert "sample office" in report.firm
    assert report.sources


def test_a_household_that_the_book_does_not_have_is_named(sample: Book) -> None:
    with pytest.raises(AppError, match="there is no household Nobody-Atall"):
        run_of(sample, ["Nobody-Atall"])


def test_a_household_with_a_blocking_problem_is_left_out_by_name(sample: Book) -> None:
    run = run_of(sample, ["Grantham-Silva", *TWO])
    assert [s.household for s in run.skipped] == ["Grantham-Silva"]
    assert "NQZS" in run.skipped[0].why
    assert [r.household for r in run.rows] == TWO


def test_approving_keeps_every_move_with_who_and_why(sample: Book) -> None:
    run = run_of(sample, TWO[1:]).run
    assert approve(sample, run, by="Reviewer", reason="looked at it", now=NOW) is RunState.APPROVED
    moves = run_report(sample, run).approvals
    assert [(m.from_state, m.to_state, m.by, m.reason) for m in moves] == [
        (RunState.DRAFT, RunState.REVIEW, "Reviewer", "looked at it"),
        (RunState.REVIEW, RunState.APPROVED, "Reviewer", "looked at it"),
    ]
    with sample.reading() as session:
        assert audit_log.verify(session) is None
        assert [e.action for e in audit_log.entries(session, newest=3)] == ["move on", "move on", "propose"]


def test_an_approved_run_is_not_approved_again(sample: Book) -> None:
    run = run_of(sample, TWO[1:]).run
    approve(sample, run, by="Reviewer", reason="", now=NOW)
    with pytest.raises(AppError, match="is Approved already"):
        approve(sample, run, by="Reviewer", reason="", now=NOW)


def test_nobody_cannot_approve(sample: Book) -> None:
    run = run_of(sample, TWO[1:]).run
    with pytest.raises(AppError, match="nobody is named"):
        approve(sample, run, by="  ", reason="", now=NOW)


def test_a_run_goes_through_its_states_in_order_and_ends(sample: Book) -> None:
    run = run_of(sample, TWO[1:]).run
    states = [move_on(sample, run, by="R", reason="", now=NOW) for _ in range(5)]
    assert states == list(RunState)[1:]
    with pytest.raises(AppError, match="goes no further"):
        move_on(sample, run, by="R", reason="", now=NOW)


def test_a_draft_is_not_exported(sample: Book, tmp_path: Path) -> None:
    run = run_of(sample, TWO[1:]).run
    with pytest.raises(AppError, match="is Draft, not approved"):
        export_run(sample, run, tmp_path / "out", now=NOW)
    assert not (tmp_path / "out").exists()


def test_an_approved_run_is_exported_and_says_so(sample: Book, tmp_path: Path) -> None:
    run = run_of(sample, TWO).run
    approve(sample, run, by="Reviewer", reason="", now=NOW)
    written = export_run(sample, run, tmp_path, now=NOW)
    assert all(path.is_file() and path.stat().st_size > 0 for path in written)
    assert {p.suffix for p in written} == {".xlsx", ".csv", ".pdf"}
    assert list_runs(sample)[0].state is RunState.EXPORTED
    again = export_run(sample, run, tmp_path, now=NOW)
    assert again == written


def test_an_export_with_limits_has_them_in_its_files_and_in_the_log(sample: Book, tmp_path: Path) -> None:
    run = run_of(sample, TWO).run
    approve(sample, run, by="Reviewer", reason="", now=NOW)
    terms = order_terms(Decimal(10), "10:00-15:30")
    written = export_run(sample, run, tmp_path, now=NOW, terms=terms)
    text = next(path for path in written if path.name.endswith("orders_all.csv")).read_text(encoding="utf-8")
    assert ",LIMIT," in text
    assert ",MARKET," not in text
    assert "Work between 10:00 and 15:30 New York time." in text
    exported = run_report(sample, run).approvals[-1]
    assert exported.reason == f"exported to {tmp_path.name}, orders limit 10 bp, 10:00 to 15:30"


def test_a_failed_export_leaves_the_run_approved(sample: Book, tmp_path: Path) -> None:
    run = run_of(sample, TWO[1:]).run
    approve(sample, run, by="Reviewer", reason="", now=NOW)
    blocked = tmp_path / "out"
    blocked.write_text("a file where the folder should be")
    with pytest.raises(AppError):
        export_run(sample, run, blocked, now=NOW)
    assert list_runs(sample)[0].state is RunState.APPROVED


def test_a_run_that_is_not_there_is_an_error(sample: Book) -> None:
    with pytest.raises(AppError, match="There is no run R-1"):
        run_report(sample, "R-1")


def test_an_empty_book_says_what_to_import_first(tmp_path: Path) -> None:
    book = open_book(tmp_path / "empty.plimsoll", now=NOW)
    with pytest.raises(AppError, match="no prices"):
        run_of(book, TWO)
    book.close()


def test_the_audit_log_cannot_be_rewritten(sample: Book) -> None:
    run_of(sample, TWO[1:])
    with pytest.raises(Exception, match="audit log is never changed"), sample.engine.begin() as connection:
        connection.execute(text("UPDATE audit_log SET by = 'someone else'"))
