"""Commands before an overlay is run: cost-benefit, break-even, capacity; and liquidity."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import AppError
from engine.money import ZERO
from engine.research.break_even import BreakEven, FirmCase, GainOf, break_even
from engine.research.capacity import AtAssets, Capacity, ImpactLaw, TradingTerms
from engine.research.cost_benefit import AccountVerdict, Gate, OverlayEstimate
from engine.research.sleeves import LARGEST
from engine.trail import Trail
from workflow.book import open_book
from workflow.cli_attribution import (
    AsJson,
    Capital,
    CashYield,
    CostBp,
    Costs,
    End,
    Lag,
    PolicyFile,
    Prices,
    Start,
    backtest_asked,
)
from workflow.cli_tax import amount
from workflow.console import (
    DONE,
    NEEDS_PERSON,
    UNREADABLE,
    complain,
    complain_of,
    dollars,
    print_json,
    print_table,
    say,
)
from workflow.cost_benefit import (
    Verdicts,
    break_even_document,
    capacity_document,
    capacity_from_files,
    verdicts_document,
    verdicts_from_case,
    verdicts_from_csv,
)
from workflow.liquidity import RunVolume, run_volume, volume_document
from workflow.sleeves import run_sleeves, sleeves_document

SIZES = "10000000,50000000,100000000,500000000,1000000000"

AccountsFile = Annotated[
    Path | None,
    typer.Option(
        help="CSV: account, registration, value, and where they differ ticket_charge, expected_gain, cost_bp, "
        "gain_share."
    ),
]


def share(text: str | Decimal) -> Decimal:
    """Return a fraction from 0.008 or 0.8%; what is none is told with the option's name."""
    clean = str(text).strip()
    try:
        found = Decimal(clean.removesuffix("%").strip())
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise typer.BadParameter(f"{text!r} is no fraction such as 0.008 or 0.8%.")
    return found / 100 if clean.endswith("%") else found


OverSpread = Annotated[
    Decimal, typer.Option(parser=amount, help="Basis points of each dollar traded; over a case's half-spreads.")
]
GainBelow = Annotated[Decimal, typer.Option(parser=share, help="Gains under this are small.")]
CostsAbove = Annotated[Decimal, typer.Option(parser=share, help="Costs over this are high.")]


def cost_benefit_command(
    expected_gain: Annotated[Decimal, typer.Option(parser=share, help="Of the overlay a year, before costs: 0.8%.")],
    turnover: Annotated[Decimal, typer.Option(parser=share, help="One-way a year: 80%.")],
    accounts: AccountsFile = None,
    case: Annotated[Path | None, typer.Option(help="Case file, in place of --accounts.")] = None,
    cost_bp: OverSpread = ZERO,
    orders: Annotated[Decimal, typer.Option(parser=amount, help="Orders of an account a year.")] = ZERO,
    gain_share: Annotated[Decimal, typer.Option(parser=share, help="Gain in what a taxable account sells.")] = ZERO,
    short_share: Annotated[Decimal, typer.Option(parser=share, help="Short-term part of that gain.")] = Decimal(1),
    short_rate: Annotated[Decimal, typer.Option(parser=share, help="Tax rate of short-term gains.")] = Decimal("0.408"),
    long_rate: Annotated[Decimal, typer.Option(parser=share, help="Tax rate of long-term gains.")] = Decimal("0.238"),
    firm_cost: Annotated[Decimal, typer.Option(parser=share, help="The firm's fixed cost by its assets.")] = ZERO,
    gain_below: GainBelow = Decimal("0.01"),
    costs_above: CostsAbove = Decimal("0.005"),
    as_json: AsJson = False,
) -> None:
    """Judge for each account whether an overlay is worth its costs: worthwhile, marginal, or costs exceed gain.

    Marginal is an expected gain under 1 % a year with costs over 0.5 %. Accounts that cannot be read are left out and
    named on standard error; the exit code is then 3, or 2 when none is left.
    """
    estimate = OverlayEstimate(
        expected_gain=expected_gain,
        turnover=turnover,
        cost_bp=cost_bp,
        orders=orders,
        gain_share=gain_share,
        short_share=short_share,
        short_rate=short_rate,
        long_rate=long_rate,
        firm_cost=firm_cost,
    )
    gate = Gate(gain_below, costs_above)
    found = _verdicts(accounts, case, estimate, gate)
    if as_json:
        print_json(verdicts_document(found, estimate, gate))
    else:
        _print_verdicts(found, gate)
    if complain_of(found.problems):
        raise typer.Exit(NEEDS_PERSON if found.accounts else UNREADABLE)
    raise typer.Exit(DONE)


