"""The command `weights`: risk-based weights from a covariance, or from prices."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from engine.overlay.allocation import AllocationMethod
from engine.overlay.covariance import CovarianceEstimate
from engine.overlay.leverage import NO_LEVERAGE
from workflow.console import print_json, print_table, say
from workflow.weights import Ask, Weighed, weigh

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First and last day of the prices.")]
CovarianceFile = Annotated[
    Path | None, typer.Option(metavar="COV.csv", help="Covariance; symbols as header and first column.")
]
MeanFile = Annotated[
    Path | None, typer.Option(metavar="MU.csv", help="Expected returns, a symbol a row; max_sharpe needs them.")
]
Budget = Annotated[
    str | None, typer.Option(metavar="BUDGET", help="Shares of risk for risk_budget: SPY=2,AGG=1 or a file.")
]
PriceFile = Annotated[
    Path | None, typer.Option(metavar="P.csv", help="Closes to estimate the covariance from, in its place.")
]
Symbols = Annotated[
    str, typer.Option(metavar="SYMBOLS", help="Columns of the prices to read, all without it: SPY,AGG.")
]
Estimate = Annotated[CovarianceEstimate, typer.Option(help="How the covariance is estimated from prices.")]
Strategic = Annotated[
    str | None, typer.Option(metavar="WEIGHTS", help="Expect what these weights imply: SPY=60%,AGG=40%.")
]
Views = Annotated[
    list[str] | None,
    typer.Option(metavar="VIEW", help="Blend in: EFA=7%, EFA-SPY=2%, or EFA-SPY=2%@60% if that sure. Repeatable."),
]
RiskFree = Annotated[float, typer.Option(help="Rate of cash and of borrowing, a fraction.")]
Cap = Annotated[float | None, typer.Option(help="Largest weight, for min_variance and max_sharpe.")]
TargetVolatility = Annotated[float | None, typer.Option(help="Scale the weights to this volatility.")]
LeverageCap = Annotated[float, typer.Option(help="Largest gross exposure when scaling; 1 = no leverage.")]


def weights_command(
    method: Annotated[AllocationMethod, typer.Option(help="How the weights follow from the covariance.")],
    covariance: CovarianceFile = None,
    mean: MeanFile = None,
    budget: Budget = None,
    prices: PriceFile = None,
    symbols: Symbols = "",
    estimate: Estimate = CovarianceEstimate.LEDOIT_WOLF,
    start: Day = None,
    end: Day = None,
    strategic: Strategic = None,
    view: Views = None,
    risk_free: RiskFree = 0.0,
    cap: Cap = None,
    target_volatility: TargetVolatility = None,
    leverage_cap: LeverageCap = NO_LEVERAGE,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Weigh assets by their risk: long-only weights that sum to one, and what each adds to the volatility.

    Volatility and returns are in the period of the covariance: yearly for a yearly one, and from prices.
    """
    ask = Ask(
        method,
        covariance,
        prices,
        tuple(filter(None, (symbol.strip() for symbol in symbols.split(",")))),
        estimate,
        start.date() if start else None,
        end.date() if end else None,
        mean,
        strategic,
        tuple(view or ()),
        budget,
        risk_free,
        cap,
        target_volatility,
        leverage_cap,
    )
    found = weigh(ask)
    if as_json:
        print_json(_document(found))
    else:
        _print(found)


def _document(found: Weighed) -> dict[str, Any]:
    def by_symbol(figures: Any) -> dict[str, float]:
        return dict(zip(found.symbols, figures.tolist(), strict=True))

    document = {
        "method": found.method,
        "weights": by_symbol(found.weights),
        "risk_contributions": by_symbol(found.risk_contributions),
        "volatility": found.volatility,
        "notes": found.notes,
    }
    if found.expected_returns is not None:
        document |= {
            "expected_return": found.expected_return,
            "expected_returns": by_symbol(found.expected_returns),
        }
    return document if found.leverage is None else document | {"leverage": msgspec.to_builtins(found.leverage)}


def _print(found: Weighed) -> None:
    shares = found.risk_contributions / found.volatility
    columns = ["symbol", "weight", "adds to volatility", "share of risk"]
    figures = [found.weights, found.risk_contributions, shares]
    if found.expected_returns is not None:
        columns.append("expected return")
        figures.append(found.expected_returns)
    lines = zip(found.symbols, *figures, strict=True)
    rows = [(symbol, *(f"{figure:.2%}" for figure in line)) for symbol, *line in lines]
    print_table(f"Weights: {found.method}", columns, rows)
    say(f"Volatility {found.volatility:.2%}")
    if found.expected_return is not None:
        ratio = found.expected_return / found.volatility
        say(f"Expected return {found.expected_return:.2%}, {ratio:.2f} per unit of volatility")
    if found.leverage is not None:
        say(found.leverage.sentence())
    for note in found.notes:
        say(f"{note[0].upper()}{note[1:]}.")
