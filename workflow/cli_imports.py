"""The commands `imports` and `undo`: what was imported, and an import taken back as one."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from workflow.book import open_book
from workflow.console import print_json, print_table, say
from workflow.undo_import import list_imports, undo_import

Where = Annotated[str, typer.Option("--db", metavar="WHERE", help="The book: a path or a database URL.")]


def imports_command(
    db: Where,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """List the import calls of a book, the newest first, and which can be taken back."""
    rows = list_imports(open_book(db, now=datetime.now(UTC)))
    if as_json:
        print_json(rows)
        return
    cells = [
        (
            str(row.batch),
            f"{row.at:%Y-%m-%d %H:%M}",
            row.by,
            ", ".join(row.files),
            row.status,
            row.why_not or "can be taken back",
        )
        for row in rows
    ]
    print_table("Imports", ("Import", "At (UTC)", "By", "Files", "Status", ""), cells, left=6)


def undo_command(
    batch: Annotated[int, typer.Argument(metavar="IMPORT", help="The number that `imports` shows.")],
    db: Where,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who takes it back.")],
    reason: Annotated[str, typer.Option(help="Why, for the audit log.")] = "",
) -> None:
    """Take an import back as one, unless something was built on it."""
    now = datetime.now(UTC)
    count = undo_import(open_book(db, now=now), batch, by=by, now=now, reason=reason)
    say(f"Import {batch} was taken back: {count:,} rows are as they were before it.")
