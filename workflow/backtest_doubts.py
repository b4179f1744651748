"""What to doubt of a backtest, shown beside it: too many parameters, discounts, and what its costs leave."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from engine.errors import AppError
from engine.overlay.freeze import policy_sha256
from engine.overlay.policy import LEARNED, Mode, OverlayPolicy
from engine.overlay.policy_lint import policy_lint
from engine.overlay.price_history import PriceHistory
from engine.portfolio import Registration
from engine.rebalance.solve import engine_version
from engine.research.backtest import Backtest, BacktestSetting, benchmark_policy, run_backtest
from engine.research.cost_benefit import AccountVerdict, OverlayAccount, OverlayEstimate, account_verdict
from engine.research.discounts import (
    Discount,
    cost_discounts,
    publication_discounts,
    scaled_costs,
    timing_discounts,
)
from engine.research.metrics import MONTHS, periods_per_year
from engine.research.tranches import Tranches, run_tranches

QUICK = frozenset({Mode.STATIC, Mode.TIMING, Mode.OVERLAY, Mode.DUAL_MOMENTUM})
"""The modes whose 21 days of the month are run without being asked for: the others estimate or learn on each."""
DAYS_A_YEAR = 365.25
MONTHS_A_YEAR = 12
READS_SIGNALS = frozenset({Mode.TIMING, Mode.OVERLAY})
"""The modes that vote; the others do not look at the policy's signals, or at its momentum only."""


@dataclass(frozen=True, slots=True)
class Doubts:
    """What speaks against a backtest. `gate` is the verdict on gain against costs, before tax; None for a fixed mix.

    `not_run` says which discounts are missing, and why.
    """

    lint: tuple[str, ...]
    discounts: tuple[Discount, ...]
    gate: AccountVerdict | None
    not_run: tuple[str, ...]


def doubts(
    policy: OverlayPolicy, history: PriceHistory, setting: BacktestSetting, found: Backtest, band: Tranches | None
) -> Doubts:
    """Return the doubts about a backtest; `band` are its days of the month, run here where that is quick."""
    rows: list[Discount] = []
    not_run: list[str] = []
    if policy.mode is not Mode.STATIC:
        rows += publication_discounts(found.figures.cagr - _mix(policy, history, setting, found))
    try:
        rows += _timing(policy, history, setting, band)
    except AppError as error:
        not_run.append(f"The discount for timing luck was not run: {error.title}")
    try:
        rows += _costs(policy, history, setting, found)
    except AppError as error:
        not_run.append(f"The discount for costs was not run: {error.title}")
    return Doubts(
        lint_of(policy, found.dates[0], found.dates[-1]), tuple(rows), _gate(policy, setting, found), tuple(not_run)
    )


def lint_of(policy: OverlayPolicy, first: date, last: date) -> tuple[str, ...]:
    """Return the lint of a policy over the months from the first day to the last; none where it reads no signals."""
    if policy.mode not in READS_SIGNALS:
        return ()
    return policy_lint(policy, (last.year - first.year) * MONTHS_A_YEAR + last.month - first.month)


def doubts_json(found: Doubts) -> dict[str, Any]:
    """Return the doubts as keys of a backtest's document. Figures are fractions a year."""
    gate = found.gate
    return {
        "lint": found.lint,
        "discounts": [
            {name: getattr(row, name) for name in ("what", "figure", "before", "after", "change", "source")}
            for row in found.discounts
        ],
        "discounts_not_run": found.not_run,
        "gate": None
        if gate is None
        else {
            "verdict": gate.verdict,
            "expected_gain": float(gate.gain),
            "costs": float(gate.costs),
            "net": float(gate.net),
            "reason": gate.reason,
        },
    }


def provenance_json(policy: OverlayPolicy, last: date) -> dict[str, Any]:
    """Return which policy a document is of (the SHA-256 that is signed), its last day of prices, the program."""
    return {
        "policy_name": policy.name,
        "policy_sha256": policy_sha256(policy),
        "data_as_of": last,
        "program_version": engine_version(),
    }


def _mix(policy: OverlayPolicy, history: PriceHistory, setting: BacktestSetting, found: Backtest) -> float:
    """Return the growth a year of what the policy has to beat, its mix at the same costs."""
    if setting.benchmark:
        return found.benchmark_figures.cagr
    return run_backtest(benchmark_policy(policy)[0], history, setting).figures.cagr


def _timing(
    policy: OverlayPolicy, history: PriceHistory, setting: BacktestSetting, band: Tranches | None
) -> tuple[Discount, ...]:
    if periods_per_year(history.dates) == MONTHS:
        return ()
    if band is None and policy.mode not in QUICK:
        raise AppError(f"mode {policy.mode} is slow on 21 days of the month, --tranches runs them")
    return timing_discounts(band or run_tranches(policy, history, setting))


def _costs(
    policy: OverlayPolicy, history: PriceHistory, setting: BacktestSetting, found: Backtest
) -> tuple[Discount, ...]:
    if policy.mode in LEARNED:
        raise AppError(f"mode {policy.mode} would be trained anew at each cost")
    growth = {1.0: found.figures.cagr}
    for factor in (0.0, 2.0):
        costs = scaled_costs(setting.costs, factor)
        growth[factor] = run_backtest(policy, history, replace(setting, costs=costs)).figures.cagr
    return cost_discounts(dict(sorted(growth.items())))


def _gate(policy: OverlayPolicy, setting: BacktestSetting, found: Backtest) -> AccountVerdict | None:
    """Return the verdict on what the policy gained a year over its mix, both before costs, against what it paid.

    The first purchase is no cost of the overlay, but with a lag it is in the growth.
    """
    if policy.mode is Mode.STATIC or not math.isfinite(found.figures.cagr - found.benchmark_figures.cagr):
        return None
    years = (found.dates[-1] - found.dates[0]).days / DAYS_A_YEAR
    paid = sum(each.cost for each in found.rebalances[1:]) / years
    turned = found.figures.turnover_per_year
    cost_bp = paid / (2 * turned) * 1e4 if turned > 0 else 0.0
    left = math.prod(1 - each.cost for each in found.rebalances[0 if setting.lag else 1 :]) ** (1 / years)
    gain = (1 + found.figures.cagr) / left - 1 - found.benchmark_figures.cagr
    estimate = OverlayEstimate(_decimal(gain), _decimal(max(turned, 0.0)), _decimal(cost_bp))
    account = OverlayAccount("backtest, before tax", Registration.TRADITIONAL_IRA, Decimal(1))
    return account_verdict(account, estimate)


def _decimal(value: float) -> Decimal:
    return Decimal(f"{value:.10f}")


def doubts_in_words(found: Doubts) -> Iterator[str]:
    """Yield what is not a table: the gate's verdict, and what was not run."""
    if found.gate is not None:
        yield f"Gain against costs, before tax: {found.gate.verdict.replace('_', ' ')}; {found.gate.reason}"
    yield from found.not_run