def break_even_command(
    fixed_cost: Annotated[Decimal, typer.Option(parser=amount, help="Dollars a year.")],
    gain: Annotated[Decimal, typer.Option(parser=share, help="Expected gain a year: 0.8%.")],
    gain_of: Annotated[GainOf, typer.Option(help="What the gain is after.")] = GainOf.GROSS,
    cost: Annotated[Decimal, typer.Option(parser=share, help="Costs that grow with the assets, a year: 0.2%.")] = ZERO,
    costs_above: CostsAbove = Decimal("0.005"),
    assets: Annotated[Decimal | None, typer.Option(parser=amount, help="The firm's assets, dollars.")] = None,
    as_json: AsJson = False,
) -> None:
    """Find the assets from which a firm's fixed cost is paid for by what an overlay adds, and show the formula."""
    try:
        found = break_even(FirmCase(fixed_cost, gain, gain_of, cost, costs_above, assets))
    except ValueError as error:
        raise AppError(f"The figures do not fit: {error}") from error
    if as_json:
        print_json(break_even_document(found))
    else:
        _print_break_even(found)


def capacity_command(
    etfs: Annotated[
        Path, typer.Option(help="CSV: symbol, adv (dollars a day), and trade, volatility, outstanding_days.")
    ],
    prices: Prices = None,
    policy: PolicyFile = None,
    start: Start = None,
    end: End = None,
    limit: Annotated[float, typer.Option(min=0.0001, max=10, help="Share of a day's volume.")] = 0.10,
    days: Annotated[float, typer.Option(min=0.01, max=250, help="Days that a trade is spread over.")] = 1.0,
    law: Annotated[ImpactLaw, typer.Option(help="How impact follows from size.")] = ImpactLaw.SQUARE_ROOT,
    sizes: Annotated[str, typer.Option(metavar="USD,USD", help="Assets to show the trades at.")] = SIZES,
    quantile: Annotated[
        float, typer.Option(min=0, max=1, help="Which rebalance of a backtest counts: 1 = the largest.")
    ] = 1.0,
    lag: Lag = 0,
    cost_bp: CostBp = 0.0,
    costs: Costs = None,
    capital: Capital = 1_000_000.0,
    cash_yield: CashYield = 0.0,
    as_json: AsJson = False,
) -> None:
    """Find the assets at which an overlay's trades exceed 10 % of a day's volume, and the ETF that binds.

    What a rebalance trades of each ETF is in the ETF file, or measured by a backtest of the policy over the prices.
    """
    asked = [float(amount(size)) for size in sizes.split(",") if size.strip()]
    if any(size <= 0 for size in asked):
        raise typer.BadParameter("Assets must be above zero.", param_hint="--sizes")
    setting = {"lag": lag, "cost_bp": cost_bp, "costs": costs, "capital": capital, "cash_yield": cash_yield}
    wanted = any(option is not None for option in (prices, policy, start, end))
    backtest = backtest_asked(prices, policy, (start, end), setting) if wanted else None
    found = capacity_from_files(etfs, TradingTerms(limit, days, law), asked, backtest, quantile)
    if as_json:
        print_json(capacity_document(found))
    else:
        _print_capacity(found)
        if backtest is not None:
            say("Each ETF's trade is its own, not all of one day: the impact of all together is an upper bound.")


def liquidity_command(
    run: Annotated[str, typer.Option(help="The run whose orders are looked at.")],
    db: Annotated[str, typer.Option("--db", metavar="WHERE", help="The book: a path or a database URL.")],
    limit: Annotated[Decimal, typer.Option(parser=share, help="Share of a day's volume.")] = Decimal("0.10"),
    as_json: AsJson = False,
) -> None:
    """Show how much of a day's volume a run trades of each symbol, over all households and accounts together.

    The exit code is 3 where a symbol is beyond the limit.
    """
    if limit <= 0:
        raise typer.BadParameter("The limit must be above zero.", param_hint="--limit")
    found = run_volume(open_book(db, now=datetime.now(UTC)), run, limit)
    if as_json:
        print_json(volume_document(found))
    else:
        _print_volume(found)
    if found.over:
        complain(f"beyond {limit:.2%} of a day's volume: {', '.join(found.over)}")
    if found.unknown:
        complain(f"warning: no daily volume is known of {', '.join(found.unknown)}")
    raise typer.Exit(NEEDS_PERSON if found.over else DONE)


def sleeves_command(
    run: Annotated[str, typer.Option(help="The run whose households are looked at.")],
    db: Annotated[str, typer.Option("--db", metavar="WHERE", help="The book: a path or a database URL.")],
    largest: Annotated[Decimal, typer.Option(parser=share, help="Largest sleeve of single securities.")] = LARGEST,
    as_json: AsJson = False,
) -> None:
    """Show what each class is held through: funds first, single securities only where a sleeve is small.

    Futures are not traded. The exit code is 3 where a single security stands before a fund or for a large sleeve.
    """
    if not 0 <= largest <= 1:
        raise typer.BadParameter("The largest sleeve is a share between 0 and 1.", param_hint="--largest")
    found = run_sleeves(open_book(db, now=datetime.now(UTC)), run, largest)
    if as_json:
        print_json(sleeves_document(found))
    else:
        for one in found:
            rows = [(s.asset_class, f"{s.target:.2%}", s.kind.value, ", ".join(s.symbols)) for s in one.sleeves]
            print_table(one.household, ("class", "target", "held through", "may be bought, best first"), rows, left=1)
    for one in found:
        for finding in one.findings:
            complain(f"{one.household}: {finding}")
    raise typer.Exit(NEEDS_PERSON if any(one.findings for one in found) else DONE)


