"""The commands `map`, `aliases` and `unknown`: what a file's columns, accounts and securities mean."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import AppError
from importers.column_map import parse_map
from importers.generic_table import NAME as GENERIC
from workflow.aliases import confirm_alias, drop_alias, list_aliases
from workflow.book import open_book
from workflow.console import NEEDS_PERSON, complain, print_json, print_table, say
from workflow.mapping import MapShown, draft_text, forget_map, remember_map, remembered_maps, show_map
from workflow.unknown_securities import unknown_securities, unplaced_accounts, write_unknown
from workflow.views import ImportOutcome

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Book = Annotated[str, typer.Option("--db", metavar="WHERE", help="The book: a path or a database URL.")]


def map_command(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="A spreadsheet, csv or xlsx.")] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="MAP.toml", help="Write the map here.")] = None,
    column_map: Annotated[Path | None, typer.Option("--map", help="Show this map on the file, not a guess.")] = None,
    db: Annotated[str | None, typer.Option("--db", metavar="WHERE", help="Remember the map in this book.")] = None,
    said: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=TITLE", help="Take this column for that field, as quantity=Pieces."),
    ] = None,
    forget: Annotated[str | None, typer.Option(metavar="SIGNATURE", help="Drop a map that the book keeps.")] = None,
    as_json: Json = False,
) -> None:
    """Show what each column of a file is taken for, and why; write the map, or let the book remember it."""
    if file is None:
        _of_book(db, forget, as_json=as_json)
        return
    shown = show_map(file, column_map, _said(said or ()))
    if as_json:
        print_json(shown)
    else:
        print_map(shown)
    if out is not None:
        _write(out, draft_text(shown))
    if not as_json:
        print_next_step(shown, file, out, db)
    if shown.missing and not shown.exact:
        raise typer.Exit(NEEDS_PERSON)
    if db is not None:
        with open_book(db, now=datetime.now(UTC)).session() as session:
            key = remember_map(session, file, parse_map(shown.toml, file))
        say(f"The book reads files with this header by this map from now on ({key}).")


def _said(pairs: Sequence[str]) -> dict[str, str]:
    """Return field -> title of what was said with --set."""
    if any("=" not in pair for pair in pairs):
        raise AppError("--set needs FIELD=TITLE", hint='For example --set quantity="Number of units".')
    return {name.strip(): title.strip() for name, _, title in (pair.partition("=") for pair in pairs)}


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise AppError("the map cannot be written", detail=f"{out}: {error.strerror}") from None


def print_map(shown: MapShown) -> None:
    """Print what each column is taken for."""
    if shown.exact:
        say(f"{shown.file} is read as {shown.exact}: it needs no map.")
    what = f"{shown.file} is taken for {shown.kind}, header in row {shown.header_row}" if shown.kind else shown.file
    rows = [(c.title, c.field or "-", c.why, " | ".join(c.samples)) for c in shown.columns]
    print_table(what, ("Column", "Read as", "Why", "Samples"), rows, left=4)


def print_next_step(shown: MapShown, file: Path, out: Path | None = None, db: str | None = None) -> None:
    """Print the very command that comes next, and the lines that a map still needs."""
    if shown.exact:
        return
    target, book = out or Path("map.toml"), quoted(db or "BOOK")
    if not shown.missing:
        if out is not None:
            say(f"The map is in {out}. Next: plimsoll import {quoted(file)} --map {quoted(out)} --db {book}")
        else:
            say(f"Nothing is missing. Next: plimsoll import {quoted(file)} --db {book}")
            say(f"If a column is taken for the wrong thing: plimsoll map {quoted(file)} --set FIELD=TITLE -o {target}")
        return
    say(f"Still missing: {', '.join(shown.missing)}.")
    sets: list[str] = []
    taken: list[str] = []
    for need in shown.missing:
        field = need.partition(" or ")[0]
        could = shown.candidates(field)
        say(f"  {need} could be: {', '.join(could) or 'no column of this file'}")
        left = [title for title in could if title not in taken]
        taken += left[:1]
        sets.append(f'--set {field}="{left[0] if left else "12345678" if field == "account" else "..."}"')
    say("Name the column for each, then import by the map:")
    say(f"  plimsoll map {quoted(file)} {' '.join(sets)} -o {quoted(target)}")
    say(f"  plimsoll import {quoted(file)} --map {quoted(target)} --db {book}")
    if out is not None:
        say(f"Or fill in the lines with a question mark in {out}.")
    if "account" in shown.missing:
        say('One account for the whole file: --set account="12345678" (in the map, above [columns]).')


def explain_columns(files: Sequence[Path], outcome: ImportOutcome, db: str, column_map: Path | None) -> None:
    """Print what the columns of unknown files were taken for: those read by a guess, and those not read, with why."""
    for path, file in zip(files, outcome.files, strict=True):
        codes = {problem.code for problem in file.problems}
        if codes & {"not_recognized", "not_understood", "no_header"}:
            try:
                shown = show_map(path, column_map)
            except AppError:
                continue
            if shown.columns:
                print_map(shown)
                print_next_step(shown, path, None, db)
        elif (
            file.importer == GENERIC
            and column_map is None
            and "remembered_map" not in codes
            and not file.already_imported
        ):
            shown = show_map(path)
            taken = ", ".join(f"{c.field} = {c.title}" for c in shown.columns if c.field)
            left = ", ".join(c.title for c in shown.columns if not c.field) or "none"
            say(f"{path.name}: read as {shown.kind} by a guess: {taken}; columns not read: {left}.")
            say(f"If that is wrong: plimsoll map {quoted(path)} --set FIELD=TITLE -o map.toml, then import with --map.")


def quoted(name: Path | str) -> str:
    """Return a file name as it is typed in a command line, in quotes where it has a blank."""
    text = str(name)
    return f'"{text}"' if not text or any(sign in text for sign in " '&()") else text


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


def unknown_command(
    db: Book,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="NEW.xlsx", help="Write them as an office workbook to fill in."),
    ] = None,
    as_json: Json = False,
) -> None:
    """List each security that the office workbook does not know, once, as a row for its sheet Securities."""
    with open_book(db, now=datetime.now(UTC)).reading() as session:
        rows, accounts = unknown_securities(session), unplaced_accounts(session)
    if out is not None:
        write_unknown(out, rows, accounts)
        left = f"{len(rows):,} securities and {len(accounts):,} accounts"
        complain(f"{out} has {left}: fill in the teal columns, then plimsoll import {quoted(out)} --db {quoted(db)}")
    if as_json:
        print_json(rows)
        return
    cells = [(*row.workbook_row(), ", ".join(row.accounts), row.problem, f"{row.value:,.2f}") for row in rows]
    titles = ("Symbol", "Name", "Asset class", "Identity group", "Type", "CUSIP", "Held in", "Problem", "Value")
    print_table("For the sheet Securities: fill in the asset class", titles, cells, left=8)
