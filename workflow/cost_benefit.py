"""The gate of cost against benefit, break-even assets and capacity from files, and as JSON.

Accounts file: a row for each account with the columns account, registration, value (dollars), and where they differ
from the options ticket_charge (dollars an order), expected_gain, cost_bp, gain_share (of what is sold, in a taxable
account). In place of it a case file: value, ticket charge, half-spread and unrealised gain are then those of its
accounts, and the rates those of its household.

ETF file: a row for each ETF with the columns symbol, adv (dollars traded a day), and trade (dollars that a rebalance
trades for each dollar of assets; without it, what a backtest of the policy traded), volatility (of a day's return;
without it, that of the prices), outstanding_days (shares outstanding over shares traded a day).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import AppError
from engine.money import ZERO
from engine.overlay.price_history import PriceHistory
from engine.portfolio import Registration
from engine.problems import Problem
from engine.rebalance.case import Case
from engine.research.backtest import BacktestSetting, run_backtest
from engine.research.break_even import BreakEven
from engine.research.capacity import (
    AtAssets,
    Capacity,
    TradedEtf,
    TradingTerms,
    capacity,
    traded_shares,
)
from engine.research.cost_benefit import (
    AccountVerdict,
    Gate,
    OverlayAccount,
    OverlayEstimate,
    account_verdict,
)
from engine.research.metrics import TRADING_DAYS, periods_per_year
from workflow.attribution import policy_and_prices
from workflow.backtest import BacktestFiles
from workflow.case_file import decode_case, read_bytes
from workflow.csv_rows import Columns, Row, csv_rows, require_good

ACCOUNTS = Columns(("account", "registration", "value"), ("ticket_charge", "expected_gain", "cost_bp", "gain_share"))
ETFS = Columns(("symbol", "adv"), ("trade", "volatility", "outstanding_days"))


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The gate's verdict for each account that could be read, and what was wrong with the others."""

    accounts: tuple[AccountVerdict, ...]
    problems: tuple[Problem, ...]


def verdicts_from_csv(path: Path, estimate: OverlayEstimate, gate: Gate) -> Verdicts:
    """Return the verdicts of an accounts file. Raises AppError for a file that cannot be read as such a table."""
    found, problems = [], []
    seen: dict[str, int] = {}
    for row in csv_rows(path, ACCOUNTS):
        account = _account(row)
        before = seen.setdefault(account.account, row.line)
        if before != row.line and account.account:
            row.wrong("account", f"Account {account.account} is in row {before} already", "Keep one of the two.")
        problems += row.problems
        if not row.problems:
            found.append(account_verdict(account, estimate, gate))
    return Verdicts(tuple(found), tuple(problems))


def verdicts_from_case(path: Path, estimate: OverlayEstimate, gate: Gate) -> Verdicts:
    """Return the verdicts of a case's accounts that hold something; its own tax rates take the estimate's place.

    Raises AppError for a case that cannot be read, or one whose accounts are all empty.
    """
    case = decode_case(read_bytes(path), str(path))
    own = replace(estimate, short_rate=case.tax.short_term_rate, long_rate=case.tax.long_term_rate)
    accounts = [account for account in _accounts(case, estimate) if account.value > 0]
    if not accounts:
        raise AppError("The case's accounts hold nothing", detail=str(path))
    return Verdicts(tuple(account_verdict(account, own, gate) for account in accounts), ())


def capacity_from_files(
    etfs: Path,
    terms: TradingTerms,
    sizes: Sequence[float],
    backtest: tuple[BacktestFiles, BacktestSetting] | None = None,
    quantile: float = 1.0,
) -> Capacity:
    """Return the capacity of an overlay from an ETF file, with what a backtest of its policy traded where given.

    `quantile` is which of the rebalances counts for each ETF, 1 = the largest. Raises AppError for a file that cannot
    be used whole, an ETF that is traded and has no row, or one without a trade where there is no backtest.
    """
    rows, problems = [], []
    for row in csv_rows(etfs, ETFS):
        rows.append(_etf(row))
        if [symbol for symbol, _ in rows].count(rows[-1][0]) > 1 and rows[-1][0]:
            row.wrong("symbol", f"{rows[-1][0]} has two rows", "Keep one of the two.")
        if backtest is None and not row.cells.get("trade"):
            row.wrong("trade", "The cell is empty", "Give it, or --prices, --policy, --start and --end.")
        problems += row.problems
    require_good(etfs, problems, ETFS.hint)
    listed = dict(rows)
    trades, volatilities = ({}, {}) if backtest is None else _traded(*backtest, quantile)
    missing = [symbol for symbol in trades if symbol not in listed]
    if missing:
        what = f"The policy trades {', '.join(missing)}, without a row in the ETF file"
        raise AppError(what, detail=str(etfs), hint="Add the dollars traded a day.")
    known = [_known(symbol, cells, trades, volatilities) for symbol, cells in rows]
    return capacity(known, terms, sizes)


