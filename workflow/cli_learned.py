"""The command on learned allocations: fitted walking forward, beside simple mixes, through the gate."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import AppError
from engine.overlay.policy import Mode
from engine.research.baselines import NetFigures
from engine.research.bootstrap import SAMPLES, Resampling
from engine.research.gate import Beat, GateSetting
from workflow import cli_honesty as options
from workflow.case_file import encode
from workflow.cli_honesty import backtest_setting, cost_model, day_of, print_honesty, shown_percent, shown_ratio
from workflow.console import DONE, NEEDS_PERSON, complain, print_json, print_table, progress_bar, say
from workflow.learned import SEEDS, LearnedAsk, LearnedReport, Row, learned_json, learned_report
from workflow.policy_trials import PolicyFiles, SearchSetting
from workflow.research_gate import Judging


class Learner(StrEnum):
    """Which networks are tried."""

    DIRECT_SHARPE = "direct_sharpe"
    POLICY_GRADIENT = "policy_gradient"
    BOTH = "both"


_METHODS = {
    Learner.DIRECT_SHARPE: (Mode.DIRECT_SHARPE,),
    Learner.POLICY_GRADIENT: (Mode.POLICY_GRADIENT,),
    Learner.BOTH: (Mode.DIRECT_SHARPE, Mode.POLICY_GRADIENT),
}


def learned_command(
    prices: options.Prices,
    policy: options.PolicyFile,
    start: options.Start,
    end: options.End,
    method: Annotated[Learner, typer.Option(help="Which networks are tried.")] = Learner.BOTH,
    seeds: Annotated[int, typer.Option(min=1, max=100, help="Seeds tried of each; every one is a trial.")] = SEEDS,
    choices: Annotated[Path | None, typer.Option(help='JSON of values to try: {"learned.hidden": [16, 32]}.')] = None,
    inside_to: options.Inside = None,
    budget: options.Budget = 50,
    log: options.Log = None,
    trials: options.Trials = 0,
    lag: options.Lag = 1,
    cost_bp: options.CostBp = 10.0,
    costs: options.Costs = None,
    cash_yield: options.CashYield = 0.0,
    beat: options.Must = Beat.SHARPE,
    samples: options.Samples = SAMPLES,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="JSON to write; `strategy live --gate` reads it.")
    ] = None,
    chosen: Annotated[Path | None, typer.Option(help="JSON to write: the policy chosen, as it can be signed.")] = None,
    as_json: options.AsJson = False,
) -> None:
    """Fit networks on the past (PyTorch, an optional extra) and hold them against simple mixes; exit 3 if they fail.

    The one that is best in sample must beat fixed, volatility-scaled, inverse-volatility and equal-risk weights out of
    sample, net of costs, and pass the gate with every network counted as a trial.
    """
    setting = backtest_setting((start, end), lag, cost_model(cost_bp, costs), cash_yield, "")
    plan = SearchSetting(budget, inside_to=day_of(inside_to))
    ask = LearnedAsk(PolicyFiles(prices, policy, choices, log), _METHODS[method], seeds, plan)
    judging = Judging(trials=trials, resampling=Resampling(samples), gate=GateSetting(beat=beat))
    with progress_bar() as progress:
        report = learned_report(ask, setting, judging, progress)
    for path, document in ((log, report.log), (out, learned_json(report)), (chosen, report.policy)):
        if path is not None:
            _write(path, document)
    print_json(learned_json(report)) if as_json else _print_report(report)
    for warning in report.warnings:
        complain(f"warning: {warning}")
    raise typer.Exit(DONE if report.honesty.verdict.passed else NEEDS_PERSON)


def _write(path: Path, document: object) -> None:
    try:
        path.write_bytes(encode(document))
    except OSError as error:
        raise AppError("the report cannot be written", detail=f"{path}: {error.strerror}") from None


def _print_report(report: LearnedReport) -> None:
    trial = report.search.trials[report.search.best]
    say(
        f"{len(report.trials):,} networks, each fitted on the past alone and held until its next fit, "
        f"{trial.start} to {trial.end}; chosen on the days to {trial.inside_to}"
    )
    columns = ("", "CAGR", "volatility", "Sharpe", "drawdown", "turnover", "CAGR out", "Sharpe out", "drawdown out")
    rows = [_line(row, chosen=row is report.chosen) for row in report.trials]
    print_table("Learned, net of costs; * is the one chosen", columns, rows)
    print_table("Simple mixes, net of costs", columns, [_line(row, chosen=False) for row in report.baselines])
    print_honesty(report.honesty)


def _line(row: Row, *, chosen: bool) -> tuple[str, ...]:
    known = ", ".join(f"{key} {value}" for key, value in row.parameters) or row.name
    whole, outside = row.whole, row.outside
    return (
        f"* {known}" if chosen else known,
        *_figures(whole),
        shown_percent(whole.turnover),
        shown_percent(outside.cagr),
        shown_ratio(outside.sharpe),
        shown_percent(outside.max_drawdown),
    )


def _figures(found: NetFigures) -> tuple[str, ...]:
    return (
        shown_percent(found.cagr),
        shown_percent(found.volatility),
        shown_ratio(found.sharpe),
        shown_percent(found.max_drawdown),
    )
