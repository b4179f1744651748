"""Commands over a book: demo, import, households, propose, approve, export, cases, template."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import AppError
from engine.portfolio import PlanKind
from engine.problems import Severity
from engine.rebalance.proposal import Status
from exporters.order_terms import order_terms
from exporters.run_report import RunState
from importers.registry import by_name
from workflow import console
from workflow.approve import approve, move_on
from workflow.book import Book, open_book
from workflow.cases import write_cases
from workflow.cli_mapping import explain_columns
from workflow.console import dollars, percent, print_json, print_table, progress_bar, say
from workflow.demo import make_demo
from workflow.export import export_run
from workflow.households import list_households
from workflow.import_files import import_files
from workflow.propose import BATCH, propose
from workflow.ruleset import RulesetAsk
from workflow.runs import list_runs
from workflow.template import write_template
from workflow.views import FileOutcome, ImportOutcome, RunSummary

Where = Annotated[str, typer.Option("--db", metavar="WHERE", help="The book: a path, or a database URL.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, nothing else.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; default: the clock's.")]


def clock() -> datetime:
    """Return the machine's time: the only place, with the window's, that asks for it."""
    return datetime.now(UTC)


def _today(given: datetime | None) -> date:
    return given.date() if given else clock().astimezone().date()


@contextmanager
def opened(where: str) -> Iterator[Book]:
    """Open a book for one command."""
    book = open_book(where, now=clock())
    try:
        yield book
    finally:
        book.close()


@contextmanager
def _existing(where: str) -> Iterator[Book]:
    if "://" not in where and not Path(where).is_file():
        raise AppError("there is no book", detail=where, hint="`plimsoll import` makes one.")
    with opened(where) as book:
        yield book


def demo_command(
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = Path("demo-output"),
    db: Annotated[
        str | None, typer.Option("--db", metavar="WHERE", help="The book; default: a new one in DIR.")
    ] = None,
) -> None:
    """Do the main job on the sample office: import, propose, approve, write workbook, order files, client reports."""
    with progress_bar() as progress:
        made = make_demo(out, db, now=clock(), progress=progress)
    read = sum(sum(f.records.values()) for f in made.imported.files)
    say(f"Sample office (synthetic data): {len(made.imported.files)} files imported, {read:,} records.")
    _print_run(made.run)
    kinds: dict[str, int] = {}
    for path in made.files:
        kinds[path.suffix] = kinds.get(path.suffix, 0) + 1
    counts = ", ".join(f"{n} {suffix.lstrip('.')}" for suffix, n in sorted(kinds.items()))
    say(f"{len(made.files)} files written to {out} ({counts}); the book is {made.book}.")
    say(f"Look at it in the window: plimsoll gui --db {made.book}")


def import_command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Custodian files, workbooks, price tables.")],
    db: Where,
    form: Annotated[str | None, typer.Option("--format", help="Name of the importer, for every file.")] = None,
    column_map: Annotated[Path | None, typer.Option("--map", help="Column map for the generic importer, TOML.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and report, write nothing.")] = False,
    today: Day = None,
    by: Annotated[str, typer.Option(help="Who imports.")] = "",
    as_json: Json = False,
) -> None:
    """Import files, all of one call in one transaction; say what was read, what was not, and why."""
    if form is not None:
        by_name(form)
    with opened(db) as book, progress_bar() as progress:
        outcome = import_files(
            book,
            files,
            today=_today(today),
            now=clock(),
            by=by or getpass.getuser(),
            formats=dict.fromkeys(files, form) if form else None,
            column_map=column_map,
            dry_run=dry_run,
            progress=progress,
        )
    if as_json:
        print_json(outcome)
    else:
        _print_import(outcome)
        explain_columns(files, outcome, db, column_map)
    problems = (*outcome.problems, *(p for f in outcome.files for p in f.problems))
    blocked = console.complain_of(problems)
    if any(p.severity is Severity.FATAL for p in problems):
        raise typer.Exit(console.UNREADABLE)
    if blocked:
        raise typer.Exit(console.NEEDS_PERSON)


def _print_import(outcome: ImportOutcome) -> None:
    print_table(
        "Files",
        ("file", "read as", "records", "as of", "rows", "problems"),
        (
            (f.file, f.title or "not recognized", _records(f), str(f.as_of or "-"), _rows(f), str(len(f.problems)))
            for f in outcome.files
        ),
        left=4,
    )
    for f in outcome.files:
        for total in f.totals:
            if total.difference:
                say(f"{f.file}, row {total.row}: {total.what} is stated as {total.stated}, read {total.found}")
    for problem in (*(p for f in outcome.files for p in f.problems), *outcome.problems):
        if problem.severity in {Severity.WARNING, Severity.INFO}:
            say(f"{problem.severity}: {problem.line()}")
    if outcome.dry_run:
        say("Dry run: nothing was written.")
    elif not outcome.written:
        say("Nothing was written.")
    elif not outcome.changes:
        before = all(f.already_imported for f in outcome.files)
        say(f"Nothing changed: {'these files were imported before' if before else 'no row of them could be used'}.")
    else:
        say("Written: " + ", ".join(f"{n:,} {what}" for what, n in outcome.changes.items()) + ".")


def _records(f: FileOutcome) -> str:
    if f.already_imported:
        return "imported before"
    return ", ".join(f"{n:,} {kind}" for kind, n in f.records.items()) or "none"


def _rows(f: FileOutcome) -> str:
    return f"{sum(f.rows.values()):,}"


def households_command(db: Where, today: Day = None, as_json: Json = False) -> None:
    """List households: value, drift, cash, year-to-date gains, data problems."""
    with _existing(db) as book:
        rows = list_households(book, today=_today(today))
    if as_json:
        print_json(rows)
    else:
        print_table(
            "Households",
            ("household", "model", "accounts", "value", "cash", "worst drift", "YTD short", "YTD long", "problems"),
            (
                (
                    r.name,
                    r.model,
                    str(r.accounts),
                    dollars(r.value),
                    dollars(r.cash),
                    "blocked" if r.blocked else percent(r.worst_drift, sign=True),
                    dollars(r.ytd_short_term),
                    dollars(r.ytd_long_term),
                    str(len(r.problems)),
                )
                for r in rows
            ),
            left=2,
        )
    if console.complain_of(dict.fromkeys(p for r in rows for p in r.problems)):
        raise typer.Exit(console.NEEDS_PERSON)


def propose_command(
    db: Where,
    household: Annotated[list[str] | None, typer.Option(help="Name of a household; may be given again.")] = None,
    everyone: Annotated[bool, typer.Option("--all", help="Every household.")] = False,
    as_of: Day = None,
    by: Annotated[str, typer.Option(help="Who proposes.")] = "",
    plan: Annotated[
        PlanKind | None, typer.Option(help="The kind of plan for every household; default: that of its policy.")
    ] = None,
    strategy: Annotated[str, typer.Option(help="The signed ruleset; default: the live one that agrees.")] = "",
    paper: Annotated[bool, typer.Option("--paper", help="A draft by a ruleset on paper: never approved.")] = False,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Solve on the Dask cluster there, as tcp://HOST:8786.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make and store a proposal for each household, as one run."""
    if bool(household) == everyone:
        raise AppError("say which households", hint="Give --all, or --household NAME.")
    with _existing(db) as book, progress_bar() as progress:
        run = propose(
            book,
            households=None if everyone else household,
            as_of=as_of.date() if as_of else None,
            now=clock(),
            by=by or getpass.getuser(),
            plan=plan,
            ruleset=RulesetAsk(strategy, paper),
            batch=replace(BATCH, cluster=cluster),
            progress=progress,
        )
    if as_json:
        print_json(run)
    else:
        _print_run(run)
        for note in run.notes:
            say(note.line())
    _complain_of(run)


