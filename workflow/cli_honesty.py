"""Commands on how far to believe a backtest: honesty, search, walk-forward."""

import dataclasses
import math
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from engine.errors import AppError
from engine.portfolio import Registration
from engine.research.backtest import BacktestSetting
from engine.research.bootstrap import SAMPLES, Interval, Resampling
from engine.research.discounts import Discount
from engine.research.gate import Beat, GateSetting, overridden
from engine.research.policy_search import Trial
from engine.research.purged_splits import CrossValidation
from engine.research.trading_costs import CostModel, SymbolCost, flat_costs
from workflow.after_tax import RATES, taxed_account
from workflow.console import DONE, NEEDS_PERSON, complain, print_json, print_table, progress_bar, say
from workflow.cost_table import cost_model_from_csv
from workflow.honesty_json import honesty_json, search_json, walk_json
from workflow.policy_trials import (
    PolicyFiles,
    SearchReport,
    SearchSetting,
    WalkForwardReport,
    policy_honesty,
    search_policies,
    walk_policies,
)
from workflow.research_gate import Honesty, Judging, returns_honesty
from workflow.trial_log import write_log

ReturnsFile = Annotated[
    Path | None, typer.Argument(metavar="[RETURNS.csv]", help="The policy's returns, its trials in more columns.")
]
Prices = Annotated[Path, typer.Option(help="CSV: date, one column of total-return closes a symbol.")]
PolicyFile = Annotated[Path, typer.Option("--policy", help="Overlay policy, JSON.")]
ChoicesFile = Annotated[Path, typer.Option(help='JSON of values to try: {"signals[0].months": [6, 10, 12]}.')]
Start = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The first day.")]
End = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The last day.")]
Inside = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day that is in sample.")]
Lag = Annotated[int, typer.Option(min=0, help="Rows from the close of a signal to the close of its trade.")]
CostBp = Annotated[float, typer.Option(min=0, max=5000, help="Basis points of what is traded.")]
Costs = Annotated[Path | None, typer.Option(help="CSV of costs by symbol, in place of --cost-bp.")]
CashYield = Annotated[float, typer.Option(min=-0.5, max=1, help="What uninvested money earns a year.")]
Benchmark = Annotated[str, typer.Option(help="A symbol to beat (else the strategic mix at the same costs).")]
Budget = Annotated[int, typer.Option(min=1, help="The most policies that are tried, beside the one given.")]
Seed = Annotated[int, typer.Option(min=0, help="Of what is drawn at random.")]
Trials = Annotated[int, typer.Option(min=0, help="Policies tried elsewhere and not in the log.")]
Log = Annotated[Path | None, typer.Option(help="Log of trials: all of them count.")]
Block = Annotated[float | None, typer.Option(min=1, help="Mean block of the bootstrap, in rows (else estimated).")]
Samples = Annotated[int, typer.Option(min=100, max=100_000, help="Resamples of the bootstrap.")]
Must = Annotated[Beat, typer.Option(help="What it must have more of than its mix.")]
Author = Annotated[str, typer.Option(help="Who lets it go live against the gate.")]
Reason = Annotated[str, typer.Option(help="Why it may go live against the gate.")]
PlainCloses = Annotated[Path | None, typer.Option(help="CSV of plain closes, for a policy with lots.")]
OfAccount = Annotated[Registration, typer.Option(help="Of the account, with lots.")]
TaxRates = Annotated[str, typer.Option(metavar="S,L,O", help="Rates of short, long and other income, with lots.")]
Ordinary = Annotated[str, typer.Option(metavar="SYM,SYM", help="Symbols with ordinary dividends, with lots.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]

CAPITAL = 1_000_000.0
"""Dollars at the start, for market impact."""

FIGURES = {"cagr": "CAGR", "sharpe": "Sharpe ratio over cash", "max_drawdown": "Deepest drawdown"}


def search_command(
    prices: Prices,
    policy: PolicyFile,
    choices: ChoicesFile,
    start: Start,
    end: End,
    inside_to: Inside = None,
    budget: Budget = 50,
    seed: Seed = 0,
    log: Log = None,
    trials: Trials = 0,
    lag: Lag = 1,
    cost_bp: CostBp = 0.0,
    costs: Costs = None,
    cash_yield: CashYield = 0.0,
    benchmark: Benchmark = "",
    beat: Must = Beat.SHARPE,
    block: Block = None,
    samples: Samples = SAMPLES,
    closes: PlainCloses = None,
    registration: OfAccount = Registration.TAXABLE,
    tax_rates: TaxRates = RATES,
    ordinary: Ordinary = "",
    as_json: AsJson = False,
) -> None:
    """Try a policy's settings, choose in sample, judge the choice by how many were tried; exit 3 if it fails.

    A policy with lots is tried after tax.
    """
    setting = backtest_setting((start, end), lag, cost_model(cost_bp, costs), cash_yield, benchmark)
    files = PolicyFiles(prices, policy, choices, log, taxed_account(closes, registration, tax_rates, ordinary))
    plan = SearchSetting(budget, seed, day_of(inside_to))
    judging = _judging(trials, Resampling(samples, seed=seed, block_length=block), beat)
    with progress_bar() as progress:
        report = search_policies(files, setting, plan, judging, progress)
    if log is not None:
        write_log(log, report.log)
    if as_json:
        print_json(search_json(report))
    else:
        _print_search(report)
    _warn(report.warnings)
    raise typer.Exit(DONE if report.honesty.verdict.passed else NEEDS_PERSON)


def walk_forward_command(
    prices: Prices,
    policy: PolicyFile,
    choices: ChoicesFile,
    start: Start,
    end: End,
    train_years: Annotated[float, typer.Option(min=0.1, help="To choose on, the first time.")] = 5.0,
    test_years: Annotated[float, typer.Option(min=0.05, help="To hold what was chosen.")] = 1.0,
    rolling: Annotated[bool, typer.Option("--rolling", help="Choose on the latest years only.")] = False,
    budget: Budget = 50,
    seed: Seed = 0,
    log: Log = None,
    lag: Lag = 1,
    cost_bp: CostBp = 0.0,
    costs: Costs = None,
    cash_yield: CashYield = 0.0,
    benchmark: Benchmark = "",
    closes: PlainCloses = None,
    registration: OfAccount = Registration.TAXABLE,
    tax_rates: TaxRates = RATES,
    ordinary: Ordinary = "",
    as_json: AsJson = False,
) -> None:
    """Choose a policy's settings on the past, hold them over the next stretch, and so on to the end.

    A policy with lots is walked after tax.
    """
    setting = backtest_setting((start, end), lag, cost_model(cost_bp, costs), cash_yield, benchmark)
    files = PolicyFiles(prices, policy, choices, log, taxed_account(closes, registration, tax_rates, ordinary))
    plan, years = SearchSetting(budget, seed), (train_years, test_years)
    with progress_bar() as progress:
        report = walk_policies(files, setting, plan, years, anchored=not rolling, progress=progress)
    if log is not None:
        write_log(log, report.log)
    if as_json:
        print_json(walk_json(report))
    else:
        _print_walk(report)
    _warn(report.warnings)


def honesty_command(
    returns: ReturnsFile = None,
    prices: Annotated[Path | None, typer.Option(help="CSV of closes, with --policy.")] = None,
    policy: Annotated[Path | None, typer.Option(help="Overlay policy, JSON.")] = None,
    start: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day.")] = None,
    end: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day.")] = None,
    inside_to: Inside = None,
    mix: Annotated[str, typer.Option(help="The column of RETURNS.csv that is to be beaten.")] = "",
    cash: Annotated[str, typer.Option(help="The column of RETURNS.csv that is the risk-free rate.")] = "",
    log: Log = None,
    trials: Trials = 0,
    lag: Lag = 1,
    cost_bp: CostBp = 0.0,
    costs: Costs = None,
    cash_yield: CashYield = 0.0,
    benchmark: Benchmark = "",
    beat: Must = Beat.SHARPE,
    block: Block = None,
    samples: Samples = SAMPLES,
    seed: Seed = 0,
    override_by: Author = "",
    override_reason: Reason = "",
    closes: PlainCloses = None,
    registration: OfAccount = Registration.TAXABLE,
    tax_rates: TaxRates = RATES,
    ordinary: Ordinary = "",
    as_json: AsJson = False,
) -> None:
    """Say how far to believe a policy's past: luck, trials, costs, discounts, and the gate; exit 3 if it fails.

    A policy with lots is judged after tax.
    """
    judging = _judging(trials, Resampling(samples, seed=seed, block_length=block), beat)
    if returns is not None:
        _refuse_both(prices, policy, log)
        found = returns_honesty(returns, mix, cash, day_of(inside_to), judging)
    elif prices is None or policy is None or start is None or end is None:
        raise AppError("Nothing to judge", hint="Give RETURNS.csv, or --prices, --policy, --start and --end.")
    else:
        setting = backtest_setting((start, end), lag, cost_model(cost_bp, costs), cash_yield, benchmark)
        files = PolicyFiles(prices, policy, None, log, taxed_account(closes, registration, tax_rates, ordinary))
        found = policy_honesty(files, setting, day_of(inside_to), judging)
    raise typer.Exit(_show(_let_live(found, override_by, override_reason), as_json=as_json))


def _refuse_both(prices: Path | None, policy: Path | None, log: Path | None) -> None:
    """Raise AppError where a table of returns is given with what makes returns of its own."""
    if prices is not None or policy is not None or log is not None:
        raise AppError("Give a table of returns, or --prices and --policy (and perhaps --log), not both")


def _let_live(found: Honesty, author: str, reason: str) -> Honesty:
    """Return the judgement with the override, where one is given."""
    if not author and not reason:
        return found
    return dataclasses.replace(found, verdict=overridden(found.verdict, author, reason))


def _show(found: Honesty, *, as_json: bool) -> int:
    if as_json:
        print_json(honesty_json(found))
    else:
        print_honesty(found)
    _warn(found.warnings)
    return DONE if found.verdict.eligible_for_live else NEEDS_PERSON


def backtest_setting(
    days: tuple[datetime, datetime], lag: int, model: CostModel, cash_yield: float, benchmark: str
) -> BacktestSetting:
    """Return the setting of a backtest from a command's options."""
    return BacktestSetting(days[0].date(), days[1].date(), lag, model, cash_yield, benchmark)


def cost_model(cost_bp: float, costs: Path | None) -> CostModel:
    """Return the costs that a command's options name: of a file, or the same for all symbols."""
    if costs is None:
        return flat_costs(cost_bp)
    return cost_model_from_csv(costs, SymbolCost(half_spread_bp=cost_bp), CAPITAL)


def _judging(trials: int, resampling: Resampling, beat: Beat) -> Judging:
    return Judging(trials=trials, resampling=resampling, gate=GateSetting(beat=beat))


def day_of(moment: datetime | None) -> date | None:
    """Return the day of an option that may not be given."""
    return None if moment is None else moment.date()


def _warn(warnings: Iterable[str]) -> None:
    for warning in warnings:
        complain(f"warning: {warning}")


def _print_search(report: SearchReport) -> None:
    search = report.search
    first = search.trials[0]
    say(
        f"{len(search.trials):,} trials of a grid of {report.size:,}; in sample {first.start} to {first.inside_to}, "
        f"out of sample to {first.end}; {len(report.log.trials):,} trials in all"
    )
    rows = [_trial_row(trial, number == search.best) for number, trial in enumerate(search.trials)]
    columns = ("", "parameters", "policy", "Sharpe in", "Sharpe out", "CAGR in", "CAGR out", "drawdown out")
    print_table("Trials", columns, rows, left=3)
    if report.overfitting is not None:
        risk = report.overfitting
        say(
            f"Overfitting: in {risk.probability:.1%} of {len(risk.logits):,} ways to split the time the best in sample "
            f"was below the middle out of sample, in {risk.loss:.1%} it earned nothing over cash."
        )
    _say_paths(report.cross, search.periods)
    print_honesty(report.honesty)


def _trial_row(trial: Trial, best: bool) -> tuple[str, ...]:
    inside, outside = trial.inside, trial.outside
    return (
        "*" if best else "",
        _parameters(trial),
        trial.policy_hash,
        *(shown_ratio(figures.sharpe) for figures in (inside, outside)),
        *(shown_percent(value) for value in (inside.cagr, outside.cagr, outside.max_drawdown)),
    )


def _print_walk(report: WalkForwardReport) -> None:
    search, walk = report.search, report.walk
    annual = math.sqrt(search.periods)
    rows = [
        (
            f"{search.dates[each.train[0]]} to {search.dates[each.train[1]]}",
            f"{search.dates[each.test[0]]} to {search.dates[each.test[1]]}",
            _parameters(search.trials[each.chosen]),
            *(shown_ratio(value * annual) for value in (each.inside, each.outside, each.best)),
        )
        for each in walk.stretches
    ]
    columns = ("chosen on", "held over", "chosen", "Sharpe in", "Sharpe out", "best out")
    kind = "anchored" if walk.setting.anchored else "rolling"
    print_table(f"Walk-forward, {kind}, {len(search.trials):,} trials", columns, rows, left=3)
    mine, mix = report.figures, report.mix_figures
    figures = [
        (FIGURES["cagr"], shown_percent(mine.cagr), shown_percent(mix.cagr)),
        (FIGURES["sharpe"], shown_ratio(mine.sharpe), shown_ratio(mix.sharpe)),
        (FIGURES["max_drawdown"], shown_percent(mine.max_drawdown), shown_percent(mix.max_drawdown)),
    ]
    print_table("Out of sample, net of costs", ("", "walk-forward", search.mix_name), figures)
    if report.baselines:
        beside = [
            (name, shown_percent(f.cagr), shown_ratio(f.sharpe), shown_percent(f.max_drawdown))
            for name, f in report.baselines
        ]
        print_table("Simple mixes on the same days", ("", *FIGURES.values()), beside)
    kept = shown_percent(walk.efficiency) or "no part"
    say(
        f"Settings changed {walk.changes:,} time{'s' * (walk.changes != 1)}, which is not charged for; Sharpe ratios "
        f"out of sample were {kept} of those in sample."
    )
    _say_paths(report.cross, search.periods)


def _say_paths(found: CrossValidation | None, periods: int) -> None:
    if found is not None:
        sharpe = np.sort(found.sharpe) * math.sqrt(periods)
        say(
            f"Purged cross-validation: {len(found.chosen):,} splits make {len(sharpe)} paths out of sample, Sharpe "
            f"ratio {sharpe[0]:.2f} to {sharpe[-1]:.2f}, median {np.median(sharpe):.2f}."
        )


def print_honesty(found: Honesty) -> None:
    """Print the judgement of one policy."""
    say(f"{found.name}, {found.start} to {found.end}, {found.trials:,} trial{'s' * (found.trials != 1)}")
    print_table("How sure", ("", "figure"), _sureness(found))
    drawing = found.intervals.resampling
    print_table(
        f"Bootstrap: {drawing.samples:,} resamples, blocks of {found.intervals.block_length:.1f} rows",
        ("", "figure", f"{drawing.level:.0%} from", "to", "above zero"),
        [_interval_row(row) for row in found.intervals.rows],
    )
    if found.discounts:
        rows = [_discount_row(row) for row in found.discounts]
        print_table("Discounts", ("discount", "figure", "before", "after", "change", "source"), rows, left=2)
    verdict = found.verdict
    for check in verdict.checks:
        say(f"{check.outcome.value.replace('_', ' ')}: {check.reason}")
    if verdict.override is not None:
        say(f"Override by {verdict.override.author}: {verdict.override.reason}")
    say(f"The gate is {'passed' if verdict.passed else 'not passed'}; {_live(found)}")


def _live(found: Honesty) -> str:
    return "the policy may be set live." if found.verdict.eligible_for_live else "the policy may not be set live."


def _sureness(found: Honesty) -> list[tuple[str, str]]:
    rows = [
        ("Sharpe ratio a year, over cash", shown_ratio(found.figures.sharpe)),
        (f"Sharpe ratio of the {found.mix_name}", shown_ratio(found.mix_figures.sharpe)),
        ("Skew, kurtosis", f"{shown_ratio(found.skew)}, {shown_ratio(found.kurtosis)}"),
        ("Probabilistic Sharpe: chance that it is above zero", shown_percent(found.probabilistic)),
        ("Expected of the best trial by luck", shown_ratio(found.best_by_luck)),
        ("Deflated Sharpe: chance that it is above that", shown_percent(found.deflated)),
        (f"Chance that the return over the {found.mix_name} is above zero", shown_percent(found.active)),
        ("Years of record, years needed to be 95% sure", f"{found.years:.1f}, {shown_ratio(found.years_needed)}"),
    ]
    if found.overfitting is not None:
        rows.append(("Probability of overfitting", shown_percent(found.overfitting)))
    return [row for row in rows if row[1]]


def _interval_row(row: Interval) -> tuple[str, ...]:
    shown = shown_ratio if row.figure == "sharpe" else shown_percent
    label = FIGURES[row.figure] + (f", over {row.versus}" if row.versus else "")
    figures = (shown(value) for value in (row.estimate, row.low, row.high))
    return (label, *figures, f"{row.above_zero:.0%}")


def _discount_row(row: Discount) -> tuple[str, ...]:
    return (row.what, row.figure, *(shown_percent(v) for v in (row.before, row.after, row.change)), row.source)


def _parameters(trial: Trial) -> str:
    return ", ".join(f"{key} {value}".strip() for key, value in trial.parameters)


def shown_percent(value: float) -> str:
    """Return a fraction as a percentage, empty where it is not known."""
    return "" if math.isnan(value) else f"{value:.2%}"


def shown_ratio(value: float) -> str:
    """Return a ratio, empty where it is not known."""
    if math.isinf(value):
        return "no number"
    return "" if math.isnan(value) else f"{value:.2f}"
