"""The commands `plans`, `frontier` and `rules`: kinds of plan side by side, tax against drift, what rules cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from engine.errors import AppError
from engine.portfolio import PlanKind, class_words
from engine.rebalance.case import Case
from engine.rebalance.case_faults import case_faults
from engine.rebalance.compare import PlanRow, compare_plans, with_plan
from engine.rebalance.frontier import POINTS, FrontierPoint, frontier
from engine.rebalance.proposal import Status
from engine.rebalance.rule_costs import WORTH_SAYING, rule_costs
from engine.rebalance.tracking_error import Covariance
from workflow.case_file import decode_case, encode, read_bytes, sha256
from workflow.console import DONE, NEEDS_PERSON, complain, dollars, percent, print_json, print_table, progress_bar, say

Prices = Annotated[
    Path | None,
    typer.Option(metavar="P.csv", help="Total-return closes, for the tracking error: date, then a column a symbol."),
]
Limit = Annotated[float | None, typer.Option(min=0.001, help="Seconds for each plan; none = until proven.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
CaseFile = Annotated[Path, typer.Argument(metavar="CASE.json")]


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """What `plans --json` says of one plan. Money in dollars, weights and tracking error as fractions."""

    plan: PlanKind
    status: Status
    objective: Decimal
    gap: Decimal
    drift: Decimal
    off_target: Decimal
    outside_bands: tuple[str, ...]
    tax_now: Decimal
    tax_deferred: Decimal
    short_term: Decimal
    long_term: Decimal
    trading_cost: Decimal
    location_cost: Decimal
    location_least: Decimal
    tracking_error: float | None
    trades: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PointFigures:
    """What `frontier --json` says of one plan. `budget` is the tax that it was allowed to add."""

    budget: Decimal
    tax_now: Decimal
    tax_deferred: Decimal
    drift: Decimal
    off_target: Decimal
    tracking_error: float | None
    trading_cost: Decimal
    trades: int
    best: bool


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """What `rules --json` says of one rule. `account` is None for a rule of the policy."""

    rule: str
    account: str | None
    cost: Decimal
    sentence: str


def plans_command(
    case: CaseFile,
    only: Annotated[list[PlanKind] | None, typer.Option(help="A kind of plan; may be given again.")] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Folder for the case and the proposal of each kind.")
    ] = None,
    prices: Prices = None,
    time_limit: Limit = None,
    as_json: Json = False,
) -> None:
    """Show every kind of plan of a case side by side: drift, tax now and later, tracking error, cost, trades."""
    read, covariance = _read(case, prices)
    kinds = tuple(dict.fromkeys(only)) if only else tuple(PlanKind)
    files = {kind: encode(with_plan(read, kind)) for kind in kinds}
    hashes = {kind: sha256(content) for kind, content in files.items()}
    rows = []
    with progress_bar() as progress:
        found = compare_plans(read, case_sha256=hashes, covariance=covariance, kinds=kinds, time_limit=time_limit)
        for row in found:
            rows.append(row)
            progress(len(rows), len(kinds), row.kind.value)
            if out is not None:
                _write(out, case.name.removesuffix(".json"), files[row.kind], row)
    if as_json:
        print_json([_figures(row) for row in rows])
    else:
        _show(rows)
    for row in rows:
        if row.proposal.status is Status.INFEASIBLE:
            complain(f"{row.kind.value}: infeasible: {'; '.join(row.proposal.reasons)}")
    raise typer.Exit(NEEDS_PERSON if all(r.proposal.status is Status.INFEASIBLE for r in rows) else DONE)


def frontier_command(
    case: CaseFile,
    points: Annotated[int, typer.Option(min=2, max=101, help="Plans from the least tax to the closest fit.")] = POINTS,
    prices: Prices = None,
    time_limit: Limit = None,
    as_json: Json = False,
) -> None:
    """Show what each further dollar of tax buys: plans from the least tax to the closest fit to the targets."""
    read, covariance = _read(case, prices)
    found = frontier(read, covariance, points=points, time_limit=time_limit)
    if as_json:
        print_json([_point(point) for point in found])
    elif found:
        _show_frontier(found)
    if not found:
        complain(f"{case.name}: no plan meets the rules of the case; `plimsoll solve` says which stand in the way")
        raise typer.Exit(NEEDS_PERSON)


def rules_command(case: CaseFile, as_json: Json = False) -> None:
    """Say what each rule of a case costs: the best plan without it against the best plan with it."""
    read, _ = _read(case, None)
    costs = rule_costs(read)
    if as_json:
        print_json([RuleFigures(c.rule.code, c.rule.account, c.dollars, c.sentence) for c in costs])
        return
    for cost in costs:
        say(cost.sentence)
    if not costs:
        say(f"No rule costs ${WORTH_SAYING} a year or more.")
    else:
        say("Each is lifted alone: two of them together can cost more than their sum, or less.")


def _read(path: Path, prices: Path | None) -> tuple[Case, Covariance | None]:
    read = decode_case(read_bytes(path), path.name)
    faults = case_faults(read)
    if faults:
        raise AppError(f"{path.name} has {len(faults)} fault(s)", detail="; ".join(faults), hint="Correct the case.")
    if prices is None:
        return read, None
    from workflow.covariance import covariance_from_prices  # noqa: PLC0415 - only prices need it

    return read, covariance_from_prices(prices, [s.symbol for s in read.securities], read.as_of)


def _write(out: Path, name: str, case: bytes, row: PlanRow) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / f"{name}.{row.kind.value}.json").write_bytes(case)
        (out / f"{name}.{row.kind.value}.proposal.json").write_bytes(encode(row.proposal))
    except OSError as error:
        raise AppError("the plans cannot be written", detail=f"{out}: {error.strerror}") from None


def _figures(row: PlanRow) -> PlanFigures:
    p = row.proposal
    return PlanFigures(
        row.kind,
        p.status,
        p.objective,
        p.gap,
        p.breakdown.drift,
        row.off_target,
        row.outside,
        row.tax_now,
        row.tax_deferred,
        p.tax.short_term,
        p.tax.long_term,
        p.breakdown.trading,
        row.location.cost,
        row.location.least,
        None if row.tracking is None else row.tracking.yearly,
        len(p.trades),
        p.reasons,
    )


def _point(point: FrontierPoint) -> PointFigures:
    p = point
    return PointFigures(
        p.budget, p.tax, p.deferred, p.drift, p.off_target, p.tracking_error, p.trading, p.orders, p.best
    )


def _te(tracking: float | None) -> str:
    return "-" if tracking is None else f"{tracking:.2%}"


def _show(rows: Sequence[PlanRow]) -> None:
    columns = "Plan,Status,Drift $/yr,Off target,Outside,Tax now,Tax later,Track. err.,Cost,Location $/yr,Trades,Gap"
    cells = [
        (
            row.kind.value,
            row.proposal.status.value,
            dollars(row.proposal.breakdown.drift),
            percent(row.off_target),
            str(len(row.outside)),
            dollars(row.tax_now),
            dollars(row.tax_deferred),
            _te(row.tracking.yearly if row.tracking else None),
            dollars(row.proposal.breakdown.trading),
            dollars(row.location.cost),
            str(len(row.proposal.trades)),
            dollars(row.proposal.gap),
        )
        for row in rows
    ]
    print_table("Plans", columns.split(","), cells, left=2)
    for row in rows:
        if row.outside and row.kind is PlanKind.FULL:
            say(f"Outside their bands after the full plan: {', '.join(map(class_words, row.outside))}.")
        if row.location.most and row.kind is PlanKind.FULL:
            least, cost = row.location.least, row.location.cost
            say(f"Location after the full plan: ${cost:,.0f} a year, ${least:,.0f} at the least.")
    tracked = next((row.tracking for row in rows if row.tracking), None)
    for symbol, instead in tracked.stood_in if tracked else ():
        say(f"No prices for {symbol}: it is taken to move as {instead}.")
    for name in tracked.left_out if tracked else ():
        say(f"No prices for any symbol of {class_words(name)}: it is left out of the tracking error.")


def _show_frontier(points: Sequence[FrontierPoint]) -> None:
    columns = "Tax now,Tax later,Off target,Track. err.,Drift $/yr,Cost,Trades,"
    cells = [
        (
            dollars(p.tax),
            dollars(p.deferred),
            percent(p.off_target),
            _te(p.tracking_error),
            dollars(p.drift),
            dollars(p.trading),
            str(p.orders),
            "" if p.best else "beaten by another",
        )
        for p in points
    ]
    print_table("Tax against distance from the targets", columns.split(","), cells, left=0)
