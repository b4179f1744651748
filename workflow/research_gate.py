"""How far to believe a backtest: a policy or a table of returns against its trials, its mix, chance, and the gate."""

import math
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import numpy as np

from engine.errors import AppError
from engine.research.bootstrap import LEAST_RETURNS, Intervals, Resampling, bootstrap
from engine.research.deflated_sharpe import (
    deflated_sharpe,
    expected_maximum_sharpe,
    minimum_track_record,
    probabilistic_sharpe,
    sharpe_moments,
    sharpe_ratios,
)
from engine.research.discounts import Discount
from engine.research.gate import Evidence, GateSetting, OutOfSample, Verdict, judge
from engine.research.metrics import Floats, periods_per_year
from engine.research.overfitting import BLOCKS, LEAST_ROWS, Overfitting, overfitting
from engine.research.policy_search import (
    TrialFigures,
    trial_figures,
)
from workflow.returns_table import ReturnsTable, returns_from_csv


@dataclass(frozen=True, slots=True)
class Judging:
    """How a policy is judged. `trials` were made elsewhere; `blocks` split the time for the overfitting."""

    trials: int = 0
    blocks: int = BLOCKS
    resampling: Resampling = field(default_factory=Resampling)
    gate: GateSetting = field(default_factory=GateSetting)


