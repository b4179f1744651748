"""Masks and nicknames under which files name an account: shown, confirmed once by a person, taken back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import audit_log, tables
from engine.errors import AppError
from workflow.intake.account_numbers import canonical, could_be


@dataclass(frozen=True, slots=True)
class AliasRow:
    """A mask and the accounts that it means (`confirmed`), or could mean."""

    alias: str
    accounts: tuple[str, ...]
    custodian: str
    confirmed: bool


def list_aliases(session: Session) -> tuple[AliasRow, ...]:
    """Return the masks that files left open, then those that were confirmed."""
    accounts = session.scalars(select(tables.Account).order_by(tables.Account.number)).all()
    numbers = {account.id: account.number for account in accounts}
    kept = session.scalars(select(tables.AccountAlias).order_by(tables.AccountAlias.alias)).all()
    settled = {row.alias for row in kept}
    problems = select(tables.DataProblem.account).where(tables.DataProblem.code == "ambiguous_account").distinct()
    left = []
    for mask in sorted(set(session.scalars(problems)) - settled):
        fitting = [account for account in accounts if could_be(account.number, mask)]
        custodians = {account.custodian for account in fitting}
        left.append(AliasRow(mask, tuple(a.number for a in fitting), ", ".join(sorted(custodians)), confirmed=False))
    done = (AliasRow(row.alias, (numbers[row.account_id],), row.custodian, confirmed=True) for row in kept)
    return (*left, *done)


def confirm_alias(session: Session, alias: str, account: str, *, by: str, now: datetime) -> None:
    """Keep that a mask means an account, named by its whole number; AppError when there is no one such account."""
    known = session.scalars(select(tables.Account)).all()
    wanted = [row for row in known if canonical(row.number) == canonical(account)]
    if len(wanted) != 1:
        found = "several accounts have" if wanted else "no account of the book has"
        raise AppError(f"{found} the number {account}", hint="`plimsoll aliases --db BOOK` lists what is open.")
    row = wanted[0]
    before = _named(session, alias, row.custodian)
    if before is not None and before.account_id != row.id:
        raise AppError(f"{alias} was confirmed for another account", hint="Drop it first: --drop.")
    if before is None:
        session.add(tables.AccountAlias(account_id=row.id, custodian=row.custodian, alias=alias))
        session.flush()
        audit_log.append(session, at=now, by=by, action="confirm alias", subject=alias, details={"account": row.number})


def drop_alias(session: Session, alias: str, *, by: str, now: datetime) -> None:
    """Take back what was confirmed for a mask; rows imported meanwhile stay. AppError when nothing was."""
    rows = session.scalars(select(tables.AccountAlias).where(tables.AccountAlias.alias == alias)).all()
    if not rows:
        raise AppError(f"{alias} was never confirmed", hint="`plimsoll aliases --db BOOK` lists what was.")
    for row in rows:
        session.delete(row)
    session.flush()
    audit_log.append(session, at=now, by=by, action="drop alias", subject=alias, details={})


def _named(session: Session, alias: str, custodian: str) -> tables.AccountAlias | None:
    table = tables.AccountAlias
    return session.scalar(select(table).where(table.alias == alias, table.custodian == custodian))
