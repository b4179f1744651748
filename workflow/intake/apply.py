"""Writes all files of an import call in the one right order: what names things before what uses the names."""

from collections.abc import Callable, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import tables
from workflow.intake.accounts import apply_accounts, apply_restrictions, find_accounts
from workflow.intake.arrivals import Arrival
from workflow.intake.holdings import apply_cash, apply_positions
from workflow.intake.intake import Intake
from workflow.intake.lots import apply_lots
from workflow.intake.office import apply_office
from workflow.intake.prices import apply_macro, apply_prices
from workflow.intake.trades import apply_activity, apply_realized, apply_transactions

Step = Callable[[Intake], None]


def _each(write: Callable[[Intake, int, Arrival], None]) -> Step:
    """Turn what writes one file into a step that writes all, in order of their days."""

    def step(intake: Intake) -> None:
        for number in intake.order:
            write(intake, number, intake.arrivals[number])

    return step


STEPS: Sequence[Step] = (
    _each(apply_office),
    find_accounts,
    _each(apply_accounts),
    _each(apply_restrictions),
    _each(apply_positions),
    _each(apply_cash),
    _each(apply_lots),
    _each(apply_transactions),
    _each(apply_activity),
    _each(apply_realized),
    apply_prices,
    _each(apply_macro),
)


def apply(
    session: Session,
    arrivals: tuple[Arrival, ...],
    file_ids: tuple[int, ...],
    *,
    today: date,
    report: Callable[[int, str], None],
) -> Intake:
    """Write what the files say, step by step, and return what was changed and met.

    `report` is told after each step how many are done, and within long ones what they are at.
    """
    done = 0
    intake = Intake(session, today, arrivals, file_ids, say=lambda what: report(done, what))
    intake.securities |= {row.symbol: row for row in session.scalars(select(tables.Security))}
    for done, step in enumerate(STEPS, start=1):
        step(intake)
        report(done, "Storing")
    return intake