@dataclass(frozen=True, slots=True, eq=False)
class Honesty:
    """What is to be believed of one line of returns. Sharpe ratios here are a year, over cash; probabilities fractions.

    `best_by_luck` is the ratio that the best of the trials would be expected to reach if none were worth anything;
    `years_needed` those of record to be 95 percent sure of a ratio above zero. `active` is the probability that its
    mean return over the mix is above zero, trials not counted. `outside` and `mix_outside` are out of sample.
    """

    name: str
    start: date
    end: date
    trials: int
    figures: TrialFigures
    mix_figures: TrialFigures
    mix_name: str
    skew: float
    kurtosis: float
    probabilistic: float
    best_by_luck: float
    deflated: float
    active: float
    years: float
    years_needed: float
    overfitting: float | None
    outside: TrialFigures | None
    mix_outside: TrialFigures | None
    intervals: Intervals
    discounts: tuple[Discount, ...]
    verdict: Verdict
    warnings: tuple[str, ...] = ()
    policy_sha256: str = ""

    @property
    def data_as_of(self) -> date:
        """The last day of the returns."""
        return self.end


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A line of returns to be judged, with what it is judged against, all [T]; `split` rows are in sample.

    `baselines` are the returns of the simple mixes that a learned allocation has to beat; None = it is not learned.
    `policy_sha256` is that of the policy that made it, as it is signed; empty for a table of returns.
    """

    name: str
    dates: tuple[date, ...]
    returns: Floats
    free: Floats
    mix: Floats
    mix_name: str
    split: int | None
    periods: int
    baselines: tuple[tuple[str, Floats], ...] | None = None
    policy_sha256: str = ""

    @property
    def has_mix(self) -> bool:
        """Whether there is something to beat."""
        return not bool(np.isnan(self.mix).any())


def returns_honesty(path: Path, mix: str, cash: str, inside_to: date | None, judging: Judging | None = None) -> Honesty:
    """Judge the first column of a table of returns; the other columns are trials, `mix` and `cash` excepted.

    Without a mix there is nothing to beat; without cash its return is zero. Costs and days of the month are unknown.
    """
    rules = judging or Judging()
    table = returns_from_csv(path)
    tried = [name for name in table.names if name not in {mix, cash}]
    if not tried:
        raise AppError("The table has no column besides the mix and cash", detail=str(path))
    zero = np.zeros(len(table.dates))
    free = table.column(cash) if cash else zero
    returns = np.column_stack([table.column(name) for name in tried])
    periods = periods_per_year(table.dates)
    excess = returns - free[:, None]
    risk, warnings = chances(excess, rules.blocks)
    line = Line(
        name=tried[0],
        dates=table.dates,
        returns=returns[:, 0],
        free=free,
        mix=table.column(mix) if mix else zero * math.nan,
        mix_name=mix or "mix",
        split=_table_split(table, inside_to),
        periods=periods,
    )
    honesty = judged(
        line,
        replace(rules, trials=rules.trials + len(tried)),
        float(np.var(sharpe_ratios(excess), ddof=1)) if len(tried) > 1 else None,
        None if risk is None else risk.probability,
        (),
    )
    return replace(honesty, warnings=(*honesty.warnings, *warnings))


def judged(
    line: Line, rules: Judging, variance: float | None, risk: float | None, table: tuple[Discount, ...]
) -> Honesty:
    """Return the judgement of a line whose trials are all counted in `rules`.

    `variance` is that of the trials' Sharpe ratios per period (None = unknown), `risk` the probability of
    overfitting (None = not measured). Raises AppError for fewer than 20 returns.
    """
    if line.returns.size < LEAST_RETURNS:
        raise AppError(f"{line.returns.size} returns are too few to judge", hint=f"Give {LEAST_RETURNS} or more.")
    moments = sharpe_moments(line.returns - line.free)
    spread = 1.0 / (moments.count - 1) if variance is None else variance
    deflated = deflated_sharpe(moments, rules.trials, spread)
    outside, mix_outside = _outside(line)
    return Honesty(
        name=line.name,
        start=line.dates[0],
        end=line.dates[-1],
        trials=rules.trials,
        figures=trial_figures(line.returns, line.free, line.periods),
        mix_figures=trial_figures(line.mix, line.free, line.periods),
        mix_name=line.mix_name,
        skew=moments.skew,
        kurtosis=moments.kurtosis,
        probabilistic=probabilistic_sharpe(moments),
        best_by_luck=expected_maximum_sharpe(rules.trials, spread) * math.sqrt(line.periods),
        deflated=deflated,
        active=probabilistic_sharpe(sharpe_moments(line.returns - line.mix)) if line.has_mix else math.nan,
        years=moments.count / line.periods,
        years_needed=minimum_track_record(moments) / line.periods,
        overfitting=risk,
        outside=outside,
        mix_outside=mix_outside,
        intervals=_intervals(line, rules.resampling),
        discounts=table,
        verdict=judge(
            Evidence(
                rules.trials, deflated, risk, _net(outside), _net(mix_outside), line.mix_name, _baselines_net(line)
            ),
            rules.gate,
        ),
        policy_sha256=line.policy_sha256,
    )


def _net(figures: TrialFigures | None) -> OutOfSample:
    return OutOfSample() if figures is None else OutOfSample(figures.cagr, figures.sharpe)


def _baselines_net(line: Line) -> tuple[tuple[str, OutOfSample], ...] | None:
    """Return what the simple mixes earned out of sample, NaN where nothing is; None for what is not learned."""
    if line.baselines is None or line.split is None:
        return None if line.baselines is None else tuple((name, OutOfSample()) for name, _ in line.baselines)
    free = line.free[line.split :]
    return tuple(
        (name, _net(trial_figures(returns[line.split :], free, line.periods))) for name, returns in line.baselines
    )


def _intervals(line: Line, resampling: Resampling) -> Intervals:
    return bootstrap(
        line.returns,
        line.periods,
        resampling,
        benchmark=line.mix if line.has_mix else None,
        risk_free=line.free,
        versus=line.mix_name,
    )


def _outside(line: Line) -> tuple[TrialFigures | None, TrialFigures | None]:
    if line.split is None:
        return None, None
    free = line.free[line.split :]
    mine, mix = (trial_figures(each[line.split :], free, line.periods) for each in (line.returns, line.mix))
    return mine, mix


def chances(excess: Floats, blocks: int) -> tuple[Overfitting | None, tuple[str, ...]]:
    """Return the chances of overfitting, or None for a single trial or too short a time, which is said."""
    rows, trials = excess.shape
    if trials < 2:
        return None, ()
    if rows < LEAST_ROWS * blocks:
        return None, (f"{rows:,} returns are too few for {blocks} blocks: overfitting is not measured",)
    return overfitting(excess, blocks), ()


def _table_split(table: ReturnsTable, inside_to: date | None) -> int | None:
    if inside_to is None:
        return None
    split = sum(day <= inside_to for day in table.dates)
    if len(table.dates) - split < 2:
        raise AppError(f"The table has fewer than two returns after {inside_to}", hint="Give an earlier day.")
    return split
