"""Commands that take results apart: attribution, shortfall, frequency."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.errors import AppError
from engine.overlay.policy import When
from engine.portfolio import Registration, class_words
from engine.research.attribution import Attribution, Effects
from engine.research.backtest import BacktestSetting
from engine.research.contribution import Against, Contribution, OverlayContribution
from engine.research.frequency import USUAL
from engine.research.linking import Excess
from engine.research.shortfall import Shortfall, ShortfallReport
from engine.research.trading_costs import SymbolCost, flat_costs
from workflow.after_tax import RATES, taxed_account
from workflow.attribution import (
    FrequencyReport,
    attribution_document,
    attribution_from_csv,
    contribution_document,
    contribution_from_files,
    frequencies_from_files,
    frequency_document,
)
from workflow.backtest import BacktestFiles
from workflow.book import open_book
from workflow.console import (
    DONE,
    NEEDS_PERSON,
    UNREADABLE,
    complain,
    complain_of,
    dollars,
    print_json,
    print_table,
    progress_bar,
    say,
)
from workflow.cost_table import cost_model_from_csv
from workflow.shortfall import PARTS, shortfall_document, shortfall_from_csv, shortfall_of_run

Prices = Annotated[Path | None, typer.Option(help="CSV: date, one column of total-return closes a symbol.")]
PolicyFile = Annotated[Path | None, typer.Option(help="Overlay policy, JSON.")]
Start = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day.")]
End = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day.")]
Lag = Annotated[int, typer.Option(min=0, help="Rows from the close of a signal to the close of its trade.")]
CostBp = Annotated[float, typer.Option(min=0, max=5000, help="Basis points of what is traded.")]
Costs = Annotated[Path | None, typer.Option(help="CSV of costs by symbol, in place of --cost-bp.")]
Capital = Annotated[float, typer.Option(min=1, help="Dollars at the start, for market impact.")]
CashYield = Annotated[float, typer.Option(min=-0.5, max=1, help="What uninvested money earns a year.")]
PlainCloses = Annotated[Path | None, typer.Option(help="CSV of plain closes, for a policy with lots.")]
OfAccount = Annotated[Registration, typer.Option(help="Of the account, with lots.")]
TaxRates = Annotated[str, typer.Option(metavar="S,L,O", help="Rates of short, long and other income, with lots.")]
Ordinary = Annotated[str, typer.Option(metavar="SYM,SYM", help="Symbols with ordinary dividends, with lots.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]
BrinsonRows = Annotated[
    Path | None,
    typer.Option(help="CSV: period, class, portfolio_weight, benchmark_weight, portfolio_return, benchmark_return."),
]
BACKTEST = "Give --prices, --policy, --start and --end."


def backtest_asked(
    prices: Path | None, policy: Path | None, days: tuple[datetime | None, datetime | None], setting: dict[str, Any]
) -> tuple[BacktestFiles, BacktestSetting]:
    """Return what a backtest reads and how it is run. Raises AppError where an option that it needs is missing."""
    start, end = days
    if prices is None or policy is None or start is None or end is None:
        raise AppError("A backtest needs prices, a policy and two days", hint=BACKTEST)
    model = flat_costs(setting["cost_bp"])
    if setting["costs"] is not None:
        other = SymbolCost(half_spread_bp=setting["cost_bp"])
        model = cost_model_from_csv(setting["costs"], other, setting["capital"])
    run = BacktestSetting(start.date(), end.date(), setting["lag"], model, setting["cash_yield"])
    return BacktestFiles(prices, policy), run


def attribution_command(
    rows: BrinsonRows = None,
    prices: Prices = None,
    policy: PolicyFile = None,
    start: Start = None,
    end: End = None,
    lag: Lag = 0,
    cost_bp: CostBp = 0.0,
    costs: Costs = None,
    capital: Capital = 1_000_000.0,
    cash_yield: CashYield = 0.0,
    after_tax: Annotated[Path | None, typer.Option(help="CSV: date, policy, strategic: growth after tax.")] = None,
    closes: PlainCloses = None,
    registration: OfAccount = Registration.TAXABLE,
    tax_rates: TaxRates = RATES,
    ordinary: Ordinary = "",
    excess: Annotated[Excess, typer.Option(help="What the effects sum to.")] = Excess.ARITHMETIC,
    against: Annotated[Against, typer.Option(help="What a holding is measured against.")] = Against.STRATEGIC,
    as_json: AsJson = False,
) -> None:
    """Say where an excess return came from.

    With --rows: allocation, selection and interaction by class and period (Brinson), linked over time (Carino).
    With a policy and prices: what the overlay added to its strategic mix, gross, after costs and after tax, by class
    and year; after tax with a policy with lots, or a file of both growths after tax.
    """
    if rows is not None:
        _show_attribution(attribution_from_csv(rows, excess), as_json=as_json)
        return
    if prices is None:
        raise AppError("There is nothing to attribute", hint=f"Give --rows with weights and returns, or: {BACKTEST}")
    setting = {"lag": lag, "cost_bp": cost_bp, "costs": costs, "capital": capital, "cash_yield": cash_yield}
    files, run = backtest_asked(prices, policy, (start, end), setting)
    account = taxed_account(closes, registration, tax_rates, ordinary, capital)
    with progress_bar() as progress:
        own = BacktestFiles(files.prices, files.policy, account=account)
        overlay = contribution_from_files(own, run, after_tax, progress, kind=excess, against=against)
    if as_json:
        print_json(contribution_document(overlay))
    else:
        _print_contribution(overlay)
    for warning in overlay.warnings:
        complain(f"warning: {warning}")


def _show_attribution(found: Attribution, *, as_json: bool) -> None:
    if as_json:
        print_json(attribution_document(found))
    else:
        _print_attribution(found)


def shortfall_command(
    fills: Annotated[
        Path,
        typer.Option(
            help="CSV, a row a fill: order, symbol, side, quantity, decision_price, fill_quantity, fill_price, "
            "and where known arrival_price, fees, end_price; with --run without symbol to decision_price."
        ),
    ],
    run: Annotated[str | None, typer.Option(help="The run whose orders or blocks these fills are of.")] = None,
    db: Annotated[str | None, typer.Option("--db", metavar="WHERE", help="The book of the run.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what carrying orders out cost against the price at which they were decided (Perold's shortfall).

    Orders with a row that cannot be read are left out and named on standard error; the exit code is then 3, or 2
    when none is left.
    """
    if (run is None) != (db is None):
        raise AppError("A run is in a book", hint="Give both --run and --db, or neither.")
    if run is not None and db is not None:
        found = shortfall_of_run(open_book(db, now=datetime.now(UTC)), run, fills)
    else:
        found = shortfall_from_csv(fills)
    if as_json:
        print_json(shortfall_document(found))
    elif found.report is not None:
        _print_shortfall(found.report)
    if complain_of(found.problems):
        raise typer.Exit(UNREADABLE if found.report is None else NEEDS_PERSON)
    raise typer.Exit(DONE)


