"""Backtests from price and policy files, and as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from engine.errors import AppError
from engine.overlay.overlay import require_signals
from engine.overlay.policy import OverlayPolicy
from engine.overlay.signals import SIGNALS
from engine.research.after_tax import AfterTax, Progress
from engine.research.backtest import Backtest, BacktestSetting, Rebalance, run_backtest
from engine.research.baselines import Baseline, run_baselines
from engine.research.drawdowns import Drawdown
from engine.research.market import symbols_of
from engine.research.metrics import Floats
from engine.research.performance import Performance
from engine.research.tranches import Tranches, run_tranches
from workflow.after_tax import TaxedAccount, after_tax, after_tax_json
from workflow.backtest_doubts import READS_SIGNALS, Doubts, doubts, doubts_json, provenance_json
from workflow.macro_table import macro_from_csv
from workflow.overlay import MACRO_UNUSED, symbols_read
from workflow.overlay_policy import policy_from_json
from workflow.price_table import price_history_from_csv


@dataclass(frozen=True, slots=True)
class BacktestFiles:
    """What a backtest reads. `macro` is optional; `account` is read when the policy asks for lots."""

    prices: Path
    policy: Path
    macro: Path | None = None
    account: TaxedAccount = field(default_factory=TaxedAccount)


@dataclass(frozen=True, slots=True, eq=False)
class BacktestReport:
    """A policy's backtest and, where asked for, its tranches and what is left after tax.

    `baselines` are the simple mixes that a learned allocation is always shown beside; none for other modes.
    """

    policy: OverlayPolicy
    setting: BacktestSetting
    backtest: Backtest
    tranches: Tranches | None
    after_tax: AfterTax | None
    warnings: tuple[str, ...]
    baselines: tuple[Baseline, ...] = ()
    doubts: Doubts | None = None


def backtest_from_files(
    files: BacktestFiles, setting: BacktestSetting, *, tranches: bool = False, progress: Progress | None = None
) -> BacktestReport:
    """Return the backtest of a policy file over a price file, with all 21 tranches where asked for.

    A policy with lots is run after tax as well. Raises AppError for a file that cannot be used, or a symbol or day
    without prices.
    """
    policy = policy_from_json(files.policy, lambda _policy: None)
    if files.macro is not None and not files.macro.is_file():
        raise AppError("The macro file cannot be read: there is no such file", detail=str(files.macro))
    reads_macro = policy.mode in READS_SIGNALS and any(SIGNALS[setting.kind].roles for setting in policy.signals)
    if files.macro is not None and reads_macro:
        setting = replace(setting, macro=macro_from_csv(files.macro))
    more = symbols_read(policy) if policy.mode in READS_SIGNALS else ()
    symbols = tuple(dict.fromkeys((*symbols_of(policy), *more)))
    history = price_history_from_csv(files.prices, (*symbols, setting.benchmark) if setting.benchmark else symbols)
    found = run_backtest(policy, history, setting)
    unused = () if files.macro is None or reads_macro else (MACRO_UNUSED,)
    taxed, known = after_tax(policy, history, setting, files.account, progress) if policy.lots else (None, ())
    band = run_tranches(policy, history, setting) if tranches else None
    return BacktestReport(
        policy=policy,
        setting=setting,
        backtest=found,
        tranches=band,
        after_tax=taxed,
        warnings=tuple(dict.fromkeys((*found.warnings, *known, *unused))),
        baselines=run_baselines(policy, history, setting),
        doubts=doubts(policy, history, setting, found, band),
    )


def require_backtest(policy: OverlayPolicy) -> None:
    """Raise AppError for signals that cannot be read from closes alone."""
    if policy.mode in READS_SIGNALS:
        require_signals(policy)


def backtest_json(report: BacktestReport) -> str:
    """Return the backtest as one JSON document. Figures are fractions; what the data cannot give is null."""
    found = report.backtest
    document = {
        "mode": report.policy.mode.value,
        "start": found.dates[0],
        "end": found.dates[-1],
        "lag": report.setting.lag,
        "metrics": _figures(found.figures),
        "benchmark": _benchmark(found),
        "drawdowns": [_drawdown(fall) for fall in found.figures.drawdowns[:10]],
        "calendar_years": found.figures.calendar_years,
        "trades": [_trade(rebalance) for rebalance in found.rebalances],
        "equity": _line(found.dates, {"value": found.equity, "benchmark": found.benchmark}),
        "tranches": None if report.tranches is None else _tranches(report.tranches),
        "warnings": report.warnings,
        **provenance_json(report.policy, found.dates[-1]),
        **({} if report.doubts is None else doubts_json(report.doubts)),
    }
    if report.baselines:
        document["baselines"] = {each.name: _figures(each.backtest.figures) for each in report.baselines}
    if report.after_tax is not None:
        document["after_tax"] = after_tax_json(report.after_tax)
    return msgspec.json.format(msgspec.json.Encoder(decimal_format="number").encode(document), indent=1).decode()


FIGURES = (
    "growth",
    "cagr",
    "volatility",
    "sharpe",
    "sortino",
    "max_drawdown",
    "turnover_per_year",
    "tracking_error",
    "information_ratio",
    "beta",
    "up_capture",
    "down_capture",
)
"""The figures of a performance that are one number, in the order in which they are shown."""


def _figures(figures: Performance) -> dict[str, float]:
    return {name: getattr(figures, name) for name in FIGURES}


def _benchmark(found: Backtest) -> dict[str, Any]:
    figures = found.benchmark_figures
    return {
        "name": found.benchmark_name,
        "metrics": _figures(figures),
        "drawdowns": [_drawdown(fall) for fall in figures.drawdowns[:10]],
        "calendar_years": figures.calendar_years,
    }


def _drawdown(fall: Drawdown) -> dict[str, Any]:
    return {"depth": fall.depth, "peak": fall.peak, "trough": fall.trough, "recovered": fall.recovered}


def _trade(rebalance: Rebalance) -> dict[str, Any]:
    """Return one day's trades: `orders` are changes of weight by symbol, `weights` what is held after them."""
    symbols = dict.fromkeys((*rebalance.before, *rebalance.after))
    symbols.pop("", None)
    orders = {name: rebalance.after.get(name, 0.0) - rebalance.before.get(name, 0.0) for name in symbols}
    return {
        "date": rebalance.traded,
        "decided": rebalance.decided,
        "one_way": rebalance.one_way,
        "cost": rebalance.cost,
        "orders": {name: change for name, change in orders.items() if change},
        "weights": {name: weight for name, weight in rebalance.after.items() if name},
        "bound": rebalance.bound,
    }


def _line(dates: tuple[date, ...], columns: Mapping[str, Floats]) -> list[dict[str, Any]]:
    kept = {name: values.tolist() for name, values in columns.items()}
    rows = zip(*kept.values(), strict=True)
    return [{"date": day} | dict(zip(kept, row, strict=True)) for day, row in zip(dates, rows, strict=True)]


def _tranches(found: Tranches) -> dict[str, Any]:
    return {
        "cagr": {"lowest": found.lowest, "median": found.median, "highest": found.highest, "all": found.cagr},
        "pooled": _figures(found.figures),
        "equity": _line(
            found.dates,
            {"value": found.pooled, "lowest": found.equity.min(axis=0), "highest": found.equity.max(axis=0)},
        ),
        "warnings": found.warnings,
    }