def _complain_of(run: RunSummary) -> None:
    """Say on standard error what needs a person, and leave with the exit code for it where something does."""
    infeasible = [r for r in run.rows if r.status == Status.INFEASIBLE]
    for row in infeasible:
        console.complain(f"infeasible: {row.household}: {row.note}")
    for left_out in run.skipped:
        console.complain(f"left out: {left_out.household}: {left_out.why}")
    if infeasible or run.skipped:
        raise typer.Exit(console.NEEDS_PERSON)


def _print_run(run: RunSummary) -> None:
    rows = [
        (
            r.household,
            r.status,
            str(r.trades),
            dollars(r.buys),
            dollars(r.sells),
            dollars(r.harvested_loss),
            dollars(r.tax_after - r.tax_before),
            percent(r.worst_drift_before, sign=True),
            percent(r.worst_drift_after, sign=True),
            f"{r.gap:,.2f}",
        )
        for r in run.rows
    ]
    rows += [(s.household, "left out", "-", "-", "-", "-", "-", "-", "-", "-") for s in run.skipped]
    columns = ("household", "status", "trades", "buys", "sells", "harvested", "tax change")
    print_table(
        f"Run {run.run} as of {run.as_of} ({run.state}{', on paper: cannot be approved' if run.paper else ''})",
        (*columns, "drift before", "drift after", "gap $"),
        rows,
        left=2,
    )
    for left_out in run.skipped:
        say(f"Left out: {left_out.household}: {left_out.why}")


