from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db import store, tables
from db.store.stored import NewProposal, NewRun, NewTrade, StoredApproval
from engine.errors import AppError
from engine.portfolio import Side, Term
from tests.db.sample import AT, DAY

D = Decimal
RUN = NewRun(
    as_of=DAY,
    prices_as_of=DAY,
    state="Draft",
    created_at=AT,
    created_by="Jane",
    engine_version="0.1.0",
    skipped=(("Baker", "it has no model"),),
    sources=(1,),
)
PROPOSAL = NewProposal(
    household_id=1,
    status="optimal",
    objective=D("-120.55"),
    case_sha256="c0ffee",
    case_json=b'{"schema": "plimsoll.case/1"}',
    proposal_json="{}",
    overlay_json=None,
    facts_json="{}",
    trades=(
        NewTrade(
            "A1",
            "VTI",
            Side.SELL,
            D("20.5"),
            D("10.25"),
            D("210.13"),
            "to harvest a loss",
            "harvest",
            lots=(("A1/L2", D("20.5"), D("-689.97"), Term.LONG), ("A1/L1", D(1), D(1), None)),
        ),
        NewTrade("A1", "ITOT", Side.BUY, D(2), D(100), D(200), "in its place", "substitute", lots=()),
    ),
)


def test_a_run_is_kept_and_comes_back(session: Session) -> None:
    stored = store.insert_run(session, RUN)
    assert stored.key == "R-20261030-001"
    assert (stored.as_of, stored.state, stored.created_at, stored.skipped) == (DAY, "Draft", AT, RUN.skipped)
    assert [source.name for source in stored.sources] == ["positions.csv"]
    assert store.load_run(session, stored.key) == stored


def test_the_runs_of_a_day_are_numbered(session: Session) -> None:
    keys = [store.insert_run(session, run).key for run in (RUN, RUN, replace(RUN, as_of=date(2026, 11, 2)))]
    assert keys == ["R-20261030-001", "R-20261030-002", "R-20261102-001"]
    assert [run.key for run in store.list_runs(session)] == keys[::-1]


def test_a_proposal_keeps_its_case_byte_for_byte_and_its_trades_queryable(session: Session) -> None:
    run = store.insert_run(session, RUN)
    number = store.insert_proposal(session, run.id, PROPOSAL)
    (found,) = store.current_proposals(session, run.id)
    assert (found.id, found.household, found.parent_id, found.objective) == (number, "Abbott", None, D("-120.55"))
    assert found.case_json == PROPOSAL.case_json
    sold = session.scalars(select(tables.Trade).where(tables.Trade.side == Side.SELL)).one()
    assert (sold.account_id, sold.quantity, sold.amount) == (1, D("20.5"), D("210.13"))
    lots = session.scalars(select(tables.TradeLot).order_by(tables.TradeLot.lot)).all()
    assert [(lot.lot, lot.term) for lot in lots] == [("A1/L1", None), ("A1/L2", Term.LONG)]


def test_an_edit_replaces_its_parent_once(session: Session) -> None:
    run = store.insert_run(session, RUN)
    first = store.insert_proposal(session, run.id, PROPOSAL)
    second = store.insert_proposal(session, run.id, replace(PROPOSAL, status="feasible"), parent=first)
    assert [(p.id, p.parent_id) for p in store.current_proposals(session, run.id)] == [(second, first)]


def test_a_trade_in_an_unknown_security_is_a_bug(session: Session) -> None:
    run = store.insert_run(session, RUN)
    trades = (replace(PROPOSAL.trades[1], symbol="NONE"),)
    with pytest.raises(KeyError):
        store.insert_proposal(session, run.id, replace(PROPOSAL, trades=trades))


def test_a_run_moves_on_and_keeps_who_moved_it(session: Session) -> None:
    key = store.insert_run(session, RUN).key
    moves = [
        StoredApproval(AT, "Jane", "Draft", "Review", ""),
        StoredApproval(AT + timedelta(hours=1), "Sam", "Review", "Approved", "as discussed"),
    ]
    for move in moves:
        store.insert_approval(session, key, move)
    run = store.load_run(session, key)
    assert (run.state, run.approvals) == ("Approved", tuple(moves))


def test_a_run_that_someone_else_moved_on_is_not_moved_twice(session: Session) -> None:
    key = store.insert_run(session, RUN).key
    move = StoredApproval(AT, "Jane", "Draft", "Review", "")
    store.insert_approval(session, key, move)
    with pytest.raises(AppError, match="not in state Draft but Review"):
        store.insert_approval(session, key, move)
    with pytest.raises(AppError, match="gone"):
        store.insert_approval(session, "R-19990101-001", move)


def test_a_run_that_does_not_exist_is_said(session: Session) -> None:
    with pytest.raises(AppError, match="There is no run R-1"):
        store.load_run(session, "R-1")


def test_the_files_behind_the_present_figures_are_known(session: Session) -> None:
    session.add(
        tables.ImportFile(
            batch_id=1, name="old.csv", sha256="cd", importer="test", complete=True, records='{"lots": 3}'
        )
    )
    session.flush()
    assert [file.name for file in store.source_files(session)] == ["positions.csv"]
    first, second = store.list_files(session)
    assert (first.imported_at, first.imported_by, first.as_of) == (AT, "me", DAY)
    assert second.records == {"lots": 3}