def frequency_command(
    prices: Prices = None,
    policy: PolicyFile = None,
    start: Start = None,
    end: End = None,
    when: Annotated[list[When] | None, typer.Option(help="May be given several times.")] = None,
    lag: Lag = 0,
    cost_bp: CostBp = 0.0,
    costs: Costs = None,
    capital: Capital = 1_000_000.0,
    cash_yield: CashYield = 0.0,
    closes: PlainCloses = None,
    registration: OfAccount = Registration.TAXABLE,
    tax_rates: TaxRates = RATES,
    ordinary: Ordinary = "",
    as_json: AsJson = False,
) -> None:
    """Compare a policy reset monthly, quarterly and once a year: turnover, cost, and how closely it is followed.

    A policy with lots is run after tax, too.
    """
    setting = {"lag": lag, "cost_bp": cost_bp, "costs": costs, "capital": capital, "cash_yield": cash_yield}
    files, run = backtest_asked(prices, policy, (start, end), setting)
    account = taxed_account(closes, registration, tax_rates, ordinary, capital)
    with progress_bar() as progress:
        own = BacktestFiles(files.prices, files.policy, account=account)
        found = frequencies_from_files(own, run, when or USUAL, progress)
    if as_json:
        print_json(frequency_document(found))
    else:
        _print_frequencies(found)
    for warning in found.warnings:
        complain(f"warning: {warning}")


def _print_attribution(found: Attribution) -> None:
    say(
        f"Portfolio {_percent(found.portfolio_return)}, benchmark {_percent(found.benchmark_return)}, "
        f"{found.kind} excess {_percent(found.excess)} over {len(found.periods):,} periods"
    )
    columns = ("allocation", "selection", "interaction", "total")
    by_class = [(class_words(one.asset_class), *_effects(one.linked)) for one in found.classes]
    print_table("By class, linked", ("class", *columns), [*by_class, ("Total", *_effects(found.total))])
    by_period = [
        (str(one.period), _percent(one.portfolio_return), _percent(one.benchmark_return), *_effects(one.linked))
        for one in found.periods
    ]
    print_table("By period, linked", ("period", "portfolio", "benchmark", *columns), by_period)


def _effects(found: Effects) -> Sequence[str]:
    return [_percent(value) for value in (found.allocation, found.selection, found.interaction, found.total)]


