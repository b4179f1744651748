"""The command `securities`: tickers that changed, confirmed once with the day."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from engine.errors import AppError
from workflow.adjustments import Confirmed
from workflow.book import open_book
from workflow.console import print_json, print_table, say
from workflow.symbol_changes import SymbolChange, list_changes
from workflow.symbol_rename import rename_security


class Verb(StrEnum):
    """What is to be done."""

    LIST = "list"
    RENAME = "rename"


def securities_command(
    verb: Annotated[Verb, typer.Argument(help="list the changes of symbol, or rename OLD NEW.")],
    db: Annotated[str, typer.Option("--db", metavar="WHERE", help="The book: a path or a database URL.")],
    old: Annotated[str, typer.Argument(metavar="[OLD]", help="rename: the symbol before.")] = "",
    new: Annotated[str, typer.Argument(metavar="[NEW]", help="rename: the symbol since.")] = "",
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="rename: the first day of the new symbol.")
    ] = None,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="rename: who says so.")] = "",
    reason: Annotated[str, typer.Option(help="rename: why, for the audit log.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """List the tickers that changed, or give a security its new one: history under both names reads as one."""
    now = datetime.now(UTC)
    book = open_book(db, now=now)
    if verb is Verb.RENAME:
        if not old or not new or on is None:
            raise AppError("A change of symbol needs both symbols and the day", hint="rename OLD NEW --on 2026-01-31")
        change = SymbolChange(old, new, on.date())
        batch = rename_security(book, change, Confirmed(by, now, now.astimezone().date(), reason))
        say(f"{old.upper()} is {new.upper()} since {on.date()}; `plimsoll undo {batch}` takes it back.")
        return
    with book.reading() as session:
        rows = list_changes(session)
    if as_json:
        print_json(rows)
        return
    cells = [(row.old, row.new, row.changed_on.isoformat(), row.by, row.reason) for row in rows]
    print_table("Changes of symbol", ("Before", "Since", "On", "Confirmed by", "Why"), cells, left=5)
