"""The sheets of the blotter that are the record: Cover, Exceptions, Approvals."""

from dataclasses import dataclass
from datetime import date

from engine.money import ZERO
from engine.portfolio import Side
from engine.problems import Problem
from engine.rebalance.proposal import Status
from exporters.blotter_orders import utc
from exporters.order_lines import RunOrders, sum_gains
from exporters.orders_csv import CONSENT_NOTE
from exporters.run_report import HouseholdReport, RunReport, RunState
from exporters.sheet import Column, Kind, Sheet, Value

SYNTHETIC_LABEL = "SYNTHETIC SAMPLE DATA: no real client, account or order."
EXCEPTION_COLUMNS = (
    Column("Household", Kind.WRAPPED, 28),
    Column("Kind", Kind.WRAPPED, 22),
    Column("Account", Kind.TEXT, 14),
    Column("Side", Kind.TEXT, 7),
    Column("Symbol", Kind.TEXT, 9),
    Column("What", Kind.WRAPPED, 56),
    Column("Until", Kind.DATE, 12),
    Column("What to do", Kind.WRAPPED, 34),
    Column("File", Kind.WRAPPED, 20),
    Column("Row", Kind.COUNT, 7),
    Column("Code", Kind.WRAPPED, 20),
)
APPROVAL_COLUMNS = (
    Column("At (UTC)", Kind.STAMP, 18),
    Column("By", Kind.TEXT, 22),
    Column("From", Kind.TEXT, 14),
    Column("To", Kind.TEXT, 14),
    Column("Reason", Kind.WRAPPED, 60),
    Column("Signature", Kind.BLANK, 30),
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the cover: a label and a value with its kind."""

    label: str
    value: Value
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True)
class Cover:
    """The first sheet: what the run is, what it adds up to, where its figures come from."""

    firm: str
    label: str
    facts: tuple[Fact, ...]
    figures: tuple[Fact, ...]
    sources: Sheet


SOURCE_COLUMNS = (
    Column("Source file", Kind.WRAPPED, 46),
    Column("Importer", Kind.TEXT, 26),
    Column("As of", Kind.DATE, 12),
    Column("Imported at (UTC)", Kind.STAMP, 18),
    Column("SHA-256", Kind.TEXT, 68),
)


@dataclass(frozen=True, slots=True)
class Remark:
    """One line of Exceptions: what was not done, or what needs a person."""

    household: str
    kind: str
    what: str
    account: str = ""
    side: Side | None = None
    symbol: str = ""
    until: date | None = None
    hint: str = ""
    file: str = ""
    row: int = 0
    code: str = ""

    def cells(self) -> tuple[Value, ...]:
        """Return the row of the sheet; what is not known is an empty cell."""
        return (
            self.household,
            self.kind,
            self.account or None,
            self.side.value.capitalize() if self.side else None,
            self.symbol or None,
            self.what,
            self.until,
            self.hint or None,
            self.file or None,
            self.row or None,
            self.code or None,
        )


def cover(report: RunReport, run: RunOrders) -> Cover:
    """Return the cover of a run's blotter."""
    engines = sorted({h.proposal.engine_version for h in report.households})
    models = sorted({h.model for h in report.households if h.model})
    return Cover(
        firm=report.firm,
        label=SYNTHETIC_LABEL if report.synthetic else "",
        facts=(
            Fact("Run", report.run),
            Fact("State", report.state.value),
            Fact("As of", report.as_of, Kind.DATE),
            Fact("Prices as of", report.prices_as_of, Kind.DATE),
            Fact("Proposed at (UTC)", utc(report.created_at), Kind.STAMP),
            Fact("Proposed by", report.created_by),
            Fact("Engine version", ", ".join(engines) or None),
            Fact("Models", ", ".join(models) or None, Kind.WRAPPED),
            *(Fact("Overlay by", line, Kind.WRAPPED) for line in report.rulesets),
        ),
        figures=_figures(report, run),
        sources=Sheet(
            "Cover",
            SOURCE_COLUMNS,
            tuple((s.name, s.importer, s.as_of, utc(s.imported_at), s.sha256) for s in report.sources),
            "No source files are recorded for this run.",
        ),
    )


def exceptions_sheet(report: RunReport, run: RunOrders) -> Sheet:
    """Return everything that was not done, left out, or needs a person."""
    found = [Remark(s.household, "Household left out", s.why) for s in report.skipped]
    for held in run.held_back:
        trade = held.trade
        found.append(Remark(held.household, "Order held back", held.why, trade.account, trade.side, trade.symbol))
    for household in report.households:
        found.extend(_remarks(household))
    return Sheet("Exceptions", EXCEPTION_COLUMNS, tuple(r.cells() for r in found), "No exceptions in this run.")


def approvals_sheet(report: RunReport) -> Sheet:
    """Return who proposed, reviewed and approved the run, and when."""
    first: tuple[Value, ...] = (
        utc(report.created_at),
        report.created_by,
        None,
        RunState.DRAFT.value,
        "Proposed",
        None,
    )
    moves = tuple(
        (utc(line.at), line.by, line.from_state.value, line.to_state.value, line.reason, None)
        for line in report.approvals
    )
    return Sheet("Approvals", APPROVAL_COLUMNS, (first, *moves), "No approvals yet.")


def _figures(report: RunReport, run: RunOrders) -> tuple[Fact, ...]:
    sells = [o for o in run.orders if o.side is Side.SELL]
    buys = [o for o in run.orders if o.side is Side.BUY]
    outcomes = [h.proposal.tax for h in report.households]
    return (
        Fact("Households", len(report.households), Kind.COUNT),
        Fact("Households left out", len(report.skipped), Kind.COUNT),
        Fact(
            "Households that cannot be solved",
            sum(h.proposal.status is Status.INFEASIBLE for h in report.households),
            Kind.COUNT,
        ),
        Fact("Orders", len(run.orders), Kind.COUNT),
        Fact("Blocks", len(run.blocks), Kind.COUNT),
        Fact("Sales", sum((o.amount for o in sells), ZERO), Kind.MONEY),
        Fact("Purchases", sum((o.amount for o in buys), ZERO), Kind.MONEY),
        Fact("Est. short-term gain", sum_gains(o.short_term_gain for o in sells), Kind.MONEY),
        Fact("Est. long-term gain", sum_gains(o.long_term_gain for o in sells), Kind.MONEY),
        Fact("Losses harvested", sum((t.harvested_loss for t in outcomes), ZERO), Kind.MONEY),
        Fact("Est. tax change", sum((t.after - t.before for t in outcomes), ZERO), Kind.MONEY),
        Fact("Est. trading cost", sum((o.cost for o in run.orders), ZERO), Kind.MONEY),
    )


def _remarks(household: HouseholdReport) -> list[Remark]:
    name, proposal = household.household, household.proposal
    numbers = {a.key: a.number for a in household.accounts}
    trading = {trade.account for trade in proposal.trades}
    kind = "Cannot be solved" if proposal.status is Status.INFEASIBLE else "Note"
    found = [Remark(name, kind, reason) for reason in proposal.reasons]
    found += [Remark(name, "Warning", warning) for warning in proposal.warnings]
    found += [_problem(name, problem, numbers) for problem in household.problems]
    found += [
        Remark(name, "Client consent needed", CONSENT_NOTE, a.number)
        for a in household.accounts
        if a.key in trading and not a.discretionary
    ]
    found += [
        Remark(
            name,
            "Trade not made",
            s.reason,
            numbers.get(s.account, s.account),
            s.side,
            s.symbol,
            until=s.until,
            code=s.reason_code,
        )
        for s in proposal.suppressed
    ]
    return found


def _problem(household: str, problem: Problem, numbers: dict[str, str]) -> Remark:
    return Remark(
        household,
        f"Data problem, {problem.severity.value}",
        problem.message,
        numbers.get(problem.account, problem.account),
        symbol=problem.symbol,
        hint=problem.hint,
        file=problem.file,
        row=problem.row,
        code=problem.code,
    )
