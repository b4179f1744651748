"""The command `verify`: runs the worked tax cases and says of each whether it passes, with its source."""

from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from workflow.console import BUG, complain, print_json, print_table, say
from workflow.verify import CaseResult, verify


def verify_command(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
    cases: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Run the cases of this folder instead of those that ship.")
    ] = None,
) -> None:
    """Run the worked tax cases and print pass or fail for each, with its citation."""
    results = verify(cases)
    failed = [result for result in results if not result.passed]
    if as_json:
        passed = len(results) - len(failed)
        print_json({"cases": [_entry(result) for result in results], "passed": passed, "failed": len(failed)})
    else:
        _print(results)
    for result in failed:
        for difference in result.differences:
            complain(f"{result.name}: {difference}")
    if failed:
        raise typer.Exit(BUG)


def _entry(result: CaseResult) -> dict[str, object]:
    return {
        "name": result.name,
        "group": result.group,
        "title": result.title,
        "citation": result.citation,
        "passed": result.passed,
        "differences": result.differences,
    }


def _print(results: tuple[CaseResult, ...]) -> None:
    for group, members in groupby(results, key=lambda result: result.group):
        rows = [
            ("pass" if result.passed else "FAIL", result.title or result.name, result.citation) for result in members
        ]
        print_table(group.replace("_", " ").capitalize(), ("", "case", "source"), rows, left=3)
    say(f"{sum(result.passed for result in results):,} of {len(results):,} cases pass")