def _print_contribution(found: OverlayContribution) -> None:
    total = found.total
    own, other = total.growths_a_year
    say(
        f"{total.start} to {total.end}: policy {_percent(total.policy_return)} ({_percent(own)} a year), "
        f"{found.strategic_name} {_percent(total.strategic_return)} ({_percent(other)} a year)"
    )
    say(f"The overlay added {_percent(total.net)} after costs ({found.kind} excess over the whole time).")
    if total.net_of_tax is not None:
        say(f"After tax it added {_percent(total.net_of_tax)}.")
    rows = [
        (
            class_words(one.asset_class),
            one.symbol or "uninvested",
            _percent(one.weight),
            _percent(one.strategic_weight),
            _percent(one.gross),
            _percent(one.cost),
            _percent(one.net),
        )
        for one in total.classes
    ]
    heads = ("class", "held as", "average weight", "strategic", "gross", "cost", "net")
    sums = ("Total", "", "", "", _percent(total.gross), _percent(total.cost), _percent(total.net))
    measured = found.strategic_name if found.against is Against.STRATEGIC else "cash"
    print_table(f"By class, over the whole time, measured against {measured}", heads, [*rows, sums], left=2)
    years = [(str(one.end.year), *_stretch(one)) for one in found.years]
    spans = ("year", "policy", found.strategic_name, "gross", "cost", "net", "tax", "net of tax")
    print_table("By year, each on its own", spans, [*years, ("Whole time", *_stretch(total))])
    _print_classes_by_year(found)


def _print_classes_by_year(found: OverlayContribution) -> None:
    held = {(one.asset_class, one.symbol): "" for one in found.total.classes}
    rows = []
    for year in found.years:
        net = {(one.asset_class, one.symbol): _percent(one.net) for one in year.classes}
        rows.append((str(year.end.year), *(held | net).values()))
    heads = [symbol or "uninvested" for _, symbol in held]
    print_table("Net by year and what was held", ("year", *heads), rows)


def _stretch(found: Contribution) -> Sequence[str]:
    figures = (found.policy_return, found.strategic_return, found.gross, found.cost, found.net)
    taxed = (found.tax, found.net_of_tax)
    return [*map(_percent, figures), *("" if value is None else _percent(value) for value in taxed)]


def _print_shortfall(found: ShortfallReport) -> None:
    rows = [
        (
            one.order.order,
            one.order.symbol,
            one.order.side,
            f"{one.order.quantity:,}",
            f"{one.order.filled:,}",
            f"{one.order.decision_price:,.2f}",
            "" if one.average_price is None else f"{one.average_price:,.4f}",
            *_parts(one.shortfall),
        )
        for one in found.orders
    ]
    total = ("Total", "", "", "", "", "", "", *_parts(found.total))
    heads = ("order", "symbol", "side", "ordered", "done", "decided at", "done at", *PARTS, "bp")
    print_table("Implementation shortfall: dollars lost (+) or gained (-)", heads, [*rows, total], left=3)
    shares = ", ".join(f"{name} {_bp(found.total, getattr(found.total, name))}" for name in PARTS)
    say(f"In basis points of the {dollars(found.total.decided)} dollars decided: {shares}.")


def _parts(found: Shortfall) -> Sequence[str]:
    return [*(f"{getattr(found, name):,.2f}" for name in PARTS), _bp(found, found.total)]


def _bp(found: Shortfall, part: Decimal) -> str:
    return f"{found.basis_points(part):,.1f}"


def _print_frequencies(found: FrequencyReport) -> None:
    rows = []
    for one in found.lines:
        figures = (
            one.cagr,
            one.volatility,
            one.max_drawdown,
            one.turnover,
            one.cost,
            one.tracking_error,
            one.average_drift,
            one.largest_drift,
        )
        taxed = [_percent(found.after_tax[one.when])] if found.after_tax else []
        rows.append((one.when.value, f"{one.resets:,}", *map(_percent, figures), *taxed))
    heads = ["reset", "resets", "CAGR", "volatility", "drawdown", "turnover a year", "cost a year"]
    heads += ["tracking error", "average drift", "largest drift", *(["CAGR after tax"] if found.after_tax else [])]
    print_table("Frequencies: tracking is against the policy reset every month without costs", heads, rows)
    first = found.lines[0]
    for one in found.lines[1:]:
        saved, grown = first.cost - one.cost, one.cagr - first.cagr
        say(
            f"Reset {one.when} instead of {first.when}: costs {_percent(abs(saved))} a year "
            f"{'lower' if saved >= 0 else 'higher'}, growth {_percent(abs(grown))} a year "
            f"{'higher' if grown >= 0 else 'lower'}."
        )


def _percent(value: float) -> str:
    return "" if math.isnan(value) else f"{value:z.2%}"
