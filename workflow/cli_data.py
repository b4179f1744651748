"""Commands on the data that the research reads: data-quality."""

from pathlib import Path
from typing import Annotated

import typer

from engine.problems import Severity
from workflow.console import NEEDS_PERSON, complain, print_table, say
from workflow.data_quality import QualityFiles, QualityReport, data_quality, quality_json


def data_quality_command(
    prices: Annotated[Path, typer.Option(help="CSV: date, one column of closes a symbol.")],
    dividends: Annotated[Path | None, typer.Option(help="CSV: ex_date, ticker, amount.")] = None,
    macro: Annotated[Path | None, typer.Option(help="CSV of macro series.")] = None,
    compare: Annotated[Path | None, typer.Option(help="Closes of another source, to compare returns with.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Show what is likely wrong in a price file: gaps, jumps, stale closes, dividends twice or missing."""
    report = data_quality(QualityFiles(prices, dividends, macro, compare))
    if as_json:
        say(quality_json(report))
    else:
        _print_report(report)
    if report.needs_a_person():
        count = sum(finding.severity is not Severity.INFO for finding in report.findings)
        complain(f"{count:,} finding{'s' * (count > 1)} to look at before the data are relied on")
        raise typer.Exit(NEEDS_PERSON)


def _print_report(report: QualityReport) -> None:
    print_table(
        "Closes",
        ("symbol", "first", "last", "closes", "dividends"),
        (
            (c.symbol, str(c.first), str(c.last), f"{c.closes:,}", "" if c.dividends is None else f"{c.dividends:,}")
            for c in report.coverage
        ),
    )
    if report.series:
        print_table(
            "Macro series",
            ("series", "spacing", "first", "last", "values", "days to publication"),
            ((s.name, s.step, str(s.first), str(s.last), f"{s.values:,}", str(s.lag_days)) for s in report.series),
        )
    for finding in report.findings:
        say(f"{finding.severity.value}: {finding.symbol or 'the file'}: {finding.text}")
    if not report.findings:
        say("Nothing to look at.")
