"""The commands `map`, `aliases` and `unknown`: what a file's columns, accounts and securities mean."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import AppError
from importers.column_map import parse_map
from workflow.aliases import confirm_alias, drop_alias, list_aliases
from workflow.book import open_book
from workflow.console import NEEDS_PERSON, print_json, print_table, say
from workflow.mapping import MapShown, forget_map, remember_map, remembered_maps, show_map
from workflow.unknown_securities import unknown_securities

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Book = Annotated[str, typer.Option("--db", metavar="WHERE", help="The book: a path or a database URL.")]


def map_command(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="A spreadsheet, csv or xlsx.")] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="MAP.toml", help="Write the map here.")] = None,
    column_map: Annotated[Path | None, typer.Option("--map", help="Show this map on the file, not a guess.")] = None,
    db: Annotated[str | None, typer.Option("--db", metavar="WHERE", help="Remember the map in this book.")] = None,
    forget: Annotated[str | None, typer.Option(metavar="SIGNATURE", help="Drop a map that the book keeps.")] = None,
    as_json: Json = False,
) -> None:
    """Show what each column of a file is taken for, and why; write the map, or let the book remember it."""
    if file is None:
        _of_book(db, forget, as_json=as_json)
        return
    shown = show_map(file, column_map)
    if as_json:
        print_json(shown)
    else:
        _print_map(shown)
    if out is not None:
        out.write_text(shown.toml, encoding="utf-8")
        say(f"The map is in {out}: correct it if need be, then `plimsoll import {file.name} --map {out} --db BOOK`.")
    if shown.missing and not shown.exact:
        raise typer.Exit(NEEDS_PERSON)
    if db is not None:
        with open_book(db, now=datetime.now(UTC)).session() as session:
            key = remember_map(session, file, parse_map(shown.toml, file))
        say(f"The book reads files with this header by this map from now on ({key}).")


def _print_map(shown: MapShown) -> None:
    if shown.exact:
        say(f"{shown.file} is read as {shown.exact}: it needs no map.")
    what = f"{shown.file} is taken for {shown.kind}, header in row {shown.header_row}" if shown.kind else shown.file
    rows = [(c.title, c.field or "-", c.why, " | ".join(c.samples)) for c in shown.columns]
    print_table(what, ("Column", "Read as", "Why", "Samples"), rows, left=4)
    if shown.missing and not shown.exact:
        say(f'Still missing: {", ".join(shown.missing)}. Add under [columns]: field = "Title".')
        say('An account that no column names: account = "12345678" above [columns].')


def _of_book(db: str | None, forget: str | None, *, as_json: bool) -> None:
    """List the maps that a book keeps, or drop one."""
    if db is None:
        raise AppError("There is nothing to map", hint="Give a file, or --db for the maps that a book keeps.")
    with open_book(db, now=datetime.now(UTC)).session() as session:
        if forget is not None:
            forget_map(session, forget)
        kept = remembered_maps(session)
    if as_json:
        print_json(kept)
        return
    rows = [(m.signature, m.kind, "; ".join(m.columns)) for m in kept]
    print_table("Remembered maps", ("Signature", "Kind", "Columns"), rows, left=3)


def aliases_command(
    db: Book,
    confirm: Annotated[str | None, typer.Option(metavar="MASK", help="Say once which account a mask means.")] = None,
    account: Annotated[str, typer.Option(metavar="NUMBER", help="The whole number, with --confirm.")] = "",
    drop: Annotated[str | None, typer.Option(metavar="MASK", help="Take back what was confirmed.")] = None,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so.")] = "",
    as_json: Json = False,
) -> None:
    """List the account masks of files, confirm which account one means, or take that back."""
    now = datetime.now(UTC)
    if (confirm or drop) and not by:
        raise AppError("Somebody has to say so", hint="Give your name with --by.")
    with open_book(db, now=now).session() as session:
        if confirm:
            confirm_alias(session, confirm, account, by=by, now=now)
        if drop:
            drop_alias(session, drop, by=by, now=now)
        rows = list_aliases(session)
    if as_json:
        print_json(rows)
        return
    cells = [
        (r.alias, r.custodian, " or ".join(r.accounts), "confirmed" if r.confirmed else "which one?") for r in rows
    ]
    print_table("Account masks", ("Mask", "Custodian", "Account", ""), cells, left=4)
    if confirm:
        say("Import the files again that name it: their rows of this account were left out.")


def unknown_command(db: Book, as_json: Json = False) -> None:
    """List each security that the office workbook does not know, once, as a row for its sheet Securities."""
    with open_book(db, now=datetime.now(UTC)).reading() as session:
        rows = unknown_securities(session)
    if as_json:
        print_json(rows)
        return
    cells = [(*row.workbook_row(), ", ".join(row.accounts), row.problem, f"{row.value:,.2f}") for row in rows]
    titles = ("Symbol", "Name", "Asset class", "Identity group", "Type", "CUSIP", "Held in", "Problem", "Value")
    print_table("For the sheet Securities: fill in the asset class", titles, cells, left=8)
