"""Attribution, an overlay's contribution and frequencies from files, and as JSON.

Attribution file: a row for each period and class with the columns period (its last day, YYYY-MM-DD), class,
portfolio_weight, benchmark_weight (of the period's beginning, 0.4 or 40%), portfolio_return, benchmark_return
(0.02 or 2%; may be empty where the weight is zero).

File of values after tax: date, policy, strategic: the growth after tax of the policy and of its strategic mix.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from engine.errors import AppError
from engine.overlay.policy import OverlayPolicy, When
from engine.overlay.price_history import PriceHistory
from engine.problems import Problem, Severity
from engine.research.after_tax import Progress
from engine.research.attribution import WHOLE, Attribution, ClassPeriod, Effects, attribute
from engine.research.backtest import BacktestSetting, benchmark_policy
from engine.research.contribution import Against, Contribution, OverlayContribution, TaxedGrowth, overlay_contribution
from engine.research.frequency import FrequencyFigures, compare_frequencies
from engine.research.linking import Excess
from engine.research.market import symbols_of
from engine.research.trading_costs import CostModel
from workflow.after_tax import TaxedAccount, after_tax
from workflow.backtest import BacktestFiles, require_backtest
from workflow.csv_rows import Columns, Row, csv_rows, require_good
from workflow.overlay_policy import policy_from_json
from workflow.price_table import price_history_from_csv

ATTRIBUTION = Columns(
    ("period", "class", "portfolio_weight", "benchmark_weight", "portfolio_return", "benchmark_return")
)
TOTAL_LOSS = Decimal(-1)


@dataclass(frozen=True, slots=True)
class FrequencyReport:
    """A policy's figures at each frequency; `after_tax` are growths a year, all sold and taxed at the end.

    It is empty for a policy without lots.
    """

    lines: tuple[FrequencyFigures, ...]
    after_tax: Mapping[When, float]
    warnings: tuple[str, ...]


def attribution_from_csv(path: Path, kind: Excess) -> Attribution:
    """Return the attribution of a file, whole or not at all: without a row the effects would not sum.

    Raises AppError naming the first problem and the number of the others.
    """
    rows, problems = [], []
    for row in csv_rows(path, ATTRIBUTION):
        rows.append((row.line, _class_period(row)))
        problems += row.problems
    problems += _double_classes(path, rows) or ([] if problems else _uneven_weights(path, rows))
    require_good(path, problems, ATTRIBUTION.hint)
    try:
        return attribute([each for _, each in rows], kind)
    except ValueError as error:
        raise AppError(f"The file cannot be attributed: {error}", detail=str(path)) from error


def contribution_from_files(
    files: BacktestFiles,
    setting: BacktestSetting,
    taxed: Path | None = None,
    progress: Progress | None = None,
    *,
    kind: Excess = Excess.ARITHMETIC,
    against: Against = Against.STRATEGIC,
) -> OverlayContribution:
    """Return what a policy added to its strategic mix, after tax too with a file of values or a policy with lots.

    With lots, both are run after tax in the account of `files`, the mix without costs. Raises AppError as a backtest
    does, or for the file of values after tax.
    """
    policy, history = policy_and_prices(files)
    growth: TaxedGrowth | None = None
    known: tuple[str, ...] = ()
    if taxed is not None:
        growth = _taxed_growth(taxed)
    elif policy.lots:
        growth, known = _run_with_lots(policy, history, setting, files.account, progress)
    found = overlay_contribution(policy, history, setting, growth, kind=kind, against=against)
    return replace(found, warnings=tuple(dict.fromkeys((*found.warnings, *known))))


def frequencies_from_files(
    files: BacktestFiles, setting: BacktestSetting, frequencies: Sequence[When], progress: Progress | None = None
) -> FrequencyReport:
    """Return a policy's figures at several frequencies, after tax too for a policy with lots.

    Raises AppError as a backtest does.
    """
    policy, history = policy_and_prices(files)
    table = compare_frequencies(policy, history, setting, frequencies)
    taxed: dict[When, float] = {}
    warnings = list(table.warnings)
    for when in frequencies if policy.lots else ():
        reset = replace(policy, rebalance=replace(policy.rebalance, when=when))
        found, known = after_tax(reset, history, setting, files.account, progress)
        taxed[when] = found.cagr_liquidated
        warnings += known
    return FrequencyReport(table.lines, taxed, tuple(dict.fromkeys(warnings)))


def policy_and_prices(files: BacktestFiles) -> tuple[OverlayPolicy, PriceHistory]:
    """Return a policy and the closes that it reads. Raises AppError for a file that cannot be used."""
    policy = policy_from_json(files.policy, require_backtest)
    return policy, price_history_from_csv(files.prices, symbols_of(policy))


def attribution_document(found: Attribution) -> dict[str, Any]:
    """Return an attribution as a JSON document; figures are fractions."""
    return {
        "excess_kind": found.kind,
        "portfolio_return": found.portfolio_return,
        "benchmark_return": found.benchmark_return,
        "excess": found.excess,
        "total": _effects(found.total),
        "classes": [{"class": one.asset_class} | _effects(one.linked) for one in found.classes],
        "periods": [
            {
                "period": one.period,
                "portfolio_return": one.portfolio_return,
                "benchmark_return": one.benchmark_return,
                "own": _effects(one.own),
                "linked": _effects(one.linked),
                "classes": [
                    {"class": cell.asset_class, "own": _effects(cell.own), "linked": _effects(cell.linked)}
                    for cell in one.classes
                ],
            }
            for one in found.periods
        ],
    }


def contribution_document(found: OverlayContribution) -> dict[str, Any]:
    """Return an overlay's contribution as a JSON document; figures are fractions."""
    return {
        "excess_kind": found.kind,
        "against": found.against,
        "strategic": found.strategic_name,
        "total": _contribution(found.total),
        "years": [{"year": one.end.year} | _contribution(one) for one in found.years],
        "warnings": found.warnings,
    }


