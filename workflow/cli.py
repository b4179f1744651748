"""The command `plimsoll`: everything the window can do, without Qt. Errors are one line; exit codes are fixed."""

import decimal
import importlib
import multiprocessing
import os
import sys
import traceback
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.errors import AppError
from workflow.console import BUG, DONE, UNREADABLE, complain, say

app = typer.Typer(
    name="plimsoll",
    help="Tax-aware household rebalancing with a tactical ETF overlay.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

COMMANDS = {
    "demo": "workflow.cli_book",
    "import": "workflow.cli_book",
    "imports": "workflow.cli_imports",
    "undo": "workflow.cli_imports",
    "harvest": "workflow.cli_harvest",
    "households": "workflow.cli_book",
    "propose": "workflow.cli_book",
    "approve": "workflow.cli_book",
    "export": "workflow.cli_book",
    "cases": "workflow.cli_book",
    "data-quality": "workflow.cli_data",
    "regimes": "workflow.cli_data",
    "template": "workflow.cli_book",
    "solve": "workflow.cli_engine",
    "check": "workflow.cli_engine",
    "map": "workflow.cli_mapping",
    "aliases": "workflow.cli_mapping",
    "unknown": "workflow.cli_mapping",
    "overlay": "workflow.cli_engine",
    "schema": "workflow.cli_engine",
    "learned": "workflow.cli_learned",
    "ledger": "workflow.cli_ledger",
    "plans": "workflow.cli_plans",
    "frontier": "workflow.cli_plans",
    "rules": "workflow.cli_plans",
    "backtest": "workflow.cli_research",
    "honesty": "workflow.cli_honesty",
    "search": "workflow.cli_honesty",
    "walk-forward": "workflow.cli_honesty",
    "research": "workflow.cli_research",
    "attribution": "workflow.cli_attribution",
    "shortfall": "workflow.cli_attribution",
    "frequency": "workflow.cli_attribution",
    "cost-benefit": "workflow.cli_cost_benefit",
    "break-even": "workflow.cli_cost_benefit",
    "sleeves": "workflow.cli_cost_benefit",
    "capacity": "workflow.cli_cost_benefit",
    "liquidity": "workflow.cli_cost_benefit",
    "rates": "workflow.cli_tax",
    "securities": "workflow.cli_securities",
    "strategy": "workflow.cli_strategy",
    "checklist": "workflow.cli_strategy",
    "override": "workflow.cli_override",
    "adherence": "workflow.cli_override",
    "reconcile": "workflow.cli_reconcile",
    "verify": "workflow.cli_verify",
    "wash": "workflow.cli_wash",
    "weights": "workflow.cli_weights",
}
"""Each command and the module that does it, so that `solve` need not load the database to start."""


def add_commands(arguments: list[str]) -> None:
    """Add the command that is asked for, or all of them when none is named."""
    named = [a for a in arguments if a in COMMANDS][:1]
    for name in named or COMMANDS:
        if name not in {c.name for c in app.registered_commands}:
            app.command(name)(getattr(importlib.import_module(COMMANDS[name]), f"{name.replace('-', '_')}_command"))


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Open the desktop window when no command is given."""
    if version:
        from engine.rebalance.solve import engine_version  # noqa: PLC0415 - it brings in the solver

        say(engine_version())
    elif context.invoked_subcommand is None:
        raise typer.Exit(_window(None))


@app.command("gui")
def gui_command(
    db: Annotated[str | None, typer.Option("--db", metavar="WHERE", help="The book to open.")] = None,
) -> None:
    """Open the desktop window."""
    raise typer.Exit(_window(db))


def _window(where: str | None) -> int:
    """Start the window. Qt is imported here and nowhere else on the command line."""
    code: int = _gui("gui.main").run(where)
    return code


def _gui(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        hint = "On Debian or Ubuntu `make run` names the system libraries that Qt needs."
        raise AppError("the window cannot be opened", detail=str(error), hint=hint) from error


@app.command("self-test")
def self_test_command() -> None:
    """Open the window offscreen, import the demo, propose, write one PDF and one workbook."""
    raise typer.Exit(_gui("gui.selftest").self_test())


@app.command("screenshots")
def screenshots_command(
    out: Annotated[Path, typer.Option(help="Folder for the pictures.")] = Path("docs/screenshots"),
) -> None:
    """Write a PNG of every page on the demo data."""
    for path in _gui("gui.screenshots").make_screenshots(out):
        say(str(path))


def run(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 bug, 2 unreadable, 3 needs a person."""
    with decimal.localcontext() as context:
        # a float must never slip into money: mixing one with a Decimal is a bug, and stops here
        context.traps[decimal.FloatOperation] = True
        return _run(sys.argv[1:] if arguments is None else arguments)


def _run(arguments: list[str]) -> int:
    try:
        add_commands(arguments)
        code = app(arguments, standalone_mode=False)
    except typer.TyperException as error:
        complain(f"plimsoll: {error.format_message()} `plimsoll --help` lists the commands.")
        return UNREADABLE
    except AppError as error:
        complain(f"plimsoll: {error}")
        return UNREADABLE
    except (KeyboardInterrupt, typer.Abort):
        complain("plimsoll: stopped.")
        return UNREADABLE
    except Exception as error:  # noqa: BLE001 - the last line of defence: a bug is told in one line
        if os.environ.get("PLIMSOLL_TRACEBACK"):
            traceback.print_exc()
        where = "PLIMSOLL_TRACEBACK=1 shows where"
        complain(f"plimsoll: a bug, please report it: {type(error).__name__}: {error} ({where})")
        return BUG
    return int(code or DONE)


def main() -> None:
    """Run the command of this process."""
    multiprocessing.freeze_support()  # a packaged program starts its workers through this same command
    sys.exit(run())


if __name__ == "__main__":
    main()
