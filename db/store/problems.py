"""Data problems that stand: written anew on each import, read by the pages and by every run."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db import tables
from db.store.held import StandingProblem
from db.store.keys import account_key
from engine.problems import Problem


def standing_problems(session: Session) -> tuple[tuple[int | None, StandingProblem], ...]:
    """Return every problem that stands, with the row id of the household it is about, if it is about one."""
    rows = session.scalars(select(tables.DataProblem).order_by(tables.DataProblem.id))
    return tuple((row.household_id, _standing(row)) for row in rows)


def book_problems(session: Session) -> tuple[Problem, ...]:
    """Return the problems that stand of the book as a whole, without those of single files."""
    table = tables.DataProblem
    rows = session.scalars(select(table).where(table.import_file_id.is_(None)).order_by(table.id))
    return tuple(_standing(row).problem for row in rows)


def _standing(row: tables.DataProblem) -> StandingProblem:
    """Turn a row into the value."""
    problem = Problem(
        severity=row.severity,
        code=row.code,
        message=row.message,
        hint=row.hint,
        file=row.file,
        row=row.row,
        field=row.field,
        account=row.account,
        symbol=row.symbol,
    )
    return StandingProblem(problem, "" if row.account_id is None else account_key(row.account_id), row.symbol)


def add_problem(
    session: Session,
    problem: Problem,
    *,
    import_file: int | None,
    household: int | None,
    account: int | None,
) -> None:
    """Write a problem: of a file, or (without one) of the book as a whole. Ids are row ids."""
    session.add(
        tables.DataProblem(
            import_file_id=import_file,
            household_id=household,
            account_id=account,
            severity=problem.severity,
            code=problem.code,
            message=problem.message,
            hint=problem.hint,
            file=problem.file,
            row=problem.row,
            field=problem.field,
            account=problem.account,
            symbol=problem.symbol,
        )
    )


def clear_book_problems(session: Session) -> None:
    """Remove the problems of the book as a whole, before they are found anew."""
    session.execute(delete(tables.DataProblem).where(tables.DataProblem.import_file_id.is_(None)))
