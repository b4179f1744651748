"""Commands of the research on the overlay: backtest, research report."""

import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import AppError
from engine.portfolio import Registration
from engine.research.after_tax import AfterTax
from engine.research.backtest import Backtest, BacktestSetting
from engine.research.trading_costs import SymbolCost, flat_costs
from workflow.after_tax import RATES, symbols_from_text, taxed_account
from workflow.backtest import BacktestFiles, BacktestReport, backtest_from_files, backtest_json
from workflow.backtest_doubts import Doubts, doubts_in_words
from workflow.console import complain, print_table, progress_bar, say
from workflow.cost_table import cost_model_from_csv
from workflow.research_report import PUBLISHED, ResearchAsk, research_facts, research_pdf

LABELS = {
    "growth": "Growth of one dollar",
    "cagr": "Growth a year (CAGR)",
    "volatility": "Volatility a year",
    "sharpe": "Sharpe ratio (against zero)",
    "sortino": "Sortino ratio",
    "max_drawdown": "Deepest drawdown",
    "turnover_per_year": "Turnover a year, one-way",
    "tracking_error": "Tracking error a year",
    "information_ratio": "Information ratio",
    "beta": "Beta to the benchmark",
    "up_capture": "Captured of its rises",
    "down_capture": "Captured of its falls",
}
RATIOS = frozenset({"growth", "sharpe", "sortino", "information_ratio", "beta", "up_capture", "down_capture"})
SPLIT = datetime.combine(PUBLISHED, datetime.min.time())
FALLS = 5
"""How many drawdowns are shown."""


