"""Keeps runs, proposals, trades and approvals. Rows are added; only the state of a run moves on."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from db import tables
from db.store.files import files_of_run
from db.store.keys import account_id
from db.store.stored import NewProposal, NewRun, NewTrade, StoredApproval, StoredProposal, StoredRun
from engine.errors import AppError


def insert_run(session: Session, run: NewRun) -> StoredRun:
    """Store a run under the next free key of its day, like R-20261030-001, and return it."""
    row = tables.Run(
        key=_next_key(session, run.as_of),
        as_of=run.as_of,
        prices_as_of=run.prices_as_of,
        state=run.state,
        created_at=run.created_at,
        created_by=run.created_by,
        engine_version=run.engine_version,
    )
    session.add(row)
    session.flush()
    for household, why in run.skipped:
        session.add(tables.SkippedHousehold(run_id=row.id, household=household, why=why))
    for source in run.sources:
        session.add(tables.RunSource(run_id=row.id, import_file_id=source))
    session.flush()
    return load_run(session, row.key)


def _next_key(session: Session, as_of: date) -> str:
    """Return the key after the highest of that day."""
    prefix = f"R-{as_of:%Y%m%d}-"
    taken = session.scalars(select(tables.Run.key).where(tables.Run.key.startswith(prefix, autoescape=True)))
    highest = max((int(key.removeprefix(prefix)) for key in taken), default=0)
    return f"{prefix}{highest + 1:03d}"


def insert_proposal(session: Session, run: int, proposal: NewProposal, *, parent: int | None = None) -> int:
    """Store a proposal of the run of that row id, with copies of its trades; return its row id.

    An edit names the proposal it replaces as `parent`; a proposal can be replaced once only.
    Raises KeyError for a symbol that the book does not know.
    """
    row = tables.Proposal(
        run_id=run,
        household_id=proposal.household_id,
        parent_id=parent,
        status=proposal.status,
        objective=proposal.objective,
        case_sha256=proposal.case_sha256,
        case_json=proposal.case_json,
        proposal_json=proposal.proposal_json,
        overlay_json=proposal.overlay_json,
        facts_json=proposal.facts_json,
    )
    session.add(row)
    session.flush()
    _insert_trades(session, row.id, proposal.trades)
    return row.id


def _insert_trades(session: Session, proposal: int, trades: Collection[NewTrade]) -> None:
    """Store the queryable copies of a proposal's order lines."""
    symbols = {trade.symbol for trade in trades}
    found = select(tables.Security.symbol, tables.Security.id).where(tables.Security.symbol.in_(symbols))
    security_ids = dict(session.execute(found).all())
    for trade in trades:
        row = tables.Trade(
            proposal_id=proposal,
            account_id=account_id(trade.account),
            security_id=security_ids[trade.symbol],
            side=trade.side,
            quantity=trade.quantity,
            price=trade.price,
            amount=trade.amount,
            reason=trade.reason,
            reason_code=trade.reason_code,
        )
        session.add(row)
        session.flush()
        for lot, quantity, gain, term in trade.lots:
            session.add(tables.TradeLot(trade_id=row.id, lot=lot, quantity=quantity, gain=gain, term=term))
    session.flush()


def list_runs(session: Session) -> tuple[StoredRun, ...]:
    """Return every run, the newest first."""
    rows = session.scalars(select(tables.Run).order_by(tables.Run.id.desc())).all()
    return _stored(session, rows)


def load_run(session: Session, key: str) -> StoredRun:
    """Return the run of that key. Raises AppError when there is none."""
    row = session.scalar(select(tables.Run).where(tables.Run.key == key))
    if row is None:
        raise AppError(f"There is no run {key}.", hint="The runs of the book are listed on the Blotter page.")
    return _stored(session, [row])[0]


def _stored(session: Session, rows: Iterable[tables.Run]) -> tuple[StoredRun, ...]:
    """Turn rows into values, with what belongs to them."""
    runs = list(rows)
    ids = [run.id for run in runs]
    skipped: dict[int, list[tuple[str, str]]] = defaultdict(list)
    left_out = select(tables.SkippedHousehold).where(tables.SkippedHousehold.run_id.in_(ids))
    for line in session.scalars(left_out.order_by(tables.SkippedHousehold.id)):
        skipped[line.run_id].append((line.household, line.why))
    approvals: dict[int, list[StoredApproval]] = defaultdict(list)
    moves = select(tables.Approval).where(tables.Approval.run_id.in_(ids)).order_by(tables.Approval.id)
    for move in session.scalars(moves):
        held = StoredApproval(move.at, move.by, move.from_state, move.to_state, move.reason)
        approvals[move.run_id].append(held)
    return tuple(
        StoredRun(
            id=run.id,
            key=run.key,
            as_of=run.as_of,
            prices_as_of=run.prices_as_of,
            state=run.state,
            created_at=run.created_at,
            created_by=run.created_by,
            engine_version=run.engine_version,
            skipped=tuple(skipped.get(run.id, ())),
            approvals=tuple(approvals.get(run.id, ())),
            sources=files_of_run(session, run.id),
        )
        for run in runs
    )


def current_proposals(session: Session, run: int) -> tuple[StoredProposal, ...]:
    """Return the proposals of a run (row id) that no edit has replaced, by household name."""
    child = aliased(tables.Proposal)
    query = (
        select(tables.Proposal, tables.Household.name)
        .join(tables.Household, tables.Household.id == tables.Proposal.household_id)
        .outerjoin(child, child.parent_id == tables.Proposal.id)
        .where(tables.Proposal.run_id == run, child.id.is_(None))
        .order_by(tables.Household.name)
    )
    return tuple(
        StoredProposal(
            id=row.id,
            household_id=row.household_id,
            household=name,
            parent_id=row.parent_id,
            status=row.status,
            objective=row.objective,
            case_sha256=row.case_sha256,
            case_json=row.case_json,
            proposal_json=row.proposal_json,
            overlay_json=row.overlay_json,
            facts_json=row.facts_json,
        )
        for row, name in session.execute(query)
    )


def insert_approval(session: Session, key: str, approval: StoredApproval) -> None:
    """Move the run of that key to the approval's next state and keep who did it.

    Raises AppError when the run is not in the state that the approval starts from: someone was faster.
    """
    run = session.scalar(select(tables.Run).where(tables.Run.key == key).with_for_update())
    if run is None or run.state != approval.from_state:
        found = "gone" if run is None else run.state
        raise AppError(f"Run {key} is not in state {approval.from_state} but {found}.", hint="Look at it again.")
    run.state = approval.to_state
    session.add(
        tables.Approval(
            run_id=run.id,
            at=approval.at,
            by=approval.by,
            from_state=approval.from_state,
            to_state=approval.to_state,
            reason=approval.reason,
        )
    )
    session.flush()
