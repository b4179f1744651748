"""The research report: an overlay against its strategic mix and 60/40, before and after tax, and what to doubt."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np

from engine.errors import AppError
from engine.overlay.policy import (
    Combine,
    Mode,
    OverlayPolicy,
    RebalanceSetting,
    SignalKind,
    SignalSetting,
    When,
)
from engine.overlay.price_history import PriceHistory
from engine.overlay.signals import label_of
from engine.portfolio import Registration
from engine.research.after_tax import AfterTax
from engine.research.backtest import Backtest, BacktestSetting, run_backtest
from engine.research.market import symbols_of
from engine.research.performance import Performance, performance
from engine.research.trading_costs import flat_costs
from engine.research.tranches import run_tranches
from exporters.client_report_pdf import draw_report
from exporters.research_report import DiscountRow, ResearchFacts, ResearchRun, research_report
from workflow.after_tax import TaxedAccount, after_tax, narrowed
from workflow.backtest_doubts import doubts, doubts_in_words
from workflow.overlay_policy import policy_from_json
from workflow.price_table import price_history_from_csv, read_price_table
from workflow.views import Progress

COST_BP = 2.0
"""Half a spread of large ETFs and what else trading costs, in basis points of what is traded."""
MCLEAN_PONTIFF = (Decimal("0.26"), Decimal("0.58"))
"""What is lost of published predictors' returns out of sample, and after publication: McLean and Pontiff (2016)."""
PUBLISHED = date(2013, 2, 1)
"""Faber's revision of the rules of the default overlay: what came after, its authors had not seen."""
SIXTY_FORTY = {"us_equity": Decimal("0.6"), "us_bond": Decimal("0.4")}
_DEFAULT_SIGNALS = (SignalSetting(SignalKind.SMA, 10), SignalSetting(SignalKind.MOMENTUM, 12, 1))


def default_policy(symbols: frozenset[str]) -> OverlayPolicy:
    """Return the default overlay over the ETFs that a price file has.

    Raises AppError naming the classes of which the file has no ETF.
    """
    choices = {
        "us_equity": ("SPY", "IVV", "VTI"),
        "intl_equity": ("EFA", "VEA"),
        "us_bond": ("AGG", "BND", "IEF"),
        "commodities": ("GLD", "DBC"),
        "real_estate": ("VNQ",),
    }
    universe = {name: next((s for s in etfs if s in symbols), "") for name, etfs in choices.items()}
    missing = [f"{name} ({' or '.join(choices[name])})" for name, symbol in universe.items() if not symbol]
    if missing:
        raise AppError(
            f"The price file has no ETF for {', '.join(missing)}",
            hint="Add a column for each class, or give a policy of your own (--policy).",
        )
    weights = zip(universe, ("0.40", "0.20", "0.25", "0.05", "0.10"), strict=True)
    return OverlayPolicy(
        universe=universe,
        strategic={name: Decimal(weight) for name, weight in weights},
        cash=next((s for s in ("SHY", "BIL") if s in symbols), ""),
        mode=Mode.OVERLAY,
        signals=_DEFAULT_SIGNALS,
        combine=Combine.VOTE,
        hysteresis=Decimal("0.01"),
        overlay_band=Decimal("0.10"),
        max_turnover_quarter=Decimal("0.20"),
        rebalance=RebalanceSetting(When.MONTHLY),
        name="Default overlay",
    )


@dataclass(frozen=True, slots=True)
class ResearchAsk:
    """What the report is of. `policy` None = the default overlay; `closes` None = no run after tax."""

    prices: Path
    start: date
    end: date
    policy: Path | None = None
    closes: Path | None = None
    split: date = PUBLISHED
    ordinary: tuple[str, ...] = ()
    cost_bp: float = COST_BP


def research_facts(ask: ResearchAsk, *, made_on: date, progress: Progress | None = None) -> ResearchFacts:
    """Run everything that the report says. Raises AppError for files that cannot be used, as a backtest does."""
    if ask.policy is None:
        listed = frozenset(read_price_table(ask.prices).history.symbols)
        policy = default_policy(listed)
    else:
        policy = policy_from_json(ask.policy)
    policy = replace(policy, lots=False)
    mixes = dict(_mixes(policy))
    symbols = tuple(dict.fromkeys(symbol for mix in mixes.values() for symbol in symbols_of(mix)))
    history = price_history_from_csv(ask.prices, symbols)
    setting = BacktestSetting(ask.start, ask.end, lag=1, costs=flat_costs(ask.cost_bp))
    runs, warnings = [], list[str]()
    for number, (name, mix) in enumerate(mixes.items()):
        if progress is not None:
            progress(number, len(mixes) + 1, name)
        run, met = _run(name, mix, history, setting, ask)
        runs.append(run)
        warnings += met
    tranches = run_tranches(policy, history, setting)
    found = run_backtest(policy, history, setting)
    beside = doubts(policy, history, setting, found, tranches)
    return ResearchFacts(
        firm="Overlay research",
        made_on=made_on.isoformat(),
        rules=tuple(_rules(policy)),
        days=found.dates,
        split=(
            f"The split is {ask.split}. Nothing was fitted on these prices; the default rules were published before "
            "it, so that what follows it was not seen by their authors."
        ),
        split_on=ask.split,
        runs=tuple(runs),
        tranches=tranches,
        discounts=tuple(_discounts(runs[0], runs[1], tranches.lowest - tranches.median)),
        costs=f"signals at a close, trades at the next, {ask.cost_bp:g} bp a dollar traded",
        warnings=tuple(dict.fromkeys((*warnings, *beside.lint, *doubts_in_words(beside)))),
    )