def backtest_command(
    prices: Annotated[Path, typer.Option(help="CSV: date, one column of total-return closes a symbol.")],
    policy: Annotated[Path, typer.Option(help="Overlay policy, JSON.")],
    start: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The first day.")],
    end: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The last day.")],
    lag: Annotated[int, typer.Option(min=0, help="Rows from the close of a signal to the close of its trade.")] = 0,
    cost_bp: Annotated[float, typer.Option(min=0, max=5000, help="Basis points of what is traded.")] = 0.0,
    costs: Annotated[Path | None, typer.Option(help="CSV of costs by symbol, in place of --cost-bp.")] = None,
    capital: Annotated[float, typer.Option(min=1, help="Dollars at the start, for market impact.")] = 1_000_000.0,
    cash_yield: Annotated[float, typer.Option(min=-0.5, max=1, help="What uninvested money earns a year.")] = 0.0,
    benchmark: Annotated[str, typer.Option(help="A symbol to compare with (else the strategic mix).")] = "",
    macro: Annotated[Path | None, typer.Option(help="CSV of macro series.")] = None,
    tranches: Annotated[bool, typer.Option(help="Run it on all 21 days of the month.")] = False,
    closes: Annotated[
        Path | None, typer.Option(help="CSV of plain closes: with lots, what is traded, and where dividends are seen.")
    ] = None,
    registration: Annotated[Registration, typer.Option(help="Of the account, with lots.")] = Registration.TAXABLE,
    tax_rates: Annotated[
        str, typer.Option(metavar="S,L,O", help="Rates of short-term, long-term and ordinary income, with lots.")
    ] = RATES,
    ordinary: Annotated[
        str, typer.Option(metavar="SYM,SYM", help="Symbols whose dividends are ordinary income, with lots.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Run an overlay policy over past closes: what it earned, its drawdowns, what it traded.

    A policy with lots is run after tax, too: the optimiser trades, the ledger keeps lots and wash sales.
    """
    model = flat_costs(cost_bp)
    if costs is not None:
        model = cost_model_from_csv(costs, SymbolCost(half_spread_bp=cost_bp), capital)
    setting = BacktestSetting(start.date(), end.date(), lag, model, cash_yield, benchmark)
    account = taxed_account(closes, registration, tax_rates, ordinary, capital)
    files = BacktestFiles(prices, policy, macro, account)
    with progress_bar() as progress:
        report = backtest_from_files(files, setting, tranches=tranches, progress=progress)
    if as_json:
        say(backtest_json(report))
    else:
        _print_report(report)
    for warning in report.warnings:
        complain(f"warning: {warning}")


def research_command(
    what: Annotated[str, typer.Argument(metavar="report", help="What to make: report.")],
    prices: Annotated[Path, typer.Option(help="CSV: date, one column of total-return closes a symbol.")],
    start: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The first day.")],
    end: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The last day.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The PDF to write.")] = Path("research-report.pdf"),
    policy: Annotated[Path | None, typer.Option(help="Overlay policy, JSON; default: the program's own.")] = None,
    closes: Annotated[Path | None, typer.Option(help="CSV of plain closes, for what is left after tax.")] = None,
    split: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Where out of sample begins.")] = SPLIT,
    ordinary: Annotated[str, typer.Option(metavar="SYM,SYM", help="Symbols whose dividends are ordinary income.")] = "",
) -> None:
    """Write the research report of an overlay: against its strategic mix and 60/40, before and after tax."""
    if what != "report":
        raise AppError(f"there is no research {what!r}", hint="Write `plimsoll research report`.")
    listed = symbols_from_text(ordinary)
    ask = ResearchAsk(prices, start.date(), end.date(), policy, closes, split.date(), listed)
    with progress_bar() as progress:
        facts = research_facts(ask, made_on=datetime.now(UTC).date(), progress=progress)
    try:
        out.write_bytes(research_pdf(facts))
    except OSError as error:
        raise AppError("the report cannot be written", detail=f"{out}: {error.strerror}") from None
    for run in facts.runs:
        taxed = "" if run.taxable is None else f", {_percent(run.taxable.cagr_liquidated)} after tax, sold at the end"
        say(f"{run.name}: {_percent(run.figures.cagr)} a year, drawdown {_percent(run.figures.max_drawdown)}{taxed}")
    say(f"{out}: written")
    for warning in facts.warnings:
        complain(f"warning: {warning}")


def _print_report(report: BacktestReport) -> None:
    found = report.backtest
    resets = len(found.rebalances)
    say(
        f"{report.policy.mode.value}, {found.dates[0]} to {found.dates[-1]}, {resets:,} reset{'s' * (resets != 1)}, "
        f"before tax; signals at a close are traded "
        f"{'at the same close' if not report.setting.lag else f'{report.setting.lag} row(s) later'}"
    )
    held_back = sum(bool(rebalance.bound) for rebalance in found.rebalances)
    if held_back:
        say(f"Limits held the weights back at {held_back:,} of {resets:,} resets; --json says which and by how much.")
    _print_figures(found)
    _print_baselines(report)
    _print_drawdowns(found)
    _print_years(found)
    if report.after_tax is not None:
        _print_after_tax(report.after_tax, found.figures.cagr)
    if report.tranches is not None:
        band = report.tranches
        say(
            f"Timing luck: decided on each of {len(band.cagr)} days of the month, growth a year runs from "
            f"{_percent(band.lowest)} to {_percent(band.highest)}, median {_percent(band.median)}; "
            f"in equal parts {_percent(band.figures.cagr)}"
        )
    if report.doubts is not None:
        print_doubts(report.doubts)


def print_doubts(found: Doubts) -> None:
    """Show what is to be taken off a backtest before it is believed."""
    if found.discounts:
        columns = ("discount", "figure", "before", "after", "change", "source")
        rows = [
            (row.what, row.figure, *map(_percent, (row.before, row.after, row.change)), row.source)
            for row in found.discounts
        ]
        print_table("Discounts", columns, rows, left=2)
    for line in doubts_in_words(found):
        say(line)
    for line in found.lint:
        complain(f"warning: {line}")


def _print_after_tax(found: AfterTax, before: float) -> None:
    say(
        f"After tax, lot by lot: {_percent(found.cagr)} a year before and {_percent(found.cagr_liquidated)} after "
        f"selling everything at the end, against {_percent(before)} before tax; {found.orders:,} orders."
    )
    share = "" if found.long_term_share is None else f", {found.long_term_share:.0%} of gains long-term"
    say(
        f"Realised ${found.short_term:,.0f} short-term and ${found.long_term:,.0f} long-term{share}; "
        f"losses ${found.harvested:,.0f}, of wash sales ${found.disallowed:,.0f}; "
        f"dividends ${found.dividends:,.0f}; tax paid ${found.tax_paid:,.0f}; trading ${found.costs:,.0f}."
    )
    rows = [
        (str(y.year), *(f"{x:,.0f}" for x in (y.short_term, y.long_term, y.dividends + y.interest, y.tax)))
        for y in found.years
    ]
    print_table("Tax by year", ("year", "short-term", "long-term", "income", "tax"), rows)


def _print_figures(found: Backtest) -> None:
    other = found.benchmark_figures
    columns = ("", "policy", found.benchmark_name)
    rows = []
    for name, label in LABELS.items():
        values = [getattr(figures, name) for figures in (found.figures, other)]
        if not math.isnan(values[0]):
            rows.append([label, *(_ratio(value) if name in RATIOS else _percent(value) for value in values)])
    print_table("Figures", columns, rows)


def _print_baselines(report: BacktestReport) -> None:
    """Show a learned allocation beside the simple mixes, net of the same costs."""
    if not report.baselines:
        return
    named = (("learned", report.backtest), *((each.name, each.backtest) for each in report.baselines))
    names = ("cagr", "volatility", "sharpe", "max_drawdown", "turnover_per_year")
    rows = [
        (name, *((_ratio if key in RATIOS else _percent)(getattr(found.figures, key)) for key in names))
        for name, found in named
    ]
    print_table("Net of costs, beside simple mixes", ("", *(LABELS[key] for key in names)), rows)


def _print_drawdowns(found: Backtest) -> None:
    rows = [
        (
            _percent(fall.depth),
            str(fall.peak),
            str(fall.trough),
            str(fall.recovered or "not yet"),
            f"{fall.days_down:,}",
            "" if fall.days_to_recover is None else f"{fall.days_to_recover:,}",
        )
        for fall in found.figures.drawdowns[:FALLS]
    ]
    print_table("Drawdowns", ("depth", "high", "low", "recovered", "days down", "days back"), rows, left=0)


def _print_years(found: Backtest) -> None:
    other = found.benchmark_figures.calendar_years
    rows = [
        (str(year), _percent(value), _percent(other[year]), _percent(value - other[year]))
        for year, value in found.figures.calendar_years.items()
    ]
    print_table("Calendar years", ("year", "policy", found.benchmark_name, "difference"), rows)


def _percent(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.2%}"


def _ratio(value: float) -> str:
    return "" if math.isnan(value) else f"{value:,.3f}"