def _print_volume(found: RunVolume) -> None:
    rows = [
        (
            one.symbol,
            f"{one.households:,}",
            f"{one.bought:,}",
            f"{one.sold:,}",
            dollars(one.amount),
            "not known" if one.adv_shares is None else f"{one.adv_shares:,.0f}",
            "" if one.share is None else f"{one.share:.4%}",
            "" if one.days is None else f"{one.days:,.2f}",
        )
        for one in found.symbols
    ]
    heads = ("symbol", "households", "bought", "sold", "dollars", "shares a day", "of a day's volume", "days at limit")
    print_table(f"Run {found.run}: orders over all accounts, limit {found.limit:.2%} of a day's volume", heads, rows)


def _verdicts(accounts: Path | None, case: Path | None, estimate: OverlayEstimate, gate: Gate) -> Verdicts:
    if accounts is not None and case is None:
        return verdicts_from_csv(accounts, estimate, gate)
    if case is not None and accounts is None:
        return verdicts_from_case(case, estimate, gate)
    raise AppError("Which accounts are meant is open", hint="Give either --accounts or --case.")


def _print_verdicts(found: Verdicts, gate: Gate) -> None:
    rows = [
        (
            one.account,
            one.registration.replace("_", " "),
            dollars(one.value),
            *_shares(one),
            dollars(one.net_dollars),
            one.verdict.replace("_", " "),
        )
        for one in found.accounts
    ]
    heads = ("account", "registration", "value", "gain", "trading", "tickets", "tax", "firm", "costs", "net")
    title = f"Marginal: a gain under {gate.gain_below:.2%} with costs over {gate.costs_above:.2%} of the value a year"
    print_table(title, (*heads, "net dollars", "verdict"), rows, left=2)
    say("Tax is that of the year's sales; what a higher basis saves later is not counted.")


def _shares(one: AccountVerdict) -> Sequence[str]:
    figures = (one.gain, one.trading, one.tickets, one.tax, one.firm, one.costs, one.net)
    return [f"{figure:z.2%}" for figure in figures]


def _print_break_even(found: BreakEven) -> None:
    if found.assets is None:
        say("No assets are enough: the gain does not pay for the costs that grow with them.")
    else:
        say(f"Break-even assets: {dollars(found.assets)} dollars.")
    for trail in found.trails:
        say(f"{trail.label}: {_value(trail)}")
        for one in trail.inputs:
            say(f"    {one.label}: {_value(one)}")


def _value(trail: Trail) -> str:
    return f"{trail.value:.2%}" if trail.unit == "fraction" else f"{dollars(trail.value)} dollars"


def _print_capacity(found: Capacity) -> None:
    terms = found.terms
    spread = "" if terms.days == 1 else f" over {terms.days:g} days"
    if found.binding:
        say(
            f"Capacity: {found.assets:,.0f} dollars; beyond, {found.binding} trades more than {terms.limit:.0%} of a "
            f"day's volume{spread}"
        )
    else:
        say("Nothing is traded: there is no limit.")
    rows = [(one.etf.symbol, f"{one.etf.adv:,.0f}", f"{one.etf.trade:.2%}", _dollars(one.assets)) for one in found.etfs]
    print_table("Tightest first", ("ETF", "dollars a day", "trade", "assets at the limit"), rows)
    print_table(
        f"A rebalance: share of each day's volume, and impact ({terms.law.replace('_', ' ')} law)",
        ("assets", *(one.etf.symbol for one in found.etfs), "over the limit", "impact, bp of the assets"),
        [_size(one, [etf.etf.symbol for etf in found.etfs]) for one in found.sizes],
        left=0,
    )


def _size(found: AtAssets, symbols: Sequence[str]) -> Sequence[str]:
    trades = {trade.symbol: trade for trade in found.trades}
    cells = []
    for symbol in symbols:
        trade = trades[symbol]
        cost = "" if trade.impact_bp is None else f", {trade.impact_bp:,.1f} bp"
        cells.append(f"{trade.volume_share:.2%}{cost}")
    whole = "not known" if found.impact_bp is None else f"{found.impact_bp:,.2f}"
    return [_dollars(found.assets), *cells, ", ".join(found.over) or "none", whole]


def _dollars(assets: float) -> str:
    return f"{assets:,.0f}" if math.isfinite(assets) else "no limit"