def research_pdf(facts: ResearchFacts) -> bytes:
    """Return the report as the bytes of a PDF."""
    return draw_report(research_report(facts))


def _mixes(policy: OverlayPolicy) -> Iterator[tuple[str, OverlayPolicy]]:
    """Yield the overlay, its strategic mix, and 60/40 where the policy has the two classes."""
    yield policy.name or "Overlay", policy
    yield "Strategic mix", replace(policy, mode=Mode.STATIC, rebalance=RebalanceSetting(When.MONTHLY))
    if SIXTY_FORTY.keys() <= policy.universe.keys():
        universe = {name: policy.universe[name] for name in SIXTY_FORTY}
        yield (
            "60/40",
            replace(
                policy,
                mode=Mode.STATIC,
                universe=universe,
                strategic=dict(SIXTY_FORTY),
                rebalance=RebalanceSetting(When.MONTHLY),
            ),
        )


def _run(
    name: str, mix: OverlayPolicy, history: PriceHistory, setting: BacktestSetting, ask: ResearchAsk
) -> tuple[ResearchRun, tuple[str, ...]]:
    found = run_backtest(mix, history, setting)
    taxed: dict[Registration, AfterTax] = {}
    met: tuple[str, ...] = found.warnings
    if ask.closes is not None:
        own = narrowed(history, symbols_of(mix))
        for registration in (Registration.TAXABLE, Registration.TRADITIONAL_IRA):
            account = TaxedAccount(ask.closes, registration=registration, ordinary=ask.ordinary)
            taxed[registration], known = after_tax(mix, own, setting, account)
            met += known
    inside, outside = _halves(found, ask.split)
    return (
        ResearchRun(
            name,
            tuple(found.equity.tolist()),
            found.figures,
            inside,
            outside,
            taxed.get(Registration.TAXABLE),
            taxed.get(Registration.TRADITIONAL_IRA),
        ),
        met,
    )


def _halves(found: Backtest, split: date) -> tuple[Performance, Performance]:
    at = int(np.searchsorted(np.array(found.dates, dtype="datetime64[D]"), np.datetime64(split)))
    if not 2 <= at <= len(found.dates) - 2:
        raise AppError(f"The split {split} is not inside the backtest", detail=f"{found.dates[0]} to {found.dates[-1]}")
    return (
        performance(found.equity[: at + 1], found.dates[: at + 1]),
        performance(found.equity[at:], found.dates[at:]),
    )


def _discounts(overlay: ResearchRun, strategic: ResearchRun, luck: float) -> Iterator[DiscountRow]:
    ahead = overlay.figures.cagr - strategic.figures.cagr
    out_of_sample, published = (float(part) for part in MCLEAN_PONTIFF)
    what = "Ahead of the strategic mix, before tax"
    source = "McLean and Pontiff (2016): of 97 published predictors"
    yield DiscountRow(what, ahead, _less(ahead, out_of_sample), f"{source}, 26 % less out of sample")
    yield DiscountRow(what, ahead, _less(ahead, published), f"{source}, 58 % less after publication")
    grown = overlay.figures.cagr
    yield DiscountRow("Growth a year", grown, grown + luck, "timing luck: the unluckiest day against the middle one")
    cost = overlay.figures.turnover_per_year * 2 * COST_BP / 1e4
    yield DiscountRow("Growth a year", grown, grown - cost, "costs twice as high")
    if overlay.taxable is not None and strategic.taxable is not None:
        sold, why = overlay.taxable.cagr_liquidated, "top federal rates, all sold and taxed on the last day"
        yield DiscountRow("Growth a year", grown, sold, why)
        yield DiscountRow(what, ahead, sold - strategic.taxable.cagr_liquidated, f"{why}, of both")


def _less(value: float, part: float) -> float:
    """Return a gain less a part of it; what is none is not made less."""
    return value * (1.0 - part) if value > 0 else value


def _rules(policy: OverlayPolicy) -> Iterator[str]:
    mix = ", ".join(f"{weight:.0%} {policy.universe[name]}" for name, weight in policy.strategic.items())
    yield f"Strategic mix: {mix}, reset every month."
    signals = " and ".join(label_of(setting) for setting in policy.signals)
    yield f"Each class is read by its {signals} at the month's last close; the majority decides."
    limits: Mapping[str, object] = {
        f"a tilt of at most {policy.overlay_band:.0%} of the portfolio a class": policy.overlay_band,
        f"at most {policy.max_turnover_quarter or 0:.0%} one-way turnover in three months": policy.max_turnover_quarter,
        f"no class above {policy.class_cap or 0:.0%}": policy.class_cap,
    }
    yield f"Limits: {'; '.join(text for text, limit in limits.items() if limit)}."
