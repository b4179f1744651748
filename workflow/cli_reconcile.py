"""The command `reconcile`: what adds up in a book, what does not and why, as a table, JSON or a workbook."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from db import store
from engine.errors import AppError
from exporters.reconciliation_report import Reconciliation
from workflow.book import Book, open_book
from workflow.console import NEEDS_PERSON, print_json, print_table, say
from workflow.readiness import STALE_AFTER_WEEKDAYS
from workflow.reconciliation import reconcile_book

SHOWN = 20
"""Lines of each kind on the screen; JSON and the workbook hold them all."""


def reconcile_command(
    db: Annotated[str, typer.Option("--db", metavar="WHERE", help="The book: a path or a database URL.")],
    out: Annotated[Path | None, typer.Option(metavar="REPORT.xlsx", help="Write it as a workbook.")] = None,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; without it that of the newest prices.")
    ] = None,
    stale_after: Annotated[int, typer.Option(min=0, help="Holdings older than so many weekdays are stale.")] = (
        STALE_AFTER_WEEKDAYS
    ),
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Compare lots, positions, cash, realized gains and wash sales; nothing in the book is changed."""
    now = datetime.now(UTC)
    book = open_book(db, now=now)
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
    for split in found.splits[:SHOWN]:
        say(f"{split.symbol}: {split.what} suspected ({split.evidence}). {split.next_step}")
    for block in found.blocks:
        whom = ", ".join(part for part in (block.household, block.account) if part)
        say(f"Blocks {whom}: {block.problem}. {block.next_step}")