def approve_command(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Key of the run, such as R-20261030-001.")],
    db: Where,
    by: Annotated[str, typer.Option(help="Who approves.")],
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    review: Annotated[bool, typer.Option("--review", help="Only move a draft to Review.")] = False,
) -> None:
    """Move a run on: a draft to Approved, an exported run to Filled, a filled one to Reconciled."""
    with _existing(db) as book:
        state = next((r.state for r in list_runs(book) if r.run == run), None)
        if state is RunState.APPROVED:
            raise AppError(f"run {run} is Approved already", hint=f"Write its files: plimsoll export {run}.")
        if state in {RunState.EXPORTED, RunState.FILLED, RunState.RECONCILED} or (review and state is RunState.DRAFT):
            state = move_on(book, run, by=by, reason=reason, now=clock())
        else:
            state = approve(book, run, by=by, reason=reason, now=clock())
    say(f"Run {run} is {state}.")


def export_command(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Key of the run, such as R-20261030-001.")],
    db: Where,
    out: Annotated[Path, typer.Option(help="Folder for the files.")],
    by: Annotated[str, typer.Option(help="Who exports.")] = "",
    limit_bp: Annotated[
        float | None, typer.Option(help="Limit orders, so many basis points from the run's prices; default: at market.")
    ] = None,
    window: Annotated[
        str, typer.Option(metavar="HH:MM-HH:MM", help="The hours in which to work orders, New York time.")
    ] = "",
) -> None:
    """Write an approved run: blotter workbook, order files, client reports."""
    terms = order_terms(None if limit_bp is None else Decimal(repr(limit_bp)), window)
    with _existing(db) as book, progress_bar() as progress:
        written = export_run(book, run, out, now=clock(), by=by, progress=progress, terms=terms)
    for path in written:
        say(str(path))


def cases_command(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Key of the run, such as R-20261030-001.")],
    db: Where,
    out: Annotated[Path, typer.Option(help="Folder for the files.")],
) -> None:
    """Write each household's case and proposal as files that `solve` and `check` take."""
    with _existing(db) as book:
        for path in write_cases(book, run, out):
            say(str(path))


def template_command(path: Annotated[Path, typer.Argument(metavar="office.xlsx")]) -> None:
    """Write an empty office workbook: households, accounts, securities, models, policies, each column explained."""
    write_template(path)
    say(f"{path} is ready to fill in; import it with: plimsoll import {path} --db office.plimsoll")