def verdicts_document(found: Verdicts, estimate: OverlayEstimate, gate: Gate) -> dict[str, Any]:
    """Return the verdicts as a JSON document: fractions a year, and dollars to the cent."""
    return {"gate": gate, "estimate": estimate, "accounts": found.accounts, "problems": found.problems}


def break_even_document(found: BreakEven) -> dict[str, Any]:
    """Return break-even assets as a JSON document."""
    return {
        "margin": found.margin,
        "break_even_assets": found.assets,
        "low_cost_assets": found.low_cost_assets,
        "firm_gain": found.firm_gain,
        "trails": found.trails,
    }


def capacity_document(found: Capacity) -> dict[str, Any]:
    """Return a capacity as a JSON document; infinite assets are null."""
    return {
        "limit": found.terms.limit,
        "days": found.terms.days,
        "law": found.terms.law,
        "assets": found.assets,
        "binding": found.binding or None,
        "etfs": [
            {"symbol": one.etf.symbol, "adv": one.etf.adv, "trade": one.etf.trade, "assets": one.assets}
            for one in found.etfs
        ],
        "sizes": [_size(one) for one in found.sizes],
    }


def _size(found: AtAssets) -> dict[str, Any]:
    return {"assets": found.assets, "over": found.over, "impact_bp": found.impact_bp, "trades": found.trades}


def _account(row: Row) -> OverlayAccount:
    registration = row.choice("registration", tuple(Registration))
    return OverlayAccount(
        account=row.text("account"),
        registration=Registration(registration) if registration in tuple(Registration) else Registration.TAXABLE,
        value=row.amount("value", above=ZERO),
        ticket_charge=row.amount_or_none("ticket_charge", least=ZERO) or ZERO,
        expected_gain=row.amount_or_none("expected_gain"),
        cost_bp=row.amount_or_none("cost_bp", least=ZERO),
        gain_share=row.amount_or_none("gain_share"),
    )


def _accounts(case: Case, estimate: OverlayEstimate) -> list[OverlayAccount]:
    """Return the accounts of a case with the half-spread and the unrealised gain of what each holds."""
    securities = {security.symbol: security for security in case.securities}
    found = []
    for account in case.accounts:
        lots = [lot for lot in case.lots if lot.account == account.id and lot.symbol in securities]
        worth = [lot.quantity * securities[lot.symbol].price for lot in lots]
        held = sum(worth, ZERO)
        spread = sum((w * securities[lot.symbol].half_spread_bp for w, lot in zip(worth, lots, strict=True)), ZERO)
        found.append(
            OverlayAccount(
                account=account.id,
                registration=account.registration,
                value=account.cash + held,
                ticket_charge=account.ticket_charge,
                cost_bp=estimate.cost_bp + (spread / held if held else ZERO),
                gain_share=1 - sum((lot.cost_basis for lot in lots), ZERO) / held if held else ZERO,
            )
        )
    return found


Cells = Mapping[str, float | None]


def _etf(row: Row) -> tuple[str, Cells]:
    numbers = {
        "adv": row.amount("adv", above=ZERO),
        "trade": row.amount_or_none("trade", least=ZERO),
        "volatility": row.amount_or_none("volatility", above=ZERO),
        "outstanding_days": row.amount_or_none("outstanding_days", above=ZERO),
    }
    return row.text("symbol"), {name: None if value is None else float(value) for name, value in numbers.items()}


def _known(symbol: str, cells: Cells, trades: Mapping[str, float], volatilities: Mapping[str, float]) -> TradedEtf:
    trade, volatility = cells["trade"], cells["volatility"]
    return TradedEtf(
        symbol=symbol,
        adv=cells["adv"] or 0.0,
        trade=trades.get(symbol, 0.0) if trade is None else trade,
        volatility=volatilities.get(symbol) if volatility is None else volatility,
        outstanding_days=cells["outstanding_days"],
    )


def _traded(
    files: BacktestFiles, setting: BacktestSetting, quantile: float
) -> tuple[dict[str, float], dict[str, float]]:
    """Return what rebalances of a policy traded of each symbol, and the symbols' volatilities a day."""
    policy, history = policy_and_prices(files)
    found = run_backtest(policy, history, setting)
    return traded_shares(found.rebalances, quantile), _volatilities(history, setting)


def _volatilities(history: PriceHistory, setting: BacktestSetting) -> dict[str, float]:
    first, last = (history.known_on(day) for day in (setting.start, setting.end))
    periods = periods_per_year(history.dates)
    closes = history.closes[max(first - 1, 0) : last]
    found = {}
    for column, symbol in enumerate(history.symbols):
        line = closes[~np.isnan(closes[:, column]), column]
        spread = float(np.std(np.diff(np.log(line)), ddof=1)) if line.size > 2 else math.nan
        if math.isfinite(spread):
            found[symbol] = spread * math.sqrt(periods / TRADING_DAYS)
    return found
