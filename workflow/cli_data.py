"""Commands on the data that the research reads: data-quality, regimes."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from engine.problems import Severity
from workflow.console import NEEDS_PERSON, complain, print_table, say
from workflow.data_quality import QualityFiles, QualityReport, data_quality, quality_json
from workflow.regimes import RegimeReport, regime_report, regimes_json


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


def regimes_command(
    prices: Annotated[Path, typer.Option(help="CSV: date, one column of total-return closes a symbol.")],
    macro: Annotated[Path | None, typer.Option(help="CSV of macro series.")] = None,
    stocks: Annotated[str, typer.Option(help="The symbol that stands for stocks.")] = "SPY",
    bonds: Annotated[str, typer.Option(help="The symbol that stands for bonds.")] = "IEF",
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day (else all).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Label growth and inflation, volatility and stock-bond correlation by month, and show what followed each."""
    report = regime_report(prices, macro, stocks, bonds, None if as_of is None else as_of.date())
    if as_json:
        say(regimes_json(report))
    else:
        _print_regimes(report)


def _print_regimes(report: RegimeReport) -> None:
    now = report.months[-1]
    say(f"On {now.day}: {now.quadrant}; volatility {now.volatility}; {now.correlation}")
    for kind, by_symbol in report.figures.items():
        print_table(
            f"The month after, by {kind}",
            ("regime", "symbol", "months", "share", "mean a year", "volatility a year", "worst", "positive"),
            (
                (
                    one.label,
                    symbol,
                    f"{one.periods:,}",
                    *(f"{value:.1%}" for value in (one.share, one.mean, one.volatility, one.worst, one.positive)),
                )
                for symbol, figures in by_symbol.items()
                for one in figures
            ),
            left=2,
        )
