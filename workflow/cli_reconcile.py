"""The command `reconcile`: what adds up in a book, what does not and why, as a table, JSON or a workbook."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from db import store
from engine.errors import AppError
from exporters.reconciliation_report import Reconciliation
from workflow.adjustments import Confirmed
from workflow.apply_suggestion import apply_suggestion
from workflow.book import Book, open_book
from workflow.console import NEEDS_PERSON, print_json, print_table, say
from workflow.readiness import STALE_AFTER_DAYS
from workflow.reconciliation import reconcile_book

SHOWN = 20
"""Lines of each kind on the screen; JSON and the workbook hold them all."""


def reconcile_command(
    db: Annotated[str, typer.Option("--db", metavar="WHERE", help="The book: a path or a database URL.")],
    out: Annotated[Path | None, typer.Option(metavar="REPORT.xlsx", help="Write it as a workbook.")] = None,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; without it that of the newest prices.")
    ] = None,
    stale_after: Annotated[int, typer.Option(min=0, help="Holdings older than so many trading days are stale.")] = (
        STALE_AFTER_DAYS
    ),
    apply: Annotated[
        int | None, typer.Option(metavar="N", help="Apply suggestion N: a split or a change of symbol.")
    ] = None,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="--apply: the day it happened.")] = None,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="--apply: who confirms it.")] = "",
    reason: Annotated[str, typer.Option(help="--apply: why, for the audit log.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Compare lots, positions, cash, realized gains and wash sales; nothing is changed unless --apply says so."""
    now = datetime.now(UTC)
    book = open_book(db, now=now)
    if apply is not None:
        said = Confirmed(by, now, _day(book, as_of, now.astimezone().date()), reason)
        say(f"{apply_suggestion(book, apply, said, on=on.date() if on else None)}.")
        return
    found = reconcile_book(book, as_of=_day(book, as_of, now.astimezone().date()), stale_after=stale_after)
    if out is not None:
        _write_workbook(out, found)
    if as_json:
        print_json(found)
    else:
        _print(found)
        if out is not None:
            say(f"Written to {out}.")
    if not found.is_clean:
        raise typer.Exit(NEEDS_PERSON)


def _day(book: Book, as_of: datetime | None, today: date) -> date:
    if as_of is not None:
        return as_of.date()
    with book.reading() as session:
        return store.prices_as_of(session, today) or today


def _write_workbook(path: Path, found: Reconciliation) -> None:
    from exporters.reconciliation_xlsx import reconciliation_xlsx  # noqa: PLC0415 - it takes half a second to load

    try:
        path.write_bytes(reconciliation_xlsx(found))
    except OSError as error:
        raise AppError("the workbook cannot be written", detail=f"{path}: {error.strerror}") from None


def _print(found: Reconciliation) -> None:
    cells = [(name, f"{match:,}", f"{differ:,}", f"{left:,}") for name, match, differ, left in found.counts()]
    print_table(f"Reconciliation of {found.as_of}", ("", "Matches", "Differs", "Not compared"), cells)
    differing = [
        ("lots", x.account, x.symbol, f"{x.shares.normalize():+,f}", x.reason)
        for x in found.lots
        if x.verdict == "differs"
    ]
    differing += [
        ("position", x.account, x.symbol, f"{x.difference.normalize():+,f}", x.reason)
        for x in found.rolled
        if x.verdict == "differs" and x.difference is not None
    ]
    differing += [
        ("cash", x.account, "", f"{x.difference:+,.2f}", x.reason)
        for x in found.cash
        if x.verdict == "differs" and x.difference is not None
    ]
    differing += [
        ("realized", x.account, x.symbol, "" if x.difference is None else f"{x.difference:+,.2f}", x.reason)
        for x in found.realized
        if x.verdict == "differs"
    ]
    differing += [
        ("wash sale", x.account, x.symbol, f"{x.difference:+,.2f}", x.reason)
        for x in found.wash
        if x.verdict == "differs"
    ]
    if differing:
        columns = ("What", "Account", "Security", "Difference", "Reason")
        print_table("Differences", columns, differing[:SHOWN], left=5)
        if len(differing) > SHOWN:
            say(f"... and {len(differing) - SHOWN:,} more; --json and --out have all of them.")
    _print_open(found)


def _print_open(found: Reconciliation) -> None:
    """Print what is suggested, what is needed, what waits for a decision, and what blocks trading."""
    for n, split in enumerate(found.splits[:SHOWN], start=1):
        say(f"Suggestion {n}: {split.symbol}: {split.what} ({split.evidence}). {split.next_step}")
    for moved in found.moved:
        if moved.verdict != "matches":
            say(f"{moved.account}, {moved.symbol}, {moved.kind} of {moved.day}: {moved.needed}.")
    for one in found.decisions[:SHOWN]:
        say(f"To decide: {one.file}, row {one.row}: {one.problem}. {one.next_step}")
    for block in found.blocks:
        whom = ", ".join(part for part in (block.household, block.account) if part)
        say(f"Blocks {whom}: {block.problem}. {block.next_step}")
