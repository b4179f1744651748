"""The command `ledger`: a trade history into open lots and realised gains with wash sales."""

import gc
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import AppError
from engine.problems import Severity
from engine.tax.ledger.result import Ledger, OpenLot, Realized
from engine.tax.ledger.rows import Identity, LedgerPolicy
from workflow.case_file import encode
from workflow.console import UNREADABLE, complain, complain_of, print_table, say
from workflow.ledger_file import ledger_document, ledger_from_file

REALIZED_COLUMNS = (
    "sale",
    "lot",
    "account",
    "symbol",
    "acquired",
    "sold",
    "term",
    "quantity",
    "proceeds",
    "basis",
    "adjustment",
    "gain",
)
LONGEST_TABLE = 200
"""Rows of a table on the screen; JSON and the workbook hold them all."""


def ledger_command(
    trades: Annotated[Path, typer.Argument(metavar="TRADES.csv", help="The trade history.")],
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day; later rows are not read.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
    workbook: Annotated[
        Path | None, typer.Option(metavar="OUT.xlsx", help="Write it as a workbook in the shape of Form 8949.")
    ] = None,
    sold_before_loss: Annotated[
        bool, typer.Option(help="Shares bought in the window and sold before the loss replace it.")
    ] = True,
    one_order: Annotated[bool, typer.Option(help="Lots sold in one order can replace one another.")] = True,
    plans_as_iras: Annotated[bool, typer.Option(help="A 401(k) or 529 counts as an IRA.")] = True,
    identity: Annotated[Identity, typer.Option(help="What is substantially identical.")] = Identity.DECLARED,
) -> None:
    """Replay a trade history into open lots and realised gains, wash sales share for share over the household."""
    policy = LedgerPolicy(sold_before_loss, one_order, plans_as_iras, identity)
    day = as_of.date() if as_of else None
    # the replay makes no cycles, and looking for them would take a third of the time
    gc.disable()
    try:
        ledger = ledger_from_file(trades, policy, as_of=day, today=_today())
    finally:
        gc.enable()
    if as_json:
        sys.stdout.buffer.write(encode(ledger_document(ledger)))
    else:
        _print(ledger)
    if workbook is not None:
        _write_workbook(workbook, ledger, trades.name)
    if complain_of(ledger.problems):
        complain("the rows named above took no part; put them right and run again")
        raise typer.Exit(UNREADABLE)


def _today() -> date:
    return datetime.now(UTC).astimezone().date()


def _write_workbook(path: Path, ledger: Ledger, source: str) -> None:
    from exporters.form_8949_xlsx import form_8949_xlsx  # noqa: PLC0415 - it takes half a second to load

    try:
        path.write_bytes(form_8949_xlsx(ledger, source))
    except OSError as error:
        raise AppError("the workbook cannot be written", detail=f"{path}: {error.strerror}") from None


def _print(ledger: Ledger) -> None:
    shown = ledger.realized[:LONGEST_TABLE]
    print_table(
        "Realized in taxable accounts",
        REALIZED_COLUMNS,
        (_cells(line) for line in shown),
        left=7,
    )
    _say_more(len(ledger.realized) - len(shown))
    lots = ledger.open_lots[:LONGEST_TABLE]
    print_table(
        "Open lots",
        ("lot", "account", "symbol", "acquired", "days carried", "quantity", "basis"),
        (_open_cells(lot) for lot in lots),
        left=4,
    )
    _say_more(len(ledger.open_lots) - len(lots))
    totals = ledger.totals
    say(f"Short-term {totals.short_term:,.2f}, long-term {totals.long_term:,.2f}.")
    say(f"Losses disallowed {totals.disallowed:,.2f}, of which lost for good {totals.permanent:,.2f}.")
    for point, taken in ledger.policy.points():
        say(f"{point}: {taken}.")
    for problem in ledger.problems:
        if problem.severity in {Severity.INFO, Severity.WARNING}:
            complain(f"{problem.severity}: {problem.line()}")


def _cells(line: Realized) -> tuple[str, ...]:
    return (
        line.sale,
        line.lot,
        line.account,
        line.symbol,
        str(line.acquired),
        str(line.sold),
        line.term.value,
        f"{line.quantity:,f}",
        f"{line.proceeds:,.2f}",
        f"{line.basis:,.2f}",
        f"{line.adjustment:,.2f}" if line.adjustment else "",
        f"{line.gain:,.2f}",
    )


def _open_cells(lot: OpenLot) -> tuple[str, ...]:
    return (
        lot.lot,
        lot.account,
        lot.symbol,
        str(lot.acquired),
        f"{lot.holding_days_carried:,}",
        f"{lot.quantity:,f}",
        f"{lot.basis:,.2f}",
    )


def _say_more(count: int) -> None:
    if count > 0:
        say(f"... and {count:,} more; --json and --workbook have all of them.")