def frequency_document(found: FrequencyReport) -> dict[str, Any]:
    """Return the frequencies as a JSON document; figures are fractions."""
    taxed = found.after_tax
    return {
        "lines": [msgspec.to_builtins(one) | {"cagr_after_tax": taxed.get(one.when)} for one in found.lines],
        "warnings": found.warnings,
    }


def _taxed_growth(path: Path) -> TaxedGrowth:
    lines = price_history_from_csv(path, ("policy", "strategic"))
    whole = ~np.isnan(lines.closes).any(axis=1)
    dates = tuple(lines.dates[row] for row in np.flatnonzero(whole).tolist())
    own, other = (lines.closes[whole, lines.symbols.index(name)] for name in ("policy", "strategic"))
    return TaxedGrowth(dates, own, other)


def _run_with_lots(
    policy: OverlayPolicy,
    history: PriceHistory,
    setting: BacktestSetting,
    account: TaxedAccount,
    progress: Progress | None,
) -> tuple[TaxedGrowth, tuple[str, ...]]:
    mix, _ = benchmark_policy(policy)
    own, known = after_tax(policy, history, setting, account, progress)
    other, more = after_tax(mix, history, replace(setting, costs=CostModel()), account, progress)
    return TaxedGrowth(own.dates, own.equity, other.equity), (*known, *more)


def _class_period(row: Row) -> ClassPeriod:
    known = {name: row.amount_or_none(name, above=TOTAL_LOSS) for name in ATTRIBUTION.needed[4:]}
    weights = {name: float(row.amount(name)) for name in ATTRIBUTION.needed[2:4]}
    for side in ("portfolio", "benchmark"):
        if weights[f"{side}_weight"] and not row.cells.get(f"{side}_return"):
            row.wrong(f"{side}_return", "A class with a weight has no return", "Give it, or a weight of 0.")
    own, other = (None if value is None else float(value) for value in known.values())
    return ClassPeriod(
        period=row.day("period"),
        asset_class=row.text("class"),
        portfolio_weight=weights["portfolio_weight"],
        benchmark_weight=weights["benchmark_weight"],
        portfolio_return=own,
        benchmark_return=other,
    )


def _double_classes(path: Path, rows: Sequence[tuple[int, ClassPeriod]]) -> list[Problem]:
    seen: dict[tuple[object, str], int] = {}
    problems = []
    for line, row in rows:
        before = seen.setdefault((row.period, row.asset_class), line)
        if before != line and row.asset_class:
            message = f"{row.asset_class} of {row.period} is in row {before} already"
            problems.append(Problem(Severity.BLOCKING, "double_class", message, "Keep one.", path.name, line, "class"))
    return problems


def _uneven_weights(path: Path, rows: Sequence[tuple[int, ClassPeriod]]) -> list[Problem]:
    problems = []
    for period in sorted({row.period for _, row in rows}):
        of_period = [(line, row) for line, row in rows if row.period == period]
        for side in ("portfolio_weight", "benchmark_weight"):
            total = sum(getattr(row, side) for _, row in of_period)
            if abs(total - 1.0) > WHOLE:
                message = f"The weights of {period} sum to {total:.6f}, not to 1"
                hint = "Give every class of the period, cash too."
                problems.append(
                    Problem(Severity.BLOCKING, "uneven_weights", message, hint, path.name, of_period[0][0], side)
                )
    return problems


def _effects(found: Effects) -> dict[str, float]:
    return {
        "allocation": found.allocation,
        "selection": found.selection,
        "interaction": found.interaction,
        "total": found.total,
    }


def _contribution(found: Contribution) -> dict[str, Any]:
    names = ("start", "end", "policy_return", "strategic_return", "gross", "cost", "net", "tax", "net_of_tax")
    each = ("symbol", "weight", "strategic_weight", "gross", "cost", "net")
    own, other = found.growths_a_year
    return {name: getattr(found, name) for name in names} | {
        "policy_cagr": own,
        "strategic_cagr": other,
        "classes": [{"class": one.asset_class} | {name: getattr(one, name) for name in each} for one in found.classes],
    }
