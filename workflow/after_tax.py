"""After-tax backtests from files: total-return closes for decisions, plain closes and their dividends for trades."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import AppError
from engine.overlay.policy import OverlayPolicy
from engine.overlay.price_history import PriceHistory, price_history
from engine.portfolio import Registration, TaxPosition
from engine.research.after_tax import AfterTax, AfterTaxSetting, Progress, run_after_tax
from engine.research.backtest import BacktestSetting
from engine.research.dividends import Dividends, derived_dividends
from engine.research.market import market, symbols_of
from engine.research.policy_search import AfterTaxRuns
from workflow.price_table import price_history_from_csv

RATES = "0.408,0.238,0.37"
"""The top rates as an option has them."""
NO_CLOSES = "no plain closes (--closes) are given: dividends count as gain not yet realised, and are not taxed"
NET_OF_TAX = (
    "the policy has lots: figures are net of each year's tax, those of the mix and of cash too; gains not yet sold on "
    "the last day are not taxed, and discounts and simple mixes are before tax"
)
"""What is to be known of a search or a judgement after tax."""
TOP_RATES = TaxPosition(
    short_term_rate=Decimal("0.408"),
    long_term_rate=Decimal("0.238"),
    ordinary_rate=Decimal("0.37"),
    ordinary_loss_limit=Decimal(3000),
    loss_carry_rate=Decimal("0.12"),
    deferred_tax_rate=Decimal("0.10"),
)
"""Federal rates of the top bracket with the surtax of 3.8 % (IRC 1(h), 1(j), 1411), where no rates are given."""


@dataclass(frozen=True, slots=True)
class TaxedAccount:
    """Whose account an after-tax backtest is. `closes` is the file of plain closes, None without one."""

    closes: Path | None = None
    rates: TaxPosition = TOP_RATES
    registration: Registration = Registration.TAXABLE
    start_value: Decimal = Decimal(1_000_000)
    ordinary: tuple[str, ...] = ()
    """Symbols whose dividends are taxed as ordinary income: bond funds, most of real estate."""


def after_tax(
    policy: OverlayPolicy,
    history: PriceHistory,
    setting: BacktestSetting,
    account: TaxedAccount,
    progress: Progress | None = None,
) -> tuple[AfterTax, tuple[str, ...]]:
    """Return the after-tax backtest over total-return closes, and what is to be known of it.

    Raises AppError for plain closes that cannot be used, or that do not reach from start to end.
    """
    qualified = dict.fromkeys(account.ordinary, Decimal(0))
    own = AfterTaxSetting(account.rates, account.registration, account.start_value, qualified=qualified)
    if account.closes is None:
        found = run_after_tax(
            policy, market(history, setting.cash_yield, setting.macro), setting, own, progress=progress
        )
        return found, (*found.warnings, NO_CLOSES)
    plain = price_history_from_csv(account.closes, history.symbols)
    traded, decided = _same_days(plain, history)
    if not traded.dates or traded.dates[0] > setting.start or traded.dates[-1] < setting.end:
        raise AppError(
            "The plain closes do not reach from start to end",
            detail=f"{account.closes.name}: {_span(traded)}",
            hint="Give plain closes of all days, or another start and end.",
        )
    paid = derived_dividends(traded, decided)
    found = run_after_tax(
        policy,
        market(decided, setting.cash_yield, setting.macro),
        setting,
        own,
        traded=market(traded, setting.cash_yield),
        dividends=paid,
        progress=progress,
    )
    return found, (*found.warnings, *_without(paid, history.symbols))


def taxed_runs(history: PriceHistory, setting: BacktestSetting, account: TaxedAccount) -> AfterTaxRuns:
    """Return how policies over a history are run after tax, one like another, in such an account."""

    def run(policy: OverlayPolicy) -> AfterTax:
        return after_tax(policy, narrowed(history, symbols_of(policy)), setting, account)[0]

    rate = account.rates.short_term_rate if account.registration.is_taxable else Decimal(0)
    return AfterTaxRuns(run, 1.0 - float(rate))


def narrowed(history: PriceHistory, symbols: Sequence[str]) -> PriceHistory:
    """Return the history of these symbols alone."""
    columns = [history.symbols.index(symbol) for symbol in symbols]
    return PriceHistory(history.dates, tuple(symbols), history.closes[:, columns])


def rates_from_text(text: str) -> TaxPosition:
    """Return the top rates with those of short-term, long-term and other income as `text` has them: S,L,O.

    Raises AppError saying which is none.
    """
    parts = text.split(",")
    try:
        short, long, ordinary = (Decimal(part.strip()) for part in parts)
    except (InvalidOperation, ValueError):
        raise AppError(f"--tax-rates {text!r} is not three rates", hint=f"Write {RATES}.") from None
    if not all(rate.is_finite() and 0 <= rate < 1 for rate in (short, long, ordinary)):
        raise AppError(f"--tax-rates {text!r} has a rate that is not between 0 and 1", hint=f"Write {RATES}.")
    return replace(TOP_RATES, short_term_rate=short, long_term_rate=long, ordinary_rate=ordinary)


def taxed_account(
    closes: Path | None, registration: Registration, rates: str, ordinary: str, capital: float = 1_000_000.0
) -> TaxedAccount:
    """Return the account that a command's options name. Raises AppError for rates that are none."""
    listed = symbols_from_text(ordinary)
    return TaxedAccount(closes, rates_from_text(rates), registration, Decimal(repr(capital)), listed)


def symbols_from_text(text: str) -> tuple[str, ...]:
    """Return the symbols of a list with commas."""
    return tuple(symbol.strip() for symbol in text.split(",") if symbol.strip())


def _same_days(plain: PriceHistory, adjusted: PriceHistory) -> tuple[PriceHistory, PriceHistory]:
    """Return both histories on the days that both have, symbols in the order of the second."""
    days = sorted(set(plain.dates) & set(adjusted.dates))
    return tuple(  # type: ignore[return-value]
        price_history(
            days,
            adjusted.symbols,
            one.closes[np.searchsorted(np.array(one.dates), np.array(days))][
                :, [one.symbols.index(symbol) for symbol in adjusted.symbols]
            ],
        )
        for one in (plain, adjusted)
    )


def _without(paid: Dividends, symbols: Sequence[str]) -> tuple[str, ...]:
    missing = [symbol for symbol in symbols if symbol not in paid.symbols]
    return (f"no dividends are seen of {', '.join(missing)}",) if missing else ()


def _span(history: PriceHistory) -> str:
    return f"{history.dates[0]} to {history.dates[-1]}" if history.dates else "no day in common with the prices"


def after_tax_json(found: AfterTax) -> dict[str, Any]:
    """Return the after-tax part of a backtest's document. Dollars, and fractions a year."""
    return {
        "cagr": found.cagr,
        "cagr_liquidated": found.cagr_liquidated,
        "short_term": found.short_term,
        "long_term": found.long_term,
        "dividends": found.dividends,
        "tax_paid": found.tax_paid,
        "harvested": found.harvested,
        "disallowed": found.disallowed,
        "costs": found.costs,
        "unrealised": found.unrealised,
        "long_term_share": found.long_term_share,
        "orders": found.orders,
        "years": found.years,
        "equity": [
            {"date": day, "value": value} for day, value in zip(found.dates, found.equity.tolist(), strict=True)
        ],
    }
